"""What `audience` says of viewers and states, in the form that a statement needs.

It decides nothing: the sets come from the domain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, false, func, literal, literal_column, or_, true

from storage.tables import TEXT, tables
from vraagbaak.audience import READABLE_QUESTIONS, READABLE_REPLIES, Viewer
from vraagbaak.model import Question, Scope

_question = tables[Question]


def scopes_of(viewer: Viewer) -> list[str]:
    """The scopes of which this viewer may see anything, as they are stored."""
    return sorted(scope.value for scope in viewer.scopes)


REACHES = {Scope.PUBLIC: 0, Scope.PILOTS: 1, Scope.NEIGHBOURHOOD: 2}
"""How a scope stands in the index of terms: who may see the one may see all before it."""


def farthest(viewer: Viewer) -> int:
    """The last of these that this viewer may see; -1 for none."""
    return max((REACHES[scope] for scope in viewer.scopes), default=-1)


def state_of(table: Any) -> ColumnElement[str]:
    """The status, in a form that no index answers.

    Nearly everything is readable: walking by id stops at the end of the page, while SQLite 3.40 without statistics
    would walk all rows by status and sort them (20,000 questions: 30 ms a list, and 39 s for the unanswered ones).
    """
    return func.coalesce(table.c.status, "")


@dataclass(frozen=True, slots=True)
class Eyes:
    """A viewer, as far as a statement depends on it."""

    scopes: frozenset[Scope]
    reviews: bool
    me: ColumnElement[str] | None
    """The actor that a member is."""


_ME = bindparam("me", type_=TEXT)


def eyes_of(viewer: Viewer) -> Eyes:
    """All that a statement depends on: not who looks, only as what. Who it is comes with `given_by`."""
    return Eyes(viewer.scopes, reviews=viewer.reviews, me=_ME if viewer.me else None)


def given_by(viewer: Viewer) -> dict[str, Any]:
    """The parameters of a statement that was made for `eyes_of` this viewer."""
    return {_ME.key: viewer.me} if viewer.me else {}


def readable_question(viewer: Viewer) -> ColumnElement[bool]:
    """Questions in a list: past review, not hidden, and for this viewer."""
    return listed_question(viewer.scopes)


def listed_question(scopes: frozenset[Scope]) -> ColumnElement[bool]:
    """The same for whoever has these scopes."""
    return and_(one_of(_question.c.scope, scopes), one_of(state_of(_question), READABLE_QUESTIONS))


def readable_reply(table: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Answers and offers as `audience.may_see` judges them: past review, or the viewer's own, or to be reviewed."""
    me = literal(viewer.me) if viewer.me else None
    return seen(table, Eyes(viewer.scopes, viewer.reviews, me))


def seen(table: Any, eyes: Eyes) -> ColumnElement[bool]:
    """Things of a table (or an alias of it) as `audience.may_see` judges them."""
    readable: ColumnElement[bool] = true()
    if not eyes.reviews:
        states: Iterable[StrEnum] = READABLE_REPLIES if "question_id" in table.c else READABLE_QUESTIONS
        readable = one_of(state_of(table), states)
    if eyes.me is not None:
        readable = or_(readable, table.c.author_id == eyes.me)
    return and_(one_of(table.c.scope, eyes.scopes), readable)


def one_of(column: ColumnElement[Any], values: Iterable[StrEnum]) -> ColumnElement[bool]:
    """Written out, for these are words of ours and never of anybody else."""
    words: list[ColumnElement[Any]] = [literal_column(f"'{value}'") for value in sorted(values)]
    return column.in_(words) if words else false()


def about(column: ColumnElement[Any], topic: str) -> ColumnElement[bool]:
    """Things of this topic, by the column of their topics."""
    return column.like(topic_pattern(topic))


def topic_pattern(topic: str) -> str:
    """Topics stand as JSON; a slug holds nothing that JSON or LIKE reads as anything but itself."""
    plain = "".join(character for character in topic if character.isalnum() or character == "-")
    return f'%"{plain}"%'
