"""SQLite: one thread that writes, some that read, and none waits for another.

The writer commits in groups: all units that wait share one commit, each in a savepoint of its own, and nobody
hears before that commit. One commit per unit costs 119 us of CPU, in a group 9 us.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine

from storage.changes import Change, Unheard
from storage.errors import Closed
from storage.pending import Outcome, Pending, answer
from storage.signals import Signals

GROUP = 200
GROUP_SECONDS = 0.05  # no unit waits longer than this for others to share its commit
BUSY_MS = 10_000  # another process (the command line) may be writing
WATCH_SECONDS = 0.25  # how often it is asked whether another process wrote, once somebody wants to know


def engine(path: Path, *, read_only: bool = False) -> Engine:
    """Connections to the file. Transactions are begun by hand: Python's sqlite3 would begin them too late."""

    def connect() -> sqlite3.Connection:
        mode = "ro" if read_only else "rwc"
        driver = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_MS / 1000,
        )
        driver.execute("PRAGMA foreign_keys = ON")
        driver.execute("PRAGMA trusted_schema = OFF")
        if read_only:
            driver.execute("PRAGMA query_only = ON")
        else:
            driver.execute("PRAGMA journal_mode = WAL")
            driver.execute("PRAGMA synchronous = FULL")
            # What a savepoint may have to put back: in a file it costs a third of a question with all its terms.
            driver.execute("PRAGMA temp_store = MEMORY")
            driver.execute("PRAGMA secure_delete = ON")  # what somebody deletes is overwritten in the file
        return driver

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,  # what people write must not reach the log in an error's text
    )


def driver_of(connection: Connection) -> sqlite3.Connection:
    """The connection underneath: BEGIN and COMMIT through it cost 1 us instead of 10."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


class Writer:
    """The one thread that writes."""

    def __init__(self, engine: Engine, signals: Signals) -> None:
        self._connection = engine.connect()
        self._driver = driver_of(self._connection)
        self._signals = signals
        self._watching = False
        self._version = 0
        self._queue: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="storage-writer", daemon=True)
        self._thread.start()

    def submit(self, pending: Pending) -> None:
        """Put a unit in the line. Raises `Closed`."""
        if threading.current_thread() is self._thread and pending.loop is None:
            raise RuntimeError("a unit of work cannot wait for another one inside itself")
        with self._lock:
            if self._closed:
                raise Closed("the store is closed")
            self._queue.put(pending)

    def close(self) -> None:
        """Finish what is in the line, then stop."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._driver.execute("PRAGMA optimize")
        self._connection.close()

    def watch(self) -> None:
        """From now on, tell of what other processes wrote, although not what that was."""
        self.submit(Pending.for_thread(self._start_watching))

    def _start_watching(self, _: Connection) -> Outcome:
        self._watching = True
        return Outcome(None)

    def _work(self) -> None:
        while True:
            try:
                pending = self._queue.get(timeout=WATCH_SECONDS if self._watching else None)
            except queue.Empty:
                self._look()
                continue
            if pending is None or not self._group(pending):
                return
            if self._watching:
                self._look()

    def _look(self) -> None:
        """Whether another process wrote: what this connection commits does not count (PRAGMA data_version)."""
        version = self._driver.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._signals.changes.fire((Unheard(),))

    def _group(self, pending: Pending) -> bool:
        """One commit, beginning with this unit. False when the end of the line was met."""
        batch: list[Pending] = []
        more: Pending | None = pending
        go_on = True
        try:
            self._driver.execute("BEGIN IMMEDIATE")
            until = time.monotonic() + GROUP_SECONDS
            while more is not None:
                batch.append(more)
                self._unit(more)
                more = None
                if len(batch) < GROUP and time.monotonic() < until and not self._queue.empty():
                    more = self._queue.get_nowait()
                    go_on = more is not None
            self._driver.execute("COMMIT")
        except BaseException as fault:  # noqa: BLE001 - every caller of this group must hear of it
            self._fail(batch or [pending], fault)
        if any(each.outcome and each.outcome.queued for each in batch):
            self._signals.jobs.fire()
        changes: list[Change] = [change for each in batch if each.outcome for change in each.outcome.changes]
        if changes:
            self._signals.changes.fire(changes)
        answer(batch or [pending])
        return go_on

    def _unit(self, pending: Pending) -> None:
        if pending.future.cancelled():
            pending.outcome = Outcome(None)
            return
        self._driver.execute("SAVEPOINT unit")
        if not pending.attempt(self._connection):
            if not self._driver.in_transaction:  # a full disk, for one, ends the whole transaction
                assert pending.fault is not None
                raise pending.fault
            self._driver.execute("ROLLBACK TO unit")
        self._driver.execute("RELEASE unit")

    def _fail(self, batch: list[Pending], fault: BaseException) -> None:
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")
        for pending in batch:
            pending.outcome = None
            pending.fault = pending.fault or fault


class Readers:
    """Threads with a connection each that cannot write."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._own = threading.local()
        self._connections: list[Connection] = []
        self._pool = ThreadPoolExecutor(threads, "storage-reader")

    def submit(self, pending: Pending) -> None:
        """Read in one of the threads. Raises `Closed`."""
        try:
            self._pool.submit(self._read, pending)
        except RuntimeError:
            raise Closed("the store is closed") from None

    def close(self) -> None:
        """Finish what is being read, then stop."""
        self._pool.shutdown(wait=True)
        while self._connections:
            self._connections.pop().close()

    def _connection(self) -> Connection:
        connection: Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._engine.connect()
            self._connections.append(connection)
        return connection

    def _read(self, pending: Pending) -> None:
        try:
            connection = self._connection()
            driver = driver_of(connection)
            driver.execute("BEGIN")  # one state of the database for the whole reading
            try:
                pending.attempt(connection)
            finally:
                driver.execute("ROLLBACK")
        except BaseException as fault:  # noqa: BLE001 - the caller must hear of it
            pending.fault = pending.fault or fault
        answer([pending])


class Sqlite:
    """The file as a place where units of work can be run."""

    dialect = "sqlite"

    def __init__(self, path: Path, signals: Signals, reader_threads: int) -> None:
        self._engine = engine(path)
        self._read_engine = engine(path, read_only=True)
        self._writer = Writer(self._engine, signals)
        self._readers = Readers(self._read_engine, reader_threads)
        self.write = self._writer.submit
        self.read = self._readers.submit
        self.watch = self._writer.watch

    def listen(self) -> None:
        """Nothing: no other process wakes us; the command line's jobs are found at the next due time."""

    def close(self) -> None:
        """Finish what waits, then let go of the file."""
        self._readers.close()
        self._writer.close()
        self._engine.dispose()
        self._read_engine.dispose()
