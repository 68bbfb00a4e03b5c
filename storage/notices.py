"""What a member was told, as they may still see it: newest first, by id, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam, func, or_, select

from storage import silence, statuses, stream
from storage.mapping import mapper
from storage.reading import Reading
from storage.statements import Prepared, among, once, prepared
from storage.statuses import StatusView
from storage.stream import Place, Shape
from storage.tables import tables
from storage.visibility import Eyes, eyes_of, given_by
from vraagbaak.audience import Viewer
from vraagbaak.errors import NeedsMember, Unknown
from vraagbaak.model import Actor, Answer, Notice, NoticeKind, Question

_actor = tables[Actor]
_notice = tables[Notice]
_answer = tables[Answer]
_question = tables[Question]
ALL = tuple(NoticeKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """One notice with who did it, and the thing it is about."""

    notice: Notice
    actor: Actor
    status: StatusView | None


def told(
    reading: Reading,
    viewer: Viewer,
    place: Place,
    kinds: Sequence[NoticeKind] = ALL,
    by: str = "",
    about: str | None = None,
) -> list[NoticeView]:
    """Notices of these kinds, of one actor when it is named, and about what has this uri (empty: about nothing)."""
    page = _page(eyes_of(viewer), place.shape, bool(by), about is not None, reading.dialect)
    given = _given(reading, viewer, kinds) | place.given | {"by": by, "about": about}
    notice, whole = mapper(Notice), len(mapper(Notice).names)
    actor = mapper(Actor)
    found = [(notice.thing(row[:whole]), actor.thing(row[whole:])) for row in reading.rows(page, given)]
    found.sort(key=lambda each: each[0].id, reverse=True)
    uris = [notice.thing_uri for notice, _ in found if notice.thing_uri]
    shown = {view.thing.uri: view for view in statuses.at(reading, viewer, uris)}
    return [
        NoticeView(notice=notice, actor=actor, status=shown.get(notice.thing_uri)) for notice, actor in found
    ]


def one(reading: Reading, viewer: Viewer, key: str) -> NoticeView:
    """The member's own notice with this id. Raises Unknown."""
    notice = reading.one(Notice, id=key)
    if notice and viewer.member and notice.member_id == viewer.member.id:
        for view in told(reading, viewer, Place(max_id=notice.id + "~", limit=1)):
            if view.notice.id == key:
                return view
    raise Unknown


def count(reading: Reading, viewer: Viewer, after: str, most: int, kinds: Sequence[NoticeKind] = ALL) -> int:
    """How many came after this one, up to `most`."""
    given = _given(reading, viewer, kinds) | {"after": after, "most": most}
    return int(reading.value(_count(eyes_of(viewer), reading.dialect), given))


def counts(
    reading: Reading, viewer: Viewer, kinds: Sequence[NoticeKind], uris: Iterable[str]
) -> dict[tuple[NoticeKind, str], int]:
    """How many there are of each of these kinds about what has these uris (an empty one: about nothing)."""
    given = _given(reading, viewer, kinds) | {"uris": reading.array(uris)}
    found = reading.rows(_counts(eyes_of(viewer), reading.dialect), given)
    return {(NoticeKind(kind), uri): int(number) for kind, uri, number in found}


@once
def _page(eyes: Eyes, part: Shape, one_actor: bool, one_thing: bool, dialect: str) -> Prepared:  # noqa: FBT001 - as `once` wants it
    statement = select(_notice, _actor).join(_actor, _actor.c.id == _notice.c.actor_id)
    statement = statement.where(*_conditions(eyes, dialect))
    if one_actor:
        statement = statement.where(_notice.c.actor_id == bindparam("by"))
    if one_thing:
        statement = statement.where(_notice.c.thing_uri == bindparam("about"))
    return prepared(part.cut(statement, _notice.c.id), dialect)


@once
def _counts(eyes: Eyes, dialect: str) -> Prepared:
    statement = (
        select(_notice.c.kind, _notice.c.thing_uri, func.count())
        .join(_actor, _actor.c.id == _notice.c.actor_id)
        .where(*_conditions(eyes, dialect), among(_notice.c.thing_uri, "uris", dialect))
        .group_by(_notice.c.kind, _notice.c.thing_uri)
    )
    return prepared(statement, dialect)


@once
def _count(eyes: Eyes, dialect: str) -> Prepared:
    statement = (
        select(_notice.c.id)
        .join(_actor, _actor.c.id == _notice.c.actor_id)
        .where(*_conditions(eyes, dialect), _notice.c.id > bindparam("after"))
        .limit(bindparam("most", type_=BigInteger))
    )
    return prepared(select(func.count()).select_from(statement.subquery()), dialect)


def _given(reading: Reading, viewer: Viewer, kinds: Sequence[NoticeKind]) -> dict[str, Any]:
    if viewer.member is None:
        raise NeedsMember
    return given_by(viewer) | {"member": viewer.member.id, "kinds": reading.array(kinds)}


def _conditions(eyes: Eyes, dialect: str) -> list[ColumnElement[bool]]:
    member: Any = bindparam("member")
    quiet = (
        select(_answer.c.uri)
        .join(_question, _question.c.id == _answer.c.question_id)
        .where(_question.c.uri.in_(silence.quiet_threads(member)))
    )
    return [
        _notice.c.member_id == member,
        among(_notice.c.kind, "kinds", dialect),
        _actor.c.suspended == 0,
        or_(_notice.c.thing_uri == "", stream.stands_at(_notice.c.thing_uri, eyes, dialect)),
        _notice.c.thing_uri.not_in(silence.quiet_threads(member)),
        _notice.c.thing_uri.not_in(quiet),
        silence.welcome_actor(_notice.c.actor_id, member),
    ]
