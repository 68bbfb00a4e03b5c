"""What moderators of a neighbourhood elsewhere decide about what stands in it (FEP-1b12; Lemmy, PieFed, Mbin).

They take it out of sight here, or close it, when their neighbourhood announces that and lists them at that moment. They
have no say about what our own people wrote (threat B12), about what stands elsewhere, or about anybody's words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation.documents import Document, as_list, host_of, id_of, ids_of, one_type, only_of, same_origin
from federation.fetching import FetchFault, Temporary
from federation.paging import items_of
from federation.understanding import Delivered, NotForUs, Sources
from storage.reading import Reading
from storage.work import Unit
from vraagbaak import moderation, peers, questions
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, ActorKind, Answer, Question, Standing
from vraagbaak.ports import Tx

LISTED = 500
"""How many moderators are read of a list."""
_PAGES = 3
_DECISIONS: dict[str, Callable[[Tx, Question | Answer], object]] = {
    "Delete": moderation.receive_removal,
    "Lock": questions.receive_lock,
    "Undo Lock": questions.receive_unlock,
}


async def decided(inside: Document, actor_uri: str, delivered: Delivered, sources: Sources) -> Unit | None:
    """What a neighbourhood says that a moderator of it did with somebody else's post; None when it is nothing such.

    Raises NotForUs when whoever did it is no moderator there, or Temporary.
    """
    group = delivered.actor
    kind, about = _what(inside)
    if kind not in _DECISIONS or group.kind is not ActorKind.GROUP:
        return None
    if not await sources.store.read(_is_anothers, about, actor_uri):
        return None
    if not await sources.store.read(_stands_in, about, group):
        raise NotForUs("not-its-thread")
    if await sources.store.read(peers.standing, host_of(actor_uri) or "") is Standing.REFUSED:
        raise NotForUs("refused-peer")
    if actor_uri != group.uri and not await _is_listed(actor_uri, delivered, sources):
        raise NotForUs("not-a-moderator")
    return Unit.of(_decide, kind, about, group.id)


def _what(inside: Document) -> tuple[str, str]:
    """What is done, and to what: `Undo Lock` is one deed."""
    kind, about = one_type(inside) or "", only_of(inside.get("object"))
    if kind == "Undo" and isinstance(about, dict):
        return f"Undo {one_type(about)}", id_of(about.get("object")) or ""
    return kind, id_of(about) or ""


def _thing_at(tx: Any, uri: str) -> Question | Answer | None:
    found: Question | Answer | None = tx.one(Question, uri=uri) or tx.one(Answer, uri=uri)
    return found


def _is_anothers(reading: Reading, uri: str, actor_uri: str) -> bool:
    """Whether we have it, from elsewhere, by somebody else than who acts."""
    thing = _thing_at(reading, uri)
    return thing is not None and not thing.local and reading.get(Actor, thing.author_id).uri != actor_uri


def _stands_in(reading: Any, uri: str, group: Actor) -> bool:
    """Whether its author said it in this neighbourhood, by the thread that it belongs to."""
    thing = _thing_at(reading, uri)
    thread = reading.one(Question, id=thing.question_id) if isinstance(thing, Answer) else thing
    return thread is not None and thread.group_uri == group.uri


async def _is_listed(actor_uri: str, delivered: Delivered, sources: Sources) -> bool:
    """Whether the neighbourhood itself, as it is now, names this actor among who moderates it (threat B23)."""
    group_uri = delivered.actor.uri
    try:
        document = await sources.document(group_uri, delivered.budget)
        if id_of(document) != group_uri:
            return False
        for named in (document.get("attributedTo"), document.get("moderators")):
            if actor_uri in _named(named):
                return True
            for place in ids_of(named, 2):
                if same_origin(place, group_uri) and actor_uri in await _collected(place, delivered, sources):
                    return True
    except Temporary:
        raise
    except FetchFault:
        raise NotForUs("no-moderators") from None
    return False


def _named(value: object) -> list[str]:
    """Actors that are named at once, or in an embedded collection."""
    inside = [entry for entry in as_list(value) if isinstance(entry, dict)]
    members = [
        member
        for entry in inside
        for name in ("items", "orderedItems")
        for member in as_list(entry.get(name))
    ]
    return ids_of([*as_list(value), *members], LISTED)


async def _collected(uri: str, delivered: Delivered, sources: Sources) -> list[str]:
    fetcher = sources.directory.fetcher
    found = await items_of(fetcher, uri, budget=delivered.budget, pages=_PAGES, items=LISTED)
    return ids_of(found, LISTED)


def _decide(tx: Tx, kind: str, uri: str, group_id: str) -> None:
    """Raises Unknown when it went meanwhile, or who moderates there is not listened to any more."""
    thing, group = _thing_at(tx, uri), tx.get(Actor, group_id)
    if thing is None or thing.local or group.suspended or not _stands_in(tx, uri, group):
        raise Unknown
    _DECISIONS[kind](tx, thing)
