"""'Apps en apparaten': members see their own, and end it at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.web.appearing import AppVillage
from tests.web.visiting import Page
from vraagbaak import app_scopes
from vraagbaak.members import SESSION_LENGTH
from vraagbaak.model import Session, Token
from web import scope_words, sessions
from web.language import language

APPS = "/mij/apps"


@pytest.fixture
def village(store_factory):
    return AppVillage(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


@pytest.fixture
def sam(village):
    return village.member("sam")


def buttons(page) -> dict[str, list[str]]:
    """What the buttons of the page end: kind to keys."""
    found: dict[str, list[str]] = {}
    for button in Page(page).all("button"):
        if button.get("name"):
            found.setdefault(button["name"], []).append(button["value"])
    return found


@pytest.mark.parametrize("scope", app_scopes.ALL)
def test_every_scope_has_its_sentence_in_dutch(scope):
    """No scope can be agreed to that the page has no words for, and no two of them say the same."""
    (sentence,) = scope_words.in_words([scope])
    said = language("nl").say(sentence)
    assert said not in {sentence, ""}
    assert said[0].isupper()
    assert said.endswith(".")
    assert len({language("nl").say(each) for each in scope_words.WORDS.values()}) == len(app_scopes.ALL)


async def test_a_passer_by_has_to_sign_in(village):
    """The page is for members, with and without a form."""
    async with village.browser() as browser:
        assert (await browser.get(APPS)).status_code == 401
        assert (await browser.post(APPS, data={"app": "x"})).status_code == 401


async def test_a_member_finds_the_page_from_their_own(village, noor):
    """It is linked from 'Mijn pagina'; without apps it says so, and shows this browser."""
    async with village.as_member(noor) as browser:
        assert APPS in Page(await browser.get("/mij")).links()
        page = Page(await browser.get(APPS))
    assert "Geen enkele app kan je account gebruiken." in page.words
    assert page.words.count("Deze browser") == 1
    assert "Een andere browser" not in page.words


async def test_each_app_stands_there_once_with_what_all_its_tokens_may(village, noor, sam):
    """Name, site, permissions in words and since when; nothing of another member and no secret."""
    app = await village.registered(website="https://client.example/over")
    await village.signed_in(noor, app, scope="read")
    village.later(timedelta(days=3))
    secret = await village.signed_in(noor, app, scope="push read:lists")
    other = await village.registered(client_name="Van Sam")
    await village.signed_in(sam, other)
    made = village.token(noor, "write:media")
    async with village.as_member(noor) as browser:
        answer = await browser.get(APPS)
    words = Page(answer).words
    assert words.count("Tuin") == 1
    assert "https://client.example/over" in words
    assert "https://client.example/over" not in Page(answer).links()
    assert "Sinds 2 november 2026" in words
    assert "Alles lezen wat jij hier kunt lezen." in words
    assert "Je laten weten dat er iets nieuws is." in words
    assert "Je lijsten zien." not in words
    assert "Een sleutel (token) van de beheerder" in words
    assert "Van Sam" not in words
    assert secret not in answer.text
    assert made not in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


async def test_ending_an_app_ends_its_tokens_at_once(village, noor, sam):
    """The next call with any of them is refused; that of another member goes on."""
    app = await village.registered()
    tokens = [await village.signed_in(noor, app) for _ in range(2)]
    others = await village.signed_in(sam, app)
    async with village.as_member(noor) as browser:
        (key,) = buttons(await browser.get(APPS))["app"]
        answer = await browser.post(APPS, data={"app": key})
        assert answer.headers["location"] == f"{APPS}?gedaan=app-weg"
        page = Page(await browser.get(answer.headers["location"]))
    assert "Die app kan niets meer met je account." in page.words
    assert [await village.works(token) for token in (*tokens, others)] == [False, False, True]


async def test_ending_a_token_of_the_command_line_ends_that_one(village, noor):
    """Each stands apart."""
    tokens = [village.token(noor), village.token(noor)]
    async with village.as_member(noor) as browser:
        for key in buttons(await browser.get(APPS))["token"]:
            if key == sessions.hash_of(tokens[0]):
                await browser.post(APPS, data={"token": key})
    assert [await village.works(token) for token in tokens] == [False, True]


async def test_ending_another_browser_signs_it_out_at_once(village, noor):
    """It is a passer-by from then on; this one goes on."""
    async with village.as_member(noor) as here, village.as_member(noor) as there:
        page = await here.get(APPS)
        ours = sessions.hash_of(here.cookies["__Host-session"])
        keys = set(buttons(page)["session"])
        assert ours in keys
        for key in keys - {ours}:
            answer = await here.post(APPS, data={"session": key})
            assert answer.headers["location"] == f"{APPS}?gedaan=browser-weg"
        assert (await there.get(APPS)).status_code == 401
        assert (await here.get(APPS)).status_code == 200


async def test_ending_this_browser_signs_it_out(village, noor):
    """The cookie goes too."""
    async with village.as_member(noor) as browser:
        (key,) = buttons(await browser.get(APPS))["session"]
        answer = await browser.post(APPS, data={"session": key})
        assert answer.headers["location"] == "/?gedaan=afgemeld"
        assert re.match(r'__Host-session=(""|);', answer.headers["set-cookie"])
        assert (await browser.get(APPS)).status_code == 401


async def test_a_session_that_is_over_is_not_shown(village, noor):
    """What opens nothing is no device."""
    village.session(noor)
    village.later(SESSION_LENGTH)
    async with village.as_member(noor) as browser:
        assert len(buttons(await browser.get(APPS))["session"]) == 1


@pytest.mark.parametrize("kind", ["app", "token", "session"])
async def test_g23_nobody_ends_what_is_of_another(village, noor, sam, kind):
    """Another's key is unknown, as is nonsense; the other notices nothing."""
    app = await village.registered()
    token, made, session = await village.signed_in(sam, app), village.token(sam), village.session(sam)
    key = {"app": app["client_id"], "token": sessions.hash_of(made), "session": sessions.hash_of(session)}[
        kind
    ]
    async with village.as_member(noor) as browser:
        for given in (key, "x", "\x00", "'; DROP TABLE tokens; --", "é" * 3000):
            answer = await browser.post(APPS, data={kind: given})
            assert answer.status_code == 404
        assert (await browser.post(APPS, data={"nothing": "x"})).status_code == 404
    assert await village.works(token)
    assert await village.works(made)
    assert village.store.read_now(lambda reading: reading.one(Session, id=sessions.hash_of(session)))


async def test_h07_no_other_site_ends_anything(village, noor):
    """A form on another page does nothing here."""
    token = village.token(noor)
    async with village.client(
        **{"Sec-Fetch-Site": "cross-site", "Cookie": f"__Host-session={village.session(noor)}"}
    ) as browser:
        answer = await browser.post(APPS, data={"token": sessions.hash_of(token)})
    assert answer.status_code == 403
    assert village.store.read_now(lambda reading: reading.find(Token, member_id=noor.id))
