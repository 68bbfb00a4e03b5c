"""A question without an account on its way through the pilots: later than it was asked, and gone when its asker says so."""

from __future__ import annotations

import json

import pytest

from storage import receipts
from storage.clock import moment_of
from storage.receipts import Outcome
from storage.upkeep import prune
from vraagbaak import moderation, questions, returning
from vraagbaak.model import Actor, Answer, Helped, Question, Role, Scope
from vraagbaak.questions import Draft
from vraagbaak.returning import Wish

LOCK = "a" * 64


@pytest.fixture
async def pilots(world):
    """Three pilots that know each other; questions without an account are not reviewed."""
    made = world.pilots("Westerpark", "Nieuwland", "Oost", moderate_anonymous=False)
    await world.settle()
    return made


def ask(pilot, lock=LOCK, title="Wie helpt mij slapen?", scope=Scope.PILOTS, **wish) -> Question:
    draft = Draft(title=title, body="Al weken wakker.", scope=scope)
    code = pilot.store.run_now(returning.ask, lock, draft, Wish(**wish))
    return pilot.store.read_now(lambda reading: reading.get(Question, code.question_id))


def as_asker(pilot, act, *args, lock=LOCK):
    """One act of who has the code."""

    def unit(tx):
        code = returning.opened(tx, lock)
        return act(tx, code, code.question_id, *args)

    return pilot.store.run_now(unit)


def said(world) -> list[dict]:
    return [json.loads(sent.body) for sent in world.network.sent if sent.method == "POST"]


async def test_g12_it_leaves_later_than_it_was_asked(world, pilots):
    """Nothing for two minutes, everything within fifteen; and no moment in it tells the minute of asking."""
    west, new, _ = pilots
    world.clock.tick(minutes=41, seconds=13)
    asked_at = world.clock.now()
    world.network.sent.clear()
    question = ask(west)
    world.clock.tick(minutes=1, seconds=59)
    await world.settle()
    assert not new.knows(question)
    assert said(world) == []
    world.clock.tick(minutes=13, seconds=1)
    await world.settle()
    assert new.knows(question)
    (create, *_) = said(world)
    for moment in (create["published"], create["object"]["published"]):
        assert moment.partition("T")[2].startswith(f"{asked_at:%H}:00:00")
    for uri in (create["id"], create["object"]["id"]):
        assert moment_of(uri.rpartition("/")[2]).minute == 0
    assert "updated" not in create["object"]


async def test_it_is_asked_by_the_shared_neighbour(world, pilots):
    """Elsewhere too, with a profile that says no more than from where."""
    west, new, _ = pilots
    question = ask(west)
    world.clock.tick(minutes=15)
    await world.settle()
    here = new.own(Question, question)
    author = new.store.read_now(lambda reading: reading.get(Actor, here.author_id))
    assert author.uri == f"{west.base}/u/buurtgenoot-westerpark"
    assert here.title == "Wie helpt mij slapen?"


async def test_what_the_asker_does_later_arrives_later(world, pilots):
    """An answer from elsewhere, the word on it, a question back, and the end of it."""
    west, new, oost = pilots
    question = ask(west)
    world.clock.tick(minutes=15)
    await world.settle()
    wouter = new.member("wouter")
    answer = new.answer(wouter, question, "Bij ons is een wandelclub.")
    await world.settle()
    here = west.own(Answer, answer)
    as_asker(west, questions.mark, here.id, Helped.HELPED)
    back = west.store.run_now(returning.ask_back, LOCK, here.id, "Hoe laat is dat?")
    as_asker(west, questions.close)
    world.clock.tick(minutes=1, seconds=59)
    await world.settle()
    assert new.mark_of(answer) is None
    assert not new.knows(back)
    world.clock.tick(minutes=15)
    await world.settle()
    for pilot in (new, oost):
        assert pilot.mark_of(answer) is Helped.HELPED
        assert pilot.own(Answer, back).body == "Hoe laat is dat?"
        assert pilot.own(Question, question).status.value == "closed"


async def test_narrowing_reaches_others_after_a_change_that_still_waited(world, pilots):
    """Each change is newer than the one before, whatever chance said: at the end all stand as the asker wants."""
    west, new, _ = pilots
    question = ask(west, scope=Scope.PUBLIC)
    world.clock.tick(minutes=15)
    await world.settle()
    as_asker(west, questions.close)
    world.clock.tick(minutes=1)
    as_asker(west, questions.narrow, Scope.PILOTS)
    as_asker(west, questions.reopen)
    world.clock.tick(minutes=31)
    await world.settle()
    here = new.own(Question, question)
    assert (here.scope, here.status.value) == (Scope.PILOTS, "open")
    as_asker(west, questions.narrow, Scope.NEIGHBOURHOOD)
    await world.settle()
    assert not new.knows(question)


async def test_g20_g21_deleting_reaches_everybody_at_once_and_tells_who_took_it(world, pilots):
    """No waiting by chance; one that is away is shown as not yet told, and is told when it is back."""
    west, new, oost = pilots
    question = ask(west)
    world.clock.tick(minutes=15)
    await world.settle()
    oost.switch_off()
    ended = west.store.run_now(returning.withdraw, LOCK)

    def outcomes():
        found = west.store.read_now(receipts.of, question.uri, ended.ended_at)
        return {each.name: each.outcome for each in found}

    assert set(outcomes().values()) == {Outcome.WAITING}
    await world.settle()
    assert not new.knows(question)
    assert outcomes() == {"Nieuwland": Outcome.CONFIRMED, "Oost": Outcome.WAITING}
    oost.start()
    for _ in range(20):
        world.clock.tick(minutes=30)
        await world.settle()
    assert not oost.knows(question)
    assert outcomes() == {"Nieuwland": Outcome.CONFIRMED, "Oost": Outcome.CONFIRMED}


async def test_what_is_deleted_before_it_left_never_leaves(world, pilots):
    """Second thoughts within those minutes: nobody elsewhere ever heard of it."""
    west, _, _ = pilots
    world.network.sent.clear()
    ask(west)
    west.store.run_now(returning.withdraw, LOCK)
    world.clock.tick(hours=1)
    await world.settle()
    assert said(world) == []


async def test_the_keeping_time_ends_it_everywhere(world, pilots):
    """By the worker's own upkeep, without anybody doing anything."""
    west, new, oost = pilots
    question = ask(west, months=1)
    world.clock.tick(minutes=15)
    await world.settle()
    world.clock.tick(days=30)
    west.store.run_now(prune)
    await world.settle()
    assert not any(pilot.knows(question) for pilot in (west, new, oost))


async def test_a_reviewed_question_waits_by_chance_after_its_release(world):
    """When a moderator looks says nothing either."""
    west, new = world.pilots("Westerpark", "Nieuwland")
    await world.settle()
    question = ask(west)
    world.clock.tick(hours=5)
    await world.settle()
    assert not new.knows(question)
    lien = west.member("lien", Role.MODERATOR)
    west.store.run_now(moderation.release, lien, Question, question.id)
    world.clock.tick(minutes=1, seconds=59)
    await world.settle()
    assert not new.knows(question)
    world.clock.tick(minutes=14)
    await world.settle()
    assert new.knows(question)


def values(document, path="") -> set[str]:
    """Every value of a JSON document with where it stands."""
    if isinstance(document, dict):
        return set().union(*(values(each, f"{path}.{key}") for key, each in document.items()), set())
    if isinstance(document, list):
        return set().union(*(values(each, path) for each in document), set())
    return {f"{path}={document}"}


async def test_g16_in_what_is_sent_two_questions_of_one_person_are_those_of_two(world, pilots):
    """What both documents say, the document of somebody else's question says too."""
    west, _, _ = pilots
    world.network.sent.clear()
    ask(west, "1" * 64, "Eerste vraag van noor", Scope.PUBLIC)
    world.clock.tick(minutes=9)
    ask(west, "2" * 64, "Tweede vraag van noor", Scope.PUBLIC)
    world.clock.tick(minutes=4)
    ask(west, "3" * 64, "Een vraag van sam", Scope.PUBLIC)
    world.clock.tick(minutes=31)
    await world.settle()
    sent = {title: set() for title in ("Eerste vraag van noor", "Tweede vraag van noor", "Een vraag van sam")}
    for document in said(world):
        for title, found in sent.items():
            if title in json.dumps(document):
                found.update(values(document))
    first, second, other = sent.values()
    assert min(map(len, (first, second, other))) > 20
    assert (first & second) - other == set()


async def test_g16_the_collections_of_the_shared_neighbour_tell_only_what_is_public(world, pilots):
    """Its outbox and profile, as anybody can fetch them: no count of people, no code, no minute."""
    west, _, _ = pilots
    ask(west, "1" * 64, "Openbaar gevraagd", Scope.PUBLIC)
    ask(west, "2" * 64, "Alleen voor de buurt", Scope.NEIGHBOURHOOD)
    world.clock.tick(minutes=15)
    await world.settle()
    async with west.client(Accept="application/activity+json") as client:
        for path in ("", "/outbox", "/outbox?page=1", "/followers"):
            found = await client.get(f"/u/buurtgenoot-westerpark{path}")
            assert "Alleen voor de buurt" not in found.text
            assert "1" * 64 not in found.text
