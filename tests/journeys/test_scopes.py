"""Who gets what: every byte that leaves a server is looked at."""

from __future__ import annotations

import pytest

from storage.records import Activity, Sent
from vraagbaak import answers, follows, members, offers, questions
from vraagbaak.model import Actor, Follow, FollowState, Helped, Offer, Perspective, Question, Scope, Standing

SECRET = "zonnebloemolie"  # a word that stands nowhere else


@pytest.fixture
async def street(world):
    """Two pilots that trust each other, and a server that is no pilot but follows the neighbourhood and fatma."""
    west, east = world.pilots("Westerpark", "Nieuwland")
    other = world.pilot("Elders", moderate_outside=False)
    west.fatma, east.henk = west.member("fatma"), east.member("henk")
    await world.settle()
    await follow(world, other, west, west.config.home.group_uri)
    await follow(world, other, west, west.actor(west.fatma).uri)
    world.network.sent.clear()
    return west, east, other


async def follow(world, follower, target, uri):
    """The server `follower` follows an actor of `target`, and is let in."""
    directory = follower.parts.site.inbox._directory
    from federation.fetching import Budget

    actor = await directory.actor(uri, Budget())
    application = follower.all(Actor, uri=follower.config.home.application_uri)[0]
    follower.store.run_now(follows.ask, application, actor)
    await world.settle()
    (asked,) = follower.all(Follow, follower_id=application.id, target_id=actor.id)
    assert asked.state is FollowState.ACCEPTED


def whole_life(west, scope):
    """A question of which everything happens that can happen, all of it with the secret word in it."""
    fatma, noor = west.fatma, west.member("noor")
    asker, answerer = west.actor(fatma), west.actor(noor)
    question = west.ask(
        fatma, f"Waar koop ik {SECRET}?", scope, body=f"Veel {SECRET}.", topics=(SECRET,), sensitive=True
    )
    answer = west.answer(noor, question, f"Hier is {SECRET}.", perspective=Perspective.FAMILY)
    comment = west.answer(fatma, question, f"Welke {SECRET}?", parent_id=answer.id)
    offer = west.offer(noor, f"Ik breng {SECRET}.", scope, question_id=question.id)
    run = west.store.run_now
    west.world.clock.tick(seconds=1)
    run(questions.edit, asker, question.id, questions.Draft(title=f"Wie heeft {SECRET}?", body=SECRET))
    run(answers.edit, answerer, answer.id, f"Toch geen {SECRET}.", Perspective.RESIDENT)
    run(offers.edit, answerer, offer.id, offers.Draft(body=f"Twee {SECRET}."))
    west.mark(fatma, answer, Helped.HELPED)
    west.mark(fatma, answer, Helped.PARTLY)
    west.mark(fatma, answer, None)
    run(questions.close, asker, question.id)
    run(questions.reopen, asker, question.id)
    return question, answer, comment, offer


def bytes_sent(world):
    """Everything that went over any wire, requests whole."""
    return b"".join(
        f"{sent.method} {sent.host}{sent.target}\n{dict(sent.headers)}\n".encode() + sent.body
        for sent in world.network.sent
    )


async def test_what_is_for_the_neighbourhood_alone_never_leaves_the_server(world, street):
    """Asked, answered, edited, marked, closed and withdrawn for 'alleen deze buurt': not one byte is sent, to anybody."""
    west, east, other = street
    question, answer, comment, offer = whole_life(west, Scope.NEIGHBOURHOOD)
    await world.settle()
    west.store.run_now(answers.withdraw, west.actor(west.fatma), comment.id)
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    west.store.run_now(members.leave, west.member_called("noor"))
    await world.settle()
    words = bytes_sent(world)
    for trace in (SECRET, question.id, answer.id, comment.id, offer.id):
        assert trace.encode() not in words
    assert {sent.method for sent in world.network.sent} <= {"POST"}  # noor herself was known to nobody
    assert world.network.sent == []
    assert west.all(Sent) == []
    assert not [kept for kept in west.all(Activity) if SECRET in kept.body]
    assert east.all(Question) == other.all(Question) == []


async def test_what_is_for_pilots_goes_to_pilots_and_to_nobody_else(world, street):
    """'Alle proeftuinen' reaches the servers that are trusted as pilots; a follower that is none gets not one byte."""
    west, east, other = street
    question, _, _, offer = whole_life(west, Scope.PILOTS)
    await world.settle()
    assert east.knows(question)
    assert east.knows(offer)
    assert {sent.host for sent in world.network.sent} == {west.host, east.host}  # east fetched who wrote
    assert other.all(Question) == other.all(Offer) == []
    answer = east.answer(east.henk, question, f"Bij ons is {SECRET}.")
    await world.settle()
    assert west.knows(answer)
    assert other.host not in {sent.host for sent in world.network.sent}


async def test_what_is_public_reaches_followers_and_pilots(world, street):
    """'Openbaar' reaches whoever follows the neighbourhood or the author, and the pilots."""
    west, east, other = street
    question = west.ask(west.fatma, "Wie zingt er mee?", Scope.PUBLIC)
    await world.settle()
    assert east.knows(question)
    assert other.knows(question)


async def test_an_update_and_a_delete_reach_who_received_it_even_after_an_unfollow(world, street):
    """Who once got a question hears of its change and of its end, also when they follow nobody any more."""
    west, _, other = street
    question = west.ask(west.fatma, "Wie zingt er mee?", Scope.PUBLIC)
    await world.settle()
    application = other.all(Actor, uri=other.config.home.application_uri)[0]
    for follow_ in other.all(Follow, follower_id=application.id):
        target = other.store.read_now(lambda reading, key=follow_.target_id: reading.get(Actor, key))
        other.store.run_now(follows.end, application, target)
    await world.settle()
    assert not [each for each in west.all(Follow) if each.follower_id == west.own(Actor, application).id]
    world.clock.tick(seconds=1)
    west.store.run_now(
        questions.edit, west.actor(west.fatma), question.id, questions.Draft(title="Wie danst er mee?")
    )
    await world.settle()
    assert other.own(Question, question).title == "Wie danst er mee?"
    newer = west.ask(west.fatma, "Dit komt niet meer.", Scope.PUBLIC)
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await world.settle()
    assert not other.knows(question)
    assert not other.knows(newer)


async def test_an_answer_reaches_the_asker_and_through_home_everybody_in_the_thread(world, street):
    """A public answer from one pilot to a question of another comes to those who follow the thread's home, by home."""
    west, east, other = street
    question = west.ask(west.fatma, "Wie zingt er mee?", Scope.PUBLIC)
    await world.settle()
    answer = east.answer(east.henk, question, "Ik zing.")
    await world.settle()
    assert west.knows(answer)
    assert other.knows(
        answer
    )  # it speaks FEP-1b12, so the neighbourhood's Announce brought the whole activity


async def test_a_refused_server_gets_nothing_but_the_delete_of_what_it_has(world, street):
    """From the moment a server is refused nothing goes there any more, but it hears what it must delete."""
    west, _, other = street
    question = west.ask(west.fatma, "Wie zingt er mee?", Scope.PUBLIC)
    await world.settle()
    west.trust(other, Standing.REFUSED)
    world.network.sent.clear()
    west.ask(west.fatma, "En wie danst?", Scope.PUBLIC)
    world.clock.tick(seconds=1)
    west.store.run_now(
        questions.edit, west.actor(west.fatma), question.id, questions.Draft(title="Wie zingt niet mee?")
    )
    await world.settle()
    assert world.sent_to(other) == []
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await world.settle()
    assert not other.knows(question)


async def test_the_answer_of_a_member_goes_when_its_question_goes_elsewhere(world, street):
    """An answer whose question was deleted by its asker elsewhere is deleted for those who follow the answerer too."""
    west, east, other = street
    await follow(world, other, east, east.actor(east.henk).uri)
    question = west.ask(west.fatma, "Wie zingt er mee?", Scope.PUBLIC)
    await world.settle()
    answer = east.answer(east.henk, question, "Ik zing.")
    await world.settle()
    assert other.knows(answer)
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await world.settle()
    for instance in (west, east, other):
        assert not instance.knows(answer)
