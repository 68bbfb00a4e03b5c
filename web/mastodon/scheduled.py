"""Statuses for later: planned, listed, moved and called off, and said at their moment by the rules that hold then."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec

from storage import media
from storage.media import MediaView
from storage.reading import Reading
from storage.store import Store
from storage.stream import Place
from storage.tx import SqlTx
from storage.work import Done, Job, Retry, Unit, Verdict, decode_event
from vraagbaak import planning, preferring
from vraagbaak.errors import Refused, TooFast
from vraagbaak.events import PlanMade
from vraagbaak.model import Member, Planned
from vraagbaak.planning import Later
from vraagbaak.ports import Reads
from web.mastodon import entities, posting, writing
from web.mastodon.calls import Answered, Call, Endpoint, Paging, listed
from web.mastodon.moments import when
from web.mastodon.writing import NewStatus

SAY = "say-later"


class Params(msgspec.Struct, kw_only=True):
    """What the app sent."""

    text: str
    in_reply_to_id: str | None
    media_ids: list[str] | None
    sensitive: bool
    spoiler_text: str
    visibility: str | None
    language: str | None
    scheduled_at: str | None = None
    poll: None = None
    application_id: str | None = None
    idempotency: str | None = None
    with_rate_limit: bool = False
    vraagbaak: writing.Wished | None


class ScheduledStatus(msgspec.Struct, kw_only=True):
    """A status for later."""

    id: str
    scheduled_at: str
    params: Params
    media_attachments: list[entities.MediaAttachment]


class Moment(msgspec.Struct, kw_only=True):
    """When."""

    scheduled_at: str = ""


async def planned(call: Call, given: NewStatus) -> ScheduledStatus:
    """What an app wants to be said later; refused now when it would be refused now. Raises Refused."""
    later = Later(
        given=msgspec.json.encode(msgspec.structs.replace(given, scheduled_at=None)).decode(),
        due_at=writing.moment_from(given.scheduled_at or ""),
        media=writing.media_of(given) or (),
    )
    made = await call.read(_came_of, call.member, call.idempotency_key)
    if made is None:
        with contextlib.suppress(_CouldBeSaidError):
            await call.do(_tried, call.member, given)
        made = await call.do(_planned_once, call.member, later, call.idempotency_key)
    return await _shown(call, made)


def _came_of(reading: Reads, member: Member, key: str) -> Planned | None:
    """What came of this key within the hour, when it is still planned (threat H17)."""
    return reading.one(Planned, id=preferring.came_of(reading, member, key))


class _CouldBeSaidError(Exception):
    """Nothing stays of a try."""


def _tried(tx: SqlTx, member: Member, given: NewStatus) -> None:
    posting.written(tx, member, given)
    raise _CouldBeSaidError


def _planned_once(tx: SqlTx, member: Member, later: Later, key: str) -> Planned:
    before = _came_of(tx, member, key)
    if before:
        return before
    made = planning.plan(tx, member, later)
    preferring.remember(tx, member, key, made.id)
    return made


async def _shown(call: Call, found: Planned) -> ScheduledStatus:
    pictures = await call.read(media.promised, [found.id])
    return _shape(found, pictures.get(found.id, ()))


def _shape(found: Planned, pictures: tuple[MediaView, ...]) -> ScheduledStatus:
    given = _given(found)
    return ScheduledStatus(
        id=found.id,
        scheduled_at=when(found.due_at),
        params=Params(
            text=given.status,
            in_reply_to_id=given.in_reply_to_id,
            media_ids=given.media_ids or None,
            sensitive=given.sensitive,
            spoiler_text=given.spoiler_text,
            visibility=given.visibility,
            language=given.language,
            vraagbaak=given.vraagbaak,
        ),
        media_attachments=[entities.media_attachment(each) for each in pictures],
    )


def _given(found: Planned) -> NewStatus:
    return msgspec.json.decode(found.given, type=NewStatus)


async def _list(call: Call) -> Answered:
    place = call.place()
    found = await call.read(_page, call.member, place)
    return listed(call, found, lambda each: _shape(*each), lambda each: each[0].id, place=place)


def _page(reading: Reading, member: Member, place: Place) -> list[tuple[Planned, tuple[MediaView, ...]]]:
    """Of the few that one may plan all are read."""
    newer = place.min_id or place.since_id
    within = [
        each
        for each in planning.of_member(reading, member)
        if each.id > newer and not (place.max_id and each.id >= place.max_id)
    ]
    chosen = within[: place.limit] if place.min_id else within[-place.limit :]
    pictures = media.promised(reading, [each.id for each in chosen])
    return [(each, pictures.get(each.id, ())) for each in reversed(chosen)]


async def _one(call: Call) -> ScheduledStatus:
    return await _shown(call, await call.read(planning.own, call.member, call.key))


async def _move(call: Call) -> ScheduledStatus:
    await call.read(planning.own, call.member, call.key)
    due_at = writing.moment_from(call.given.scheduled_at)
    return await _shown(call, await call.do(planning.move, call.member, call.key, due_at))


async def _call_off(call: Call) -> dict[str, Any]:
    await call.do(planning.call_off, call.member, call.key)
    return {}


class Saying:
    """Says what was planned, when its moment has come."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def say(self, job: Job) -> Unit | Verdict:
        """The handler of `say-later` jobs. What cannot be said any more is forgotten; nobody is told, as in Mastodon."""
        event = decode_event(job.payload)
        assert isinstance(event, PlanMade)
        try:
            await self._store.run(_said, event.planned_id)
        except TooFast as refusal:
            return Retry(error=refusal.code, after=refusal.retry_after)
        except Refused:
            return Unit.of(planning.give_up, event.planned_id)
        return Done()


def _said(tx: SqlTx, key: str) -> None:
    """The plan goes in the transaction that says it: said once, however often this is tried."""
    due = planning.take_up(tx, key)
    if due:
        found, member = due
        posting.written(tx, member, _given(found))


_ALL, _ONE = "/api/v1/scheduled_statuses", "/api/v1/scheduled_statuses/{id}"
_TABLE: tuple[tuple[str, str, str, Any, Any, Any], ...] = (
    ("GET", _ALL, "Statuses for later.", _list, Paging, list[ScheduledStatus]),
    ("GET", _ONE, "One status for later.", _one, None, ScheduledStatus),
    ("PUT", _ONE, "Say it at another moment.", _move, Moment, ScheduledStatus),
    ("DELETE", _ONE, "Call it off.", _call_off, None, dict),
)
ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=path,
        summary=summary,
        do=do,
        scope="read:statuses" if method == "GET" else "write:statuses",
        takes=takes,
        gives=gives,
    )
    for method, path, summary, do, takes, gives in _TABLE
)
