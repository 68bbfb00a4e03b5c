"""What others pass on stands at home: once, by the rules of the thing, paged with everything else by one key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.mastodon.apps import App, good, ids, links
from vraagbaak import moderation
from vraagbaak.model import Actor, Boost, Question, Scope


@pytest.fixture
async def follows(noor, sam):
    await noor.post(f"v1/accounts/{sam.account_id}/follow")


async def passes_on(app: App, key: str) -> str:
    app.pilot.world.clock.tick(seconds=1)
    return (await app.post(f"v1/statuses/{key}/reblog"))["id"]


async def test_what_is_passed_on_stands_at_home_of_who_follows(pilot, noor, sam, moderator, follows):
    """With the thing in `reblog`, under the id of the deed; nobody else meets it but who did it."""
    question = pilot.ask(moderator.member, "Wie weet raad?", Scope.PUBLIC)
    boost = await passes_on(sam, question.id)
    for app in (noor, sam):
        first, second = await app.get("v1/timelines/home")
        assert (first["id"], first["reblog"]["id"], second["id"]) == (boost, question.id, question.id)
        assert first["account"]["id"] == sam.account_id
        assert first["reblog"] == await app.get(f"v1/statuses/{question.id}")
    assert ids(await moderator.get("v1/timelines/home")) == [question.id]
    await sam.post(f"v1/statuses/{question.id}/unreblog")
    assert ids(await noor.get("v1/timelines/home")) == [question.id]


async def test_once_however_many_pass_it_on(pilot, noor, sam, moderator, follows):
    """The first of them; when that is taken back, the next."""
    await noor.post(f"v1/accounts/{moderator.account_id}/follow")
    question = pilot.ask(noor.member, "Wie weet raad?", Scope.PUBLIC)
    first, second = await passes_on(sam, question.id), await passes_on(moderator, question.id)
    assert ids(await noor.get("v1/timelines/home")) == [first, question.id]
    await sam.post(f"v1/statuses/{question.id}/unreblog")
    assert ids(await noor.get("v1/timelines/home")) == [second, question.id]


async def test_the_first_who_is_kept_away_takes_nothing_away(pilot, noor, sam, moderator, follows):
    """Muted, blocked or gone: what somebody else passed on later stands there then."""
    await noor.post(f"v1/accounts/{moderator.account_id}/follow")
    made = await noor.post("v1/lists", {"title": "Buren"})
    for app in (sam, moderator):
        await noor.post(f"v1/lists/{made['id']}/accounts", {"account_ids[]": app.account_id})
    question = pilot.ask(pilot.member("ada"), "Wie weet raad?", Scope.PUBLIC)
    first, second = await passes_on(sam, question.id), await passes_on(moderator, question.id)
    lists = ("v1/timelines/home", f"v1/timelines/list/{made['id']}")

    async def tops():
        return [ids(await noor.get(path))[0] for path in lists]

    assert await tops() == [first, first]
    await noor.post(f"v1/accounts/{sam.account_id}/mute")
    assert await tops() == [second, second]
    await noor.post(f"v1/accounts/{sam.account_id}/unmute")
    assert await tops() == [first, first]

    def leave(tx):
        tx.save(replace(tx.get(Actor, sam.account_id), suspended=True))

    pilot.store.run_now(leave)
    assert await tops() == [second, second]


async def test_pages_go_by_one_key(pilot, noor, sam, follows):
    """Things and boosts of them mixed: nothing twice, nothing left out, newest first, in both directions."""
    wanted = []
    for number in range(6):
        pilot.world.clock.tick(seconds=1)
        question = pilot.ask(noor.member, f"Vraag {number}?", Scope.PUBLIC)
        wanted.insert(0, question.id)
        if number % 2:
            wanted.insert(0, await passes_on(sam, question.id))
    for limit in (1, 2, 4):
        for rel, start in (("next", ""), ("prev", "&min_id=0")):
            met, path = [], f"v1/timelines/home?limit={limit}{start}"
            while path:
                answered = await noor.call("GET", path)
                page = ids(good(answered))
                met = met + page if rel == "next" else page + met
                path = links(answered).get(rel, "") if page else ""
            assert met == wanted, (limit, rel)


async def test_g06_a_boost_shows_nothing_that_the_reader_may_not_see(pilot, noor, sam, moderator, follows):
    """Hidden, withdrawn, or by somebody who is kept away, on either end: it is not there."""
    hidden, gone, left = (pilot.ask(moderator.member, f"Vraag {n}?", Scope.PUBLIC) for n in range(3))
    for each in (hidden, gone, left):
        await passes_on(sam, each.id)

    def hide(tx):
        moderation.hide(tx, moderator.member, Question, hidden.id)

    pilot.store.run_now(hide)
    good(await moderator.call("DELETE", f"v1/statuses/{gone.id}"))
    shown = [each["reblog"] and each["reblog"]["id"] for each in await noor.get("v1/timelines/home")]
    assert shown == [left.id, None]
    for away in (moderator, sam):
        await noor.post(f"v1/accounts/{away.account_id}/mute")
        assert all(each["reblog"] is None for each in await noor.get("v1/timelines/home"))
        await noor.post(f"v1/accounts/{away.account_id}/unmute")
    assert len(pilot.all(Boost, actor_id=sam.account_id)) == 2


async def test_lists_hold_what_their_people_pass_on(pilot, noor, sam, moderator, follows):
    """And home does not, where the list is read apart."""
    question = pilot.ask(moderator.member, "Wie weet raad?", Scope.PUBLIC)
    boost = await passes_on(sam, question.id)
    made = (await noor.post("v1/lists", {"title": "Buren"}))["id"]
    assert await noor.get(f"v1/timelines/list/{made}") == []
    await noor.post(f"v1/lists/{made}/accounts", {"account_ids[]": sam.account_id})
    assert ids(await noor.get(f"v1/timelines/list/{made}")) == [boost]
    good(await noor.call("PUT", f"v1/lists/{made}", data={"exclusive": "true"}))
    assert ids(await noor.get("v1/timelines/home")) == [question.id]


async def test_filters_find_what_is_passed_on(pilot, noor, sam, follows):
    """On the outside and on the inside, as clients look at either."""
    question = pilot.ask(noor.member, "Na een val?", Scope.PUBLIC)
    await passes_on(sam, question.id)
    keywords = [{"keyword": "val"}]
    await noor.post("v2/filters", json={"title": "x", "context": ["home"], "keywords_attributes": keywords})
    first, _ = await noor.get("v1/timelines/home")
    assert [each["keyword_matches"] for each in first["filtered"]] == [["val"]]
    assert first["reblog"]["filtered"] == first["filtered"]
