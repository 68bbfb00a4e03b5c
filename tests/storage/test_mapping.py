"""Every value of the model survives being stored, on both databases."""

from __future__ import annotations

import types
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.clock import SystemClock, UlidIds, ulid
from storage.mapping import EPOCH, mapper, milliseconds, moment
from storage.tables import metadata, tables
from tests.storage.things import actor
from vraagbaak import model

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)


def values(hint):
    """Any value of a field of this type."""
    if isinstance(hint, types.UnionType):
        return st.one_of(*[st.none() if part is types.NoneType else values(part) for part in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=4).map(tuple)
    if is_dataclass(hint):
        return st.builds(hint, **{name: values(part) for name, part in get_type_hints(hint).items()})
    if issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    plain = {str: TEXT, bool: st.booleans(), int: st.integers(-(2**63), 2**63 - 1), datetime: MOMENTS}
    plain[float] = st.floats(allow_nan=False, allow_infinity=False)
    return plain[hint]


THINGS = st.sampled_from(sorted(tables, key=str)).flatmap(values)


class Undo(Exception):  # noqa: N818 - reads as what it is
    """Ends a unit without keeping anything of it."""


def without_references(tx):
    """References are for another test: let this unit store a thing that points anywhere."""
    sqlite = tx.dialect == "sqlite"
    statement = "PRAGMA defer_foreign_keys = ON" if sqlite else "SET LOCAL session_replication_role = replica"
    tx.connection.exec_driver_sql(statement)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(thing=THINGS)
def test_what_is_stored_is_what_is_read(store, thing):
    """Any thing of any kind is equal to itself after a journey through the database."""

    def unit(tx):
        without_references(tx)
        tx.add(thing)
        assert tx.get(type(thing), thing.id) == thing
        tx.save(thing)
        assert tx.get(type(thing), thing.id) == thing
        raise Undo

    with pytest.raises(Undo):
        store.run_now(unit)


@given(at=st.datetimes(timezones=st.timezones()))
def test_a_moment_keeps_its_milliseconds_in_every_year(at):
    """Moments are rounded down to a millisecond, exactly, whatever the year and the time zone."""
    kept = moment(milliseconds(at))
    assert timedelta(0) <= at - kept < timedelta(milliseconds=1)
    assert kept.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_a_fault():
    """Nobody can know what a naive moment means: it is not stored."""
    with pytest.raises(TypeError):
        mapper(model.Actor).row(actor(fetched_at=datetime(2026, 11, 2)))  # noqa: DTZ001


def test_every_noun_of_the_model_has_a_table():
    """Nothing in the model is forgotten by storage; each table and its keeping of personal data is described."""
    plain = {
        model.Home,
        model.Attachment,
        model.FilterKeyword,
        model.FilteredThing,
    }  # the last two stand in the row of a filter, the attachments in that of their post
    nouns = {kind for kind in vars(model).values() if hasattr(kind, "__dataclass_fields__")} - plain
    assert nouns <= set(tables)
    assert all(table.comment for table in metadata.tables.values())
    assert "personal" in (tables[model.Answer].c.body.comment or "")


@given(at=st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001, UP017
def test_ids_sort_by_moment(at):
    """An id is 26 lower-case characters that sort like its moment, and no two are the same."""
    ids = UlidIds()
    first, second = ids.new(at), ids.new(at)
    assert first != second
    assert len(first) == 26
    assert first.isalnum()
    assert first == first.lower()
    assert first < ids.new(at + timedelta(milliseconds=1))
    assert ulid(EPOCH, 0) == "0" * 26


def test_the_clock_tells_what_can_be_stored():
    """The present moment is in UTC and in whole milliseconds."""
    now = SystemClock().now()
    assert moment(milliseconds(now)) == now
    assert now.utcoffset() == timedelta(0)
