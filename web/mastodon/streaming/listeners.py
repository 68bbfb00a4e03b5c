"""One open line to one client: what waits to be sent to it, and whether it has to end.

What waits is bounded: who reads too slowly loses the line, never the server its memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum

from web.limits import Counter, Rule
from web.mastodon.streaming.streams import Stream
from web.mastodon.streaming.telling import Ear, Event
from web.site import Visitor

MOST_WAITING = 200
MOST_STREAMS = 40
MESSAGES = Rule(burst=60, pause=0.5)


class End(Enum):
    """Why a line ends."""

    REVOKED = "its token does not work any more"
    SLOW = "it does not read what is sent"
    CROWDED = "more happened than could be told"
    STOPPED = "the server stops"
    TALKATIVE = "it says too much"
    LEFT = "nobody is there any more"


@dataclass(frozen=True, slots=True)
class Problem:
    """What was asked for on a line cannot be had."""

    error: str
    status: int


@dataclass(eq=False)
class Listener:
    """An open line. To be used in the event loop that it was made in."""

    number: int
    visitor: Visitor
    place: bytes
    """What stands for the address today, to count lines by; never the address. Empty for who comes from nearby: a proxy
    that nobody told us about stands for many."""
    streams: dict[tuple[str, ...], Stream] = field(default_factory=dict)
    messages: Counter = field(default_factory=lambda: Counter(MESSAGES))
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    why: End = End.LEFT
    """Why it ended, once it has."""
    _waiting: deque[Event | Problem] = field(default_factory=deque)
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ear(self) -> Ear:
        """The line as it is now, for another thread."""
        return Ear(self.number, self.visitor, tuple(self.streams.values()))

    def put(self, said: Event | Problem) -> None:
        """Something to send, when it is still listened to."""
        if self.ended.is_set() or (isinstance(said, Event) and tuple(said.stream.label) not in self.streams):
            return
        if len(self._waiting) >= MOST_WAITING:
            self.end(End.SLOW)
            return
        self._waiting.append(said)
        self._awake.set()

    def end(self, why: End) -> None:
        """The line has to go, at once: what waits is not sent any more."""
        if not self.ended.is_set():
            self.why = why
            self._waiting.clear()
            self.ended.set()

    async def next(self) -> Event | Problem:
        """What is to be sent next, as soon as there is something."""
        while not self._waiting:
            self._awake.clear()
            await self._awake.wait()
        return self._waiting.popleft()
