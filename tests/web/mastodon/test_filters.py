"""Filters in both versions, and what they say beside every status that an app reads."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import MISSING, good, ids
from vraagbaak.model import Filter, Scope

V1, V2 = "v1/filters", "v2/filters"


@pytest.fixture
async def own(noor):
    return await noor.post(
        V2,
        json={
            "title": "Vallen",
            "context": ["home", "thread"],
            "filter_action": "blur",
            "keywords_attributes": [{"keyword": "val"}, {"keyword": "heup", "whole_word": False}],
        },
    )


def said(status):
    return [(each["keyword_matches"], each["status_matches"]) for each in status["filtered"]]


async def test_a_filter_is_made_changed_and_deleted(noor, own):
    """As an entity of version 2, with its phrases and statuses; each of those has an address of its own."""
    path = f"{V2}/{own['id']}"
    val, heup = own["keywords"]
    assert own == {
        "id": own["id"],
        "title": "Vallen",
        "context": ["home", "thread"],
        "expires_at": None,
        "filter_action": "blur",
        "keywords": [
            {"id": val["id"], "keyword": "val", "whole_word": True},
            {"id": heup["id"], "keyword": "heup", "whole_word": False},
        ],
        "statuses": [],
    }
    assert await noor.get(V2) == [own]
    assert await noor.get(path) == own
    form = {
        "expires_in": "60",
        "keywords_attributes[0][id]": val["id"],
        "keywords_attributes[0][_destroy]": "true",
        "keywords_attributes[1][keyword]": "knie",
    }
    changed = good(await noor.call("PUT", path, data=form))
    assert [each["keyword"] for each in changed["keywords"]] == ["heup", "knie"]
    assert changed["expires_at"].endswith("Z")
    assert good(await noor.call("PUT", path, json={"expires_in": None}))["expires_at"] is None
    assert good(await noor.call("PUT", path, data={"expires_in": ""}))["expires_at"] is None
    made = await noor.post(f"{path}/keywords", {"keyword": "rug", "whole_word": "false"})
    assert made == {"id": made["id"], "keyword": "rug", "whole_word": False}
    one = f"{V2}/keywords/{made['id']}"
    assert await noor.get(one) == made
    assert good(await noor.call("PUT", one, json={"whole_word": True})) == made | {"whole_word": True}
    assert good(await noor.call("DELETE", one)) == {}
    assert len(await noor.get(f"{path}/keywords")) == 2
    assert good(await noor.call("DELETE", path)) == {}
    assert await noor.get(V2) == []


async def test_the_old_way_each_phrase_is_a_filter(noor, own):
    """Version 1 shows and makes phrases; what several have in common it cannot change (as Mastodon 4.5)."""
    made = await noor.post(V1, {"phrase": "knie", "context[]": "public", "irreversible": "true"})
    assert made == {
        "id": made["id"],
        "phrase": "knie",
        "context": ["public"],
        "whole_word": True,
        "expires_at": None,
        "irreversible": True,
    }
    assert [each["phrase"] for each in await noor.get(V1)] == ["val", "heup", "knie"]
    assert (await noor.get(V2))[1]["filter_action"] == "hide"
    path = f"{V1}/{made['id']}"
    changed = good(await noor.call("PUT", path, json={"phrase": "enkel", "context": ["home"]}))
    assert changed == made | {"phrase": "enkel", "context": ["home"]}
    assert await noor.get(path) == changed
    several = f"{V1}/{own['keywords'][0]['id']}"
    assert (await noor.call("PUT", several, json={"context": ["public"]})).status_code == 422
    assert good(await noor.call("PUT", several, json={"phrase": "gevallen"}))["phrase"] == "gevallen"
    assert good(await noor.call("DELETE", path)) == {}
    assert good(await noor.call("DELETE", several)) == {}
    assert [each["phrase"] for each in await noor.get(V1)] == ["heup"]
    assert [each["id"] for each in await noor.get(V2)] == [own["id"]]


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        (V2, {}, "title"),
        (V2, {"title": "x"}, "context"),
        (V2, {"title": "x", "context": []}, "context"),
        (V2, {"title": "x", "context": ["everywhere"]}, "context"),
        (V2, {"title": "x", "context": ["home"], "filter_action": "burn"}, "filter_action"),
        (V2, {"title": "x", "context": ["home"], "expires_in": -1}, "expires_in"),
        (V2, {"title": "x", "context": ["home"], "expires_in": 10**30}, "expires_in"),
        (V2, {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": ""}]}, "keyword"),
        (V2, {"title": "x", "context": ["home"], "keywords_attributes": "x"}, "keywords_attributes"),
        (V1, {"context": ["home"]}, "title"),
        (V1, {"phrase": "x"}, "context"),
        (V1, {"phrase": "x" * 600, "context": ["home"]}, "keyword"),
    ],
)
async def test_a_filter_that_cannot_be_is_refused(pilot, noor, path, given, field):
    """422, with the field at fault, and nothing is kept."""
    found = await noor.call("POST", path, json=given)
    assert (found.status_code, found.json()["field"]) == (422, field)
    assert pilot.all(Filter, member_id=noor.member.id) == []


async def test_g23_another_s_filter_is_404_like_none(noor, sam, own):
    """Whatever of it is asked."""
    keyword = own["keywords"][0]["id"]
    for method, path, key in (
        ("GET", V2, own["id"]),
        ("PUT", V2, own["id"]),
        ("DELETE", V2, own["id"]),
        ("GET", f"{V2}/keywords", keyword),
        ("PUT", f"{V2}/keywords", keyword),
        ("DELETE", f"{V2}/keywords", keyword),
        ("GET", V1, keyword),
        ("PUT", V1, keyword),
        ("DELETE", V1, keyword),
    ):
        tries = [await sam.call(method, f"{path}/{each}") for each in (key, MISSING)]
        assert [each.status_code for each in tries] == [404, 404]
        assert tries[0].content == tries[1].content
    assert await noor.get(V2) == [own]


async def test_what_falls_under_a_filter_says_so_everywhere_and_to_its_owner_alone(pilot, noor, sam, own):
    """In timelines, threads, profiles, notifications (both kinds), searches and alone; the text stays as it is."""
    question = pilot.ask(noor.member, "Na een val?", Scope.PUBLIC)
    answer = pilot.answer(sam.member, question, "Mijn heupoperatie.")
    plain = pilot.ask(sam.member, "Iets anders?", Scope.PUBLIC)
    wanted = {question.id: [(["val"], None)], answer.id: [(["heup"], None)], plain.id: []}
    read = [
        *await noor.get("v1/timelines/home"),
        *await noor.get("v1/timelines/public"),
        *(await noor.get(f"v1/statuses/{question.id}/context"))["descendants"],
        *await noor.get(f"v1/accounts/{sam.account_id}/statuses"),
        *[each["status"] for each in await noor.get("v1/notifications")],
        *(await noor.get("v2/notifications"))["statuses"],
        *(await noor.get("v2/search?q=val&type=statuses"))["statuses"],
        await noor.get(f"v1/statuses/{answer.id}"),
    ]
    assert len(read) > 8
    for status in read:
        assert said(status) == wanted[status["id"]]
    head = {name: own[name] for name in ("id", "title", "context", "expires_at", "filter_action")}
    assert read[-1]["filtered"][0]["filter"] == head
    assert all(each["filtered"] == [] for each in await sam.get("v1/timelines/home"))


async def test_a_status_can_be_named_by_a_filter(pilot, noor, sam, own):
    """By its id, when one may see it; once; and taken out again."""
    question = pilot.ask(sam.member, "Iets anders?", Scope.PUBLIC)
    path = f"{V2}/{own['id']}/statuses"
    made = await noor.post(path, {"status_id": question.id})
    assert made == {"id": made["id"], "status_id": question.id}
    assert await noor.get(path) == [made]
    assert said(await noor.get(f"v1/statuses/{question.id}")) == [(None, [question.id])]
    assert (await noor.call("POST", path, data={"status_id": question.id})).status_code == 422
    for wrong in (MISSING, "x", ""):
        assert (await noor.call("POST", path, data={"status_id": wrong})).status_code == 404
    assert await noor.get(f"{V2}/statuses/{made['id']}") == made
    assert good(await noor.call("DELETE", f"{V2}/statuses/{made['id']}")) == {}
    assert said(await noor.get(f"v1/statuses/{question.id}")) == []


async def test_a_filter_that_expired_says_nothing(world, pilot, noor, own):
    """It stays in the list, so that it can be given a new end."""
    question = pilot.ask(noor.member, "Na een val?", Scope.PUBLIC)
    good(await noor.call("PUT", f"{V2}/{own['id']}", data={"expires_in": 60}))
    assert said(await noor.get(f"v1/statuses/{question.id}")) != []
    world.clock.tick(seconds=60)
    assert said(await noor.get(f"v1/statuses/{question.id}")) == []
    assert ids(await noor.get(V2)) == [own["id"]]
