"""Where things go and went: inboxes of followers, servers that received something, what stands in a collection.

Lists only; whether somebody may have a thing is decided in the domain before anything is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select

from storage.mapping import mapper, moment
from storage.reading import Reading
from storage.records import Sent
from storage.tables import tables
from storage.visibility import scopes_of, state_of
from vraagbaak.audience import READABLE_QUESTIONS, READABLE_REPLIES, Viewer
from vraagbaak.model import Actor, Answer, Follow, FollowState, Helped, Mark, Question, Tombstone

T = TypeVar("T")

_actor = tables[Actor]
_answer = tables[Answer]
_follow = tables[Follow]
_mark = tables[Mark]
_question = tables[Question]
_sent = tables[Sent]
_tombstone = tables[Tombstone]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerInbox:
    """One inbox behind which followers are, however many."""

    inbox: str
    announces: bool
    """Whether somebody there was seen to speak FEP-1b12."""
    chooses: bool = False
    """Whether somebody on that server was seen to speak ChooseAnswer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item of a collection: its uri, and its place in the order."""

    id: str
    uri: str


def local_actors(reading: Reading) -> list[Actor]:
    """All actors of ours that are still here."""
    shape = mapper(Actor)
    statement = select(_actor).where(_actor.c.local == 1, _actor.c.suspended == 0).order_by(_actor.c.id)
    return [shape.thing(row) for row in reading.execute(statement)]


def follower_inboxes(reading: Reading, target_id: str) -> list[FollowerInbox]:
    """Where the accepted followers of one of ours receive, each inbox once; suspended ones are left out."""
    inbox = case((_actor.c.shared_inbox != "", _actor.c.shared_inbox), else_=_actor.c.inbox)
    others = _actor.alias("others")
    choosers = select(others.c.id).where(others.c.domain == _actor.c.domain, others.c.chooses == 1)
    chooses = func.max(case((choosers.exists(), 1), else_=0))
    statement = (
        select(
            inbox.label("inbox"),
            func.max(_actor.c.announces).label("announces"),
            chooses.label("chooses"),
        )
        .join(_follow, _follow.c.follower_id == _actor.c.id)
        .where(
            _follow.c.target_id == target_id,
            _follow.c.state == FollowState.ACCEPTED.value,
            _actor.c.local == 0,
            _actor.c.suspended == 0,
            inbox != "",
        )
        .group_by(inbox)
        .order_by(inbox)
    )
    return [
        FollowerInbox(inbox=row.inbox, announces=bool(row.announces), chooses=bool(row.chooses))
        for row in reading.execute(statement)
    ]


def followers_by_host(reading: Reading, target_id: str, host: str = "") -> dict[str, list[str]]:
    """The uris of the accepted followers of one of ours, in order, server by server; of one server when it is named."""
    statement = (
        select(_actor.c.domain, _actor.c.uri)
        .join(_follow, _follow.c.follower_id == _actor.c.id)
        .where(
            _follow.c.target_id == target_id,
            _follow.c.state == FollowState.ACCEPTED.value,
            _actor.c.local == 0,
        )
        .order_by(_actor.c.domain, _actor.c.uri)
    )
    if host:
        statement = statement.where(_actor.c.domain == host)
    found: dict[str, list[str]] = {}
    for row in reading.execute(statement):
        found.setdefault(row.domain, []).append(row.uri)
    return found


def inboxes_that_knew(reading: Reading, author_uri: str) -> list[str]:
    """Every inbox that ever received something that this author has deleted since."""
    statement = (
        select(_sent.c.inbox)
        .distinct()
        .join(_tombstone, _tombstone.c.uri == _sent.c.thing_uri)
        .where(_tombstone.c.actor_uri == author_uri)
        .order_by(_sent.c.inbox)
    )
    return [row.inbox for row in reading.execute(statement)]


def received_at(reading: Reading, host: str) -> list[Sent]:
    """What a server received of us, in the order in which it was sent."""
    shape = mapper(Sent)
    statement = select(_sent).where(_sent.c.host == host).order_by(_sent.c.id)
    return [shape.thing(row) for row in reading.execute(statement)]


def was_sent(reading: Reading, thing_uri: str) -> bool:
    """Whether any other server ever received this thing, whoever may see it now."""
    return reading.one(Sent, thing_uri=thing_uri) is not None


def questions_here(
    reading: Reading, viewer: Viewer, *, author_id: str = "", before: str = "", limit: int
) -> list[Question]:
    """Questions asked here that this viewer may have, newest first: all of them, or those of one author."""
    wanted = [_question.c.local == 1, *_visible(_question, viewer, READABLE_QUESTIONS)]
    return _newest(reading, Question, wanted, author_id, before, limit)


def answers_here(
    reading: Reading, viewer: Viewer, *, author_id: str = "", before: str = "", limit: int
) -> list[Answer]:
    """Answers that this viewer may have, newest first: all to questions asked here, or all by one of ours.

    What stands under a question that is hidden or not for this viewer is left out.
    """
    under = _visible(_question, viewer, READABLE_QUESTIONS)
    if not author_id:
        under.append(_question.c.local == 1)
    thread = select(_question.c.id).where(_question.c.id == _answer.c.question_id, *under)
    wanted = [*_visible(_answer, viewer, READABLE_REPLIES), thread.exists()]
    if author_id:
        wanted.append(_answer.c.local == 1)
    return _newest(reading, Answer, wanted, author_id, before, limit)


def replies(
    reading: Reading, viewer: Viewer, *, question_id: str, parent_id: str | None, after: str, limit: int
) -> list[Entry]:
    """The direct replies to a question, or to one of its answers, oldest first."""
    wanted = [
        _answer.c.question_id == question_id,
        _answer.c.parent_id.is_(None) if parent_id is None else _answer.c.parent_id == parent_id,
    ]
    return _entries(reading, viewer, wanted, after, limit)


def thread(reading: Reading, viewer: Viewer, *, question_id: str, after: str, limit: int) -> list[Entry]:
    """Everything said to a question, oldest first."""
    return _entries(reading, viewer, [_answer.c.question_id == question_id], after, limit)


def last_post(reading: Reading, question_id: str) -> datetime | None:
    """When somebody last said something to a question."""
    statement = select(func.max(_answer.c.published_at)).where(_answer.c.question_id == question_id)
    found = reading.execute(statement).scalar()
    return None if found is None else moment(int(found))


def helpful(reading: Reading, viewer: Viewer, question_id: str) -> list[str]:
    """The uris of the answers that helped, wholly or partly, in the order in which the asker said so."""
    statement = (
        select(_answer.c.uri)
        .join(_mark, _mark.c.id == _answer.c.id)
        .where(
            _mark.c.question_id == question_id,
            _mark.c.value != Helped.NOT_NOW.value,
            *_visible(_answer, viewer, READABLE_REPLIES),
        )
        .order_by(_mark.c.marked_at, _answer.c.id)
    )
    return [row.uri for row in reading.execute(statement)]


def _visible(table: Any, viewer: Viewer, states: Iterable[StrEnum]) -> list[ColumnElement[bool]]:
    return [
        table.c.scope.in_(scopes_of(viewer)),
        state_of(table).in_(sorted(state.value for state in states)),
    ]


def _entries(
    reading: Reading, viewer: Viewer, wanted: list[ColumnElement[bool]], after: str, limit: int
) -> list[Entry]:
    statement = (
        select(_answer.c.uri, _answer.c.id)
        .where(*wanted, *_visible(_answer, viewer, READABLE_REPLIES), _answer.c.id > after)
        .order_by(_answer.c.id)
        .limit(limit)
    )
    return [Entry(id=row.id, uri=row.uri) for row in reading.execute(statement)]


def _newest(
    reading: Reading,
    kind: type[T],
    wanted: list[ColumnElement[bool]],
    author_id: str,
    before: str,
    limit: int,
) -> list[T]:
    table = tables[kind]
    if author_id:
        wanted.append(table.c.author_id == author_id)
    if before:
        wanted.append(table.c.id < before)
    statement: Select[Any] = select(table).where(*wanted).order_by(table.c.id.desc()).limit(limit)
    shape = mapper(kind)
    return [shape.thing(row) for row in reading.execute(statement)]
