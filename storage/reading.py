"""Reads on a connection that cannot write: single things here, whole views in the modules that build on it.

One `Reading` sees one state of the database, however many questions it asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult
from sqlalchemy.sql import Executable

from storage import statements
from storage.mapping import mapper, storable
from storage.statements import Prepared
from vraagbaak.errors import Unknown
from vraagbaak.model import Home
from vraagbaak.thesaurus import Thesaurus, shipped, shipped_version

T = TypeVar("T")


class Reading:
    """What can be asked of the database."""

    def __init__(
        self, connection: Connection, home: Home, now: datetime, known: Thesaurus | None = None
    ) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._dialect = connection.dialect.name
        self._home = home
        self._now = now
        self._thesaurus = known

    @property
    def words_version(self) -> str:
        """What tells this thesaurus from another."""
        return self._thesaurus.version if self._thesaurus else shipped_version()

    @property
    def thesaurus(self) -> Thesaurus:
        """Which words mean the same here."""
        return self._thesaurus or shipped()

    @property
    def home(self) -> Home:
        """Which server and neighbourhood this is."""
        return self._home

    @property
    def now(self) -> datetime:
        """The moment of this reading; the same for its whole length."""
        return self._now

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._dialect

    def get(self, kind: type[T], key: str) -> T:
        """The thing with this id. Raises `errors.Unknown`."""
        found = self.one(kind, id=key)
        if found is None:
            raise Unknown
        return found

    def one(self, kind: type[T], **equals: object) -> T | None:
        """The first thing, by id, whose fields equal these, or None. Raises `LookupError` without an index."""
        shape = mapper(kind)
        row = shape.conditions(equals)
        if row is None:
            return None
        if len(row) == 1 and "id" in row:
            statement = statements.by_id(kind, self.dialect)
        else:
            statement = statements.first(kind, *_split(row), self.dialect)
        found = self.row(statement, row)
        return None if found is None else shape.thing(found)

    def find(self, kind: type[T], **equals: object) -> list[T]:
        """All things whose fields equal these, by id. Raises `LookupError` without an index."""
        shape = mapper(kind)
        row = shape.conditions(equals)
        if row is None:
            return []
        found = self._run(statements.lookup(kind, *_split(row), self.dialect), row).fetchall()
        return [shape.thing(each) for each in found]

    def several(self, kind: type[T], keys: Iterable[str]) -> list[T]:
        """Those of the things with these ids that are there, by id."""
        wanted = [key for key in dict.fromkeys(keys) if storable(key)]
        if not wanted:
            return []
        rows = self.rows(statements.by_ids(kind, self.dialect), {"keys": self.array(wanted)})
        return [mapper(kind).thing(each) for each in rows]

    def _run(self, statement: Prepared, row: Mapping[str, Any]) -> Any:
        """The driver's own cursor over a prepared statement, in the same transaction as everything else."""
        return self._driver.execute(statement.sql, statement.parameters(row))

    def value(self, statement: Prepared, row: Mapping[str, Any]) -> Any:
        """The first value that a prepared statement finds; inside this room only."""
        found = self.row(statement, row)
        return None if found is None else found[0]

    def row(self, statement: Prepared, row: Mapping[str, Any]) -> Any:
        """The first row that a prepared statement finds, or None; inside this room only."""
        return self._run(statement, row).fetchone()

    def rows(self, statement: Prepared, row: Mapping[str, Any]) -> list[Any]:
        """All rows that a prepared statement finds; inside this room only."""
        return list(self._run(statement, row).fetchall())

    def array(self, values: Iterable[str]) -> Any:
        """Texts as a parameter of `statements.among`."""
        return statements.array(values, self._dialect)

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> CursorResult[Any]:
        """The rows of any select: for views, inside this room only."""
        return self._connection.execute(statement, parameters)


def _split(row: Mapping[str, object]) -> tuple[frozenset[str], frozenset[str]]:
    nulls = frozenset(name for name, value in row.items() if value is None)
    return frozenset(row) - nulls, nulls
