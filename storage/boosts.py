"""What those whom a member follows passed on, as it stands in the member's home timeline and lists: each thing once.

It is shown by the rules for the thing itself, as they are now.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, or_, select

from storage import lists, silence, stream
from storage.mapping import mapper
from storage.reading import Reading
from storage.statements import Prepared, once, prepared
from storage.stream import Place, Shape, Wanted
from storage.tables import tables
from storage.visibility import Eyes, eyes_of, given_by
from vraagbaak.audience import Viewer
from vraagbaak.model import Actor, Boost

Passed = tuple[Boost, Actor]
"""A boost, and whose it is."""

_boost = tables[Boost]
_actor = tables[Actor]


def page(reading: Reading, viewer: Viewer, wanted: Wanted, place: Place) -> list[Passed]:
    """Those of the home timeline or the list that is wanted; of other streams none."""
    if not wanted.of_member:
        return []
    statement = _page(eyes_of(viewer), _asked(wanted), place.shape, reading.dialect)
    return _found(reading, statement, _given(viewer, wanted) | place.given)


def holds(reading: Reading, viewer: Viewer, wanted: Wanted, key: str) -> Passed | None:
    """The boost with this id, when it stands there."""
    if not wanted.of_member:
        return None
    statement = _held(eyes_of(viewer), _asked(wanted), reading.dialect)
    return next(iter(_found(reading, statement, _given(viewer, wanted) | {"id": key})), None)


def called(reading: Reading, key: str) -> Passed | None:
    """The boost with this id; whether the viewer may have what it passes on is for the caller to judge."""
    boost = reading.one(Boost, id=key)
    actor = reading.one(Actor, id=boost.actor_id) if boost else None
    return (boost, actor) if boost and actor and not actor.suspended else None


def _found(reading: Reading, statement: Prepared, given: dict[str, Any]) -> list[Passed]:
    boost, actor = mapper(Boost), mapper(Actor)
    first = len(boost.names)
    return [(boost.thing(row[:first]), actor.thing(row[first:])) for row in reading.rows(statement, given)]


def _asked(wanted: Wanted) -> Wanted:
    """All that a statement depends on."""
    return Wanted(in_list=wanted.in_list and "?", at_rest=wanted.at_rest and "?")


def _given(viewer: Viewer, wanted: Wanted) -> dict[str, Any]:
    given = {"home_of": wanted.of_member, "in_list": wanted.in_list, "rest": wanted.at_rest}
    return given_by(viewer) | given


@once
def _page(eyes: Eyes, asked: Wanted, part: Shape, dialect: str) -> Prepared:
    return prepared(part.cut(_standing(eyes, asked, dialect), _boost.c.id), dialect)


@once
def _held(eyes: Eyes, asked: Wanted, dialect: str) -> Prepared:
    return prepared(_standing(eyes, asked, dialect).where(_boost.c.id == bindparam("id")), dialect)


def _standing(eyes: Eyes, asked: Wanted, dialect: str) -> Select[Any]:
    earlier, whose = _boost.alias(), _actor.alias()
    sooner = (
        select(earlier.c.id)
        .join(whose, whose.c.id == earlier.c.actor_id)
        .where(
            earlier.c.thing_uri == _boost.c.thing_uri,
            earlier.c.id < _boost.c.id,
            *_shown(earlier, whose, asked),
        )
    )
    return (
        select(_boost, _actor)
        .join(_actor, _actor.c.id == _boost.c.actor_id)
        .where(
            *_shown(_boost, _actor, asked),
            ~sooner.correlate(_boost).exists(),
            stream.stands_at(_boost.c.thing_uri, eyes, dialect, Wanted(at_rest=asked.at_rest)),
        )
    )


def _shown(table: Any, actor: Any, asked: Wanted) -> list[ColumnElement[bool]]:
    """By somebody whom one hears and meets: of several who pass on the same, the first of these counts."""
    conditions = [_heard(table, asked), actor.c.suspended == 0]
    if asked.at_rest:
        rest: Any = bindparam("rest")
        conditions.append(silence.welcome_actor(table.c.actor_id, rest))
    return conditions


def _heard(table: Any, asked: Wanted) -> ColumnElement[bool]:
    """By somebody in the list; at home by whom one follows, but for who is read apart, and by oneself."""
    member: Any = bindparam("home_of")
    if asked.in_list:
        within: ColumnElement[bool] = table.c.actor_id.in_(lists.within(bindparam("in_list")))
        return within
    followed = table.c.actor_id.in_(lists.followed_by(member))
    return or_(table.c.actor_id == member, followed & table.c.actor_id.not_in(lists.apart(member)))
