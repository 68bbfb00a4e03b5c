"""Move: somebody goes on as another account, which names the old one as its own.

The new account is read from its own server at that moment; whoever was followed is followed there (threat B28).
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.addressing import followers_of
from federation.documents import Document, id_of
from federation.fetching import FetchFault, Temporary
from federation.understanding import Delivered, NotForUs, Sources, is_ours, same_person
from storage.work import Unit
from vraagbaak import moves
from vraagbaak.errors import NotYours
from vraagbaak.model import Actor
from vraagbaak.ports import Tx


def build(uri: str, actor_uri: str, target_uri: str) -> Document:
    """One of ours goes on as another account."""
    doc = envelope("Move", uri, actor_uri, actor_uri, {"to": [followers_of(actor_uri)]})
    return doc | {"target": target_uri}


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """Where they go. Raises NotForUs."""
    target = id_of(delivered.doc.get("target"))
    if delivered.object_id != delivered.actor.uri or target is None or target == delivered.actor.uri:
        raise NotForUs("not-a-move")
    if not is_ours(sources.home, target):
        try:
            await sources.directory.fetch_actor(target, delivered.budget)
        except Temporary:
            raise
        except FetchFault:
            raise NotForUs("no-target") from None
    return Unit.of(_move, delivered, target)


def _move(tx: Tx, delivered: Delivered, target_uri: str) -> None:
    target = tx.one(Actor, uri=target_uri)
    if target is None:
        raise NotYours
    moves.receive(tx, same_person(tx, delivered), target)
