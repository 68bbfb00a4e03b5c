"""Block: somebody elsewhere wants nothing to do with one of ours; neither follows the other any more."""

from __future__ import annotations

from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import follows
from vraagbaak.model import Actor
from vraagbaak.ports import Tx


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """Whom they block. Raises NotForUs."""
    return Unit.of(_block, delivered, delivered.object_id)


def _block(tx: Tx, delivered: Delivered, target_uri: str) -> None:
    target = tx.one(Actor, uri=target_uri)
    if target and target.local:
        follows.receive_block(tx, same_person(tx, delivered), target)
