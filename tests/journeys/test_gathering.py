"""Threads become whole: replies that nobody sent here are found, within limits, and at nobody's expense."""

from __future__ import annotations

import pytest

from federation import threads
from federation.documents import PUBLIC
from tests.journeys.strangers import CONTEXT, Elsewhere
from tests.journeys.world import World
from vraagbaak import questions
from vraagbaak.model import Answer, Question, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question, and a server where people talk among themselves."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma = west.member("fatma")
    big = Elsewhere(world, "groot.example")
    vera = big.person("vera")
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await world.settle()
    yield world, west, question, vera
    assert not world.network.faults
    world.close()


def collection(server, path, items, **members):
    """A collection with everything on its first page."""
    uri = server.base + path
    first = {"id": f"{uri}?page=1", "type": "CollectionPage", "partOf": uri, "items": list(items)}
    return server.put(path, {"@context": CONTEXT, "id": uri, "type": "Collection", "first": first} | members)


async def reply(west, vera, question, path="/n/een", **members):
    """Vera's reply to the question, which her server lists the replies to."""
    replies = f"{vera.server.base}{path}/replies"
    post = {**vera.own(inReplyTo=question.uri, replies=replies), "id": vera.server.base + path} | members
    assert (await vera.send(west, vera.activity("Create", post))).status_code == 202
    await west.work()
    return post


async def later(world, **time):
    world.clock.tick(**time)
    await world.settle()


def heard(west):
    return {answer.uri for answer in west.all(Answer)}


async def test_a_reply_that_mentions_nobody_here_is_found_within_a_quarter(street):
    """What is said below an answer from elsewhere, and was not sent here, comes through that answer's `replies`."""
    world, west, question, vera = street
    post = await reply(west, vera, question)
    henk = vera.server.person("henk")
    below = vera.server.post(
        "/n/twee", henk.uri, inReplyTo=post["id"], replies=f"{vera.server.base}/n/twee/replies"
    )
    deeper = vera.server.post("/n/drie", vera.uri, inReplyTo=below)
    collection(vera.server, "/n/een/replies", [below])
    collection(vera.server, "/n/twee/replies", [deeper])
    assert heard(west) == {post["id"]}
    await later(world, minutes=15)
    assert heard(west) == {post["id"], below, deeper}
    answers = {answer.uri: answer for answer in west.all(Answer)}
    assert answers[deeper].parent_id == answers[below].id
    assert answers[below].question_id == question.id
    late = vera.server.post("/n/laat", henk.uri, inReplyTo=below)
    collection(vera.server, "/n/twee/replies", [deeper, late])
    await later(world, minutes=15)
    assert late in heard(west)


async def test_the_thread_of_a_question_elsewhere_is_read_through_its_context(street):
    """A question that was sent here from an open server brings what was said to it already."""
    world, west, _, vera = street
    server = vera.server
    uri = f"{server.base}/n/vraag"
    asked = vera.own(
        name="Wie kent een koor?",
        to=[PUBLIC, west.config.home.group_uri],
        context=f"{uri}/context",
        replies=f"{uri}/replies",
    ) | {"id": uri}
    server.put("/n/vraag", {"@context": CONTEXT, **asked})
    first = server.post("/n/koor", vera.uri, inReplyTo=uri, content="<p>Het buurtkoor.</p>")
    embedded = vera.own(inReplyTo=first, content="<p>Op woensdag.</p>")
    collection(server, "/n/vraag/context", [uri, first, embedded], type="OrderedCollection")
    await vera.send(west, vera.activity("Create", asked))
    await west.work()
    await later(world, minutes=3)
    (question,) = west.all(Question, uri=uri)
    assert {answer.uri for answer in west.all(Answer, question_id=question.id)} == {first, embedded["id"]}


async def test_who_asks_often_is_not_asked_for_more(street):
    """Between two times lies a quarter of an hour, whatever comes in; and after a day nobody is asked any more."""
    world, west, question, vera = street
    await reply(west, vera, question)
    collection(vera.server, "/n/een/replies", [])

    def times():
        return vera.server.asked.count("/n/een/replies")

    await later(world, minutes=3)
    assert times() == 1
    for number in range(5):
        await reply(west, vera, question, f"/n/nog{number}")
        await later(world, minutes=2)
    assert times() == 1
    await later(world, minutes=6)
    assert times() == 2
    for _ in range(60):
        await later(world, hours=1)
    before = times()
    assert before < 40
    await later(world, days=3)
    assert times() == before
    await reply(west, vera, question, "/n/weer")
    await later(world, minutes=16)
    assert times() == before + 1


async def test_nobody_is_asked_about_what_is_not_public(street):
    """A thread for pilots, for the neighbourhood, or hidden, is nobody's business but its home's."""
    world, west, question, vera = street
    await reply(west, vera, question)
    collection(vera.server, "/n/een/replies", [])
    west.store.run_now(questions.narrow, west.actor(west.fatma), question.id, Scope.PILOTS)
    await later(world, minutes=30)
    assert "/n/een/replies" not in vera.server.asked


async def test_pilots_are_not_asked_for_what_they_send(tmp_path):
    """Between pilots everything is sent: no collection is read."""
    world = World(tmp_path)
    west, east = world.pilots("Westerpark", "Nieuwland")
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    await world.settle()
    east.answer(east.member("henk"), question)
    await world.settle()
    world.network.sent.clear()
    await later(world, minutes=30)
    assert [sent.target for sent in world.network.sent if sent.method == "GET"] == []
    world.close()


ENDLESS = {
    "next is itself": lambda uri: {"next": f"{uri}?page=1"},
    "next elsewhere": lambda uri: {"next": "https://derde.example/page"},
    "next is nothing": lambda uri: {"next": 5},
    "first elsewhere": lambda uri: {"first": "https://derde.example/page"},
    "items are rubbish": lambda uri: {"items": [None, 5, [], {}, {"id": 7}, "x", "javascript:alert(1)"]},
}


@pytest.mark.parametrize("how", ENDLESS)
async def test_d14_a_collection_without_an_end_ends_here(street, how):
    """Pages that lead nowhere, to themselves or to another host are where reading stops."""
    world, west, question, vera = street
    await reply(west, vera, question)
    uri = f"{vera.server.base}/n/een/replies"
    change = ENDLESS[how](uri)
    page = {"id": f"{uri}?page=1", "type": "CollectionPage", "items": []} | change
    vera.server.put("/n/een/replies?page=1", page)
    whole = {"id": uri, "type": "Collection", "first": f"{uri}?page=1"} | (
        change if "first" in change else {}
    )
    vera.server.put("/n/een/replies", whole)
    before = len(world.network.sent)
    await later(world, minutes=3)
    asked = [(sent.host, sent.target) for sent in world.network.sent[before:]]
    assert len(asked) <= 2
    assert {host for host, _ in asked} == {vera.server.host}


async def test_d14_empty_pages_for_ever(street):
    """However many empty pages follow each other, the budget of one job is not passed."""
    world, west, question, vera = street
    await reply(west, vera, question)
    uri = f"{vera.server.base}/n/een/replies"
    vera.server.put("/n/een/replies", {"id": uri, "type": "Collection", "first": f"{uri}?page=0"})
    for number in range(100):
        here, there = f"{uri}?page={number}", f"{uri}?page={number + 1}"
        vera.server.put(
            f"/n/een/replies?page={number}",
            {"id": here, "type": "CollectionPage", "partOf": uri, "items": [], "next": there},
        )
    before = len(vera.server.asked)
    await later(world, minutes=3)
    assert len(vera.server.asked) - before <= 21


async def test_d15_nobody_else_is_flooded_for_a_collection(street):
    """A list of five thousand posts on somebody else's server costs that server ten requests, not five thousand."""
    world, west, question, vera = street
    await reply(west, vera, question)
    victim = Elsewhere(world, "slachtoffer.example")
    collection(vera.server, "/n/een/replies", [f"{victim.base}/n/{number}" for number in range(5000)])
    await later(world, minutes=3)
    assert 0 < len(victim.asked) <= 20
    await later(world, minutes=1)
    assert len(victim.asked) <= 20


async def test_d12_a_gathering_stays_within_its_budget(street):
    """A hundred replies that all exist come in over several times, fifty requests each."""
    world, west, question, vera = street
    await reply(west, vera, question)
    uris = [
        vera.server.post(f"/n/r{number}", vera.uri, inReplyTo=f"{vera.server.base}/n/een")
        for number in range(100)
    ]
    collection(vera.server, "/n/een/replies", uris)
    before = len(vera.server.asked)
    await later(world, minutes=3)
    assert len(vera.server.asked) - before <= 50
    assert 40 < len(heard(west)) <= 51
    await later(world, minutes=16)
    await later(world, minutes=16)
    assert len(heard(west)) == 101


async def test_d13_replies_in_a_circle(street):
    """Posts that reply to each other and list each other are read once."""
    world, west, question, vera = street
    post = await reply(west, vera, question)
    base = vera.server.base
    for one, other in (("a", "b"), ("b", "a")):
        vera.server.post(
            f"/n/{one}", vera.uri, inReplyTo=f"{base}/n/{other}", replies=f"{base}/n/{one}/replies"
        )
        collection(vera.server, f"/n/{one}/replies", [f"{base}/n/{other}", post["id"]])
    collection(vera.server, "/n/een/replies", [f"{base}/n/a", post["id"]])
    before = len(vera.server.asked)
    await later(world, minutes=3)
    assert heard(west) == {post["id"]}
    assert len(vera.server.asked) - before < 10


async def test_b01_what_a_collection_says_of_others_is_asked_of_them(street):
    """An embedded post of another server is taken from there, as that server has it, or not at all."""
    world, west, question, vera = street
    await reply(west, vera, question)
    good = Elsewhere(world, "goed.example")
    noor = good.person("noor")
    real = good.post("/n/echt", noor.uri, inReplyTo=question.uri, content="<p>Echt.</p>")
    forged = noor.own(inReplyTo=question.uri, content="<p>Nep.</p>")
    collection(
        vera.server,
        "/n/een/replies",
        [
            forged | {"id": real},
            forged,
            vera.own(inReplyTo=question.uri, content="<p>Nep.</p>", attributedTo=noor.uri),
        ],
    )
    await later(world, minutes=3)
    bodies = {answer.body for answer in west.all(Answer)}
    assert "Echt." in bodies
    assert "Nep." not in bodies


async def test_a_reader_is_reason_to_look_again(street):
    """After a day a thread is due again when somebody reads it, once a quarter of an hour."""
    world, west, question, vera = street
    await reply(west, vera, question)
    await later(world, days=3)
    await later(world, days=3)

    def due():
        return west.store.read_now(
            lambda reading: threads.is_due(reading, reading.get(Question, question.id))
        )

    assert due()
    before = vera.server.asked.count("/n/een/replies")
    async with west.client() as client:
        for _ in range(3):
            assert (await client.get(f"/v/{question.id}")).status_code == 200
            await world.settle()
    assert vera.server.asked.count("/n/een/replies") == before + 1
    assert not due()
    await later(world, minutes=15)
    assert due()


async def test_d15_what_waits_for_review_makes_us_ask_nobody(tmp_path):
    """A stranger's question that nobody released yet names many servers; none of them hears from us."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    evil = Elsewhere(world, "kwaad.example").person("mallory")
    victim = Elsewhere(world, "slachtoffer.example")
    items = [f"https://slachtoffer.example/x/{number}" for number in range(50)]
    evil.server.put(
        "/r", {"@context": CONTEXT, "id": "https://kwaad.example/r", "type": "Collection", "items": items}
    )
    for number in range(3):
        post = evil.own(to=[PUBLIC, west.store.home.group_uri], content=f"<p>Vraag {number}?</p>")
        await evil.send(west, evil.activity("Create", post | {"replies": "https://kwaad.example/r"}))
        await world.settle()
    for _ in range(8):
        world.clock.tick(minutes=15)
        await world.settle()
    assert victim.asked == []
    assert "/r" not in evil.server.asked
    world.close()


async def test_every_branch_of_a_long_thread_has_its_turn(street):
    """The latest are looked at each time; the oldest within an hour, however many there are."""
    world, west, _, _ = street
    server = Elsewhere(world, "groot2.example")
    asked = west.ask(west.fatma, "Lange draad?", Scope.PUBLIC)
    for number in range(40):
        who = server.person(f"p{number}")
        replies = server.put(
            f"/r/{number}",
            {"@context": CONTEXT, "id": f"{server.base}/r/{number}", "type": "Collection", "items": []},
        )
        await who.send(west, who.activity("Create", who.own(inReplyTo=asked.uri, replies=replies)))
        await world.settle()
    world.network.sent.clear()
    for _ in range(5):
        world.clock.tick(minutes=16)
        await world.settle()
    assert {path for path in server.asked if path.startswith("/r/")} == {
        f"/r/{number}" for number in range(40)
    }
