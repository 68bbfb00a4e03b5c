"""The other side is away, slow, busy or gone, on a clock of our own: nothing is lost, nothing is doubled, order holds."""

from __future__ import annotations

import json

import pytest

from federation.own_keys import replace_keys
from federation.transport import InMemoryNetwork, Response, Transport
from storage import jobs
from storage.records import Host
from tests.journeys.strangers import Elsewhere, Stranger
from tests.journeys.world import World
from vraagbaak import peers, questions
from vraagbaak.model import Actor, Follow, Question, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot that is followed from two servers."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    fans = [Elsewhere(world, f"{name}.example").person("fan") for name in ("eerste", "tweede")]
    for fan in fans:
        await fan.send(west, fan.activity("Follow", west.actor(west.fatma).uri))
    await world.settle()
    world.network.sent.clear()
    yield world, west, *[fan.server for fan in fans]
    assert not world.network.faults
    world.close()


def said(server, since=0):
    """The kinds of activity that got through, each with what it is about, in order."""
    found = [json.loads(sent.body) for sent in server.requests[since:] if sent.method == "POST"]
    return [(each["type"], each["id"]) for each in found]


async def whole_life(west):
    """A question that is asked, edited twice, closed and withdrawn: five activities in one thread."""
    fatma = west.actor(west.fatma)
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    for title in ("Eerst?", "Dan?"):
        west.world.clock.tick(minutes=1)
        draft = questions.Draft(title=title, scope=Scope.PUBLIC)
        west.store.run_now(questions.edit, fatma, question.id, draft)
    west.world.clock.tick(minutes=1)
    west.store.run_now(questions.close, fatma, question.id)
    return question


async def pass_time(world, hours, step=1):
    for _ in range(int(hours / step)):
        world.clock.tick(hours=step)
        await world.settle()


@pytest.mark.parametrize("hours", [1, 24, 6 * 24])
@pytest.mark.parametrize("how", ["down", "slow", 503, 500, 429, 408])
async def test_a_server_that_was_away_gets_everything_once_and_in_order(street, hours, how):
    """After an hour, a day or six days: Create, Update, Update, Update, each once, and the other server never waited."""
    world, west, first, second = street
    if isinstance(how, int):
        world.network.answers[first.host] = how
    else:
        getattr(world.network, how).add(first.host)
    await whole_life(west)
    await world.settle()
    others = said(second)
    assert [kind for kind, _ in others] == ["Create", "Update", "Update", "Update"]
    await pass_time(world, hours, step=1 if hours <= 24 else 6)
    world.network.answers.clear()
    world.network.down.clear()
    world.network.slow.clear()
    since = len(first.requests)
    await pass_time(world, 15)
    assert said(first, since) == others
    assert said(second) == others
    assert west.store.read_now(jobs.buried) == []


async def test_a_wish_to_wait_is_honoured(street):
    """429 with Retry-After: nothing before that time, everything after it."""
    world, west, first, _ = street
    world.network.answers[first.host] = Response(429, {"retry-after": "7200"}, b"", "")
    await whole_life(west)
    await world.settle()
    since = len(first.requests)
    world.network.answers.clear()
    await pass_time(world, 1.75, step=0.25)
    assert said(first, since) == []
    await pass_time(world, 1, step=0.25)
    assert len(said(first, since)) == 4


async def test_a_doubted_signature_loses_nothing_and_keeps_nobody_else_waiting(street):
    """401 while the other side cannot get at a key: what was sent comes later, in order; the server is not left alone."""
    world, west, first, second = street
    world.network.answers[first.host] = 401
    await whole_life(west)
    await world.settle()
    assert west.all(Host) == []
    world.network.answers.clear()
    since = len(first.requests)
    await pass_time(world, 2, step=0.25)
    assert said(first, since) == said(second)
    assert west.store.read_now(jobs.buried) == []


async def test_a_key_that_was_changed_right_after_a_forged_letter_loses_nothing(tmp_path):
    """Somebody forges a letter in fatma's name, then her keys change: the other pilot still gets all that she says."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    await world.settle()
    fatma = noord.actor(noord.member("fatma"))
    member = noord.member_called("fatma")
    asked = noord.ask(member)
    await world.settle()
    assert west.knows(asked)
    world.clock.tick(hours=3)
    mallory = Elsewhere(world, "evil.example").person("mallory")
    forged = mallory.activity("Like", asked.uri, actor=fatma.uri)
    await mallory.send(west, forged, key_id=f"{fatma.uri}#main-key")
    world.clock.tick(seconds=20)
    made = noord.parts.worker._handlers["deliver"].__self__._keys.make(fatma.uri, ["rsa", "ed25519"])
    noord.store.run_now(replace_keys, fatma.uri, made)
    later = noord.ask(member, "Na de nieuwe sleutel?")
    await pass_time(world, 1, step=1 / 30)
    assert west.knows(later)
    assert noord.store.read_now(jobs.buried) == []
    world.close()


async def test_a_page_about_maintenance_loses_nothing(tmp_path):
    """While the sender's web server shows a page for every address, a new member's question waits, and then arrives."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    await world.settle()
    await world.settle()
    page = Response(200, {"content-type": "text/html"}, b"<p>Onderhoud</p>", "")
    world.network.answers[noord.host] = page
    asked = noord.ask(noord.member("nieuw"))
    await noord.work()
    assert not west.knows(asked)
    world.network.answers.clear()
    await pass_time(world, 1, step=1 / 30)
    assert west.knows(asked)
    world.close()


@pytest.mark.parametrize("said_", [500, 429])
async def test_d24_a_server_that_speaks_to_us_is_not_pressed_for_that(street, said_):
    """It has trouble, or asked for two hours, and its people go on liking things: no letter comes any sooner."""
    world, west, first, _ = street
    world.network.answers[first.host] = Response(
        said_, {"retry-after": "7200"} if said_ == 429 else {}, b"", ""
    )
    for number in range(10):
        west.ask(west.fatma, f"Vraag {number} hier?", scope=Scope.PUBLIC)
    await world.settle()
    tries = len(first.requests)
    assert tries <= 6
    fan = Stranger(first, "fan")
    for _ in range(60):
        world.clock.tick(seconds=5)
        await fan.send(west, fan.activity("Like", f"{west.base}/q/whatever"))
        await world.settle()
    assert len([sent for sent in first.requests if sent.method == "POST"]) == tries


@pytest.mark.parametrize("wish", ["0", "Tue, 24 Nov 2020 08:00:00 GMT"])
async def test_d24_a_server_that_wants_it_at_once_gets_it_no_sooner(street, wish):
    """503 with Retry-After: 0, or a moment that is past: one try for each letter, and then the usual waits."""
    world, west, first, second = street
    world.network.answers[first.host] = Response(503, {"retry-after": wish}, b"", "")
    await whole_life(west)
    since = len(first.requests)
    await world.settle()
    assert len(first.requests) - since == 1
    world.network.answers.clear()
    since = len(first.requests)
    await pass_time(world, 1, step=0.25)
    assert said(first, since) == said(second)


async def test_one_wrong_410_does_not_end_the_circle(tmp_path):
    """A pilot's inbox says once that it is gone: what was meant for it arrives later, and so does what is said after."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    await world.settle()
    await world.settle()
    fatma = noord.member("fatma")
    world.network.answers[west.host] = 410
    first = noord.ask(fatma)
    await world.settle()
    world.network.answers.clear()
    await pass_time(world, 1, step=0.25)
    later = noord.ask(fatma, "En nu?")
    await world.settle()
    assert west.knows(first)
    assert west.knows(later)
    assert noord.store.read_now(peers.in_circle, west.host)
    world.close()


async def test_a_pilot_that_says_for_days_that_it_is_gone_is_seen_and_not_forgotten(tmp_path):
    """After seven days of 410 the steward sees what did not arrive; the circle is as it was."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    await world.settle()
    await world.settle()
    world.network.answers[west.host] = 410
    noord.ask(noord.member("fatma"))
    await pass_time(world, 24 * 8, step=6)
    assert "http 410" in [given_up.last_error for given_up in noord.store.read_now(jobs.buried)]
    assert noord.store.read_now(peers.in_circle, west.host)
    world.close()


async def test_an_inbox_that_is_gone_for_more_than_a_day_is_forgotten(street):
    """Elsewhere, 410 for an hour loses nothing; 410 that lasts ends the follow, and nothing is kept for the steward."""
    world, west, first, second = street
    world.network.answers[first.host] = 410
    await whole_life(west)
    await pass_time(world, 1, step=0.25)
    world.network.answers.clear()
    since = len(first.requests)
    await pass_time(world, 4)
    assert said(first, since) == said(second)
    world.network.answers[first.host] = 410
    west.ask(west.fatma, "Nog een?", scope=Scope.PUBLIC)
    await pass_time(world, 72, step=6)
    assert west.all(Actor, domain=first.host)
    assert [west.all(Follow, follower_id=fan.id) for fan in west.all(Actor, domain=first.host)] == [[]]
    assert west.store.read_now(jobs.buried) == []
    assert len(said(second)) == 5


@pytest.mark.parametrize("status", [404, 413])
async def test_a_final_no_is_not_asked_again_and_holds_nothing_up(street, status):
    """What a server will never take is given up at once, and kept for the steward; the other server has everything."""
    world, west, first, second = street
    world.network.answers[first.host] = status
    await whole_life(west)
    await world.settle()
    world.network.answers.clear()
    since = len(first.requests)
    await pass_time(world, 24)
    assert said(first, since) == []
    assert len(said(second)) == 4
    assert len(west.store.read_now(jobs.buried)) == 4
    assert west.store.run_now(jobs.retry_all) == 4
    await world.settle()
    assert len(said(first, since)) == 4


@pytest.mark.parametrize("status", [400, 403])
async def test_a_no_that_can_be_for_the_signature_is_final_once_both_ways_were_tried(street, status):
    """Each letter is tried both ways before it is given up, and a server that refuses both is not asked twice at every try."""
    world, west, first, second = street
    world.network.answers[first.host] = status
    await whole_life(west)
    await world.settle()
    assert len(west.store.read_now(jobs.buried)) == 1
    await pass_time(world, 24)
    assert [given_up.last_error for given_up in west.store.read_now(jobs.buried)] == [f"http {status}"] * 4
    asked = [uri for _, uri in said(first)]
    assert {asked.count(uri) for uri in asked[:2]} == {2}
    assert len(asked) <= 4 * 6
    assert len(said(second)) == 4
    world.network.answers.clear()
    since = len(first.requests)
    assert west.store.run_now(jobs.retry_all) == 4
    await world.settle()
    assert len(said(first, since)) == 4


async def test_after_seven_days_it_is_given_up_and_a_new_question_still_arrives(street):
    """What is too old is given up and can be tried once more; what is said later comes through as ever."""
    world, west, first, _ = street
    world.network.down.add(first.host)
    await whole_life(west)
    await pass_time(world, 24 * 8, step=6)
    assert len(west.store.read_now(jobs.buried)) == 4
    world.network.down.clear()
    since = len(first.requests)
    later = west.ask(west.fatma, "En nu?", scope=Scope.PUBLIC)
    await pass_time(world, 2)
    assert [kind for kind, _ in said(first, since)] == ["Create"]
    assert west.all(Question, uri=later.uri)
    west.store.run_now(jobs.retry_all)
    await world.settle()
    assert sorted(kind for kind, _ in said(first, since)) == [
        "Create",
        "Create",
        "Update",
        "Update",
        "Update",
    ]


class Resolved(InMemoryNetwork):
    """A network in memory, but for the hosts whose name leads somewhere: those are asked as a server really does."""

    def __init__(self):
        super().__init__(apps={})
        self.dns = {}
        self.looked_up = 0
        self.real = Transport(user_agent="test", resolver=self.resolve)

    async def resolve(self, host, _port):
        self.looked_up += 1
        return self.dns[host]

    async def post(self, url, headers, body):
        host = url.split("/")[2]
        return await (self.real.post if host in self.dns else super().post)(url, headers, body)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
async def test_c07_a_name_that_leads_to_a_private_address_for_a_while_loses_nothing(tmp_path, address):
    """Nobody is dialled there, and the letter comes when the DNS is itself again; after seven days it is given up."""
    world = World(tmp_path, network=Resolved())
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    fan = Elsewhere(world, "eerste.example").person("fan")
    await fan.send(west, fan.activity("Follow", west.actor(west.fatma).uri))
    await world.settle()
    world.network.sent.clear()
    world.network.dns["eerste.example"] = ["8.8.8.8", address]
    west.ask(west.fatma, scope=Scope.PUBLIC)
    await pass_time(world, 24)
    assert world.network.looked_up > 3
    assert world.network.sent == []
    assert west.store.read_now(jobs.buried) == []
    kept = world.network.dns.pop("eerste.example")
    await pass_time(world, 24)
    assert [kind for kind, _ in said(fan.server)] == ["Create"]
    world.network.dns["eerste.example"] = kept
    west.ask(west.fatma, "En nu?", scope=Scope.PUBLIC)
    await pass_time(world, 9 * 24, step=6)
    (given_up,) = west.store.read_now(jobs.buried)
    assert given_up.last_error == "no answer: address"
    assert [kind for kind, _ in said(fan.server)] == ["Create"]
    await world.network.real.aclose()
    world.close()
