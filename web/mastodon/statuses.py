"""Statuses: reading one, what stands around it, writing, changing and withdrawing one, and what one does with it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from storage import boosts, media, statuses
from storage.tx import SqlTx
from vraagbaak import answers, audience, liking, offers, pins, preferring, questions
from vraagbaak import media as pictures
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.model import Actor, Answer, Boost, Member, Offer, Question, Thing
from vraagbaak.ports import Tx
from web.keys import is_key
from web.mastodon import entities, posting, scheduled, writing
from web.mastodon.calls import Answered, Call, Endpoint
from web.mastodon.scheduled import ScheduledStatus
from web.mastodon.writing import ChangedStatus, NewStatus

MOST_AT_ONCE = 40


class Several(msgspec.Struct, kw_only=True):
    """Which statuses."""

    id: list[str] = msgspec.field(default_factory=list)


class Withdrawal(msgspec.Struct, kw_only=True):
    """What becomes of the pictures of what is deleted."""

    delete_media: bool = False
    """Gone at once; else they wait for a day, for who writes it anew."""


class QuotePolicy(msgspec.Struct, kw_only=True):
    """Who may quote a status."""

    quote_approval_policy: str = ""


class StatusEdit(msgspec.Struct, kw_only=True):
    """A status as it stood."""

    content: str
    spoiler_text: str
    sensitive: bool
    created_at: str
    account: entities.Account
    poll: None = None
    media_attachments: list[entities.MediaAttachment] = msgspec.field(default_factory=list)
    emojis: list[Any] = msgspec.field(default_factory=list)


class StatusSource(msgspec.Struct, kw_only=True):
    """What its writer wrote."""

    id: str
    text: str
    spoiler_text: str = ""


async def shown(call: Call, key: str) -> entities.Status:
    """The status with this id, for whoever calls. Raises Unknown."""
    return entities.status(call.site.store.home, await call.read(statuses.one, call.viewer, key))


async def _show(call: Call) -> entities.Status:
    return await shown(call, call.key)


async def _several(call: Call) -> list[entities.Status]:
    keys = [key for key in dict.fromkeys(call.given.id) if is_key(key)][:MOST_AT_ONCE]
    found = await call.read(statuses.several, call.viewer, keys)
    return [entities.status(call.site.store.home, view) for view in found]


async def _context(call: Call) -> entities.Context:
    home = call.site.store.home
    above, below = await call.read(statuses.thread, call.viewer, call.key)
    return entities.Context(
        ancestors=[entities.status(home, view) for view in above],
        descendants=[entities.status(home, view) for view in below],
    )


async def _history(call: Call) -> list[StatusEdit]:
    """As it stands now: what it was before is kept nowhere."""
    status = await shown(call, call.key)
    status = status.reblog or status
    return [
        StatusEdit(
            content=status.content,
            spoiler_text=status.spoiler_text,
            sensitive=status.sensitive,
            created_at=status.edited_at or status.created_at,
            account=status.account,
            media_attachments=status.media_attachments,
        )
    ]


async def _source(call: Call) -> StatusSource:
    """The words in front of it are those that the status shows, so that what comes back stays as delicate."""
    status = await shown(call, call.key)
    thing = await call.read(statuses.thing_called, call.viewer, call.key)
    return StatusSource(
        id=thing.id,
        text=_text(thing) if thing.local else "",
        spoiler_text=status.spoiler_text if thing.local else "",
    )


def _text(thing: Thing) -> str:
    return thing.body if isinstance(thing, Offer) else writing.source_of(thing)


async def _nobody(call: Call) -> list[Any]:
    """Who likes or passes on something is shown to nobody; the status itself has to be there."""
    await call.read(statuses.thing_called, call.viewer, call.key)
    return []


async def _card(call: Call) -> dict[str, Any]:
    """The old way to ask for it: no address is looked up for a reader (threat C13), so there is none."""
    await call.read(statuses.thing_called, call.viewer, call.key)
    return {}


async def _nobody_quotes(call: Call) -> entities.Status:
    """Nobody can quote what is said here, and that cannot be changed. Raises Invalid for any other wish."""
    if call.given.quote_approval_policy != "nobody":
        name = "quote_approval_policy"
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)
    thing = await call.read(statuses.thing_called, call.viewer, call.key)
    if thing.author_id != call.actor.id:
        raise NotYours
    return await shown(call, call.key)


async def _create(call: Call) -> entities.Status | ScheduledStatus:
    given: NewStatus = call.given
    writing.require_no_poll(given.poll)
    if given.scheduled_at:
        return await scheduled.planned(call, given)
    made = await call.do(_written_once, call.member, call.viewer, given, call.idempotency_key)
    return await shown(call, made.id)


def _written_once(tx: SqlTx, member: Member, viewer: audience.Viewer, given: NewStatus, key: str) -> Thing:
    """What came of this key within the hour, when it is still there; else it is written now (threat H17)."""
    before = preferring.came_of(tx, member, key)
    if before:
        with contextlib.suppress(Unknown):
            return statuses.thing_called(tx, viewer, before)
    made = posting.written(tx, member, given)
    preferring.remember(tx, member, key, made.id)
    return made


async def _change(call: Call) -> entities.Status:
    writing.require_no_poll(call.given.poll)
    await call.do(_changed, call.viewer, call.actor, call.key, call.given)
    return await shown(call, call.key)


def _changed(tx: SqlTx, viewer: audience.Viewer, actor: Actor, key: str, given: ChangedStatus) -> None:
    thing = statuses.thing_called(tx, viewer, key)
    described = posting.describe(tx, actor, given, thing)
    if given.status is None and not isinstance(thing, Offer):
        given = msgspec.structs.replace(given, status=writing.source_of(thing))
    if isinstance(thing, Question):
        draft = writing.question_from(tx.home, given, thing.scope)
        # What an app cannot show it does not send back.
        kept = replace(
            draft,
            topics=draft.topics or thing.topics,
            wanted=draft.wanted or thing.wanted,
            language=writing.language_of(tx.home, given, thing),
        )
        if not writing.says_caution(given):
            kept = replace(kept, sensitive=thing.sensitive)
        questions.edit(tx, actor, thing.id, kept, described=described)
    elif isinstance(thing, Answer):
        said = writing.said_from(given) or thing.perspective
        reply = writing.answer_from(tx.home, given, None, thing.scope)
        warned = reply.caution if writing.says_caution(given) else None
        answers.edit(
            tx,
            actor,
            thing.id,
            reply.body,
            said,
            writing.media_of(given),
            warned,
            language=writing.language_of(tx.home, given, thing),
            described=described,
        )
    else:
        raise Invalid("status", "Change an offer on the site.", "not-here")


async def _withdraw(call: Call) -> entities.Status:
    """Gone here and wherever it went; its writer gets the text back, to write it anew. What is passed on is no more so."""
    passed = await call.read(boosts.called, call.key)
    if passed:
        return await _no_longer_passed_on(call, passed[0])
    before = await shown(call, call.key)
    thing = await call.read(statuses.thing_called, call.viewer, call.key)
    gone: Callable[[Tx, Actor, str], None] = {
        Question: questions.withdraw,
        Answer: answers.withdraw,
        Offer: offers.withdraw,
    }[type(thing)]
    await call.do(_gone, gone, call.actor, thing, call.given)
    before.text = _text(thing)
    free = await call.read(media.free, call.actor, [each.id for each in before.media_attachments])
    before.media_attachments = [entities.media_attachment(each) for each in free]
    return before


def _gone(
    tx: SqlTx, gone: Callable[[Tx, Actor, str], None], actor: Actor, thing: Thing, given: Withdrawal
) -> None:
    """An app that writes it anew sends the ids of its pictures again; of what was hidden they go with it."""
    if not given.delete_media and thing.author_id == actor.id and audience.sight_here(tx, thing).listed:
        pictures.set_free(tx, actor, thing)
    gone(tx, actor, thing.id)


async def _no_longer_passed_on(call: Call, boost: Boost) -> entities.Status:
    """Raises Unknown for what one may not see, NotYours for what another passes on: also if it is one's own words."""
    before = await shown(call, call.key)
    if boost.actor_id != call.actor.id:
        raise NotYours
    await call.do(_done, liking.take_back, call.member, call.viewer, call.key)
    return before


def _act(act: Callable[[Tx, Member, Thing], object]) -> Callable[[Call], Any]:
    """An endpoint that does something with a status and gives it back as it then is."""

    async def respond(call: Call) -> entities.Status:
        thing = await call.do(_done, act, call.member, call.viewer, call.key)
        return await shown(call, thing.id)

    return respond


def _done(
    tx: SqlTx, act: Callable[[Tx, Member, Thing], object], member: Member, viewer: Any, key: str
) -> Thing:
    thing = statuses.thing_called(tx, viewer, key)
    act(tx, member, thing)
    return thing


def _pin(tx: Tx, member: Member, thing: Thing) -> None:
    pins.pin(tx, tx.get(Actor, member.actor_id), thing)


def _unpin(tx: Tx, member: Member, thing: Thing) -> None:
    pins.unpin(tx, tx.get(Actor, member.actor_id), thing)


async def _pass_on(call: Call) -> entities.Status:
    boost, thing = await call.do(_passed_on, call.member, call.viewer, call.key)
    inner = await shown(call, thing.id)
    return entities.passed_on(call.site.store.home, boost, call.actor, inner)


def _passed_on(tx: SqlTx, member: Member, viewer: Any, key: str) -> tuple[Boost, Thing]:
    thing = statuses.thing_called(tx, viewer, key)
    return liking.pass_on(tx, member, thing), thing


async def _no_translation(call: Call) -> Answered:
    await call.read(statuses.thing_called, call.viewer, call.key)
    return Answered(value={"error": "Nothing is translated here."}, status=503)


_ONE = "/api/v1/statuses/{id}"
_READ: tuple[tuple[str, str, Any, Any], ...] = (
    ("", "One status.", _show, entities.Status),
    ("/context", "What stands above and below it.", _context, entities.Context),
    ("/history", "What it was before.", _history, list[StatusEdit]),
    ("/card", "What is behind a link in it: nobody looks.", _card, dict),
    ("/quotes", "What quotes it: nobody is told.", _nobody, list[entities.Status]),
    ("/favourited_by", "Who likes it: nobody is told.", _nobody, list[entities.Account]),
    ("/reblogged_by", "Who passed it on: nobody is told.", _nobody, list[entities.Account]),
)
_DO: tuple[tuple[str, str, str, Any], ...] = (
    (
        "favourite",
        "write:favourites",
        "Like it; by its asker, an answer is marked as what helped.",
        _act(liking.like),
    ),
    ("unfavourite", "write:favourites", "Take that back.", _act(liking.unlike)),
    ("bookmark", "write:bookmarks", "Keep it to find it back.", _act(liking.keep)),
    ("unbookmark", "write:bookmarks", "Take that back.", _act(liking.drop)),
    ("reblog", "write:statuses", "Pass it on to who follows you.", _pass_on),
    ("unreblog", "write:statuses", "Take that back.", _act(liking.take_back)),
    ("pin", "write:accounts", "Put your own first on your profile.", _act(_pin)),
    ("unpin", "write:accounts", "Take that back.", _act(_unpin)),
    ("translate", "read:statuses", "Translate it: nobody does that here.", _no_translation),
)
ENDPOINTS = (
    *(
        Endpoint(
            method="GET",
            path=_ONE + path,
            summary=summary,
            do=do,
            scope="read:statuses",
            members_only=False,
            gives=gives,
        )
        for path, summary, do, gives in _READ
    ),
    *(
        Endpoint(
            method="POST", path=f"{_ONE}/{name}", summary=summary, do=do, scope=scope, gives=entities.Status
        )
        for name, scope, summary, do in _DO
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/source",
        summary="What its writer wrote.",
        do=_source,
        scope="read:statuses",
        gives=StatusSource,
    ),
    Endpoint(
        method="GET",
        path="/api/v1/statuses",
        summary="Several statuses at once.",
        do=_several,
        scope="read:statuses",
        members_only=False,
        takes=Several,
        gives=list[entities.Status],
    ),
    Endpoint(
        method="POST",
        path="/api/v1/statuses",
        summary="Ask a question; in reply to something, answer it. With `scheduled_at`: then, and a ScheduledStatus comes back.",
        do=_create,
        scope="write:statuses",
        takes=NewStatus,
        gives=entities.Status,
    ),
    Endpoint(
        method="PUT",
        path=_ONE,
        summary="Change your own.",
        do=_change,
        scope="write:statuses",
        takes=ChangedStatus,
        gives=entities.Status,
    ),
    Endpoint(
        method="PUT",
        path=f"{_ONE}/interaction_policy",
        summary="Who may quote it: nobody.",
        do=_nobody_quotes,
        scope="write:statuses",
        takes=QuotePolicy,
        gives=entities.Status,
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        summary="Withdraw your own, here and wherever it went.",
        do=_withdraw,
        scope="write:statuses",
        takes=Withdrawal,
        gives=entities.Status,
    ),
)
