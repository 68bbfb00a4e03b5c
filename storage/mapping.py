"""Turns a dataclass into a row and back, by the types of its fields: the same rules for SQL and for dicts.

A moment is an integer of milliseconds (UTC), an enumeration its text, a tuple JSON (of dataclasses too), a
boolean 0 or 1. Text that one of the two databases cannot hold (NUL, half a surrogate pair) is refused here, before any
database sees it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from vraagbaak import errors

T = TypeVar("T")
Value = str | int | None
Row = dict[str, Value]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """Since 1970, rounded down. Exact for every year, unlike a float of seconds. Naive moments: TypeError."""
    return (moment - EPOCH) // MILLISECOND


def moment(stored: int) -> datetime:
    """The moment that `milliseconds` was given."""
    return EPOCH + timedelta(milliseconds=stored)


@dataclass(frozen=True, slots=True)
class Field:
    """How one field of a dataclass is stored."""

    name: str
    column: type[str | int]
    nullable: bool
    dump: Callable[[Any], Value] | None
    load: Callable[[Any], Any] | None


def _field(name: str, hint: Any) -> Field:
    nullable = False
    if get_origin(hint) in {Union, types.UnionType}:
        (hint,) = (part for part in get_args(hint) if part is not types.NoneType)
        nullable = True
    if hint is str:
        return Field(name, str, nullable, None, None)
    if hint is bool:
        return Field(name, int, nullable, int, bool)
    if hint is int:
        return Field(name, int, nullable, None, None)
    if hint is datetime:
        return Field(name, int, nullable, milliseconds, moment)
    if get_origin(hint) is tuple:
        return Field(name, str, nullable, _json, msgspec.json.Decoder(hint).decode)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Field(name, str, nullable, lambda given: hint(given).value, hint)
    raise TypeError(f"{name}: no rule to store {hint!r}")


def _json(given: tuple[object, ...]) -> str:
    return msgspec.json.encode(given).decode()


class Mapper(Generic[T]):
    """Rows of one dataclass. Everything that does not depend on the values is worked out once."""

    def __init__(self, kind: type[T]) -> None:
        hints = get_type_hints(kind)
        self.kind = kind
        self.fields = tuple(_field(spec.name, hints[spec.name]) for spec in fields(kind))  # type: ignore[arg-type]
        self.names = tuple(spec.name for spec in self.fields)
        self._by_name = {spec.name: spec for spec in self.fields}
        self._read = attrgetter(*self.names)
        self._dumps = tuple((spec.name, spec.dump) for spec in self.fields if spec.dump)
        self._loads = tuple((at, spec.load) for at, spec in enumerate(self.fields) if spec.load)
        self._required = tuple(spec.name for spec in self.fields if not spec.nullable)

    def row(self, thing: T) -> Row:
        """The row of a thing. Raises `errors.Invalid` for text that cannot be stored."""
        row: Row = dict(zip(self.names, self._read(thing), strict=True))
        try:
            for name, dump in self._dumps:
                if (value := row[name]) is not None:
                    row[name] = dump(value)
        except UnicodeEncodeError:
            raise self._unstorable(row) from None
        if not storable("".join([value for value in row.values() if type(value) is str])):
            raise self._unstorable(row)
        if None in row.values():
            for name in self._required:
                if row[name] is None:
                    raise ValueError(f"{self.kind.__name__}.{name} cannot be None")
        return row

    def thing(self, row: Sequence[Any]) -> T:
        """The thing of a row, whose columns stand in the order of the fields."""
        values = list(row)
        for at, load in self._loads:
            if (value := values[at]) is not None:
                values[at] = load(value)
        return self.kind(**dict(zip(self.names, values, strict=True)))

    def conditions(self, equals: Mapping[str, object]) -> Row | None:
        """What columns must equal, or None when no row can match. Raises `KeyError` for an unknown field."""
        wanted: Row = {}
        for name, given in equals.items():
            spec = self._by_name[name]
            value: Any = spec.dump(given) if spec.dump and given is not None else given
            if isinstance(value, str) and not storable(value):
                return None
            wanted[name] = value
        return wanted

    def _unstorable(self, row: Row) -> errors.Invalid:
        texts = {name: str(value) for name, value in row.items()}
        field = next((name for name, text in texts.items() if not storable(text)), "id")
        return errors.Invalid(field, "This text holds characters that cannot be stored.", "characters")


def storable(text: str) -> bool:
    """Whether both databases can hold this text: PostgreSQL takes no NUL, neither takes half a character."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def mapper(kind: type[T]) -> Mapper[T]:
    """The mapper of a dataclass; made once."""
    made: Mapper[T] | None = _mappers.get(kind)
    if made is None:
        made = _mappers[kind] = Mapper(kind)
    return made


_mappers: dict[type[Any], Mapper[Any]] = {}
