"""One of each document that we send, made as the program makes it, for the tests that look at whole documents.

`python -m tests.federation.sent` writes them all to `golden/`: do that only when the wire format is meant to change,
and read what changed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.activities import (
    accept,
    add,
    announce,
    choose_answer,
    create,
    delete,
    flag,
    follow,
    like,
    move,
    quote_request,
    reject,
    undo,
    update,
)
from federation.actors import application_document, group_document, person_document
from federation.addressing import address, address_mark
from federation.documents import Document
from federation.keys import ED25519, PrivateKey
from federation.proofs import prove
from federation.vocabulary import answer_note, offer_note, question_note, tombstone
from vraagbaak import media, text
from vraagbaak.audience import Recipients
from vraagbaak.model import (
    Actor,
    ActorKey,
    ActorKind,
    Answer,
    Helped,
    Home,
    Media,
    Offer,
    Peer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
)

GOLDEN = Path(__file__).parent / "golden"
REWRITE = (
    "To write the golden files anew after a change on purpose: .venv/bin/python -m tests.federation.sent"
)

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RSA_PUBLIC = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4JdbZmNh2lX2IybCpmmS
xWp9t0r7dHugLqngIhM+kFbvcsWgETd/UxywGBY+S5hhxoTz8PTVKmgY5yXiwIiy
wLqdJHdS8ptXglcE+UYr4TOOW5qjXI8eet4D41co/mAE3Db3ceHxxyFRmw8mHTv0
2ATy0IRGwNaW7gmRyw9s0Jm7cdufpu/PjXWz/sv/cMoQAbUZZQjdzFHhPLv9F9wV
ciho6Wd8vSQ1WPqkFvU7JBKloCVUKXOKros3guZ4uZD285m3NgtmXCGe6UUXI+lu
haTk33sg6MMHZ8XShb+UmN8qOUQ1khEaxgXWVFnVX5LMrAqchaY6RqEKlLjJVIvs
KwIDAQAB
-----END PUBLIC KEY-----
"""
PROVING = PrivateKey(
    "https://noord.example/u/fatma#ed25519-key",
    ED25519,
    Ed25519PrivateKey.from_private_bytes(bytes(range(32))),
)
ED25519_PUBLIC = "z6MkobTJpYutaEjkp8HBRgvXgmkrSSvQYGSioqq59wzfoyop"

NOORD = Home(base_url="https://noord.example", name="Noord", slug="noord", city="Amsterdam")
WEST = Home(base_url="https://west.example", name="West", slug="west", city="Amsterdam")
NOORD_PILOT = Pilot(
    id="noord",
    actor_id="group",
    uri=NOORD.group_uri,
    domain=NOORD.domain,
    slug=NOORD.slug,
    name=NOORD.name,
    city=NOORD.city,
    focus="Samen eten & koken",
    meeting_place="Huis van de Wijk, Noordplein 1",
    hours="ma t/m vr 9-17",
    local=True,
)
WEST_PEER = Peer(
    id=WEST.domain,
    standing=Standing.PILOT,
    application_uri=WEST.application_uri,
    group_uri=WEST.group_uri,
    inbox=f"{WEST.base_url}/inbox",
)


def actor(uri: str, handle: str, name: str, kind: ActorKind = ActorKind.PERSON, **more: Any) -> Actor:
    base, host = uri.split("/", 3)[:3], uri.split("/", 3)[2]
    return Actor(
        **{
            "id": uri.rsplit("/", 1)[-1],
            "uri": uri,
            "kind": kind,
            "handle": handle,
            "domain": host,
            "name": name,
            "url": uri,
            "inbox": f"{uri}/inbox",
            "shared_inbox": f"{'/'.join(base)}/inbox",
            "local": host == NOORD.domain,
            **more,
        }
    )


FATMA = actor("https://noord.example/u/fatma", "fatma", "Fatma")
HENK = actor("https://west.example/u/henk", "henk", "Henk")
PERSONA = actor(
    f"https://noord.example/u/{NOORD.persona_handle}",
    NOORD.persona_handle,
    "Buurtgenoot uit Noord",
    shared=True,
)
GROUP = actor(NOORD.group_uri, NOORD.slug, NOORD.name, ActorKind.GROUP)
APPLICATION = actor(NOORD.application_uri, NOORD.domain, NOORD.name, ActorKind.APPLICATION)
PASSER = actor("https://mastodon.example/users/joep", "joep", "Joep")


PICTURE = Media(
    id="01k2v6",
    actor_id=FATMA.id,
    file="7d" * 16,
    key="e1" * 16,
    media_type="image/jpeg",
    size=123_456,
    width=1200,
    height=900,
    small_width=640,
    small_height=480,
    blurhash="L1Eyb[~qay~q~qoffQoffQayayfQ",
    description="Een zonnebloem in de goot",
    focus=(0.25, -0.5),
    made_at=AT,
)
BARE: dict[str, Any] = {"description": "", "focus": (), "blurhash": "", "media_type": "image/png"}


def keys_of(owner: Actor) -> list[ActorKey]:
    return [
        ActorKey(id=f"{owner.uri}#main-key", actor_id=owner.id, algorithm="rsa", public=RSA_PUBLIC),
        ActorKey(
            id=f"{owner.uri}#ed25519-key", actor_id=owner.id, algorithm="ed25519", public=ED25519_PUBLIC
        ),
    ]


def question(key: str = "01k2m7", **more: Any) -> Question:
    """A question by Fatma, in Noord."""
    uri = f"https://noord.example/q/{key}"
    body = more.setdefault("body", "Mijn broer wil weer **biljarten**.\n\n- in de buurt\n- overdag")
    return Question(
        **{
            "id": key,
            "uri": uri,
            "url": f"https://noord.example/v/{key}",
            "author_id": FATMA.id,
            "pilot_id": NOORD_PILOT.id,
            "title": "Wie zoekt een biljartmaatje?",
            "html": text.from_markdown(body),
            "topics": ("ontmoeten", "sport-en-bewegen"),
            "scope": Scope.PUBLIC,
            "status": QuestionStatus.OPEN,
            "local": True,
            "helpful_uri": f"{uri}/helpful",
            "replies_uri": f"{uri}/replies",
            "context_uri": f"{uri}/context",
            "published_at": AT,
            **more,
        }
    )


def answer(key: str = "01k2p1", **more: Any) -> Answer:
    """An answer by Fatma, in Noord."""
    body = more.setdefault("body", "Dinsdag is er inloop in het <buurthuis>.")
    return Answer(
        **{
            "id": key,
            "uri": f"https://noord.example/a/{key}",
            "url": f"https://noord.example/v/{more.get('question_id', '01k2m7')}#a-{key}",
            "question_id": "01k2m7",
            "author_id": FATMA.id,
            "perspective": Perspective.EXPERIENCE_EXPERT,
            "html": text.from_markdown(body),
            "scope": Scope.PUBLIC,
            "status": ReplyStatus.SHOWN,
            "local": True,
            "published_at": AT + timedelta(hours=2),
            **more,
        }
    )


def offer(key: str = "01k2q4", **more: Any) -> Offer:
    """An offer by Fatma, in Noord."""
    body = more.setdefault("body", "Ik kan helpen met formulieren.")
    return Offer(
        **{
            "id": key,
            "uri": f"https://noord.example/offers/{key}",
            "url": f"https://noord.example/meehelpen#o-{key}",
            "author_id": FATMA.id,
            "pilot_id": NOORD_PILOT.id,
            "html": text.from_markdown(body),
            "topics": ("geld-en-schulden",),
            "availability": "di en do, 19-21 uur",
            "scope": Scope.PUBLIC,
            "status": ReplyStatus.SHOWN,
            "local": True,
            "published_at": AT,
            **more,
        }
    )


EVERYONE = Recipients(everyone=True, pilots=(WEST_PEER,))
CIRCLE = Recipients(pilots=(WEST_PEER,))
THREAD_IN_WEST = question(
    "01k2w9",
    uri="https://west.example/q/01k2w9",
    url="https://west.example/v/01k2w9",
    author_id=HENK.id,
    context_uri="https://west.example/q/01k2w9/context",
    local=False,
)


def _asked(found: Question, author: Actor = FATMA, *pictures: Media) -> Document:
    who = EVERYONE if found.scope is Scope.PUBLIC else CIRCLE
    addressing = address(found.scope, who, author, NOORD, NOORD.group_uri)
    shown = [(picture, media.address(NOORD, picture, found.scope)) for picture in pictures]
    return question_note(found, author, NOORD_PILOT, addressing, shown)


def _answered(found: Answer, thread: Question, parent_uri: str, told: Actor, who: Recipients) -> Document:
    group = NOORD.group_uri if thread.local else WEST.group_uri
    addressing = address(found.scope, who, FATMA, NOORD, group)
    return answer_note(found, FATMA, thread, parent_uri, told, addressing)


def _offered(found: Offer, thread: Question | None = None, asker: Actor | None = None) -> Document:
    addressing = address(found.scope, EVERYONE, FATMA, NOORD, NOORD.group_uri)
    return offer_note(found, FATMA, NOORD_PILOT, addressing, thread, asker)


def documents() -> dict[str, Document]:
    """Every kind of document that leaves this server, by the name of its golden file."""
    act = "https://noord.example/act"
    asked = _asked(question())
    edited = _asked(
        question(edited_at=AT + timedelta(days=1, milliseconds=250), status=QuestionStatus.ANSWERED)
    )
    pilots = _asked(question("01k2n3", scope=Scope.PILOTS))
    answered = _answered(answer(), question(), question().uri, FATMA, EVERYONE)
    elsewhere = _answered(
        answer(
            "01k2r8", parent_id="01k2s5", language="en", perspective=Perspective.FAMILY, body="Thank you!"
        ),
        THREAD_IN_WEST,
        "https://west.example/a/01k2s5",
        HENK,
        Recipients(everyone=True, actors=(HENK,)),
    )
    person = person_document(FATMA, keys_of(FATMA))
    asked_to_follow = follow.build(f"{act}/5", NOORD.application_uri, WEST.group_uri)
    liked = like.build(f"{act}/6", FATMA.uri, "https://west.example/a/01k2p1", HENK.uri)
    marked_in = address_mark(Scope.PUBLIC, NOORD.group_uri, ())
    marked_for_pilots = address_mark(Scope.PILOTS, NOORD.group_uri, (WEST.application_uri,))
    created = create.build(f"{act}/1", asked)
    proven = prove(created, PROVING, AT)
    joep_follows = follow.build("https://mastodon.example/follows/1", PASSER.uri, NOORD.group_uri)
    return {
        "question-public": asked,
        "question-pilots": pilots,
        "question-pictures": _asked(
            question("01k2v7", title="Wat groeit hier?", body=""), FATMA, PICTURE, replace(PICTURE, **BARE)
        ),
        "question-pictures-pilots": _asked(
            question("01k2v8", title="Wat groeit daar?", body="", scope=Scope.PILOTS), FATMA, PICTURE
        ),
        "question-sensitive": _asked(
            question(
                "01k2t6",
                title="Who else can't sleep *at all*?",
                body="",
                language="en",
                topics=("slapen",),
                sensitive=True,
                author_id=PERSONA.id,
                status=QuestionStatus.CLOSED,
            ),
            PERSONA,
        ),
        "answer": answered,
        "answer-warned": _answered(
            answer("01k2p5", warning="Over een sterfgeval", sensitive=True),
            question(),
            question().uri,
            FATMA,
            EVERYONE,
        ),
        "comment": elsewhere,
        "offer-standing": _offered(offer()),
        "offer-on-question": _offered(
            offer("01k2v2", question_id="01k2m7", availability="", topics=()), question(), FATMA
        ),
        "offer-on-sensitive": _offered(
            offer("01k2v3", question_id="01k2t7", availability="", topics=()),
            question("01k2t7", sensitive=True),
            FATMA,
        ),
        "tombstone": tombstone(question().uri, AT + timedelta(days=2)),
        "application": application_document(NOORD, APPLICATION, keys_of(APPLICATION)),
        "group": group_document(NOORD_PILOT, GROUP, keys_of(GROUP)),
        "person": person,
        "person-shared": person_document(PERSONA, keys_of(PERSONA)),
        "create": created,
        "create-proven": proven,
        "create-pilots": create.build(f"{act}/2", pilots),
        "update": update.build(f"{act}/3", edited, FATMA.uri),
        "update-person": update.build_actor(f"{act}/4", person),
        "delete": delete.build(f"{act}/7", FATMA.uri, question().uri, public=True),
        "flag": flag.build(
            "https://noord.example/reports/1",
            NOORD.application_uri,
            (HENK.uri, "https://west.example/a/01k2p1"),
            "Dit is reclame.",
        ),
        "move": move.build(f"{act}/19", FATMA.uri, "https://elders.example/u/fatma"),
        "follow": asked_to_follow,
        "accept": accept.build(f"{act}/8", NOORD.group_uri, joep_follows),
        "reject": reject.build(f"{act}/9", NOORD.group_uri, joep_follows),
        "reject-quote": quote_request.build_refusal(
            f"{act}/20",
            FATMA.uri,
            {
                "id": "https://mastodon.example/quotes/1",
                "type": "QuoteRequest",
                "actor": PASSER.uri,
                "object": question().uri,
                "instrument": "https://mastodon.example/n/1",
            },
        ),
        "undo-follow": undo.build(f"{act}/10", asked_to_follow),
        "undo-like": undo.build(f"{act}/11", liked),
        "announce-activity": announce.build(f"{act}/12", NOORD.group_uri, created, public=True),
        "announce-proven": prove(
            announce.build(f"{act}/17", NOORD.group_uri, proven, public=True), PROVING, AT
        ),
        "announce-pilots": announce.build(
            f"{act}/13",
            NOORD.group_uri,
            create.build(f"{act}/2", pilots),
            public=False,
            servers=(WEST.application_uri,),
        ),
        "announce-uri": announce.build(f"{act}/14", NOORD.group_uri, question().uri, public=True),
        "add": add.build(
            f"{act}/15", FATMA.uri, "https://west.example/a/01k2p1", question(), Helped.HELPED, marked_in
        ),
        "add-pilots": add.build(
            f"{act}/21",
            FATMA.uri,
            "https://west.example/a/01k2p1",
            question("01k2n3", scope=Scope.PILOTS),
            Helped.PARTLY,
            marked_for_pilots,
        ),
        "remove": add.build_removal(
            f"{act}/16", FATMA.uri, "https://west.example/a/01k2p1", question(), marked_in
        ),
        "choose-answer": choose_answer.build(
            f"{act}/18", FATMA.uri, "https://west.example/a/01k2p1", marked_in
        ),
        "like": liked,
    }


def written(doc: Document) -> str:
    """A document as its golden file holds it."""
    return json.dumps(doc, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for left_over in GOLDEN.glob("*.json"):
        left_over.unlink()
    for name, doc in documents().items():
        (GOLDEN / f"{name}.json").write_text(written(doc))
