"""Codes and their locks with the secret of this server, a few at a time.

A code is made from the note in the form that asks for it: sending that form twice gives the same four words twice.
"""

from __future__ import annotations

import hmac

from vraagbaak import codes
from web import heavy


class ReturnCodes:
    """Makes codes and their locks. `secret` stands in no database: without it a lock is worth nothing."""

    def __init__(self, secret: bytes) -> None:
        self._pepper = hmac.digest(secret, b"vraagbaak return codes: pepper 1", "sha256")
        self._seed = hmac.digest(secret, b"vraagbaak return codes: seed 1", "sha256")

    def made_from(self, key: str) -> str:
        """The four words that belong to the note of a form."""
        return codes.made_from(self._seed, key)

    async def lock_of(self, code: str) -> str:
        """What is kept of a code that `codes.read` took. Raises TooFast when too many wait."""
        return await heavy.pool("scrypt").run(codes.lock_of, code, self._pepper)
