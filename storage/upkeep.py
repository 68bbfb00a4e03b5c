"""What keeps a database healthy: forgetting in time, copies while it runs, and a check of its insides.

Nothing here decides how long something is kept for people's sake; that stands in the domain and in the settings.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import IO

from sqlalchemy import text

from storage import mailboxes
from storage.errors import StorageFault, Unavailable
from storage.mapping import milliseconds
from storage.tx import SqlTx
from storage.work import CLEAR, Work
from vraagbaak import introductions, mailing, media, preferring, returning

DATABASE = "vraagbaak.db"
MEDIA = "media"
SEEN_KEPT = timedelta(days=30)
BURIED_KEPT = timedelta(days=30)
SILENT_HOST_KEPT = timedelta(days=30)
MOST_SILENT_HOSTS = 10_000
NEWCOMERS_KEPT = timedelta(days=1)
MOST_NEWCOMERS = 100_000
KNOCKS_KEPT = timedelta(days=90)
MOST_KNOCKS = 10_000
UNKNOWN_GRAVE_KEPT = timedelta(days=7)  # as long as anybody goes on delivering

UNUSED_APP_KEPT = timedelta(days=365)  # an app keeps what it was called for whoever signs in next

_FORGET_SEEN = text("DELETE FROM seen WHERE seen_at < :before")
_FORGET_SESSIONS = text("DELETE FROM sessions WHERE expires_at < :before")
_FORGET_INVITES = text("DELETE FROM invites WHERE expires_at < :before")
_FORGET_CODES = text("DELETE FROM authorization_codes WHERE expires_at < :before")
_FORGET_APPS = text(
    "DELETE FROM apps WHERE created_at < :before"
    " AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.app_id = apps.id)"
    " AND NOT EXISTS (SELECT 1 FROM authorization_codes WHERE authorization_codes.app_id = apps.id)"
)
REPORTS_KEPT = timedelta(days=90)
LEFT_KEPT = timedelta(days=8)  # a day longer than anybody goes on delivering their Deletes, which they sign

_FORGET_REPORTS = text("DELETE FROM reports WHERE made_at < :before")
_FORGET_WHO_LEFT = text(
    "DELETE FROM actors WHERE local = 1 AND suspended = 1"
    " AND uri IN (SELECT uri FROM tombstones WHERE actor_uri = uri AND deleted_at < :before)"
)
_FORGET_CODES_OF_ASKERS = text("DELETE FROM return_codes WHERE ended_at < :before")
_ENDING = text(
    "SELECT id FROM return_codes WHERE ends_at <= :now AND ended_at IS NULL ORDER BY ends_at, id LIMIT :most"
)
MOST_ENDING = 200
"""Questions that are deleted in one go; the rest follows at the next."""
NOTICES_KEPT = timedelta(days=90)
_FORGET_NOTICES = text("DELETE FROM notices WHERE made_at < :before")
_FORGET_INTRODUCTIONS = text("DELETE FROM introductions WHERE moved_at < :before")
_FORGET_REPEATS = text("DELETE FROM repeats WHERE made_at < :before")
_FORGET_MAILBOXES = text("DELETE FROM mailboxes WHERE confirmed = 0 AND made_at < :before")
# The row of a picture stays until its files are gone.
_REMOVE_MEDIA = text(
    "UPDATE media SET removed = 1, actor_id = NULL, key = '', description = '', focus = '[]', blurhash = ''"
    " WHERE removed = 0 AND thing_uri = '' AND planned_id IS NULL AND made_at < :before"
)
_REMOVED_MEDIA = text("SELECT 1 FROM media WHERE removed = 1 LIMIT 1")
_FORGET_UNKNOWN = text("DELETE FROM tombstones WHERE kind = 'Unknown' AND deleted_at < :before")
_FORGET_BURIED = text("DELETE FROM jobs WHERE state = 'buried' AND made_at < :before")
_FORGET_HOSTS = text("DELETE FROM hosts WHERE window_started < :before")
_FORGET_MOST_HOSTS = text(
    "DELETE FROM hosts WHERE id NOT IN (SELECT id FROM hosts ORDER BY window_started DESC, id LIMIT :before)"
)
_FORGET_NEWCOMERS = text("DELETE FROM newcomers WHERE met_at < :before")
_FORGET_MOST_NEWCOMERS = text(
    "DELETE FROM newcomers WHERE id NOT IN (SELECT id FROM newcomers ORDER BY met_at DESC, id LIMIT :before)"
)
_FORGET_KNOCKS = text("DELETE FROM knocks WHERE noted_at < :before")
_FORGET_MOST_KNOCKS = text(
    "DELETE FROM knocks WHERE id NOT IN (SELECT id FROM knocks ORDER BY noted_at DESC, id LIMIT :before)"
)


def prune(tx: SqlTx) -> int:
    """Forget what has had its time: seen activities, sessions, invites, buried jobs, reports, who left, early deletions.

    Questions whose asker chose this time are deleted everywhere. Codes for apps, apps that nobody uses, addresses that
    nobody confirmed and pictures that stand with nothing go as well. Letters that are due before the next time are asked
    for. Of servers that do not answer, are new or want to be asked otherwise, too, and then only so many are kept
    (threat D23). How many rows that were.

    A buried job can hold what somebody elsewhere wrote: it must not outlive the reason it was kept for.
    """
    now = milliseconds(tx.now)
    forgotten = sum(
        tx.execute(statement, {"before": before}).rowcount
        for statement, before in (
            (_FORGET_SEEN, milliseconds(tx.now - SEEN_KEPT)),
            (_FORGET_SESSIONS, now),
            (_FORGET_INVITES, now),
            (_FORGET_CODES, now),
            (_FORGET_APPS, milliseconds(tx.now - UNUSED_APP_KEPT)),
            (_FORGET_BURIED, milliseconds(tx.now - BURIED_KEPT)),
            (_FORGET_REPORTS, milliseconds(tx.now - REPORTS_KEPT)),
            (_FORGET_WHO_LEFT, milliseconds(tx.now - LEFT_KEPT)),
            (_FORGET_CODES_OF_ASKERS, milliseconds(tx.now - returning.RECEIPTS_KEPT)),
            (_FORGET_NOTICES, milliseconds(tx.now - NOTICES_KEPT)),
            (_FORGET_INTRODUCTIONS, milliseconds(tx.now - introductions.KEPT)),
            (_FORGET_REPEATS, milliseconds(tx.now - preferring.REPEATS_KEPT)),
            (_FORGET_MAILBOXES, milliseconds(tx.now - mailing.UNCONFIRMED_KEPT)),
            (_REMOVE_MEDIA, milliseconds(tx.now - media.WAITS)),
            (_FORGET_UNKNOWN, milliseconds(tx.now - UNKNOWN_GRAVE_KEPT)),
            (_FORGET_HOSTS, milliseconds(tx.now - SILENT_HOST_KEPT)),
            (_FORGET_MOST_HOSTS, MOST_SILENT_HOSTS),
            (_FORGET_NEWCOMERS, milliseconds(tx.now - NEWCOMERS_KEPT)),
            (_FORGET_MOST_NEWCOMERS, MOST_NEWCOMERS),
            (_FORGET_KNOCKS, milliseconds(tx.now - KNOCKS_KEPT)),
            (_FORGET_MOST_KNOCKS, MOST_KNOCKS),
        )
    )
    _end_questions(tx)
    if tx.execute(_REMOVED_MEDIA).first():
        tx.enqueue(Work(CLEAR, key=CLEAR))
    mailboxes.look(tx)
    return forgotten


def _end_questions(tx: SqlTx) -> None:
    """Delete everywhere what was asked without an account for no longer than until now."""
    due = tx.execute(_ENDING, {"now": milliseconds(tx.now), "most": MOST_ENDING}).scalars().all()
    for lock in due:
        returning.end(tx, returning.opened(tx, lock))


def backup(file: Path, target: Path) -> None:
    """A whole copy of a SQLite database, while it is being used.

    Raises `StorageFault` if `target` exists, `Unavailable` if `file` is damaged.
    """
    if target.exists():
        raise StorageFault(f"{target} exists already.")
    _private(target).close()  # VACUUM INTO takes an empty file; this one is for its owner only from the start
    try:
        with closing(_opened(file)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as fault:
        target.unlink()
        raise Unavailable(f"The database cannot be used: {fault}.") from fault


def backup_all(folder: Path, database: Path, media_folder: Path, target: Path) -> int:
    """Everything in the data folder as one zip, the database as one sound copy; its size in bytes.

    Pictures stand under `media/`, wherever they are kept. Earlier backups in the folder are left out. Written
    beside the target first, so that a broken backup never stands under its name. Raises `StorageFault` if `target` exists.
    """
    if target.exists():
        raise StorageFault(f"{target} exists already. Choose another name.")
    if not target.absolute().parent.is_dir():
        raise StorageFault(
            f"There is no folder {target.absolute().parent}. Make it first, or choose another place."
        )
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".backup-") as workplace:
        copy, draft = Path(workplace) / DATABASE, Path(workplace) / "draft"
        backup(database, copy)
        with (
            _private(draft) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
        ):
            archive.write(copy, DATABASE)
            for path in sorted(folder.rglob("*")):
                name = path.relative_to(folder).as_posix()
                ours = name.startswith(DATABASE) or ".backup-" in name or _is_backup(path)
                if not ours and not path.is_relative_to(media_folder):
                    _pack(archive, path, name)
            for path in sorted(media_folder.rglob("*")):
                _pack(archive, path, f"{MEDIA}/{path.relative_to(media_folder).as_posix()}")
        draft.replace(target)
    return target.stat().st_size


def _pack(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """One file; a picture that somebody takes back meanwhile is not to be there either."""
    with contextlib.suppress(FileNotFoundError):
        if path.is_file():
            archive.write(path, name)


def _is_backup(path: Path) -> bool:
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return DATABASE in archive.namelist()


def _private(path: Path) -> IO[bytes]:
    """A new file that only its owner can read, from its first byte on."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def restore_all(source: Path, folder: Path) -> None:
    """What `backup_all` wrote, back in an empty folder, for its owner only.

    Raises `StorageFault`, and then the folder is as empty as it was.
    """
    workplace = Path(tempfile.mkdtemp(dir=folder, prefix=".restore-"))
    try:
        _unpack(source, workplace)
        broken = faults(workplace / DATABASE) or _strange(workplace / DATABASE)
        if broken:
            raise StorageFault(f"The database in {source} is damaged: {broken[0]}.")
        for path in sorted(workplace.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(workplace)


# What zipfile says of a file that is cut off, garbled, locked, or holds two things under one name.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
_DAMAGE_SEEN_BY_THE_SYSTEM = {errno.EINVAL, errno.EEXIST, errno.ENOTDIR, errno.EISDIR}


def _unpack(source: Path, workplace: Path) -> None:
    try:
        with zipfile.ZipFile(source) as archive:
            if DATABASE not in archive.namelist():
                raise StorageFault(f"{source} is not a backup of a Vraagbaak.")
            for entry in archive.infolist():
                target = (workplace / entry.filename).resolve()
                if not target.is_relative_to(workplace.resolve()):
                    raise StorageFault(f"{source} holds a file that leads out of the folder.")
                if entry.is_dir():
                    continue
                for parent in reversed(target.relative_to(workplace.resolve()).parents):
                    (workplace / parent).mkdir(mode=0o700, exist_ok=True)
                with archive.open(entry) as reading, _private(target) as writing:
                    shutil.copyfileobj(reading, writing)
    except (OSError, *_DAMAGE) as fault:
        if isinstance(fault, OSError) and fault.errno not in _DAMAGE_SEEN_BY_THE_SYSTEM:
            raise  # the disk is full, or the like
        raise StorageFault(f"{source} is not a backup, or it is damaged.") from fault


def _strange(file: Path) -> list[str]:
    """Whether a sound database is one of another program."""
    with closing(_opened(file)) as connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    return [] if known else ["it is not the database of a Vraagbaak"]


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
