"""What the domain needs from the outside: a transaction, the time and fresh ids. Nothing else.

Two adapters keep this promise and pass the same tests: storage/tx.py (SQL) and storage/memory.py (dicts).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from vraagbaak.events import Event
from vraagbaak.model import Home

T = TypeVar("T")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present moment: aware, UTC."""
        ...


class Ids(Protocol):
    """Makes ids."""

    def new(self, at: datetime) -> str:
        """A fresh id of 26 lower-case characters (ULID, Crockford base32) that sorts by `at`."""
        ...


class Reads(Protocol):
    """What can be asked, in a unit of work or outside one."""

    @property
    def home(self) -> Home:
        """Which server and neighbourhood this is."""
        ...

    @property
    def now(self) -> datetime:
        """The moment of this unit of work or reading; the same for its whole length."""
        ...

    def get(self, kind: type[T], key: str) -> T:
        """The thing with this id. Raises `errors.Unknown`."""
        ...

    def one(self, kind: type[T], **equals: object) -> T | None:
        """The single thing whose fields equal these, or None. At least one of the fields is indexed."""
        ...

    def find(self, kind: type[T], **equals: object) -> list[T]:
        """All things whose fields equal these, by id. At least one of the fields is indexed."""
        ...

    def several(self, kind: type[T], keys: Iterable[str]) -> list[T]:
        """Those of the things with these ids that are there, by id: one question, however many they are."""
        ...


class Tx(Reads, Protocol):
    """One unit of work: all of it happens, or none of it. Reads see what this unit wrote."""

    def new_id(self, at: datetime | None = None) -> str:
        """A fresh id for `at`, or for now."""
        ...

    def add(self, thing: object) -> None:
        """Remember a new thing. A second one with the same id or uri raises `errors.Invalid` ("exists")."""
        ...

    def add_all(self, things: Sequence[object]) -> None:
        """Remember new things of one kind, all of them or none. Raises `errors.Invalid` ("exists") as `add` does."""
        ...

    def save(self, thing: object) -> None:
        """Remember a changed thing, found by its id. Raises `errors.Unknown` when it is not there."""
        ...

    def remove(self, thing: object) -> None:
        """Forget a thing, found by its id; nothing happens when it is not there."""
        ...

    def remove_all(self, things: Sequence[object]) -> None:
        """Forget things of one kind, as `remove` does."""
        ...

    def record(self, event: Event, not_before: datetime | None = None) -> None:
        """Say what happened. The jobs it causes become part of this unit of work, to be done at once or not before."""
        ...
