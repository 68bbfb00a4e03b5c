"""What can be fetched from us, by whom: things, actors, activities and collections as documents.

Who may not have a thing cannot tell it from one that never was: both are Unknown, after the same steps.
"""

from __future__ import annotations

import msgspec

from federation import collections
from federation.activities import announce, create, follow
from federation.addressing import featured_of, moderators_of
from federation.collections import PAGE
from federation.documents import OBJECT_CONTEXT, PUBLIC, Document, one_type
from federation.own_keys import OwnKeys
from federation.posts import actor_document, document_of
from federation.vocabulary import tombstone
from storage import circulation, finding
from storage.reading import Reading
from storage.records import Activity
from storage.store import Store
from vraagbaak import audience, graves, pins
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, ActorKind, Answer, Follow, Offer, Question, Thing, Tombstone

PATHS: dict[type[Thing], str] = {Question: "q", Answer: "a", Offer: "offers"}
FIRST = "first"
_OF_NOTHING = frozenset({"Accept", "Delete", "Follow", "Reject", "Undo"})


class Showing:
    """Shows. One per process."""

    def __init__(self, *, store: Store, keys: OwnKeys) -> None:
        self._store = store
        self._keys = keys

    async def actor(self, uri: str) -> Document:
        """One of our actors, or the tombstone of one that left. Raises Unknown."""
        found = await self._store.read(_actor, uri)
        if isinstance(found, Tombstone):
            return tombstone(uri, found.deleted_at, found.kind)
        keys = await self._keys.of(uri)
        return await self._store.read(actor_document, found, keys)

    async def thing(self, viewer: Viewer, kind: type[Thing], key: str) -> Document:
        """One of our things, or the tombstone of a public one. Raises Unknown."""
        return await self._store.read(_thing, viewer, kind, key)

    async def activity(self, viewer: Viewer, key: str) -> Document:
        """An activity as it was sent. Raises Unknown."""
        return await self._store.read(_activity, viewer, key)

    async def asked_follow(self, key: str) -> Document:
        """A Follow by one of ours. Raises Unknown."""
        return await self._store.read(_follow, key)

    async def replies(self, viewer: Viewer, kind: type[Thing], key: str, place: str) -> Document:
        """The direct replies to a question or answer of ours. Raises Unknown."""
        return await self._store.read(_replies, viewer, kind, key, place)

    async def context(self, viewer: Viewer, key: str, place: str) -> Document:
        """A question of ours and all that was said to it, oldest first (FEP-f228). Raises Unknown."""
        return await self._store.read(_context, viewer, key, place)

    async def helpful(self, viewer: Viewer, key: str) -> Document:
        """The answers that helped the asker of a question of ours. Raises Unknown."""
        return await self._store.read(_helpful, viewer, key)

    async def likes(self, viewer: Viewer, kind: type[Thing], key: str) -> Document:
        """Who likes a thing is nobody's business, nor how many. Raises Unknown when the thing is not to be seen."""
        thing = await self._store.read(_visible, viewer, kind, key)
        return collections.hidden(f"{thing.uri}/likes")

    async def followers(self, uri: str, name: str) -> Document:
        """`followers` or `following` of one of our actors: neither names nor numbers. Raises Unknown."""
        if isinstance(await self._store.read(_actor, uri), Tombstone):
            raise Unknown
        return collections.hidden(f"{uri}/{name}")

    async def followers_at(self, uri: str, host: str) -> Document:
        """The followers of one of our actors on the server that asks, and proved who it is (FEP-8fcf). Raises Unknown."""
        return await self._store.read(_followers_at, uri, host)

    async def featured(self, uri: str) -> Document:
        """What one of our actors puts first, of what everybody may see. Raises Unknown."""
        return await self._store.read(_featured, uri)

    async def moderators(self, uri: str) -> Document:
        """Who moderates one of our neighbourhoods: its server, never a person by name. Raises Unknown."""
        return await self._store.read(_moderators, uri)

    async def outbox(self, viewer: Viewer, uri: str, place: str) -> Document:
        """What one of our actors said, newest first; the neighbourhood announces its threads. Raises Unknown."""
        return await self._store.read(_outbox, viewer, uri, place)


def _actor(reading: Reading, uri: str) -> Actor | Tombstone:
    grave = graves.under(reading, uri)
    if grave:
        return grave
    actor = reading.one(Actor, uri=uri)
    if actor is None or not actor.local or actor.suspended:
        raise Unknown
    return actor


def _followers_at(reading: Reading, uri: str, host: str) -> Document:
    actor = _actor(reading, uri)
    if isinstance(actor, Tombstone):
        raise Unknown
    found = circulation.followers_by_host(reading, actor.id, host).get(host, [])
    return collections.short(f"{uri}/followers_synchronization", found)


def _visible(reading: Reading, viewer: Viewer, kind: type[Thing], key: str) -> Thing:
    """One of our things that this viewer may have. Raises Unknown."""
    thing = finding.found(reading, viewer, kind, key)
    if not thing.local or not audience.is_readable(thing):
        raise Unknown
    return thing


def _thing(reading: Reading, viewer: Viewer, kind: type[Thing], key: str) -> Document:
    grave = reading.one(Tombstone, uri=f"{reading.home.base_url}/{PATHS[kind]}/{key}", public=True)
    if grave:
        return tombstone(grave.uri, grave.deleted_at, grave.kind)
    doc = document_of(reading, _visible(reading, viewer, kind, key))
    if doc is None:
        raise Unknown
    return doc


def _activity(reading: Reading, viewer: Viewer, key: str) -> Document:
    kept = finding.activity(reading, viewer, f"{reading.home.base_url}/act/{key}")
    if kept is None:
        raise Unknown
    doc: Document = msgspec.json.decode(kept.body)
    if not audience.thing_at(reading, kept.thing_uri) and not _is_of_no_thing(reading, kept, doc):
        raise Unknown
    return doc


def _is_of_no_thing(reading: Reading, kept: Activity, doc: Document) -> bool:
    """Whether it says nothing of a question, answer or offer, or nothing but that it is gone."""
    actor = reading.one(Actor, uri=kept.thing_uri)
    return one_type(doc) in _OF_NOTHING or (actor is not None and actor.local)


def _follow(reading: Reading, key: str) -> Document:
    asked = reading.one(Follow, id=key)
    if asked is None:
        raise Unknown
    follower, target = reading.get(Actor, asked.follower_id), reading.get(Actor, asked.target_id)
    if not follower.local:
        raise Unknown
    return follow.build(asked.uri, follower.uri, target.uri)


def _replies(reading: Reading, viewer: Viewer, kind: type[Thing], key: str, place: str) -> Document:
    thing = _visible(reading, viewer, kind, key)
    question_id = thing.question_id if isinstance(thing, Answer) else thing.id
    assert question_id is not None
    found = circulation.replies(
        reading,
        viewer,
        question_id=question_id,
        parent_id=thing.id if isinstance(thing, Answer) else None,
        after=_after(place),
        limit=PAGE + 1,
    )
    return _collection(f"{thing.uri}/replies", place, found)


def _context(reading: Reading, viewer: Viewer, key: str, place: str) -> Document:
    thing = _visible(reading, viewer, Question, key)
    found = circulation.thread(reading, viewer, question_id=key, after=_after(place), limit=PAGE + 1)
    if not _after(place):
        found = [circulation.Entry(id="", uri=thing.uri), *found]
    return _collection(f"{thing.uri}/context", place, found)


def _collection(uri: str, place: str, found: list[circulation.Entry]) -> Document:
    page = collections.page(uri, _after(place), found, lambda entry: entry.uri, lambda entry: entry.id)
    return page if place else collections.paged(uri, page)


def _after(place: str) -> str:
    return "" if place == FIRST else place


def _helpful(reading: Reading, viewer: Viewer, key: str) -> Document:
    thing = _visible(reading, viewer, Question, key)
    return collections.short(f"{thing.uri}/helpful", circulation.helpful(reading, viewer, key))


def _featured(reading: Reading, uri: str) -> Document:
    actor = _actor(reading, uri)
    if isinstance(actor, Tombstone):
        raise Unknown
    found = pins.first_of(reading, actor.id)
    shown = [thing.uri for thing in found if audience.may_reach(reading, audience.PASSER_BY, thing)]
    return collections.short(featured_of(uri), shown)


def _moderators(reading: Reading, uri: str) -> Document:
    actor = _actor(reading, uri)
    if isinstance(actor, Tombstone):
        raise Unknown
    return collections.short(moderators_of(uri), [reading.home.application_uri])


def _outbox(reading: Reading, viewer: Viewer, uri: str, place: str) -> Document:
    actor = _actor(reading, uri)
    if isinstance(actor, Tombstone):
        raise Unknown
    found = _said(reading, viewer, actor, _after(place))
    whole = f"{uri}/outbox"
    page = collections.page(
        whole,
        _after(place),
        found,
        lambda thing: _outbox_item(reading, actor, thing),
        lambda thing: thing.id,
        list(OBJECT_CONTEXT),
    )
    return page if place else collections.paged(whole, page)


def _said(reading: Reading, viewer: Viewer, actor: Actor, before: str) -> list[Question | Answer]:
    """What an actor said, newest first, one more than fits on a page.

    What people asked without an account is not put together: the shared persona has said nothing.
    """
    if actor.shared or actor.kind is ActorKind.APPLICATION:
        return []
    author_id = "" if actor.kind is ActorKind.GROUP else actor.id
    limit = PAGE + 1
    asked = circulation.questions_here(reading, viewer, author_id=author_id, before=before, limit=limit)
    answered = circulation.answers_here(reading, viewer, author_id=author_id, before=before, limit=limit)
    found: list[Question | Answer] = [*asked, *answered]
    return sorted(found, key=lambda thing: thing.id, reverse=True)[:limit]


def _outbox_item(reading: Reading, actor: Actor, thing: Question | Answer) -> Document:
    """A Create, or the neighbourhood's Announce of one; of a post from elsewhere only its uri."""
    note = document_of(reading, thing)
    made: str | Document = create.build(f"{thing.uri}#create", note) if note else thing.uri
    if actor.kind is ActorKind.GROUP:
        public = note is None or PUBLIC in note["to"]
        # An id on the server of an answer from elsewhere would be no word of ours: nobody would take it.
        made = announce.build(f"{actor.uri}/outbox#{thing.id}", actor.uri, made, public=public)
    assert isinstance(made, dict)
    return {name: value for name, value in made.items() if name != "@context"}
