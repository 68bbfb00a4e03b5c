"""One thing by its id or uri, for whoever may have it; for all others it is as hard to find as what never was.

Who may see it is part of the looking up, so that what is hidden costs no step more than what does not exist: the
time of an answer says nothing either.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, bindparam, literal_column, or_, select

from storage.mapping import mapper
from storage.reading import Reading
from storage.records import Activity
from storage.statements import Prepared, once, prepared
from storage.tables import tables
from storage.visibility import Eyes, eyes_of, given_by, seen
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Answer, Offer, Question, Scope, Thing

T = TypeVar("T", bound=Thing)

_KINDS: tuple[type[Thing], ...] = (Question, Answer, Offer)
_question = tables[Question]
_activity = tables[Activity]


def found(reading: Reading, viewer: Viewer, kind: type[T], key: str) -> T:
    """The thing of this kind with this id. Raises Unknown when this viewer may not see it, or its question."""
    thing = _one(reading, viewer, kind, "id", key)
    if thing is None:
        raise Unknown
    return thing


def found_at(reading: Reading, viewer: Viewer, uri: str) -> Thing | None:
    """The question, answer or offer under this uri, ours or somebody else's, if this viewer may see it."""
    candidates = (_one(reading, viewer, kind, "uri", uri) for kind in _KINDS)
    return next((thing for thing in candidates if thing), None)


def activity(reading: Reading, viewer: Viewer, uri: str) -> Activity | None:
    """What was said under this uri, if it was said to this viewer, and what it is about may be seen by them.

    What it is about is judged as it is now (threat G06). What is about nothing that is here is for the caller to judge.
    """
    shape = mapper(Activity)
    given = shape.conditions({"id": uri})
    row = reading.row(_said(eyes_of(viewer), reading.dialect), given | given_by(viewer)) if given else None
    return None if row is None else shape.thing(row)


def _one(reading: Reading, viewer: Viewer, kind: type[T], field: str, value: str) -> T | None:
    shape = mapper(kind)
    given = shape.conditions({field: value})
    row = (
        reading.row(_lookup(kind, field, eyes_of(viewer), reading.dialect), given | given_by(viewer))
        if given
        else None
    )
    return None if row is None else shape.thing(row)


@once
def _lookup(kind: type[Any], field: str, eyes: Eyes, dialect: str) -> Prepared:
    table = tables[kind]
    return prepared(select(table).where(table.c[field] == bindparam(field), _reached(table, eyes)), dialect)


@once
def _said(eyes: Eyes, dialect: str) -> Prepared:
    there, allowed = [], []
    for table in (tables[kind] for kind in _KINDS):
        about = select(table.c.id).where(table.c.uri == _activity.c.thing_uri)
        there.append(about.exists())
        allowed.append(about.where(_reached(table, eyes)).exists())
    wanted = [_activity.c.id == bindparam("id"), or_(*allowed, ~or_(*there))]
    if Scope.PILOTS not in eyes.scopes:
        wanted.append(_activity.c.public == literal_column("1"))
    return prepared(select(_activity).where(*wanted), dialect)


def _reached(table: Any, eyes: Eyes) -> ColumnElement[bool]:
    """As `audience.may_reach` judges it: the thing, and the question that it stands under."""
    if table is _question:
        return seen(table, eyes)
    thread = _question.alias()
    above = select(thread.c.id).where(thread.c.id == table.c.question_id, seen(thread, eyes))
    return and_(seen(table, eyes), or_(table.c.question_id.is_(None), above.exists()))
