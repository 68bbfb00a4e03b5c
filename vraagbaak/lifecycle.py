"""Which states a thing can be in and how it gets from one to the next, declared and checked at import.

A move that is not drawn here is refused; withdrawing is not a move, for what is withdrawn is no longer there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from vraagbaak.errors import Invalid
from vraagbaak.model import FollowState, QuestionStatus, ReplyStatus, Stage

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Graph(Generic[S]):
    """States as nodes, allowed moves as arrows; every state can be reached from a start."""

    states: type[S]
    starts: frozenset[S]
    moves: Mapping[S, frozenset[S]]

    def __post_init__(self) -> None:
        """Raises ValueError when a state has no row, or cannot be reached."""
        if set(self.moves) != set(self.states):
            raise ValueError(f"{self.states.__name__}: every state needs a row of moves")
        reached = set(self.starts)
        while more := {target for state in reached for target in self.moves[state]} - reached:
            reached |= more
        if reached != set(self.states):
            raise ValueError(f"{self.states.__name__}: {set(self.states) - reached} cannot be reached")

    def move(self, current: S, target: S) -> S:
        """`target`, when the graph has that arrow (staying is allowed). Raises Invalid otherwise."""
        if target != current and target not in self.moves[current]:
            raise Invalid("status", "That is not possible any more.", "wrong-state")
        return target


QUESTION = Graph(
    states=QuestionStatus,
    starts=frozenset({QuestionStatus.HELD, QuestionStatus.OPEN}),
    moves={
        QuestionStatus.HELD: frozenset({QuestionStatus.OPEN, QuestionStatus.HIDDEN}),
        QuestionStatus.OPEN: frozenset(
            {QuestionStatus.ANSWERED, QuestionStatus.CLOSED, QuestionStatus.HIDDEN, QuestionStatus.HELD}
        ),
        QuestionStatus.ANSWERED: frozenset(
            {QuestionStatus.OPEN, QuestionStatus.CLOSED, QuestionStatus.HIDDEN, QuestionStatus.HELD}
        ),
        QuestionStatus.CLOSED: frozenset({QuestionStatus.OPEN, QuestionStatus.HIDDEN, QuestionStatus.HELD}),
        QuestionStatus.HIDDEN: frozenset({QuestionStatus.OPEN}),
    },
)

REPLY = Graph(
    states=ReplyStatus,
    starts=frozenset({ReplyStatus.HELD, ReplyStatus.SHOWN}),
    moves={
        ReplyStatus.HELD: frozenset({ReplyStatus.SHOWN, ReplyStatus.HIDDEN}),
        ReplyStatus.SHOWN: frozenset({ReplyStatus.HIDDEN, ReplyStatus.HELD}),
        ReplyStatus.HIDDEN: frozenset({ReplyStatus.SHOWN}),
    },
)

FOLLOW = Graph(
    states=FollowState,
    starts=frozenset({FollowState.PENDING}),
    moves={
        FollowState.PENDING: frozenset({FollowState.ACCEPTED, FollowState.REJECTED}),
        FollowState.ACCEPTED: frozenset({FollowState.REJECTED}),
        FollowState.REJECTED: frozenset({FollowState.PENDING}),
    },
)

INTRODUCTION = Graph(
    states=Stage,
    starts=frozenset({Stage.ASKER_AGREED, Stage.HELPER_AGREED}),
    moves={
        Stage.ASKER_AGREED: frozenset({Stage.TALKING, Stage.ENDED}),
        Stage.HELPER_AGREED: frozenset({Stage.TALKING, Stage.ENDED}),
        Stage.TALKING: frozenset({Stage.SUCCEEDED, Stage.ENDED}),
        Stage.SUCCEEDED: frozenset(),
        Stage.ENDED: frozenset(),
    },
)
