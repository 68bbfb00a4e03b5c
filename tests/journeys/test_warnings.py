"""Content warnings: what somebody elsewhere warns for is opened by who wants to read it, and what ours warn for goes along."""

from __future__ import annotations

import json

import pytest

from tests.journeys.strangers import PUBLIC, Elsewhere, note
from tests.journeys.world import World
from tests.web.mastodon.apps import App, good
from tests.web.visiting import Page
from vraagbaak import moderation
from vraagbaak.caution import NEUTRAL
from vraagbaak.model import Answer, Question, QuestionStatus, Role, Scope


@pytest.fixture
async def street(tmp_path):
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    yield world, west, Elsewhere(world, "mastodon.example").person("joep")
    assert not world.network.faults
    world.close()


async def page_of(west, question) -> Page:
    async with west.client() as client:
        return Page(await client.get(f"/v/{question.id}"))


def said_by(person, name, west, **members):
    to = {"to": [PUBLIC], "cc": [west.config.home.group_uri]}
    return note(f"{person.server.base}/notes/{name}", person.uri, **to, **members)


async def sends(world, west, person, post, kind="Create"):
    assert (await person.send(west, person.activity(kind, post))).status_code == 202
    await world.settle()


async def test_a_question_with_a_warning_is_called_by_it_and_opened_by_who_wants_to(street):
    """Lists tell what it is about and no more; its text stands behind the warning on the page and in apps."""
    world, west, joep = street
    secret = "Wie verloor ook een kind?"
    post = said_by(joep, "1", west, summary="Over rouw", sensitive=True, content=f"<p>{secret}</p>")
    await sends(world, west, joep, post)
    (question,) = west.all(Question)
    assert (question.title, question.warning, question.sensitive) == ("Over rouw", "Over rouw", True)
    async with west.client() as client:
        lists = [(await client.get(path)).text for path in ("/", "/vragen")]
        html = (await client.get(f"/v/{question.id}")).text
    assert all("Over rouw" in each and secret not in each for each in lists)
    hidden = html[html.index('<details class="warned">') : html.index("</details>")]
    assert secret in hidden
    assert html.count(secret) == 1
    status = await App(west).get(f"v1/statuses/{question.id}")
    assert (status["spoiler_text"], status["sensitive"]) == ("Over rouw", True)
    assert "Over rouw" not in status["content"]


@pytest.mark.parametrize("again", ["{}", "re: {}", "RE: {}"])
async def test_a_reply_that_repeats_the_warning_of_its_question_warns_for_nothing_more(street, again):
    """Other software repeats it in every reply; who opened the question reads them without opening each."""
    world, west, joep = street
    fatma = west.member("fatma")
    question = west.ask(fatma, scope=Scope.PUBLIC, sensitive=True)
    for name, words in (("1", again.format(NEUTRAL["nl"])), ("2", "Over de dood")):
        post = said_by(joep, name, west, inReplyTo=question.uri, summary=words, sensitive=True)
        await sends(world, west, joep, post)
    first, second = sorted(west.all(Answer), key=lambda found: found.uri)
    assert (first.warning, second.warning) == ("", "Over de dood")
    page = await page_of(west, question)
    assert page.words.count("Over de dood") == 1
    for answer, words in ((first, NEUTRAL["nl"]), (second, "Over de dood")):
        status = await App(west).get(f"v1/statuses/{answer.id}")
        assert (status["spoiler_text"], status["sensitive"]) == (words, True)


async def test_a_warning_that_is_added_later_is_read_again_first(tmp_path):
    """Other words, also of warning, are read by a moderator before others see them."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    joep = Elsewhere(world, "mastodon.example").person("joep")
    post = said_by(joep, "1", west, content="<p>Wie helpt?</p>")
    await sends(world, west, joep, post)
    (held,) = west.all(Question)
    west.store.run_now(moderation.release, west.member("iris", Role.MODERATOR), Question, held.id)
    await sends(world, west, joep, post | {"summary": "Koop nu", "updated": "2026-11-02T09:00:00Z"}, "Update")
    (question,) = west.all(Question)
    assert (question.status, question.warning) == (QuestionStatus.HELD, "Koop nu")
    world.close()


async def test_what_an_app_warns_for_goes_along_with_an_answer(tmp_path):
    """It stands before the answer here, in the other pilot, and as a content warning on the wire; an edit changes it."""
    world = World(tmp_path)
    west, east = world.pilots("Westerpark", "Oost")
    await world.settle()
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    await world.settle()
    henk = App(east, east.member("henk"))
    there = east.own(Question, question)
    made = await henk.status("Zij ging dood.", in_reply_to_id=there.id, spoiler_text="Over de dood")
    assert (made["spoiler_text"], made["sensitive"]) == ("Over de dood", True)
    assert "Over de dood" not in made["content"]
    await world.settle()
    (answer,) = west.all(Answer)
    assert (answer.body, answer.warning, answer.sensitive) == ("Zij ging dood.", "Over de dood", True)
    async with east.client(Accept="application/activity+json") as client:
        doc = json.loads((await client.get(answer.uri)).content)
    assert (doc["summary"], doc["sensitive"], doc["vb:body"]) == ("Over de dood", True, "Zij ging dood.")
    source = await henk.get(f"v1/statuses/{made['id']}/source")
    assert (source["text"], source["spoiler_text"]) == ("Zij ging dood.\n\n#bewoner", "Over de dood")
    for given, words in (
        ({"status": "Zij stierf."}, "Over de dood"),
        ({"status": "Zij stierf.", "spoiler_text": "Over rouw"}, "Over rouw"),
        ({"status": "Zij stierf.", "spoiler_text": ""}, ""),
    ):
        world.clock.tick(seconds=5)
        good(await henk.call("PUT", f"v1/statuses/{made['id']}", json=given))
        await world.settle()
        (answer,) = west.all(Answer)
        assert (answer.body, answer.warning, answer.sensitive) == ("Zij stierf.", words, bool(words))
    too_long = await henk.call(
        "POST",
        "v1/statuses",
        json={"status": "Ja.", "in_reply_to_id": there.id, "spoiler_text": "x" * 201},
    )
    assert too_long.status_code == 422
    only = await henk.status("", in_reply_to_id=there.id, spoiler_text="Ik ook.")
    assert (only["spoiler_text"], only["content"]) == ("", "<p>Ik ook.</p><p>(als bewoner)</p>")
    world.close()


async def test_a_warning_cannot_break_out_of_its_place(street):
    """Whatever somebody warns for is plain words on one line of a page."""
    world, west, joep = street
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    for name, words in enumerate(
        (
            "</summary><script>alert(1)</script>",
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "\u202egnaw\n\n" + "x" * 9000,
        )
    ):
        post = said_by(joep, str(name), west, inReplyTo=question.uri, summary=words)
        await sends(world, west, joep, post)
    page = await page_of(west, question)
    assert not page.all("script") or all("src" in each for each in page.all("script"))
    assert len(page.all("details")) <= 3
    assert all(len(found.warning) <= 200 and "\n" not in found.warning for found in west.all(Answer))
