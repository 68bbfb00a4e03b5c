"""From a post of another server to arrivals that the domain can take in, with the thread above it if that is missing.

A post counts as its author's only when it stands on the author's own host; whatever is not for us is refused before
anything is stored.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from federation import threads
from federation.directory import Directory
from federation.documents import (
    Document,
    first_of,
    host_of,
    id_of,
    is_said_publicly,
    one_type,
    only_of,
    same_origin,
)
from federation.fetching import Budget, FetchFault, Temporary
from federation.vocabulary import NoteReading, read_note
from storage.reading import Reading
from storage.store import Store
from storage.work import Unit, WorkTx
from vraagbaak import answers, audience, offers, peers, questions
from vraagbaak.arrivals import Arrival, ArrivedAnswer, ArrivedOffer, ArrivedQuestion
from vraagbaak.errors import NotYours
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    Follow,
    FollowState,
    Home,
    Offer,
    Question,
    Standing,
)
from vraagbaak.ports import Clock, Reads, Tx

LATE = timedelta(days=1)
"""So old is what an edit is not the first news of."""


class NotForUs(Exception):  # noqa: N818 - a verdict, not a fault
    """The activity is dropped; `code` is one safe word for the log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An activity, and the actor who is proven to say it; `via` is the neighbourhood that passed it on, if any."""

    doc: Document
    uri: str
    actor: Actor
    via: Actor | None = None
    budget: Budget = field(default_factory=Budget)

    @property
    def inside(self) -> Any:
        """What the activity is about: an id or a document, also when it came in a list by itself."""
        return only_of(self.doc.get("object"))

    @property
    def object_id(self) -> str:
        """The id of what the activity is about. Raises NotForUs when there is none."""
        found = id_of(self.inside)
        if found is None:
            raise NotForUs("no-object")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What may be asked while an activity is examined; nothing here writes for it."""

    store: Store
    directory: Directory
    home: Home
    clock: Clock
    examine: Callable[[Delivered], Awaitable[Unit]]
    """Examines an activity inside another one."""

    async def document(self, uri: str, budget: Budget) -> Document:
        """What stands at `uri`. Raises FetchFault."""
        return await self.directory.fetcher.fetch_document(uri, budget=budget)


def is_ours(home: Home, uri: str) -> bool:
    """Whether a uri is on our own host: nobody else may speak for it (threat B40)."""
    return same_origin(uri, home.base_url)


async def by_the_sender(post: Document, delivered: Delivered, sources: Sources) -> Document:
    """The post, when the sender is its author.

    What somebody wrote for a group of the same server (Mobilizon) is taken as that server has it (threat A23).
    Raises NotForUs or FetchFault.
    """
    author = id_of(first_of(post.get("attributedTo")))
    if author == delivered.actor.uri:
        return post
    uri, writer = id_of(post), id_of(first_of(post.get("actor")))
    if (
        uri is None
        or writer != delivered.actor.uri
        or not (same_origin(author, writer) and same_origin(uri, writer))
    ):
        raise NotForUs("not-the-author")
    return await sources.document(uri, delivered.budget)


async def arrivals_of(doc: Document, delivered: Delivered, sources: Sources) -> list[Arrival]:
    """The post and, oldest first, what must be taken in before it. Raises NotForUs or Temporary (also Spent)."""
    chain = [believable(addressed_like(doc, delivered.doc), sources.home, sources.clock.now())]
    if await _is_late_news(chain[0], delivered, sources):
        raise NotForUs("unknown-thing")
    while chain[0].kind == "answer" and not await sources.store.read(_is_here, chain[0]):
        chain.insert(0, await _parent(chain, delivered, sources))
    if not await _concerns_us(chain[0], delivered.via, sources):
        raise NotForUs("not-for-us")
    return [await _arrival(found, _said_of(found, chain, delivered), sources) for found in chain]


def _said_of(post: NoteReading, chain: list[NoteReading], delivered: Delivered) -> Delivered:
    """How a post of a chain came: an answer that was only looked up on the way was passed on by nobody."""
    if post is chain[-1] or post.kind == "question":
        return delivered
    return replace(delivered, via=None)


async def _is_late_news(post: NoteReading, delivered: Delivered, sources: Sources) -> bool:
    """Whether this is the edit of something old that never came here: then its edit is no reason to begin (Mastodon)."""
    around = (delivered.doc, delivered.inside)
    if "Update" not in {one_type(doc) for doc in around if isinstance(doc, dict)}:
        return False
    old = post.published_at < sources.clock.now() - LATE
    return old and not await sources.store.read(is_known, post.uri)


def addressed_like(post: Document, activity: Document) -> Document:
    """The post, addressed as its activity is when it says nothing itself (Discourse), or when that is narrower.

    Both say the same nearly always; where they differ, one of them is a mistake, and nobody knows which (Mastodon and
    Lemmy write the same in both; behaviour 18 of the twenty).
    """
    said: Document = {name: activity[name] for name in ("to", "cc") if name in activity}
    inside: object = only_of(activity.get("object"))
    if not said or inside is not post:
        return post
    if is_said_publicly(post) and not is_said_publicly(activity):
        return {name: value for name, value in post.items() if name not in {"to", "cc"}} | said
    if "to" in post or "cc" in post:
        return post
    return {**post, **said}


def believable(doc: Document, home: Home, now: datetime) -> NoteReading:
    """The post, when its own server could have said it and it says something. Raises NotForUs."""
    reading = read_note(doc, now)
    if reading is None:
        raise NotForUs("not-a-post")
    if is_ours(home, reading.uri) or not same_origin(reading.uri, reading.author_uri):
        raise NotForUs("origin")
    if reading.scope is None:
        raise NotForUs("not-addressed")
    if not (reading.title if reading.kind == "question" else reading.body or reading.attachments):
        raise NotForUs("empty")
    return reading


def _is_here(reading: Reading, post: NoteReading) -> bool:
    """Whether we have what a post replies to, and its author may know of it.

    For whoever may not, nothing is different from when it never was, nor is anybody asked more (threats G02, G05).
    """
    parent = audience.thing_at(reading, post.parent_uri)
    if parent is None or isinstance(parent, Offer):
        return False
    standing = peers.standing(reading, host_of(post.uri) or "")
    thread = audience.thread_of(reading, parent) if isinstance(parent, Answer) else parent
    return all(audience.within_reach(standing, each) for each in (parent, thread) if each)


def is_known(reading: Reading, uri: str) -> bool:
    """Whether we have a thing: then its changes concern us, whomever we follow."""
    return audience.thing_at(reading, uri) is not None


async def _parent(chain: list[NoteReading], delivered: Delivered, sources: Sources) -> NoteReading:
    """The post that the first of the chain replies to, from its own server, as far as the budget goes (D12, D13)."""
    uri = chain[0].parent_uri
    if is_ours(sources.home, uri) or any(uri == post.uri for post in chain):
        raise NotForUs("no-thread")
    try:
        return believable(await sources.document(uri, delivered.budget), sources.home, sources.clock.now())
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-thread") from None


async def _concerns_us(post: NoteReading, via: Actor | None, sources: Sources) -> bool:
    """Whether the first post of a chain is any business of this server.

    Everything in a thread that we have is; a new question must be addressed to our neighbourhood or server, have been
    passed on by a neighbourhood that we listen to, come from a pilot, or be here already.
    """
    home = sources.home
    if post.kind == "answer" or via is not None or {home.group_uri, home.application_uri} & post.concerns:
        return True
    return await sources.store.read(_is_from_a_pilot_or_known, post.uri)


def _is_from_a_pilot_or_known(reading: Reading, uri: str) -> bool:
    return peers.standing(reading, host_of(uri) or "") is Standing.PILOT or is_known(reading, uri)


async def _arrival(post: NoteReading, delivered: Delivered, sources: Sources) -> Arrival:
    author = delivered.actor
    if post.author_uri != author.uri:
        try:
            author = await sources.directory.actor(post.author_uri, delivered.budget)
        except Temporary:
            raise
        except FetchFault:
            raise NotForUs("no-author") from None
    return _as_arrival(post, author, delivered)


def _as_arrival(post: NoteReading, author: Actor, delivered: Delivered) -> Arrival:
    if post.scope is None:
        raise NotForUs("not-addressed")
    shared: dict[str, Any] = {
        "activity_uri": delivered.uri,
        "uri": post.uri,
        "url": post.url,
        "author": author,
        "body": post.body,
        "html": post.html,
        "scope": post.scope,
        "language": post.language,
        "caution": post.caution,
        "attachments": post.attachments,
        "published_at": post.published_at,
        "edited_at": post.edited_at,
        "through": _way_of(post, delivered.via),
    }
    if post.kind == "answer":
        return ArrivedAnswer(
            **shared,
            parent_uri=post.parent_uri,
            perspective=post.perspective,
            replies_uri=post.replies_uri,
            named=post.concerns | {post.pilot_uri, delivered.via.uri if delivered.via else ""},
        )
    if post.kind == "offer":
        return ArrivedOffer(
            **shared,
            pilot_uri=post.pilot_uri,
            question_uri=post.parent_uri,
            topics=post.topics,
            availability=post.availability,
        )
    return ArrivedQuestion(
        **shared,
        pilot_uri=post.pilot_uri,
        title=post.title,
        topics=post.topics,
        status=post.status,
        helpful_uri=post.helpful_uri,
        group_uri=_group_of(post, delivered.via),
        replies_uri=post.replies_uri,
        context_uri=post.context_uri,
    )


def _way_of(post: NoteReading, via: Actor | None) -> str | None:
    """The neighbourhood that passed on a post of another server; None for anybody else who shares it: that is no way in."""
    if via is None or same_origin(post.uri, via.uri):
        return ""
    return via.uri if via.kind is ActorKind.GROUP else None


def _group_of(post: NoteReading, via: Actor | None) -> str:
    """The neighbourhood that a post was said in: by its own word, or when it addresses the one that passes it on."""
    if post.pilot_uri:
        return post.pilot_uri
    return via.uri if via and via.kind is ActorKind.GROUP and via.uri in post.concerns else ""


def take_in(tx: WorkTx, arrivals: list[Arrival]) -> None:
    """Hand the arrivals to the domain, in order. Raises Refused; then none of them is taken in."""
    for arrival in arrivals:
        if tx.get(Actor, arrival.author.id).suspended:
            raise NotYours("suspended")
        if isinstance(arrival, ArrivedQuestion):
            made = questions.receive(tx, arrival)
            if (arrival.replies_uri or arrival.context_uri) and not _is_told(tx, arrival):
                threads.plan(tx, made)
        elif isinstance(arrival, ArrivedAnswer):
            answer = answers.receive(tx, arrival)
            if arrival.replies_uri and not _is_told(tx, arrival):
                threads.plan(tx, tx.get(Question, answer.question_id))
        elif isinstance(arrival, ArrivedOffer):
            offers.receive(tx, arrival)


def _is_told(tx: Tx, arrival: Arrival) -> bool:
    """Whether the server of a post tells us by itself what is said to it: pilots do."""
    return peers.standing(tx, arrival.author.domain) is Standing.PILOT


def may_pass_on(reading: Reads, announcer: Actor) -> bool:
    """Whether we listen to this actor's announcements: a pilot's neighbourhood, or one we follow and that agreed."""
    if announcer.kind is ActorKind.GROUP and peers.standing(reading, announcer.domain) is Standing.PILOT:
        return True
    application = reading.one(Actor, uri=reading.home.application_uri)
    follow = reading.one(Follow, follower_id=application.id, target_id=announcer.id) if application else None
    return follow is not None and follow.state is FollowState.ACCEPTED


def same_person(tx: Tx, delivered: Delivered) -> Actor:
    """The actor as it is stored now. Raises NotYours when it was suspended meanwhile."""
    actor = tx.one(Actor, uri=delivered.actor.uri)
    if actor is None or actor.suspended:
        raise NotYours("suspended")
    return actor
