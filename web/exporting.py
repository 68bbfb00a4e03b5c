"""Everything about one member, to take along: plain JSON, ActivityStreams, and a page to read (GDPR art. 15 and 20).

Nothing about anybody else is in it: of a follow only the other's address, of an answer only its question's title.
"""

from __future__ import annotations

import contextlib
import html
import io
import zipfile
from dataclasses import fields
from typing import Any

import msgspec

from federation.activities import create
from federation.addressing import Addressing
from federation.attaching import Pictures
from federation.documents import OBJECT_CONTEXT, Document
from federation.keys import BadKey
from federation.vocabulary import answer_note, offer_note, question_note
from storage.media import MediaFolder
from storage.reading import Reading
from vraagbaak import audience, introductions, media, pilots
from vraagbaak.model import (
    AccountNote,
    Actor,
    Answer,
    App,
    AuthorizationCode,
    Bookmark,
    Boost,
    Concern,
    Filter,
    Follow,
    Interest,
    Introduction,
    Like,
    Listed,
    Mailbox,
    Mark,
    Marker,
    Media,
    Member,
    Notice,
    Offer,
    PeopleList,
    Pin,
    Planned,
    PushSubscription,
    Question,
    Remark,
    Repeat,
    Session,
    Silence,
    Thing,
    Token,
)
from web.seals import Seals

# Hashes of secrets are of no use to a person, and no gift to whoever finds the file.
_LEFT_OUT = {
    Member: {"password_hash"},
    Introduction: {"asker_id", "helper_id"},  # who the other is, is theirs
    Session: {"id"},
    Token: {"id", "code_id"},
    AuthorizationCode: {"id", "code_challenge"},
    Repeat: {"id"},
    PushSubscription: {"token_id"},
    Media: {"key", "removed"},
    Mailbox: {"sealed"},  # the address itself is there
    Notice: {"actor_id"},  # what somebody else did is told, who that was is theirs
}


def export_member(reading: Reading, member_id: str, folder: MediaFolder, seals: Seals | None = None) -> bytes:
    """A zip with `everything.json`, `outbox.json` (ActivityStreams), `read-me.html` and `media/`. Raises Unknown.

    Without `seals` an address for mail cannot be opened, and is told as being there.
    """
    member = reading.get(Member, member_id)
    actor = reading.get(Actor, member.actor_id)
    things: list[Thing] = [
        *reading.find(Question, author_id=actor.id),
        *reading.find(Answer, author_id=actor.id),
        *reading.find(Offer, helper_id=actor.id),
    ]
    everything = _everything(reading, member, actor, things) | {
        "mail": [
            _plain(found) | {"address": _opened(seals, found)}
            for found in reading.find(Mailbox, member_id=member.id)
        ]
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("everything.json", msgspec.json.format(msgspec.json.encode(everything), indent=2))
        outbox = msgspec.json.encode(_outbox(reading, actor, things))
        archive.writestr("outbox.json", msgspec.json.format(outbox, indent=2))
        archive.writestr("read-me.html", _page(member, things))
        for found in reading.find(Media, actor_id=actor.id):
            name = media.name_of(found)
            with contextlib.suppress(
                FileNotFoundError
            ):  # its file was never written, or goes this very moment
                archive.writestr(f"media/{name}", folder.path(name).read_bytes(), zipfile.ZIP_STORED)
    return packed.getvalue()


def _everything(reading: Reading, member: Member, actor: Actor, things: list[Thing]) -> dict[str, Any]:
    def of(kind: type[Any], **equals: object) -> list[dict[str, Any]]:
        return [_plain(found) for found in reading.find(kind, **equals)]

    asked = [thing for thing in things if isinstance(thing, Question)]
    return {
        "account": _plain(member),
        "actor": _plain(actor),
        "sessions": of(Session, member_id=member.id),
        "tokens": [
            _plain(token) | {"app": _app_name(reading, token.app_id)}
            for token in reading.find(Token, member_id=member.id)
        ],
        "promised_to_apps": [
            _plain(code) | {"app": _app_name(reading, code.app_id)}
            for code in reading.find(AuthorizationCode, member_id=member.id)
        ],
        "questions": [_plain(thing) for thing in asked],
        "answers": [
            _plain(thing) | {"question_title": reading.get(Question, thing.question_id).title}
            for thing in things
            if isinstance(thing, Answer)
        ],
        "offers": [_plain(thing) for thing in things if isinstance(thing, Offer)],
        "what_helped": [_plain(mark) for thing in asked for mark in reading.find(Mark, question_id=thing.id)],
        "follows": [
            _plain(follow) | {"follows": reading.get(Actor, follow.target_id).address}
            for follow in reading.find(Follow, follower_id=actor.id)
        ],
        "likes": of(Like, actor_id=actor.id),
        "media": of(Media, actor_id=actor.id),
        "pins": of(Pin, actor_id=actor.id),
        "introductions": [
            _plain(found) | {"asks": found.asker_id == actor.id}
            for found in introductions.of_member(reading, member)
        ],
        "said_in_talks": of(Remark, author_id=actor.id),
        "bookmarks": of(Bookmark, member_id=member.id),
        "boosts": of(Boost, actor_id=actor.id),
        "notices": of(Notice, member_id=member.id),
        "push_subscriptions": of(PushSubscription, member_id=member.id),
        "markers": of(Marker, member_id=member.id),
        "silences": of(Silence, member_id=member.id),
        "concerns": [
            _plain(concern) | {"question_title": reading.get(Question, concern.question_id).title}
            for concern in reading.find(Concern, member_id=member.id)
        ],
        "interests": of(Interest, member_id=member.id),
        "lists": [
            _plain(found)
            | {
                "holds": [
                    reading.get(Actor, each.actor_id).address
                    for each in reading.find(Listed, list_id=found.id)
                ]
            }
            for found in reading.find(PeopleList, member_id=member.id)
        ],
        "filters": of(Filter, member_id=member.id),
        "notes": [
            _plain(note) | {"about": reading.get(Actor, note.actor_id).address}
            for note in reading.find(AccountNote, member_id=member.id)
        ],
        "planned": of(Planned, member_id=member.id),
        "repeats": of(Repeat, member_id=member.id),
    }


def _opened(seals: Seals | None, mailbox: Mailbox) -> str | None:
    try:
        return seals.address(mailbox) if seals else None
    except BadKey:
        return None


def _app_name(reading: Reading, app_id: str | None) -> str | None:
    app = reading.one(App, id=app_id) if app_id else None
    return app.name if app else None


def _plain(thing: Any) -> dict[str, Any]:
    left_out = _LEFT_OUT.get(type(thing), set())
    return {spec.name: getattr(thing, spec.name) for spec in fields(thing) if spec.name not in left_out}


def _outbox(reading: Reading, actor: Actor, things: list[Thing]) -> Document:
    """All posts as Create activities, also those that never left this server."""
    notes = [_without_others(_note(reading, thing, actor)) for thing in things]
    made = [create.build(f"{note['id']}#create", note) for note in notes]
    return {
        "@context": list(OBJECT_CONTEXT),
        "id": f"{actor.uri}/outbox",
        "type": "OrderedCollection",
        "totalItems": len(made),
        "orderedItems": [
            {name: value for name, value in each.items() if name != "@context"} for each in made
        ],
    }


def _without_others(note: Document) -> Document:
    """The post as it is sent, but for whom it mentions: who asked the question is not for others to take along."""
    kept = [tag for tag in note.get("tag", []) if tag["type"] != "Mention"]
    return note | {"tag": kept}


def _note(reading: Reading, thing: Thing, actor: Actor) -> Document:
    to = Addressing(to=(reading.home.group_uri,))
    if isinstance(thing, Question):
        return question_note(thing, actor, pilots.ours(reading), to, _pictures(reading, thing))
    thread = audience.thread_of(reading, thing)
    if isinstance(thing, Offer):
        return offer_note(thing, actor, pilots.ours(reading), to, thread)
    assert thread is not None
    asker = reading.get(Actor, thread.author_id)
    return answer_note(thing, actor, thread, thread.uri, asker, to, _pictures(reading, thing))


def _pictures(reading: Reading, thing: Thing) -> Pictures:
    """As they stand in this file, for on the server they go with the account."""
    return [(found, f"media/{media.name_of(found)}") for found in media.of(reading, thing)]


def _page(member: Member, things: list[Thing]) -> str:
    parts = [
        "<!doctype html><html><head><meta charset='utf-8'>",
        f"<title>{html.escape(member.handle)}</title></head><body>",
        f"<h1>{html.escape(member.handle)}</h1>",
    ]
    for thing in sorted(things, key=lambda each: each.published_at):
        title = thing.title if isinstance(thing, Question) else type(thing).__name__
        parts += [
            f"<article><h2>{html.escape(title)}</h2>",
            f"<p>{thing.published_at:%Y-%m-%d %H:%M} UTC, {thing.scope.value}</p>{thing.html}</article>",
        ]
    return "\n".join([*parts, "</body></html>\n"])
