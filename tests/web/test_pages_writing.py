"""What people type is never lost, never doubled and never in an address."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.visiting import Page, Village
from vraagbaak import questions
from vraagbaak.model import Answer, Offer, Question, Scope
from web import passwords

PASSWORD = "fiets regen brood"
TYPED = "Hoe vertel ik het mijn kinderen?"


@pytest.fixture
def village(store_factory):
    return Village(store_factory, lab_limits="off")


@pytest.fixture
def noor(village):
    return village.member("noor")


def all_of(village, kind, **equals):
    return village.store.read_now(lambda reading: reading.find(kind, **equals))


async def known(village, handle="toos"):
    """A member who can sign in."""
    return village.member(handle, password_hash=await passwords.hashed(PASSWORD))


async def sign_in(browser, found, handle="toos"):
    """Fill in the sign-in form on this page and send it, with all that it carries along."""
    page = Page(found)
    (form,) = [each for each in page.all("form") if each["action"].startswith("/aanmelden")]
    carried = [(a["name"], a["value"]) for a in page.all("input") if a.get("type") == "hidden"]
    sent: dict[str, list[str]] = {"handle": [handle], "password": [PASSWORD]}
    for name, value in carried:
        sent.setdefault(name, []).append(value)
    return await browser.post(form["action"], data=sent)


# Addresses


async def test_a_question_is_in_no_address_on_its_way_from_the_front_page(village):
    """From the first field over signing in to the form, what was typed is sent along and never linked."""
    await known(village)
    browser = village.browser()
    page = Page(await browser.get("/"))
    (form,) = [each for each in page.all("form") if each.get("class") == "ask"]
    assert (form["method"], form["action"]) == ("post", "/vraag")
    found = await browser.post("/vraag", data={"begin": "1", "title": TYPED})
    titles = [a["value"] for a in Page(found).all("input") if a["name"] in {"title", "kept.title"}]
    assert (found.status_code, titles) == (200, [TYPED, TYPED])
    assert not [link for link in Page(found).links() if "kinderen" in link]
    wrong = await browser.post(
        "/aanmelden", data={"handle": "toos", "password": "x", "onward": "/vraag", "kept.title": TYPED}
    )
    assert ("set-cookie" in wrong.headers, TYPED in wrong.text) == (False, True)
    signed = await sign_in(browser, wrong)
    assert (signed.status_code, "location" in signed.headers) == (200, False)
    assert "__Host-session" in signed.headers["set-cookie"]
    page = Page(signed)
    assert [a["value"] for a in page.all("input") if a["name"] == "title"] == [TYPED]
    assert not [link for link in page.links() if "kinderen" in link]
    assert all_of(village, Question, author_id=village.store.read_now(by_handle).actor_id) == []


def by_handle(reading):
    from vraagbaak import members

    return members.by_handle(reading, "toos")


async def test_an_address_fills_in_no_field(village, noor):
    """Nothing that stands in an address is taken for something typed."""
    found = await village.as_member(noor).get("/vraag", params={"title": TYPED})
    assert TYPED not in found.text


async def test_before_typing_it_is_told_that_no_account_is_needed(village, noor):
    """Beside the first field, for who is not signed in, with the way back to an earlier question."""
    page = Page(await village.browser().get("/"))
    assert "Zonder account. Zonder naam." in page.words
    assert "/k" in page.links()
    assert "Zonder account" not in Page(await village.as_member(noor).get("/")).words


# Signing in half-way


async def test_what_was_typed_survives_a_session_that_ended(village):
    """Every writing form comes back filled in after signing in; and nothing was sent meanwhile."""
    toos = await known(village)
    asked = village.ask(toos)
    said = village.answer(toos, asked)
    offered = village.offer(toos)
    for path, sent, shown in (
        ("/vraag", {"title": TYPED, "body": "Het\nhele verhaal", "scope": "pilots"}, "verhaal"),
        (f"/v/{asked.id}/aanpassen", {"title": TYPED}, TYPED),
        (f"/v/{asked.id}/antwoord", {"body": "Zo doe ik het", "perspective": "family"}, "Zo doe ik het"),
        (f"/a/{said.id}/aanpassen", {"body": "Beter gezegd", "perspective": "family"}, "Beter gezegd"),
        ("/meehelpen", {"body": "Ik kook voor je", "scope": "public"}, "Ik kook voor je"),
        (f"/meehelpen/{offered.id}/aanpassen", {"body": "Ik bak iets"}, "Ik bak iets"),
    ):
        browser = village.browser()
        refused = await browser.post(path, data=sent)
        assert (refused.status_code, "niet (meer) aangemeld" in refused.text) == (401, True), path
        signed = await sign_in(browser, refused)
        assert (signed.status_code, signed.headers["cache-control"]) == (200, "private, no-store"), path
        page = Page(signed)
        assert shown in signed.text, path
        assert "Wat je schreef staat er nog" in page.words, path
        chosen = {a["value"] for a in page.all("input") if "checked" in a}
        assert {sent[name] for name in ("scope", "perspective") if name in sent} <= chosen, path
    assert all_of(village, Question, author_id=toos.actor_id) == [asked]
    assert all_of(village, Answer, author_id=toos.actor_id) == [said]
    assert all_of(village, Offer, helper_id=toos.actor_id) == [offered]


async def test_a_button_pressed_too_late_does_nothing_and_leads_back(village):
    """What needs no typing is not kept and not done: after signing in one is where one was."""
    toos = await known(village)
    asked = village.ask(toos)
    for act in ("klaar", "verwijderen"):
        browser = village.browser()
        signed = await sign_in(browser, await browser.post(f"/v/{asked.id}/{act}"))
        assert signed.headers["location"] == f"/v/{asked.id}/{act}"
    assert all_of(village, Question, author_id=toos.actor_id) == [asked]


async def test_too_many_tries_to_sign_in_lose_nothing_either(store_factory):
    """Who is asked to wait a moment still has what they typed."""
    village = Village(store_factory)
    sent = {"handle": "toos", "password": "x", "onward": "/vraag", "kept.title": TYPED}
    browser = village.browser()
    for _ in range(50):
        found = await browser.post("/aanmelden", data=sent)
        if found.status_code != 422:
            break
    assert (found.status_code, TYPED in found.text) == (429, True)
    assert int(found.headers["retry-after"]) > 0


async def test_a_password_is_never_kept_in_a_page(village):
    """Also not when the session ended while somebody changed theirs."""
    refused = await village.browser().post(
        "/mij/wachtwoord", data={"old": "geheim-1", "password": "geheim-2"}
    )
    assert (refused.status_code, "geheim" in refused.text) == (401, False)


async def test_what_was_kept_opens_nothing_new(village, noor):
    """Who signs in as somebody else sees what that person may see; also then nothing is changed."""
    await known(village)
    mine = village.ask(noor, scope=Scope.PUBLIC)
    browser = village.browser()
    refused = await browser.post(f"/v/{mine.id}/aanpassen", data={"title": TYPED})
    signed = await sign_in(browser, refused)
    assert (signed.status_code, "__Host-session" in signed.headers["set-cookie"]) == (403, True)
    assert all_of(village, Question, author_id=noor.actor_id) == [mine]


async def test_what_is_missing_tells_everybody_alike_to_sign_in(village, noor):
    """A passer-by is sent back to where they were, by its path alone; who is signed in is not asked to."""
    hidden = village.ask(noor, scope=Scope.NEIGHBOURHOOD)
    page = Page(await village.browser().get(f"/v/{hidden.id}?x=getypt"))
    assert f"/aanmelden?verder=%2Fv%2F{hidden.id}" in page.links()
    assert "Misschien zie je het na het aanmelden" in page.words
    assert "aanmelden" not in Page(await village.as_member(noor).get("/v/x")).words
    code = Page(await village.browser().get("/welkom/wrongwrongwrong"))
    assert not [link for link in code.links() if "wrongwrong" in link and link.startswith("/aanmelden")]


# Twice


async def test_a_second_tap_leads_to_the_same_thing(village, noor):
    """Two sends of one form are one question, one answer, one comment, one offer."""
    client = village.as_member(noor)
    asked = village.ask(village.member("sam"))
    said = village.answer(noor, asked, "Iets anders")
    for path, sent in (
        ("/vraag", {"title": TYPED, "body": "Verhaal", "scope": "pilots"}),
        (f"/v/{asked.id}/antwoord", {"body": "Zo", "perspective": "family"}),
        (f"/v/{asked.id}/antwoord", {"body": "Zo", "perspective": "family", "parent": said.id}),
        ("/meehelpen", {"body": "Ik kook", "scope": "public"}),
    ):
        first = await client.post(path, data=sent)
        village.later(timedelta(minutes=9))
        second = await client.post(path, data=sent)
        assert (first.status_code, first.headers["location"]) == (303, second.headers["location"]), path
    assert len(all_of(village, Question, author_id=noor.actor_id)) == 1
    assert len(all_of(village, Answer, author_id=noor.actor_id)) == 3
    assert len(all_of(village, Offer, helper_id=noor.actor_id)) == 1


async def test_asking_again_later_or_for_others_is_a_new_question(village, noor):
    """Ten minutes on, or for other people, or by somebody else, the same words are something new."""
    client = village.as_member(noor)
    sent = {"title": TYPED, "scope": "pilots"}
    places = [(await client.post("/vraag", data=sent)).headers["location"]]
    places.append((await client.post("/vraag", data=sent | {"scope": "public"})).headers["location"])
    village.later(timedelta(minutes=11))
    places.append((await client.post("/vraag", data=sent)).headers["location"])
    other = village.as_member(village.member("sam"))
    places.append((await other.post("/vraag", data=sent)).headers["location"])
    assert len(set(places)) == 4


def test_the_shared_neighbour_may_ask_the_same_twice(village):
    """Behind that name are many: the words of one are never given to another."""
    from vraagbaak import pilots

    persona = village.store.run_now(pilots.persona)
    draft = questions.Draft(title=TYPED)
    made = {village.store.run_now(questions.ask, persona, draft).id for _ in range(2)}
    assert len(made) == 2


# What was done


async def test_what_was_done_is_said_only_to_who_did_it(village, noor):
    """A calm sentence after each deed, by a fixed word; a link that is passed on says nothing to others."""
    asked = village.ask(noor)
    for word, said in (("gevraagd", "Je vraag is gesteld."), ("minder", "zien minder mensen dit")):
        found = Page(await village.as_member(noor).get(f"/v/{asked.id}?gedaan={word}"))
        assert said in found.words
        assert [a for _, a in found.tags if a.get("role") == "status"]
        assert said not in Page(await village.browser().get(f"/v/{asked.id}?gedaan={word}")).words
    assert "Je bent afgemeld." in Page(await village.browser().get("/?gedaan=afgemeld")).words
    left = await village.as_member(noor).post("/afmelden")
    assert left.headers["location"] == "/?gedaan=afgemeld"


def test_two_at_the_very_same_moment_are_one_on_postgresql_too(village, store_factory, postgres_url):
    """Units of work that run beside each other wait for each other where it matters."""
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from vraagbaak import members, pilots
    from vraagbaak.model import Actor, Role

    store = store_factory(postgres_url)
    store.run_now(pilots.found, {"focus": "", "meeting_place": "", "hours": ""})
    newcomer = members.Newcomer(handle="noor", name="Noor", password_hash="")
    member = store.run_now(members.add, newcomer, (Role.RESIDENT,))
    asker = store.read_now(lambda reading: reading.get(Actor, member.actor_id))
    both_looked, looked = Barrier(2), set()

    def ask(tx, tap):
        tx.get(Actor, asker.id)
        if tap not in looked:  # not again when the unit of work is tried once more
            looked.add(tap)
            both_looked.wait(20)
        return questions.ask(tx, asker, questions.Draft(title=TYPED))

    with ThreadPoolExecutor(2) as pool:
        taps = [pool.submit(store.run_now, ask, tap) for tap in range(2)]
    assert len({tap.result().id for tap in taps}) == 1


# Deleting


def deliver(village, thing):
    """Note that a server received this thing."""
    from storage.records import Sent

    def note(tx):
        inbox = "https://nieuwland.example/inbox"
        tx.add(
            Sent(id=tx.new_id(), thing_uri=thing.uri, inbox=inbox, host="nieuwland.example", sent_at=tx.now)
        )

    village.store.run_now(note)


@pytest.mark.parametrize("sent", [True, False])
async def test_before_deleting_it_is_told_truly_where_it_went(village, noor, sent):
    """What was asked for many and narrowed since did leave; what nobody received did not, whatever its scope."""
    asked = village.ask(noor, scope=Scope.PILOTS)
    said, offered = village.answer(noor, asked), village.offer(noor, scope=Scope.PILOTS)
    for thing in (asked, said, offered):
        if sent:
            deliver(village, thing)
    village.store.run_now(questions.narrow, village.actor(noor), asked.id, Scope.NEIGHBOURHOOD)
    client = village.as_member(noor)
    for path in (f"/v/{asked.id}", f"/a/{said.id}", f"/meehelpen/{offered.id}"):
        found = Page(await client.get(f"{path}/verwijderen")).words
        assert ("Alle servers die het kregen, krijgen bericht" in found) is sent, path
        assert ("hier verwijderd. Geen andere server heeft het gekregen." in found) is not sent, path
        assert ("hier verwijderd. Alle servers" in found) is sent, path
