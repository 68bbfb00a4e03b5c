"""The one way in: `await store.run(fn, *args)` is one thread hop, one unit of work, one transaction.

A unit that raises leaves nothing behind and harms no other; its result comes only after the commit.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage import schema, sqlite
from storage.clock import SystemClock, UlidIds
from storage.errors import Unavailable
from storage.pending import Outcome, Pending
from storage.policy import RetryPolicy
from storage.reading import Reading
from storage.signals import Signals
from storage.tx import Reactions, SqlTx
from vraagbaak.model import Home
from vraagbaak.ports import Clock, Ids
from vraagbaak.thesaurus import Thesaurus

R = TypeVar("R")
P = ParamSpec("P")


class Database(Protocol):
    """Where units of work can be run: sqlite.py or postgresql.py."""

    dialect: str

    def write(self, pending: Pending) -> None: ...
    def read(self, pending: Pending) -> None: ...
    def listen(self) -> None: ...
    def watch(self) -> None: ...
    def close(self) -> None: ...


class Store:
    """A database, opened. Make it with `Store.open`; close it, or use it as a context manager."""

    def __init__(
        self,
        *,
        home: Home,
        clock: Clock,
        ids: Ids,
        reactions: Reactions,
        policy: RetryPolicy,
        file: Path | None,
        known: Thesaurus | None,
        open_database: Callable[[Signals], Database],
    ) -> None:
        self.home = home
        self.clock = clock
        self.ids = ids
        self.reactions = reactions
        self.policy = policy
        self.known = known
        """Which words mean the same; None for the thesaurus that comes with the program."""
        self.file = file
        """The SQLite file, or None on PostgreSQL."""
        self.signals = Signals(self._listen, self._watch)
        self._database = open_database(self.signals)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        home: Home,
        clock: Clock | None = None,
        ids: Ids | None = None,
        reactions: Reactions | None = None,
        lab_clock: int = 1,
        reader_threads: int = 4,
        folder: Path | None = None,
        known: Thesaurus | None = None,
    ) -> Store:
        """The database at `url`, created or migrated when needed.

        `url` is `postgresql://...`, `sqlite:///FILE`, or empty for `vraagbaak.db` in `folder` (default: here).
        Raises `SchemaTooNew`, `Unavailable`, or `ValueError` for a url of something else.
        """
        file: Path | None = None
        if url.startswith("postgresql"):
            from storage import postgresql

            with _speaking_plainly():
                _prepare_postgresql(url)

            def open_database(signals: Signals) -> Database:
                return postgresql.Postgresql(url, signals, reader_threads)
        else:
            path = file = sqlite_file(url, folder)
            with _speaking_plainly():
                _prepare_sqlite(path)

            def open_database(signals: Signals) -> Database:
                return sqlite.Sqlite(path, signals, reader_threads)

        return cls(
            home=home,
            clock=clock or SystemClock(),
            ids=ids or UlidIds(),
            reactions=reactions or {},
            policy=RetryPolicy(lab_clock),
            file=file,
            known=known,
            open_database=open_database,
        )

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._database.dialect

    async def run(self, fn: Callable[Concatenate[SqlTx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(tx, ...)` as one unit of work; what it returns. What it raises comes out, and nothing stays.

        A caller that is cancelled while it waits does not know whether the unit was done.
        """
        pending = Pending.for_task(self._unit(fn, args, kwargs))
        self._database.write(pending)
        result: R = await pending.future  # type: ignore[misc]
        return result

    def run_now(self, fn: Callable[Concatenate[SqlTx, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`run`, for the command line and tests: blocks."""
        pending = Pending.for_thread(self._unit(fn, args, kwargs))
        self._database.write(pending)
        result: R = pending.future.result()
        return result

    async def read(self, fn: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(reading, ...)` on a connection that cannot write; sees all that was committed before."""
        pending = Pending.for_task(self._reading(fn, args, kwargs))
        self._database.read(pending)
        result: R = await pending.future  # type: ignore[misc]
        return result

    def read_now(self, fn: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`read`, for the command line and tests: blocks."""
        pending = Pending.for_thread(self._reading(fn, args, kwargs))
        self._database.read(pending)
        result: R = pending.future.result()
        return result

    def close(self) -> None:
        """Finish what waits, then let go of the database. A second time does nothing."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _listen(self) -> None:
        self._database.listen()

    def _watch(self) -> None:
        self._database.watch()

    def _unit(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[Connection], Outcome]:
        def work(connection: Connection) -> Outcome:
            now, ids = self.clock.now(), self.ids
            tx = SqlTx(
                connection, home=self.home, now=now, ids=ids, reactions=self.reactions, known=self.known
            )
            return Outcome(fn(tx, *args, **kwargs), tx.queued, tx.watch.changes)

        return work

    def _reading(
        self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[[Connection], Outcome]:
        def work(connection: Connection) -> Outcome:
            return Outcome(fn(Reading(connection, self.home, self.clock.now(), self.known), *args, **kwargs))

        return work


def sqlite_file(url: str, folder: Path | None) -> Path:
    """The file that a setting means. Raises `ValueError` for anything but SQLite."""
    if not url:
        return (folder or Path()) / "vraagbaak.db"
    if not url.startswith("sqlite:///"):
        raise ValueError(f"not a database this program knows: {url.partition(':')[0]}")
    return Path(url.removeprefix("sqlite:///"))


@contextlib.contextmanager
def _speaking_plainly() -> Iterator[None]:
    """What a driver says about a database that cannot be used, as one sentence of ours."""
    try:
        yield
    except DBAPIError as fault:
        lines = str(fault.orig).strip().splitlines() or ["it does not say why"]
        raise Unavailable(f"The database cannot be used: {lines[0].rstrip('.')}.") from fault


def _prepare_sqlite(file: Path) -> None:
    if not file.exists():  # nobody else on the machine may read it; SQLite gives its side files the same mode
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    engine = sqlite.engine(file)
    try:
        with engine.connect() as connection:
            driver = sqlite.driver_of(connection)
            driver.execute("PRAGMA foreign_keys = OFF")  # a migration may rebuild a table
            driver.execute("BEGIN IMMEDIATE")
            try:
                schema.prepare(connection, file)
            except BaseException:
                driver.execute("ROLLBACK")
                raise
            driver.execute("COMMIT")
    finally:
        engine.dispose()


def _prepare_postgresql(url: str) -> None:
    from storage import postgresql

    engine = postgresql.engine(url, 1)
    try:
        with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection:
            # of two processes that start at the same moment, one waits
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({schema.LOCK})")
            schema.prepare(connection)
            connection.commit()
    finally:
        engine.dispose()
