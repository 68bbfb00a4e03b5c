"""Apps of the Mastodon API on two pilots: finding, following, liking and passing on across the wire."""

from __future__ import annotations

import json

import pytest

from tests.journeys.strangers import Elsewhere
from tests.web.mastodon.apps import MISSING, App, ids
from vraagbaak import moderation, pilots, questions
from vraagbaak.model import Actor, Answer, Like, Question, Role, Scope


@pytest.fixture
async def two(world):
    west, oost = world.pilots("West", "Oost")
    await world.settle()
    return west, oost


def sent(world, pilot, kind: str) -> list[dict]:
    """The activities of a kind that went to a pilot."""
    bodies = [json.loads(each.body) for each in world.sent_to(pilot) if each.method == "POST" and each.body]
    return [body for body in bodies if body.get("type") == kind]


async def test_a_neighbourhood_elsewhere_is_found_followed_and_read_at_home(world, two):
    """`@oost@oost.example` resolves, following it is asked and agreed, and its questions come home."""
    west, oost = two
    noor, lena = App(west, west.member("noor")), App(oost, oost.member("lena"))
    await world.settle()
    assert await noor.get("v1/accounts/search?q=@lena@oost.example") == []
    (other,) = await noor.get("v1/accounts/search?q=@lena@oost.example&resolve=true")
    assert other["acct"] == "lena@oost.example"
    assert await noor.get("v1/accounts/search?q=@nobody@oost.example&resolve=true") == []
    (found,) = (await noor.get("v2/search?q=@oost@oost.example&resolve=true"))["accounts"]
    assert (found["acct"], found["group"]) == ("oost@oost.example", True)
    relation = await noor.post(f"v1/accounts/{found['id']}/follow")
    assert relation["requested"] or relation["following"]
    await world.settle()
    (relation,) = await noor.get(f"v1/accounts/relationships?id[]={found['id']}")
    assert (relation["following"], relation["domain_blocking"]) == (True, False)
    await noor.post("v1/domain_blocks", {"domain": "oost.example"})
    query = f"id[]={found['id']}&id[]={noor.account_id}"
    away = [each["domain_blocking"] for each in await noor.get(f"v1/accounts/relationships?{query}")]
    assert away == [True, False]
    await noor.call("DELETE", "v1/domain_blocks", data={"domain": "oost.example"})
    asked = await lena.status("Wie weet een kapper?", visibility="public")
    await world.settle()
    home = await noor.get("v1/timelines/home")
    (here,) = [each for each in home if each["uri"] == asked["uri"]]
    assert here["account"]["acct"] == "lena@oost.example"
    assert await noor.get("v1/timelines/public?remote=true")
    answer = await noor.status("Die op de markt. #ondernemer", in_reply_to_id=here["id"])
    await world.settle()
    found = await lena.get(f"v1/statuses/{asked['id']}/context")
    (there,) = found["descendants"]
    assert (there["uri"], there["vraagbaak"]["perspective"]) == (answer["uri"], "entrepreneur")
    assert [each["type"] for each in await lena.get("v1/notifications")] == ["mention"]
    await lena.post(f"v1/statuses/{there['id']}/favourite")
    await world.settle()
    assert (await noor.get(f"v1/statuses/{answer['id']}"))["vraagbaak"]["helped"] == "helped"
    assert [each["type"] for each in await noor.get("v1/notifications")] == ["favourite"]


async def test_an_address_elsewhere_is_looked_up_for_members_only(world, two):
    """A question by its address and somebody by their handle; nobody without a token makes us look."""
    west, oost = two
    noor = App(west, west.member("noor"))
    lena = oost.member("lena")
    question = oost.ask(lena, "Wie weet een kapper?", Scope.PUBLIC)
    west.trust(oost)
    before = len(world.network.sent)
    for query in (question.uri, "@lena@oost.example"):
        found = await App(west).get("v2/search", params={"q": query, "resolve": "true"})
        assert found["accounts"] == found["statuses"] == []
    assert len(world.network.sent) == before
    (found,) = (await noor.get("v2/search", params={"q": question.uri, "resolve": "true"}))["statuses"]
    assert found["uri"] == question.uri
    (found,) = (await noor.get("v2/search?q=lena@oost.example&resolve=true"))["accounts"]
    assert found["acct"] == "lena@oost.example"


@pytest.mark.parametrize("scope", [Scope.PUBLIC, Scope.PILOTS])
async def test_a_question_elsewhere_is_found_by_the_address_of_its_page(world, two, scope):
    """The address that people copy; one that ends in an answer gives the answer, once that is known here."""
    west, oost = two
    noor, lena = App(west, west.member("noor")), App(oost, oost.member("lena"))
    question = oost.ask(lena.member, "Wie weet een kapper?", scope)
    answer = await lena.status("Op de hoek", in_reply_to_id=question.id)
    west.trust(oost)
    oost.trust(west)
    for url in (question.url, answer["url"]):
        (found,) = (await noor.get("v2/search", params={"q": url, "resolve": "true"}))["statuses"]
        assert (found["uri"], found["url"]) == (question.uri, question.url)
    assert west.all(Answer) == []
    if scope is Scope.PUBLIC:
        await noor.get("v2/search", params={"q": answer["uri"], "resolve": "true"})
        (found,) = (await noor.get("v2/search", params={"q": answer["url"], "resolve": "true"}))["statuses"]
        assert (found["uri"], found["content"]) == (answer["uri"], answer["content"])


async def test_the_page_of_a_question_shows_servers_the_way_and_tells_them_nothing(two):
    """On to the document, the same for what is not there; a page for browsers; 404 for who may not see it."""
    oost = two[1]
    lena = oost.member("lena")
    public, narrow = (oost.ask(lena, f"Wie weet {each}?", each) for each in (Scope.PUBLIC, Scope.PILOTS))
    wanted = {"Accept": "application/activity+json"}
    async with oost.client() as client:
        for key in (public.id, narrow.id, MISSING):
            given = await client.get(f"/v/{key}", headers=wanted)
            assert (given.status_code, given.headers["Location"]) == (302, f"/q/{key}")
            assert "Accept" in given.headers["Vary"]
        page = await client.get(f"/v/{public.id}", headers={"Accept": "text/html"})
        assert page.headers["Content-Type"].startswith("text/html")
        for key in (narrow.id, MISSING):
            assert (await client.get(f"/q/{key}", headers=wanted)).status_code == 404
            assert (await client.get(f"/v/{key}")).status_code == 404
        assert (
            (await client.get(f"/v/{public.id}.atom")).headers["Content-Type"].startswith("application/atom")
        )


@pytest.mark.parametrize("scope", [Scope.PUBLIC, Scope.PILOTS])
async def test_a_like_travels_to_the_writer_elsewhere_only_for_what_is_public(world, two, scope):
    """Like and Undo reach the server of who wrote it; of anything narrower nothing is told."""
    west, oost = two
    noor = App(west, west.member("noor"))
    question = oost.ask(oost.member("lena"), "Wie weet een kapper?", scope)
    await world.settle()
    here = west.own(type(question), question)
    await noor.post(f"v1/statuses/{here.id}/favourite")
    await world.settle()
    likes = sent(world, oost, "Like")
    if scope is not Scope.PUBLIC:
        assert likes == []
        assert oost.all(Like, object_uri=question.uri) == []
        return
    (like,) = likes
    assert (like["actor"], like["object"]) == (f"{west.base}/u/noor", question.uri)
    assert len(oost.all(Like, object_uri=question.uri)) == 1
    lena = App(oost, oost.member_called("lena"))
    assert [each["type"] for each in await lena.get("v1/notifications")] == ["favourite"]
    await noor.post(f"v1/statuses/{here.id}/unfavourite")
    await world.settle()
    assert sent(world, oost, "Undo")[-1]["object"]["id"] == like["id"]
    assert oost.all(Like, object_uri=question.uri) == []
    assert await lena.get("v1/notifications") == []


async def test_a_boost_goes_to_followers_and_the_writer_and_is_taken_back(world, two):
    """Announce names the thing, never holds it; it goes to who follows, and Undo takes it back."""
    west, oost = two
    noor, lena = App(west, west.member("noor")), App(oost, oost.member("lena"))
    question = await noor.status("Wie weet een kapper?", visibility="public")
    await world.settle()
    (account,) = (await lena.get("v2/search?q=noor@west.example&resolve=true"))["accounts"]
    await lena.post(f"v1/accounts/{account['id']}/follow")
    await world.settle()
    assert ids(await noor.get("v1/notifications?types[]=follow"))
    await noor.post(f"v1/statuses/{question['id']}/reblog")
    await world.settle()
    boosts = [each for each in sent(world, oost, "Announce") if each["actor"] == f"{west.base}/u/noor"]
    (boost,) = boosts
    assert boost["object"] == question["uri"]
    await noor.post(f"v1/statuses/{question['id']}/unreblog")
    await world.settle()
    undone = [each for each in sent(world, oost, "Undo") if each["actor"] == f"{west.base}/u/noor"]
    assert undone[-1]["object"]["id"] == boost["id"]


async def test_what_several_people_asked_elsewhere_is_not_put_together(world, two):
    """The shared neighbour of another pilot is known as such: an app lists nothing under its account."""
    west, oost = two
    persona = oost.store.read_now(pilots.persona)
    for title in ("Wie weet een kapper?", "Wie weet een notaris?"):
        oost.store.run_now(questions.ask, persona, questions.Draft(title=title, scope=Scope.PILOTS))
    mo = oost.member("mo", Role.MODERATOR)
    for held in oost.all(Question):
        oost.store.run_now(moderation.release, mo, Question, held.id)
    await world.settle()
    world.clock.tick(minutes=16)  # as long as a question without a name waits
    await world.settle()
    noor = App(west, west.member("noor"))
    (account,) = {each["account"]["id"] for each in await noor.get("v1/timelines/public")}
    assert len(west.all(Question)) == 2
    assert await noor.get(f"v1/accounts/{account}/statuses") == []
    (known,) = [actor for actor in west.all(Actor) if actor.id == account]
    assert known.shared
    assert not known.local


async def test_g08_who_is_tagged_but_not_spoken_to_is_told_nothing(world, two):
    """An answer from elsewhere that links to somebody's name is news for who asked, and for nobody else."""
    west, _ = two
    noor, sam, iris = (
        App(west, west.member(name, *role)) for name, *role in (("noor",), ("sam",), ("iris", Role.MODERATOR))
    )
    friend = Elsewhere(world, "elders.example").person("friend")
    asked = await noor.status("Wie loopt er mee?", visibility="public")
    link = f"{west.base}/u/sam"
    said = friend.own(
        inReplyTo=asked["uri"],
        content=f'<p><a href="{link}" class="mention">@sam</a> gaat wel.</p>',
        tag=[{"type": "Mention", "href": link, "name": "@sam@west.example"}],
    )
    assert (await friend.send(west, friend.activity("Create", said))).status_code == 202
    await world.settle()
    (answer,) = west.all(Answer)
    west.store.run_now(moderation.release, iris.member, Answer, answer.id)
    await world.settle()
    (told,) = await noor.get("v1/notifications")
    assert (told["type"], told["status"]["id"]) == ("mention", answer.id)
    assert await sam.get("v1/notifications") == []
