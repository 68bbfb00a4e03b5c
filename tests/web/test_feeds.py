"""Feeds tell what everybody may know, and nothing else; the same to all, in valid Atom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from tests.web.visiting import HOSTILE, Page, Village
from vraagbaak import answers, pilots, questions
from vraagbaak.model import Question, QuestionStatus, ReplyStatus, Scope, Topic

NS = "{http://www.w3.org/2005/Atom}"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00")


@pytest.fixture
def village(store_factory):
    return Village(store_factory, lab_limits="off")


@pytest.fixture
def noor(village):
    return village.member("noor")


async def feed_at(village, path, status=200, **headers):
    """The feed as a reader gets it, after a look at its form."""
    async with village.client() as client:
        answer = await client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return check(answer) if status == 200 else answer


def check(answer):
    """What RFC 4287 asks of every feed and entry."""
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8" or answer.headers[
        "content-type"
    ].startswith("application/atom+xml")
    assert "set-cookie" not in answer.headers
    root = ET.fromstring(answer.content)
    assert root.tag == f"{NS}feed"
    for each in [root, *root.iter(f"{NS}entry")]:
        for name in ("id", "title", "updated"):
            (found,) = each.findall(f"{NS}{name}")
            assert found.text
        assert datetime.fromisoformat(each.findtext(f"{NS}updated")).tzinfo
        assert MOMENT.fullmatch(each.findtext(f"{NS}updated"))
        assert len([link for link in each.findall(f"{NS}link") if link.get("rel") == "alternate"]) == 1
        assert each.findtext(f"{NS}author/{NS}name")
    ids = [entry.findtext(f"{NS}id") for entry in root.iter(f"{NS}entry")]
    assert len(ids) == len(set(ids))
    return root


def titles(root):
    return [entry.findtext(f"{NS}title") for entry in root.iter(f"{NS}entry")]


def sensitive_topic(village, name="schulden"):
    village.store.run_now(lambda tx: tx.add(Topic(id=name, name=name, sensitive=True)))


async def test_g04_feeds_hold_public_questions_alone(village, noor):
    """What is for the neighbourhood or the pilots, waits or is hidden, stands in no feed."""
    shown = village.ask(noor, "Wie weet een fysio?", topics=("sport",))
    for scope in (Scope.NEIGHBOURHOOD, Scope.PILOTS):
        village.ask(noor, f"Voor {scope}", scope, topics=("sport",))
    for status in (QuestionStatus.HELD, QuestionStatus.HIDDEN):
        made = village.ask(noor, f"Nu {status}", topics=("sport",))
        village.store.run_now(lambda tx, made=made, status=status: tx.save(replace(made, status=status)))
    for path in ("/vragen.atom", "/o/sport.atom", "/p/wester.atom"):
        root = await feed_at(village, path)
        assert titles(root) == ["Wie weet een fysio?"]
        assert root.findtext(f"{NS}entry/{NS}id") == shown.uri
        assert root.find(f"{NS}entry/{NS}link").get("href") == f"https://wester.example/v/{shown.id}"


async def test_g04_a_member_gets_the_same_feed_as_a_stranger(village, noor):
    """No session, language of a browser or moment of a visit changes a letter of it."""
    village.ask(noor, "Alleen hier", Scope.NEIGHBOURHOOD)
    village.ask(noor, "Voor iedereen")
    async with village.as_member(noor) as browser:
        mine = await browser.get("/vragen.atom", headers={"Accept-Language": "en"})
    village.later(timedelta(days=3))
    async with village.client() as client:
        theirs = await client.get("/vragen.atom", headers={"Accept-Language": "nl"})
    assert mine.content == theirs.content
    assert mine.headers["etag"] == theirs.headers["etag"]
    assert "last-modified" not in mine.headers
    assert not {"cookie", "accept-language"} & set(mine.headers.get("vary", "").lower().split(", "))


async def test_what_is_delicate_is_in_no_feed(village, noor):
    """Neither by the word of its asker nor by a topic of its own; such a topic has no feed, and says so like nothing."""
    sensitive_topic(village)
    village.ask(noor, "Ik kan niet rondkomen", topics=("schulden", "sport"))
    said = village.ask(noor, "Ik slaap niet", sensitive=True, topics=("sport",))
    for path in ("/vragen.atom", "/o/sport.atom", "/p/wester.atom"):
        assert titles(await feed_at(village, path)) == []
    refused = await feed_at(village, "/o/schulden.atom", 404)
    unknown = await feed_at(village, "/o/nooit-van-gehoord.atom", 404)
    assert refused.text.replace("schulden", "x") == unknown.text.replace("nooit-van-gehoord", "x")
    await feed_at(village, f"/v/{said.id}.atom", 404)
    for path in ("/o/schulden", f"/v/{said.id}"):
        async with village.browser() as browser:
            assert "atom+xml" not in (await browser.get(path)).text


async def test_answers_of_a_question_are_told_newest_first_without_names(village, noor):
    """What is said to a question, from where; never who, for a feed is kept by others."""
    asked = village.ask(noor, "Wie weet een fysio?")
    toos = village.member("toos")
    first = village.answer(toos, asked, "Die **op de hoek**.")
    village.answer(noor, asked, "Dank je!", parent_id=first.id)
    held = village.answer(toos, asked, "Later pas.")
    village.store.run_now(lambda tx: tx.save(replace(held, status=ReplyStatus.HELD)))
    async with village.client() as client:
        answer = await client.get(f"/v/{asked.id}.atom")
    root = check(answer)
    assert titles(root) == ["Reactie op een antwoord", "Bewoner"]
    entry = root.findall(f"{NS}entry")[1]
    assert entry.findtext(f"{NS}summary") == "Die op de hoek."
    assert entry.find(f"{NS}link").get("href") == f"https://wester.example/v/{asked.id}#a-{first.id}"
    assert not re.search("noor|toos", answer.text, re.IGNORECASE)


async def test_a_feed_of_another_pilot_or_topic_tells_where_a_question_comes_from(village, noor):
    """Questions of trusted pilots stand in the feeds of topics and of that pilot; those of strangers in none."""
    pilot = village.neighbour()
    village.arrived(village.stranger("Piet"), "Van de buren", pilot, topics=("sport",))
    village.arrived(village.stranger("Mallory", "elders.example"), "Van buiten", topics=("sport",))
    village.ask(noor, "Van hier", topics=("sport",))
    assert titles(await feed_at(village, "/o/sport.atom")) == ["Van hier", "Van de buren"]
    for path in ("/p/nieuwland.atom", "/p/nieuwland.example.atom"):
        root = await feed_at(village, path)
        assert titles(root) == ["Van de buren"]
        assert root.findtext(f"{NS}id") == "https://wester.example/p/nieuwland.example.atom"
        assert root.findtext(f"{NS}entry/{NS}author/{NS}name") == "Nieuwland"
    assert titles(await feed_at(village, "/vragen.atom")) == ["Van hier"]


async def test_e05_hostile_words_stay_words_in_a_feed(village, noor):
    """Markup, templates and what no XML can hold come out as text, in a feed that every parser reads."""
    stranger = village.stranger("Piet")
    pilot = village.neighbour()
    village.arrived(stranger, HOSTILE + "\ufffe\uffff]]>", pilot, html=f"<p>{HOSTILE}</p>", topics=("sport",))
    root = await feed_at(village, "/p/nieuwland.atom")
    (title,) = titles(root)
    assert title.startswith("<script>alert(1)</script>")
    assert all(not list(entry.find(f"{NS}title")) for entry in root.iter(f"{NS}entry"))
    assert all(not list(entry.find(f"{NS}summary")) for entry in root.iter(f"{NS}entry"))


async def test_a_known_feed_costs_nothing_and_a_deleted_question_changes_it(village, noor):
    """Who has the feed already hears 304; what is taken back is a change, also when it was not the latest."""
    old = village.ask(noor, "De oude")
    village.ask(noor, "De nieuwe")
    async with village.client() as client:
        tag = (await client.get("/vragen.atom")).headers["etag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            again = await client.get("/vragen.atom", headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        for other in ('"x"', "", ",,,", tag[:-2]):
            assert (await client.get("/vragen.atom", headers={"If-None-Match": other})).status_code == 200
        village.store.run_now(questions.withdraw, village.actor(noor), old.id)
        changed = await client.get("/vragen.atom", headers={"If-None-Match": tag})
    assert (changed.status_code, titles(check(changed))) == (200, ["De nieuwe"])


async def test_a_feed_stays_small(village, noor):
    """However much is asked and said, so many entries with the beginning of their text."""
    asked = [village.ask(noor, f"Vraag {number}", body="woord " * 1600) for number in range(35)]
    for _ in range(35):
        village.answer(noor, asked[0], "antwoord " * 1100)
    for path in ("/vragen.atom", f"/v/{asked[0].id}.atom"):
        async with village.client() as client:
            answer = await client.get(path)
        assert len(titles(check(answer))) == 30
        assert len(answer.content) < 60_000


@pytest.mark.parametrize(
    "path",
    [
        *("/v/x.atom", "/v/00000000000000000000000000.atom", "/v/%00.atom", "/v/.atom", "/v/a%2fb.atom"),
        *("/o/%20.atom", "/o/%E2%80%AE.atom", f"/o/{'x' * 3000}.atom", "/o/..%2f.atom"),
        *("/p/nergens.atom", "/p/%25.atom", "/p/%00.atom", "/p/'.atom", "/vragen.atom/x", "/.atom"),
    ],
)
async def test_nonsense_is_not_there(village, path):
    """What names nothing is missing, like everywhere."""
    await feed_at(village, path, 404)


async def test_of_who_asks_without_an_account_the_hour_alone_is_told(village):
    """Also when the question was changed later, at a minute that says something."""
    shared = village.store.read_now(pilots.persona)
    village.later(timedelta(minutes=17))
    made = village.store.run_now(
        questions.ask_anew, shared, questions.Draft(title="Zonder naam", scope=Scope.PUBLIC)
    )
    moved = replace(made, status=QuestionStatus.OPEN, edited_at=village.clock.now())
    village.store.run_now(lambda tx: tx.save(moved))
    root = await feed_at(village, "/vragen.atom")
    assert root.findtext(f"{NS}entry/{NS}updated").endswith(":00:00+00:00")


async def test_pages_name_their_feed(village, noor):
    """A reader finds the feed from the page; it is that of the page."""
    asked = village.ask(noor, "Wie weet een fysio?", topics=("sport",))
    hidden = village.ask(noor, "Alleen hier", Scope.NEIGHBOURHOOD)
    feeds = {
        "/": "/vragen.atom",
        "/vragen": "/vragen.atom",
        "/o/sport": "/o/sport.atom",
        "/p/wester": "/p/wester.atom",
        f"/v/{asked.id}": f"/v/{asked.id}.atom",
    }
    async with village.as_member(noor) as browser:
        for path, expected in feeds.items():
            links = Page(await browser.get(path)).all("link")
            assert [a["href"] for a in links if a.get("type") == "application/atom+xml"] == [expected]
            await feed_at(village, expected)
        links = Page(await browser.get(f"/v/{hidden.id}")).all("link")
    assert not [a for a in links if a.get("type") == "application/atom+xml"]


async def test_an_empty_feed_is_a_feed_and_speaks_the_language_of_its_address(village):
    """A reader can begin before anybody asked, in a language that the address names."""
    assert titles(await feed_at(village, "/vragen.atom")) == []
    assert (await feed_at(village, "/vragen.atom")).findtext(f"{NS}title") == "Vragen uit Wester"
    assert (await feed_at(village, "/vragen.atom?taal=en")).findtext(f"{NS}title") == "Questions from Wester"


async def test_edits_are_new_moments_of_the_same_entry(village, noor):
    """Its id stays, `updated` moves on."""
    asked = village.ask(noor, "Wie weet een fysio?")
    made = village.answer(noor, asked, "Die op de hoek.")
    before = (await feed_at(village, f"/v/{asked.id}.atom")).find(f"{NS}entry")
    village.clock.tick(hours=1)
    village.store.run_now(answers.edit, village.actor(noor), made.id, "Die ernaast.", made.perspective)
    after = (await feed_at(village, f"/v/{asked.id}.atom")).find(f"{NS}entry")
    assert before.findtext(f"{NS}id") == after.findtext(f"{NS}id")
    assert before.findtext(f"{NS}updated") < after.findtext(f"{NS}updated")
    assert after.findtext(f"{NS}summary") == "Die ernaast."
    assert village.store.read_now(lambda reading: reading.get(Question, asked.id)).edited_at is None
