"""What helped, as PieFed says and reads it: ChooseAnswer and its Undo, by the asker and nobody else (threat B21)."""

from __future__ import annotations

import json

import pytest

from tests.federation.sent import GOLDEN
from tests.journeys.strangers import PUBLIC, Elsewhere
from tests.journeys.world import World
from vraagbaak.model import Answer, Helped, Mark, Question, QuestionStatus, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question, and a server whose people read inner activities."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma = west.member("fatma")
    pie = Elsewhere(world, "taart.example")
    ilse, eve = pie.person("ilse", implements=[{"href": "https://w3id.org/fep/1b12"}]), pie.person("eve")
    await ilse.send(west, ilse.activity("Follow", west.config.home.group_uri))
    kitchen = pie.person("keuken", type="Group", questionAnswer=True)
    await kitchen.send(west, kitchen.activity("Like", west.config.home.group_uri))
    await world.settle()
    yield world, west, ilse, eve
    assert not world.network.faults
    world.close()


async def answered(west, ilse):
    """A question of ours with an answer by ilse."""
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await west.work()
    post = ilse.own(inReplyTo=question.uri)
    await ilse.send(west, ilse.activity("Create", post))
    await west.work()
    return west.all(Answer, uri=post["id"])[0]


def words(ilse):
    """The activities inside what our neighbourhood announced there, without the posts."""
    inside = [each["object"] for each in ilse.server.received("Announce") if isinstance(each["object"], dict)]
    return [
        (each["type"], each["object"]["type"] if isinstance(each["object"], dict) else each["object"])
        for each in inside
        if each["type"] not in {"Create", "Update"}
    ]


async def test_our_askers_word_is_said_in_pies_words_too(street):
    """Who reads inner activities hears ChooseAnswer beside our own Add, and Undo when it was a mistake."""
    _, west, ilse, _ = street
    answer = await answered(west, ilse)
    for mark in (Helped.HELPED, Helped.PARTLY, None):
        west.mark(west.fatma, answer, mark)
        await west.work()
    assert words(ilse) == [
        ("Add", answer.uri),
        ("ChooseAnswer", answer.uri),
        ("Undo", "ChooseAnswer"),
        ("Add", answer.uri),
        ("Remove", answer.uri),
    ]


@pytest.mark.parametrize("who", ["ilse", "eve"])
async def test_b21_only_the_asker_chooses(street, who):
    """The choice of the asker elsewhere is a mark here, anybody else's is nothing."""
    _, west, ilse, eve = street
    asked = ilse.own(name="Hoe plak ik een band?", to=[PUBLIC, west.config.home.group_uri])
    await ilse.send(west, ilse.activity("Create", asked))
    await west.work()
    question = west.all(Question, uri=asked["id"])[0]
    answer = west.answer(west.fatma, question)
    await west.work()
    sender = {"ilse": ilse, "eve": eve}[who]
    choice = sender.activity("ChooseAnswer", answer.uri)
    assert (await sender.send(west, choice)).status_code == 202
    await west.work()
    marks = [mark.value for mark in west.all(Mark, question_id=question.id)]
    assert marks == ([Helped.HELPED] if who == "ilse" else [])
    status = west.all(Question, uri=asked["id"])[0].status
    assert status is (QuestionStatus.ANSWERED if who == "ilse" else QuestionStatus.OPEN)
    for undoing in (eve, ilse):
        await undoing.send(west, undoing.activity("Undo", {**choice, "actor": undoing.uri}))
        await west.work()
        kept = bool(west.all(Mark, question_id=question.id))
        assert kept is (who == "ilse" and undoing is eve)


@pytest.mark.parametrize("inside", [None, 5, "https://taart.example/n/geen", {"type": "Note"}, []])
async def test_a_choice_of_nothing_is_nothing(street, inside):
    """What is chosen has to be an answer that is here."""
    _, west, ilse, _ = street
    answer = await answered(west, ilse)
    west.mark(west.fatma, answer)
    await west.work()
    before = west.all(Mark, question_id=answer.question_id)
    assert (await ilse.send(west, ilse.activity("ChooseAnswer", inside))).status_code in {202, 400}
    assert (
        await ilse.send(
            west, ilse.activity("Undo", {"type": "ChooseAnswer", "actor": ilse.uri, "object": inside})
        )
    ).status_code == 202
    await west.work()
    assert west.all(Mark, question_id=answer.question_id) == before


@pytest.mark.parametrize("kind", ["Add", "Remove", "ChooseAnswer"])
async def test_what_is_sent_has_the_shape_of_its_golden_file(street, kind):
    """Nothing is sent of an asker's word but what the golden file shows, addressed as there: the Group stands in `to`."""
    _, west, ilse, _ = street
    answer = await answered(west, ilse)
    for mark in (Helped.HELPED, None):
        west.mark(west.fatma, answer, mark)
        await west.work()
    sent = next(
        each["object"]
        for each in ilse.server.received("Announce")
        if isinstance(each["object"], dict) and each["object"]["type"] == kind
    )
    name = {"Add": "add", "Remove": "remove", "ChooseAnswer": "choose-answer"}[kind]
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    assert set(sent) - {"proof"} == set(golden)
    home = west.config.home
    assert (sent["to"], sent["audience"]) == ([PUBLIC, home.group_uri], home.group_uri)
    assert golden["to"] == [PUBLIC, golden["audience"]]


async def test_what_is_for_pilots_is_marked_for_named_servers_only(street):
    """An asker's word on an answer that is for pilots is addressed to their servers, and to nobody's neighbourhood."""
    world, west, _, _ = street
    east = Elsewhere(world, "oost.example")
    application, _group = east.become_pilot()
    west.trust(east)
    await world.settle()
    await east.trust(west)
    question = west.ask(west.fatma, scope=Scope.PILOTS)
    answer = west.answer(west.member("noor"), question)
    west.mark(west.fatma, answer)
    await world.settle()
    (sent,) = east.received("Add")
    golden = json.loads((GOLDEN / "add-pilots.json").read_text())
    assert set(sent) == set(golden)
    assert (sent["to"], golden["to"]) == ([application.uri], ["https://west.example/actor"])
