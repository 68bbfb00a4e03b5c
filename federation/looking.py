"""When a key may be looked at again: once a minute, and once more in that minute when there is a reason to.

Whoever forges letters in a name can neither make us ask that name's server without end (threat A28), nor use up the
looks that find a key that was changed meanwhile for longer than a minute (threat A27).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.documents import host_of
from federation.signatures import KeyInDoubt

PATIENCE = timedelta(minutes=1)
SPARE = 10
"""So many second looks a minute at the keys of one server."""


@dataclass(slots=True)
class _Look:
    at: datetime
    key_id: str
    unchanged: bool = False
    """It found the key that we had: who failed the check may have forged it, and the next may be the owner."""
    again: bool = False


class Looks:
    """The looks of the last minute, by what was looked at. One per directory."""

    def __init__(self, now: Callable[[], datetime], room: int) -> None:
        self._now = now
        self._room = room
        self._looks: OrderedDict[str, _Look] = OrderedDict()
        self._spare: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def require(self, name: str, key_id: str) -> None:
        """Raises KeyInDoubt when it is too soon: the key may be there by then."""
        last = self._last(name)
        if last is None:
            return
        if last.again or not (last.unchanged or last.key_id != key_id) or not self._has_spare(name):
            raise KeyInDoubt
        last.again = True

    def remember(self, name: str, key_id: str, *, unchanged: bool = False) -> None:
        """It was looked at; a second look makes the minute no longer."""
        last = self._last(name)
        if last is not None:
            last.unchanged = unchanged
            return
        self._looks[name] = _Look(self._now(), key_id, unchanged)
        self._looks.move_to_end(name)
        while len(self._looks) > self._room:
            self._looks.popitem(last=False)

    def _last(self, name: str) -> _Look | None:
        last = self._looks.get(name)
        return last if last is not None and self._now() < last.at + PATIENCE else None

    def _has_spare(self, name: str) -> bool:
        host, now = host_of(name) or "", self._now()
        since, used = self._spare.pop(host, (now, 0))
        if now >= since + PATIENCE:
            since, used = now, 0
        self._spare[host] = since, min(used + 1, SPARE + 1)
        while len(self._spare) > self._room:
            self._spare.popitem(last=False)
        return used < SPARE
