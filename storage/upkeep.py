"""What keeps a database healthy: forgetting in time, copies while it runs, and a check of its insides.

Nothing here decides how long something is kept for people's sake; that stands in the domain and in the settings.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from storage.errors import StorageFault
from storage.mapping import milliseconds
from storage.tx import SqlTx

SEEN_KEPT = timedelta(days=30)

_FORGET_SEEN = text("DELETE FROM seen WHERE seen_at < :before")
_FORGET_SESSIONS = text("DELETE FROM sessions WHERE expires_at < :before")
_FORGET_INVITES = text("DELETE FROM invites WHERE expires_at < :before")


def prune(tx: SqlTx) -> int:
    """Forget what has had its time: seen activities, sessions, invites. How many rows that were."""
    now = milliseconds(tx.now)
    seen = tx.execute(_FORGET_SEEN, {"before": milliseconds(tx.now - SEEN_KEPT)}).rowcount
    sessions = tx.execute(_FORGET_SESSIONS, {"before": now}).rowcount
    return seen + sessions + tx.execute(_FORGET_INVITES, {"before": now}).rowcount


def backup(file: Path, target: Path) -> None:
    """A whole copy of a SQLite database, while it is being used. Raises `StorageFault` if `target` exists."""
    if target.exists():
        raise StorageFault(f"{target} exists already.")
    with closing(_opened(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)


def faults(file: Path) -> list[str]:
    """What is wrong inside a SQLite database: broken pages, and things that point at nothing. Empty is well."""
    with closing(_opened(file)) as connection:
        try:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
            dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as fault:
            return [str(fault)]
    return [line for line in found if line != "ok"] + [
        f"{row[0]} points at a missing {row[2]}" for row in dangling
    ]


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)
