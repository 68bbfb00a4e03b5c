"""Who filters anything."""

from __future__ import annotations

from sqlalchemy import select

from storage.reading import Reading
from storage.statements import Prepared, once, prepared
from storage.tables import tables
from vraagbaak.model import Filter


def owners(reading: Reading) -> frozenset[str]:
    """The members who have a filter: nobody else is shown anything other by it."""
    return frozenset(key for (key,) in reading.rows(_owners(reading.dialect), {}))


@once
def _owners(dialect: str) -> Prepared:
    return prepared(select(tables[Filter].c.member_id).distinct(), dialect)
