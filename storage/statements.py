"""The SQL of single things: get, one, find, add, save, remove, and adding a job.

Each is built with SQLAlchemy and compiled once per kind and set of fields; then its text goes to the driver as it is:
5 us of CPU for a select of one row. Through SQLAlchemy's own execution it takes 18 us, without its cache 200.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

import msgspec
from sqlalchemy import (
    BigInteger,
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Select,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import TEXT, indexed, jobs, tables

P = ParamSpec("P")
R = TypeVar("R")

POSTGRESQL = "postgresql"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement as the driver takes it, with named parameters."""

    sql: str
    constants: dict[str, Any]
    """Parameters that are always the same: SQLite's OFFSET 0."""

    def parameters(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """All parameters, with those of the caller."""
        return {**row, **self.constants} if self.constants else row


def once(build: Callable[P, R]) -> Callable[P, R]:
    """Build a statement the first time only."""
    return cast("Callable[P, R]", cache(build))


@cache
def _dialect(name: str) -> Dialect:
    if name == POSTGRESQL:
        from sqlalchemy.dialects.postgresql import psycopg

        dialect: Dialect = psycopg.dialect()  # type: ignore[no-untyped-call]
        return dialect
    return sqlite.dialect(paramstyle="named")


def prepared(statement: ClauseElement, dialect: str) -> Prepared:
    """The statement compiled for one of the two databases."""
    compiled = statement.compile(dialect=_dialect(dialect))
    return Prepared(
        str(compiled), {name: value for name, value in compiled.params.items() if value is not None}
    )


def array(values: Iterable[str], dialect: str) -> Any:
    """Texts as the parameter that `among` and `each_of` read: SQLite knows no lists, but JSON."""
    given = list(values)
    return given if dialect == POSTGRESQL else msgspec.json.encode(given).decode()


def among(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    """Whether a column holds one of the texts in the parameter of this name: one statement for lists of any length."""
    if dialect == POSTGRESQL:
        return column == any_(bindparam(name, type_=postgresql.ARRAY(TEXT)))
    return column.in_(select(each_of(name, dialect).c.value))


def each_of(name: str, dialect: str) -> TableValuedAlias:
    """The texts in the parameter of this name as rows, in the column `value`."""
    if dialect == POSTGRESQL:
        texts = func.unnest(bindparam(name, type_=postgresql.ARRAY(TEXT)))
        return texts.table_valued("value").render_derived()  # else the column is called as the alias
    return func.json_each(bindparam(name)).table_valued("value")


@once
def written(sql: str, dialect: str) -> Prepared:
    """A statement that is written out, with parameters like `:name`."""
    return prepared(text(sql), dialect)


@once
def lookup(kind: type[Any], names: frozenset[str], nulls: frozenset[str], dialect: str) -> Prepared:
    """Things whose fields `names` equal the parameters and whose fields `nulls` are empty, by id.

    Raises `LookupError` when no index helps: such a search would get slower with every question asked.
    """
    return prepared(_lookup(kind, names, nulls), dialect)


@once
def first(kind: type[Any], names: frozenset[str], nulls: frozenset[str], dialect: str) -> Prepared:
    """The first of `lookup`."""
    return prepared(_lookup(kind, names, nulls).limit(literal_column("1")), dialect)


def _lookup(kind: type[Any], names: frozenset[str], nulls: frozenset[str]) -> Select[Any]:
    asked = names | nulls
    if asked and not indexed(kind, asked):
        raise LookupError(f"no index to find {kind.__name__} by {', '.join(sorted(asked))}")
    table = tables[kind]
    wanted = [table.c[name] == bindparam(name) for name in sorted(names)]
    empty = [table.c[name].is_(None) for name in sorted(nulls)]
    return select(table).where(*wanted, *empty).order_by(table.c.id)


@once
def by_id(kind: type[Any], dialect: str) -> Prepared:
    """The thing whose id is the parameter `id`."""
    return prepared(select(tables[kind]).where(tables[kind].c.id == bindparam("id")), dialect)


@once
def by_ids(kind: type[Any], dialect: str) -> Prepared:
    """The things whose ids stand in the parameter `keys`, by id."""
    table = tables[kind]
    return prepared(select(table).where(among(table.c.id, "keys", dialect)).order_by(table.c.id), dialect)


@once
def insertion(kind: type[Any], dialect: str) -> Prepared:
    """A new row, or none when a unique key is taken. No savepoint is needed to find out."""
    table = tables[kind]
    values: dict[str, Any] = {column.name: bindparam(column.name) for column in table.columns}
    return _if_free(table, values, dialect)


@once
def change(kind: type[Any], dialect: str) -> Prepared:
    """All other fields of the row whose id is the parameter `id_`."""
    table = tables[kind]
    values: dict[str, Any] = {
        column.name: bindparam(column.name) for column in table.columns if column.name != "id"
    }
    return prepared(update(table).where(table.c.id == bindparam("id_")).values(values), dialect)


@once
def removal(kind: type[Any], dialect: str) -> Prepared:
    """The row whose id is the parameter `id_`."""
    return prepared(delete(tables[kind]).where(tables[kind].c.id == bindparam("id_")), dialect)


@once
def job(dialect: str, in_sequence: bool, behind: bool) -> Prepared:  # noqa: FBT001 - both are found by place
    """A new job, or none when its key waits already.

    Within a sequence `run_at` never falls: who comes later is not due before who comes first, so that looking for
    due work never has to pass a row of jobs that stand behind one that waits. Nor does it for who stands `behind` one.
    """
    run_at: Any = bindparam("run_at", type_=BigInteger)
    largest = func.greatest if dialect == POSTGRESQL else func.max
    for name, asked in (("sequence", in_sequence), ("behind", behind)):
        if asked:
            run_at = largest(run_at, func.coalesce(_last(jobs.c.run_at, name), literal_column("0")))
    names = ("kind", "payload", "host", "sequence", "key", "made_at")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    if behind:
        values["behind"] = _last(jobs.c.id, "behind")
    values |= {"state": literal_column("'waiting'"), "attempts": literal_column("0"), "run_at": run_at}
    return _if_free(jobs, values, dialect)


def _last(column: Column[Any], sequence: str) -> Any:
    """Of the last job that waits in the sequence that this parameter names."""
    return (
        select(column)
        .where(
            jobs.c.sequence == bindparam(sequence, type_=Text), jobs.c.state == literal_column("'waiting'")
        )
        .order_by(jobs.c.id.desc())
        .limit(literal_column("1"))
        .scalar_subquery()
    )


def _if_free(table: Table, values: dict[str, Any], dialect: str) -> Prepared:
    insert = postgresql.insert if dialect == POSTGRESQL else sqlite.insert
    # inline: without RETURNING for keys that nobody asks for
    return prepared(insert(table).values(values).on_conflict_do_nothing().inline(), dialect)
