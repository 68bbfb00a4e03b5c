"""Lists of one's own are read to their end, page by page, however long: people, servers and topics."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import good, links

MANY = 7


async def walked(app, path, rel, start=""):
    """All that stands there, newest first, as an app that follows the Link headers meets it."""
    met, path = [], f"{path}?limit=3{start}"
    while path:
        answered = await app.call("GET", path)
        page = [each if isinstance(each, str) else each["id"] for each in good(answered)]
        met = met + page if rel == "next" else page + met
        path = links(answered).get(rel, "") if page else ""
    return met


@pytest.fixture
async def many(pilot, noor):
    """Noor follows, keeps away and reads so many."""
    made = {"following": [], "mutes": [], "blocks": [], "domain_blocks": [], "followed_tags": []}
    for number in range(MANY):
        pilot.world.clock.tick(seconds=1)
        for verb, name in (("follow", "following"), ("mute", "mutes"), ("block", "blocks")):
            person = pilot.member(f"{verb}{number}").actor_id
            await noor.post(f"v1/accounts/{person}/{verb}")
            made[name].insert(0, person)
        await noor.post("v1/domain_blocks", {"domain": f"server{number}.example"})
        made["domain_blocks"].insert(0, f"server{number}.example")
        await noor.post(f"v1/tags/t{number}/follow")
        made["followed_tags"].insert(0, f"t{number}")
    return made


async def test_every_list_of_ones_own_is_paged_in_both_directions(noor, sam, many):
    """Nothing twice, nothing left out; only one's own."""
    for name, wanted in many.items():
        path = f"v1/accounts/{noor.account_id}/following" if name == "following" else f"v1/{name}"
        assert await walked(noor, path, "next") == wanted, name
        assert await walked(noor, path, "prev", "&min_id=0") == wanted, name
        assert await sam.get(path) == [], name
