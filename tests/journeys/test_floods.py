"""Too much of everything: senders without proof, servers out of nowhere, and everybody at the same moment.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from federation.newcomers import MOST
from federation.signatures import Scheme
from tests.journeys.strangers import (
    PUBLIC,
    Elsewhere,
    Stranger,
    assert_refused,
    faults,
    key,
    unchanged,
)
from tests.journeys.world import World
from vraagbaak.model import Actor, Scope, Standing
from web.limits import REFUSED, Counter

WEST = "https://westerpark.example"
HERE = {"to": [PUBLIC, f"{WEST}/b/westerpark"]}
FAR, NEAR, OTHER = "198.51.100.7", "10.0.0.3", "203.0.113.9"


@pytest.fixture
async def west(tmp_path, caplog):
    """A pilot with its limits on."""
    world = World(tmp_path)
    yield world.pilot("Westerpark", lab_limits="on", moderate_outside=False)
    assert faults(world, caplog.records) == []
    world.close()


def said(stranger):
    return stranger.activity("Listen", "https://evil.example/muziek")


def forgeries(vera, pilot):
    """Requests that prove nothing, each in its own way."""
    forger = Stranger(vera.server, vera.handle, key(1))
    honest = vera.signed(pilot, said(vera))
    return {
        "D25 unsigned": lambda: honest.with_header("signature", None),
        "D25 forged": lambda: forger.signed(pilot, said(forger)),
        "D25 forged, RFC 9421": lambda: forger.signed(pilot, said(forger), Scheme.RFC9421),
        "D25 unreadable signature": lambda: honest.with_header("signature", "x"),
        "D25 stale": lambda: vera.signed(
            pilot, said(vera), moment=pilot.world.clock.now() - timedelta(hours=2)
        ),
        "D25 another body": lambda: honest.saying(b"{}"),
        "D25 no activity": lambda: honest.with_header("content-type", "text/plain"),
        "D25 in another name": lambda: vera.signed(pilot, said(vera) | {"actor": f"{vera.uri}2"}),
        "D25 malformed": lambda: vera.signed(pilot, b"{"),
    }


FORGERIES = tuple(
    f"D25 {name}"
    for name in (
        "unsigned",
        "forged",
        "forged, RFC 9421",
        "unreadable signature",
        "stale",
        "another body",
        "no activity",
        "in another name",
        "malformed",
    )
)


def proves_nothing(answer):
    """Whether a request was refused for what it is, or because the key was looked at a moment ago."""
    return answer.status_code in {400, 401, 403, 415} or answer.json()["code"] == "key-unavailable"


@pytest.mark.parametrize("what", FORGERIES)
async def test_who_proves_nothing_again_and_again_has_to_wait(west, what):
    """Sixty at once and one a second from one address; past that nothing is read, asked or counted against others."""
    vera = Elsewhere(west.world, "good.example").person("vera")
    assert (await vera.send(west, said(vera))).status_code == 202
    await west.work()
    made = forgeries(vera, west)
    assert set(made) == set(FORGERIES)
    for _ in range(REFUSED.burst):
        assert proves_nothing(await made[what]().coming_from(FAR).to(west))
    with unchanged(west):
        for _ in range(5):
            answer = await made[what]().coming_from(FAR).to(west)
            assert_refused(answer, 429, "too-fast")
            assert answer.headers["retry-after"] == "1"
    assert (await vera.signed(west, said(vera)).coming_from(OTHER).to(west)).status_code == 202
    west.world.clock.tick(seconds=1)
    assert proves_nothing(await made[what]().coming_from(FAR).to(west))
    assert (await made[what]().coming_from(FAR).to(west)).status_code == 429


async def test_d25_nobody_is_made_to_ask_a_thousand_servers_for_keys(west):
    """Signatures that name a key somewhere else each time stop being looked up, at an inbox and for a document."""
    question = west.ask(west.member("fatma"), "Onder ons?", Scope.NEIGHBOURHOOD)
    vera = Elsewhere(west.world, "good.example").person("vera")
    for number in range(100):
        name = f"https://slachtoffer{number}.example/u/x#main-key"
        await vera.signed(west, said(vera), key_id=name).coming_from(FAR).to(west)
    asked = [sent for sent in west.world.network.sent if sent.host.startswith("slachtoffer")]
    assert len(asked) == REFUSED.burst
    for path in (f"/q/{question.id}", "/q/01k2m7zzzzzzzzzzzzzzzzzzzz"):
        request = vera.signed_get(west, path, key_id="https://nog-een.example/u/x#main-key")
        assert_refused(await request.coming_from(FAR).to(west), 429, "too-fast")
    west.world.network.sent.clear()
    for number in range(100):
        request = vera.signed_get(west, f"/q/{question.id}", key_id=f"https://doel{number}.example/u/x#k")
        await request.coming_from(OTHER).to(west)
    assert len(west.world.network.sent) == REFUSED.burst


async def test_d25_what_needs_no_proof_is_given_to_everybody(west):
    """Who has to wait with an inbox can still read what is public."""
    for _ in range(REFUSED.burst + 1):
        vera = Elsewhere(west.world, "good.example").person("vera")
        answer = await vera.signed(west, b"{}").with_header("signature", None).coming_from(FAR).to(west)
    assert answer.status_code == 429
    assert (await vera.signed_get(west, "/actor").coming_from(FAR).to(west)).status_code == 200


async def test_d25_a_proxy_that_nobody_told_us_of_does_not_pay_for_all(west):
    """An address of this machine or its network may be a proxy: honest senders behind it are let in."""
    vera = Elsewhere(west.world, "good.example").person("vera")
    for _ in range(REFUSED.burst * 2):
        answer = await vera.signed(west, b"{}").with_header("signature", None).coming_from(NEAR).to(west)
        assert answer.status_code == 401
    assert (await vera.signed(west, said(vera)).coming_from(NEAR).to(west)).status_code == 202


async def test_d25_no_address_is_kept_for_it(west):
    """What is remembered of who proved nothing is no address, and is another word tomorrow."""
    vera = Elsewhere(west.world, "good.example").person("vera")
    for _ in range(3):
        await vera.signed(west, b"{}").with_header("signature", None).coming_from(FAR).to(west)
    limits = west.app.state.limits
    assert len(limits.refused.new_again) == 1
    kept = pickle.dumps([each.new_again for each in vars(limits).values() if isinstance(each, Counter)])
    assert FAR.encode() not in kept
    assert bytes(int(part) for part in FAR.split(".")) not in kept


# servers out of nowhere


async def test_d16_ten_new_servers_below_one_name_are_met_in_a_day(west):
    """Each can be whoever its owner likes: the eleventh is told to come back, is not asked who it is, and is not kept."""
    names = [Elsewhere(west.world, f"n{number}.evil.example").person() for number in range(MOST + 5)]
    for somebody in names[:MOST]:
        assert (await somebody.send(west, said(somebody))).status_code == 202
    await west.work()
    west.switch_off()
    west.start()  # which forgets nothing of this
    for somebody in names[MOST:]:
        with unchanged(west):
            answer = await somebody.send(west, said(somebody))
        assert_refused(answer, 429, "too-fast")
        assert 86_000 < int(answer.headers["retry-after"]) <= 86_400
    assert len({actor.domain for actor in west.all(Actor)}) == MOST + 1
    again, other = (
        Elsewhere(west.world, "n3.evil.example").person("eve"),
        Elsewhere(west.world, "goed.example").person(),
    )
    for somebody in (names[0], again, other):
        assert (await somebody.send(west, said(somebody))).status_code == 202
    west.world.clock.tick(days=1)
    assert (await names[MOST].send(west, said(names[MOST]))).status_code == 202


async def test_d16_forgeries_use_up_nobodys_room(west):
    """Whoever only claims to be on new servers of somebody else keeps none of those out."""
    for number in range(MOST * 2):
        somebody = Elsewhere(west.world, f"n{number}.masto.example").person()
        forger = Stranger(somebody.server, "mallory", key(1))
        assert_refused(await forger.send(west, said(forger)), 401)
    assert (await somebody.send(west, said(somebody))).status_code == 202


async def test_d16_servers_that_somebody_decided_about_are_met(west):
    """Pilots below one name, as a municipality has them, are trusted and not counted."""
    names = [Elsewhere(west.world, f"wijk{number}.stad.example").person() for number in range(MOST + 5)]
    for somebody in names:
        west.trust(somebody.server, Standing.OPEN)
        assert (await somebody.send(west, said(somebody))).status_code == 202


async def test_d16_a_line_of_replies_brings_in_no_more_than_ten(west):
    """The same for servers that we only come to by what others name: a reply to a reply to a reply, each elsewhere."""
    question = west.ask(west.member("fatma"), "Wie loopt er mee?", Scope.PUBLIC)
    await west.work()
    above = question.uri
    for number in range(MOST + 5):
        server = Elsewhere(west.world, f"n{number}.evil.example")
        above = server.post("/n", server.person().uri, inReplyTo=above, **HERE)
    vera = Elsewhere(west.world, "good.example").person("vera")
    reply = vera.own(inReplyTo=above, **HERE)
    with unchanged(west, "seen", "actors", "actor_keys", "newcomers", requests=60):
        assert (await vera.send(west, vera.activity("Create", reply))).status_code == 202
        await west.work()
    assert len([actor for actor in west.all(Actor) if "evil" in actor.domain]) == MOST
    asked = {sent.host for sent in west.world.network.sent if sent.target == "/u/mallory"}
    assert len(asked) == MOST


# everybody at the same moment


async def test_d19_a_post_makes_nobody_ask_for_anything(tmp_path, caplog):
    """A public question with links goes to ten pilots: none of them fetches it, a preview, a picture or, again, its author."""
    world = World(tmp_path)
    names = [f"Wijk{number}" for number in range(11)]
    first, *others = world.pilots(*names)
    fatma = first.member("fatma")
    await world.settle()
    first.ask(fatma, "Wie loopt er mee?", Scope.PUBLIC)
    await world.settle()
    world.network.sent.clear()
    question = first.ask(
        fatma, "Kijk eens?", Scope.PUBLIC, body="https://kijk.example/a ![x](https://kijk.example/p.png)"
    )
    await world.settle()
    assert all(other.knows(question) for other in others)
    assert [sent for sent in world.network.sent if sent.method == "GET"] == []
    assert faults(world, caplog.records) == []
    world.close()


async def test_d19_servers_do_not_all_look_somebody_up_at_the_same_hour(tmp_path, caplog):
    """Each server finds for itself, between eighteen hours and a day, that what it knows of somebody is old."""
    world = World(tmp_path)
    pilots = [world.pilot(f"Wijk{number}") for number in range(12)]
    vera = Elsewhere(world, "good.example").person("vera")
    asked = []
    for _ in range(27):
        before = len(vera.server.asked)
        for pilot in pilots:
            assert (await vera.send(pilot, said(vera))).status_code == 202
        await world.settle()
        asked.append(len(vera.server.asked) - before)
        world.clock.tick(hours=1)
    assert asked[0] == len(pilots)
    assert sum(asked[1:18]) == 0
    assert sum(asked[18:]) >= len(pilots)
    assert max(asked[18:]) <= len(pilots) // 2
    assert faults(world, caplog.records) == []
    world.close()


async def test_d19_many_posts_of_somebody_at_once_look_them_up_once(west):
    """A day later, fifty activities that come in together cost one request."""
    vera = Elsewhere(west.world, "good.example").person("vera")
    assert (await vera.send(west, said(vera))).status_code == 202
    await west.work()
    west.world.clock.tick(days=2)
    before = len(vera.server.asked)
    for _ in range(50):
        assert (await vera.send(west, said(vera))).status_code == 202
    await west.work()
    assert len(vera.server.asked) == before + 1
