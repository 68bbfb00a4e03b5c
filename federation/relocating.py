"""One of ours goes to live elsewhere: the new account is looked up, and moves only when it names the old one."""

from __future__ import annotations

from federation.directory import Directory
from federation.fetching import Budget, FetchFault, Temporary
from storage.store import Store
from storage.work import Bury, Done, Job, Retry, Unit, Verdict, decode_event
from vraagbaak import moves
from vraagbaak.events import MoveAsked
from vraagbaak.model import Actor
from vraagbaak.ports import Reads, Tx

RELOCATE = "relocate"


class Relocating:
    """Moves. One per process."""

    def __init__(self, *, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def relocate(self, job: Job) -> Unit | Verdict:
        """The handler of `relocate` jobs: a member asked to go on as another account."""
        event = decode_event(job.payload)
        assert isinstance(event, MoveAsked)
        actor = await self._store.read(_actor, event.actor_id)
        if actor is None:
            return Done()
        try:
            target, _ = await self._directory.fetch_actor(event.target_uri, Budget())
        except Temporary as fault:
            return Retry(error=f"cannot fetch: {fault.code}")
        except FetchFault as fault:
            return Bury(error=f"no such account: {fault.code}")
        if actor.uri not in target.also_known_as:
            return Bury(error="the new account does not name the old one")
        return Unit.of(_move, event.actor_id, target.uri)


def _actor(reading: Reads, actor_id: str) -> Actor | None:
    return reading.one(Actor, id=actor_id)


def _move(tx: Tx, actor_id: str, target_uri: str) -> None:
    actor, target = tx.one(Actor, id=actor_id), tx.one(Actor, uri=target_uri)
    if actor and target:
        moves.move(tx, actor, target)
