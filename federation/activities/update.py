"""Update: a post or an actor is different now.

A post only changes by its author, and only to something newer; an actor is read again from its own server.
"""

from __future__ import annotations

from federation.activities.envelope import addressing_of, envelope
from federation.addressing import followers_of
from federation.documents import PUBLIC, Document, id_of, one_type
from federation.fetching import FetchFault, Temporary
from federation.understanding import Delivered, NotForUs, Sources, arrivals_of, by_the_sender, take_in
from storage.work import Unit
from vraagbaak.model import ActorKind
from vraagbaak.ports import Tx


def build(uri: str, inside: Document, actor_uri: str) -> Document:
    """The Update of one of our posts."""
    return envelope("Update", uri, actor_uri, inside, addressing_of(inside))


def build_actor(uri: str, document: Document) -> Document:
    """The Update of one of our actors, with what its followers know of it now."""
    actor_uri = document["id"]
    return envelope("Update", uri, actor_uri, document, {"to": [PUBLIC], "cc": [followers_of(actor_uri)]})


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """The newer version inside, when it is the sender's own. Raises NotForUs."""
    inside = delivered.inside
    try:
        if not isinstance(inside, dict):
            inside = await sources.document(delivered.object_id, delivered.budget)
        if one_type(inside) in set(ActorKind):
            return await _actor(inside, delivered, sources)
        inside = await by_the_sender(inside, delivered, sources)
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-object") from None
    return Unit.of(take_in, await arrivals_of(inside, delivered, sources))


async def _actor(inside: Document, delivered: Delivered, sources: Sources) -> Unit:
    if id_of(inside) != delivered.actor.uri:
        raise NotForUs("not-the-author")
    await sources.directory.fetch_actor(delivered.actor.uri, delivered.budget)
    return Unit.of(_nothing)


def _nothing(tx: Tx) -> None:
    """The directory has stored the actor already."""
