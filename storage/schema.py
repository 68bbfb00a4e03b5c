"""Brings a database to the newest schema when a store is opened, after a copy of the old file.

A database that a newer version wrote is refused. Alembic is imported only when there is something to migrate:
its import alone takes longer than all the rest of opening.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from storage.errors import SchemaTooNew
from storage.tables import metadata

stamp = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""As Alembic would make it."""

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_202_611  # any number; of this program among the users of one PostgreSQL


def revisions() -> list[str]:
    """All revisions, oldest first: the files are named `NNNN_words.py`, and the number is the revision."""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def stored_revision(connection: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def prepare(connection: Connection, file: Path | None = None) -> None:
    """Bring the database to the newest revision. `file` is what is copied first, for SQLite.

    Raises `SchemaTooNew`. The caller holds a transaction in which the schema may change, and commits.
    """
    known = revisions()
    stored = stored_revision(connection)
    if stored == known[-1]:
        return
    if stored is None:
        create(connection, known[-1])
    elif stored in known:
        if file:
            _copy(file, file.with_name(f"{file.name}.before-{known[-1]}"))
        upgrade(connection)
    else:
        raise SchemaTooNew(
            f"This database was written by a newer version of Vraagbaak (its schema is {stored}, "
            f"this version knows up to {known[-1]}): install that version, or restore an older backup."
        )


def create(connection: Connection, revision: str) -> None:
    """All tables, in an empty database."""
    metadata.create_all(connection)
    stamp.create(connection)
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})


def upgrade(connection: Connection, target: str = "head") -> None:
    """Run the migrations that are missing, on this connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)


def _copy(source: Path, target: Path) -> None:
    # A connection of its own sees the last committed state, whatever transaction is open elsewhere.
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        reading.close()
        writing.close()
