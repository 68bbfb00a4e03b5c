"""A unit of work that waits for its turn, and the way back for its answer.

An answer goes to a waiting thread, or to a task in an event loop; many answers wake a loop once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from storage.changes import Change


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a unit gave, whether it put work in the queue, and what it changed."""

    value: Any
    queued: bool = False
    changes: tuple[Change, ...] = ()


@dataclass(slots=True)
class Pending:
    """`work` is to be run on a connection; its result or fault goes to `future`."""

    work: Callable[[Connection], Outcome]
    future: asyncio.Future[Any] | Future[Any]
    loop: asyncio.AbstractEventLoop | None = None
    outcome: Outcome | None = field(default=None, init=False)
    fault: BaseException | None = field(default=None, init=False)

    @classmethod
    def for_thread(cls, work: Callable[[Connection], Outcome]) -> Pending:
        """For a caller that blocks on `future.result()`."""
        return cls(work, Future())

    @classmethod
    def for_task(cls, work: Callable[[Connection], Outcome]) -> Pending:
        """For a caller that awaits `future`."""
        loop = asyncio.get_running_loop()
        return cls(work, loop.create_future(), loop)

    def attempt(self, connection: Connection) -> bool:
        """Run it and remember what came of it; whether it went well."""
        try:
            self.outcome = self.work(connection)
        except BaseException as fault:  # noqa: BLE001 - whatever it is, the caller gets it
            # a future takes no StopIteration
            self.fault = RuntimeError("a unit ran dry") if isinstance(fault, StopIteration) else fault
            return False
        return True

    def settle(self) -> None:
        """Hand over the answer, on the caller's side. A caller that no longer waits gets none."""
        if self.future.done():
            return
        if self.fault is not None:
            self.future.set_exception(self.fault)
        else:
            assert self.outcome is not None
            self.future.set_result(self.outcome.value)


def answer(batch: Iterable[Pending]) -> None:
    """Hand over all answers of a batch, waking each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Pending]] = {}
    for pending in batch:
        if pending.loop is None:
            pending.settle()
        else:
            by_loop.setdefault(pending.loop, []).append(pending)
    for loop, group in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, group)
        except RuntimeError:  # the loop was closed: nobody waits any more
            continue


def _settle(group: list[Pending]) -> None:
    for pending in group:
        pending.settle()
