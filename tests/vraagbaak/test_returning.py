"""Asking without an account, and everything that the four words open: that one question, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.vraagbaak.village import MISSING
from vraagbaak import moderation, questions, returning
from vraagbaak.errors import Invalid, NotYours, TooFast, Unknown
from vraagbaak.events import Answered, Asked, Held, Marked, Narrowed, QuestionChanged, Withdrawn
from vraagbaak.model import (
    Answer,
    Helped,
    Mark,
    Notice,
    Question,
    QuestionStatus,
    ReplyStatus,
    ReturnCode,
    Scope,
)
from vraagbaak.questions import Draft
from vraagbaak.returning import NoSuchCode, Wish

LOCK, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def free(village):
    """A neighbourhood that does not review first."""
    village.store.home = replace(village.store.home, moderate_anonymous=False)
    return village


def asked(village, lock=LOCK, title="Wie helpt mij slapen?", scope=Scope.PILOTS, **wish) -> Question:
    code = village.do(returning.ask, lock, Draft(title=title, scope=scope), Wish(**wish))
    return village.do(lambda tx: tx.get(Question, code.question_id))


def code_of(village, lock=LOCK) -> ReturnCode:
    return village.do(returning.opened, lock)


# asking


def test_a_question_without_an_account_waits_for_review(village):
    """It is asked through the shared neighbour, held, and nobody elsewhere hears of it."""
    question = asked(village)
    assert question.status is QuestionStatus.HELD
    assert question.author_id == village.persona.id
    assert village.happened() == [Held(kind="question", thing_id=question.id)]
    assert village.store.jobs == []


def test_without_review_it_is_there_at_once(free):
    """When the pilot wants that; unless there are many at once."""
    assert asked(free).status is QuestionStatus.OPEN
    assert asked(free, OTHER, watched=True).status is QuestionStatus.HELD


def test_sending_it_twice_asks_once(free):
    """The same lock is the same question, whatever else was sent along."""
    first = asked(free)
    again = asked(free, title="Iets anders dat later getypt werd")
    assert again == first
    assert [type(each) for each in free.happened()] == [Asked]


@pytest.mark.parametrize(("months", "days"), [(1, 30), (3, 91), (12, 365)])
def test_it_is_kept_as_long_as_its_asker_wants(village, months, days):
    """Counted from the hour that is told, so that the minute of asking stands nowhere."""
    village.clock.tick(minutes=37)
    question = asked(village, months=months)
    assert code_of(village).ends_at == question.published_at + timedelta(days=days)
    assert question.published_at.minute == 0


def test_another_time_than_those_is_refused(village):
    """And nothing is asked."""
    village.refuses(Invalid, "months", returning.ask, LOCK, Draft(title="Wie helpt?"), Wish(months=1200))


def test_what_nobody_could_review_is_refused(village):
    """A flood ends where the queue is full; the asker is told what to do instead."""
    village.do(lambda tx: [returning.ask(tx, f"{n:064}", Draft(title="Wie?"), Wish()) for n in range(300)])
    refused = village.refuses(TooFast, "too-fast", returning.ask, LOCK, Draft(title="Wie helpt?"), Wish())
    assert "come by" in refused.text


# who may do what


ACTS = {
    "ask back": lambda lock, answer: (returning.ask_back, lock, answer, "Hoe laat?"),
    "hand over": lambda lock, _: (returning.hand_over, lock, "c" * 64),
    "withdraw": lambda lock, _: (returning.withdraw, lock),
    "look": lambda lock, _: (returning.opened, lock),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_words_that_are_not_there_open_nothing(free, act):
    """One answer for every code that does not work."""
    answer = free.answer(asked(free))
    free.refuses(NoSuchCode, "no-such-code", *act(OTHER, answer.id))


def test_g16_a_code_opens_its_own_question_and_no_other(free):
    """Not another one that was asked without an account, nor one of a member: it is as if those were not there."""
    answer = free.answer(asked(free))
    second = asked(free, OTHER)
    other = code_of(free, OTHER)
    for act in (questions.close, questions.reopen, questions.withdraw):
        free.refuses(Unknown, "unknown", act, other, answer.question_id)
    free.refuses(Unknown, "unknown", questions.narrow, other, answer.question_id, Scope.NEIGHBOURHOOD)
    free.refuses(Unknown, "unknown", questions.mark, other, answer.question_id, answer.id, Helped.HELPED)
    free.refuses(Unknown, "unknown", questions.mark, other, second.id, answer.id, Helped.HELPED)
    free.refuses(Unknown, "unknown", returning.ask_back, OTHER, answer.id, "Hoe laat?")
    theirs = free.ask(scope=Scope.PUBLIC)
    free.refuses(NotYours, "not-yours", questions.close, other, theirs.id)


def test_g16_the_shared_neighbour_itself_may_do_nothing(free):
    """Without the code nobody is the asker: not the shared account either."""
    question = asked(free, scope=Scope.PUBLIC)
    free.refuses(NotYours, "not-yours", questions.close, free.persona, question.id)


def test_the_asker_says_what_helped_closes_narrows_and_deletes(free):
    """All four, as a member does."""
    question = asked(free, scope=Scope.PUBLIC)
    answer = free.answer(question)
    code = code_of(free)
    free.happened()
    free.do(questions.mark, code, question.id, answer.id, Helped.PARTLY)
    free.do(questions.narrow, code, question.id, Scope.NEIGHBOURHOOD)
    free.do(questions.close, code, question.id)
    free.do(returning.withdraw, LOCK)  # the answer goes too
    told = [Marked, Narrowed, QuestionChanged, Withdrawn, Withdrawn]
    assert [type(each) for each in free.happened() if type(each) in told] == told
    assert free.now(question) is None


def test_it_never_gets_wider(free):
    """Only fewer people than before."""
    question = asked(free, scope=Scope.PILOTS)
    free.refuses(Invalid, "wider", questions.narrow, code_of(free), question.id, Scope.PUBLIC)


# asking back


def test_the_asker_asks_back_under_an_answer(free):
    """As the shared neighbour, for no more people than the answer; who answered is told."""
    answer = free.answer(asked(free))
    free.happened()
    made = free.do(returning.ask_back, LOCK, answer.id, "Hoe laat is dat?")
    assert (made.parent_id, made.author_id, made.scope) == (answer.id, free.persona.id, answer.scope)
    assert free.happened() == [Answered(answer_id=made.id)]
    assert [notice.thing_uri for notice in free.all(Notice, member_id=free.sam.id)] == [made.uri]


def test_asking_back_waits_for_review_too(village):
    """And makes its waves when it is released: who answered hears of it then."""
    question = asked(village)
    village.do(moderation.release, village.mo, Question, question.id)
    answer = village.answer(question)
    village.happened()
    made = village.do(returning.ask_back, LOCK, answer.id, "Hoe laat is dat?")
    assert made.status is ReplyStatus.HELD
    assert village.happened() == [Held(kind="answer", thing_id=made.id)]
    assert village.all(Notice, member_id=village.sam.id) == []
    village.do(moderation.release, village.mo, Answer, made.id)
    assert village.happened() == [Answered(answer_id=made.id)]
    assert len(village.all(Notice, member_id=village.sam.id)) == 1


def test_asking_back_twice_is_once(free):
    """The same words under the same answer are there already."""
    answer = free.answer(asked(free))
    made = free.do(returning.ask_back, LOCK, answer.id, "Hoe laat is dat?")
    free.clock.tick(hours=3)
    assert free.do(returning.ask_back, LOCK, answer.id, " Hoe laat is dat? ") == made
    assert free.do(returning.ask_back, LOCK, answer.id, "En waar?") != made


def test_what_is_asked_back_stands_after_what_it_is_about(free):
    """Its moment is a whole hour, but never before the answer: the order of a talk stays."""
    question = asked(free)
    free.clock.tick(minutes=30)
    answer = free.answer(question)
    free.clock.tick(minutes=10)
    soon = free.do(returning.ask_back, LOCK, answer.id, "Hoe laat?")
    free.clock.tick(hours=2)
    late = free.do(returning.ask_back, LOCK, answer.id, "En waar?")
    assert soon.published_at == answer.published_at
    assert answer.id < soon.id < late.id
    assert late.published_at.minute == 0


@pytest.mark.parametrize(
    ("spoil", "kind", "code"),
    [
        ("closed", Invalid, "closed"),
        ("empty", Invalid, "too-short"),
        ("hidden", Unknown, "unknown"),
        ("missing", Unknown, "unknown"),
    ],
)
def test_asking_back_where_that_is_not_possible(free, spoil, kind, code):
    """Under a closed question, with nothing to say, under what is hidden or never was."""
    question = asked(free)
    answer = free.answer(question)
    if spoil == "closed":
        free.do(questions.close, code_of(free), question.id)
    if spoil == "hidden":
        free.do(moderation.hide, free.mo, Answer, answer.id)
    key = MISSING if spoil == "missing" else answer.id
    free.refuses(kind, code, returning.ask_back, LOCK, key, "" if spoil == "empty" else "Hoe laat?")


# handing over, and the end


def test_handing_over_makes_the_old_words_worthless(free):
    """Who asked for somebody else gives them a code of their own; twice is once."""
    question = asked(free, for_another=True)
    assert code_of(free).for_another
    handed = free.do(returning.hand_over, LOCK, OTHER)
    assert (handed.question_id, handed.for_another) == (question.id, False)
    assert free.do(returning.hand_over, LOCK, OTHER) == handed
    free.refuses(NoSuchCode, "no-such-code", returning.opened, LOCK)
    assert len(free.all(ReturnCode)) == 1


def test_g20_deleting_leaves_nothing_but_the_receipt(free):
    """The question, its answers, marks and what was asked back are gone; the code stays to show who confirmed."""
    question = asked(free)
    answer = free.answer(question)
    free.do(returning.ask_back, LOCK, answer.id, "Hoe laat?")
    free.do(questions.mark, code_of(free), question.id, answer.id, Helped.HELPED)
    free.happened()
    ended = free.do(returning.withdraw, LOCK)
    assert ended.ended_at == free.clock.now()
    assert free.all(Answer) + free.all(Mark) + free.all(Question) == []
    withdrawn = [each.uri for each in free.happened() if isinstance(each, Withdrawn)]
    assert question.uri in withdrawn
    assert free.do(returning.withdraw, LOCK) == ended
    assert free.happened() == []


def test_a_hidden_question_can_be_deleted_too(free):
    """Whatever became of it: it is the asker's."""
    question = asked(free)
    free.do(moderation.hide, free.mo, Question, question.id)
    free.do(returning.withdraw, LOCK)
    assert free.now(question) is None


# times that say nothing


def reacting(village):
    """The jobs that events cause."""
    village.store.reactions = dict.fromkeys(
        [Asked, Answered, Marked, Narrowed, QuestionChanged, Withdrawn], ("publish",)
    )
    return village


def waits(village) -> list[timedelta]:
    now = village.clock.now()
    return [(job.run_at - now) if job.run_at else timedelta(0) for job in village.store.jobs]


def test_g12_what_leaves_waits_by_chance(free):
    """From two minutes to fifteen, never the same."""
    reacting(free)
    for number in range(200):
        asked(free, f"{number:064}")
    found = waits(free)
    assert len(found) == 200
    assert timedelta(minutes=2) <= min(found) < timedelta(minutes=3)
    assert timedelta(minutes=14) < max(found) <= timedelta(minutes=15)
    assert len(set(found)) > 100


def test_g12_what_the_asker_does_later_waits_too_but_deleting_does_not(free):
    """Marks, closing and asking back wait; a deletion is for at once, and so is narrowing."""
    reacting(free)
    question = asked(free)
    answer = free.answer(question)
    free.store.jobs.clear()
    free.do(questions.mark, code_of(free), question.id, answer.id, Helped.NOT_NOW)
    free.do(returning.ask_back, LOCK, answer.id, "Hoe laat?")
    free.do(questions.close, code_of(free), question.id)
    assert min(waits(free)) >= timedelta(minutes=2)
    free.store.jobs.clear()
    free.do(questions.narrow, code_of(free), question.id, Scope.NEIGHBOURHOOD)
    free.do(returning.withdraw, LOCK)
    assert max(waits(free)) == timedelta(0)


def test_a_change_is_always_newer_than_the_one_before(free):
    """Though it is dated by when it leaves: otherwise others would not take a narrowing for newer."""
    question = asked(free, scope=Scope.PUBLIC)
    code = code_of(free)
    closed = free.do(questions.close, code, question.id)
    free.clock.tick(seconds=5)
    narrowed = free.do(questions.narrow, code, question.id, Scope.PILOTS)
    reopened = free.do(questions.reopen, code, question.id)
    assert question.published_at < closed.edited_at < narrowed.edited_at < reopened.edited_at


def test_g12_of_a_mark_the_hour_alone_is_kept(free):
    """Not when the asker looked."""
    question = asked(free)
    answer = free.answer(question)
    free.clock.tick(minutes=17)
    free.do(questions.mark, code_of(free), question.id, answer.id, Helped.HELPED)
    assert free.all(Mark, question_id=question.id)[0].marked_at.minute == 0


def test_no_waiting_where_the_pilot_wants_none(free):
    """In a demonstration the delay is nothing."""
    free.store.home = replace(free.store.home, anonymous_delay=0)
    reacting(free)
    asked(free)
    assert waits(free) == [timedelta(0)]
