"""What people elsewhere take back, change or narrow: it counts whatever became of them, and reaches whoever had it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from federation.activities.envelope import envelope
from federation.documents import PUBLIC
from federation.own_keys import keys_of
from federation.proofs import prove
from tests.journeys.strangers import CONTEXT, Elsewhere, jobs_left
from tests.journeys.world import World
from vraagbaak import answers, moderation, peers, questions
from vraagbaak.model import (
    Actor,
    Answer,
    Mark,
    Question,
    QuestionStatus,
    ReplyStatus,
    Role,
    Scope,
    Standing,
)

LATER = "2026-11-23T08:00:00Z"


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question, and Vera elsewhere who answered it."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.world, west.fatma, west.henk = world, west.member("fatma"), west.member("henk")
    west.mo, west.group = west.member("mo", Role.MODERATOR), west.store.home.group_uri
    west.question = west.ask(west.fatma, scope=Scope.PUBLIC)
    west.vera = Elsewhere(world, "groot.example").person("vera")
    west.reply = west.vera.own(inReplyTo=west.question.uri)
    await hear(west, west.vera, west.vera.activity("Create", west.reply))
    yield west
    assert not world.network.faults
    world.close()


def later(world):
    """A moment after everything so far."""
    world.clock.tick(minutes=10)
    return world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


async def hear(west, who, said):
    answer = await who.send(west, said)
    await west.world.settle()
    return answer


def reader(west, host):
    """Somebody elsewhere who reads inner activities (FEP-1b12)."""
    implements = [{"href": "https://w3id.org/fep/1b12"}]
    return Elsewhere(west.world, host).person("lezer", type="Group", implements=implements)


@pytest.mark.parametrize("shown", [(410, {"type": "Tombstone"}), (404, {}), (403, {})])
@pytest.mark.parametrize("what", ["account", "post", "embedded post"])
async def test_b14_a_farewell_counts_from_who_is_gone_already(street, what, shown):
    """Servers show an account no more before its Delete comes; what it said goes all the same."""
    west, vera = street, street.vera
    west.world.clock.tick(days=2)
    status, document = shown
    vera.server.put("/u/vera", {"@context": CONTEXT, "id": vera.uri} | document, status=status)
    gone = {
        "account": vera.uri,
        "post": west.reply["id"],
        "embedded post": {"id": west.reply["id"], "type": "Tombstone"},
    }[what]
    await hear(west, vera, vera.activity("Delete", gone))
    assert west.all(Answer) == []
    assert west.all(Actor, uri=vera.uri)[0].suspended is (what == "account")


async def test_an_edit_counts_from_who_is_not_shown_to_us_any_more(street):
    """An account that hides from us is known still, and its key proved the edit."""
    west, vera = street, street.vera
    west.world.clock.tick(days=2)
    vera.server.put("/u/vera", {}, status=403)
    edited = west.reply | {"content": "<p>Toch anders.</p>", "updated": LATER}
    await hear(west, vera, vera.activity("Update", edited))
    assert west.all(Answer)[0].body == "Toch anders."


@pytest.mark.parametrize("kind", ["Foo", "Note", "Create"])
async def test_d10_nobody_holds_up_what_an_author_says_of_their_own_post(street, kind):
    """A stranger's word on a post, about something that cannot be had now, stands in a row of its own."""
    west, vera = street, street.vera
    mallory = Elsewhere(west.world, "kwaad.example").person("mallory")
    mallory.server.put("/act/503", {}, status=503)
    inside = {"type": kind, "id": "https://kwaad.example/act/503", "object": west.reply["id"]}
    await hear(west, mallory, mallory.activity("Announce", inside))
    await hear(west, vera, vera.activity("Delete", west.reply["id"]))
    assert west.all(Answer) == []


async def test_an_announce_of_an_unknown_kind_costs_no_request(street):
    """What we would not read is not fetched either."""
    west = street
    mallory = Elsewhere(west.world, "kwaad.example").person("mallory")
    await hear(west, mallory, mallory.activity("Like", west.reply["id"]))
    west.world.network.sent.clear()
    inside = {"type": "Foo", "id": "https://kwaad.example/x", "object": west.reply["id"]}
    await hear(west, mallory, mallory.activity("Announce", inside))
    assert mallory.server.asked == []


async def test_g21_who_got_an_answer_by_its_uri_hears_that_it_is_gone(street):
    """What helped goes to all followers; when its author withdraws it, they hear that too."""
    west = street
    follower = Elsewhere(west.world, "mastodon.example").person("volger")
    await hear(west, follower, follower.activity("Follow", west.group))
    made = west.answer(west.henk, west.question)
    west.mark(west.fatma, made)
    await west.world.settle()
    assert made.uri in [said["object"] for said in follower.server.received("Announce")]
    west.store.run_now(answers.withdraw, west.actor(west.henk), made.id)
    await west.world.settle()
    assert made.uri in [said["object"]["id"] for said in follower.server.received("Delete")]


async def test_g21_what_we_passed_on_by_uri_is_taken_back_when_its_author_deletes_it(street):
    """Its own server does not know whom we told, so our neighbourhood takes back its Announce."""
    west, vera = street, street.vera
    follower = Elsewhere(west.world, "mastodon.example").person("volger")
    await hear(west, follower, follower.activity("Follow", west.group))
    west.mark(west.fatma, west.all(Answer)[0])
    await west.world.settle()
    await hear(west, vera, vera.activity("Delete", west.reply["id"]))
    taken = [said["object"] for said in follower.server.received("Undo")]
    assert [(each["type"], each["object"]) for each in taken] == [("Announce", west.reply["id"])]


async def test_an_answer_that_its_author_narrows_is_passed_on_to_pilots_alone(street):
    """Others who had it hear that it was taken back, and never the new words."""
    west = street
    third = Elsewhere(west.world, "derde.example")
    third.become_pilot()
    west.store.run_now(peers.decide, "derde.example", Standing.PILOT)
    await west.world.settle()
    await third.trust(west)
    outsider = reader(west, "vreemd.example")
    await hear(west, outsider, outsider.activity("Follow", west.group))
    anna = third.person("anna")
    post = anna.own(inReplyTo=west.question.uri) | {"vb:privacy": "public", "vb:body": "Openbaar"}
    await hear(west, anna, anna.activity("Create", post))
    west.world.network.sent.clear()
    west.world.clock.tick(minutes=1)
    narrowed = post | {
        "to": [west.store.home.circle_uri, west.store.home.application_uri],
        "vb:privacy": "pilots",
        "vb:body": "Alleen voor ons",
        "updated": west.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    await hear(west, anna, anna.activity("Update", narrowed, to=[west.store.home.application_uri]))
    assert west.all(Answer, uri=post["id"])[0].scope is Scope.PILOTS
    said = outsider.server.received()
    assert [each["type"] for each in said] == ["Undo"]
    assert "Alleen voor ons" not in str(said)


async def test_f04_what_was_read_by_a_moderator_is_read_again_when_it_says_something_else(tmp_path):
    """An edit of an answer or question from a server that is no pilot waits, and nobody hears of it until then."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.world, west.mo, west.group = world, west.member("mo", Role.MODERATOR), west.store.home.group_uri
    asked = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    outsider, vera = reader(west, "lemmy.example"), Elsewhere(world, "groot.example").person("vera")
    await hear(west, outsider, outsider.activity("Follow", west.group))
    answer = vera.own(inReplyTo=asked.uri)
    question = vera.own(to=[PUBLIC, west.group], content="<p>Vraagje?</p>")
    for kind, post in ((Answer, answer), (Question, question)):
        await hear(west, vera, vera.activity("Create", post))
        west.store.run_now(moderation.release, west.mo, kind, west.all(kind, uri=post["id"])[0].id)
        await world.settle()
        await hear(west, vera, vera.activity("Update", post | {"updated": later(world)}))
        assert west.all(kind, uri=post["id"])[0].status in {ReplyStatus.SHOWN, QuestionStatus.OPEN}
        world.network.sent.clear()
        edited = post | {"content": "<p>KOOP PILLEN</p>", "updated": later(world)}
        await hear(west, vera, vera.activity("Update", edited))
        assert west.all(kind, uri=post["id"])[0].status in {ReplyStatus.HELD, QuestionStatus.HELD}
        assert outsider.server.received() == []
        west.store.run_now(moderation.release, west.mo, kind, west.all(kind, uri=post["id"])[0].id)
        await world.settle()
    world.close()


async def test_a_closed_question_is_closed_when_it_comes_out_of_review(tmp_path):
    """What its own server says of it is not lost while it waits."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.world, mo = world, west.member("mo", Role.MODERATOR)
    vera = Elsewhere(world, "groot.example").person("vera")
    post = vera.own(to=[PUBLIC, west.store.home.group_uri]) | {"vb:kind": "question", "vb:status": "closed"}
    await hear(west, vera, vera.activity("Create", post | {"vb:title": "Klaar?", "vb:body": "Ja."}))
    (question,) = west.all(Question)
    west.store.run_now(moderation.release, mo, Question, question.id)
    assert west.all(Question)[0].status is QuestionStatus.CLOSED
    world.close()


@pytest.mark.parametrize("standing", [Standing.OPEN, Standing.REFUSED])
async def test_f02_a_refused_server_marks_nothing_through_a_pilot_that_passes_it_on(tmp_path, standing):
    """By whatever way its word comes, and however well it is proven, it is not heard."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    third = Elsewhere(world, "derde.example")
    _, square = third.become_pilot()
    west.store.run_now(peers.decide, "derde.example", Standing.PILOT)
    await world.settle()
    await third.trust(west)
    fatma = noord.member("fatma")
    asked = noord.ask(fatma, scope=Scope.PUBLIC)
    await world.settle()
    answer = west.answer(west.member("henk"), asked)
    await world.settle()
    west.store.run_now(peers.decide, noord.host, standing)
    await world.settle()
    said = envelope("Add", f"{noord.base}/act/x", noord.actor(fatma).uri, answer.uri, {"to": [PUBLIC]})
    keys = noord.store.read_now(keys_of, noord.actor(fatma).uri)
    private = noord.parts.site.showing._keys.ring.private(
        next(key for key in keys if key.algorithm == "ed25519")
    )
    proven = prove(said | {"target": asked.helpful_uri, "vb:mark": "accepted"}, private, world.clock.now())
    assert (await square.send(west, square.activity("Announce", proven))).status_code == 202
    await world.settle()
    assert bool(west.all(Mark)) is (standing is Standing.OPEN)
    world.close()


async def test_a27_a_key_that_its_owner_lists_no_more_dies_within_days_although_nobody_uses_the_new_one(
    street,
):
    """Who stole an old key reads and writes with it for two days at most, also when its owner is silent."""
    west, vera = street, street.vera
    thief = Elsewhere(west.world, "dief.example")
    stolen = vera
    renewed = vera.document() | {"publicKey": thief.person("x").document()["publicKey"] | {"owner": vera.uri}}
    renewed["publicKey"]["id"] = f"{vera.uri}#nieuw"
    renewed.pop("assertionMethod", None)
    vera.server.put("/u/vera", renewed)
    west.world.clock.tick(days=3)
    said = stolen.activity(
        "Update", west.reply | {"content": "<p>Gestolen.</p>", "updated": later(west.world)}
    )
    assert (await stolen.send(west, said)).status_code == 401
    await west.world.settle()
    assert "Gestolen" not in west.all(Answer)[0].body


async def test_a_known_key_is_believed_while_its_server_is_away(street):
    """A server that cannot be asked now loses nothing that its people say."""
    west, vera = street, street.vera
    west.world.clock.tick(days=3)
    vera.server.put("/u/vera", {}, status=503)
    edited = vera.activity("Update", west.reply | {"content": "<p>Toch.</p>", "updated": later(west.world)})
    assert (await vera.send(west, edited)).status_code == 202


async def test_g17_when_a_question_elsewhere_is_narrowed_our_answers_to_it_go_from_who_may_not_have_them(
    tmp_path,
):
    """Followers of who answered hear that the answer is gone; the circle keeps it."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    fatma, henk = noord.member("fatma"), west.member("henk")
    asked = noord.ask(fatma, scope=Scope.PUBLIC)
    await world.settle()
    follower = Elsewhere(world, "mastodon.example").person("volger")
    await follower.send(west, follower.activity("Follow", west.actor(henk).uri))
    await world.settle()
    answer = west.answer(henk, asked)
    await world.settle()
    assert answer.uri in [said["object"]["id"] for said in follower.server.received("Create")]
    world.clock.tick(minutes=1)
    noord.store.run_now(questions.narrow, noord.actor(fatma), asked.id, Scope.PILOTS)
    await world.settle()
    assert west.own(Answer, answer).scope is Scope.PILOTS
    assert answer.uri in [said["object"]["id"] for said in follower.server.received("Delete")]
    assert noord.knows(answer)
    world.close()


@pytest.mark.parametrize("collection", ["replies", "context", "helpful"])
async def test_g02_a_pilot_finds_in_a_public_thread_what_is_for_pilots_and_others_do_not(
    tmp_path, collection
):
    """Each reader gets the list that is theirs, and it is kept for nobody else."""
    world = World(tmp_path)
    (west,) = world.pilots("Westerpark")
    fatma, henk = west.member("fatma"), west.member("henk")
    third = Elsewhere(world, "derde.example")
    application, _ = third.become_pilot()
    west.store.run_now(peers.decide, "derde.example", Standing.PILOT)
    await world.settle()
    await third.trust(west)
    asked = west.ask(fatma, scope=Scope.PUBLIC)
    answer = west.answer(henk, asked)
    west.mark(fatma, answer)
    west.store.run_now(lambda tx: tx.save(replace(tx.get(Answer, answer.id), scope=Scope.PILOTS)))
    path = f"/q/{asked.id}/{collection}"
    async with west.client(Accept="application/activity+json") as client:
        outsiders = await client.get(path)
    pilots = await application.get(west, path)
    assert outsiders.status_code == pilots.status_code == 200
    assert answer.uri not in outsiders.text
    assert answer.uri in pilots.text
    assert "private" in pilots.headers["cache-control"]
    assert "Signature" in outsiders.headers["vary"]
    world.close()


async def test_f02_a_refused_server_is_not_asked_by_a_detour_either(street):
    """A redirect of WebFinger to a refused server is not gone after."""
    west = street
    refused = Elsewhere(west.world, "geweigerd.example")
    refused.put(
        "/wf", {"subject": "acct:x@geweigerd.example", "links": []}, content_type="application/jrd+json"
    )
    west.store.run_now(peers.decide, "geweigerd.example", Standing.REFUSED)
    guide = Elsewhere(west.world, "gids.example")
    guide.redirect(
        "/.well-known/webfinger?resource=acct%3Aada%40gids.example", "https://geweigerd.example/wf"
    )
    ada = guide.person("lovelace", preferredUsername="ada")
    await hear(west, ada, ada.activity("Create", ada.own(inReplyTo=west.question.uri)))
    assert refused.requests == []
    assert guide.asked != []


@pytest.mark.parametrize(
    ("accept", "activity"),
    [
        ("application/activity+json", True),
        ("text/html;q=0.5, application/activity+json", True),
        ("application/activity+json;q=0.1, text/html", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ('application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html', True),
        ("application/activity+json;q=0", False),
        ("", False),
        (";q=9,,,;;", False),
    ],
)
async def test_what_is_wanted_most_is_what_is_shown(street, accept, activity):
    """A page for people, an activity for servers, as the weights of Accept say (RFC 9110, 12.5.1)."""
    async with street.client(Accept=accept) as client:
        answer = await client.get(f"/q/{street.question.id}", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/activity+json") is activity


async def test_d10_a_server_whose_things_never_come_does_not_hold_up_what_others_say(street):
    """It may make us wait for twenty of them at a time; the rest waits its turn, and is not lost."""
    west, vera = street, street.vera
    slow = Elsewhere(west.world, "traag.example")
    mallory, follower = slow.person("mallory"), reader(west, "lemmy.example")
    await hear(west, mallory, mallory.activity("Like", west.question.uri))
    await hear(west, follower, follower.activity("Follow", west.group))
    opened, told, waiting = asyncio.Event(), asyncio.Event(), []

    async def never(scope, receive, send):
        if scope["path"].startswith("/slow/"):
            waiting.append(scope["path"])
            await opened.wait()
        await slow(scope, receive, send)

    async def listening(scope, receive, send):
        await follower.server(scope, receive, send)
        told.set()

    west.world.network.apps["traag.example"] = never
    west.world.network.apps["lemmy.example"] = listening
    for number in range(250):
        await mallory.send(west, mallory.activity("Create", f"https://traag.example/slow/{number}"))
    newcomer = Elsewhere(west.world, "nieuw.example").person("nieuw")
    await mallory.send(west, mallory.activity("Create", mallory.own(inReplyTo=newcomer.uri)))
    other = vera.own(inReplyTo=west.question.uri)
    await vera.send(west, vera.activity("Create", other))
    working = asyncio.create_task(west.work())
    async with asyncio.timeout(20):
        await told.wait()  # who follows the neighbourhood hears of the answer while all of those still hang
    assert west.all(Answer, uri=other["id"]) != []
    assert 0 < len(waiting) <= 20
    follow = newcomer.activity("Follow", west.group)
    assert (
        await newcomer.send(west, follow)
    ).status_code == 202  # whom a reply named that had to wait its turn
    opened.set()
    await working
    assert jobs_left(west) != []
