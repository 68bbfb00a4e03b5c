"""What is put first, as other servers see it: the `featured` collection, and Add and Remove to who follows."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import Elsewhere
from tests.journeys.world import World
from vraagbaak import moderation, pins
from vraagbaak.model import Question, Role, Scope

JSON = {"Accept": "application/activity+json"}


@pytest.fixture
async def west(tmp_path):
    """A pilot with a moderator, and somebody elsewhere who follows the neighbourhood and Fatma."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.world, west.fatma, west.mo = world, west.member("fatma"), west.member("mo", Role.MODERATOR)
    west.group = west.store.home.group_uri
    west.good = Elsewhere(world, "goed.example")
    west.vera = west.good.person("vera")
    for target in (west.group, west.actor(west.fatma).uri):
        await west.vera.send(west, west.vera.activity("Follow", target))
    await world.settle()
    yield west
    assert not world.network.faults
    world.close()


async def told(west):
    """What the follower was sent since the last time, of Add and Remove."""
    await west.world.settle()
    found = [*west.good.received("Add"), *west.good.received("Remove")]
    west.world.network.sent.clear()
    return found


async def listed(west, uri):
    async with west.client(**JSON) as client:
        answer = await client.get(f"{uri}/featured")
    assert answer.status_code == 200
    return answer.json()


async def test_followers_hear_what_the_neighbourhood_puts_first(west):
    """An Add and a Remove by the neighbourhood, proven, whose target is the collection on its actor (Mastodon 4.x)."""
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await told(west)
    west.store.run_now(pins.feature, west.mo, question.id)
    (said,) = await told(west)
    assert (said["type"], said["actor"], said["object"]) == ("Add", west.group, question.uri)
    assert said["target"] == f"{west.group}/featured"
    assert said["proof"]
    assert (await listed(west, west.group))["orderedItems"] == [question.uri]
    west.store.run_now(pins.unfeature, west.mo, question.id)
    (said,) = await told(west)
    assert (said["type"], said["object"]) == ("Remove", question.uri)
    assert (await listed(west, west.group))["totalItems"] == 0


async def test_a_member_puts_an_own_answer_first(west):
    """On the member's own profile, told to the member's own followers."""
    question = west.ask(west.mo, scope=Scope.PUBLIC)
    answer = west.answer(west.fatma, question)
    fatma = west.actor(west.fatma)
    await told(west)
    west.store.run_now(pins.pin, fatma, answer)
    (said,) = await told(west)
    assert (said["actor"], said["object"], said["target"]) == (fatma.uri, answer.uri, f"{fatma.uri}/featured")
    assert (await listed(west, fatma.uri))["orderedItems"] == [answer.uri]
    async with west.client(**JSON) as client:
        assert (await client.get(fatma.uri)).json()["featured"] == f"{fatma.uri}/featured"


@pytest.mark.parametrize("scope", [Scope.NEIGHBOURHOOD, Scope.PILOTS])
async def test_what_is_first_for_few_is_listed_for_nobody_else(west, scope):
    """Not in the collection, not in its number, and nobody is told."""
    question = west.ask(west.fatma, scope=scope)
    west.store.run_now(pins.feature, west.mo, question.id)
    assert await told(west) == []
    assert (await listed(west, west.group))["totalItems"] == 0


async def test_what_is_hidden_is_not_listed_although_it_is_first(west):
    """It comes back when it is shown again."""
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    west.store.run_now(pins.feature, west.mo, question.id)
    west.store.run_now(moderation.hide, west.mo, Question, question.id)
    assert (await listed(west, west.group))["totalItems"] == 0
    west.store.run_now(moderation.release, west.mo, Question, question.id)
    assert (await listed(west, west.group))["totalItems"] == 1


async def test_moderators_put_a_question_first_on_the_front_page(west):
    """With a button under the question that others do not have; a passer-by reads it on the front page."""
    question = west.ask(west.fatma, "Wie helpt met klussen?", scope=Scope.PUBLIC)
    west.store.run_now(pins.feature, west.mo, question.id)
    async with west.client(Accept="text/html") as client:
        front = (await client.get("/")).text
        page = (await client.get(f"/v/{question.id}")).text
    assert 'id="voorop"' in front
    assert front.count("Wie helpt met klussen?") == 1  # not again among those without an answer
    assert "nakijken/voorop" not in page


async def test_who_moderates_is_the_server_and_nobody_by_name(west):
    """Other software looks there for who may act in a community; no member is put up as a target."""
    async with west.client(**JSON) as client:
        where = (await client.get(west.group)).json()["attributedTo"]
        assert where == f"{west.group}/moderators"
        answer = await client.get(where)
        missing = await client.get(f"{west.base}/b/nergens/moderators")
    assert answer.json()["orderedItems"] == [f"{west.base}/actor"]
    assert missing.status_code == 404
