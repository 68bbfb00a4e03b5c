"""The id under which somebody passes something on: apps act on it as on what is passed on."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import App, good
from vraagbaak import questions
from vraagbaak.model import Actor, Boost, Scope


@pytest.fixture
def sam(pilot):
    return App(pilot, pilot.member("sam"))


@pytest.fixture
async def asked(noor):
    return await noor.status("Wie weet raad?", visibility="public")


@pytest.fixture
async def passed(sam, asked):
    return await sam.post(f"v1/statuses/{asked['id']}/reblog")


async def test_a_boost_is_read_by_its_id(noor, sam, asked, passed):
    """As it came back when it was made, with the question inside, and the thread of the question around it."""
    found = await noor.get(f"v1/statuses/{passed['id']}")
    assert (found["id"], found["reblog"]["id"]) == (passed["id"], asked["id"])
    assert found["account"]["id"] == sam.account_id
    answer = await noor.status("Ikzelf", in_reply_to_id=passed["id"])
    assert answer["in_reply_to_id"] == asked["id"]
    context = await sam.get(f"v1/statuses/{passed['id']}/context")
    assert [each["id"] for each in context["descendants"]] == [answer["id"]]
    (version,) = await sam.get(f"v1/statuses/{passed['id']}/history")
    assert "Wie weet raad?" in version["content"]


@pytest.mark.parametrize(("verb", "sign"), [("favourite", "favourited"), ("bookmark", "bookmarked")])
async def test_what_one_does_with_a_boost_is_done_with_what_it_passes_on(sam, asked, passed, verb, sign):
    """And can be undone in the same way."""
    done = await sam.post(f"v1/statuses/{passed['id']}/{verb}")
    assert (done["id"], done[sign]) == (asked["id"], True)
    assert (await sam.post(f"v1/statuses/{passed['id']}/un{verb}"))[sign] is False


@pytest.mark.parametrize(("method", "path"), [("POST", "/unreblog"), ("DELETE", "")])
async def test_a_boost_is_taken_back_by_its_id(pilot, noor, sam, asked, passed, method, path):
    """By who passes it on; the question stays."""
    good(await sam.call(method, f"v1/statuses/{passed['id']}{path}"))
    assert pilot.all(Boost) == []
    assert (await sam.call("GET", f"v1/statuses/{passed['id']}")).status_code == 404
    assert (await noor.get(f"v1/statuses/{asked['id']}"))["reblogged"] is False


async def test_deleting_what_another_passes_on_deletes_nothing(pilot, noor, asked, passed):
    """Not the boost, and not one's own question that is inside it."""
    assert (await noor.call("DELETE", f"v1/statuses/{passed['id']}")).status_code == 403
    assert len(pilot.all(Boost)) == 1
    assert (await noor.get(f"v1/statuses/{asked['id']}"))["id"] == asked["id"]


async def test_a_boost_is_for_who_may_see_what_it_passes_on(pilot, noor, sam, asked, passed):
    """Once the question is for fewer people, its boost is as if it never was for all others (404)."""
    actor = pilot.all(Actor, id=noor.account_id)[0]
    pilot.store.run_now(questions.narrow, actor, asked["id"], Scope.NEIGHBOURHOOD)
    stranger = App(pilot)
    for path in ("", "/context", "/history"):
        assert (await stranger.call("GET", f"v1/statuses/{passed['id']}{path}")).status_code == 404
        assert (await sam.call("GET", f"v1/statuses/{passed['id']}{path}")).status_code == 200
