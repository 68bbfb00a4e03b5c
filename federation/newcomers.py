"""How many unknown servers of one owner are met in a day, and how often others make us ask one: names cost nothing (D16).

Who was new is counted in the database, so that neither a restart nor a second process forgets; after a day it is forgotten.
Servers that we know already are not counted.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from publicsuffixlist import PublicSuffixList

from storage.records import Newcomer
from storage.store import Store
from vraagbaak.errors import TooFast
from vraagbaak.ports import Reads, Tx

MOST = 10
STRANGE = 20
"""How many things of one owner's servers others can make us ask for in an hour, wherever they name them."""
HOUR = timedelta(hours=1)
SPAN = timedelta(days=1)
REMEMBERED = 10_000
_LABELS = 8
"""No public suffix has more labels than these, less one."""


@cache
def _suffixes() -> PublicSuffixList:
    # Without the part that is not ICANN's: names below duckdns.org or github.io cost nothing either.
    return PublicSuffixList(only_icann=True)


def owner_of(host: str) -> str:
    """The part of a host's name that somebody had to register, by the list that browsers use (publicsuffix.org)."""
    name = host.partition(":")[0].rstrip(".").lower()
    if host.startswith("[") or name.rpartition(".")[2].isdigit():
        return host
    end = ".".join(name.rsplit(".", _LABELS)[-_LABELS:])
    return _suffixes().privatesuffix(end) or name


class Newcomers:
    """Who was new today, by owner. `most` of nought switches it off (a laboratory)."""

    def __init__(self, store: Store, most: int = MOST) -> None:
        self._store = store
        self._most = most

    async def require_room(self, host: str) -> None:
        """Raises TooFast when so many other servers of this owner were new in the last day."""
        if self._most:
            await self._store.read(_require_room, host, self._most)

    async def count(self, host: str) -> None:
        """One more, at whose door we were or who proved itself. Raises TooFast."""
        if self._most:
            await self._store.run(_count, host, self._most)


def _require_room(reading: Reads, host: str, most: int) -> None:
    since = reading.now - SPAN
    met = {
        each.id: each.met_at for each in reading.find(Newcomer, owner=owner_of(host)) if each.met_at > since
    }
    if host not in met and len(met) >= most:
        raise TooFast(retry_after=math.ceil((min(met.values()) - since).total_seconds()))


def _count(tx: Tx, host: str, most: int) -> None:
    _require_room(tx, host, most)
    known = tx.one(Newcomer, id=host)
    if known is None:
        tx.add(Newcomer(id=host, owner=owner_of(host), met_at=tx.now))
    elif known.met_at <= tx.now - SPAN:
        tx.save(replace(known, met_at=tx.now))


class Strangers:
    """How often one owner's servers were asked because somebody elsewhere named something there (threats D15, D16).

    Counts in memory only, per process.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._asked: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def may_ask(self, host: str) -> bool:
        """Whether one more thing there may be asked for; it is counted."""
        owner, now = owner_of(host), self._now()
        since, times = self._asked.pop(owner, (now, 0))
        if now >= since + HOUR:
            since, times = now, 0
        self._asked[owner] = since, times + 1
        while len(self._asked) > REMEMBERED:
            self._asked.popitem(last=False)
        return times < STRANGE
