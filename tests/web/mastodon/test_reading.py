"""Timelines and their pages, accounts, search, and what the server says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.mastodon.apps import App, good, ids, links
from vraagbaak.model import AccountNote, Scope


async def walk(app: App, path: str, rel: str) -> list[list[str]]:
    """The pages from here on in one direction."""
    pages = []
    while path:
        answered = await app.call("GET", path)
        found = good(answered)
        if not found:
            break
        pages.append(ids(found))
        path = links(answered).get(rel, "")
    return pages


@pytest.mark.parametrize(
    "path", ["v1/timelines/home", "v1/timelines/public", "v1/favourites", "v1/bookmarks"]
)
async def test_pages_fit_together_in_both_directions(noor, path):
    """`next` goes back in time and `prev` forward, each thing is met once, and every page is newest first."""
    made = []
    for number in range(7):
        status = await noor.status(f"Vraag {number}?", visibility="public")
        for verb in ("favourite", "bookmark"):
            await noor.post(f"v1/statuses/{status['id']}/{verb}")
        made.insert(0, status["id"])
    pages = await walk(noor, f"{path}?limit=3", "next")
    assert pages == [made[:3], made[3:6], made[6:]]
    pages = await walk(noor, f"{path}?limit=3&min_id={made[-1]}", "prev")
    assert pages == [made[3:6], made[:3]]
    assert ids(await noor.get(f"{path}?since_id={made[2]}&limit=1")) == made[:1]
    assert ids(await noor.get(f"{path}?max_id={made[2]}&min_id={made[5]}")) == made[3:5]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 9))
async def test_walking_a_timeline_meets_everything_once(world, pilot, noor, limit):
    """Whatever the length of a page: nothing is left out, nothing comes twice, also between kinds of things."""
    if not pilot.all(type(pilot.ask(noor.member)), author_id=noor.account_id)[8:]:
        for number in range(4):
            question = pilot.ask(noor.member, f"Vraag {number}", Scope.PUBLIC)
            pilot.answer(noor.member, question, f"Antwoord {number}")
            pilot.offer(noor.member, f"Aanbod {number}")
    wanted = ids(await noor.get("v1/timelines/home?limit=40"))
    for rel, start in (("next", ""), ("prev", "&min_id=0")):
        pages = await walk(noor, f"v1/timelines/home?limit={limit}{start}", rel)
        met = [key for page in pages for key in page]
        assert sorted(met) == sorted(wanted[: len(met)] if rel == "next" else wanted)
        assert len(met) == len(set(met)) == len(wanted)


async def test_timelines_hold_what_their_name_says(noor, sam, nobody):
    """Home: the neighbourhood; public: questions without replies; a tag: its topic in any case of letters."""
    question = await noor.status("Over #Zorg?", visibility="public")
    other = await noor.status("Over iets anders?", visibility="private")
    answer = await sam.status("Zo.", in_reply_to_id=question["id"])
    assert ids(await noor.get("v1/timelines/home")) == [answer["id"], other["id"], question["id"]]
    assert ids(await noor.get("v1/timelines/public")) == [other["id"], question["id"]]
    assert ids(await nobody.get("v1/timelines/public")) == [question["id"]]
    for tag in ("zorg", "ZORG", "%23zorg"):
        assert ids(await nobody.get(f"v1/timelines/tag/{tag}")) == [question["id"]]
    assert ids(await nobody.get(f"v1/accounts/{noor.account_id}/statuses")) == [question["id"]]
    replies = f"v1/accounts/{sam.account_id}/statuses"
    assert ids(await nobody.get(replies)) == [answer["id"]]
    assert await nobody.get(f"{replies}?exclude_replies=true") == []


async def test_g24_following_shows_in_the_relationship_and_nowhere_else(noor, sam, nobody):
    """One sees one's own follows; nobody sees or counts another's."""
    found = await noor.post(f"v1/accounts/{sam.account_id}/follow")
    assert (found["following"], found["followed_by"]) == (True, False)
    (found,) = await sam.get(f"v1/accounts/relationships?id[]={noor.account_id}")
    assert (found["following"], found["followed_by"]) == (False, True)
    assert ids(await noor.get(f"v1/accounts/{noor.account_id}/following")) == [sam.account_id]
    for app in (sam, nobody):
        assert await app.get(f"v1/accounts/{noor.account_id}/following") == []
        assert await app.get(f"v1/accounts/{sam.account_id}/followers") == []
        assert (await app.get(f"v1/accounts/{sam.account_id}"))["followers_count"] == 0
    assert (await noor.post(f"v1/accounts/{sam.account_id}/unfollow"))["following"] is False
    assert (await noor.call("POST", f"v1/accounts/{noor.account_id}/follow")).status_code == 422


async def test_search_finds_people_words_topics_and_addresses(noor, sam):
    """By the beginning of a name, by words, by topic, by handle and by the address of a page."""
    made = await noor.status("Wie kent een Fysiotherapeut?\n\nVoor de knie. #fysio", visibility="public")
    assert ids((await sam.get("v2/search?q=noo"))["accounts"]) == [noor.account_id]
    for query in ("fysiotherapeut knie", "fysio knieen", "de fysioterapeut", made["url"], made["uri"]):
        assert ids((await sam.get("v2/search", params={"q": query}))["statuses"]) == [made["id"]]
    for query in ("fysiotherapeut tandarts", "de het een", "%", "_"):
        assert (await sam.get("v2/search", params={"q": query}))["statuses"] == []
    assert [each["name"] for each in (await sam.get("v2/search?q=%23fys"))["hashtags"]] == ["fysio"]
    for address in ("noor", "@noor@wester.example", "noor@wester.example"):
        assert (await sam.get(f"v1/accounts/lookup?acct={address}"))["id"] == noor.account_id
    assert await sam.get("v2/search?q=noor&type=statuses") == {"accounts": [], "statuses": [], "hashtags": []}


async def test_search_goes_on_after_what_was_shown(pilot, noor, sam):
    """By `offset`, for people, words and topics; topics say whether one follows them, to a token that is for that."""
    words = [(await noor.status(f"Fysio {n}? #kapel{n}", visibility="public"))["id"] for n in range(3)]
    for number in range(3):
        pilot.member(f"straat{number}")
    whole = {kind: await noor.get(f"v2/search?q={q}&type={kind}") for kind, q in LOOKED_FOR}
    assert ids(whole["statuses"]["statuses"]) == words[::-1]
    for kind, query in LOOKED_FOR:
        met = []
        for offset in range(4):
            found = await noor.get(f"v2/search?q={query}&type={kind}&limit=1&offset={offset}")
            met += found[kind]
        assert met == whole[kind][kind]
        assert len(met) == 3
        assert (await noor.get(f"v2/search?q={query}&type={kind}&offset=100000000"))[kind] == []
    assert len(await noor.get("v1/accounts/search?q=straat&offset=2")) == 1
    await noor.post("v1/tags/kapel1/follow")
    for scopes, followed in ((("read",), ["kapel1"]), (("read:search",), [])):
        app = App(pilot, noor.member, *scopes)
        tags = (await app.get("v2/search?q=kapel&type=hashtags"))["hashtags"]
        assert [each["name"] for each in tags if each["following"]] == followed


async def test_web_clients_may_show_the_pictures_of_everybody(pilot, nobody):
    """On pages of their own: the answer says so once, and nothing against it."""
    for name, policy in (
        ("avatar.png", "cross-origin"),
        ("header.png", "cross-origin"),
        ("style.css", "same-origin"),
    ):
        answer = await nobody.call("GET", f"https://{pilot.host}/static/{name}")
        assert answer.status_code == 200
        assert answer.headers.get_list("cross-origin-resource-policy") == [policy]
        assert len(answer.headers.get_list("content-security-policy")) == 1


LOOKED_FOR = (("accounts", "straat"), ("statuses", "fysio"), ("hashtags", "kapel"))


async def test_the_server_says_of_itself_what_clients_need(nobody):
    """Both versions of instance, with every field of mastodon-api.md 4, and no claim of what is not built."""
    new, old = await nobody.get("v2/instance"), await nobody.get("v1/instance")
    limits = new["configuration"]
    assert all(
        limits[name] is not None
        for name in ("statuses", "media_attachments", "polls", "accounts", "translation")
    )
    assert limits["urls"]["streaming"].startswith("wss://")
    assert old["urls"]["streaming_api"] == limits["urls"]["streaming"]
    for name in (
        "title",
        "domain",
        "version",
        "thumbnail",
        "rules",
        "registrations",
        "contact",
        "api_versions",
    ):
        assert new[name] is not None
    assert old["uri"] == "wester.example"
    assert new["contact"]["account"]["group"] is True
    assert "compatible; Vraagbaak" in new["version"]
    assert new["api_versions"]["mastodon"] < 2


async def test_g12_g16_the_moment_of_a_question_of_nobody_is_not_told(pilot, noor, nobody):
    """An id of a question by the shared neighbour says no more than the hour (threat G12)."""
    from vraagbaak import questions
    from vraagbaak.model import Actor

    pilot.world.clock.moment += timedelta(minutes=37)

    def ask(tx):
        shared = tx.one(Actor, handle=tx.home.persona_handle, domain=tx.home.domain)
        return questions.ask_anew(tx, shared, questions.Draft(title="Van niemand?", scope=Scope.PUBLIC))

    question = pilot.store.run_now(ask)
    pilot_question = await App(pilot, noor.member).get("v1/timelines/home")
    for each in pilot_question:
        if each["id"] == question.id:
            assert ":00:00.000Z" in each["created_at"]
    assert await nobody.get(f"v1/accounts/{question.author_id}/statuses") == []


async def test_topics_are_read_together_or_without_each_other(noor, nobody):
    """`any` widens, `all` and `none` narrow; names of nothing are as if they were not there."""
    made = {}
    for tags in ("#a", "#b", "#a #b", "#a #c", "#d"):
        made[tags] = (await noor.status(f"Over {tags}?", visibility="public"))["id"]

    async def shown(query):
        found = ids(await nobody.get(f"v1/timelines/tag/a?{query}"))
        return {tags for tags, key in made.items() if key in found}

    assert await shown("") == {"#a", "#a #b", "#a #c"}
    assert await shown("any[]=b&any[]=D") == set(made)
    assert await shown("all[]=b") == {"#a #b"}
    assert await shown("none[]=b&none[]=c") == {"#a"}
    assert await shown("any[]=b&none[]=a") == {"#b"}
    assert await shown("any[]=b&all[]=a&all[]=b") == {"#a #b"}
    assert await shown("all[]=%20&none[]=?!&any[]=%00") == {"#a", "#a #b", "#a #c"}
    assert await shown("all[]=%25&none[]=_") == {"#a", "#a #b", "#a #c"}


async def test_a_note_about_somebody_is_its_writer_s_alone(pilot, noor, sam):
    """It stands in the relationship, can be changed and emptied, and nobody else sees it."""
    path = f"v1/accounts/{sam.account_id}/note"
    assert (await noor.post(path, {"comment": "Van de fietsenwinkel"}))["note"] == "Van de fietsenwinkel"
    assert (await noor.post(path, {"comment": "Weet veel"}))["note"] == "Weet veel"
    (found,) = await noor.get(f"v1/accounts/relationships?id[]={sam.account_id}")
    assert found["note"] == "Weet veel"
    (found,) = await sam.get(f"v1/accounts/relationships?id[]={noor.account_id}")
    assert found["note"] == ""
    assert b"Weet veel" not in (await sam.call("GET", f"v1/accounts/{sam.account_id}")).content
    assert (await noor.call("POST", path, data={"comment": "x" * 2001})).status_code == 422
    assert (await noor.post(path, {}))["note"] == ""
    assert pilot.all(AccountNote, member_id=noor.member.id) == []


async def test_a_card_is_an_empty_answer(noor, nobody):
    """No link is looked up; the status itself has to be there."""
    status = await noor.status("Zie https://example.org/", visibility="public")
    assert await nobody.get(f"v1/statuses/{status['id']}/card") == {}
    assert (await nobody.call("GET", f"v1/statuses/{'0' * 26}/card")).status_code == 404
    assert (status["card"], status["poll"]) == (None, None)
