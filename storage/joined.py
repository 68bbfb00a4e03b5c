"""Things with their authors and neighbourhoods in one statement, for every list that shows who speaks from where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select

from storage.mapping import Mapper, mapper
from storage.reading import Reading
from storage.tables import tables
from vraagbaak.model import Actor, Peer, Pilot, Standing

T = TypeVar("T")

_actor = tables[Actor]
_pilot = tables[Pilot]
_peer = tables[Peer]


def home_of_author() -> ColumnElement[bool]:
    """The neighbourhood that an actor's server is: by where it speaks from, never by what it says of itself.

    A server that was a pilot under an earlier name counts once, under its latest.
    """
    trusted = select(_peer.c.id).where(_peer.c.standing == Standing.PILOT.value)
    other = _pilot.alias()
    latest = select(func.max(other.c.id)).where(other.c.domain == _actor.c.domain).correlate(_actor)
    return and_(
        _pilot.c.id == latest.scalar_subquery(),
        or_(_pilot.c.local == 1, _pilot.c.domain.in_(trusted)),
    )


def with_author(table: Any) -> Select[Any]:
    """The things of a table, each with its author and the neighbourhood that its author speaks from."""
    return select(table, _actor, _pilot).select_from(
        table.join(_actor, _actor.c.id == table.c.author_id).outerjoin(_pilot, home_of_author())
    )


def parts(rows: Iterable[Sequence[Any]], kind: type[T]) -> Iterator[tuple[T, Actor, Pilot | None]]:
    """What stands in rows of `with_author`, by the places of the columns; who wrote several things is made once."""
    shape, author, home = mapper(kind), mapper(Actor), mapper(Pilot)
    first, second = len(shape.names), len(shape.names) + len(author.names)
    authors: dict[str, tuple[Actor, Pilot | None]] = {}
    for row in rows:
        key = row[first]
        if key not in authors:
            pilot = home.thing(row[second:]) if row[second] is not None else None
            authors[key] = (author.thing(row[first:second]), pilot)
        yield shape.thing(row[:first]), *authors[key]


def rows_of(reading: Reading, statement: Select[Any]) -> Sequence[RowMapping]:
    """What a statement finds, with the columns of several things told apart."""
    return reading.execute(statement).mappings().all()


def load(kind: type[T], row: RowMapping) -> T:
    """The thing of this kind that stands in a row of several things."""
    shape: Mapper[T] = mapper(kind)
    return shape.thing([row[column] for column in tables[kind].c])


def pilot_of(row: RowMapping) -> Pilot | None:
    """The neighbourhood in such a row, if there is one."""
    return load(Pilot, row) if row[_pilot.c.id] is not None else None
