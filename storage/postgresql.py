"""PostgreSQL: a pool of connections and threads, the same units of work.

A unit sees one state of the database (REPEATABLE READ) and is run again when it lost a race; so a unit must do
nothing that cannot be undone, which holds for all units anyway.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from storage.changes import Unheard, packed, unpacked
from storage.errors import Closed
from storage.pending import Outcome, Pending, answer
from storage.signals import Signals

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger("vraagbaak.storage")

CHANNEL = "vraagbaak_jobs"
CHANGES = "vraagbaak_changes"
ATTEMPTS = 5
# serialization failure, deadlock, and keys that two units wanted at the same moment
RACES = {"40001", "40P01", "23505", "23503"}
LISTEN_SECONDS = 30.0
AGAIN_SECONDS = 5.0


def engine(url: str, threads: int, *, read_only: bool = False) -> Engine:
    """Connections to the database at `postgresql://...`, as many as there are threads."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="REPEATABLE READ",
        connect_args={"options": "-c default_transaction_read_only=on"} if read_only else {},
        pool_size=threads,
        max_overflow=2,
        hide_parameters=True,  # what people write must not reach the log in an error's text
    )


def lost_race(fault: BaseException | None) -> bool:
    """Whether the same unit may well succeed when it is run again."""
    while fault is not None:
        if isinstance(fault, DBAPIError):
            return getattr(fault.orig, "sqlstate", None) in RACES or fault.connection_invalidated
        if getattr(fault, "sqlstate", None) in RACES or _is_broken(fault):
            return True
        fault = fault.__cause__
    return False


def _is_broken(fault: BaseException) -> bool:
    """Whether the driver lost its connection: what it says itself, when it was not asked through SQLAlchemy."""
    import psycopg

    return isinstance(fault, psycopg.OperationalError) and fault.sqlstate is None


class Postgresql:
    """The database as a place where units of work can be run."""

    dialect = "postgresql"

    def __init__(self, url: str, signals: Signals, threads: int) -> None:
        self._engine = engine(url, threads)
        self._read_engine = engine(url, threads, read_only=True)
        self._writers = ThreadPoolExecutor(threads, "storage-writer")
        self._readers = ThreadPoolExecutor(threads, "storage-reader")
        self._signals = signals
        self._name = secrets.token_hex(8)
        self._listener = Listener(self._engine, signals, self._name)

    def write(self, pending: Pending) -> None:
        """Run a unit in one of the threads. Raises `Closed`."""
        _submit(self._writers, self._write, pending)

    def read(self, pending: Pending) -> None:
        """Read in one of the threads. Raises `Closed`."""
        _submit(self._readers, self._read, pending)

    def listen(self) -> None:
        """From now on, jobs added by other processes wake us too, and what they change is told here."""
        self._listener.start()

    watch = listen

    def close(self) -> None:
        """Finish what waits, then let go of all connections."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._listener.stop()
        self._engine.dispose()
        self._read_engine.dispose()

    def _write(self, pending: Pending) -> None:
        if pending.future.cancelled():
            pending.outcome = Outcome(None)
        else:
            for attempt in range(1, ATTEMPTS + 1):
                pending.fault = None
                if not self._may_run_again(pending):
                    break
                time.sleep(random.uniform(0, 0.004) * 2**attempt)  # noqa: S311 - no secret
            if pending.fault is None and pending.outcome is not None:
                if pending.outcome.queued:
                    self._signals.jobs.fire()
                if pending.outcome.changes:
                    self._signals.changes.fire(pending.outcome.changes)
        answer([pending])

    def _may_run_again(self, pending: Pending) -> bool:
        """Run a unit once; whether it lost a race and nothing of it can have been stored."""
        committing = False
        try:
            with self._engine.connect() as connection:
                connection.begin()  # or SQLAlchemy would not commit what went to the driver directly
                if pending.attempt(connection):
                    assert pending.outcome is not None
                    if pending.outcome.queued:
                        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                    for message in packed(self._name, pending.outcome.changes):
                        connection.exec_driver_sql("SELECT pg_notify(%s, %s)", (CHANGES, message))
                    committing = True
                    connection.commit()
        except BaseException as fault:  # noqa: BLE001 - the caller must hear of it
            pending.fault = pending.fault or fault
            if committing and isinstance(fault, DBAPIError) and fault.connection_invalidated:
                return False  # it may have been stored: running it again could store it twice
        return lost_race(pending.fault)

    def _read(self, pending: Pending) -> None:
        try:
            with self._read_engine.connect() as connection:
                pending.attempt(connection)
        except BaseException as fault:  # noqa: BLE001 - the caller must hear of it
            pending.fault = pending.fault or fault
        answer([pending])


def _submit(pool: ThreadPoolExecutor, fn: Callable[[Pending], None], pending: Pending) -> None:
    try:
        pool.submit(fn, pending)
    except RuntimeError:
        raise Closed("the store is closed") from None


class Listener:
    """A thread that waits for NOTIFY on a connection of its own."""

    def __init__(self, engine: Engine, signals: Signals, name: str) -> None:
        self._engine = engine
        self._signals = signals
        self._name = name
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to listen; once. As soon as it does, it fires for whatever came before."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="storage-listener", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Wake the thread by the very signal that it waits for, and see it go."""
        if self._thread is None:
            return
        self._stopping.set()
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
                connection.commit()
        except DBAPIError:
            log.debug("no database to say goodbye to")
        self._thread.join(5)

    def _work(self) -> None:
        import psycopg

        while not self._stopping.is_set():
            try:
                with self._engine.connect() as connection:
                    self._listen(connection)
            except (
                DBAPIError,
                psycopg.Error,
            ) as fault:  # the latter when the driver itself waits, past SQLAlchemy
                cause = fault.orig if isinstance(fault, DBAPIError) else fault
                log.warning("listening to the database failed, again in a moment: %s", type(cause).__name__)
                self._stopping.wait(AGAIN_SECONDS)

    def _listen(self, connection: Connection) -> None:
        driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        connection.detach()  # it is never given back: it stays deaf to the pool's resets
        driver.autocommit = True
        for channel in (CHANNEL, CHANGES):
            driver.execute(f"LISTEN {channel}")  # type: ignore[arg-type, unused-ignore]  # names of ours
        self._signals.jobs.fire()
        self._signals.changes.fire((Unheard(),))
        while not self._stopping.is_set():
            for told in driver.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                self._pass_on(told.channel, told.payload)

    def _pass_on(self, channel: str, message: str) -> None:
        if channel == CHANNEL:
            self._signals.jobs.fire()
        elif changes := unpacked(message, self._name):
            self._signals.changes.fire(changes)
