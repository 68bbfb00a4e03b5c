"""Review: who sees what waits, and what comes of it."""

from __future__ import annotations

import pytest

from tests.vraagbaak.village import MISSING
from vraagbaak import moderation, questions
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import Answered, Asked, Hidden, Offered, Received, ReplyReceived
from vraagbaak.model import Answer, Offer, Question, QuestionStatus, ReplyStatus, Scope

ACTS = [moderation.release, moderation.hide]


def waiting_things(village, eve):
    """One of each kind that waits, in the order in which they came."""
    question = village.ask()
    arrivals = [village.question_by(eve), village.answer_by(eve, question), village.offer_by(eve)]
    found = []
    for arrived in arrivals:
        village.clock.tick(minutes=1)
        found.append(village.take(arrived))
    return found


@pytest.mark.parametrize("act", ACTS)
def test_only_who_carries_the_pilot_reviews(village, eve, act):
    """Members hear the same whether there is such a thing or not, so that trying tells nothing."""
    for thing in waiting_things(village, eve):
        for who in (village.noor, village.sam):
            for key in (thing.id, MISSING):
                village.refuses(NotYours, "not-moderator", act, who, type(thing), key)


def test_only_who_carries_the_pilot_sees_what_waits(village, eve):
    """The list is for reviewers, oldest first, and holds all kinds."""
    found = waiting_things(village, eve)
    village.refuses(NotYours, "not-moderator", moderation.waiting, village.noor)
    assert village.do(moderation.waiting, village.mo) == found


@pytest.mark.parametrize("act", ACTS)
def test_an_id_of_another_kind_is_not_there(village, eve, act):
    """A question is not found as an answer, nor anything by an id that nobody has."""
    question, answer, offer = waiting_things(village, eve)
    for kind, key in ((Answer, question.id), (Question, offer.id), (Offer, answer.id), (Question, MISSING)):
        village.refuses(Unknown, "unknown", act, village.mo, kind, key)


def test_what_is_released_makes_the_waves_of_what_never_waited(village, eve):
    """Ours is told as asked, answered or offered; what came from elsewhere as received, or passed on."""
    question, answer, offer = waiting_things(village, eve)
    ours = village.ask(village.persona)
    theirs = village.take(village.answer_by(eve, question, "a2"))
    village.happened()
    for thing in (question, answer, offer, ours, theirs):
        shown = village.do(moderation.release, village.mo, type(thing), thing.id)
        assert shown == village.now(thing)
        assert shown.status in {QuestionStatus.OPEN, ReplyStatus.SHOWN}
    assert village.happened() == [
        Received(kind="question", thing_id=question.id, activity_uri=""),
        ReplyReceived(answer_id=answer.id, activity_uri=""),
        Received(kind="offer", thing_id=offer.id, activity_uri=""),
        Asked(question_id=ours.id),
        Received(kind="answer", thing_id=theirs.id, activity_uri=""),
    ]


def test_what_was_hidden_can_be_shown_again(village):
    """And is told again, as what it is."""
    things = [village.ask(), village.answer(village.ask()), village.offer()]
    for thing in things:
        village.do(moderation.hide, village.mo, type(thing), thing.id)
    village.happened()
    for thing in things:
        village.do(moderation.release, village.mo, type(thing), thing.id)
    question, answer, offer = things
    assert village.happened() == [
        Asked(question_id=question.id),
        Answered(answer_id=answer.id),
        Offered(offer_id=offer.id),
    ]


def test_what_can_be_seen_already_is_not_released_again(village):
    """Two reviewers at once tell the world once; and a moderator does not open what its asker closed."""
    asked = village.ask(village.persona)
    village.do(moderation.release, village.mo, Question, asked.id)
    mine = village.ask()
    village.do(questions.close, village.actor(village.noor), mine.id)
    for thing in (asked, mine, village.answer(village.ask()), village.offer()):
        village.refuses(Invalid, "wrong-state", moderation.release, village.mo, type(thing), thing.id)


@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.OPEN, QuestionStatus.CLOSED])
def test_anything_can_be_taken_out_of_sight(village, status):
    """Whatever its state; others hear of it once, and not at all of what they never knew; hiding twice is hiding once."""
    asked = village.set(village.ask(), status=status)
    village.happened()
    for _ in range(2):
        assert village.do(moderation.hide, village.mo, Question, asked.id).status is QuestionStatus.HIDDEN
    assert village.happened() == ([] if status is QuestionStatus.HELD else [Hidden(uri=asked.uri)])


def test_review_changes_nothing_but_the_state(village, eve):
    """Not a word, not the audience, not the moment: what others wrote stays theirs."""
    for thing in waiting_things(village, eve):
        shown = village.do(moderation.release, village.mo, type(thing), thing.id)
        hidden = village.do(moderation.hide, village.mo, type(thing), thing.id)
        differing = {
            name
            for name in thing.__slots__
            if len({repr(getattr(each, name)) for each in (thing, shown, hidden)}) > 1
        }
        assert differing == {"status"}


def test_an_answer_that_waited_while_its_question_narrowed_is_shown_to_the_fewer(village, eve):
    """Releasing never widens."""
    asked = village.ask()
    held = village.take(village.answer_by(eve, asked))
    village.do(questions.narrow, village.actor(village.noor), asked.id, Scope.NEIGHBOURHOOD)
    assert village.do(moderation.release, village.mo, Answer, held.id).scope is Scope.NEIGHBOURHOOD
