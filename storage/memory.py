"""The dict twin of the database: the same port, keys, references and refusals, for tests and demonstrations.

It keeps rows made by the same mapping and enforces what tables.py declares. It does not do the jobs that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from storage.clock import ulid
from storage.errors import Dangling
from storage.mapping import Row, mapper
from storage.tables import indexed, tables, unique_keys
from storage.tx import Reactions, exists
from storage.work import Work, caused
from vraagbaak.errors import Unknown
from vraagbaak.events import Event
from vraagbaak.model import Home
from vraagbaak.ports import Clock, Ids

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NAMES = {table.name: kind for kind, table in tables.items()}


class TickingClock:
    """A clock that moves only when told to, or by `step` at each look."""

    def __init__(self, start: datetime = START, step: timedelta = timedelta(0)) -> None:
        self.moment = start
        self.step = step

    def now(self) -> datetime:
        """The present moment."""
        now = self.moment
        self.moment += self.step
        return now

    def tick(self, **spans: float) -> datetime:
        """Move on by a `timedelta(**spans)`; back the new moment."""
        self.moment += timedelta(**spans)
        return self.moment


class CountingIds:
    """Ids that are the same in every run and sort by moment, then by order of asking."""

    def __init__(self) -> None:
        self.made = 0

    def new(self, at: datetime) -> str:
        """A fresh id for `at`."""
        self.made += 1
        return ulid(at, self.made)


class MemoryStore:
    """Runs units of work on dicts, one at a time; one that fails leaves nothing behind."""

    def __init__(
        self,
        home: Home,
        *,
        clock: Clock | None = None,
        ids: Ids | None = None,
        reactions: Reactions | None = None,
    ) -> None:
        self.home = home
        self.clock = clock or TickingClock()
        self.ids = ids or CountingIds()
        self.reactions = reactions or {}
        self.rows: dict[type[Any], dict[str, Row]] = {kind: {} for kind in tables}
        self.events: list[Event] = []
        self.jobs: list[Work] = []

    def run_now(self, fn: Callable[Concatenate[MemoryTx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(tx, ...)` as one unit of work. What it raises comes out, and nothing of it stays."""
        tx = MemoryTx(self)
        try:
            return fn(tx, *args, **kwargs)
        except BaseException:
            tx.undo()
            raise

    async def run(self, fn: Callable[Concatenate[MemoryTx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`run_now`, for who awaits."""
        return self.run_now(fn, *args, **kwargs)

    read_now = run_now
    read = run

    def close(self) -> None:
        """Nothing to close."""


class MemoryTx:
    """One unit of work on the dicts of a MemoryStore."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._now = store.clock.now()
        self._before: list[tuple[type[Any], str, Row | None]] = []
        self._events = len(store.events)
        self._jobs = list(store.jobs)

    @property
    def home(self) -> Home:
        """Which server and neighbourhood this is."""
        return self._store.home

    @property
    def now(self) -> datetime:
        """The moment of this unit of work; the same for its whole length."""
        return self._now

    def new_id(self, at: datetime | None = None) -> str:
        """A fresh id for `at`, or for now."""
        return self._store.ids.new(at or self._now)

    def get(self, kind: type[T], key: str) -> T:
        """The thing with this id. Raises `errors.Unknown`."""
        found = self.one(kind, id=key)
        if found is None:
            raise Unknown
        return found

    def one(self, kind: type[T], **equals: object) -> T | None:
        """The first thing, by id, whose fields equal these, or None. Raises `LookupError` without an index."""
        return next(iter(self.find(kind, **equals)), None)

    def find(self, kind: type[T], **equals: object) -> list[T]:
        """All things whose fields equal these, by id. Raises `LookupError` without an index."""
        shape = mapper(kind)
        wanted = shape.conditions(equals)
        if equals and not indexed(kind, equals):
            raise LookupError(f"no index to find {kind.__name__} by {', '.join(sorted(equals))}")
        if wanted is None:
            return []
        return [shape.thing(list(row.values())) for row in self._matching(kind, wanted)]

    def several(self, kind: type[T], keys: Iterable[str]) -> list[T]:
        """Those of the things with these ids that are there, by id."""
        return [found for key in sorted(set(keys)) if (found := self.one(kind, id=key))]

    def add(self, thing: object) -> None:
        """Remember a new thing. Raises `errors.Invalid` ("exists") or `Dangling`."""
        row = mapper(type(thing)).row(thing)
        self._check(type(thing), row, None)
        self._put(type(thing), str(row["id"]), row)

    def add_all(self, things: Sequence[object]) -> None:
        """Remember new things of one kind. Raises as `add` does; the unit cannot go on then."""
        for thing in things:
            self.add(thing)

    def save(self, thing: object) -> None:
        """Remember a changed thing, found by its id. Raises `errors.Unknown` when it is not there."""
        row = mapper(type(thing)).row(thing)
        key = str(row["id"])
        if key not in self._store.rows[type(thing)]:
            raise Unknown
        self._check(type(thing), row, key)
        self._put(type(thing), key, row)

    def remove(self, thing: object) -> None:
        """Forget a thing, found by its id, and what hangs on it; nothing happens when it is not there."""
        key: str = thing.id  # type: ignore[attr-defined]
        if key in self._store.rows[type(thing)]:
            self._put(type(thing), key, None)
            self._let_go(tables[type(thing)].name, key)

    def remove_all(self, things: Sequence[object]) -> None:
        """Forget things of one kind, and what hangs on them."""
        for thing in things:
            self.remove(thing)

    def record(self, event: Event, not_before: datetime | None = None) -> None:
        """Say what happened: one job for each kind that the reactions name for it, due at once or not before."""
        self._store.events.append(event)
        for kind in self._store.reactions.get(type(event), ()):
            self.enqueue(caused(kind, event, not_before))

    def enqueue(self, work: Work) -> None:
        """Put work in the queue. With a key that waits already, nothing is added."""
        if work.key is None or all(job.key != work.key for job in self._store.jobs):
            self._store.jobs.append(work)

    def bring_forward(self, host: str) -> None:
        """Nothing: work is not tried here, so none waits to be tried again."""

    def undo(self) -> None:
        """Leave everything as it was before this unit."""
        for kind, key, row in reversed(self._before):
            self._set(kind, key, row)
        self._before.clear()
        del self._store.events[self._events :]
        self._store.jobs[:] = self._jobs

    def _matching(self, kind: type[Any], wanted: Mapping[str, object]) -> list[Row]:
        rows = self._store.rows[kind]
        if isinstance(key := wanted.get("id"), str):
            rows = {key: rows[key]} if key in rows else {}
        found = [row for row in rows.values() if all(row[name] == value for name, value in wanted.items())]
        return sorted(found, key=lambda row: str(row["id"]).encode())

    def _check(self, kind: type[Any], row: Row, key: str | None) -> None:
        for names in unique_keys(kind):
            wanted = {name: row[name] for name in names}
            if None in wanted.values():  # as in SQL: nothing is the same as nothing
                continue
            if any(found["id"] != key for found in self._matching(kind, wanted)):
                raise exists()
        for reference in tables[kind].foreign_keys:
            target = NAMES[reference.column.table.name]
            given = row[reference.parent.name]
            own = target is kind and given == row["id"]
            if given is not None and not own and given not in self._store.rows[target]:
                raise Dangling("points at a thing that is not there")

    def _let_go(self, table: str, key: str) -> None:
        """What the references say of rows that pointed at one that is gone."""
        for kind, declared in tables.items():
            for reference in declared.foreign_keys:
                if reference.column.table.name != table:
                    continue
                for row in self._matching(kind, {reference.parent.name: key}):
                    if reference.ondelete == "CASCADE":
                        self._put(kind, str(row["id"]), None)
                        self._let_go(declared.name, str(row["id"]))
                    else:
                        self._put(kind, str(row["id"]), {**row, reference.parent.name: None})

    def _put(self, kind: type[Any], key: str, row: Row | None) -> None:
        self._before.append((kind, key, self._store.rows[kind].get(key)))
        self._set(kind, key, row)

    def _set(self, kind: type[Any], key: str, row: Row | None) -> None:
        if row is None:
            self._store.rows[kind].pop(key, None)
        else:
            self._store.rows[kind][key] = row
