"""Pictures beside what goes to other servers: told where they are to whoever may see them, and to nobody else."""

from __future__ import annotations

import io
import json

import pytest

from storage.records import Activity
from tests.drawing import from_a_camera, opened
from vraagbaak import answers, media, moderation, questions
from vraagbaak.model import Media, Perspective, Question, Role, Scope

ALT = "een zonnebloem in de goot"


@pytest.fixture
async def street(world):
    """Two pilots that trust each other."""
    west, east = world.pilots("Westerpark", "Nieuwland")
    west.fatma, east.henk = west.member("fatma"), east.member("henk")
    await world.settle()
    return west, east


async def sent(pilot, member) -> Media:
    words = media.Words(description=ALT, focus=(0.5, 0.5))
    site = pilot.parts.site
    return await site.media.keep(pilot.store, pilot.actor(member), io.BytesIO(from_a_camera()), words)


async def asked(west, scope):
    shown = await sent(west, west.fatma)
    return shown, west.ask(west.fatma, "Wat groeit hier?", scope, media=(shown.id,))


async def fetched(pilot, url: str, **headers: str):
    async with pilot.client(**headers) as client:
        return await client.get(url)


def notes_about(west, question) -> list[dict]:
    """What was said of it to others, oldest first."""
    found = [json.loads(each.body) for each in west.all(Activity, thing_uri=question.uri)]
    return [each["object"] for each in found if isinstance(each["object"], dict)]


async def test_a_public_picture_is_told_in_the_manner_of_all_others(world, street):
    """With its kind, measures, words and middle, at an address that everybody can open."""
    west, _ = street
    shown, question = await asked(west, Scope.PUBLIC)
    await world.settle()
    answer = await fetched(west, question.uri, Accept="application/activity+json")
    (told,) = answer.json()["attachment"]
    assert told == {
        "type": "Document",
        "mediaType": "image/jpeg",
        "url": f"{west.base}/media/{shown.file}.jpg",
        "width": 80,
        "height": 60,
        "name": ALT,
        "focalPoint": [0.5, 0.5],
        "blurhash": shown.blurhash,
    }
    picture = await fetched(west, told["url"])
    assert opened(picture.content).size == (80, 60)
    assert picture.headers["cache-control"] == "public, max-age=3600"


async def test_g19_for_pilots_the_address_alone_does_not_open_it(world, street):
    """What pilots get carries a proof; it opens this picture as long as it is for pilots, and nothing else."""
    west, _ = street
    shown, question = await asked(west, Scope.PILOTS)
    other, _ = await asked(west, Scope.NEIGHBOURHOOD)
    await world.settle()
    (told,) = notes_about(west, question)[0]["attachment"]
    url, _, proof = told["url"].partition("?")
    assert (await fetched(west, told["url"])).status_code == 200
    assert (await fetched(west, url)).status_code == 404
    assert (await fetched(west, f"{west.base}{media.path(other)}?{proof}")).status_code == 404
    assert (await fetched(west, question.uri, Accept="application/activity+json")).status_code == 404
    west.store.run_now(questions.narrow, west.actor(west.fatma), question.id, Scope.NEIGHBOURHOOD)
    assert (await fetched(west, told["url"])).status_code == 404
    assert shown.key not in json.dumps(notes_about(west, question))


async def test_g15_of_a_picture_for_the_neighbourhood_nothing_leaves(world, street):
    """No name, no words, no address of it is in anything that went out; and no proof for pilots opens it."""
    west, _ = street
    world.network.sent.clear()
    shown, question = await asked(west, Scope.NEIGHBOURHOOD)
    answer = west.answer(west.fatma, question, "Hier nog een.", media=((await sent(west, west.fatma)).id,))
    await world.settle()
    assert west.own(Question, question).scope is Scope.NEIGHBOURHOOD
    assert world.network.sent == []
    for_pilots = media.address(west.config.home, shown, Scope.PILOTS)
    assert (await fetched(west, for_pilots)).status_code == 404
    assert west.all(Activity, thing_uri=answer.uri) == []


async def test_an_edit_tells_of_other_pictures_and_other_words(world, street):
    """Whoever received it gets what stands there from now on; a picture that went is at no address any more."""
    west, _ = street
    first, question = await asked(west, Scope.PILOTS)
    await world.settle()
    second = await sent(west, west.fatma)
    world.clock.tick(seconds=1)
    draft = questions.Draft(title="Wat groeit hier toch?", media=(second.id,))
    west.store.run_now(questions.edit, west.actor(west.fatma), question.id, draft)
    await world.settle()
    latest = notes_about(west, question)[-1]
    assert second.file in latest["attachment"][0]["url"]
    assert first.file not in json.dumps(latest)
    assert not west.parts.site.media.path(media.name_of(first)).exists()
    world.clock.tick(seconds=1)
    without = questions.Draft(title="Wat groeide hier?", media=())
    west.store.run_now(questions.edit, west.actor(west.fatma), question.id, without)
    await world.settle()
    assert "attachment" not in notes_about(west, question)[-1]


async def test_answers_bring_their_pictures(world, street):
    """The same for what is said to a question elsewhere."""
    west, east = street
    question = west.ask(west.fatma, "Wat groeit hier?", Scope.PUBLIC)
    await world.settle()
    shown = await sent(east, east.henk)
    there = east.own(Question, question)
    draft = answers.Draft(body="Dit.", perspective=Perspective.RESIDENT, media=(shown.id,))
    answer = east.store.run_now(answers.answer_anew, east.henk, there.id, draft)
    await world.settle()
    doc = (await fetched(east, answer.uri, Accept="application/activity+json")).json()
    assert doc["attachment"][0]["url"] == f"{east.base}/media/{shown.file}.jpg"
    assert west.knows(answer)


async def test_what_moderators_hide_is_covered_without_its_pictures(world, street):
    """The neutral sentence stands alone: no words about a picture, no address; they come back with the words."""
    west, _ = street
    _, question = await asked(west, Scope.PILOTS)
    iris = west.member("iris", Role.MODERATOR)
    await world.settle()
    world.clock.tick(seconds=1)
    west.store.run_now(moderation.hide, iris, Question, question.id)
    await world.settle()
    assert ALT not in json.dumps(notes_about(west, question)[-1])
    world.clock.tick(seconds=1)
    west.store.run_now(moderation.release, iris, Question, question.id)
    await world.settle()
    assert ALT in json.dumps(notes_about(west, question)[-1])


async def test_g20_nothing_kept_here_holds_a_picture_that_was_withdrawn(world, street):
    """Neither the activities that can be fetched again, nor the disk."""
    west, _ = street
    shown, question = await asked(west, Scope.PUBLIC)
    await world.settle()
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await world.settle()
    assert shown.file not in json.dumps([each.body for each in west.all(Activity, thing_uri=question.uri)])
    assert [path for path in (west.folder / "media").rglob("*") if path.is_file()] == []
