"""Servers that understand one way of signing only: they get everything, with one knock more the first time."""

from __future__ import annotations

import pytest

from federation.fetching import Budget, Rejected
from federation.signatures import Scheme
from storage import jobs
from storage.records import Host, Knock
from tests.journeys.strangers import Elsewhere
from tests.journeys.world import World
from vraagbaak.model import Scope


class Picky:
    """A server in front of a real one: it refuses whatever is signed in another way than it knows."""

    def __init__(self, app, scheme, status, *, methods=("POST",)):
        self.app, self.scheme, self.status, self.methods = app, scheme, status, methods

    async def __call__(self, scope, receive, send):
        modern = b"signature-input" in dict(scope["headers"])
        signed = b"signature" in dict(scope["headers"])
        if scope["method"] in self.methods and signed and modern != (self.scheme is Scheme.RFC9421):
            await send({"type": "http.response.start", "status": self.status, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, send)


@pytest.fixture
async def street(tmp_path):
    """Two pilots that know each other."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    noord.fatma = noord.member("fatma")
    await world.settle()
    await world.settle()
    world.network.sent.clear()
    yield world, noord, west
    assert not world.network.faults
    world.close()


def knocks(world, pilot, method="POST"):
    """How each request so far to a pilot was signed; counts anew from here."""
    found = [
        Scheme.RFC9421 if "Signature-Input" in sent.headers else Scheme.CAVAGE
        for sent in world.sent_to(pilot)
        if sent.method == method
    ]
    world.network.sent.clear()
    return found


async def asked(world, noord, title="Wie loopt er mee?"):
    question = noord.ask(noord.fatma, title)
    await noord.work()
    await world.settle()
    return question


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_letter_that_is_refused_is_signed_the_other_way_and_that_is_remembered(street, status):
    """Two knocks the first time, one from then on, also after a restart; when its software changes, two once more."""
    world, noord, west = street
    app = west.app
    world.network.apps[west.host] = Picky(app, Scheme.RFC9421, status)
    assert west.knows(await asked(world, noord))
    assert knocks(world, west) == [Scheme.CAVAGE, Scheme.RFC9421]
    assert west.knows(await asked(world, noord, "En nu?"))
    assert knocks(world, west) == [Scheme.RFC9421]
    noord.switch_off()
    noord.start()
    assert west.knows(await asked(world, noord, "En na de nacht?"))
    assert knocks(world, west) == [Scheme.RFC9421]
    world.network.apps[west.host] = Picky(app, Scheme.CAVAGE, status)
    assert west.knows(await asked(world, noord, "En na de verbouwing?"))
    assert knocks(world, west) == [Scheme.RFC9421, Scheme.CAVAGE]
    assert west.knows(await asked(world, noord, "En daarna?"))
    assert knocks(world, west) == [Scheme.CAVAGE]
    assert noord.all(Host) == noord.store.read_now(jobs.buried) == []


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_page_that_is_refused_is_asked_for_the_other_way(tmp_path, status):
    """Pilots meet though one shows its pages only to who signs by RFC 9421; its letters are signed so from the start."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    world.network.apps[west.host] = Picky(west.app, Scheme.RFC9421, status, methods=("GET", "POST"))
    noord.fatma = noord.member("fatma")
    await world.settle()
    await world.settle()
    assert knocks(world, west, "GET").count(Scheme.CAVAGE) > 0
    assert [(known.id, known.scheme) for known in noord.all(Knock)] == [(west.host, Scheme.RFC9421)]
    assert west.knows(await asked(world, noord))
    assert {*knocks(world, west)} == {Scheme.RFC9421}
    world.close()


async def test_who_refuses_both_ways_is_not_asked_twice_as_often(street):
    """401 to both: two knocks once, then one for every try within the hour; nothing is lost."""
    world, noord, west = street
    world.network.answers[west.host] = 401
    question = noord.ask(noord.fatma)
    await noord.work()
    assert knocks(world, west) == [Scheme.CAVAGE, Scheme.RFC9421]
    for _ in range(50):
        world.clock.tick(minutes=1)
        await noord.work()
    tries = knocks(world, west)
    assert 3 <= len(tries) <= 4
    assert {*tries} == {Scheme.CAVAGE}
    world.clock.tick(hours=1)
    await noord.work()
    assert knocks(world, west) == [Scheme.CAVAGE, Scheme.RFC9421]
    world.network.answers.clear()
    world.clock.tick(hours=4)
    await noord.work()
    assert west.all(Knock) == noord.all(Host) == noord.store.read_now(jobs.buried) == []
    await world.settle()
    assert west.knows(question)


async def test_who_is_known_to_take_one_way_is_still_asked_that_way_after_refusing_both(street):
    """A server that knows RFC 9421 only and doubts everything for a while gets what was said as soon as it is itself."""
    world, noord, west = street
    picky = world.network.apps[west.host] = Picky(west.app, Scheme.RFC9421, 401)
    await asked(world, noord)
    world.network.answers[west.host] = 401
    question = noord.ask(noord.fatma, "En nu?")
    await noord.work()
    assert knocks(world, west)[-2:] == [Scheme.RFC9421, Scheme.CAVAGE]
    world.network.answers.clear()
    assert world.network.apps[west.host] is picky
    world.clock.tick(minutes=2)
    await world.settle()
    assert knocks(world, west) == [Scheme.RFC9421]
    assert west.knows(question)


@pytest.mark.parametrize("status", [202, 301, 302, 404, 408, 410, 413, 422, 425, 429, 500, 503])
async def test_other_answers_are_no_reason_to_knock_again(street, status):
    """What has nothing to do with a signature is not asked a second time."""
    world, noord, west = street
    world.network.answers[west.host] = status
    noord.ask(noord.fatma)
    await noord.work()
    assert knocks(world, west) == [Scheme.CAVAGE]
    assert noord.all(Knock) == []


@pytest.mark.parametrize("status", [500, 501])
async def test_who_trips_over_the_second_way_only_doubted_the_first(street, status):
    """401, and a fault for RFC 9421: the letter is tried again as after any doubt, and nobody else waits for that."""
    world, noord, west = street
    doubting = Picky(Picky(west.app, Scheme.RFC9421, 401), Scheme.CAVAGE, status)
    world.network.apps[west.host] = doubting
    question = noord.ask(noord.fatma)
    await noord.work()
    assert knocks(world, west) == [Scheme.CAVAGE, Scheme.RFC9421]
    assert noord.all(Host) == []
    world.network.apps[west.host] = west.app
    world.clock.tick(minutes=2)
    await world.settle()
    assert west.knows(question)
    assert knocks(world, west) == [Scheme.CAVAGE]


async def test_who_looked_past_the_second_signature_understood_it(street):
    """401 to the usual way, then 400 to the other: the letter was bad, and the next is signed the other way first."""
    world, noord, west = street
    world.network.apps[west.host] = Picky(Picky(west.app, Scheme.RFC9421, 401), Scheme.CAVAGE, 400)
    noord.ask(noord.fatma)
    await noord.work()
    assert [known.scheme for known in noord.all(Knock)] == [Scheme.RFC9421]
    assert [given_up.last_error for given_up in noord.store.read_now(jobs.buried)] == ["http 400"]


async def test_whoever_doubts_every_page_is_asked_twice_once(street):
    """401 for every page, in both ways: two requests for the first page, one for the next."""
    world, noord, _ = street
    server = Elsewhere(world, "doubt.example")
    world.network.answers[server.host] = 401
    for handle, requests_ in (("een", 2), ("twee", 1)):
        somebody = server.person(handle)
        answer = await somebody.send(noord, somebody.activity("Like", f"{noord.base}/q/whatever"))
        assert answer.status_code == 503
        assert server.asked == [f"/u/{handle}"] * requests_
        world.network.sent.clear()


async def refused_page(pilot, server):
    """Somebody named a page there that nobody may see."""
    server.put("/n/secret", {}, status=403)
    with pytest.raises(Rejected):
        await pilot.parts.site.inbox._directory.fetcher.fetch_document(
            f"{server.base}/n/secret", budget=Budget()
        )


async def test_a_page_that_nobody_may_see_says_nothing_of_letters(fan):
    """403 for one page in both ways: a server that knows RFC 9421 only gets its letters all the same, at once."""
    world, west, server = fan
    world.network.apps[server.host] = Picky(world.network.apps[server.host], Scheme.RFC9421, 403)
    await refused_page(west, server)
    await told(world, west)
    assert [activity["type"] for activity in server.received()] == ["Create"] * 2  # one knock each way
    assert server.asked.count("/n/secret") == 2
    (known,) = west.all(Knock)
    assert (known.scheme, known.refused_at, known.page_refused_at is None) == (Scheme.RFC9421, None, False)
    assert west.store.read_now(jobs.buried) == []


@pytest.mark.parametrize("status", [400, 403])
async def test_a_letter_is_not_given_up_before_both_ways_were_tried(street, status):
    """Within the hour in which one way only is tried, a refusal is no last word: the other way brings the letter."""
    world, noord, west = street
    world.network.answers[west.host] = status
    noord.ask(noord.fatma)
    await noord.work()
    assert [given_up.last_error for given_up in noord.store.read_now(jobs.buried)] == [f"http {status}"]
    world.network.answers.clear()
    world.network.apps[west.host] = Picky(west.app, Scheme.RFC9421, status)
    knocks(world, west)
    question = await asked(world, noord, "En nu?")
    assert {*knocks(world, west)} == {Scheme.CAVAGE}
    assert not west.knows(question)
    for _ in range(8):
        world.clock.tick(minutes=15)
        await world.settle()
    assert west.knows(question)
    assert len(noord.store.read_now(jobs.buried)) == 1
    assert noord.all(Host) == []


# redirects of letters


@pytest.fixture
async def fan(tmp_path):
    """A pilot, and somebody elsewhere who follows fatma there."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    follower = Elsewhere(world, "eerste.example").person("fan")
    await follower.send(west, follower.activity("Follow", west.actor(west.fatma).uri))
    await world.settle()
    world.network.sent.clear()
    yield world, west, follower.server
    assert not world.network.faults
    world.close()


def requests(server):
    """What was asked of a server; counts anew from here."""
    found = [(sent.method, sent.target) for sent in server.requests]
    server.world.network.sent.clear()
    return found


async def told(world, west):
    west.ask(west.fatma, scope=Scope.PUBLIC)
    await world.settle()


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_letter_never_becomes_a_page_that_is_asked_for(fan, status):
    """301, 302 and 303 turn a POST into a GET: it is not followed, and the letter comes when that is over."""
    world, west, server = fan
    inbox = "/u/fan/inbox"
    server.redirect(inbox, "/u/fan/inbox2", status)
    await told(world, west)
    assert requests(server) == [("POST", inbox)]
    del server.pages[inbox]
    world.clock.tick(minutes=2)
    await world.settle()
    assert [activity["type"] for activity in server.received()] == ["Create"]
    assert west.store.read_now(jobs.buried) == []


@pytest.mark.parametrize("status", [307, 308])
async def test_a_letter_goes_to_another_path_of_the_same_host_signed_for_it(fan, status):
    """The new path and query are what is signed, over the same digest of the same body."""
    world, west, server = fan
    server.redirect("/u/fan/inbox", "/in?for=fan", status)
    await told(world, west)
    first, second = [sent for sent in server.requests if sent.method == "POST"]
    assert (first.target, second.target) == ("/u/fan/inbox", "/in?for=fan")
    assert first.body == second.body
    assert first.headers["Digest"] == second.headers["Digest"]
    assert first.headers["Signature"] != second.headers["Signature"]
    assert west.store.read_now(jobs.buried) == []


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize(
    "location",
    [
        *("https://ander.example/in", "https://127.0.0.1/in", "https://eerste.example:8443/in"),
        *("http://eerste.example/in", "/u/fan/inbox", "/b", "", "//[", "javascript:alert(1)"),
    ],
)
async def test_c08_c09_c10_a_letter_does_not_go_astray(fan, status, location):
    """Another host, a private address, a way round in circles or without TLS: not gone, and tried again later."""
    world, west, server = fan
    other = Elsewhere(world, "ander.example")
    server.redirect("/u/fan/inbox", location, status)
    server.redirect("/b", "/c", status)
    server.redirect("/c", "/b", status)
    await told(world, west)
    assert other.requests == []
    asked_for = requests(server)
    assert {method for method, _ in asked_for} == {"POST"}
    assert len(asked_for) <= 3
    del server.pages["/u/fan/inbox"]
    world.clock.tick(minutes=2)
    await world.settle()
    assert [activity["type"] for activity in server.received()] == ["Create"]
    assert west.store.read_now(jobs.buried) == west.all(Host) == []


async def test_c09_four_redirects_are_too_many_for_a_letter(fan):
    """Three are followed."""
    world, west, server = fan
    for number, path in enumerate(["/u/fan/inbox", "/1", "/2", "/3"]):
        server.redirect(path, f"/{number + 1}", 308)
    await told(world, west)
    assert [target for _, target in requests(server)] == ["/u/fan/inbox", "/1", "/2", "/3"]
    del server.pages["/3"]
    world.clock.tick(minutes=2)
    await world.settle()
    assert [target for _, target in requests(server)] == ["/u/fan/inbox", "/1", "/2", "/3"]
    assert west.store.read_now(jobs.buried) == []


async def test_a_letter_that_was_sent_on_and_refused_is_signed_the_other_way_there(fan):
    """A refusal at the end of a redirect is a refusal: the second knock goes the same way."""
    world, west, server = fan
    server.redirect("/u/fan/inbox", "/in", 307)
    server.put("/in", {}, status=401)
    await told(world, west)
    assert [target for _, target in requests(server)] == ["/u/fan/inbox", "/in"] * 2
    assert [known.refused_at is not None for known in west.all(Knock)] == [True]


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_a_page_is_asked_for_with_a_new_signature_after_a_redirect_and_with_its_query(street, scheme):
    """A question for pilots stands behind a redirect, at an address with a query: its server believes who asks."""
    world, noord, west = street
    question = noord.ask(noord.fatma)
    world.network.apps[noord.host] = Picky(noord.app, scheme, 401, methods=("GET",))
    old = Elsewhere(world, "oud.example")
    moved = old.redirect("/q/1", f"{question.uri}?lang=nl&x=%20", 301)
    found = await west.parts.site.inbox._directory.fetcher.fetch_document(moved, budget=Budget())
    assert found["id"] == question.uri
    target = question.uri.removeprefix(noord.base)
    last = [sent for sent in world.sent_to(noord) if sent.method == "GET"]
    assert [sent.target for sent in last][-2:] == [f"{target}?lang=nl&x=%20", target]
    assert all(("Signature-Input" in sent.headers) is (scheme is Scheme.RFC9421) for sent in last[-2:])
