"""Makes threads whole: replies that never came here are looked up at the servers of those who spoke in the thread.

Not everybody who replies mentions the neighbourhood, so servers are asked for their `replies` and `context`, within
limits: 50 requests at a time, 500 posts a thread, a quarter of an hour between two times (threats D12 to D15).
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from federation import threads
from federation.directory import Directory
from federation.documents import Document, host_of, id_of, same_origin
from federation.fetching import Budget, FetchFault, Spent
from federation.newcomers import Strangers
from federation.paging import items_of
from federation.understanding import Delivered, NotForUs, Sources, arrivals_of, is_ours, take_in
from federation.vocabulary import read_note
from storage import circulation
from storage.reading import Reading
from storage.store import Store
from storage.tx import SqlTx
from storage.work import Done, Job, Unit, Verdict
from vraagbaak import audience, questions
from vraagbaak.arrivals import Arrival
from vraagbaak.errors import Refused
from vraagbaak.model import Question, Tombstone
from vraagbaak.ports import Clock

ABOVE = 20
"""How many requests at a time what is missing above one reply may cost: there are others in the thread."""


@dataclass(slots=True)
class _Walk:
    """One walk through a thread."""

    budget: Budget
    todo: deque[str]
    """Collections that are still to be read."""
    seen: set[str] = field(default_factory=set)
    found: int = 0


class Gathering:
    """Gathers. One per process."""

    def __init__(self, *, store: Store, directory: Directory, clock: Clock) -> None:
        self._store = store
        self._directory = directory
        self._home = store.home
        self._strangers = Strangers(clock.now)
        self._sources = Sources(
            store=store, directory=directory, home=store.home, clock=clock, examine=_nothing_inside
        )

    async def gather(self, job: Job) -> Unit | Verdict:
        """The handler of `gather` jobs: what others said in a thread and did not send us."""
        places = await self._store.read(_places_of, job.payload)
        if not places:
            return Done()
        walk = _Walk(budget=Budget(), todo=deque(places))
        try:
            while walk.todo:
                await self._collection(walk, walk.todo.popleft())
        except Spent:
            pass  # the rest the next time
        return Unit.of(_gathered, job.payload, walk.found)

    async def _collection(self, walk: _Walk, uri: str) -> None:
        if uri in walk.seen:
            return
        walk.seen.add(uri)
        try:
            items = await items_of(self._directory.fetcher, uri, budget=walk.budget)
        except Spent:
            raise
        except FetchFault:
            return
        found: list[list[Arrival]] = []
        try:
            # Those on the collection's own server first: the others cost strangers something.
            for item in sorted(items, key=lambda item: not same_origin(id_of(item), uri)):
                found += [arrivals] if (arrivals := await self._item(walk, item, uri)) else []
        finally:
            walk.found += len(found)
            await self._store.run(_take, found)  # now, for those below them look for them here

    async def _item(self, walk: _Walk, item: Any, collection: str) -> list[Arrival]:
        """What one entry of a collection brings; nothing when it is here already, or not for us. Raises Spent."""
        uri = id_of(item)
        if uri is None or uri in walk.seen or is_ours(self._home, uri) or walk.found >= threads.POSTS:
            return []
        walk.seen.add(uri)
        if await self._store.read(_is_known, uri):
            return []
        if not same_origin(uri, collection):
            host = host_of(uri) or ""
            if not self._strangers.may_ask(host):
                return []
        try:
            post = item if _is_whole(item, collection) else await self._sources.document(uri, walk.budget)
            found = await self._examined(post, walk.budget.part(ABOVE))
        except Spent:
            if walk.budget.left <= 0:
                raise
            return []
        except (NotForUs, FetchFault):
            return []
        if below := getattr(found[-1], "replies_uri", ""):
            walk.todo.append(below)
        return found

    async def _examined(self, post: Document, budget: Budget) -> list[Arrival]:
        """The post as it would be taken in if its author had sent it. Raises NotForUs or FetchFault."""
        reading = read_note(post, self._sources.clock.now())
        if reading is None or reading.kind != "answer":
            raise NotForUs("not-a-reply")
        author = await self._directory.actor(reading.author_uri, budget)
        delivered = Delivered(doc={}, uri=reading.uri, actor=author, budget=budget)
        return await arrivals_of(post, delivered, self._sources)


async def _nothing_inside(_delivered: Delivered) -> Unit:
    raise NotForUs("not-an-activity")


def _is_whole(item: Any, collection: str) -> TypeGuard[Document]:
    """Whether an embedded post can be believed as it stands: it is on the server that shows it."""
    return isinstance(item, dict) and "content" in item and same_origin(id_of(item), collection)


def _is_known(reading: Reading, uri: str) -> bool:
    return audience.thing_at(reading, uri) is not None or bool(reading.find(Tombstone, uri=uri))


def _places_of(reading: Reading, question_id: str) -> list[str]:
    question = reading.one(Question, id=question_id)
    return threads.places(reading, question) if question else []


def _take(tx: SqlTx, found: list[list[Arrival]]) -> None:
    """What was found, each as far as it may come in."""
    for arrivals in found:
        with contextlib.suppress(Refused):
            take_in(tx, arrivals)


def _gathered(tx: SqlTx, question_id: str, news: int) -> None:
    """When to look again: often as long as people speak, then less, then no more."""
    question = questions.gathered(tx, question_id)
    rest = tx.now - (circulation.last_post(tx, question_id) or question.published_at)
    if news or rest < threads.LIVELY:
        threads.plan(tx, question, threads.COOL_DOWN)
    elif rest < threads.ASLEEP:
        threads.plan(tx, question, threads.QUIET)
