"""The real time and real ids behind the domain's ports.

Moments are whole milliseconds, as the database keeps them, so that what is read equals what was written.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from storage.mapping import milliseconds, moment

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
RANDOM_BITS = 80
MOMENT = 10
"""How many characters of an id tell its moment."""


def ulid(at: datetime, tail: int) -> str:
    """26 characters: 48 bits of milliseconds, then 80 bits of `tail`. Sorts by `at`."""
    number = (max(milliseconds(at), 0) << RANDOM_BITS) | tail
    return "".join([ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5)])


def ulid_after(earlier: str) -> str:
    """One of the same millisecond that sorts after `earlier`, and that nobody can guess from it."""
    number = 0
    for character in earlier:
        number = number << 5 | ALPHABET.index(character)
    number += 1 + secrets.randbits(RANDOM_BITS // 2)
    return "".join([ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5)])


def moment_of(made: str) -> datetime:
    """The moment that an id tells."""
    number = 0
    for character in made[:MOMENT]:
        number = number << 5 | ALPHABET.index(character)
    return moment(number)


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        now = datetime.now(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)


class UlidIds:
    """Ids that nobody can guess and that sort by moment."""

    def new(self, at: datetime) -> str:
        """A fresh id for `at`."""
        return ulid(at, secrets.randbits(RANDOM_BITS))
