"""`/matches`: what fits, with the reasons, for whoever may see it; and never who."""

from __future__ import annotations

import pytest

from tests.web.serving import Serving
from vraagbaak.model import Scope

NEED, CAN = "Wie wil er op vrijdagavond met mij biljarten?", "Ik biljart graag met een ander."


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.fixture
def noor(pilot):
    return pilot.member("noor")


@pytest.fixture
def sam(pilot):
    return pilot.member("sam")


async def test_what_fits_a_question_and_an_offer(pilot, noor, sam):
    """Both ways the same pair, with reasons for programs and in words."""
    async with pilot.program(pilot.token(noor)) as asker, pilot.program(pilot.token(sam)) as helper:
        asked = (await asker.post("/questions", json={"title": NEED, "when": "vrijdag avond"})).json()
        sent = {"body": CAN, "availability": "vrijdag 's avonds", "capacity": 2, "distance": 5}
        made = (await helper.post("/offers", json=sent)).json()
        assert (made["times"], made["capacity"], made["paused"]) == (["fri-evening"], 2, False)
        await helper.post("/offers", json={"body": "Biljarttafel over, gratis af te halen."})
        (found,) = (await asker.get(f"/matches?question={asked['id']}")).json()
        assert (found["id"], found["offer"], found["question"]) == (made["id"], made["id"], asked["id"])
        assert {"ground": "kind", "value": "biljarten"} in found["reasons"]
        assert {"ground": "time", "value": "fri-evening"} in found["reasons"]
        assert found["because"] == "omdat: biljarten, vrijdagavond, in je eigen buurt"
        (back,) = (await helper.get(f"/matches?offer={made['id']}")).json()
        assert (back["id"], back["title"], back["score"]) == (asked["id"], NEED, found["score"])
        assert all("sam" not in str(each).lower() for each in (found, made))


async def test_what_may_not_be_seen_is_not_matched(pilot, noor, sam):
    """Who passes by gets public offers to public questions, and hears of nothing else."""
    public, narrow = pilot.ask(noor, NEED), pilot.ask(noor, NEED, Scope.NEIGHBOURHOOD)
    pilot.offer(sam, CAN, Scope.NEIGHBOURHOOD)
    seen = pilot.offer(sam, "Ik zoek iemand om mee te biljarten, kom bij mij.", Scope.PUBLIC)
    stranger, member = pilot.program(), pilot.program(pilot.token(noor))
    assert [each["offer"] for each in (await stranger.get(f"/matches?question={public.id}")).json()] == [
        seen.id
    ]
    assert len((await member.get(f"/matches?question={public.id}")).json()) == 2
    missing = await stranger.get("/matches?question=" + "0" * 26)
    hidden = await stranger.get(f"/matches?question={narrow.id}")
    assert (missing.status_code, hidden.status_code) == (404, 404)
    assert missing.content == hidden.content


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        ("?question=", 422),
        ("?question=x", 404),
        ("?offer=%00", 404),
        (f"?question={'0' * 26}&offer=1", 422),
    ],
)
async def test_a_call_names_one_thing(pilot, query, status):
    """Neither nothing, nor both, nor what cannot be an id."""
    assert (await pilot.program().get(f"/matches{query}")).status_code == status
