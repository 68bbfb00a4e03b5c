"""The loop that does the jobs: claims them, runs their handlers at the same time, stores what came of them.

What a handler leaves to be stored happens in the transaction that ends its job, so once as far as this database
can see, whatever dies in between. No handler can stop the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from storage import jobs
from storage.errors import LeaseLost, StorageFault
from storage.hosts import host_answered
from storage.store import Store
from storage.tx import SqlTx
from storage.upkeep import prune
from storage.work import Bury, Done, Job, Retry, Unit, Verdict, Wait
from vraagbaak.errors import Refused, where

log = logging.getLogger("vraagbaak.worker")

Handler = Callable[[Job], Awaitable[Unit | Verdict]]

POLL_SECONDS = (
    5.0  # signals and due times do the waking; this is for what a command of another process queued
)
FAULT_SECONDS = 5.0
SLOW_SECONDS = 1.0
REMEMBERED_HOSTS = 10_000
UPKEEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a worker takes on."""

    batch: int = 50
    """Jobs that are claimed at once."""
    in_flight: int = 200
    """Jobs that are worked on at the same time, without those that have taken longer than a second."""
    hanging: int = 400
    """So many of those on top: servers that hang must leave room for those that answer."""
    lease_seconds: float = 120.0
    """Handlers are cut off well before this."""
    stop_seconds: float = 10.0

    @property
    def ailing(self) -> int:
        """How many jobs for servers that failed lately are worked on at the same time."""
        return max(1, self.in_flight // 4)

    @property
    def handler_seconds(self) -> float:
        """How long a handler may take; the rest of the lease is for storing."""
        return self.lease_seconds * 0.75


@dataclass(frozen=True, slots=True)
class _Held:
    """A job in work."""

    host: str | None
    since: float


class Worker:
    """Does the jobs of one store, with one handler for each kind of job."""

    def __init__(self, store: Store, handlers: Mapping[str, Handler], limits: Limits | None = None) -> None:
        self._store = store
        self._handlers = handlers
        self._limits = limits or Limits()
        self._name = secrets.token_hex(8)
        self._running: dict[asyncio.Task[None], _Held] = {}
        self._well: OrderedDict[str, None] = OrderedDict()
        """The servers that answered when they were last asked."""
        self._stopping = False
        self._wake = asyncio.Event()
        self._cut_off: list[Job] = []
        self._done = 0
        self._upkeep_at: datetime | None = None

    async def run(self) -> None:
        """Work until `stop` is called (or this task is cancelled); then finish what is in hand."""
        try:
            with self._store.signals.jobs.listen() as self._wake:
                async with asyncio.TaskGroup() as group:
                    while not self._stopping:
                        await self._round(group)
                    await self._drain()
        finally:
            await self._store.run(jobs.release, self._name, self._cut_off)

    def stop(self) -> None:
        """Take no more jobs. `run` returns when those in hand are done, or after `stop_seconds`."""
        self._stopping = True
        self._wake.set()

    async def run_until_idle(self, max_jobs: int = 100_000) -> int:
        """Work until nothing is due, without waiting for time to pass; how many jobs were worked on.

        Raises `RuntimeError` after `max_jobs`: jobs that make each other never come to an end.
        """
        before = self._done
        async with asyncio.TaskGroup() as group:
            while self._done - before <= max_jobs:
                # What ends while the claim is on its way may leave something free that the claim did not see.
                at_rest = not self._running
                taken, _ = await self._take(group)
                if not taken and at_rest:
                    return self._done - before
                if self._running:
                    await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
        await self._store.run(jobs.release, self._name)
        raise RuntimeError(f"still not idle after {max_jobs} jobs")

    async def _round(self, group: asyncio.TaskGroup) -> None:
        """One claim, and then a wait for a reason to do the next."""
        self._wake.clear()
        try:
            await self._upkeep()
            asked = self._room
            taken, due = await self._take(group)
            if taken and taken == asked and self._room:
                return
        except StorageFault:
            raise
        except Exception as fault:  # noqa: BLE001 - a database that is away for a moment must not end the loop
            log.warning("cannot get at the jobs, again in a moment: %s", type(fault).__name__)
            await self._sleep(FAULT_SECONDS)
            return
        if self._room <= 0:
            await self._sleep(SLOW_SECONDS)  # by then what hangs no longer counts
            return
        now = self._store.clock.now()
        await self._sleep(POLL_SECONDS if due is None else (due - now).total_seconds())

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(max(seconds, 0.001), POLL_SECONDS)):
                await self._wake.wait()

    async def _drain(self) -> None:
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=self._limits.stop_seconds)
            for task in late:
                task.cancel()

    async def _upkeep(self) -> None:
        now = self._store.clock.now()
        if self._upkeep_at is None or now >= self._upkeep_at:
            self._upkeep_at = now + UPKEEP
            await self._store.run(prune)

    @property
    def _room(self) -> int:
        limits, running = self._limits, self._running
        slow = asyncio.get_running_loop().time() - SLOW_SECONDS
        quick = sum(held.since > slow for held in running.values())
        return min(limits.batch, limits.in_flight - quick, limits.in_flight + limits.hanging - len(running))

    def _care(self) -> jobs.Care:
        slow = asyncio.get_running_loop().time() - SLOW_SECONDS
        busy = frozenset(
            held.host
            for held in self._running.values()
            if held.host and (held.since <= slow or held.host not in self._well)
        )
        return jobs.Care(well=self._well, busy=busy, ailing=self._limits.ailing)

    async def _take(self, group: asyncio.TaskGroup) -> tuple[int, datetime | None]:
        """Claim as many as there is room for, and start on them; how many that are, and when there may be more."""
        room = self._room
        if room <= 0:
            return 0, None
        store, lease = self._store, self._limits.lease_seconds
        taken, due = await store.run(jobs.claim_or_wait, room, self._name, lease, store.policy, self._care())
        now = asyncio.get_running_loop().time()
        for job in taken:
            task = group.create_task(self._do(job), name=f"{job.kind} {job.id}")
            self._running[task] = _Held(job.host, now)
            task.add_done_callback(self._over)
        return len(taken), due

    def _over(self, task: asyncio.Task[None]) -> None:
        if len(self._running) >= self._limits.in_flight:
            self._wake.set()  # there may be room again; what stood behind this job wakes us by itself
        self._running.pop(task, None)

    def _note(self, host: str, answer: Unit | Verdict) -> None:
        """Remember whether a server answered."""
        if isinstance(answer, Retry):
            self._well.pop(host, None)
            return
        self._well[host] = None
        self._well.move_to_end(host)
        while len(self._well) > REMEMBERED_HOSTS:
            self._well.popitem(last=False)

    async def _do(self, job: Job) -> None:
        try:
            answer = await self._handled(job)
            if job.host and not isinstance(answer, Wait):
                self._note(job.host, answer)
            try:
                await self._store.run(_store_answer, job, answer, self._store)
            except Refused as refusal:
                log.info("job %d (%s) was refused: %s", job.id, job.kind, refusal.code)
                await self._store.run(jobs.finish, job)
            except LeaseLost:
                raise
            except Exception as fault:  # noqa: BLE001 - whatever the unit stumbled over
                _log(job, "cannot be stored", fault)
                retry = Retry(error=type(fault).__name__)
                await self._store.run(jobs.give_back, job, retry, self._store.policy)
        except asyncio.CancelledError:
            self._cut_off.append(job)
            raise
        except LeaseLost:
            log.info("job %d (%s) was taken over by another worker", job.id, job.kind)
        except Exception as fault:  # noqa: BLE001 - the lease ends and the job comes back
            log.warning("job %d (%s) waits for its lease to end: %s", job.id, job.kind, type(fault).__name__)
        self._done += 1

    async def _handled(self, job: Job) -> Unit | Verdict:
        handler = self._handlers.get(job.kind)
        if handler is None:
            return Retry(error="NoHandler")
        try:
            async with asyncio.timeout(self._limits.handler_seconds):
                return await handler(job)
        except Refused as refusal:
            log.info("job %d (%s) was refused: %s", job.id, job.kind, refusal.code)
            return Done()
        except Exception as fault:  # noqa: BLE001 - whatever the handler stumbled over
            _log(job, "failed", fault)
            return Retry(error=type(fault).__name__)


def _log(job: Job, what: str, fault: Exception) -> None:
    log.error("job %d (%s) %s: %s", job.id, job.kind, what, where(fault))


def _store_answer(tx: SqlTx, job: Job, answer: Unit | Verdict, store: Store) -> None:
    """What came of a job, in one transaction with its end."""
    match answer:
        case Retry():
            jobs.give_back(tx, job, answer, store.policy)
        case Wait():
            jobs.put_off(tx, job, answer, store.policy)
        case Bury():
            jobs.bury(tx, job, answer.error)
        case Done():
            jobs.finish(tx, job)
        case Unit():
            # First the end: who lost the job to another worker must do nothing else.
            jobs.finish(tx, job)
            answer.fn(tx, *answer.args)
        case _:
            assert_never(answer)
    if isinstance(answer, Bury | Done) and answer.host_answered and job.host:
        host_answered(tx, job.host)
