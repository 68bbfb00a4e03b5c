"""How each server wants our requests signed: the usual way first, and once more the other way when it refuses that.

What worked is remembered for the server, in the database, and comes first from then on. Nobody is asked more than
twice at a time, and a server that refuses both ways no more than once for an hour.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

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
        """The answer of the server of `url` to what `ask` sends, signed as it likes it (Mastodon 4.7, Fedify).

        Raises what `ask` raises.
        """
        host = host_of(url) or ""
        scheme, second = await self._store.read(_manner_of, host)
        answer = await ask(scheme)
        if answer.status not in REFUSING or not second:
            return answer
        again = await ask(_OTHER[scheme])
        tripped = answer.status == _DOUBTED and again.status in _TRIPPED  # over a way that it never heard of
        if _understood(answer, again):
            await self._store.run(_remember, host, _OTHER[scheme])
        elif again.status in REFUSING or tripped:
            await self._store.run(_remember_refusal, host)
        return answer if tripped else again


def _understood(first: Response, again: Response) -> bool:
    """Whether the second way is one that the server reads; a fault, or being asked to wait, tells nothing.

    Who doubted the first and has another reason to refuse the second looked further than the signature.
    """
    if again.status in REFUSING:
        return first.status == _DOUBTED and again.status != _DOUBTED
    return again.status < 500 and again.status not in _UNDECIDED


def _manner_of(reading: Reading, host: str) -> tuple[Scheme, bool]:
    """How to sign first for a server, and whether the other way may be tried as well."""
    known = reading.one(Knock, id=host)
    if known is None:
        return Scheme.CAVAGE, True
    rests = known.refused_at is not None and reading.now < known.refused_at + REST
    return Scheme(known.scheme), not rests


def _remember(tx: Tx, host: str, scheme: Scheme) -> None:
    _note(tx, Knock(id=host, scheme=scheme, noted_at=tx.now))


def _remember_refusal(tx: Tx, host: str) -> None:
    known = tx.one(Knock, id=host) or Knock(id=host, scheme=Scheme.CAVAGE, noted_at=tx.now)
    _note(tx, replace(known, refused_at=tx.now, noted_at=tx.now))


def _note(tx: Tx, knock: Knock) -> None:
    if tx.one(Knock, id=knock.id):
        tx.save(knock)
    else:
        tx.add(knock)
