"""What was deleted stays deleted: it never comes back under its uri, also when its Delete came first.

A grave holds for the one who dug it: nobody can bury, or keep open, what another wrote (threats B13, B14).
"""

from __future__ import annotations

from vraagbaak.model import Tombstone
from vraagbaak.ports import Reads, Tx

NOTE = "Note"
PERSON = "Person"
UNKNOWN = "Unknown"
"""Deleted or taken back before it ever came; kept for as long as that may still be on its way."""


def dig(tx: Tx, uri: str, actor_uri: str, *, kind: str = NOTE, public: bool = False) -> None:
    """Remember that this actor deleted what is under this uri. A second time changes nothing."""
    key = f"{uri} {actor_uri}"
    if tx.one(Tombstone, id=key) is None:
        grave = Tombstone(id=key, uri=uri, actor_uri=actor_uri, kind=kind, public=public, deleted_at=tx.now)
        tx.add(grave)


def holds(tx: Reads, uri: str, actor_uri: str) -> bool:
    """Whether this actor deleted it."""
    return tx.one(Tombstone, id=f"{uri} {actor_uri}") is not None


def under(tx: Reads, uri: str) -> Tombstone | None:
    """The grave under a uri of ours, where only one can be."""
    return tx.one(Tombstone, uri=uri)
