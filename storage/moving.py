"""Giving a pilot another address, as long as no other server knows the one it has.

Who tries a Vraagbaak on their own machine first keeps what was written there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import delete, func, literal, select, update

from storage.reading import Reading
from storage.records import Activity, Seen, Sent
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
    model.Like: ("id", "object_uri"),
    model.Bookmark: ("thing_uri",),
    model.Boost: ("uri", "thing_uri"),
    model.Pin: ("thing_uri",),
    model.Notice: ("thing_uri",),
    model.Silence: ("about",),
    model.Report: ("uri",),
    model.Tombstone: ("uri", "actor_uri"),
}


_OURS = (ActorKind.PERSON, ActorKind.GROUP, ActorKind.APPLICATION)


class Address(NamedTuple):
    """Where a pilot lives."""

    base_url: str
    slug: str


def our_pilot(reading: Reading) -> Pilot | None:
    """The pilot that lives in this database; None for a new one."""
    return next(iter(sorted(reading.find(Pilot, local=True), key=lambda pilot: pilot.id)), None)


def address(pilot: Pilot) -> Address:
    """Where one of ours lives."""
    return Address(pilot.uri.removesuffix(f"/b/{pilot.slug}"), pilot.slug)


def address_of(reading: Reading) -> Address | None:
    """Where the pilot in this database lives; None for a new database."""
    found = our_pilot(reading)
    return address(found) if found else None


def is_known_elsewhere(reading: Reading) -> bool:
    """Whether anybody elsewhere was ever met or heard, or anything ever sent."""
    actors = tables[Actor]
    traces = [select(actors.c.id).where(actors.c.local == 0)]
    traces += [select(tables[kind].c.id) for kind in (Activity, Sent, Seen)]
    return any(reading.execute(trace.limit(1)).first() is not None for trace in traces)


def move(tx: SqlTx, new: Address) -> None:
    """All our own addresses, from the old one to the new.

    Keys go: they are sealed under their address, and nobody has them.
    """
    old = address_of(tx)
    assert old is not None
    tx.execute(delete(tables[ActorKey]))
    for kind, names in _FIELDS.items():
        table = tables[kind]
        for name in names:
            column = table.c[name]
            begins = column.startswith(f"{old.base_url}/", autoescape=True)
            moved = literal(new.base_url) + func.substr(column, len(old.base_url) + 1)
            tx.execute(update(table).where(begins).values({name: moved}))
    graves = tables[model.Tombstone]
    tx.execute(update(graves).values(id=graves.c.uri + literal(" ") + graves.c.actor_uri))
    domain = new.base_url.split("://", 1)[1]
    for actor in [actor for kind in _OURS for actor in _local(tx, kind)]:
        tx.save(_renamed(actor, new.base_url, domain, old.slug, new.slug))
    for pilot in tx.find(Pilot, local=True):
        tx.save(replace(pilot, uri=f"{new.base_url}/b/{new.slug}", domain=domain, slug=new.slug))


def _local(tx: SqlTx, kind: ActorKind) -> list[Actor]:
    table = tables[Actor]
    rows = tx.execute(select(table.c.id).where(table.c.local == 1, table.c.kind == kind.value))
    return [tx.get(Actor, row.id) for row in rows.fetchall()]


def _renamed(actor: Actor, base_url: str, domain: str, old_slug: str, new_slug: str) -> Actor:
    """The actor under its new domain; the neighbourhood and the shared persona carry the slug in their names."""
    if actor.kind is ActorKind.APPLICATION:
        return replace(actor, domain=domain, handle=domain)
    if actor.kind is not ActorKind.GROUP and not actor.shared:
        return replace(actor, domain=domain)
    handle = f"{actor.handle.removesuffix(old_slug)}{new_slug}"
    uri = f"{base_url}/{'b' if actor.kind is ActorKind.GROUP else 'u'}/{handle}"
    return replace(actor, domain=domain, handle=handle, uri=uri, url=uri, inbox=f"{uri}/inbox")
