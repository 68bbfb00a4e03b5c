"""Passwords: which are good enough, and turning them into something safe to keep.

Never keeps or logs a password, and never hashes more than two at a time: hashing is meant to be heavy, and one
small machine carries the neighbourhood.
"""

from __future__ import annotations

import functools
import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vraagbaak.errors import Invalid
from web import heavy

SHORTEST = 10
LONGEST = 500

# 19 MiB and two rounds: the smallest that OWASP's password storage cheat sheet (2025) calls good enough.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# The ones of ten characters or more that lists of leaked passwords begin with, and those that people would choose
# here. Compared without case, spaces and marks.
_COMMON = frozenset(
    {"1234567890", "0123456789", "0987654321", "9876543210", "12345678910", "123456789a", "1q2w3e4r5t"}
    | {"1qaz2wsx3edc", "q1w2e3r4t5", "qwertyuiop", "qwerty12345", "qwerty123456", "azertyuiop"}
    | {"asdfghjkl1", "password12", "password123", "password1234", "passw0rd123", "wachtwoord"}
    | {"wachtwoord1", "wachtwoord12", "wachtwoord123", "welkom1234", "welkom12345", "welkom2025"}
    | {"welkom2026", "iloveyou12", "ikhouvanjou", "vraagbaak1", "vraagbaak12", "vraagbaak123"}
    | {"samenbeter", "samenbeter1", "mijnwachtwoord", "geheim1234", "buurtgenoot", "nederland1"}
    | {"amsterdam1", "letmein1234", "administrator", "abcdefghij", "abcdefghijkl", "abcd123456"}
)


def check_new(handle: str, password: str) -> None:
    """Raises Invalid (field `password`) for a password that is easily guessed, or too long to be one."""
    plain = _normal(password)
    if len(plain) < SHORTEST:
        raise Invalid("password", "Use at least %(length)d characters.", "too-short", length=SHORTEST)
    if len(plain) > LONGEST:
        raise Invalid(
            "password", "This is too long. At most %(length)d characters.", "too-long", length=LONGEST
        )
    if _is_guessable(_folded(plain), _folded(handle)):
        raise Invalid("password", "Others would guess this. Choose another password.", "guessable")


def _is_guessable(password: str, handle: str) -> bool:
    if password in _COMMON or 0 < len(set(password)) < 4:
        return True
    around = password.replace(handle, "") if handle else password
    return bool(handle) and around != password and (not around or around.isdecimal())


def _folded(given: str) -> str:
    return "".join(filter(str.isalnum, given.lower()))


async def hashed(password: str) -> str:
    """What to keep of a password that `check_new` let pass. Raises TooFast when too many wait."""
    return await heavy.pool("argon2").run(_HASHER.hash, _normal(password))


async def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. With None the same work is done for nothing, so that time tells nothing.

    Raises TooFast when too many wait.
    """
    if not password_hash or len(password) > LONGEST:
        await heavy.pool("argon2").run(_fits, _of_nobody(), password[:LONGEST])
        return False
    return await heavy.pool("argon2").run(_fits, password_hash, _normal(password))


def _normal(password: str) -> str:
    """The same characters, however a keyboard composed them."""
    return unicodedata.normalize("NFC", password)


def _fits(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


@functools.cache
def _of_nobody() -> str:
    """A hash whose password nobody knows."""
    return _HASHER.hash(secrets.token_urlsafe(32))
