"""Keeps both sides of a follow in step: whoever sends to followers says which ones it thinks are here (FEP-8fcf).

Only the signer's own collection counts, on its own host, and only the follows of our own actors are touched (B27).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from federation.addressing import followers_of
from federation.directory import Directory
from federation.documents import host_of, id_of, same_origin, same_url
from federation.fetching import Budget, FetchFault, Temporary
from federation.paging import items_of
from storage import circulation
from storage.reading import Reading
from storage.store import Store
from storage.work import Bury, Done, Job, Retry, Unit, Verdict, Work, WorkTx
from vraagbaak import follows
from vraagbaak.model import Actor, Follow, FollowState
from vraagbaak.ports import Reads, Tx

SYNCHRONIZE = "synchronize"
HEADER = "Collection-Synchronization"
_PARAMETER = re.compile(r'\s*([A-Za-z]+)="([^"]*)"\s*(?:,|\Z)')


@dataclass(frozen=True, slots=True)
class Claim:
    """What the header says."""

    collection: str
    url: str
    digest: str


class _Order(msgspec.Struct, frozen=True):
    actor: str
    url: str
    digest: str


def read_claim(value: str) -> Claim | None:
    """The header; None when it is not to be read. Each parameter may stand once."""
    found: dict[str, str] = {}
    position = 0
    while position < len(value):
        match = _PARAMETER.match(value, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2]
        position = match.end()
    if not {"collectionId", "url", "digest"} <= found.keys():
        return None
    return Claim(found["collectionId"], found["url"], found["digest"].lower())


def digest_of(uris: list[str]) -> str:
    """The digest of some followers: the XOR of the SHA-256 of their ids, in hex."""
    whole = 0
    for uri in uris:
        whole ^= int.from_bytes(sha256(uri.encode()).digest(), "big")
    return f"{whole:064x}"


def digests_of(reading: Reading, actor_uri: str) -> dict[str, str]:
    """What we think of the followers of one of our actors, server by server."""
    actor = reading.one(Actor, uri=actor_uri)
    found = circulation.followers_by_host(reading, actor.id) if actor else {}
    return {host: digest_of(uris) for host, uris in found.items()}


def header_for(actor_uri: str, digest: str) -> str:
    """The header that says so of one server."""
    url = f"{actor_uri}/followers_synchronization"
    return f'collectionId="{followers_of(actor_uri)}", url="{url}", digest="{digest}"'


def note(tx: WorkTx, actor_uri: str, value: str) -> None:
    """What a server says of its followers here: when it is not what we think, it is looked up."""
    claim, actor = read_claim(value), tx.one(Actor, uri=actor_uri)
    if claim is None or actor is None or actor.local or not actor.followers_uri:
        return
    if not same_url(claim.collection, actor.followers_uri) or not same_origin(claim.url, actor_uri):
        return
    if claim.digest != digest_of([each.uri for each, _ in _ours(tx, actor)]):
        order = msgspec.json.encode(_Order(actor_uri, claim.url, claim.digest)).decode()
        tx.enqueue(Work(SYNCHRONIZE, order, host=host_of(actor_uri), key=f"{SYNCHRONIZE} {actor_uri}"))


def _ours(tx: Reads, target: Actor) -> list[tuple[Actor, Follow]]:
    """Who of ours follows somebody elsewhere, and was let in."""
    found = [(tx.get(Actor, follow.follower_id), follow) for follow in tx.find(Follow, target_id=target.id)]
    return [
        (actor, follow) for actor, follow in found if actor.local and follow.state is FollowState.ACCEPTED
    ]


class Synchronizing:
    """Synchronizes. One per process."""

    def __init__(self, *, store: Store, directory: Directory) -> None:
        self._home = store.home
        self._directory = directory

    async def synchronize(self, job: Job) -> Unit | Verdict:
        """The handler of `synchronize` jobs: who of ours the other side thinks follows one of its actors."""
        order = msgspec.json.decode(job.payload, type=_Order)
        try:
            items = await items_of(self._directory.fetcher, order.url, budget=Budget())
        except Temporary as fault:
            return Retry(error=f"cannot fetch: {fault.code}", host_failed=True, silent=fault.silent)
        except FetchFault as fault:
            return Bury(error=f"no followers: {fault.code}")
        uris = [uri for item in items if (uri := id_of(item)) and same_origin(uri, self._home.base_url)]
        if digest_of(sorted(set(uris))) != order.digest:
            return Done()  # what is listed is not what was said: nobody can tell which is right
        return Unit.of(_agree, order.actor, set(uris))


def _agree(tx: Tx, actor_uri: str, theirs: set[str]) -> None:
    """Follows that the other side does not know of are over; those that we do not know of are taken back."""
    target = tx.one(Actor, uri=actor_uri)
    if target is None:
        return
    known = {follower.uri: follow for follower, follow in _ours(tx, target)}
    for uri in known.keys() - theirs:
        tx.remove(known[uri])
    for uri in sorted(theirs - known.keys()):
        follower = tx.one(Actor, uri=uri)
        if follower and follower.local:
            follows.disown(tx, follower, target)
