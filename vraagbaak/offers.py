"""'Zich aanbieden': what somebody can do for others, as a standing offer or in reply to a question.

An offer in reply to a question is meant for no more people than the question; a standing offer chooses its own
scope. What a member offers speaks through the shared persona: nobody learns a name before both said yes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from vraagbaak import arrivals, audience, doubles, fitting, hours, lifecycle, pilots, text
from vraagbaak.arrivals import ArrivedOffer
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import Held, OfferChanged, Offered, Received, Withdrawn
from vraagbaak.model import Actor, Channel, Member, Offer, Pilot, Question, ReplyStatus, Scope, Standing
from vraagbaak.ports import Reads, Tx

AVAILABILITY_LENGTH = 120
FARTHEST = 100
"""Kilometres that somebody can say to go at most."""
MOST_A_WEEK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An offer as somebody wrote it."""

    body: str
    topics: tuple[str, ...] = ()
    availability: str = ""
    times: tuple[str, ...] = ()
    """Parts of days as `tue-evening`; without them they are read from `availability`."""
    distance: int = 0
    channel: Channel = Channel.HERE
    capacity: int = 0
    paused: bool = False
    scope: Scope = Scope.NEIGHBOURHOOD
    question_id: str | None = None
    language: str = "nl"


def offer(tx: Tx, member: Member, draft: Draft) -> Offer:
    """A new offer by a member, or the one that a second tap repeats.

    Raises Invalid, or Unknown when they may not see the question it replies to.
    """
    written, scope = _written(tx, draft), _scope(tx, member, draft)
    same = {"body": written["body"], "question_id": draft.question_id, "scope": scope}
    same |= {"helper_id": member.actor_id}
    known = doubles.just_said(tx, Offer, pilots.persona(tx).id, **same)
    if known:
        return known
    made = _offer(tx, member, draft, scope, written)
    fitting.tell_of_offer(tx, made)
    return made


def offer_anew(tx: Tx, member: Member, draft: Draft) -> Offer:
    """The same without looking back, for many that are taken in together. Raises what `offer` raises."""
    return _offer(tx, member, draft, _scope(tx, member, draft), _written(tx, draft))


def _scope(tx: Tx, member: Member, draft: Draft) -> Scope:
    """For whom it is: no more people than the question it replies to. Raises Unknown."""
    if not draft.question_id:
        return draft.scope
    question = tx.get(Question, draft.question_id)
    if not audience.may_see(Viewer(member=member), question):
        raise Unknown
    return draft.scope.within(question.scope)


def _offer(tx: Tx, member: Member, draft: Draft, scope: Scope, written: dict[str, Any]) -> Offer:
    key = tx.new_id()
    base = tx.home.base_url
    made = Offer(
        id=key,
        uri=f"{base}/offers/{key}",
        url=f"{base}/meehelpen#o-{key}",
        author_id=pilots.persona(tx).id,
        helper_id=member.actor_id,
        pilot_id=pilots.ours(tx).id,
        question_id=draft.question_id,
        scope=scope,
        status=ReplyStatus.SHOWN,
        local=True,
        published_at=tx.now,
        **written,
    )
    tx.add(made)
    tx.record(Offered(offer_id=key))
    return made


def _written(tx: Tx, draft: Draft) -> dict[str, Any]:
    if not draft.body.strip():
        raise Invalid("body", "Write first what you can do.", "too-short")
    body = text.required_block("body", draft.body, length=2000)
    availability = text.line(draft.availability, AVAILABILITY_LENGTH)
    for field, given, most in (
        ("distance", draft.distance, FARTHEST),
        ("capacity", draft.capacity, MOST_A_WEEK),
    ):
        if not 0 <= given <= most:
            raise Invalid(field, "Choose a number from 0 to %(most)d.", "out-of-range", most=most)
    times = hours.decoded(draft.times) or hours.read(availability, sure=True)
    return {
        "body": body,
        "html": text.from_markdown(body),
        "topics": pilots.topics(tx, draft.topics),
        "availability": availability,
        "times": hours.coded(times),
        "distance": draft.distance,
        "channel": draft.channel,
        "capacity": draft.capacity,
        "paused": draft.paused,
        "language": draft.language if draft.language in tx.home.languages else tx.home.languages[0],
    }


def own(tx: Tx, author: Actor, offer_id: str) -> Offer:
    """The author's own offer. Raises NotYours or Unknown."""
    found = tx.get(Offer, offer_id)
    if found.helper_id != author.id or not found.local:
        raise audience.refusal(tx, found)
    return found


def of_member(tx: Reads, actor_id: str) -> list[Offer]:
    """All that a member of ours offers."""
    return tx.find(Offer, helper_id=actor_id)


def pause(tx: Tx, author: Actor, offer_id: str) -> Offer:
    """Nobody is matched with it until it goes on. Raises Refused."""
    return _pause(tx, author, offer_id, paused=True)


def go_on(tx: Tx, author: Actor, offer_id: str) -> Offer:
    """It is matched again. Raises Refused."""
    return _pause(tx, author, offer_id, paused=False)


def _pause(tx: Tx, author: Actor, offer_id: str, *, paused: bool) -> Offer:
    changed = replace(own(tx, author, offer_id), paused=paused)
    tx.save(changed)
    return changed


def edit(tx: Tx, author: Actor, offer_id: str, draft: Draft) -> Offer:
    """The author's offer in other words; its scope stays. Raises Refused."""
    changed = replace(own(tx, author, offer_id), **_written(tx, draft), edited_at=tx.now)
    tx.save(changed)
    if audience.is_readable(changed):
        tx.record(OfferChanged(offer_id=changed.id))
    fitting.tell_of_offer(tx, changed)
    return changed


def withdraw(tx: Tx, author: Actor, offer_id: str) -> None:
    """The offer is gone, here and wherever it went. Raises Refused."""
    found = own(tx, author, offer_id)
    question = tx.get(Question, found.question_id) if found.question_id else None
    thread_uri = question.uri if question else found.uri
    public = found.scope is Scope.PUBLIC
    said_by = tx.get(Actor, found.author_id)
    tx.record(Withdrawn(uri=found.uri, author_id=said_by.id, thread_uri=thread_uri, public=public))
    _bury(tx, found, said_by)


def _bury(tx: Tx, found: Offer, author: Actor) -> None:
    tx.remove(found)
    arrivals.bury(tx, found, author)


def receive(tx: Tx, arrived: ArrivedOffer) -> Offer:
    """Take in an offer from elsewhere, or a newer version of it. Repeating it changes nothing.

    Raises NotYours when it may not come in, Unknown when it is for a question that its server may not know of.
    """
    standing = arrivals.admit(tx, arrived)
    known = tx.one(Offer, uri=arrived.uri)
    if known:
        return _receive_edit(tx, known, arrived, standing)
    arrivals.require_free(tx, arrived)
    question = tx.one(Question, uri=arrived.question_uri) if arrived.question_uri else None
    if question and not audience.within_reach(standing, question):
        raise Unknown
    pilot = tx.one(Pilot, uri=arrived.pilot_uri) if arrived.pilot_uri else None
    held = arrivals.waits_for_review(tx, standing)
    published = arrivals.plausible(tx, arrived.published_at)
    key = tx.new_id(published)
    made = Offer(
        id=key,
        uri=arrived.uri,
        url=arrived.url,
        author_id=arrived.author.id,
        pilot_id=pilot.id if pilot else None,
        question_id=question.id if question else None,
        body=arrived.body,
        html=arrived.html,
        topics=arrived.topics,
        availability=arrived.availability,
        times=hours.coded(hours.read(arrived.availability, sure=True)),
        scope=arrived.scope.within(question.scope) if question else arrived.scope,
        status=ReplyStatus.HELD if held else ReplyStatus.SHOWN,
        language=arrived.language,
        sensitive=arrived.caution.sensitive,
        warning=arrived.caution.words,
        attachments=arrived.attachments,
        local=False,
        published_at=published,
        edited_at=arrivals.edit_moment(tx, arrived, published),
    )
    tx.add(made)
    tx.record(
        Held(kind="offer", thing_id=key)
        if held
        else Received(kind="offer", thing_id=key, activity_uri=arrived.activity_uri)
    )
    return made


def _receive_edit(tx: Tx, known: Offer, arrived: ArrivedOffer, standing: Standing) -> Offer:
    if known.local or known.author_id != arrived.author.id:
        raise NotYours
    if not arrivals.is_newer(tx, known, arrived):
        return known
    says: dict[str, Any] = {
        "body": arrived.body,
        "html": arrived.html,
        "availability": arrived.availability,
        "warning": arrived.caution.words,
        "attachments": arrived.attachments,
    }
    held = arrivals.waits_again(tx, standing, known, says)
    changed = replace(
        known,
        **says,
        status=lifecycle.REPLY.move(known.status, ReplyStatus.HELD) if held else known.status,
        topics=arrived.topics,
        scope=arrived.scope.within(known.scope),
        language=arrived.language,
        sensitive=arrived.caution.sensitive,
        edited_at=arrivals.edit_moment(tx, arrived, known.published_at),
    )
    tx.save(changed)
    if held:
        tx.record(Held(kind="offer", thing_id=changed.id))
    return changed


def receive_withdrawal(tx: Tx, author: Actor, found: Offer) -> None:
    """The author elsewhere deleted the offer. Raises NotYours for anybody else."""
    if found.local or found.author_id != author.id:
        raise NotYours
    _bury(tx, found, author)
