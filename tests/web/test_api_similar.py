"""Similar questions for programs: by the contract, with a token and without, and never a fault."""

from __future__ import annotations

import pytest

from tests.web.serving import BASE, Serving
from vraagbaak.model import Scope

MEMBERS = {"id", "url", "title", "pilot", "score", "helped"}


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.fixture
def noor(pilot):
    return pilot.member("noor")


async def test_similar_questions_come_best_first_with_what_the_contract_names(pilot, noor):
    asked = pilot.ask(noor, "Hoe vind ik een nieuwe huisarts?")
    pilot.ask(noor, "Wie weet een goede fietsenmaker?")
    other = pilot.ask(noor, "Mijn dokter gaat met pensioen")
    async with pilot.program() as program:
        found = (await program.get("/similar", params={"q": "een dokter vinden, huisarts"})).json()
        assert [each["id"] for each in found] == [asked.id, other.id]
        assert set(found[0]) == MEMBERS
        assert found[0] | {"score": 0} == {
            "id": asked.id,
            "url": f"{BASE}/v/{asked.id}",
            "title": "Hoe vind ik een nieuwe huisarts?",
            "pilot": "wester",
            "score": 0,
            "helped": 0,
        }
        assert 1 >= found[0]["score"] > found[1]["score"] > 0
        one = (await program.get("/similar", params={"q": "dokter", "limit": 1})).json()
        assert len(one) == 1


async def test_helped_says_how_many_answers_helped_the_asker(pilot, noor):
    asked = pilot.ask(noor, "Hoe vind ik een nieuwe huisarts?")
    answer = pilot.answer(pilot.member("sam"), asked)
    async with pilot.program(pilot.token(noor)) as asker:
        await asker.post(f"/questions/{asked.id}/helped", json={"answer": answer.id, "mark": "helped"})
        assert (await asker.get("/similar?q=dokter")).json()[0]["helped"] == 1


async def test_g11_a_reader_without_a_token_finds_what_is_public_only(pilot, noor):
    near = pilot.ask(noor, "Huisarts gezocht", scope=Scope.NEIGHBOURHOOD)
    async with pilot.program() as anybody, pilot.program(pilot.token(noor)) as member:
        assert (await anybody.get("/similar?q=huisarts")).json() == []
        assert [each["id"] for each in (await member.get("/similar?q=huisarts")).json()] == [near.id]
        assert (
            await anybody.get("/similar?q=huisarts", headers={"Authorization": "Bearer x"})
        ).status_code == 401


HOSTILE = [
    "",
    "q=",
    "q=%00",
    "q=%ff%fe",
    "q=%27%22*%20OR%20NEAR(",
    "q=%25%25__",
    f"q={'a' * 10_000}",
    f"q={'huis+' * 2_000}",
    "q=%F0%9F%98%80%F0%9F%98%80",
    "q=a&q=b",
    "q=huis&limit=999999999999",
]


@pytest.mark.parametrize("query", HOSTILE)
async def test_d26_whatever_is_asked_gets_a_list(pilot, noor, query):
    pilot.ask(noor, "Hoe vind ik een nieuwe huisarts?")
    async with pilot.program() as program:
        response = await program.get(f"/similar?{query}")
        assert response.status_code == 200
        assert isinstance(response.json(), list)


@pytest.mark.parametrize("limit", ["x", "1.5", "1e3", "🙂"])
async def test_a_limit_that_is_no_number_is_refused(pilot, limit):
    async with pilot.program() as program:
        response = await program.get("/similar", params={"q": "huis", "limit": limit})
        assert (response.status_code, response.json()["field"]) == (422, "limit")
