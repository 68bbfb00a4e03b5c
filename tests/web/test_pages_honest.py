"""What the pages say is so: of what is empty, of what is missing, and of a Vraagbaak that has only just begun."""

from __future__ import annotations

import pytest

from tests.web.visiting import Page, Village
from vraagbaak.config import Config
from vraagbaak.model import Role, Scope
from web import language

PRAISE = "Elke vraag heeft een antwoord"
TRIAL = {"base_url": "http://localhost:8000", "name": "Vraagbaak", "slug": "buurt"}


@pytest.fixture
def village(store_factory):
    return Village(store_factory)


@pytest.fixture
def noor(village):
    return village.member("noor")


async def words(client, path):
    return Page(await client.get(path)).words


# Empty


async def test_praise_is_for_questions_that_have_an_answer(village, noor):
    """Where nothing was asked nothing was answered; and a passer-by hears only of what is public."""
    member, browser = village.as_member(noor), village.browser()
    assert PRAISE not in await words(member, "/")
    question = village.ask(noor)
    village.answer(village.member("sam"), question)
    assert PRAISE in await words(member, "/")
    assert PRAISE not in await words(browser, "/")
    assert "Elke openbare vraag heeft een antwoord." in await words(browser, "/")


async def test_a_passer_by_is_not_told_that_there_is_nothing(village, noor):
    """What is only for members is not called nothing."""
    village.offer(noor, scope=Scope.NEIGHBOURHOOD)
    village.ask(noor, scope=Scope.NEIGHBOURHOOD)
    for path, empty in (
        ("/meehelpen", "geen openbare aanbiedingen"),
        ("/vragen", "geen openbare vragen"),
        ("/", "nog geen openbare vragen"),
    ):
        found = await words(village.browser(), path)
        assert empty in found, path
        assert "Voor mensen met een account zijn er misschien meer." in found, path
        assert "Nog niemand" not in found, path


# Missing


async def test_a_topic_or_pilot_nobody_knows_is_missing(village, noor):
    """The same answer on every list, and the topic is not added to those one can choose."""
    village.ask(noor, topics=("breien",))
    browser = village.browser()
    for path in (
        *("/o/onbekend", "/vragen?onderwerp=onbekend", "/meehelpen?onderwerp=onbekend"),
        *("/vragen?onderwerp=%00", "/o/%00", "/meehelpen?onderwerp=%00", "/vragen?proeftuin=onbekend"),
        *("/vragen?proeftuin=%00", "/vragen?proeftuin=onbekend&onderwerp=%00"),
    ):
        assert (await browser.get(path)).status_code == 404, path
    for path in ("/o/breien", "/vragen?onderwerp=breien", "/meehelpen?onderwerp=breien", "/o/slapen"):
        assert (await browser.get(path)).status_code == 200, path


async def test_a_topic_that_only_others_use_has_its_page(village):
    """What came from elsewhere is found under its topics too."""
    village.arrived(village.stranger("Henk"), "Wie imkert er?", topics=("imkeren",))
    assert "Wie imkert er?" in await words(village.browser(), "/o/imkeren")


# Forms


async def test_what_is_not_right_is_said_by_the_label_of_its_field(village, noor):
    """An empty field asks for what belongs in it, and the summary calls the field as the form does."""
    client = village.as_member(noor)
    asked = village.ask(village.member("sam"))
    for path, sent, said in (
        ("/vraag", {"title": ""}, "Wat wil je vragen? Vul je vraag in."),
        (f"/v/{asked.id}/antwoord", {"perspective": "family"}, "Je antwoord: Schrijf eerst je antwoord."),
        (f"/v/{asked.id}/antwoord", {"body": "Tja"}, "Wie ben je bij dit antwoord? Kies wie je bent"),
        ("/meehelpen", {"scope": "public"}, "Wat kun je doen? Schrijf eerst wat je kunt doen."),
    ):
        page = Page(await client.post(path, data=sent))
        assert said in page.words, path
        label = said.partition("?")[0].partition(":")[0]
        assert page.words.count(label) > 1, path


# Beginning


async def test_a_trial_promises_nothing_that_it_cannot_do(store_factory):
    """Before it federates no page speaks of Mastodon or of addresses to look for; afterwards they do."""
    for settings, federates in ((TRIAL, False), ({}, True)):
        village = Village(store_factory, **settings)
        noor = village.member("noor")
        slug = village.config.slug
        question = village.ask(noor)
        said = []
        for path in (f"/v/{question.id}", f"/p/{slug}", "/hulp", "/u/noor"):
            found = await village.browser().get(path)
            said.append(Page(found).words)
            assert ("activity+json" in found.text) is (federates and path != "/hulp"), path
        said.append(await words(member_of(village, noor), "/vraag"))
        for text in said[:3] + said[4:]:
            assert ("Mastodon" in text) is federates
        assert ("@localhost" in said[3], "http://localhost" in " ".join(said)) == (False, False)


def member_of(village, member):
    """A browser of this member, also without https."""
    client = village.browser()
    client.cookies.set("session", village.session(member))
    client.cookies.set("__Host-session", village.session(member))
    return client


async def test_the_first_link_says_that_one_becomes_the_steward(store_factory):
    """So does the page after it, with what is to be filled in next; other invitations say nothing of it."""
    village = Village(store_factory, **TRIAL)
    from datetime import timedelta

    from vraagbaak import members
    from web import sessions

    for role, is_steward in ((Role.STEWARD, True), (Role.RESIDENT, False)):
        code, code_hash = sessions.new_secret()
        village.store.run_now(members.invite, code_hash, (role,), 1, timedelta(hours=1))
        browser = village.browser()
        assert ("Je wordt de beheerder" in await words(browser, f"/welkom/{code}")) is is_steward
        sent = {"handle": f"een-{role.value}"[:12], "name": "", "password": "fiets regen brood"}
        joined = await browser.post(f"/welkom/{code}", data=sent)
        browser.cookies.set("session", joined.cookies["session"])
        found = await words(browser, joined.headers["location"])
        assert ("Je bent nu de beheerder" in found, "vraagbaak.toml" in found) == (is_steward, is_steward)
        assert ("meeting_place" in found) is is_steward
    assert "Vraagbaak Vraagbaak" not in await words(browser, "/")


def test_what_is_filled_in_is_asked_for_no_more():
    """Only what neighbours would miss is called unset."""
    assert Config().unset == ("name", "meeting_place", "hours", "steward_name", "contact")
    filled = dict.fromkeys(Config().unset, "x")
    assert (Config(**filled).unset, Config(**filled).title) == ((), "Vraagbaak x")


# Language


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("", "nl"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("nl,en;q=0.9", "nl"),
        ("en;q=0.5,nl;q=0.8", "nl"),
        ("de,en;q=0.3", "en"),
        ("fr,*;q=0.5", "nl"),
        ("en;q=0", "nl"),
        ("en;q=x, ;;,=", "nl"),
        ("en" * 500, "nl"),
    ],
)
async def test_a_browser_is_answered_in_its_language(village, noor, header, spoken):
    """As far as this pilot speaks it; else in Dutch. An address and a member's own choice count for more."""
    headers = {"Accept-Language": header}
    found = await village.browser().get("/", headers=headers)
    assert Page(found).all("html")[0]["lang"] == spoken
    assert "Accept-Language" in found.headers["vary"]
    assert Page(await village.browser().get("/?taal=nl", headers=headers)).all("html")[0]["lang"] == "nl"
    assert Page(await village.as_member(noor).get("/", headers=headers)).all("html")[0]["lang"] == "nl"


def test_a_language_that_the_pilot_does_not_speak_is_not_spoken():
    """The languages of the settings are all there are."""
    assert language.preferred("en", ("nl",)) == "nl"
