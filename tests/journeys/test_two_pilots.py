"""Two pilots that answer each other's questions: the journeys that everything else stands on."""

from __future__ import annotations

import pytest

from tests.journeys.world import ACTIVITY
from vraagbaak import answers, follows, members, offers, questions
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    FollowState,
    Helped,
    Offer,
    Peer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    Scope,
    Standing,
)


@pytest.fixture
async def neighbours(world):
    """Westerpark and Nieuwland, which trust each other and have met; fatma lives here, henk there."""
    west, east = world.pilots("Westerpark", "Nieuwland")
    west.fatma, east.henk = west.member("fatma"), east.member("henk")
    await world.settle()
    return west, east


async def test_a_question_is_answered_from_the_other_pilot_and_the_answer_comes_home(world):
    """Asked in one pilot, answered in the other, seen in both; what helped travels too; no third party is involved."""
    west, east = world.pilots("Westerpark", "Nieuwland")
    fatma, henk = west.member("fatma"), east.member("henk")
    await world.settle()
    assert {pilot.name for pilot in west.all(Pilot)} == {"Westerpark", "Nieuwland"}
    assert all(peer.met_at for peer in [*west.all(Peer), *east.all(Peer)])

    question = west.ask(fatma, "Wie zoekt een biljartmaatje?", body="Mijn broer wil *weer* biljarten.")
    await world.settle()
    there = east.own(Question, question)
    assert (there.title, there.body, there.scope) == (question.title, question.body, Scope.PILOTS)
    assert there.pilot_id is not None

    answer = east.answer(henk, question, "Dinsdag is er inloop.", perspective=Perspective.EXPERIENCE_EXPERT)
    await world.settle()
    home = west.own(Answer, answer)
    assert (home.body, home.perspective) == ("Dinsdag is er inloop.", Perspective.EXPERIENCE_EXPERT)

    west.mark(fatma, answer)
    await world.settle()
    assert east.mark_of(answer) is Helped.HELPED
    assert east.own(Question, question).status is QuestionStatus.ANSWERED
    assert {sent.host for sent in world.network.sent} == {west.host, east.host}


@pytest.mark.parametrize("scope", [Scope.PILOTS, Scope.PUBLIC])
async def test_everything_written_arrives_as_it_was_written(world, neighbours, scope):
    """Title, text, topics, whether it is delicate, language and scope are the same on both sides, byte for byte."""
    west, east = neighbours
    question = west.ask(
        west.fatma,
        'Wat doe jij tegen de stress? <b>€ 5</b> & "meer"',
        scope,
        body="# Kop\n\n- een\n- **twee**\n\n[link](https://elders.example/?a=1&b=2) 🌻",
        topics=("geld en schulden", "wonen"),
        sensitive=True,
        language="en",
    )
    await world.settle()
    there = east.own(Question, question)
    for name in (
        "title",
        "body",
        "html",
        "topics",
        "sensitive",
        "language",
        "scope",
        "uri",
        "url",
        "published_at",
    ):
        assert getattr(there, name) == getattr(question, name), name


async def test_an_edit_arrives_and_the_last_one_wins(world, neighbours):
    """Two edits in one second arrive in their order; an answer's perspective can change too."""
    west, east = neighbours
    question = west.ask(west.fatma, "Wie kan er schilderen?")
    answer = None
    await world.settle()
    for title in ("Wie kan er behangen?", "Wie kan er tegels zetten?"):
        draft = questions.Draft(title=title, scope=Scope.PILOTS)
        world.clock.tick(milliseconds=10)
        west.store.run_now(questions.edit, west.actor(west.fatma), question.id, draft)
    answer = east.answer(east.henk, question, "Ik kan dat.")
    await world.settle()
    world.clock.tick(seconds=1)
    east.store.run_now(
        answers.edit, east.actor(east.henk), answer.id, "Mijn bedrijf kan dat.", Perspective.ENTREPRENEUR
    )
    await world.settle()
    assert east.own(Question, question).title == "Wie kan er tegels zetten?"
    assert west.own(Answer, answer).perspective is Perspective.ENTREPRENEUR
    assert west.own(Answer, answer).body == "Mijn bedrijf kan dat."


async def test_closing_and_opening_again_is_seen_everywhere(world, neighbours):
    """Who reads along elsewhere knows whether answers are still welcome."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    for act, status in (
        (questions.close, QuestionStatus.CLOSED),
        (questions.reopen, QuestionStatus.OPEN),
    ):
        world.clock.tick(seconds=1)
        west.store.run_now(act, west.actor(west.fatma), question.id)
        await world.settle()
        assert east.own(Question, question).status is status


@pytest.mark.parametrize("scope", [Scope.PILOTS, Scope.PUBLIC])
async def test_a_withdrawn_question_is_gone_on_both_sides_with_all_that_was_said(world, neighbours, scope):
    """'Verwijder overal' takes the question, the answers from here and those from there; none of it comes back."""
    west, east = neighbours
    noor = west.member("noor")
    question = west.ask(west.fatma, scope=scope)
    await world.settle()
    near, far = west.answer(noor, question, "Ik ook."), east.answer(east.henk, question)
    await world.settle()
    assert west.knows(far)
    assert east.knows(near)
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await world.settle()
    for thing in (question, near, far):
        assert not west.knows(thing)
        assert not east.knows(thing)
    async with west.client(Accept="application/activity+json") as client:
        answer = await client.get(f"/q/{question.id}")
    assert answer.status_code == (410 if scope is Scope.PUBLIC else 404)


async def test_a_withdrawn_answer_is_gone_on_both_sides_and_its_comments_move_up(world, neighbours):
    """Who takes an answer back takes it back everywhere; what others said under it stays."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    comment = west.answer(west.fatma, question, "Hoe laat?", parent_id=west.own(Answer, answer).id)
    await world.settle()
    assert east.own(Answer, comment).parent_id == answer.id
    east.store.run_now(answers.withdraw, east.actor(east.henk), answer.id)
    await world.settle()
    assert not west.knows(answer)
    assert west.own(Answer, comment).parent_id is None
    assert east.own(Answer, comment).parent_id is None


async def test_a_comment_finds_its_answer_in_both_directions(world, neighbours):
    """Asking back under an answer works over the border, and back again."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    back = west.answer(west.fatma, question, "Kan dat ook 's avonds?", parent_id=west.own(Answer, answer).id)
    await world.settle()
    again = east.answer(east.henk, question, "Ja hoor.", parent_id=east.own(Answer, back).id)
    await world.settle()
    assert west.own(Answer, again).parent_id == back.id


@pytest.mark.parametrize(
    ("marks", "there"),
    [
        ([Helped.PARTLY], Helped.PARTLY),
        ([Helped.NOT_NOW], None),
        ([Helped.HELPED, Helped.PARTLY], Helped.PARTLY),
        ([Helped.HELPED, None], None),
        ([Helped.HELPED, Helped.NOT_NOW], None),
        ([Helped.PARTLY, Helped.HELPED], Helped.HELPED),
    ],
)
async def test_what_helped_travels_and_can_be_taken_back(world, neighbours, marks, there):
    """'Dit hielp' and 'deels' are told, 'nu niet' stays with the asker, and the last word counts."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    for mark in marks:
        west.mark(west.fatma, answer, mark)
        await world.settle()
    assert east.mark_of(answer) is there
    status = QuestionStatus.ANSWERED if there is Helped.HELPED else QuestionStatus.OPEN
    assert east.own(Question, question).status is status


async def test_several_answers_may_have_helped(world, neighbours):
    """The asker's word is on each answer by itself."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    first, second = east.answer(east.henk, question, "Een."), east.answer(east.henk, question, "Twee.")
    await world.settle()
    west.mark(west.fatma, first)
    west.mark(west.fatma, second, Helped.PARTLY)
    await world.settle()
    assert (east.mark_of(first), east.mark_of(second)) == (Helped.HELPED, Helped.PARTLY)


async def test_an_offer_to_a_question_comes_home(world, neighbours):
    """'Ik bied me aan' is seen by the asker in the other pilot, changes there and goes there."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    offer = east.offer(
        east.henk, "Ik kan rijden.", question_id=east.own(Question, question).id, availability="dinsdag"
    )
    await world.settle()
    home = west.own(Offer, offer)
    assert (home.question_id, home.availability, home.scope) == (question.id, "dinsdag", Scope.PILOTS)
    world.clock.tick(seconds=1)
    draft = offers.Draft(body="Ik kan ook fietsen.", availability="vrijdag")
    east.store.run_now(offers.edit, east.actor(east.henk), offer.id, draft)
    await world.settle()
    assert (west.own(Offer, offer).body, west.own(Offer, offer).availability) == (
        "Ik kan ook fietsen.",
        "vrijdag",
    )
    east.store.run_now(offers.withdraw, east.actor(east.henk), offer.id)
    await world.settle()
    assert not west.knows(offer)


async def test_a_standing_offer_reaches_the_other_pilot(world, neighbours):
    """What somebody can do for others is known to the neighbours, when it is meant for them."""
    west, east = neighbours
    offer, quiet = east.offer(east.henk, scope=Scope.PILOTS), east.offer(east.henk, scope=Scope.NEIGHBOURHOOD)
    await world.settle()
    assert west.own(Offer, offer).pilot_id is not None
    assert not west.knows(quiet)


async def test_a_question_for_fewer_people_disappears_for_the_others(world, neighbours):
    """From public to all pilots it stays with the pilots; from there to the neighbourhood it is gone elsewhere."""
    west, east = neighbours
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    world.clock.tick(seconds=1)
    west.store.run_now(questions.narrow, west.actor(west.fatma), question.id, Scope.PILOTS)
    await world.settle()
    assert east.own(Question, question).scope is Scope.PILOTS
    assert west.own(Answer, answer).scope is Scope.PILOTS
    world.clock.tick(seconds=1)
    west.store.run_now(questions.narrow, west.actor(west.fatma), question.id, Scope.NEIGHBOURHOOD)
    await world.settle()
    assert not east.knows(question)
    assert not west.knows(answer)  # its writer could no longer change it or take it back


async def test_who_leaves_is_gone_on_both_sides(world, neighbours):
    """An account that is erased takes along all that was written with it, and its name, wherever it was known."""
    west, east = neighbours
    question = west.ask(west.fatma)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    henk_here = west.own(Actor, east.actor(east.henk))
    east.store.run_now(members.leave, east.henk)
    await world.settle()
    assert not west.knows(answer)
    gone = west.store.read_now(lambda reading: reading.get(Actor, henk_here.id))
    assert (gone.suspended, gone.name) == (True, "henk")
    async with east.client(Accept="application/activity+json") as client:
        answer = await client.get("/u/henk")
    assert (answer.status_code, answer.json()["type"]) == (410, "Tombstone")


async def test_pilots_that_meet_later_hear_what_was_said_before(world):
    """What was asked and answered before two pilots trusted each other is there once they do."""
    west, east = world.pilot("Westerpark"), world.pilot("Nieuwland")
    fatma = west.member("fatma")
    asked = [west.ask(fatma, f"Vraag {number}?", scope) for number, scope in enumerate(Scope)]
    answer = west.answer(west.member("noor"), asked[1], "Antwoord van thuis.")
    await world.settle()
    east.trust(west)
    await world.settle()
    assert [east.knows(question) for question in asked] == [False, False, True]
    west.trust(east)
    await world.settle()
    assert [east.knows(question) for question in asked] == [False, True, True]
    assert east.own(Answer, answer).question_id == east.own(Question, asked[1]).id


@pytest.mark.parametrize("scope", [Scope.PILOTS, Scope.PUBLIC])
async def test_pilots_that_meet_later_hear_what_a_third_one_answered(world, neighbours, scope):
    """In the outbox of a neighbourhood an answer from elsewhere is announced under an id of that neighbourhood's server."""
    west, east = neighbours
    question = west.ask(west.fatma, scope=scope)
    await world.settle()
    answer = east.answer(east.henk, question)
    await world.settle()
    north = world.pilot("Noord")
    for other in (west, east):
        other.trust(north)
        north.trust(other)
    await world.settle()
    assert north.own(Answer, answer).body == answer.body
    async with west.client(Accept=ACTIVITY) as reader:
        page = (await reader.get("/b/westerpark/outbox?page=first")).json()
    found = {each["id"].rpartition("#")[0] for each in page["orderedItems"]}
    assert found == ({f"{west.base}/b/westerpark/outbox"} if scope is Scope.PUBLIC else set())


async def test_trust_is_mutual_or_it_is_nothing(world):
    """A server that we do not trust sends us nothing for pilots only, whatever it thinks of us; ours stays here."""
    west, east = world.pilot("Westerpark"), world.pilot("Nieuwland")
    west.trust(east)
    await world.settle()
    asked_here = west.ask(west.member("fatma"))
    asked_there = east.ask(east.member("henk"))
    await world.settle()
    assert not east.knows(asked_here)  # it was sent, and refused: Nieuwland promised nothing
    assert not west.knows(asked_there)


async def test_a_dropped_pilot_gets_nothing_more(world, neighbours):
    """A former pilot hears nothing more, not even what was on its way, and erases what was for pilots only."""
    west, east = neighbours
    before = west.ask(west.fatma, "Ervoor?")
    await world.settle()
    on_its_way = west.ask(west.fatma, "Onderweg?")
    await west.store.run(lambda tx: None)
    west.trust(east, Standing.OPEN)
    after, public = west.ask(west.fatma, "Erna?"), west.ask(west.fatma, "Voor iedereen?", Scope.PUBLIC)
    await world.settle()
    assert not east.knows(before)
    assert not east.knows(on_its_way)
    assert not east.knows(after)
    assert west.knows(before)
    follow = west.all(Follow, follower_id=west.all(Actor, uri=west.config.home.application_uri)[0].id)
    assert follow == []
    assert public.scope is Scope.PUBLIC


async def test_a_pilot_that_was_off_catches_up_and_lost_nothing(world, neighbours):
    """What was said while a server was switched off arrives when it is back, once and in order."""
    west, east = neighbours
    east.switch_off()
    asked = [west.ask(west.fatma, f"Vraag {number}?") for number in range(5)]
    for question in asked:
        world.clock.tick(milliseconds=5)
        draft = questions.Draft(title=f"{question.title[:-1]}, anders?", scope=Scope.PILOTS)
        west.store.run_now(questions.edit, west.actor(west.fatma), question.id, draft)
    await world.settle()
    east.start()
    for _ in range(6):
        world.clock.tick(minutes=31)
        await world.settle()
    assert [east.own(Question, question).title for question in asked] == [
        f"{question.title[:-1]}, anders?" for question in asked
    ]
    assert len(east.all(Question)) == 5


async def test_our_server_follows_the_neighbourhood_of_a_pilot(world, neighbours):
    """Meeting is said in the fediverse's own words: a Follow that was accepted, on both sides."""
    west, east = neighbours
    for one, other in ((west, east), (east, west)):
        application = one.all(Actor, uri=one.config.home.application_uri)[0]
        (follow,) = one.all(Follow, follower_id=application.id)
        target = one.store.read_now(lambda reading, key=follow.target_id: reading.get(Actor, key))
        assert (target.uri, follow.state) == (other.config.home.group_uri, FollowState.ACCEPTED)


async def test_a_follow_can_be_refused_and_ended(world, neighbours):
    """Reject and Undo are honoured on the other side."""
    west, east = neighbours
    application = west.all(Actor, uri=west.config.home.application_uri)[0]
    here = east.own(Actor, application)
    group = east.all(Actor, uri=east.config.home.group_uri)[0]
    (follow,) = east.all(Follow, follower_id=here.id)
    east.store.run_now(follows.refuse, group, follow)
    await world.settle()
    assert west.all(Follow, follower_id=application.id)[0].state is FollowState.REJECTED
    there = west.own(Actor, group)
    west.store.run_now(follows.ask, application, there)
    await world.settle()
    assert west.all(Follow, follower_id=application.id)[0].state is FollowState.ACCEPTED
    west.store.run_now(follows.end, application, there)
    await world.settle()
    assert east.all(Follow, follower_id=here.id) == []
