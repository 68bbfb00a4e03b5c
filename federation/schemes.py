"""How each server wants our requests signed: the usual way first, and once more the other way when it refuses that.

What worked is remembered for the server, in the database, and comes first from then on. Nobody is asked more than
twice at a time, and a server that refuses both ways no more than once for an hour: pages and letters each for
themselves, for what one may not see says nothing of what one may bring.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from federation.documents import host_of
from federation.signatures import Scheme
from federation.transport import Response
from storage.reading import Reading
from storage.records import Knock
from storage.store import Store
from vraagbaak.ports import Tx

REFUSING = frozenset({400, 401, 403})
"""What servers say to a signature that they cannot read, do not believe, or miss."""
REST = timedelta(hours=1)
"""How long a server that refused both ways is asked one way only."""
_DOUBTED = 401
_TRIPPED = frozenset({500, 501})
_UNDECIDED = frozenset({408, 425, 429})
_OTHER = {Scheme.CAVAGE: Scheme.RFC9421, Scheme.RFC9421: Scheme.CAVAGE}

_Refused = Literal["refused_at", "page_refused_at"]
Ask = Callable[[Scheme], Awaitable[Response]]
KnockAt = Callable[[str, Ask], Awaitable[Response]]


async def knock_once(_url: str, ask: Ask) -> Response:
    """The answer to one request: for what needs no signature."""
    return await ask(Scheme.CAVAGE)


class Schemes:
    """Knocks, and remembers. One per process; all share what the database knows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def knock(self, url: str, ask: Ask) -> Response:
        """The answer of the server of `url` to being asked for that page, signed as it likes it (Mastodon 4.7, Fedify).

        Raises what `ask` raises.
        """
        answer, _ = await self._knock(url, ask, "page_refused_at")
        return answer

    async def post(self, url: str, ask: Ask) -> tuple[Response, bool]:
        """The answer to a letter, and whether that is for the letter: False when the other way was not tried.

        Raises what `ask` raises.
        """
        return await self._knock(url, ask, "refused_at")

    async def _knock(self, url: str, ask: Ask, kind: _Refused) -> tuple[Response, bool]:
        host = host_of(url) or ""
        scheme, second = await self._store.read(_manner_of, host, kind)
        answer = await ask(scheme)
        if answer.status not in REFUSING or not second:
            return answer, second or answer.status not in REFUSING
        again = await ask(_OTHER[scheme])
        tripped = answer.status == _DOUBTED and again.status in _TRIPPED  # over a way that it never heard of
        if _understood(answer, again):
            await self._store.run(_remember, host, kind, _OTHER[scheme])
        elif again.status in REFUSING or tripped:
            await self._store.run(_remember, host, kind)
        return answer if tripped else again, True


def _understood(first: Response, again: Response) -> bool:
    """Whether the second way is one that the server reads; a fault, or being asked to wait, tells nothing.

    Who doubted the first and has another reason to refuse the second looked further than the signature.
    """
    if again.status in REFUSING:
        return first.status == _DOUBTED and again.status != _DOUBTED
    return again.status < 500 and again.status not in _UNDECIDED


def _manner_of(reading: Reading, host: str, kind: _Refused) -> tuple[Scheme, bool]:
    """How to sign first for a server, and whether the other way may be tried as well."""
    known = reading.one(Knock, id=host)
    if known is None:
        return Scheme.CAVAGE, True
    refused_at: datetime | None = getattr(known, kind)
    return Scheme(known.scheme), refused_at is None or reading.now >= refused_at + REST


def _remember(tx: Tx, host: str, kind: _Refused, scheme: Scheme | None = None) -> None:
    """This way is the one that it takes; None: it refused both."""
    known = tx.one(Knock, id=host)
    noted = known or Knock(id=host, scheme=Scheme.CAVAGE, noted_at=tx.now)
    changed: dict[str, Any] = {"scheme": scheme or noted.scheme, kind: None if scheme else tx.now}
    noted = replace(noted, noted_at=tx.now, **changed)
    if known:
        tx.save(noted)
    else:
        tx.add(noted)
