"""What keeps mail addresses closed in the database, and what makes the links in letters that nobody can guess.

Both come from the secret of this server, which is outside the database: of a link nothing is kept at all, it is made
anew each time and compared.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from enum import StrEnum

from federation.keys import Sealer
from vraagbaak.errors import Unknown
from vraagbaak.model import Mailbox
from web.keys import checked_key

CONFIRM = "/mail/bevestigen/"
STOP = "/mail/stop/"
_SEALED = b"vraagbaak mail addresses 1"
_LINKS = b"vraagbaak mail links 1"
_LONGEST = 200


class Purpose(StrEnum):
    """What a link in a letter does; one for this opens nothing else."""

    CONFIRM = "confirm"
    STOP = "stop"


class Seals:
    """Seals and links of one server."""

    def __init__(self, secret: bytes) -> None:
        self._sealer = Sealer(secret, _SEALED)
        self._links = hmac.digest(secret, _LINKS, "sha256")

    def seal(self, address: str, key: str) -> str:
        """An address as the mailbox with this id keeps it."""
        return self._sealer.seal(address.encode(), key)

    def address(self, mailbox: Mailbox) -> str:
        """The address in it. Raises `federation.keys.BadKey` when it was sealed by another server or for another."""
        return self._sealer.open(mailbox.sealed, mailbox.id).decode()

    def token(self, purpose: Purpose, key: str) -> str:
        """The last part of a link about the mailbox with this id."""
        return f"{key}.{self._proof(purpose, key)}"

    def opened(self, purpose: Purpose, token: str) -> str:
        """The id of the mailbox that a link is about. Raises Unknown for one that we did not make for this."""
        key, _, proof = token[:_LONGEST].partition(".")
        expected = self._proof(purpose, checked_key(key))
        if not hmac.compare_digest(proof.encode("utf-8", "replace"), expected.encode()):
            raise Unknown
        return key

    def _proof(self, purpose: Purpose, key: str) -> str:
        made = hmac.digest(self._links, f"{purpose.value} {key}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made[:18]).decode()
