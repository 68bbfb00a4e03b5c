"""Liking, keeping and passing on: what changes, what is told, and what never is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vraagbaak import liking, questions
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import Liked, Marked, PassedOn, TakenBack, Unliked
from vraagbaak.model import (
    Bookmark,
    Boost,
    Helped,
    Like,
    Mark,
    Notice,
    NoticeKind,
    Question,
    QuestionStatus,
    Scope,
)

ACTS = (liking.like, liking.unlike, liking.keep, liking.pass_on)


@pytest.mark.parametrize("act", ACTS)
def test_what_somebody_cannot_see_is_not_there_for_them(village, act):
    """A hidden question is Unknown, and nothing is kept of the attempt (threat G05)."""
    question = village.ask()
    hidden = replace(question, status=QuestionStatus.HIDDEN)
    village.do(lambda tx: tx.save(hidden))
    village.refuses(Unknown, "unknown", act, village.sam, hidden)


@pytest.mark.parametrize("scope", Scope)
def test_a_like_is_kept_once_and_told_outside_only_when_public(village, scope):
    """Liking twice is liking once; Liked and Unliked are recorded for what everybody may see only."""
    question = village.ask(scope=scope)
    village.happened()
    for _ in range(2):
        village.do(liking.like, village.sam, question)
    (like,) = village.all(Like, object_uri=question.uri)
    assert like.actor_id == village.sam.actor_id
    (notice,) = village.all(Notice, member_id=village.noor.id)
    assert (notice.kind, notice.actor_id) == (NoticeKind.LIKE, village.sam.actor_id)
    for _ in range(2):
        village.do(liking.unlike, village.sam, question)
    assert village.all(Like, object_uri=question.uri) == []
    assert village.all(Notice, member_id=village.noor.id) == []
    told = [type(event) for event in village.happened()]
    assert told == ([Liked, Unliked] if scope is Scope.PUBLIC else [])


def test_the_asker_s_like_is_their_word_on_an_answer(village):
    """It marks the answer as what helped, and is told as that, not as a like; taking it back takes that back."""
    question = village.ask(scope=Scope.PUBLIC)
    answer = village.answer(question)
    village.happened()
    village.do(liking.like, village.noor, answer)
    assert village.all(Mark, id=answer.id)[0].value is Helped.HELPED
    told = [type(event) for event in village.happened()]
    assert Marked in told
    assert Liked not in told
    assert len(village.all(Notice, member_id=village.sam.id)) == 1
    village.do(liking.unlike, village.noor, answer)
    assert village.all(Mark, id=answer.id) == []
    assert village.all(Notice, member_id=village.sam.id) == []


def test_taking_back_a_like_leaves_another_word_alone(village):
    """Who said "partly" since keeps saying that."""
    question = village.ask()
    answer = village.answer(question)
    village.do(liking.like, village.noor, answer)
    noor = village.actor(village.noor)
    village.do(questions.mark, noor, question.id, answer.id, Helped.PARTLY)
    village.do(liking.unlike, village.noor, answer)
    assert village.all(Mark, id=answer.id)[0].value is Helped.PARTLY


def test_somebody_else_s_like_marks_nothing(village):
    """Only the asker says what helped."""
    answer = village.answer(village.ask())
    village.do(liking.like, village.mo, answer)
    assert village.all(Mark, id=answer.id) == []


def test_what_is_kept_is_kept_once_and_for_oneself(village):
    """A bookmark records nothing that others hear, and can be dropped when the thing is hidden by then."""
    question = village.ask()
    village.happened()
    for _ in range(2):
        village.do(liking.keep, village.sam, question)
    assert len(village.all(Bookmark, thing_uri=question.uri)) == 1
    village.do(liking.drop, village.noor, question)
    assert len(village.all(Bookmark, thing_uri=question.uri)) == 1
    village.do(lambda tx: tx.save(replace(question, status=QuestionStatus.HIDDEN)))
    village.do(liking.drop, village.sam, question)
    assert village.all(Bookmark, thing_uri=question.uri) == []
    assert village.happened() == []


@pytest.mark.parametrize("scope", [Scope.PILOTS, Scope.NEIGHBOURHOOD])
def test_what_is_not_for_everybody_is_not_passed_on(village, scope):
    """A boost never shows a thing to more people (threat G07)."""
    question = village.ask(scope=scope)
    village.refuses(Invalid, "not-public", liking.pass_on, village.sam, question)


def test_passing_on_is_told_once_and_taken_back_once(village):
    """Repeating either changes nothing."""
    question = village.ask(scope=Scope.PUBLIC)
    village.happened()
    made = [village.do(liking.pass_on, village.sam, question) for _ in range(2)]
    assert made[0] == made[1]
    for _ in range(2):
        village.do(liking.take_back, village.sam, question)
    assert [type(event) for event in village.happened()] == [PassedOn, TakenBack]
    assert village.all(Boost, thing_uri=question.uri) == []


def test_what_is_withdrawn_is_kept_and_passed_on_by_nobody(village):
    """Bookmarks, boosts and notices go with the thing."""
    question = village.ask(scope=Scope.PUBLIC)
    for act in (liking.keep, liking.pass_on, liking.like):
        village.do(act, village.sam, question)
    village.do(questions.withdraw, village.actor(village.noor), question.id)
    assert village.all(Question, id=question.id) == []
    for kind in (Bookmark, Boost, Notice):
        assert village.all(kind, thing_uri=question.uri) == []
