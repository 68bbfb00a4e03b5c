"""One unit of work on a database connection: the domain's port, and the queue of jobs.

It never commits: whoever made the connection does, or nothing happened. SQL for single things only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text

from storage import indexing, statements
from storage.changes import Watch
from storage.clock import MOMENT, ulid_after
from storage.errors import Dangling
from storage.mapping import mapper, milliseconds
from storage.reading import Reading
from storage.statements import Prepared
from storage.work import Work, caused
from vraagbaak import errors
from vraagbaak.events import Event
from vraagbaak.model import Home
from vraagbaak.ports import Ids
from vraagbaak.thesaurus import Thesaurus

Reactions = Mapping[type[Event], tuple[str, ...]]
"""Which kinds of job each event causes."""

_FOREIGN_KEY = {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}
_UNIQUE = {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "23505"}
_BRING_FORWARD = text(
    "UPDATE jobs SET run_at = :now WHERE host = :host AND state = 'waiting' AND lease_until IS NULL"
    " AND run_at > :now AND (attempts > 0 OR sequence IS NOT NULL)"
).bindparams(bindparam("now"), bindparam("host"))


def exists() -> errors.Invalid:
    """The refusal of a second thing with the same id, uri or other unique key."""
    return errors.Invalid(field="id", text="This exists already.", code="exists")


class SqlTx(Reading):
    """All of what is done through this happens, or none of it. Reads see what this unit wrote."""

    def __init__(
        self,
        connection: Connection,
        *,
        home: Home,
        now: datetime,
        ids: Ids,
        reactions: Reactions,
        known: Thesaurus | None = None,
    ) -> None:
        super().__init__(connection, home, now, known)
        self._ids = ids
        self._reactions = reactions
        self._made = ""
        self.queued = False
        """Whether this unit put work in the queue, so that a worker must be woken after it."""
        self.watch = Watch()

    @property
    def connection(self) -> Connection:
        """For the queue and the upkeep, inside this room only."""
        return self._connection

    def new_id(self, at: datetime | None = None) -> str:
        """A fresh id for `at`, or for now: within a unit, things of one moment sort as they were made."""
        made = self._ids.new(at or self._now)
        if made[:MOMENT] == self._made[:MOMENT] and made <= self._made:
            made = ulid_after(self._made)
        self._made = made
        return made

    def add(self, thing: object) -> None:
        """Remember a new thing.

        Raises `errors.Invalid` ("exists") when a unique key is taken; the unit can go on after that. Raises
        `Dangling` when it points at a thing that is not there; the unit is lost then.
        """
        kind: type[Any] = type(thing)
        row = mapper(kind).row(thing)
        self.watch.adding(self, thing)
        added = self.change(statements.insertion(kind, self.dialect), row)
        if added != 1:
            raise exists()
        if indexing.indexed(thing):
            self.change_many(indexing.insertion(kind, self.dialect), indexing.rows(thing, self.thesaurus))

    def add_all(self, things: Sequence[object]) -> None:
        """Remember new things of one kind. Raises as `add` does; the unit cannot go on then."""
        if not things:
            return
        kind: type[Any] = type(things[0])
        rows = [mapper(kind).row(thing) for thing in things]
        for thing in things:
            self.watch.adding(self, thing)
        if self.change_many(statements.insertion(kind, self.dialect), rows) != len(rows):
            raise exists()
        for thing in things:
            if indexing.indexed(thing):
                self.index(thing)

    def save(self, thing: object) -> None:
        """Remember a changed thing, found by its id. Raises `errors.Unknown` when it is not there."""
        kind: type[Any] = type(thing)
        row = mapper(kind).row(thing)
        row["id_"] = row.pop("id")
        self.watch.saving(self, thing)
        before = self.one(kind, id=row["id_"]) if indexing.indexed(thing) else None
        saved = self.change(statements.change(kind, self.dialect), row)
        if saved != 1:
            raise errors.Unknown
        if before is not None and indexing.differs(before, thing):
            self.index(thing)

    def remove(self, thing: object) -> None:
        """Forget a thing, found by its id, and what hangs on it; nothing happens when it is not there."""
        kind: type[Any] = type(thing)
        self.watch.removing(self, thing)
        self._run(statements.removal(kind, self.dialect), {"id_": thing.id})  # type: ignore[attr-defined]  # all have an id

    def remove_all(self, things: Sequence[object]) -> None:
        """Forget things of one kind, and what hangs on them."""
        for thing in things:
            self.watch.removing(self, thing)
        if things:
            kind: type[Any] = type(things[0])
            rows = [{"id_": thing.id} for thing in things]  # type: ignore[attr-defined]  # all have an id
            self.change_many(statements.removal(kind, self.dialect), rows)

    def change(self, statement: Prepared, row: Mapping[str, Any]) -> int:
        """How many rows a prepared statement wrote; inside this room only.

        Raises `errors.Invalid` or `Dangling` for what the references forbid.
        """
        try:
            written: int = self._run(statement, row).rowcount
        except Exception as fault:
            raise _translated(fault) from fault
        return written

    def index(self, thing: Any) -> None:
        """Let a question, answer or offer be found by the words that it has now, and no others; inside this room only."""
        kind = type(thing)
        self.change(indexing.removal(kind, self.dialect), {"thing_id_": thing.id})
        self.change_many(indexing.insertion(kind, self.dialect), indexing.rows(thing, self.thesaurus))

    def change_many(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> int:
        """How many rows a prepared statement wrote that was given each of these; inside this room only.

        Raises as `change` does.
        """
        if not rows:
            return 0
        cursor = self._driver.cursor()
        try:
            cursor.executemany(statement.sql, [statement.parameters(row) for row in rows])
        except Exception as fault:
            raise _translated(fault) from fault
        written: int = cursor.rowcount
        return written

    def record(self, event: Event, not_before: datetime | None = None) -> None:
        """Say what happened: one job for each kind that the reactions name for it, due at once or not before."""
        for kind in self._reactions.get(type(event), ()):
            self.enqueue(caused(kind, event, not_before))

    def enqueue(self, work: Work) -> None:
        """Put work in the queue. With a key that waits already, nothing is added."""
        now = milliseconds(self._now)
        row = {
            "kind": work.kind,
            "payload": work.payload,
            "host": work.host or None,
            "sequence": work.sequence,
            "behind": work.behind,
            "key": work.key,
            "run_at": milliseconds(work.run_at) if work.run_at else now,
            "made_at": now,
        }
        if work.behind is None:
            del row["behind"]
        self._run(statements.job(self.dialect, work.sequence is not None, work.behind is not None), row)
        self.queued = True

    def bring_forward(self, host: str) -> None:
        """Let everything that waits to be tried again at this host be tried now."""
        self._connection.execute(_BRING_FORWARD, {"host": host, "now": milliseconds(self._now)})
        self.queued = True


def _translated(fault: Exception) -> Exception:
    """The driver's word for it in ours. PostgreSQL takes nothing more in this unit after either."""
    code = getattr(fault, "sqlite_errorname", None) or getattr(fault, "sqlstate", None)
    if code in _UNIQUE:
        return exists()
    return Dangling("points at a thing that is not there") if code in _FOREIGN_KEY else fault
