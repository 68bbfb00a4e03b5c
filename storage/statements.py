"""The SQL of single things: get, one, find, add, save, remove, and adding a job.

Each statement is built once per kind and set of fields, so that SQLAlchemy compiles it once: 22 us of CPU per
statement of one row instead of 200. (Its driver-level shortcut was measured too: 10 us for an insert, but 36 us
for a select, whose result it describes anew each time.)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import (
    BigInteger,
    Delete,
    Select,
    Table,
    Update,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import Insert

from storage.tables import indexed, jobs, tables

P = ParamSpec("P")
R = TypeVar("R")


def once(build: Callable[P, R]) -> Callable[P, R]:
    """Build a statement the first time only."""
    return cast("Callable[P, R]", cache(build))


@once
def lookup(kind: type[Any], names: frozenset[str], nulls: frozenset[str]) -> Select[Any]:
    """Things whose fields `names` equal the parameters and whose fields `nulls` are empty, by id.

    Raises `LookupError` when no index helps: such a search would get slower with every question asked.
    """
    asked = names | nulls
    if asked and not indexed(kind, asked):
        raise LookupError(f"no index to find {kind.__name__} by {', '.join(sorted(asked))}")
    table = tables[kind]
    wanted = [table.c[name] == bindparam(name) for name in sorted(names)]
    empty = [table.c[name].is_(None) for name in sorted(nulls)]
    return select(table).where(*wanted, *empty).order_by(table.c.id)


@once
def first(kind: type[Any], names: frozenset[str], nulls: frozenset[str]) -> Select[Any]:
    """The first of `lookup`."""
    return lookup(kind, names, nulls).limit(1)


@once
def by_id(kind: type[Any]) -> Select[Any]:
    """The thing whose id is the parameter `id`."""
    return select(tables[kind]).where(tables[kind].c.id == bindparam("id"))


@once
def insertion(kind: type[Any], dialect: str) -> Insert:
    """A new row, or none when a unique key is taken. No savepoint is needed to find out."""
    table = tables[kind]
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns}
    return _if_free(table, values, dialect)


@once
def change(kind: type[Any]) -> Update:
    """All other fields of the row whose id is the parameter `id_`."""
    table = tables[kind]
    values: dict[str, Any] = {
        column.name: bindparam(column.name) for column in table.columns if column.name != "id"
    }
    return update(table).where(table.c.id == bindparam("id_")).values(values)


@once
def removal(kind: type[Any]) -> Delete:
    """The row whose id is the parameter `id_`."""
    return delete(tables[kind]).where(tables[kind].c.id == bindparam("id_"))


@once
def job(dialect: str, *, in_sequence: bool) -> Insert:
    """A new job, or none when its key waits already.

    Within a sequence `run_at` never falls: who comes later is not due before who comes first, so that looking for
    due work never has to pass a row of jobs that stand behind one that waits.
    """
    run_at: Any = bindparam("run_at", type_=BigInteger)
    if in_sequence:
        last = (
            select(jobs.c.run_at)
            .where(jobs.c.sequence == bindparam("sequence"), jobs.c.state == literal_column("'waiting'"))
            .order_by(jobs.c.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        largest = func.greatest if dialect == "postgresql" else func.max
        run_at = largest(run_at, func.coalesce(last, 0))
    names = ("kind", "payload", "host", "sequence", "key", "made_at")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    values |= {"state": "waiting", "attempts": 0, "run_at": run_at}
    return _if_free(jobs, values, dialect)


def _if_free(table: Table, values: dict[str, Any], dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # inline: without RETURNING for keys that nobody asks for, which would also hide how many rows came in
    return (
        insert(table)
        .values(values)
        .on_conflict_do_nothing()
        .inline()
        .execution_options(preserve_rowcount=True)
    )
