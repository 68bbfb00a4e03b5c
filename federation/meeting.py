"""Meeting another pilot: who it is, following its neighbourhood, and hearing what was said there before.

It is asked only about itself; what its outbox holds is examined like anything else that comes in.
"""

from __future__ import annotations

import msgspec

from federation import collections
from federation.actors import ActorReading
from federation.directory import Directory
from federation.discovery import application_uri
from federation.documents import Document, id_of, same_origin
from federation.fetching import Budget, FetchFault, Temporary
from federation.inbox import job_for
from federation.paging import items_of
from storage import circulation
from storage.reading import Reading
from storage.records import Sent
from storage.store import Store
from storage.tx import SqlTx
from storage.work import Bury, Done, Job, Retry, Unit, Verdict, Work, WorkTx, decode_event
from vraagbaak import audience, follows, peers
from vraagbaak.errors import Unknown
from vraagbaak.events import FollowAccepted, FollowAgreed, PeerDropped, PeerTrusted
from vraagbaak.model import Actor, ActorKind, Follow, Peer, Pilot, Standing, Thing

MEET = "meet"
GREET = "greet"
PART = "part"
CATCH_UP = "catch-up"
PAGES = 5
"""How many pages of another pilot's outbox are read: its hundred latest things, when it pages as we do."""
READ = PAGES * collections.PAGE
"""So many of our latest things another pilot reads at most."""
ITEMS = 500
"""How many things on them are looked at, however many stand there (threat D14)."""


def catch_up_with(tx: WorkTx, domain: str) -> None:
    """Ask for what was said at a pilot so far; twice at the same time is once."""
    tx.enqueue(Work(CATCH_UP, domain, host=domain, key=f"{CATCH_UP} {domain}"))


class Meeting:
    """Meets and catches up. One per process."""

    def __init__(self, *, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory
        self._home = store.home

    async def meet(self, job: Job) -> Unit | Verdict:
        """The handler of `meet` jobs: a server is trusted as a pilot from now on."""
        event = decode_event(job.payload)
        assert isinstance(event, PeerTrusted)
        try:
            application, group, said = await self._introduce(event.domain)
        except Temporary as fault:
            return Retry(error=f"cannot fetch: {fault.code}", host_failed=True, silent=fault.silent)
        except FetchFault as fault:
            return Bury(error=f"not a pilot: {fault.code}")
        return Unit.of(_met, event.domain, application, group, said)

    async def _introduce(self, domain: str) -> tuple[Actor, Actor, ActorReading]:
        """The Application and the neighbourhood of the server at `domain`. Raises FetchFault."""
        budget = Budget()
        base = f"{self._home.base_url.partition('://')[0]}://{domain}"
        links = await self._directory.fetcher.fetch_plain(f"{base}/.well-known/nodeinfo", budget=budget)
        uri = application_uri(links, base)
        if uri is None:
            raise FetchFault("no-application")
        application, said = await self._directory.fetch_actor(uri, budget)
        if not said.neighbourhood:
            raise FetchFault("no-neighbourhood")
        group, profile = await self._directory.fetch_actor(said.neighbourhood, budget)
        if group.kind is not ActorKind.GROUP:
            raise FetchFault("no-neighbourhood")
        return application, group, profile

    async def greet(self, job: Job) -> Unit:
        """The handler of `greet` jobs: somebody follows one of ours, or lets one of ours follow."""
        event = decode_event(job.payload)
        assert isinstance(event, FollowAccepted | FollowAgreed)
        return Unit.of(_greeted, event.follow_id)

    async def part(self, job: Job) -> Unit:
        """The handler of `part` jobs: a server is no longer trusted as a pilot."""
        event = decode_event(job.payload)
        assert isinstance(event, PeerDropped)
        return Unit.of(_parted, event.domain)

    async def catch_up(self, job: Job) -> Unit | Verdict:
        """The handler of `catch-up` jobs: what was said at a pilot becomes receive jobs, oldest first."""
        group = await self._store.read(_neighbourhood_of, job.payload)
        if group is None:
            return Done()
        budget = Budget()
        try:
            _, said = await self._directory.fetch_actor(group.uri, budget)
            items = await self._outbox(said, budget)
        except Temporary as fault:
            return Retry(error=f"cannot fetch: {fault.code}", host_failed=True, silent=fault.silent)
        except FetchFault as fault:
            return Bury(error=f"no outbox: {fault.code}")
        return Unit.of(_examine_later, group.uri, list(reversed(items)))

    async def _outbox(self, said: ActorReading, budget: Budget) -> list[Document]:
        """What the neighbourhood announces, newest first."""
        if not said.outbox:
            raise FetchFault("no-outbox")
        fetcher = self._directory.fetcher
        items = await items_of(fetcher, said.outbox, budget=budget, pages=PAGES, items=ITEMS)
        return [item for item in items if _is_by(item, said.uri)]


def _is_by(item: object, group_uri: str) -> bool:
    """Whether this is an activity of the neighbourhood, under an id of its own server (threat B40)."""
    return (
        isinstance(item, dict)
        and id_of(item.get("actor")) == group_uri
        and same_origin(id_of(item), group_uri)
    )


def _met(tx: WorkTx, domain: str, application: Actor, group: Actor, said: ActorReading) -> None:
    peer = tx.one(Peer, id=domain)
    if peer is None or peer.standing is not Standing.PILOT:
        return
    profile = Pilot(
        id=tx.new_id(),
        actor_id=group.id,
        uri=group.uri,
        domain=domain,
        slug=group.handle,
        name=group.name,
        local=False,
        **said.profile,
    )
    peers.met(tx, domain, application, group, profile)
    follows.ask(tx, _ourselves(tx), group)
    catch_up_with(tx, domain)


def _greeted(tx: SqlTx, follow_id: str) -> None:
    """Trust went one way further between us and a pilot; who trusts us shows more, so what was said is asked again.

    Both ways count: a pilot that follows us trusts us, and one that lets us follow knows from then on that we trust it.
    """
    known = tx.one(Follow, id=follow_id)
    if known is None:
        return
    follower, target = tx.get(Actor, known.follower_id), tx.get(Actor, known.target_id)
    other = target if follower.local else follower
    if other is follower and other.kind is ActorKind.APPLICATION and target.uri == tx.home.group_uri:
        _will_read(tx, other)
    peer = tx.one(Peer, id=other.domain)
    if peer and peer.standing is Standing.PILOT and other.uri in {peer.application_uri, peer.group_uri}:
        catch_up_with(tx, peer.id)


def _will_read(tx: SqlTx, application: Actor) -> None:
    """A server that follows us as pilots do reads our outbox: what it finds there it has, so it hears what comes of it."""
    viewer = audience.server(tx, application.domain)
    things: list[Thing] = [
        *circulation.questions_here(tx, viewer, limit=READ),
        *circulation.answers_here(tx, viewer, limit=READ),
    ]
    for thing in things:
        if tx.one(Sent, thing_uri=thing.uri, inbox=application.delivery_inbox) is None:
            row = Sent(
                id=tx.new_id(),
                thing_uri=thing.uri,
                inbox=application.delivery_inbox,
                host=application.domain,
                wrapped=not thing.local,
                sent_at=tx.now,
            )
            tx.add(row)


def _ourselves(tx: WorkTx) -> Actor:
    actor = tx.one(Actor, uri=tx.home.application_uri)
    if actor is None:
        raise Unknown
    return actor


def _parted(tx: WorkTx, domain: str) -> None:
    peer = tx.one(Peer, id=domain)
    group = tx.one(Actor, uri=peer.group_uri) if peer and peer.group_uri else None
    if group and peer and peer.standing is not Standing.PILOT:
        follows.end(tx, _ourselves(tx), group)


def _neighbourhood_of(reading: Reading, domain: str) -> Actor | None:
    peer = reading.one(Peer, id=domain)
    if peer is None or peer.standing is not Standing.PILOT or not peer.group_uri:
        return None
    return reading.one(Actor, uri=peer.group_uri)


def _examine_later(tx: SqlTx, group_uri: str, items: list[Document]) -> None:
    for item in items:
        body = msgspec.json.encode(item)
        tx.enqueue(job_for(item, id_of(item) or "", body, group_uri))
