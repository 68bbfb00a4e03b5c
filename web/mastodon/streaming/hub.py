"""All open lines of one process: tells them what changed, and ends those whose token does not work any more.

Nothing here looks again and again: each change of the database is told once, after its commit, by whichever process
made it. Access comes first: of a change that ends a line, that line hears nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence

from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from storage.changes import AccessChanged, Change, News, Unheard
from storage.reading import Reading
from storage.store import Store
from vraagbaak.errors import NeedsMember, TooFast, where
from web.limits import Limits, limits_of
from web.mastodon.streaming.listeners import End, Listener
from web.mastodon.streaming.telling import told
from web.sessions import PASSER_BY, holder_of_token
from web.site import Visitor, site_of

log = logging.getLogger("vraagbaak.streaming")

MOST_LINES = 2_000
MOST_OF_ONE_TOKEN_HOLDER = 30
MOST_FROM_ONE_PLACE = 60
MOST_WAITING = 5_000
"""Changes that wait to be judged. Beyond that all lines are ended: a client that comes back reads what it missed."""


class Hub:
    """The lines, and the one task that tells them things, which lives as long as there is a line."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits
        self._lines: dict[int, Listener] = {}
        self._numbers = itertools.count(1)
        self._waiting: deque[Change] = deque()
        self._awake = asyncio.Event()
        self._open = contextlib.ExitStack()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._lines)

    @contextlib.asynccontextmanager
    async def line(self, request: HTTPConnection, token_hash: str) -> AsyncIterator[Listener]:
        """A line for who comes with this token, open until the block is left. Raises NeedsMember or TooFast."""
        place = self._limits.stranger_key(request)
        listener = Listener(next(self._numbers), Visitor(token_id=token_hash), place)
        self._lines[listener.number] = listener
        try:
            # Looked up only once the line can be ended: a token that is revoked meanwhile is not missed.
            self._listen()
            visitor = await self._store.read(holder_of_token, token_hash)
            if visitor is PASSER_BY:
                raise NeedsMember("bad-token", "The access token is invalid.")
            self._make_room_for(listener, visitor)
            listener.visitor = visitor
            yield listener
        finally:
            del self._lines[listener.number]
            if not self._lines:
                self._rest()

    def close(self) -> None:
        """The server stops: every line ends."""
        for listener in self._lines.values():
            listener.end(End.STOPPED)

    def _make_room_for(self, newcomer: Listener, visitor: Visitor) -> None:
        if not self._limits.on:
            return
        holder = _holder(visitor)
        others = [each for each in self._lines.values() if each is not newcomer]
        same_holder = sum(_holder(each.visitor) == holder for each in others)
        same_place = sum(each.place == newcomer.place for each in others) if newcomer.place else 0
        if (
            len(others) >= MOST_LINES
            or same_holder >= MOST_OF_ONE_TOKEN_HOLDER
            or same_place >= MOST_FROM_ONE_PLACE
        ):
            raise TooFast(60)

    # telling

    def _listen(self) -> None:
        if self._task:
            return
        loop = asyncio.get_running_loop()

        def hear(changes: Sequence[Change]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
                loop.call_soon_threadsafe(self._take, changes)

        self._open.enter_context(self._store.signals.changes.listen(hear))
        self._task = asyncio.create_task(self._work(), name="streaming")

    def _rest(self) -> None:
        self._open.close()
        self._waiting.clear()
        if self._task:
            self._task.cancel()
            self._task = None

    async def _work(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            changes = list(self._waiting)
            self._waiting.clear()
            try:
                await self._tell(changes)
            except Exception as fault:  # noqa: BLE001 - whatever it is, no line may go on as if nothing had been
                self._give_up(fault)

    def _give_up(self, fault: Exception) -> None:
        log.error("cannot tell what changed: %s", where(fault))
        self._end_all()

    def _take(self, changes: Sequence[Change]) -> None:
        self._waiting.extend(changes)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.clear()
            self._end_all()
        self._awake.set()

    def _end_all(self) -> None:
        for listener in self._lines.values():
            listener.end(End.CROWDED)

    async def _tell(self, changes: list[Change]) -> None:
        doubted = self._doubted(changes)
        if doubted:
            await self._look_again(doubted)
        news = [each for each in changes if isinstance(each, News)]
        ears = [listener.ear for listener in self._lines.values() if listener.streams]
        if news and ears:
            for number, event in await self._store.read(told, news, ears):
                if listener := self._lines.get(number):
                    listener.put(event)

    def _doubted(self, changes: list[Change]) -> list[Listener]:
        """The lines of which the access may have changed."""
        if any(isinstance(each, Unheard) for each in changes):
            return list(self._lines.values())
        gone = {
            key
            for each in changes
            if isinstance(each, AccessChanged)
            for key in (each.token_id, each.member_id, each.actor_id)
        } - {""}
        return [each for each in self._lines.values() if gone and gone & set(_keys(each.visitor))]

    async def _look_again(self, doubted: list[Listener]) -> None:
        tokens = [listener.visitor.token_id for listener in doubted]
        found = await self._store.read(_holders, tokens)
        for listener, visitor in zip(doubted, found, strict=True):
            if visitor is PASSER_BY:
                listener.end(End.REVOKED)
            elif (
                listener.visitor.app_id or listener.visitor.member
            ):  # else it is being opened, and looked up there
                listener.visitor = visitor


def _holders(reading: Reading, tokens: list[str]) -> list[Visitor]:
    return [holder_of_token(reading, token) for token in tokens]


def _holder(visitor: Visitor) -> str:
    return visitor.member.id if visitor.member else visitor.app_id or visitor.token_id


def _keys(visitor: Visitor) -> Iterator[str]:
    yield visitor.token_id
    if visitor.member:
        yield visitor.member.id
        yield visitor.member.actor_id


def hub_of(request: HTTPConnection) -> Hub:
    """The lines of this process, made when somebody first asks for one."""
    state = request.app.state
    hub: Hub | None = getattr(state, "hub", None)
    if hub is None:
        hub = state.hub = Hub(site_of(request).store, limits_of(request))
    return hub


def end_all(app: Starlette) -> None:
    """The server stops: every line ends, if there ever was one."""
    hub: Hub | None = getattr(app.state, "hub", None)
    if hub:
        hub.close()
