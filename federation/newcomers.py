"""How many unknown servers of one owner are met in a day, and how often others make us ask one: names cost nothing (D16).

It counts in memory only, per process, and forgets after a day; servers that we know already are not counted.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from vraagbaak.errors import TooFast

MOST = 10
STRANGE = 20
"""How many things of one owner's servers others can make us ask for in an hour, wherever they name them."""
HOUR = timedelta(hours=1)
SPAN = timedelta(days=1)
REMEMBERED = 10_000
# Where countries sell names below names of their own (co.uk); others are told apart well enough by their last two words.
_SHELVES = frozenset(
    (
        "ac",
        "co",
        "com",
        "edu",
        "go",
        "gob",
        "gov",
        "gv",
        "ltd",
        "me",
        "mil",
        "ne",
        "net",
        "nom",
        "or",
        "org",
        "plc",
    )
)


def owner_of(host: str) -> str:
    """The part of a host's name that somebody had to register, as well as that can be told without a list of all."""
    labels = host.partition(":")[0].split(".")
    if host.startswith("[") or labels[-1].isdigit():
        return host
    on_a_shelf = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHELVES
    return ".".join(labels[-3 if on_a_shelf else -2 :])


class Newcomers:
    """Who was new today, by owner. `most` of nought switches it off (a laboratory)."""

    def __init__(self, now: Callable[[], datetime], most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._met: OrderedDict[str, dict[str, datetime]] = OrderedDict()

    def require_room(self, host: str) -> None:
        """Raises TooFast when so many other servers of this owner were new in the last day."""
        since = self._now() - SPAN
        met = {name: at for name, at in self._met.get(owner_of(host), {}).items() if at > since}
        if self._most and host not in met and len(met) >= self._most:
            raise TooFast(retry_after=math.ceil((min(met.values()) - since).total_seconds()))

    def count(self, host: str) -> None:
        """One more, at whose door we were or who proved itself. Raises TooFast."""
        self.require_room(host)
        since, owner = self._now() - SPAN, owner_of(host)
        met = {name: at for name, at in self._met.pop(owner, {}).items() if at > since}
        self._met[owner] = {**met, host: met.get(host, self._now())}
        while len(self._met) > REMEMBERED:
            self._met.popitem(last=False)


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
