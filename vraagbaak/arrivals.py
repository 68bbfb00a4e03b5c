"""What came in from another server, already understood and cleaned, but not yet believed.

The nouns' own `receive` functions decide whether it is taken in; these values only carry it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vraagbaak import graves, media, peers
from vraagbaak.caution import Caution
from vraagbaak.errors import NotYours
from vraagbaak.model import (
    Actor,
    Answer,
    Attachment,
    Bookmark,
    Boost,
    Notice,
    Offer,
    Perspective,
    Pin,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
    Thing,
)
from vraagbaak.ports import Tx

NOT_SHOWN = frozenset({QuestionStatus.HELD, QuestionStatus.HIDDEN, ReplyStatus.HELD, ReplyStatus.HIDDEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The part that questions, answers and offers share. `author` is known here, on the same host as `uri`."""

    activity_uri: str
    uri: str
    url: str
    author: Actor
    body: str
    html: str
    scope: Scope
    language: str
    caution: Caution
    attachments: tuple[Attachment, ...]
    published_at: datetime
    edited_at: datetime | None
    through: str | None = ""
    """The neighbourhood that passed it on; empty when its author's server sent it, None when somebody shared it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedQuestion(Arrival):
    """A question from elsewhere."""

    pilot_uri: str
    title: str
    topics: tuple[str, ...]
    status: str
    """`open`, `answered` or `closed`; empty when its server does not say."""
    helpful_uri: str
    replies_uri: str
    context_uri: str
    group_uri: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedAnswer(Arrival):
    """An answer, or a comment on one, from elsewhere."""

    parent_uri: str
    perspective: Perspective
    replies_uri: str = ""
    named: frozenset[str] = frozenset()
    """Whom it addresses, and the neighbourhood that passed it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivedOffer(Arrival):
    """An offer from elsewhere."""

    pilot_uri: str
    question_uri: str
    topics: tuple[str, ...]
    availability: str


def admit(tx: Tx, arrival: Arrival) -> Standing:
    """How we stand to the sender, when what it sends may come in at all.

    Raises NotYours for a refused server or author, for a scope that its server is not trusted with, and for what
    its author deleted before (threats B13, B14, F02).
    """
    author = tx.get(Actor, arrival.author.id)  # as it is now: it may have been suspended on the way here
    standing = peers.standing_of(tx, author)
    if standing is Standing.REFUSED or author.suspended or author.local:
        raise NotYours("refused-peer", "This server does not take posts from there.")
    if arrival.scope is Scope.NEIGHBOURHOOD or (
        arrival.scope is Scope.PILOTS and standing is not Standing.PILOT
    ):
        raise NotYours("scope", "This server is not trusted with that.")
    if graves.holds(tx, arrival.uri, arrival.author.uri):
        raise NotYours("deleted", "This was deleted by its author.")
    return standing


def require_free(tx: Tx, arrival: Arrival) -> None:
    """Nothing of any kind has this uri yet. Raises NotYours: a thing never becomes one of another kind (threat B08)."""
    if any(tx.one(kind, uri=arrival.uri) is not None for kind in (Question, Answer, Offer)):
        raise NotYours("kind")


def bury(tx: Tx, thing: Thing, author: Actor) -> None:
    """Remember that the thing was deleted by its author, so that it never comes back; nobody keeps it any more."""
    for kind in (Pin, Bookmark, Boost, Notice):
        for each in tx.find(kind, thing_uri=thing.uri):
            tx.remove(each)
    media.remove_of(tx, thing)
    graves.dig(tx, thing.uri, author.uri, public=thing.scope is Scope.PUBLIC)


def waits_for_review(tx: Tx, standing: Standing) -> bool:
    """Whether posts from a server of this standing are read by a moderator first: of a limited one always."""
    return standing is Standing.LIMITED or (standing is not Standing.PILOT and tx.home.moderate_outside)


def waits_again(tx: Tx, standing: Standing, known: Thing, says: dict[str, Any]) -> bool:
    """Whether an edit has to be read by a moderator first: other words than those that were read, shown already."""
    said_anew = any(getattr(known, name) != value for name, value in says.items())
    return said_anew and known.status not in NOT_SHOWN and waits_for_review(tx, standing)


def sole_way(known: Question | Answer, arrival: Arrival) -> str:
    """Through which neighbourhood alone it came, now that it arrives once more; none when it came another way too.

    What was taken back is not brought back by another way, nor does the way back end by it.
    """
    same = known.taken_back or arrival.through in {None, known.through}
    return known.through if same else ""


def is_brought_back(known: Question | Answer, arrival: Arrival) -> bool:
    """Whether the neighbourhood that took back having passed it on passes it on once more."""
    return known.taken_back and arrival.through == known.through


def plausible(tx: Tx, published_at: datetime) -> datetime:
    """When it was published, but never in the future (threat B09)."""
    return min(published_at, tx.now)


def is_newer(tx: Tx, known: Thing, arrival: Arrival) -> bool:
    """Whether an edit is newer than what we have; without its own moment it never is (Mastodon 4.x)."""
    moment = edit_moment(tx, arrival, known.published_at)
    return moment is not None and moment > (known.edited_at or known.published_at)


def edit_moment(tx: Tx, arrival: Arrival, published_at: datetime) -> datetime | None:
    """The moment of an edit, kept between publication and a little after now so that later edits still win (B09)."""
    if arrival.edited_at is None:
        return None
    return max(published_at, min(arrival.edited_at, tx.now + timedelta(minutes=5)))
