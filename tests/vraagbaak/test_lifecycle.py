"""States and moves: what is not drawn does not happen, whoever tries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vraagbaak.village import Village
from vraagbaak import lifecycle, moderation, questions
from vraagbaak.errors import Invalid, Refused
from vraagbaak.lifecycle import FOLLOW, QUESTION, REPLY, Graph
from vraagbaak.model import Answer, FollowState, Helped, Question, QuestionStatus, ReplyStatus

PAIRS = [
    (graph, current, target)
    for graph in (QUESTION, REPLY, FOLLOW)
    for current in graph.states
    for target in graph.states
]


def test_a_move_is_made_when_it_is_drawn_and_refused_when_it_is_not():
    """For every two states of every graph: an arrow or staying is allowed, anything else is "wrong-state"."""
    for graph, current, target in PAIRS:
        if current is target or target in graph.moves[current]:
            assert graph.move(current, target) is target
            continue
        with pytest.raises(Invalid) as refusal:
            graph.move(current, target)
        assert (refusal.value.field, refusal.value.code) == ("status", "wrong-state")


@pytest.mark.parametrize(
    ("graph", "current", "target"),
    [
        (QUESTION, QuestionStatus.HIDDEN, QuestionStatus.HELD),
        (QUESTION, QuestionStatus.HELD, QuestionStatus.ANSWERED),
        (QUESTION, QuestionStatus.HELD, QuestionStatus.CLOSED),
        (QUESTION, QuestionStatus.HIDDEN, QuestionStatus.CLOSED),
        (REPLY, ReplyStatus.HIDDEN, ReplyStatus.HELD),
        (FOLLOW, FollowState.REJECTED, FollowState.ACCEPTED),
        (FOLLOW, FollowState.ACCEPTED, FollowState.PENDING),
    ],
)
def test_no_short_cut_is_drawn(graph, current, target):
    """Nothing hidden goes back to waiting, passes review by being answered, or is followed after a no."""
    assert target not in graph.moves[current]


@pytest.mark.parametrize(
    "moves",
    [
        {ReplyStatus.HELD: frozenset({ReplyStatus.SHOWN, ReplyStatus.HIDDEN})},
        {status: frozenset() for status in ReplyStatus},
    ],
)
def test_a_graph_with_a_gap_cannot_be_declared(moves):
    """A state without a row, or one that nothing leads to, is a fault when the program starts."""
    with pytest.raises(ValueError, match="ReplyStatus"):
        Graph(states=ReplyStatus, starts=frozenset({ReplyStatus.HELD}), moves=moves)


ACTS = {
    "close": lambda village, question, _: village.do(questions.close, village.actor(village.noor), question),
    "reopen": lambda village, question, _: village.do(
        questions.reopen, village.actor(village.noor), question
    ),
    "helped": lambda village, question, answer: village.do(
        questions.mark, village.actor(village.noor), question, answer, Helped.HELPED
    ),
    "not helped": lambda village, question, answer: village.do(
        questions.mark, village.actor(village.noor), question, answer, None
    ),
    "hide": lambda village, question, _: village.do(moderation.hide, village.mo, Question, question),
    "release": lambda village, question, _: village.do(moderation.release, village.mo, Question, question),
    "hide answer": lambda village, _, answer: village.do(moderation.hide, village.mo, Answer, answer),
    "show answer": lambda village, _, answer: village.do(moderation.release, village.mo, Answer, answer),
}


@settings(max_examples=25, deadline=None)
@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=12))
def test_whatever_asker_and_moderator_do_every_move_is_a_drawn_one(acts):
    """After any acts in any order, a question and its answer went only along the arrows."""
    village = Village()
    question = village.ask()
    answer = village.answer(question)
    for act in acts:
        try:
            ACTS[act](village, question.id, answer.id)
        except Refused:
            continue
        finally:
            moved, other = village.now(question), village.now(answer)
            assert (
                moved.status is question.status or moved.status in lifecycle.QUESTION.moves[question.status]
            )
            assert other.status is answer.status or other.status in lifecycle.REPLY.moves[answer.status]
            question, answer = moved, other
