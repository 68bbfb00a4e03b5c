"""What `audience` says of viewers and states, in the form that a statement needs.

It decides nothing: the sets come from the domain.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_

from storage.tables import tables
from vraagbaak.audience import READABLE_QUESTIONS, READABLE_REPLIES, Viewer
from vraagbaak.model import Question, ReplyStatus

_question = tables[Question]


def scopes_of(viewer: Viewer) -> list[str]:
    """The scopes of which this viewer may see anything, as they are stored."""
    return sorted(scope.value for scope in viewer.scopes)


def state_of(table: Any) -> ColumnElement[str]:
    """The status, in a form that no index answers.

    Nearly everything is readable: walking by id stops at the end of the page, while SQLite 3.40 without statistics
    would walk all rows by status and sort them (20,000 questions: 30 ms a list, and 39 s for the unanswered ones).
    """
    return func.coalesce(table.c.status, "")


def readable_question(viewer: Viewer) -> ColumnElement[bool]:
    """Questions in a list: past review, not hidden, and for this viewer."""
    return and_(
        _question.c.scope.in_(scopes_of(viewer)),
        state_of(_question).in_([status.value for status in READABLE_QUESTIONS]),
    )


def readable_reply(table: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Answers and offers as `audience.may_see` judges them: past review, or the viewer's own, or to be reviewed."""
    states = [status.value for status in (ReplyStatus if viewer.reviews else READABLE_REPLIES)]
    readable: ColumnElement[bool] = state_of(table).in_(states)
    if viewer.member:
        readable = or_(readable, table.c.author_id == viewer.member.actor_id)
    return and_(table.c.scope.in_(scopes_of(viewer)), readable)


def about(column: ColumnElement[Any], topic: str) -> ColumnElement[bool]:
    """Topics stand as JSON; a slug holds nothing that JSON or LIKE reads as anything but itself."""
    plain = "".join(character for character in topic if character.isalnum() or character == "-")
    return column.like(f'%"{plain}"%')
