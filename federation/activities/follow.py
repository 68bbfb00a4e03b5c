"""Follow: somebody wants to hear of one of ours, or we of them.

It counts once it is accepted, and is only ever about the sender.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document
from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import follows, graves
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor
from vraagbaak.ports import Tx


def build(uri: str, follower_uri: str, target_uri: str) -> Document:
    """Our wish to follow somebody."""
    return envelope("Follow", uri, follower_uri, target_uri, {"to": [target_uri]})


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """Whom they want to follow. Raises NotForUs."""
    return Unit.of(_follow, delivered, delivered.object_id)


def _follow(tx: Tx, delivered: Delivered, target_uri: str) -> None:
    target, follower = tx.one(Actor, uri=target_uri), same_person(tx, delivered)
    if target is None or graves.holds(tx, delivered.uri, follower.uri):
        raise Unknown
    follows.receive(tx, follower, target, delivered.uri)
