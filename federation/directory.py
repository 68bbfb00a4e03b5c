"""Who is who on the network: actors and their keys, fetched when needed.

An actor is only believed by the host its id is on, a handle only when that host's WebFinger confirms it, a key only
when its actor lists it. Nothing of our own is fetched.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from federation.actors import ActorReading, read_actor
from federation.discovery import actor_uri_from_jrd, subject_of, webfinger_url
from federation.documents import Document, host_of, id_of, same_origin, same_url, split_url
from federation.fetching import (
    Budget,
    Fetcher,
    FetchFault,
    Rejected,
    Spent,
    Temporary,
    Vanished,
    unsigned,
)
from federation.looking import PATIENCE, Looks
from federation.newcomers import MOST, Newcomers, Strangers
from federation.own_keys import OwnKeys
from federation.proofs import holds, read_proof
from federation.schemes import Schemes
from federation.signatures import FoundKey, KeyInDoubt, KeyUnavailable, Scheme, sign
from federation.transport import Wire
from storage.reading import Reading
from storage.store import Store
from vraagbaak import peers
from vraagbaak.errors import NotYours, TooFast
from vraagbaak.model import Actor, ActorKey, Home, Peer, Standing
from vraagbaak.ports import Clock, Tx

FRESH_FOR = timedelta(days=1)
KEYS_FOR = timedelta(days=2)
"""How long a key is believed before its owner is asked again whether it is still one; who speaks is asked daily anyway."""
UNPROVEN = 100
"""How many actors are remembered of whom only a key was looked up."""


class Directory:
    """Looks up actors and their keys. One per process."""

    def __init__(
        self,
        *,
        store: Store,
        wire: Wire,
        own: OwnKeys,
        schemes: Schemes,
        home: Home,
        clock: Clock,
        room: int = 5000,
        newcomers: int = MOST,
    ) -> None:
        self.fetcher = Fetcher(wire, self._sign_get, {home.domain}, clock.now, self._plain_get, schemes.knock)
        self.own = own
        self._store = store
        self._home = home
        self._clock = clock
        self._room = room
        self._found: OrderedDict[str, FoundKey] = OrderedDict()
        self._looked_at: dict[str, datetime] = {}
        self._newcomers = Newcomers(store, newcomers)
        self._strangers = Strangers(clock.now)
        self._unproven: OrderedDict[str, ActorReading] = OrderedDict()
        self._unconfirmed: OrderedDict[str, ActorReading] = OrderedDict()
        self._looks = Looks(clock.now, room)
        self._actors: OrderedDict[str, Actor] = OrderedDict()

    async def _require_asked(self, url: str) -> None:
        """Raises Rejected for a server that is refused: it is asked for nothing, by whatever way (threat F02)."""
        if await self._store.read(peers.standing, host_of(url) or "") is Standing.REFUSED:
            raise Rejected("refused-peer")

    async def _plain_get(self, url: str) -> Mapping[str, str]:
        await self._require_asked(url)
        return await unsigned(url)

    async def _sign_get(self, url: str, scheme: Scheme) -> Mapping[str, str]:
        await self._require_asked(url)
        key = await self.own.signer(self._home.application_uri)
        return sign("GET", url, key=key, now=self._clock.now(), scheme=scheme)

    async def find_key(self, key_id: str) -> FoundKey | None:
        """The key with this id, from memory, the database or its own server, in that order.

        None when there is no such key; then its server is left alone for a minute (threat A28). Raises
        KeyUnavailable when its server does not answer now, KeyInDoubt within that minute: the key may be there by then.
        """
        page = key_id.partition("#")[0]
        known, old = await self._look(key_id)
        if known and not old:
            return known
        try:
            found = await self._asked(key_id, page)
        except KeyUnavailable:
            if known is None:
                raise
            found = known
        # Of an account that is gone the key is still known, for its farewells; one that is not listed any more is not.
        return found or (await self._look(key_id))[0]

    async def _asked(self, key_id: str, page: str) -> FoundKey | None:
        """The key as its page shows it now; raises KeyInDoubt when it was looked at a moment ago."""
        self._looks.require(page, key_id)
        try:
            found = await self._fetch_key(key_id)
        except KeyInDoubt:
            self._looks.remember(page, key_id)
            raise
        if found is None:
            self._looks.remember(page, key_id)
        return found

    async def known_key(self, key_id: str) -> FoundKey | None:
        """The key with this id, from memory or the database: nobody is asked."""
        return (await self._look(key_id))[0]

    async def _look(self, key_id: str) -> tuple[FoundKey | None, bool]:
        """The key as we know it, and whether its owner has to be asked again whether it is still one.

        What is in memory is compared with the database every minute: another process may know better (threat A27).
        """
        if self._is_fresh_key(key_id):
            self._found.move_to_end(key_id)
            return self._found[key_id], False
        stored, old = await self._store.read(_stored_key, key_id)
        if stored is None or old:
            self._found.pop(key_id, None)
            self._looked_at.pop(key_id, None)
            return stored, old
        return self._remember(stored), False

    def _is_fresh_key(self, key_id: str) -> bool:
        looked_at = self._looked_at.get(key_id)
        return key_id in self._found and looked_at is not None and self._clock.now() < looked_at + PATIENCE

    async def refresh_key(self, key_id: str) -> FoundKey | None:
        """The key as its actor lists it now; one fetch a minute per key, and one more when the first found nothing new.

        Raises KeyInDoubt within that minute: whoever forged a letter just before must not make a new key look false
        (threats A27, A28).
        """
        self._looks.require(key_id, key_id)
        self._looks.remember(key_id, key_id)
        before = await self.known_key(key_id)
        self._found.pop(key_id, None)
        fresh = await self._fetch_key(key_id)
        self._looks.remember(key_id, key_id, unchanged=fresh is not None and fresh == before)
        return fresh

    def _remember(self, found: FoundKey) -> FoundKey:
        self._found[found.id] = found
        self._looked_at[found.id] = self._clock.now()
        while len(self._found) > self._room:
            dropped, _ = self._found.popitem(last=False)
            self._looked_at.pop(dropped, None)
        return found

    def _forget_keys(self, owner: str) -> None:
        for key_id in [key_id for key_id, found in self._found.items() if found.owner == owner]:
            del self._found[key_id]
            self._looked_at.pop(key_id, None)

    async def _fetch_key(self, key_id: str) -> FoundKey | None:
        """The key as its actor lists it; None when there is no such page, or no such key on it.

        Raises KeyUnavailable without an answer, and KeyInDoubt for any other one: a page about maintenance says nothing
        of the key.
        """
        place = split_url(key_id)
        if place is None or place[0].netloc == self._home.domain:
            return None
        if await self._store.read(_is_unknown, place[0].netloc):
            await self._newcomers.require_room(place[0].netloc)
        budget = Budget(4)
        try:
            doc = await self.fetcher.fetch_document(key_id.partition("#")[0], budget=budget)
            owner = id_of(doc.get("owner")) or id_of(doc.get("controller"))
            if owner and read_actor(doc) is None:
                # The key has a document of its own: its owner, on the same server, must list it back (A21).
                if not same_origin(owner, key_id):
                    return None
                doc = await self.fetcher.fetch_document(owner, budget=budget)
        except (Spent, Vanished):
            return None
        except Temporary as fault:
            raise KeyUnavailable from fault
        except FetchFault as fault:
            raise KeyInDoubt from fault
        actor = read_actor(doc)
        if actor is None:
            raise KeyInDoubt
        if not same_origin(actor.uri, key_id):
            return None
        await self._store.read(_require_welcome, actor.named_domain)
        if await self._store.read(_known_actor, actor.uri):
            await self._remember_unconfirmed(actor)
        else:
            _put(self._unproven, actor)
        self._forget_keys(actor.uri)
        for name, algorithm, public in actor.keys:
            self._remember(FoundKey(name, actor.uri, algorithm, public))
        return self._found.get(key_id)

    async def proves(self, doc: Document, actor_uri: str) -> bool:
        """Whether a document carries a proof of this actor (FEP-8b32), with a key of theirs looked up if needed.

        Raises KeyUnavailable when their server does not answer now.
        """
        proof = read_proof(doc, self._clock.now())
        if proof is None or not same_origin(proof.key_id, actor_uri):
            return False
        key = await self.find_key(proof.key_id)
        if key and not holds(proof, key, actor_uri, self.own.ring):
            key = await self.refresh_key(proof.key_id)
        if key is None or not holds(proof, key, actor_uri, self.own.ring):
            return False
        await self.keep(actor_uri)
        return True

    async def keep(self, actor_uri: str) -> None:
        """Store an actor that proved itself: who was only said to have signed something is not kept.

        Raises TooFast for one too many new servers of one owner (threat D16).
        """
        proven = self._unproven.get(actor_uri)
        if proven:
            if await self._store.read(_is_unknown, proven.domain):
                await self._newcomers.count(proven.domain)
            await self._remember_unconfirmed(proven)
            self._unproven.pop(actor_uri, None)

    async def _remember_unconfirmed(self, reading: ActorReading) -> None:
        """Store an actor while its sender waits: whether its handle is its own is asked when there is time for it."""
        actor = self._remember_person(await self._store.run(_remember_unconfirmed, reading))
        if actor.fetched_at is None:
            _put(self._unconfirmed, reading)

    async def actor(self, uri: str, budget: Budget, called: str = "") -> Actor:
        """An actor elsewhere, at most a day old. Raises FetchFault; an old copy serves when its server is away.

        `called` is an address that led to it: when that is of another domain, its server is asked whether it is right.
        """
        found = await self._actor(uri, budget)
        if not called or found.local or called == found.address or called.endswith(f"@{found.domain}"):
            return found
        reading = await self._read_actor(uri, budget)
        return await self._remember_confirmed(
            replace(reading, named_domain=called.rpartition("@")[2]), budget
        )

    async def _actor(self, uri: str, budget: Budget) -> Actor:
        known = self._actors.get(uri)
        if known is None or not self._is_fresh(known):
            known = await self._store.read(_known_actor, uri)
        if known and self._is_fresh(known):
            return self._remember_person(known)
        try:
            reading = self._unconfirmed.pop(uri, None) or await self._read_actor(uri, budget)
        except Temporary:
            if known:
                return known
            raise
        return await self._remember_confirmed(reading, budget)

    def _is_fresh(self, actor: Actor) -> bool:
        # Up to a quarter sooner, each server differently: those who hear the same post do not all ask at once (D19).
        spread = crc32(f"{self._home.domain} {actor.uri}".encode()) / 2**34
        fetched = actor.fetched_at
        return actor.local or (fetched is not None and fetched > self._clock.now() - FRESH_FOR * (1 - spread))

    def _remember_person(self, actor: Actor) -> Actor:
        """Keep an actor in memory: who it is, never whether it may still speak."""
        self._actors[actor.uri] = actor
        self._actors.move_to_end(actor.uri)
        while len(self._actors) > self._room:
            self._actors.popitem(last=False)
        return actor

    async def fetch_actor(self, uri: str, budget: Budget) -> tuple[Actor, ActorReading]:
        """An actor elsewhere as it is now, and what its document says beyond that. Raises FetchFault."""
        reading = await self._read_actor(uri, budget)
        return await self._remember_confirmed(reading, budget), reading

    async def known_actor(self, uri: str) -> Actor | None:
        """An actor as we know it, however old; nobody is asked."""
        return await self._store.read(_known_actor, uri)

    async def _read_actor(self, uri: str, budget: Budget) -> ActorReading:
        """What an actor's server says of it now. Raises FetchFault."""
        host = host_of(uri) or ""
        try:
            if await self._store.read(_is_unknown, host):
                await self._newcomers.count(host)
        except TooFast:
            raise Rejected("too-many-new") from None
        reading = read_actor(await self.fetcher.fetch_document(uri, budget=budget))
        if reading is None or reading.uri != uri:
            self._actors.pop(uri, None)
            await self._store.run(_mark_stale, uri)
            raise Rejected("not-an-actor")
        try:
            await self._store.read(_require_welcome, reading.named_domain)
        except NotYours as fault:
            raise Rejected(fault.code) from None
        return reading

    async def _remember_confirmed(self, reading: ActorReading, budget: Budget) -> Actor:
        known = await self._store.read(_known_actor, reading.uri)
        confirmed = await self._confirmed(reading, known, budget)
        actor = await self._store.run(_remember_actor, confirmed)
        self._forget_keys(reading.uri)
        return self._remember_person(actor)

    async def _confirmed(self, reading: ActorReading, known: Actor | None, budget: Budget) -> ActorReading:
        """The actor under the address that its own server's WebFinger gives to it, else under the end of its id.

        That may be of another domain (`@noor@example.nl`, living at social.example.nl): then that one is asked too, once,
        and both have to agree (threats B29, B30). While nobody answers, an address that was confirmed before stays.
        Raises Rejected for one on a refused server.
        """
        if _is_plain(reading, known):
            return replace(reading, named_domain=reading.domain)
        try:
            return await self._as_called(reading, budget)
        except Temporary:
            return _as_known(reading, known)

    async def _as_called(self, reading: ActorReading, budget: Budget) -> ActorReading:
        """The reading with the handle and domain that WebFinger confirms. Raises Temporary or Rejected."""
        plain = replace(reading, handle=reading.own_handle, named_domain=reading.domain)
        account = reading.handle, reading.domain
        answer = await self._asked_about(account, reading, budget)
        if same_url(actor_uri_from_jrd(answer, "@".join(account)), reading.uri):
            return replace(reading, named_domain=reading.domain)
        other = subject_of(answer)
        if other is None or other[1] in {reading.domain, self._home.domain}:
            return plain
        if not same_url(actor_uri_from_jrd(answer, "@".join(other)), reading.uri):
            return plain
        try:
            await self._store.read(_require_welcome, other[1])
        except NotYours as fault:
            raise Rejected(fault.code) from None
        if not self._strangers.may_ask(other[1]):
            raise Temporary("crowded")
        answer = await self._asked_about(other, reading, budget)
        agreed = same_url(actor_uri_from_jrd(answer, "@".join(other)), reading.uri)
        return replace(reading, handle=other[0], named_domain=other[1]) if agreed else plain

    async def _asked_about(
        self, account: tuple[str, str], reading: ActorReading, budget: Budget
    ) -> Mapping[str, Any]:
        """What a domain says of an account there; nothing when it has no answer. Raises Temporary."""
        url = webfinger_url("@".join(account), scheme=reading.uri.partition(":")[0])
        try:
            return await self.fetcher.fetch_plain(url, budget=budget) if url else {}
        except Temporary:
            raise
        except FetchFault:
            return {}


def _is_plain(reading: ActorReading, known: Actor | None) -> bool:
    """Whether there is nothing to ask: it is called as its id ends, on its own host, and never was otherwise."""
    elsewhere = reading.named_domain != reading.domain or (known is not None and known.named_domain)
    return not elsewhere and reading.handle.casefold() == reading.own_handle.casefold()


def _as_known(reading: ActorReading, known: Actor | None) -> ActorReading:
    """The reading under the address that was confirmed before, as far as it still says so; else under its id's end."""
    if known and known.named_domain:
        return replace(reading, handle=known.handle, named_domain=known.named_domain)
    same = known is not None and known.handle == reading.handle
    return replace(
        reading, handle=reading.handle if same else reading.own_handle, named_domain=reading.domain
    )


def _put(readings: OrderedDict[str, ActorReading], reading: ActorReading) -> None:
    readings[reading.uri] = reading
    readings.move_to_end(reading.uri)
    while len(readings) > UNPROVEN:
        readings.popitem(last=False)


def _known_actor(reading: Reading, uri: str) -> Actor | None:
    return reading.one(Actor, uri=uri)


def _is_unknown(reading: Reading, host: str) -> bool:
    """Whether we know nobody on this host and nobody decided anything about it."""
    return reading.one(Actor, domain=host) is None and reading.one(Peer, id=host) is None


def _require_welcome(reading: Reading, domain: str) -> None:
    """Raises NotYours for an actor that calls itself somebody on a refused server (threat F03)."""
    if peers.standing(reading, domain) is Standing.REFUSED:
        raise NotYours("refused-peer", "This server does not take posts from there.")


def _stored_key(reading: Reading, key_id: str) -> tuple[FoundKey | None, bool]:
    """A key of somebody elsewhere, and whether it is too long ago that its owner was asked which keys it has."""
    key = reading.one(ActorKey, id=key_id)
    owner = reading.get(Actor, key.actor_id) if key else None
    if key is None or owner is None or owner.local:
        return None, False
    old = owner.fetched_at is not None and reading.now > owner.fetched_at + KEYS_FOR
    return FoundKey(key.id, owner.uri, key.algorithm, key.public), old


def _mark_stale(tx: Tx, uri: str) -> None:
    """What stands at its id is no actor any more: what we know stays, and is looked up anew next time (threat B31)."""
    known = tx.one(Actor, uri=uri)
    if known and not known.local:
        tx.save(replace(known, fetched_at=None))


def _remember_unconfirmed(tx: Tx, reading: ActorReading) -> Actor:
    """Store an actor whose address nobody asked about yet: under the one it had, else under the end of its id.

    Without `fetched_at`, when there is something to ask.
    """
    known = tx.one(Actor, uri=reading.uri)
    if _is_plain(reading, known):
        return _remember_actor(tx, reading)
    before = _as_known(reading, known)
    stored = _remember_actor(tx, before)
    if (before.handle, before.named_domain) == (reading.handle, reading.named_domain):
        return stored
    actor = replace(stored, fetched_at=None)
    tx.save(actor)
    return actor


def _remember_actor(tx: Tx, reading: ActorReading) -> Actor:
    """Store what an actor's own server says of it. Keys it no longer lists are forgotten (A27)."""
    known = tx.one(Actor, uri=reading.uri)
    actor = Actor(
        id=known.id if known else tx.new_id(),
        uri=reading.uri,
        # A person does not turn into a group (B31).
        kind=known.kind if known else reading.kind,
        handle=reading.handle,
        domain=reading.domain,
        named_domain=reading.named_domain if reading.named_domain != reading.domain else "",
        name=reading.name,
        summary=reading.summary,
        url=reading.url,
        inbox=reading.inbox,
        shared_inbox=reading.shared_inbox,
        local=False,
        announces=reading.announces or (known.announces if known else False),
        shared=reading.shared,
        chooses=reading.chooses or (known.chooses if known else False),
        followers_uri=reading.followers,
        also_known_as=reading.also_known_as,
        moved_to=known.moved_to if known else "",  # only a Move says so, never a document
        moved_at=known.moved_at if known else None,
        suspended=known.suspended if known else False,
        fetched_at=tx.now,
    )
    if known is None:
        tx.add(actor)
    elif known.local:
        raise LookupError("an actor of ours is never taken from elsewhere")
    else:
        tx.save(replace(actor, id=known.id))
    _replace_keys(tx, actor, reading)
    return actor


def _replace_keys(tx: Tx, actor: Actor, reading: ActorReading) -> None:
    listed = {
        name: ActorKey(id=name, actor_id=actor.id, algorithm=algorithm, public=public)
        for name, algorithm, public in reading.keys
    }
    for old in tx.find(ActorKey, actor_id=actor.id):
        if listed.get(old.id) == old:
            del listed[old.id]
        else:
            tx.remove(old)
    for key in listed.values():
        if tx.one(ActorKey, id=key.id) is None:
            tx.add(key)
