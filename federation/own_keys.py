"""The keys of our own actors: made at first use, used to sign and to prove, and replaced when the steward wants.

The private halves lie sealed in the database; whoever signs reads them there, so a replaced key is used at once by
every process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace

from federation.actors import ED25519_KEY, MAIN_KEY
from federation.documents import Document, id_of, is_said_publicly, same_origin
from federation.keys import ED25519, RSA, KeyPair, KeyRing, PrivateKey, Sealer, make_ed25519, make_rsa
from federation.proofs import prove
from storage.clock import moment_of
from storage.reading import Reading
from storage.store import Store
from vraagbaak.errors import Unknown
from vraagbaak.events import ActorChanged
from vraagbaak.model import Actor, ActorKey
from vraagbaak.ports import Reads, Tx

FRAGMENTS = {RSA: MAIN_KEY, ED25519: ED25519_KEY}


class OwnKeys:
    """Keeps them. One per process."""

    def __init__(
        self, *, store: Store, ring: KeyRing, sealer: Sealer, make_rsa: Callable[[], KeyPair] = make_rsa
    ) -> None:
        self._store = store
        self.ring = ring
        self._sealer = sealer
        self._make_rsa = make_rsa
        self._making = asyncio.Lock()

    async def of(self, actor_uri: str) -> list[ActorKey]:
        """Both keys of one of our own actors; made at first use. Raises Unknown."""
        found = await self._store.read(keys_of, actor_uri)
        if not _missing(found):
            return found
        async with self._making:
            # Looked at again: of the two hundred letters that wait for this, one makes the key.
            found = await self._store.read(keys_of, actor_uri)
            missing = _missing(found)
            if not missing:
                return found
            made = await asyncio.to_thread(self.make, actor_uri, missing)
            return await self._store.run(_keep, actor_uri, made)

    async def signer(self, actor_uri: str, known: ActorKey | None = None) -> PrivateKey:
        """The RSA key with which one of our own actors signs; `known` is it, if it was read already. Raises Unknown."""
        key = known or _find(await self.of(actor_uri), RSA)
        assert key is not None
        return self.ring.private(key)

    def make(self, actor_uri: str, algorithms: Iterable[str]) -> list[ActorKey]:
        """Fresh keys for one of our actors, not kept yet and with nobody's `actor_id`; RSA takes a tenth of a second."""
        pairs = [self._make_rsa() if kind == RSA else make_ed25519() for kind in sorted(algorithms)]
        made: list[ActorKey] = []
        for pair in pairs:
            name = f"{actor_uri}#{FRAGMENTS[pair.algorithm]}"
            sealed = self._sealer.seal(pair.private, name)
            made.append(
                ActorKey(id=name, actor_id="", algorithm=pair.algorithm, public=pair.public, sealed=sealed)
            )
        return made

    def proven(self, tx: Tx, activity: Document) -> Document:
        """An activity of ours with the proof of its actor when it is public, else as it is (FEP-8b32).

        The proof tells no other moment than the id does: for who asks without an account that is a rounded one. What
        brings somebody else's activity gets none: theirs may have another version of the words for proofs, and JSON-LD
        processors refuse two protected versions in one document (seen with Fedify 2.3 and bovine 0.5).
        """
        if not is_said_publicly(activity) or "proof" in activity or _brings_anothers(activity):
            return activity
        actor_uri: str = activity["actor"]
        key = _find(keys_of(tx, actor_uri), ED25519) or _find(
            _keep(tx, actor_uri, self.make(actor_uri, [ED25519])), ED25519
        )
        assert key is not None
        return prove(activity, self.ring.private(key), moment_of(activity["id"].rsplit("/", 1)[-1]))


def _brings_anothers(activity: Document) -> bool:
    """Whether it has an activity inside that somebody on another server said."""
    inside = activity.get("object")
    said_by = id_of(inside.get("actor")) if isinstance(inside, dict) else None
    return said_by is not None and not same_origin(said_by, activity["actor"])


def keys_of(reading: Reads, actor_uri: str) -> list[ActorKey]:
    """The keys of an actor that are there."""
    actor = reading.one(Actor, uri=actor_uri)
    return reading.find(ActorKey, actor_id=actor.id) if actor else []


def rsa_of(reading: Reading, actor_uri: str) -> ActorKey | None:
    """The key with which one of our actors signs, if it has one yet."""
    return reading.one(ActorKey, id=f"{actor_uri}#{MAIN_KEY}")


def _missing(found: list[ActorKey]) -> set[str]:
    return FRAGMENTS.keys() - {key.algorithm for key in found}


def _find(keys: list[ActorKey], algorithm: str) -> ActorKey | None:
    return next((key for key in keys if key.algorithm == algorithm), None)


def replace_keys(tx: Tx, actor_uri: str, made: list[ActorKey]) -> None:
    """Fresh keys for one of our actors instead of those it has; whoever follows it hears so. Raises Unknown."""
    actor = tx.one(Actor, uri=actor_uri)
    if actor is None or not actor.local:
        raise Unknown
    for old in keys_of(tx, actor_uri):
        tx.remove(old)
    _keep(tx, actor_uri, made)
    tx.record(ActorChanged(actor_id=actor.id))


def _keep(tx: Tx, actor_uri: str, made: list[ActorKey]) -> list[ActorKey]:
    """Store fresh keys, unless another process did so first: then theirs count."""
    actor = tx.one(Actor, uri=actor_uri)
    if actor is None or not actor.local:
        raise Unknown
    for key in made:
        if tx.one(ActorKey, id=key.id) is None:
            tx.add(replace(key, actor_id=actor.id))
    return tx.find(ActorKey, actor_id=actor.id)
