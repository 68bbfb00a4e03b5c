"""Asking without an account, and coming back: the pages, as a browser without JavaScript and cookies uses them."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta

import pytest

from storage.clock import moment_of
from storage.tables import metadata
from storage.upkeep import prune
from tests.web.returning import TITLE, Asker
from tests.web.visiting import HOSTILE, Page, Village
from vraagbaak import moderation
from vraagbaak.model import (
    Answer,
    Helped,
    Mark,
    Perspective,
    Question,
    QuestionStatus,
    ReplyStatus,
    ReturnCode,
    Role,
    Scope,
)
from web import limits, tickets

OPEN = {"moderate_anonymous": False, "languages": ("nl", "en")}


@pytest.fixture
def village(store_factory):
    return Village(store_factory, **OPEN)


@pytest.fixture
def careful(store_factory):
    """A pilot that reviews first."""
    return Village(store_factory)


def all_of(village, kind, **equals):
    return village.store.read_now(lambda reading: reading.find(kind, **equals))


def question_of(village) -> Question:
    (found,) = all_of(village, Question)
    return found


async def answered(village, asker):
    """A question with an answer by sam; back on its page."""
    sam = village.member("sam")
    answer = village.answer(sam, question_of(village), "Ik slaap beter sinds ik wandel.")
    await asker.come_back()
    return answer


# asking


async def test_three_pages_and_four_words(village):
    """From the field on the front page to the code: nothing to sign in to, nothing kept in the browser."""
    asker = Asker(village)
    page = Page(await asker.client.get("/"))
    assert "Wat wil je vragen?" in page.words
    await asker.begin()
    for label in (
        "Voor wie vraag je dit?",
        "Wie mag dit zien?",
        "Van wie wil je antwoord?",
        "Verwijder mijn vraag na",
        "Vraag stellen",
    ):
        assert label in asker.words
    fields = asker.forms.with_field("key")
    assert (fields["title"], fields["scope"], fields["months"], fields["for"]) == (
        TITLE,
        "neighbourhood",
        "12",
        "me",
    )
    await asker.send()
    assert "Bewaar deze vier woorden" in asker.words
    assert len(asker.code.split()) == 4
    assert asker.client.cookies == {}
    question = question_of(village)
    assert (question.title, question.scope, question.status) == (
        TITLE,
        Scope.NEIGHBOURHOOD,
        QuestionStatus.OPEN,
    )


async def test_what_was_chosen_is_what_is_asked(village):
    """Scope, perspective, keeping time, topic and for whom."""
    await Asker(village).ask(
        scope="pilots", wanted="family", months="1", topics="slapen", sensitive="on", **{"for": "another"}
    )
    question, (code,) = question_of(village), all_of(village, ReturnCode)
    assert (question.scope, question.wanted, question.topics) == (
        Scope.PILOTS,
        (Perspective.FAMILY,),
        ("slapen",),
    )
    assert question.sensitive
    assert (code.for_another, code.ends_at) == (True, question.published_at + timedelta(days=30))


@pytest.mark.parametrize("field", ["scope", "months", "for", "wanted", "topics", "sensitive", "warned"])
async def test_e02_nonsense_in_a_field_never_widens_or_breaks(village, field):
    """A choice that was not offered counts as none; the narrowest audience and the longest time offered stay."""
    asker = await Asker(village).ask(**{field: HOSTILE[:40]})
    if asker.code:
        assert question_of(village).scope is Scope.NEIGHBOURHOOD
    else:
        assert asker.answer.status_code == 422
    assert "<script" not in asker.answer.text


async def test_e01_e02_hostile_words_are_only_words(village):
    """In the title and the text, on every page that shows them to the asker."""
    asker = await Asker(village).ask(HOSTILE[:150], body=HOSTILE)
    assert asker.code
    await answered(village, asker)
    pages = [asker.answer.text]
    await asker.press("do", "delete")
    for text in (*pages, asker.answer.text):
        assert not re.search(r"<(script|img|b)[ >]", text)
        assert "&lt;script" in text


async def test_sending_twice_asks_once_and_shows_the_same_words(village):
    """Two taps, or a page sent again after the connection was lost."""
    asker = await Asker(village).begin()
    first = (await asker.begin()).forms.with_field("key")
    one = await asker.client.post("/vraag", data=first)
    two = await asker.client.post("/vraag", data=first)
    codes = []
    for asker.answer in (one, two):
        codes.append(asker.shown_code())
    assert codes[0] == codes[1] != ""
    assert len(all_of(village, Question)) == 1


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_two_taps_at_the_same_moment_are_one_question(store_factory, request, database):
    """Whichever database: both get the same words."""
    url = request.getfixturevalue("fresh_postgres_url") if database == "postgresql" else None
    village = Village(lambda **settings: store_factory(url, **settings), **OPEN)
    asker = await Asker(village).begin()
    sent = asker.forms.with_field("key")
    answers = await asyncio.gather(*(asker.client.post("/vraag", data=sent) for _ in range(4)))
    codes = set()
    for asker.answer in answers:
        codes.add(asker.shown_code())
    assert len(codes) == 1
    assert len(codes.pop().split()) == 4
    assert len(all_of(village, Question)) == 1


async def test_a_form_that_was_open_too_long_comes_back_with_all_that_was_typed(village):
    """One press more, and the question is asked."""
    asker = await Asker(village).begin()
    sent = asker.forms.with_field("key") | {"body": "Al weken wakker.", "scope": "pilots"}
    village.later(tickets.ASKING)
    asker.answer = await asker.client.post("/vraag", data=sent)
    assert "stond lang open" in asker.words
    again = asker.forms.with_field("key")
    assert (again["title"], again["body"], again["scope"]) == (TITLE, "Al weken wakker.", "pilots")
    assert all_of(village, Question) == []
    await asker.send()
    assert asker.code


@pytest.mark.parametrize("key", ["", "x", "9999999999999.x.y", "1.2.3", "é.é.é", "\u0663.a.b", "x" * 5000])
async def test_a_note_that_is_not_ours_asks_nothing(village, key):
    """Forged, empty, huge: the form comes back, or who is not signed in is told so."""
    asker = await Asker(village).begin()
    asker.answer = await asker.client.post("/vraag", data={"key": key, "title": TITLE})
    assert asker.answer.status_code in {401, 422}
    assert TITLE in asker.answer.text
    assert all_of(village, Question) == []


async def test_notes_for_one_thing_are_good_for_nothing_else(village):
    """The note of a form opens no question, that of a visit asks none."""
    asker = await Asker(village).ask()
    visit = asker.forms.with_field("visit")["visit"]
    asker.answer = await asker.client.post("/vraag", data={"key": visit, "title": "Nog een vraag?"})
    assert asker.answer.status_code == 422
    note = asker.forms.with_field("key")["key"]
    answer = await asker.client.post("/k", data={"visit": note})
    assert "stond lang open" in Page(answer).words
    changed = visit[:-1] + ("0" if visit[-1] != "0" else "1")
    assert "stond lang open" in Page(await asker.client.post("/k", data={"visit": changed})).words


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"title": ""}, "Vul je vraag in"),
        ({"title": "x" * 201}, "te lang"),
        ({"body": "x" * 10_001}, "te lang"),
        ({"own_topic": "y" * 90}, "onderwerp"),
    ],
)
async def test_what_is_wrong_is_told_in_place(village, fields, says):
    """In one sentence, with everything that was typed still there."""
    asker = await Asker(village).begin()
    asker.answer = await asker.client.post(
        "/vraag", data=asker.forms.with_field("key") | {"body": "Al weken.", "scope": "public", **fields}
    )
    assert asker.answer.status_code == 422
    assert says in asker.words
    kept = asker.forms.with_field("key")
    assert kept["scope"] == "public"
    assert fields.get("body", "Al weken.") == kept["body"]


@pytest.mark.parametrize(
    "title",
    [
        "😀🧓🏽👩‍👩‍👧 wie helpt mij?",
        "من يساعدني على النوم؟",
        "<p><b>Geplakt</b> uit Word</p>",
        "a\u0301" * 90,
        "Wie?\r\nHelp",
    ],
    ids=["emoji", "rtl", "pasted", "combining", "lines"],
)
async def test_whatever_people_type_can_be_asked(village, title):
    """Emoji, other scripts, pasted text."""
    asker = await Asker(village).ask(title)
    assert asker.code


async def test_ten_thousand_characters_can_be_asked(village):
    """A whole story fits."""
    assert (await Asker(village).ask(body="verhaal " * 1240)).code


# what is pointed out


async def test_a_name_or_number_is_pointed_out_once(village):
    """Before anything is sent; who goes on is not asked again, unless something else appears."""
    asker = await Asker(village).ask("Wie belt mij? 06-12345678")
    assert not asker.code
    assert "een telefoonnummer" in asker.words
    assert "Moeten anderen weten wie je bent?" in asker.words
    assert all_of(village, Question) == []
    await asker.send(body="Mail jan@voorbeeld.nl")
    assert not asker.code
    assert "een e-mailadres" in asker.words
    await asker.send()
    assert asker.code


async def test_who_goes_on_with_a_number_may(village):
    """It is a warning, not a wall."""
    asker = await Asker(village).ask("Wie belt mij? 06-12345678")
    await asker.send()
    assert asker.code
    assert "06-12345678" in question_of(village).title


async def test_words_of_danger_show_the_line_to_help_and_nothing_else(village):
    """On the asker's own pages; the question is asked, and nothing about it is kept or shown to others."""
    asker = await Asker(village).begin("Ik wil niet meer leven, wie praat met mij")
    assert "Bel 113" in asker.words
    await asker.send(scope="public")
    assert "Bel 113" in asker.words
    assert asker.code
    question = question_of(village)
    assert (question.sensitive, question.topics) == (False, ())
    others = await village.browser().get(f"/v/{question.id}")
    assert "Bel 113" not in Page(others).words
    calm = await Asker(village, "192.0.2.9").begin()
    assert "Bel 113" not in calm.words


# review and floods


async def test_it_is_reviewed_first_and_the_asker_knows(careful):
    """Others see nothing before; afterwards they do."""
    asker = await Asker(careful).ask(scope="public")
    assert "kijkt je vraag eerst na" in asker.words
    question = question_of(careful)
    assert (await careful.browser().get(f"/v/{question.id}")).status_code == 404
    assert TITLE not in (await careful.browser().get("/vragen")).text
    assert "nagekeken" in (await asker.come_back()).words
    lien = careful.member("lien", Role.MODERATOR)
    desk = await careful.as_member(lien).get("/nakijken")
    assert TITLE in desk.text
    careful.store.run_now(moderation.release, lien, Question, question.id)
    assert (await careful.browser().get(f"/v/{question.id}")).status_code == 200


async def test_many_at_once_wait_for_review_whatever_the_settings_say(village):
    """From many addresses too: the first stand there at once, the rest somebody reads first."""
    for number in range(limits.CROWD.burst + 2):
        await Asker(village, f"198.51.{number}.7").ask()
    states = [each.status for each in all_of(village, Question)]
    assert states.count(QuestionStatus.OPEN) == limits.CROWD.burst
    assert states.count(QuestionStatus.HELD) == 2


async def test_one_address_cannot_flood(village):
    """It is told to wait, in place, and loses nothing; another address is not bothered."""
    for _ in range(limits.ASK.burst):
        await Asker(village).ask()
    asker = await Asker(village).ask("Nog een vraag dan")
    assert asker.answer.status_code == 429
    assert int(asker.answer.headers["retry-after"]) > 0
    assert asker.forms.with_field("key")["title"] == "Nog een vraag dan"
    assert (await Asker(village, "198.51.100.1").ask()).code


# coming back


async def test_the_words_open_the_question_on_any_device(village):
    """However they are typed, without an account or a cookie."""
    asker = await Asker(village).ask()
    await answered(village, asker)
    other = Asker(village, "203.0.113.5")
    await other.come_back(f"  {asker.code.upper().replace(' ', ', ')} ")
    assert TITLE in other.words
    assert "Ik slaap beter sinds ik wandel." in other.words
    assert other.client.cookies == {}
    assert "set-cookie" not in other.answer.headers
    assert other.answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("", 422, "vier woorden"),
        ("fiets regenbui brood", 422, "vier woorden"),
        ("fites regenbui brood lampje", 422, "Bedoel je 'fiets'?"),
        ("fiets regenbui brood lampje", 404, "hoort geen vraag"),
        (HOSTILE, 422, "staat in geen enkele code"),
        ("x" * 100_000, 422, "staat in geen enkele code"),
    ],
)
async def test_words_that_open_nothing_are_told_so(village, typed, status, says):
    """At the door, with what was typed still there."""
    await Asker(village).ask()
    asker = await Asker(village).come_back(typed or " ")
    assert (asker.answer.status_code, says in asker.words) == (status, True)
    assert "<script" not in asker.answer.text


async def test_guessing_gets_nowhere(village):
    """Ten tries, then one a minute, counted without keeping an address; the right words do not work either then."""
    asker = await Asker(village).ask()
    for _ in range(limits.CODE.burst):
        await asker.come_back("fiets regenbui brood lampje")
        assert asker.answer.status_code == 404
    await asker.come_back(asker.code)
    assert asker.answer.status_code == 429
    assert asker.code in asker.answer.text
    assert int(asker.answer.headers["retry-after"]) > 0
    elsewhere = Asker(village, "203.0.113.5")
    assert TITLE in (await elsewhere.come_back(asker.code)).words
    village.later(timedelta(minutes=2))
    assert TITLE in (await asker.come_back()).words


async def test_the_asker_does_everything_without_an_account(village):
    """Marks, asks back, narrows, closes, opens again; each by one plain form."""
    asker = await Asker(village).ask(scope="public")
    answer = await answered(village, asker)
    await asker.press("mark", "partly")
    assert all_of(village, Mark)[0].value is Helped.PARTLY
    await asker.press("mark", "helped")
    assert question_of(village).status is QuestionStatus.ANSWERED
    await asker.press("mark", "")
    assert all_of(village, Mark) == []
    sent = asker.forms.with_field("body") | {"body": "Hoe ver loop je dan?"}
    asker.answer = await asker.client.post("/k", data=sent)
    assert "Je bericht is geplaatst." in asker.words
    (comment,) = all_of(village, Answer, parent_id=answer.id)
    assert (comment.body, comment.author_id) == ("Hoe ver loop je dan?", question_of(village).author_id)
    await asker.press("do", "narrow", scope="pilots")
    assert question_of(village).scope is Scope.PILOTS
    await asker.press("do", "close")
    assert question_of(village).status is QuestionStatus.CLOSED
    await asker.press("do", "reopen")
    assert question_of(village).status is QuestionStatus.OPEN
    others = await village.as_member(village.member("mo")).get(f"/v/{question_of(village).id}")
    assert "stelde de vraag" in Page(others).words


async def test_asking_back_is_reviewed_where_questions_are(careful):
    """The asker sees it waiting; nobody else sees it."""
    asker = await Asker(careful).ask()
    lien = careful.member("lien", Role.MODERATOR)
    careful.store.run_now(moderation.release, lien, Question, question_of(careful).id)
    answer = await answered(careful, asker)
    asker.answer = await asker.client.post(
        "/k", data=asker.forms.with_field("body") | {"body": "Hoe ver loop je dan?"}
    )
    assert "Hoe ver loop je dan?" in asker.words
    assert all_of(careful, Answer, parent_id=answer.id)[0].status is ReplyStatus.HELD
    others = await careful.as_member(careful.member("mo")).get(f"/v/{question_of(careful).id}")
    assert "Hoe ver loop je" not in others.text


async def test_asking_back_and_handing_over_are_bounded_too(village):
    """Who has a code cannot flood with it, nor keep the server busy; what was typed is still there."""
    asker = await Asker(village).ask()
    answer = await answered(village, asker)
    sent = asker.forms.with_field("body")
    for number in range(limits.ASK.burst):
        asker.answer = await asker.client.post("/k", data=sent | {"body": f"Vraag {number}?"})
    assert asker.answer.status_code == 429
    assert int(asker.answer.headers["retry-after"]) > 0
    assert f"Vraag {limits.ASK.burst - 1}?" in asker.answer.text
    assert len(all_of(village, Answer, parent_id=answer.id)) == limits.ASK.burst - 1
    handing = asker.forms.with_button("do", "hand-over")
    statuses = [
        (await asker.client.post("/k", data=handing)).status_code for _ in range(limits.CODE.burst + 1)
    ]
    left = limits.CODE.burst - 1  # one went to coming back
    assert statuses[:left] == [200] * left
    assert 200 not in statuses[left:]


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"do": "narrow", "scope": "public"}, 422, "minder mensen"),
        ({"do": "narrow"}, 422, "Kies wie"),
        ({"do": "mark", "answer": "0" * 26, "mark": "helped"}, 404, "bestaat niet"),
        ({"do": "mark", "answer": "0" * 26, "mark": "best"}, 422, "Kies één van de drie"),
        ({"do": "back", "answer": "0" * 26, "body": "Hoe dan?"}, 404, "bestaat niet"),
        ({"do": "mark", "answer": "../../etc", "mark": "helped"}, 404, "bestaat niet"),
        ({"do": "hand-over", "key": "x"}, 422, "stond lang open"),
        ({"do": "nonsense"}, 200, TITLE),
    ],
)
async def test_what_cannot_be_done_is_told_on_the_page(village, fields, status, says):
    """And changes nothing."""
    asker = await Asker(village).ask()
    await asker.come_back()
    visit = asker.forms.with_field("visit")["visit"]
    before = question_of(village)
    asker.answer = await asker.client.post("/k", data={"visit": visit, **fields})
    assert (asker.answer.status_code, says in asker.words) == (status, True)
    assert question_of(village) == before


async def test_a_visit_that_took_too_long_keeps_what_was_typed(village):
    """The words are asked for again; then what was typed is there, not sent."""
    asker = await Asker(village).ask()
    answer = await answered(village, asker)
    sent = asker.forms.with_field("body") | {"body": "Hoe ver loop je dan?"}
    village.later(tickets.VISIT)
    asker.answer = await asker.client.post("/k", data=sent)
    assert "stond lang open" in asker.words
    asker.answer = await asker.client.post("/k", data=asker.forms.with_field("code") | {"code": asker.code})
    assert asker.forms.with_field("body")["body"] == "Hoe ver loop je dan?"
    assert all_of(village, Answer, parent_id=answer.id) == []


async def test_handing_over_gives_other_words(village):
    """Once, however often it is sent; the old words and the old page open nothing any more."""
    asker = await Asker(village).ask(**{"for": "another"})
    await asker.come_back()
    old, sent = asker.code, asker.forms.with_button("do", "hand-over")
    codes = []
    for _ in range(2):
        asker.answer = await asker.client.post("/k", data=sent)
        codes.append(asker.shown_code())
    assert codes[0] == codes[1] != old
    assert "geen vraag" in (await asker.come_back(old)).words
    assert TITLE in (await asker.come_back(codes[0])).words
    assert "geen vraag" in Page(await asker.client.post("/k", data={"visit": sent["visit"]})).words


async def test_deleting_asks_first_and_then_leaves_nothing(village):
    """And the words show, for a while, that it is gone."""
    asker = await Asker(village).ask(scope="public")
    await answered(village, asker)
    await asker.press("do", "delete")
    assert len(all_of(village, Question)) == 1
    assert "niet terugdraaien" in asker.words
    await asker.press("do", "delete")
    assert "Je vraag is verwijderd" in asker.words
    assert "Geen andere server had je vraag gekregen." in asker.words
    assert all_of(village, Question) + all_of(village, Answer) == []
    await asker.come_back()
    assert "Je vraag is verwijderd" in asker.words
    village.later(timedelta(days=30, seconds=1))
    village.store.run_now(prune)
    assert "geen vraag" in (await asker.come_back()).words


async def test_a_question_disappears_by_itself(village):
    """After the time that was chosen; the words then tell so."""
    asker = await Asker(village).ask(months="1")
    village.later(timedelta(days=30))
    village.store.run_now(prune)
    assert all_of(village, Question) == []
    assert "Je vraag is verwijderd" in (await asker.come_back()).words


# nobody else, and nothing that tells who


async def test_g16_nobody_else_can_do_any_of_it(village):
    """Not a member, not a moderator, not who has another code."""
    asker = await Asker(village).ask(scope="public")
    question = question_of(village)
    mo = village.as_member(village.member("mo", Role.MODERATOR))
    for act in ("klaar", "minder", "verwijderen", "heropen", "aanpassen"):
        tried = await mo.post(f"/v/{question.id}/{act}", data={"scope": "neighbourhood", "title": "Van mij"})
        assert tried.status_code in {403, 404, 422}, act
    other = await Asker(village, "203.0.113.5").ask("Een heel andere vraag")
    await other.come_back()
    visit = other.forms.with_field("visit")["visit"]
    answer = village.answer(village.member("sam"), question)
    for do in ("mark", "back"):
        tried = await other.client.post(
            "/k", data={"visit": visit, "do": do, "answer": answer.id, "mark": "helped", "body": "Hoe?"}
        )
        assert tried.status_code == 404
    assert village.store.read_now(lambda reading: reading.get(Question, question.id)) == question
    assert asker.code


async def dump(village) -> dict[str, set[str]]:
    """For each anonymous question all values in all rows that belong to it, table by table."""
    rows: list[tuple[str, dict[str, object]]] = []

    def read(reading):
        for table in metadata.sorted_tables:
            rows.extend((table.name, dict(row)) for row in reading.execute(table.select()).mappings())

    village.store.read_now(read)
    found: dict[str, set[str]] = {}
    for question in all_of(village, Question):
        mine = {question.id, question.uri}
        belonging = [
            (name, row)
            for name, row in rows
            if any(part in str(value) for value in row.values() for part in mine)
        ]
        found[question.title] = {
            f"{name}.{column}={value}"
            for name, row in belonging
            for column, value in row.items()
            if value not in (None, "")
        }
    return found


async def test_g12_g16_two_questions_of_one_person_share_no_more_than_those_of_two(village):
    """Whatever stands in the database of both, stands there of a question of somebody else too."""
    same = {
        "User-Agent": "Telefoon van Noor",
        "Accept-Language": "nl-BE",
        "Referer": "https://wester.example/",
    }
    noor, sam = Asker(village, "192.0.2.77", **same), Asker(village, "203.0.113.5")
    titles = ("Slapen lukt niet meer", "Papieren kwijt", "Mijn kat is weg")
    await noor.ask(titles[0])
    village.later(timedelta(minutes=7))
    await noor.ask(titles[1])
    await noor.come_back()
    await sam.ask(titles[2])
    found = await dump(village)
    first, second, other = (found[title] for title in titles)
    assert min(len(first), len(second), len(other)) > 10
    assert (first & second) - other == set()


async def test_g16_nothing_of_the_asker_is_kept_or_logged(village, caplog):
    """No address, browser, code or note in any table or log line, also when something goes wrong."""
    caplog.set_level(logging.DEBUG)
    planted = {"User-Agent": "Planted-Agent", "Accept-Language": "nl-PL", "X-Forwarded-For": "198.51.100.200"}
    asker = await Asker(village, "192.0.2.177", **planted).begin()
    note = asker.forms.with_field("key")["key"]
    await asker.send(scope="public")
    await answered(village, asker)
    visit = asker.forms.with_field("visit")["visit"]
    await asker.press("mark", "helped")
    await asker.come_back("fiets regenbui brood lampje")
    secrets = ["192.0.2.177", "198.51.100.200", "Planted", "nl-PL", note, visit, asker.code]
    secrets += [" ".join(asker.code.split()[:2])]
    kept = "\n".join(str(value) for values in (await dump(village)).values() for value in values)

    def everything(reading):
        return [
            dict(row)
            for table in metadata.sorted_tables
            for row in reading.execute(table.select()).mappings()
        ]

    kept += repr(village.store.read_now(everything)) + caplog.text
    for secret in secrets:
        assert secret not in kept, secret
    assert asker.answer.headers.get("referrer-policy") == "no-referrer"


async def test_g12_the_minute_of_asking_stands_nowhere(village):
    """Neither in the question, its id, nor its code."""
    village.later(timedelta(minutes=37, seconds=11))
    await Asker(village).ask(scope="public")
    question, (code,) = question_of(village), all_of(village, ReturnCode)

    for moment in (question.published_at, moment_of(question.id), code.ends_at):
        assert (moment.minute, moment.second) == (0, 0)
    page = await village.browser().get(f"/v/{question.id}")
    assert ":37" not in page.text


async def test_no_code_ever_stands_in_an_address(village):
    """Not in links, not in forms, and an address that holds one opens nothing."""
    asker = await Asker(village).ask()
    words = asker.code.split()
    for _ in range(2):
        for link in [
            *Page(asker.answer).links(),
            *(a.get("action") or "" for a in Page(asker.answer).all("form")),
        ]:
            assert not any(word in link for word in words)
        await asker.come_back()
    found = await asker.client.get("/k", params={"code": asker.code})
    assert found.status_code == 200
    assert TITLE not in found.text
    assert asker.code not in found.text


async def test_the_keeping_time_cannot_be_stretched(village):
    """Only what is offered."""
    await Asker(village).ask(months="999")
    question, (code,) = question_of(village), all_of(village, ReturnCode)
    assert code.ends_at == question.published_at + timedelta(days=365)


async def test_a_member_who_is_signed_in_asks_as_before(village):
    """Under their own name; and who was signed out meanwhile is not made nameless without knowing."""
    noor = village.member("noor")
    browser = village.as_member(noor)
    assert 'name="key"' not in (await browser.get("/vraag")).text
    signed_out = await village.browser().post(
        "/vraag", data={"title": "Wie loopt er mee?", "scope": "public"}
    )
    assert signed_out.status_code == 401
    assert all_of(village, Question) == []


@pytest.mark.parametrize("path", ["/vraag", "/k"])
async def test_the_pages_are_not_kept_by_anybody(village, path):
    """Nor found by search engines."""
    answer = await village.browser().get(path)
    assert 'content="noindex' in answer.text
    assert "set-cookie" not in answer.headers
