"""Who somebody may find: actors by id, by address or by the beginning of their name, and how one stands to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from storage.joined import load, rows_of
from storage.mapping import mapper
from storage.reading import Reading
from storage.statements import Prepared, once, prepared
from storage.stream import Place, Shape
from storage.tables import tables
from storage.visibility import one_of
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Follow, FollowState, Listed, Silence, SilenceKind

_actor = tables[Actor]
_follow = tables[Follow]
_listed = tables[Listed]
_silence = tables[Silence]
_SHOWN = (_actor.c.suspended == 0,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """How one actor stands to another."""

    following: bool = False
    requested: bool = False
    followed_by: bool = False


def actor(reading: Reading, key: str) -> Actor:
    """The actor with this id. Raises Unknown for one that is not there, or not any more."""
    found = reading.one(Actor, id=key)
    if found is None or found.suspended:
        raise Unknown
    return found


def actors(reading: Reading, keys: Iterable[str]) -> list[Actor]:
    """Those of these actors that are there, in this order."""
    wanted = list(dict.fromkeys(keys))
    found = rows_of(reading, select(_actor).where(_actor.c.id.in_(wanted), *_SHOWN)) if wanted else []
    by_id = {each.id: each for each in (load(Actor, row) for row in found)}
    return [by_id[key] for key in wanted if key in by_id]


def called(reading: Reading, address: str) -> Actor:
    """The actor with this `handle` or `handle@domain`, as far as known here. Raises Unknown."""
    handle, _, domain = address.strip().removeprefix("@").removeprefix("acct:").lower().partition("@")
    statement = select(_actor).where(
        func.lower(_actor.c.handle) == handle, _is_of(domain or reading.home.domain), *_SHOWN
    )
    for row in rows_of(reading, statement.order_by(_actor.c.local.desc(), _actor.c.id).limit(1)):
        return load(Actor, row)
    raise Unknown


def _is_of(domain: str) -> ColumnElement[bool]:
    return or_(_actor.c.domain == domain, _actor.c.named_domain == domain)


def named_like(reading: Reading, query: str, limit: int, *, followed_by: str = "") -> list[Actor]:
    """Actors whose handle or name begins with this; with `followed_by` only those that this actor follows."""
    plain = "".join(
        each for each in query.strip().removeprefix("@").lower() if each.isalnum() or each in " -_."
    )
    if not plain:
        return []
    begins = plain.replace("_", r"\_") + "%"
    statement = select(_actor).where(
        or_(
            func.lower(_actor.c.handle).like(begins, escape="\\"),
            func.lower(_actor.c.name).like(begins, escape="\\"),
        ),
        *_SHOWN,
    )
    if followed_by:
        mine = select(_follow.c.target_id).where(
            _follow.c.follower_id == followed_by, _follow.c.state == FollowState.ACCEPTED.value
        )
        statement = statement.where(_actor.c.id.in_(mine))
    found = rows_of(reading, statement.order_by(_actor.c.local.desc(), _actor.c.id).limit(limit))
    return [load(Actor, row) for row in found]


def between(reading: Reading, actor_id: str, others: Iterable[str]) -> dict[str, Between]:
    """How an actor stands to each of these."""
    keys = list(others)
    mine = dict(
        map(
            tuple,
            reading.execute(
                select(_follow.c.target_id, _follow.c.state).where(
                    _follow.c.follower_id == actor_id, _follow.c.target_id.in_(keys)
                )
            ),
        )
    )
    theirs = set(
        reading.execute(
            select(_follow.c.follower_id).where(
                _follow.c.target_id == actor_id,
                _follow.c.follower_id.in_(keys),
                _follow.c.state == FollowState.ACCEPTED.value,
            )
        ).scalars()
    )
    return {
        key: Between(
            following=mine.get(key) == FollowState.ACCEPTED.value,
            requested=mine.get(key) == FollowState.PENDING.value,
            followed_by=key in theirs,
        )
        for key in keys
    }


def followed(reading: Reading, actor_id: str, place: Place) -> list[tuple[str, Actor]]:
    """Whom an actor follows, latest first, each with the id to page by: for that actor alone."""
    return _people(reading, _mine(place.shape, reading.dialect), {"follower": actor_id, **place.given})


def kept_away(reading: Reading, member_id: str, kind: SilenceKind, place: Place) -> list[tuple[str, Actor]]:
    """Whom a member mutes or blocks, latest first, each with the id to page by: for that member alone."""
    given = {"member": member_id, "manner": kind.value, **place.given}
    return _people(reading, _away(place.shape, reading.dialect), given)


def servers_away(reading: Reading, member_id: str, place: Place) -> list[tuple[str, str]]:
    """The servers that a member keeps away, latest first, each with the id to page by: for that member alone."""
    rows = reading.rows(_servers(place.shape, reading.dialect), {"member": member_id, **place.given})
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


def in_list(reading: Reading, list_id: str, place: Place) -> list[tuple[str, Actor]]:
    """Who is in a list, latest first, each with the id to page by."""
    return _people(reading, _within(place.shape, reading.dialect), {"list": list_id, **place.given})


def _people(reading: Reading, statement: Prepared, given: dict[str, Any]) -> list[tuple[str, Actor]]:
    found = [(row[0], mapper(Actor).thing(row[1:])) for row in reading.rows(statement, given)]
    return sorted(found, key=lambda each: each[0], reverse=True)


@once
def _mine(part: Shape, dialect: str) -> Prepared:
    statement = (
        select(_follow.c.id, _actor)
        .join(_actor, _actor.c.id == _follow.c.target_id)
        .where(
            _follow.c.follower_id == bindparam("follower"),
            one_of(_follow.c.state, [FollowState.ACCEPTED]),
            *_SHOWN,
        )
    )
    return prepared(part.cut(statement, _follow.c.id), dialect)


@once
def _away(part: Shape, dialect: str) -> Prepared:
    statement = (
        select(_silence.c.id, _actor)
        .join(_actor, _actor.c.id == _silence.c.about)
        .where(_silence.c.member_id == bindparam("member"), _silence.c.manner == bindparam("manner"), *_SHOWN)
    )
    return prepared(part.cut(statement, _silence.c.id), dialect)


@once
def _servers(part: Shape, dialect: str) -> Prepared:
    statement = select(_silence.c.id, _silence.c.about).where(
        _silence.c.member_id == bindparam("member"), one_of(_silence.c.manner, [SilenceKind.SERVER])
    )
    return prepared(part.cut(statement, _silence.c.id), dialect)


@once
def _within(part: Shape, dialect: str) -> Prepared:
    statement = (
        select(_listed.c.id, _actor)
        .join(_actor, _actor.c.id == _listed.c.actor_id)
        .where(_listed.c.list_id == bindparam("list"), *_SHOWN)
    )
    return prepared(part.cut(statement, _listed.c.id), dialect)
