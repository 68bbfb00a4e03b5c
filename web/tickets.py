"""Signed notes that travel in a page and come back with its form, so that nothing has to be kept for a visitor.

A note is for one purpose and a short time. It opens nothing in an address, in a log or on another server.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta

from vraagbaak.ports import Clock

_MAC = 43
LONGEST = 400
ASKING = timedelta(hours=2)
"""How long a form can be sent; whoever takes longer gets it back with all that they typed."""
VISIT = timedelta(minutes=30)
"""How long a page that was opened with a code can be used; every click gives it as long again."""


class Tickets:
    """Writes notes and reads them again."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._key = hmac.digest(secret, b"vraagbaak tickets 1", "sha256")
        self._clock = clock

    def fresh(self, purpose: str, lasts: timedelta) -> str:
        """A note that says nothing but that it is this one."""
        return self.write(purpose, secrets.token_urlsafe(16), lasts)

    def write(self, purpose: str, text: str, lasts: timedelta) -> str:
        """A note with this text, for `purpose`, until it is that much later; to the minute."""
        ends = int((self._clock.now() + lasts).timestamp()) // 60
        return f"{ends}.{text}.{self._mac(purpose, ends, text)}"

    def read(self, purpose: str, given: str) -> str | None:
        """The text of a note that was written for this and has not had its time; None for anything else."""
        ends, first, rest = given[:LONGEST].partition(".")
        text, second, mac = rest.rpartition(".")
        if not (first and second and ends.isascii() and ends.isdecimal() and len(ends) <= 12):
            return None
        if not hmac.compare_digest(
            mac.encode("utf-8", "replace"), self._mac(purpose, int(ends), text).encode()
        ):
            return None
        late = datetime.fromtimestamp(int(ends) * 60, tz=self._clock.now().tzinfo) <= self._clock.now()
        return None if late else text

    def _mac(self, purpose: str, ends: int, text: str) -> str:
        said = f"{purpose}\n{ends}\n{text}".encode("utf-8", "replace")
        return hmac.digest(self._key, said, "sha256").hex()[:_MAC]
