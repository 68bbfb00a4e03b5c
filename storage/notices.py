"""What a member was told, as they may still see it: newest first, by id, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from storage import silence, statuses
from storage.joined import load, rows_of
from storage.reading import Reading
from storage.statuses import Place, StatusView, Wanted
from storage.tables import tables
from vraagbaak.audience import Viewer
from vraagbaak.errors import NeedsMember, Unknown
from vraagbaak.model import Actor, Answer, Member, Notice, NoticeKind, Offer, Question

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
) -> list[NoticeView]:
    """Notices of these kinds, of one actor when it is named."""
    statement = (
        select(_notice, _actor)
        .join(_actor, _actor.c.id == _notice.c.actor_id)
        .where(*_conditions(viewer, kinds), *place.within(_notice.c.id))
        .order_by(place.order(_notice.c.id))
        .limit(place.limit)
    )
    if by:
        statement = statement.where(_notice.c.actor_id == by)
    found = [(load(Notice, row), load(Actor, row)) for row in rows_of(reading, statement)]
    found.sort(key=lambda each: each[0].id, reverse=True)
    uris = [notice.thing_uri for notice, _ in found if notice.thing_uri]
    shown = {view.thing.uri: view for view in statuses.at(reading, viewer, uris)}
    return [
        NoticeView(notice=notice, actor=actor, status=shown.get(notice.thing_uri)) for notice, actor in found
    ]


def one(reading: Reading, viewer: Viewer, key: str) -> NoticeView:
    """The member's own notice with this id. Raises Unknown."""
    notice = reading.one(Notice, id=key)
    if notice and notice.member_id == _member(viewer).id:
        for view in told(reading, viewer, Place(max_id=notice.id + "~", limit=1)):
            if view.notice.id == key:
                return view
    raise Unknown


def count(reading: Reading, viewer: Viewer, after: str, most: int, kinds: Sequence[NoticeKind] = ALL) -> int:
    """How many came after this one, up to `most`."""
    statement = (
        select(_notice.c.id)
        .join(_actor, _actor.c.id == _notice.c.actor_id)
        .where(*_conditions(viewer, kinds), _notice.c.id > after)
        .limit(most)
    )
    found = reading.execute(select(func.count()).select_from(statement.subquery())).scalar()
    return int(found or 0)


def _conditions(viewer: Viewer, kinds: Sequence[NoticeKind]) -> list[ColumnElement[bool]]:
    member_id = _member(viewer).id
    readable = [
        _notice.c.thing_uri.in_(each)
        for each in statuses.uris_of(viewer, Wanted(kinds=(Question, Answer, Offer)))
    ]
    quiet = (
        select(_answer.c.uri)
        .join(_question, _question.c.id == _answer.c.question_id)
        .where(_question.c.uri.in_(silence.quiet_threads(member_id)))
    )
    return [
        _notice.c.member_id == member_id,
        _notice.c.kind.in_([kind.value for kind in kinds]),
        _actor.c.suspended == 0,
        or_(_notice.c.thing_uri == "", *readable),
        _notice.c.thing_uri.not_in(silence.quiet_threads(member_id)),
        _notice.c.thing_uri.not_in(quiet),
        silence.welcome_actor(_notice.c.actor_id, member_id),
    ]


def _member(viewer: Viewer) -> Member:
    if viewer.member is None:
        raise NeedsMember
    return viewer.member
