"""What keeps a database healthy: forgetting in time, copies while it runs, and a check of its insides.

Nothing here decides how long something is kept for people's sake; that stands in the domain and in the settings.
"""

from __future__ import annotations

import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from storage.errors import StorageFault
from storage.mapping import milliseconds
from storage.tx import SqlTx

DATABASE = "vraagbaak.db"
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


def backup_all(folder: Path, database: Path, target: Path) -> int:
    """Everything in the data folder as one zip, the database as one sound copy; its size in bytes.

    Written beside the target first, so that a broken backup never stands under its name. Raises `StorageFault` if
    `target` exists.
    """
    if target.exists():
        raise StorageFault(f"{target} exists already. Choose another name.")
    draft = target.with_name(f".{target.name}.part")
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as workplace:
        copy = Path(workplace) / DATABASE
        backup(database, copy)
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            archive.write(copy, DATABASE)
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                if path.is_file() and not name.startswith(DATABASE) and path.absolute() != draft.absolute():
                    archive.write(path, name)
    draft.chmod(0o600)
    draft.replace(target)
    return target.stat().st_size


def restore_all(source: Path, folder: Path) -> None:
    """What `backup_all` wrote, back in an empty folder, for its owner only. Raises `StorageFault`."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = archive.namelist()
            if DATABASE not in names:
                raise StorageFault(f"{source} is not a backup of a Vraagbaak.")
            for name in names:
                target = (folder / name).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise StorageFault(f"{source} holds a file that leads out of the folder.")
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                target.write_bytes(archive.read(name))
                target.chmod(0o600)
    except zipfile.BadZipFile:
        raise StorageFault(f"{source} is not a backup, or it is damaged.") from None
    broken = faults(folder / DATABASE)
    if broken:
        raise StorageFault(f"The database in {source} is damaged: {broken[0]}.")


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
