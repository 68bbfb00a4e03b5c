"""Five and twenty pilots: everybody has everything that is meant for them, and nobody is needed by the others."""

from __future__ import annotations

import random

from vraagbaak import questions
from vraagbaak.model import Answer, Follow, FollowState, Helped, Perspective, Pilot, Question, Scope

FIVE = ("Westerpark", "Nieuwland", "Middelland", "Donderberg", "Achtse")


async def test_five_pilots_see_one_thread(world):
    """A question, six perspectives from four other pilots and what helped: the same in all five."""
    west, *others = world.pilots(*FIVE)
    fatma = west.member("fatma")
    people = [other.member(f"iemand-{number}") for number, other in enumerate(others)]
    await world.settle()
    question = west.ask(fatma, "Hoe kom ik de zondag door?")
    await world.settle()
    given = []
    for number, perspective in enumerate(Perspective):
        other, person = others[number % 4], people[number % 4]
        given.append(other.answer(person, question, f"Als {perspective}.", perspective=perspective))
    await world.settle()
    west.mark(fatma, given[0])
    west.mark(fatma, given[5], Helped.PARTLY)
    await world.settle()
    for instance in (west, *others):
        here = instance.own(Question, question)
        found = {(each.body, each.perspective) for each in instance.all(Answer, question_id=here.id)}
        assert found == {(f"Als {perspective}.", perspective) for perspective in Perspective}, instance.name
        assert (instance.mark_of(given[0]), instance.mark_of(given[5])) == (Helped.HELPED, Helped.PARTLY)


async def test_any_pilot_may_vanish_and_the_others_go_on(world):
    """With one of five switched off the other four ask and answer each other; when it is back it has missed nothing."""
    west, *others = world.pilots(*FIVE)
    gone = others[0]
    fatma, people = west.member("fatma"), {other.name: other.member("henk") for other in others}
    await world.settle()
    gone.switch_off()
    question = west.ask(fatma)
    await world.settle()
    answers = [other.answer(people[other.name], question, other.name) for other in others[1:]]
    await world.settle()
    for instance in (west, *others[1:]):
        assert all(instance.knows(answer) for answer in answers), instance.name
    gone.start()
    for _ in range(6):
        world.clock.tick(minutes=31)
        await world.settle()
    assert gone.knows(question)
    assert all(gone.knows(answer) for answer in answers)
    back = gone.answer(people[gone.name], question, "Wij ook.")
    await world.settle()
    assert all(instance.knows(back) for instance in (west, *others))


async def test_the_home_of_a_thread_may_vanish_after_it_was_told(world):
    """What everybody has stays with everybody when its home is gone; what is said then comes when home is back."""
    west, *others = world.pilots(*FIVE)
    fatma, henk = west.member("fatma"), others[0].member("henk")
    await world.settle()
    question = west.ask(fatma)
    await world.settle()
    west.switch_off()
    answer = others[0].answer(henk, question)
    await world.settle()
    assert all(other.knows(question) for other in others)
    assert not others[1].knows(answer)  # only home knows who is in its circle
    west.start()
    for _ in range(4):
        world.clock.tick(minutes=31)
        await world.settle()
    assert all(instance.knows(answer) for instance in (west, *others))


async def test_twenty_pilots_converge(world):
    """Twenty pilots that never heard of each other know all others, all questions and all answers in the end."""
    names = [f"Wijk{number}" for number in range(1, 21)]
    pilots = world.pilots(*names)
    people = {pilot.name: pilot.member("iemand") for pilot in pilots}
    chance = random.Random(20)
    await world.settle()
    for pilot in pilots:
        assert len(pilot.all(Pilot)) == 20
        assert {follow.state for follow in pilot.all(Follow)} == {FollowState.ACCEPTED}
    asked = [
        pilot.ask(people[pilot.name], f"Vraag van {pilot.name}?", chance.choice([Scope.PILOTS, Scope.PUBLIC]))
        for pilot in pilots
    ]
    await world.settle()
    for pilot in pilots:
        assert {each.title for each in pilot.all(Question)} == {question.title for question in asked}
    answered = []
    for question in asked:
        other = chance.choice(pilots)
        answered.append(other.answer(people[other.name], question, f"Van {other.name}."))
    await world.settle()
    for pilot in pilots:
        assert all(pilot.knows(answer) for answer in answered)
    world.clock.tick(seconds=1)
    gone = asked[3]
    pilots[3].store.run_now(questions.withdraw, pilots[3].actor(people["Wijk4"]), gone.id)
    await world.settle()
    assert not any(pilot.knows(gone) for pilot in pilots)
    assert sum(len(pilot.all(Answer)) for pilot in pilots) == 20 * 19
