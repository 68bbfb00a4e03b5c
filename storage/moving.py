"""Giving a pilot another address, as long as no other server knows the one it has.

Who tries a Vraagbaak on their own machine first keeps what was written there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select, update

from storage.records import Activity
from storage.tables import tables
from storage.tx import SqlTx
from vraagbaak import model
from vraagbaak.model import Actor, ActorKey, ActorKind, Pilot

# Where an address of ours can stand, beside what others told us (of which there is nothing yet).
_FIELDS: dict[type[Any], tuple[str, ...]] = {
    model.Actor: ("uri", "url", "inbox", "shared_inbox"),
    model.Pilot: ("uri",),
    model.Question: ("uri", "url", "helpful_uri", "replies_uri", "context_uri"),
    model.Answer: ("uri", "url"),
    model.Offer: ("uri", "url"),
    model.Follow: ("uri",),
    model.Tombstone: ("id", "actor_uri"),
}


_OURS = (ActorKind.PERSON, ActorKind.GROUP, ActorKind.APPLICATION)


class Address(NamedTuple):
    """Where a pilot lives."""

    base_url: str
    slug: str


def address_of(tx: SqlTx) -> Address | None:
    """Where the pilot in this database lives; None for a new database."""
    found = next(iter(sorted(tx.find(Pilot, local=True), key=lambda pilot: pilot.id)), None)
    return Address(found.uri.removesuffix(f"/b/{found.slug}"), found.slug) if found else None


def is_known_elsewhere(tx: SqlTx) -> bool:
    """Whether anybody elsewhere was ever met, or anything ever sent."""
    actors, activities = tables[Actor], tables[Activity]
    met = tx.execute(select(actors.c.id).where(actors.c.local == 0).limit(1)).first()
    sent = tx.execute(select(activities.c.id).limit(1)).first()
    return met is not None or sent is not None


def move(tx: SqlTx, old: Address, new: Address) -> None:
    """All our own addresses, from old to new. Keys go: they are sealed under their address, and nobody has them."""
    tx.execute(delete(tables[ActorKey]))
    for kind, names in _FIELDS.items():
        table = tables[kind]
        for name in names:
            column = table.c[name]
            begins = column.startswith(f"{old.base_url}/", autoescape=True)
            moved = func.replace(column, f"{old.base_url}/", f"{new.base_url}/")
            tx.execute(update(table).where(begins).values({name: moved}))
    domain = new.base_url.split("://", 1)[1]
    for actor in [actor for kind in _OURS for actor in _local(tx, kind)]:
        tx.save(_renamed(actor, domain, old.slug, new.slug))
    for pilot in tx.find(Pilot, local=True):
        uri = pilot.uri.removesuffix(f"/b/{old.slug}") + f"/b/{new.slug}"
        tx.save(replace(pilot, uri=uri, domain=domain, slug=new.slug))


def _local(tx: SqlTx, kind: ActorKind) -> list[Actor]:
    table = tables[Actor]
    rows = tx.execute(select(table.c.id).where(table.c.local == 1, table.c.kind == kind.value))
    return [tx.get(Actor, row.id) for row in rows.fetchall()]


def _renamed(actor: Actor, domain: str, old_slug: str, new_slug: str) -> Actor:
    """The actor under its new domain; the neighbourhood and the shared persona carry the slug in their names."""
    handle = actor.handle
    if actor.kind is ActorKind.APPLICATION:
        return replace(actor, domain=domain, handle=domain)
    if actor.kind is ActorKind.GROUP or actor.shared:
        handle = f"{actor.handle.removesuffix(old_slug)}{new_slug}"
    moved = {
        name: getattr(actor, name).replace(f"/{actor.handle}", f"/{handle}")
        for name in ("uri", "url", "inbox")
    }
    return replace(actor, domain=domain, handle=handle, **moved)
