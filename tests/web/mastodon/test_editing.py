"""Changing what one wrote with apps that send back what they were shown, or what they read at /source."""

from __future__ import annotations

import pytest

from tests.drawing import picture
from tests.web.mastodon.apps import App
from vraagbaak.model import Answer, Question


@pytest.fixture
def sam(pilot):
    return App(pilot, pilot.member("sam"))


async def _put(app, stood, **given):
    answer = await app.call("PUT", f"v1/statuses/{stood['id']}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _body(pilot, answer):
    (found,) = pilot.all(Answer, id=answer["id"])
    return found.body


def _as_elk(content):
    return content.replace("<p>", "").replace("</p>", "\n\n").strip()


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_an_edit_from_what_is_shown_does_not_double_the_closing_words(pilot, noor, sam, language):
    """Some apps begin an edit with the content; our own last line comes off it, and its perspective stays."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    answer = await sam.status("Ik ga mee #naaste", in_reply_to_id=question["id"], language=language)
    before = answer["content"]
    for _ in range(2):
        answer = await _put(sam, answer, status=_as_elk(answer["content"]))
    assert answer["content"] == before
    assert answer["vraagbaak"]["perspective"] == "family"
    assert _body(pilot, answer) == "Ik ga mee"


async def test_a_hashtag_says_more_than_the_closing_words(noor, sam):
    """Who adds the hashtag of another perspective means that one."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    answer = await sam.status("Ik ga mee #naaste", in_reply_to_id=question["id"])
    changed = await _put(sam, answer, status="Ik ga mee #hulpverlener\n\n(als naaste)")
    assert changed["vraagbaak"]["perspective"] == "professional"
    assert changed["content"] == "<p>Ik ga mee</p><p>(als hulpverlener)</p>"


@pytest.mark.parametrize(
    ("written", "perspective", "body"),
    [
        ("Ik help graag #naaste.", "family", "Ik help graag"),
        ("Ik help graag #hulpverlener #wmo", "professional", "Ik help graag #wmo"),
        ("Ik help graag\n\n#wmo #hulpverlener", "professional", "Ik help graag\n\n#wmo"),
        ("De #naaste helpt graag", "resident", "De #naaste helpt graag"),
    ],
)
async def test_the_perspective_stands_among_the_last_hashtags(pilot, noor, sam, written, perspective, body):
    """A full stop or another hashtag after it does not hide it; one in a sentence is a word like others."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    answer = await sam.status(written, in_reply_to_id=question["id"])
    assert answer["vraagbaak"]["perspective"] == perspective
    assert _body(pilot, answer) == body


async def test_the_mentions_before_a_reply_are_no_part_of_it(pilot, noor, sam):
    """Apps say to whom a reply is, and members call the neighbourhood; another name in the words stays."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    for number, start in enumerate(("@noor ", "@noor@wester.example ", "@wester ", "@wester @noor ")):
        answer = await sam.status(f"{start}Ik ga mee {number}", in_reply_to_id=question["id"])
        assert _body(pilot, answer) == f"Ik ga mee {number}"
    answer = await sam.status("@piet weet het, en @noor ook", in_reply_to_id=question["id"])
    assert _body(pilot, answer) == "@piet weet het, en @noor ook"


async def test_source_gives_the_warning_that_the_status_shows(pilot, noor, sam):
    """What comes back with it stays delicate, a question and what is said to it."""
    asked = await noor.status("Wie weet raad?\n\nHet is veel.", sensitive=True, visibility="public")
    answer = await sam.status("Sterkte", in_reply_to_id=asked["id"])
    for app, status in ((noor, asked), (sam, answer)):
        source = await app.get(f"v1/statuses/{status['id']}/source")
        assert source["spoiler_text"] == status["spoiler_text"] == "Vraag over iets persoonlijks"
        back = await _put(app, status, status=source["text"], spoiler_text=source["spoiler_text"])
        assert (back["sensitive"], back["spoiler_text"]) == (True, status["spoiler_text"])
        assert back["content"] == status["content"]
    assert pilot.all(Question, id=asked["id"])[0].title == "Wie weet raad?"


async def test_a_change_keeps_the_language_unless_it_names_one(noor, sam):
    """Of a question and of an answer."""
    asked = await noor.status("Who can help?", language="en", visibility="public")
    answer = await sam.status("I can", in_reply_to_id=asked["id"], language="en")
    for app, status in ((noor, asked), (sam, answer)):
        assert (await _put(app, status, status="Other words"))["language"] == "en"
        assert (await _put(app, status, status="Other words", language="tlh"))["language"] == "en"
        changed = await _put(app, status, status="Andere woorden", language="nl")
        assert changed["language"] == "nl"
    assert changed["content"].endswith("(als bewoner)</p>")


async def test_the_same_again_is_no_change(noor, sam):
    """No moment of editing is told; other words for a picture are a change."""
    sent = await noor.post("v2/media", files={"file": ("x.png", picture(), "image/png")})
    asked = await noor.status("Wie weet dit?\n\nTekst", media_ids=[sent["id"]], visibility="public")
    answer = await sam.status("Ik #naaste", in_reply_to_id=asked["id"])
    text = "Wie weet dit?\n\nTekst"
    same = await _put(noor, asked, status=text, media_ids=[sent["id"]])
    assert same["edited_at"] is None
    assert (await _put(sam, answer, status="Ik #naaste"))["edited_at"] is None
    said = {"id": sent["id"], "description": "Een hond"}
    assert (await _put(noor, asked, status=text, media_attributes=[said]))["edited_at"]
    assert (await _put(sam, answer, status="Ik #bewoner"))["edited_at"]


async def test_other_words_for_a_picture_leave_the_text_as_it_is(pilot, noor, sam):
    """What a change does not name stays; only an empty text is an empty text."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    shot = await sam.post("v2/media", files={"file": picture()})
    answer = await sam.status("Ik ga mee", in_reply_to_id=question["id"], media_ids=[shot["id"]])
    words = [{"id": shot["id"], "description": "Een bank"}]
    changed = await _put(sam, answer, media_attributes=words)
    assert _body(pilot, answer) == "Ik ga mee"
    assert changed["media_attachments"][0]["description"] == "Een bank"
    asked = await _put(noor, question, language="nl")
    assert pilot.all(Question, id=asked["id"])[0].title == "Wie gaat er mee?"


@pytest.mark.parametrize(
    "odd", [" " * 250_000, "\t" * 100_000, "(als bewoner) " * 17_000, "@wester " * 30_000]
)
async def test_a_text_without_end_is_refused_before_it_is_read(noor, odd):
    """Nothing is looked for in it: what grows with its square would hold up everybody."""
    question = await noor.status("Wie gaat er mee?", visibility="public")
    for given in ({}, {"in_reply_to_id": question["id"]}):
        answer = await noor.call("POST", "v1/statuses", json={"status": f"x{odd}y", **given})
        assert (answer.status_code, answer.json()["field"]) == (422, "status")
