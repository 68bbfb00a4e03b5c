"""The plain JSON API for those who mean well: ask, answer, mark, offer, and read it all back."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from tests.web.serving import API, BASE, Serving
from vraagbaak.model import Role, Scope
from web import api


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.fixture
def noor(pilot):
    return pilot.member("noor")


@pytest.fixture
def sam(pilot):
    return pilot.member("sam")


async def test_a_question_goes_round_from_asking_to_what_helped(pilot, noor, sam):
    given = {
        "title": "Wie helpt bij slecht slapen?",
        "body": "Al **weken**.",
        "topics": ["slapen", "Psychische gezondheid"],
        "scope": "public",
        "language": "nl",
    }
    async with pilot.program(pilot.token(noor)) as asker, pilot.program(pilot.token(sam)) as neighbour:
        asked = await asker.post("/questions", json=given)
        assert asked.status_code == 201
        question = asked.json()
        assert {"id", "url", "answers"} <= set(question)
        assert question["url"] == f"{BASE}/v/{question['id']}"
        assert asked.headers["location"] == f"{API}/questions/{question['id']}"
        assert question["topics"] == ["slapen", "psychische-gezondheid"]
        assert (question["body"], question["html"]) == ("Al **weken**.", "<p>Al <strong>weken</strong>.</p>")
        pilot.clock.tick(seconds=1)
        said = {"question": question["id"], "body": "Ga wandelen.", "perspective": "experience-expert"}
        answered = await neighbour.post("/answers", json=said)
        assert answered.status_code == 201
        answer = answered.json()
        assert (answer["perspective"], answer["pilot"], answer["helped"]) == (
            "experience-expert",
            "wester",
            False,
        )
        comment = {**said, "parent": answer["id"], "body": "Hoe ver dan?"}
        assert (await asker.post("/answers", json=comment)).json()["parent"] == answer["id"]
        mark = {"answer": answer["id"], "mark": "helped"}
        marked = await asker.post(f"/questions/{question['id']}/helped", json=mark)
        assert (marked.status_code, marked.json()["status"]) == (200, "answered")
    async with pilot.program() as program:
        found = (await program.get(f"/questions/{question['id']}")).json()
        assert [each["body"] for each in found["answers"]] == ["Ga wandelen."]
        assert (found["answers"][0]["helped"], found["answers"][0]["mark"]) == (True, "helped")
        assert [each["body"] for each in found["answers"][0]["comments"]] == ["Hoe ver dan?"]
        (listed,) = (await program.get("/questions")).json()
        assert (listed["answer_count"], listed["helped"]) == (1, 1)
        assert "answers" not in listed


async def test_a_mark_can_be_changed_and_taken_back(pilot, noor, sam):
    question = pilot.ask(noor)
    answer = pilot.answer(sam, question)
    async with pilot.program(pilot.token(noor)) as asker:
        for mark, status in (("partly", "open"), ("not-now", "open"), ("helped", "answered"), (None, "open")):
            given = {"answer": answer.id, "mark": mark}
            found = (await asker.post(f"/questions/{question.id}/helped", json=given)).json()
            assert (found["answers"][0]["mark"], found["status"]) == (mark, status)


async def test_pages_of_a_list_follow_each_other_by_link(pilot, noor):
    made = [pilot.ask(noor, f"Vraag nummer {number}", topics=("slapen",)).id for number in range(7)]
    seen, path = [], "/questions?topic=slapen&limit=3"
    async with pilot.program() as program:
        while path:
            answer = await program.get(path)
            assert len(answer.json()) <= 3
            seen += [each["id"] for each in answer.json()]
            following = answer.links.get("next")
            path = following["url"].removeprefix(f"{BASE}{API}") if following else ""
    assert seen == made[::-1]


async def test_twenty_unless_told_and_never_more_than_eighty(pilot, noor):
    for number in range(82):
        pilot.ask(noor, f"Vraag nummer {number}")
    async with pilot.program() as program:
        assert len((await program.get("/questions")).json()) == 20
        assert len((await program.get("/questions?limit=500")).json()) == 80


async def test_questions_are_found_by_topic_pilot_and_being_unanswered(pilot, noor, sam):
    sleep = pilot.ask(noor, "Over slapen gaat dit", topics=("slapen",))
    money = pilot.ask(noor, "Over geld gaat dit", topics=("geld en schulden",))
    pilot.answer(sam, sleep)
    async with pilot.program() as program:
        for query, wanted in (
            ("topic=slapen", [sleep.id]),
            ("topic=geld en schulden", [money.id]),
            ("unanswered=true", [money.id]),
            ("unanswered=1&topic=slapen", []),
            ("pilot=wester", [money.id, sleep.id]),
            ("pilot=wester.example&unanswered=false", [money.id, sleep.id]),
        ):
            assert [each["id"] for each in (await program.get(f"/questions?{query}")).json()] == wanted


@pytest.mark.parametrize("multipart", [False, True])
async def test_a_form_does_as_well_as_json(pilot, noor, multipart):
    fields = [
        ("title", "Wie weet een fysio?"),
        ("topics[]", "zorg"),
        ("topics[]", "wonen"),
        ("sensitive", "true"),
    ]
    async with pilot.program(pilot.token(noor)) as program:
        if multipart:
            parts = [(name, (None, value)) for name, value in fields]
            request = program.build_request("POST", "/questions", files=parts)
        else:
            content = str(httpx.QueryParams(fields))
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            request = program.build_request("POST", "/questions", content=content, headers=kind)
        found = (await program.send(request)).json()
    assert (found["topics"], found["sensitive"], found["scope"]) == (["zorg", "wonen"], True, "neighbourhood")


async def test_a_question_is_changed_narrowed_closed_opened_and_withdrawn(pilot, noor):
    question = pilot.ask(noor, "De eerste titel", topics=("slapen",), body="Blijft staan.")
    path = f"/questions/{question.id}"
    async with pilot.program(pilot.token(noor)) as program:
        pilot.clock.tick(minutes=1)
        changed = (await program.put(path, json={"title": "De tweede titel", "scope": "pilots"})).json()
        assert (changed["title"], changed["body"], changed["scope"]) == (
            "De tweede titel",
            "Blijft staan.",
            "pilots",
        )
        assert changed["topics"] == ["slapen"]
        assert changed["edited_at"]
        assert (await program.put(path, json={"status": "closed"})).json()["status"] == "closed"
        given = {"question": question.id, "body": "Nog iets.", "perspective": "family"}
        assert (await program.post("/answers", json=given)).json()["code"] == "closed"
        assert (await program.put(path, json={"status": "open"})).json()["status"] == "open"
        withdrawn = await program.delete(path)
        assert (withdrawn.status_code, withdrawn.content) == (204, b"")
        assert (await program.get(path)).status_code == 404


async def test_an_answer_is_changed_and_withdrawn(pilot, noor, sam):
    question = pilot.ask(noor)
    answer = pilot.answer(sam, question)
    async with pilot.program(pilot.token(sam)) as program:
        changed = (await program.put(f"/answers/{answer.id}", json={"perspective": "family"})).json()
        assert (changed["body"], changed["perspective"]) == ("Die op de hoek.", "family")
        assert (await program.delete(f"/answers/{answer.id}")).status_code == 204
        assert (await program.get(f"/questions/{question.id}")).json()["answers"] == []


async def test_offers_are_made_listed_and_withdrawn(pilot, noor, sam):
    question = pilot.ask(noor, scope=Scope.PILOTS)
    async with pilot.program(pilot.token(sam)) as program, pilot.program() as stranger:
        standing = {
            "body": "Ik kan klussen.",
            "topics": ["wonen"],
            "availability": "zaterdag",
            "scope": "public",
        }
        made = await program.post("/offers", json=standing)
        assert (made.status_code, made.json()["availability"]) == (201, "zaterdag")
        reply = {"body": "Ik kom langs.", "question": question.id, "scope": "public"}
        assert (await program.post("/offers", json=reply)).json()["scope"] == "pilots"
        assert [each["body"] for each in (await stranger.get("/offers")).json()] == ["Ik kan klussen."]
        found = (await program.get(f"/offers?question={question.id}")).json()
        assert [each["body"] for each in found] == ["Ik kom langs."]
        assert (await program.delete(f"/offers/{made.json()['id']}")).status_code == 204
        assert (await stranger.get("/offers")).json() == []


async def test_pilots_and_topics_are_listed(pilot, noor):
    async with pilot.program() as program:
        (own,) = (await program.get("/pilots")).json()
        assert (own["slug"], own["domain"], own["ours"]) == ("wester", "wester.example", True)
        topics = {each["id"]: each for each in (await program.get("/topics")).json()}
    assert topics["eenzaamheid"]["sensitive"]
    assert not topics["slapen"]["sensitive"]


async def test_the_description_holds_every_route_and_every_route_serves_its_description(pilot, noor):
    async with pilot.program() as program:
        described = (await program.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    served = {
        (method.lower(), route.path.removeprefix(API))
        for route in api.ROUTES
        if isinstance(route, Route)
        for method in route.methods - {"HEAD"}
    }
    assert served == {(method, path) for path, methods in described["paths"].items() for method in methods}
    names = set(re.findall(r'"#/components/schemas/(\w+)"', str(described).replace("'", '"')))
    assert names <= set(described["components"]["schemas"])
    for name in ("Question", "WholeQuestion", "Answer", "Offer", "Pilot", "Topic", "Refusal", "NewQuestion"):
        assert described["components"]["schemas"][name]["properties"]


async def test_what_is_served_has_the_members_that_are_described(pilot, noor, sam):
    question = pilot.ask(noor)
    pilot.answer(sam, question)
    pilot.offer(sam)
    async with pilot.program() as program:
        schemas = (await program.get("/openapi.json")).json()["components"]["schemas"]
        found = (await program.get(f"/questions/{question.id}")).json()
        assert set(found) == set(schemas["WholeQuestion"]["properties"])
        assert set(found["answers"][0]) == set(schemas["Answer"]["properties"])
        for path, name in (
            ("/questions", "Question"),
            ("/offers", "Offer"),
            ("/pilots", "Pilot"),
            ("/topics", "Topic"),
        ):
            assert set((await program.get(path)).json()[0]) == set(schemas[name]["properties"])


def test_every_route_stands_in_the_documentation():
    written = (Path(api.__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    for operation in api.OPERATIONS:
        assert f"`{operation.method} {operation.path}" in written, operation.path


async def test_a_page_of_another_site_may_use_the_api_without_cookies(pilot, noor):
    foreign = {"Origin": "https://elders.example"}
    async with pilot.program(pilot.token(noor)) as program:
        asks = {
            **foreign,
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization",
        }
        allowed = await program.options("/questions", headers=asks)
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == "*"
        assert "PUT" in allowed.headers["access-control-allow-methods"]
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        made = await program.post("/questions", json={"title": "Van een andere site"}, headers=foreign)
        refused = await program.get(f"/questions/{'0' * 26}", headers=foreign)
    for answer, status in ((allowed, 204), (made, 201), (refused, 404)):
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "Link" in answer.headers["access-control-expose-headers"]


async def test_refusals_are_said_in_the_language_of_the_pilot(pilot):
    async with pilot.program() as program:
        answer = await program.get(f"/questions/{'0' * 26}")
    assert set(answer.json()) == {"error", "code"}
    assert answer.json()["code"] == "unknown"


async def test_a_moderator_sees_no_more_here_than_on_the_pages(pilot, noor):
    question = pilot.ask(noor, scope=Scope.NEIGHBOURHOOD)
    steward = pilot.member("bo", Role.STEWARD)
    async with pilot.program(pilot.token(steward)) as program:
        assert (await program.get(f"/questions/{question.id}")).status_code == 200
        assert (await program.delete(f"/questions/{question.id}")).status_code == 404
