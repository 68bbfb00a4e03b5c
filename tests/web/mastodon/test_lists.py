"""Lists of people: what stands in them and what not, and that they are nobody else's."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import MISSING, App, good, ids, links
from vraagbaak.model import Scope


@pytest.fixture
async def listed(noor, sam):
    """A list of noor's with sam in it."""
    await noor.post(f"v1/accounts/{sam.account_id}/follow")
    made = await noor.post("v1/lists", {"title": "Buren"})
    await noor.post(f"v1/lists/{made['id']}/accounts", {"account_ids[]": sam.account_id})
    return made["id"]


async def test_a_list_is_made_changed_filled_and_deleted(noor, sam, listed):
    """As apps do it, in forms and JSON, with the account ids in the body or in the address."""
    path = f"v1/lists/{listed}"
    entity = {"id": listed, "title": "Buren", "replies_policy": "list", "exclusive": False}
    assert await noor.get("v1/lists") == [entity]
    assert await noor.get(path) == entity
    assert ids(await noor.get(f"{path}/accounts")) == [sam.account_id]
    assert await noor.get(f"v1/accounts/{sam.account_id}/lists") == [entity]
    changed = good(await noor.call("PUT", path, json={"title": "De straat", "exclusive": True}))
    assert changed == entity | {"title": "De straat", "exclusive": True}
    gone = await noor.call("DELETE", f"{path}/accounts?account_ids[]={sam.account_id}")
    assert good(gone) == {}
    assert await noor.get(f"{path}/accounts?limit=0") == []
    assert await noor.get(f"v1/accounts/{sam.account_id}/lists") == []
    assert good(await noor.call("DELETE", path)) == {}
    assert (await noor.call("GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "x" * 300}, "title"),
        ({"title": "x", "replies_policy": "all"}, "replies_policy"),
        ({"title": "x", "exclusive": "maybe"}, "exclusive"),
        ({"title": {"a": 1}}, "title"),
    ],
)
async def test_a_list_that_cannot_be_is_refused(noor, given, field):
    """422, with the field at fault."""
    found = await noor.call("POST", "v1/lists", json=given)
    assert (found.status_code, found.json()["field"]) == (422, field)


async def test_g23_another_s_list_is_404_like_none(noor, sam, listed):
    """Nobody learns that a list is there, whatever they try."""
    for method, rest in (
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/accounts"),
        ("POST", "/accounts"),
        ("DELETE", "/accounts"),
    ):
        tries = [
            await sam.call(method, f"v1/lists/{key}{rest}", json=None if method == "GET" else {"title": "x"})
            for key in (listed, MISSING)
        ]
        assert [each.status_code for each in tries] == [404, 404]
        assert tries[0].content == tries[1].content
    tries = [await sam.call("GET", f"v1/timelines/list/{key}") for key in (listed, MISSING)]
    assert tries[0].status_code == 404
    assert tries[0].content == tries[1].content
    assert await sam.get("v1/lists") == []
    assert ids(await noor.get(f"v1/lists/{listed}/accounts")) == [sam.account_id]


async def test_who_is_not_followed_cannot_be_put_in(noor, sam, moderator, listed):
    """404 as Mastodon gives it, 422 for who is in it already; and unfollowing takes out."""
    path = f"v1/lists/{listed}/accounts"
    for given, status in ((moderator.account_id, 404), (MISSING, 404), ("x", 404), (sam.account_id, 422)):
        assert (await noor.call("POST", path, data={"account_ids[]": given})).status_code == status
    await noor.post(f"v1/accounts/{sam.account_id}/unfollow")
    assert await noor.get(path) == []


async def test_the_replies_in_a_list_are_those_that_its_owner_wants(pilot, noor, sam, moderator, listed):
    """`list`: to who is in it; `followed`: in one's own neighbourhood too; `none`; always those to oneself."""
    theirs = pilot.ask(sam.member, "Van sam", Scope.PUBLIC)
    mine = pilot.ask(noor.member, "Van noor", Scope.PUBLIC)
    other = pilot.ask(moderator.member, "Van iris", Scope.PUBLIC)
    to_me = pilot.answer(sam.member, mine)
    to_other = pilot.answer(sam.member, other)
    to_self = pilot.answer(sam.member, theirs)
    pilot.answer(moderator.member, theirs)
    above = pilot.answer(moderator.member, theirs, "Zo")
    comment = pilot.answer(sam.member, theirs, "Dank", parent_id=above.id)

    async def shown(policy):
        good(await noor.call("PUT", f"v1/lists/{listed}", data={"replies_policy": policy}))
        return ids(await noor.get(f"v1/timelines/list/{listed}"))

    always = [to_self.id, to_me.id, theirs.id]
    assert await shown("none") == always
    # A comment on what somebody outside the list said is under a question of somebody inside: a reply to the former.
    assert await shown("list") == always
    assert await shown("followed") == [comment.id, to_self.id, to_other.id, to_me.id, theirs.id]


async def test_an_exclusive_list_is_left_out_at_home(pilot, noor, sam, moderator, listed):
    """What stands in it stands there alone; what others say stays at home."""
    theirs, other = pilot.ask(sam.member, "Van sam"), pilot.ask(moderator.member, "Van iris")
    assert ids(await noor.get("v1/timelines/home")) == [other.id, theirs.id]
    good(await noor.call("PUT", f"v1/lists/{listed}", data={"exclusive": "true"}))
    assert ids(await noor.get("v1/timelines/home")) == [other.id]
    assert ids(await noor.get(f"v1/timelines/list/{listed}")) == [theirs.id]
    assert ids(await sam.get("v1/timelines/home")) == [other.id, theirs.id]
    good(await noor.call("DELETE", f"v1/lists/{listed}"))
    assert ids(await noor.get("v1/timelines/home")) == [other.id, theirs.id]


async def test_g06_a_list_shows_nothing_that_its_owner_may_not_see(world, pilot):
    """A neighbourhood in a list brings what it asked that reached here, by its scope; muting works here too."""
    other = world.pilot("Nieuwland")
    pilot.trust(other)
    other.trust(pilot)
    await world.settle()
    noor = App(pilot, pilot.member("noor"))
    group = (await noor.get("v1/accounts/lookup?acct=nieuwland@nieuwland.example"))["id"]
    await noor.post(f"v1/accounts/{group}/follow")
    await world.settle()
    made = (await noor.post("v1/lists", {"title": "Ginds"}))["id"]
    await noor.post(f"v1/lists/{made}/accounts", {"account_ids[]": group})
    asker = other.member("henk")
    near = other.ask(asker, "Voor de pilots", Scope.PILOTS)
    other.ask(asker, "Alleen daar", Scope.NEIGHBOURHOOD)
    await world.settle()
    shown = await noor.get(f"v1/timelines/list/{made}")
    assert [each["uri"] for each in shown] == [near.uri]
    await noor.post(f"v1/accounts/{shown[0]['account']['id']}/mute")
    assert await noor.get(f"v1/timelines/list/{made}") == []


async def test_the_people_of_a_list_come_in_pages(pilot, noor):
    """Latest first, with addresses of the pages around; a limit of 0 gives everybody at once."""
    made = (await noor.post("v1/lists", {"title": "Allen"}))["id"]
    wanted = []
    for number in range(5):
        member = pilot.member(f"buur{number}")
        await noor.post(f"v1/accounts/{member.actor_id}/follow")
        await noor.post(f"v1/lists/{made}/accounts", {"account_ids[]": member.actor_id})
        wanted.insert(0, member.actor_id)
        pilot.world.clock.tick(seconds=1)
    met, path = [], f"v1/lists/{made}/accounts?limit=2"
    while path:
        answered = await noor.call("GET", path)
        found = ids(good(answered))
        met += found
        path = links(answered).get("next", "") if found else ""
    assert met == wanted
    everybody = await noor.call("GET", f"v1/lists/{made}/accounts?limit=0")
    assert ids(good(everybody)) == wanted
