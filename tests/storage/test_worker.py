"""The worker: every job ends once, whatever its handler does, and the loop goes on."""

from __future__ import annotations

import asyncio
import logging

import pytest

from storage import jobs
from storage.clock import SystemClock, UlidIds
from storage.hosts import host_failed, parked
from storage.memory import CountingIds
from storage.records import Host, Seen
from storage.tables import jobs as jobs_table
from storage.work import Bury, Done, Retry, Unit, Work
from storage.worker import Limits, Worker
from tests.storage.things import AT, actor
from vraagbaak.errors import Refused, Unknown
from vraagbaak.model import Actor, Session

EAST = "oost.example"


def put(store, *works):
    store.run_now(lambda tx: [tx.enqueue(work) for work in works])


def waiting(store):
    """All jobs that are left, in whatever state."""
    rows = store.read_now(lambda reading: reading.execute(jobs_table.select()).mappings().all())
    return [(row["kind"], row["state"], row["attempts"], row["last_error"]) for row in rows]


def leaves(fn, *args):
    """A handler that leaves a unit to be stored."""

    async def handler(job):
        return Unit(fn, args)

    return handler


def says(verdict):
    """A handler that has one answer."""

    async def handler(job):
        return verdict

    return handler


def raises(fault):
    """A handler that fails."""

    async def handler(job):
        raise fault

    return handler


async def test_no_handler_can_stop_the_loop(store, caplog):
    """Whatever handlers raise, leave or say, every other job is done; the faulty ones wait or are dropped."""

    def storm(tx):
        tx.add(actor("half"))
        raise OSError("secret " + "text")

    def refuse(tx):
        tx.add(actor("refused"))
        raise Unknown

    handlers = {
        "raises": raises(ValueError("secret " + "text")),
        "cancels": raises(TimeoutError()),
        "refuses": raises(Refused("not-now")),
        "stores badly": leaves(storm),
        "stores refused": leaves(refuse),
        "answers rubbish": says("rubbish"),
        "gives up": says(Bury(error="Rejected")),
        "good": leaves(lambda tx: tx.add(actor("good"))),
    }
    put(store, *[Work(kind, "secret text") for kind in [*handlers, "unknown"]])
    with caplog.at_level(logging.INFO):
        assert await Worker(store, handlers).run_until_idle() == 9
    assert sorted(waiting(store)) == [
        ("answers rubbish", "waiting", 1, "AssertionError"),
        ("cancels", "waiting", 1, "TimeoutError"),
        ("gives up", "buried", 1, "Rejected"),
        ("raises", "waiting", 1, "ValueError"),
        ("stores badly", "waiting", 1, "OSError"),
        ("unknown", "waiting", 1, "NoHandler"),
    ]
    assert [each.id for each in store.read_now(lambda reading: reading.find(Actor))] == ["good"]
    assert "not-now" in caplog.text
    assert "secret text" not in caplog.text


async def test_a_handler_that_hangs_is_cut_off(store_factory, url):
    """A handler that never answers loses its job to a retry before its lease ends."""

    async def hang(job):
        await asyncio.Event().wait()

    store = store_factory(url)
    put(store, Work("hang"), Work("good"))
    worker = Worker(store, {"hang": hang, "good": says(Done())}, Limits(lease_seconds=0.2))
    assert await worker.run_until_idle() == 2
    assert waiting(store) == [("hang", "waiting", 1, "TimeoutError")]


async def test_what_a_job_leaves_is_stored_with_its_end(store, clock):
    """When storing fails, the job is still there; when it works, both are one: nothing is stored twice."""
    flaky = iter([OSError(), OSError(), None])

    def unit(tx):
        tx.add(Seen(id=tx.new_id(), actor_uri="a", seen_at=AT))
        if fault := next(flaky):
            raise fault

    put(store, Work("once"))
    worker = Worker(store, {"once": leaves(unit)})
    for done in (1, 1, 1, 0):
        assert await worker.run_until_idle() == done
        clock.tick(hours=1)
    assert len(store.read_now(lambda reading: reading.find(Seen))) == 1
    assert waiting(store) == []


async def test_a_job_that_runs_twice_stores_once(store, clock):
    """Two workers with the same job, because a lease ended too early: what it stores is there once."""
    gate, begun = asyncio.Event(), {1: asyncio.Event(), 2: asyncio.Event()}

    async def slow(job):
        begun[job.attempts].set()
        await gate.wait()
        return Unit(lambda tx: tx.add(Seen(id=tx.new_id(), actor_uri="a", seen_at=AT)))

    put(store, Work("slow"))
    late = asyncio.ensure_future(Worker(store, {"slow": slow}).run_until_idle())
    await begun[1].wait()
    clock.tick(minutes=10)
    early = asyncio.ensure_future(Worker(store, {"slow": slow}).run_until_idle())
    await begun[2].wait()
    gate.set()
    assert await asyncio.gather(late, early) == [1, 1]
    assert len(store.read_now(lambda reading: reading.find(Seen))) == 1


async def test_jobs_that_cause_jobs_are_all_done(store):
    """Working until idle includes what the jobs queue, and stops when they never come to an end."""

    def more(tx, left):
        if left:
            tx.enqueue(Work("more", str(left - 1)))

    async def handler(job):
        return Unit(more, (int(job.payload),))

    put(store, Work("more", "9"))
    assert await Worker(store, {"more": handler}).run_until_idle() == 10
    put(store, Work("more", "999"))
    with pytest.raises(RuntimeError, match="still not idle"):
        await Worker(store, {"more": handler}).run_until_idle(max_jobs=20)


async def test_verdicts_reach_the_breaker(store, clock):
    """Failures of a host are counted, its answers clear them, and what waited goes out when it is back."""
    put(store, *[Work("post", host=EAST) for _ in range(8)])
    bad = Worker(store, {"post": says(Retry(error="Status500", host_failed=True))})
    assert 5 <= await bad.run_until_idle() <= 6
    assert store.run_now(parked, EAST)
    assert await bad.run_until_idle() == 0
    clock.tick(minutes=31)
    good = Worker(store, {"post": says(Done(host_answered=True))})
    assert await good.run_until_idle() == 8
    assert store.read_now(lambda reading: reading.find(Host)) == []
    store.run_now(host_failed, EAST, store.policy)
    put(store, Work("post", host=EAST))
    await Worker(store, {"post": says(Bury(error="Status400", host_answered=True))}).run_until_idle()
    assert store.read_now(lambda reading: reading.find(Host)) == []


async def test_two_at_a_time_and_in_order(store):
    """With everything running at once, a host still has two in work at most, and a sequence one."""
    now, most, order = {}, {}, []

    async def handler(job):
        for lane in (job.host, job.sequence):
            now[lane] = now.get(lane, 0) + 1
            most[lane] = max(most.get(lane, 0), now[lane])
        order.append((job.sequence, int(job.payload)))
        await store.read(lambda reading: None)  # lets the others go on
        for lane in (job.host, job.sequence):
            now[lane] -= 1
        return Done()

    works = [Work("w", str(n), host=f"h{n % 3}", sequence=f"s{n % 9}") for n in range(90)]
    put(store, *works)
    assert await Worker(store, {"w": handler}).run_until_idle() == 90
    assert max(count for lane, count in most.items() if lane.startswith("h")) <= 2
    assert max(count for lane, count in most.items() if lane.startswith("s")) == 1
    for lane in {sequence for sequence, _ in order}:
        own = [number for sequence, number in order if sequence == lane]
        assert own == sorted(own)


class Hands:
    """A handler that hangs at hosts called `dead...`; which host had how many in hand at once, and who was served."""

    def __init__(self):
        self.now, self.most, self.served = {}, {}, []
        self.changed = asyncio.Condition()

    async def __call__(self, job):
        self.now[job.host] = self.now.get(job.host, 0) + 1
        self.most[job.host] = max(self.most.get(job.host, 0), self.now[job.host])
        await self.say()
        if job.host.startswith("dead"):
            await asyncio.Event().wait()
        self.now[job.host] -= 1
        self.served.append(job.host)
        await self.say()
        return Done(host_answered=True)

    async def say(self):
        async with self.changed:
            self.changed.notify_all()

    async def until(self, true):
        """Wait for something to become true of these, but not for ever."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(true)


async def test_servers_that_hang_do_not_take_the_room_of_those_that_answer(url, store_factory):
    """One in ten hangs, and nobody knew: it has one job in hand, and all others get all of theirs meanwhile."""
    store = store_factory(url, clock=SystemClock())
    hosts = [f"{'dead' if n % 10 == 0 else 'well'}{n}.example" for n in range(100)]
    put(store, *[Work("w", host=host, sequence=f"{host} {n}") for n in range(3) for host in hosts])
    hands = Hands()
    worker = Worker(store, {"w": hands}, Limits(in_flight=20, hanging=0, stop_seconds=0))
    running = asyncio.ensure_future(worker.run())
    await hands.until(lambda: len(hands.served) == 270)
    assert {hands.most[host] for host in hosts if host.startswith("dead")} == {1}
    worker.stop()
    await running


async def test_what_hangs_is_set_aside_after_a_moment(url, store_factory, monkeypatch):
    """More servers hang than there is room for: after a second they no longer count, up to a limit."""
    monkeypatch.setattr("storage.worker.SLOW_SECONDS", 0.05)
    store = store_factory(url, clock=SystemClock())
    put(store, *[Work("w", host=f"dead{n}.example") for n in range(30)])
    put(store, *[Work("w", host=f"well{n}.example") for n in range(10)])
    hands = Hands()
    worker = Worker(store, {"w": hands}, Limits(in_flight=4, hanging=30, stop_seconds=0))
    running = asyncio.ensure_future(worker.run())
    await hands.until(lambda: len(hands.served) == 10)
    assert len(hands.most) <= 4 + 30 + 10
    worker.stop()
    await running


async def test_servers_that_failed_lately_get_a_quarter_of_the_room(url, store_factory):
    """However many servers ail, three quarters of the room stay free for a question that is asked now."""
    store = store_factory(url, clock=SystemClock())
    for number in range(30):
        store.run_now(host_failed, f"dead{number}.example", store.policy)
    put(store, *[Work("w", host=f"dead{n}.example") for n in range(30)])
    hands = Hands()
    worker = Worker(store, {"w": hands}, Limits(in_flight=8, hanging=0, stop_seconds=0))
    running = asyncio.ensure_future(worker.run())
    await hands.until(lambda: len(hands.most) == 2)
    await store.run(lambda tx: tx.enqueue(Work("w", host="well.example")))
    await hands.until(lambda: hands.served == ["well.example"])
    assert len(hands.most) == 3
    worker.stop()
    await running


async def test_several_workers_never_take_the_same_job(url, store_factory):
    """Four workers in two processes' stores: each job is done by one of them, and hosts get two at most."""
    stores = [store_factory(url, ids=UlidIds()) for _ in range(2)]
    put(stores[0], *[Work("w", str(n), host=f"h{n % 7}" if n % 2 else None) for n in range(200)])
    seen, busy, most = [], {}, 0

    async def handler(job):
        nonlocal most
        busy[job.host] = busy.get(job.host, 0) + 1
        most = max(most, busy[job.host] if job.host else 0)
        seen.append(int(job.payload))
        await stores[0].read(lambda reading: None)  # lets the others go on
        busy[job.host] -= 1
        return Unit(lambda tx: tx.add(Seen(id=tx.new_id(), actor_uri=job.payload, seen_at=AT)))

    workers = [Worker(stores[n % 2], {"w": handler}, Limits(batch=10, in_flight=10)) for n in range(4)]
    done = await asyncio.gather(*[worker.run_until_idle() for worker in workers])
    assert sum(done) == 200
    assert sorted(seen) == list(range(200))
    assert most <= 2
    assert len(stores[0].read_now(lambda reading: reading.find(Seen))) == 200


async def test_a_running_worker_wakes_for_new_work_and_stops_clean(url, store_factory):
    """In production the loop sleeps until work comes, does it at once, and stops without leaving a lease."""
    store = store_factory(url, clock=SystemClock())
    done = asyncio.Event()

    async def handler(job):
        done.set()
        return Done()

    worker = Worker(store, {"w": handler})
    running = asyncio.ensure_future(worker.run())
    async with asyncio.timeout(10):
        for _ in range(3):
            done.clear()
            await store.run(lambda tx: tx.enqueue(Work("w")))
            await done.wait()
        worker.stop()
        await running
    assert waiting(store) == []


async def test_a_running_worker_wakes_when_a_retry_is_due(store_factory):
    """The loop sleeps until the next due moment and not longer."""
    store = store_factory(clock=SystemClock(), lab_clock=6000)
    answers = iter([Retry(error="First"), Retry(error="Second"), Done()])
    worker = Worker(store, {})

    async def handler(job):
        answer = next(answers)
        if isinstance(answer, Done):
            worker.stop()
        return answer

    worker._handlers = {"w": handler}
    put(store, Work("w"))
    async with asyncio.timeout(10):
        await worker.run()
    assert waiting(store) == []


def spends(fate):
    """A handler that makes seven requests, and then meets this fate."""

    async def handler(job):
        job.tally.requests = 7
        return await fate(job)

    return handler


def spent(store):
    """What the one job that is left has spent so far."""
    (row,) = store.read_now(lambda reading: reading.execute(jobs_table.select()).mappings().all())
    return row["spent"]


def _cannot_be_stored(tx):
    raise OSError


@pytest.mark.parametrize(
    "fate",
    [
        says(Retry(error="again")),
        raises(RuntimeError()),
        leaves(_cannot_be_stored),
        lambda job: asyncio.Event().wait(),
    ],
    ids=["a retry", "a fault", "a unit that cannot be stored", "too long"],
)
async def test_d12_what_a_try_spent_counts_whatever_becomes_of_it(url, store_factory, clock, fate):
    """Seven requests each time: fourteen after two tries, and the handler is told what was spent before."""
    told = []

    async def handler(job):
        told.append(job.spent)
        return await spends(fate)(job)

    store = store_factory(url, clock=clock)
    put(store, Work("w"))
    worker = Worker(store, {"w": handler}, Limits(lease_seconds=0.2))
    for _ in range(2):
        await worker.run_until_idle()
        clock.tick(hours=1)
    assert told == [0, 7]
    assert spent(store) == 14


def test_d12_a_try_that_died_with_its_worker_is_not_free(store, clock):
    """Nobody can tell what it spent: it counts for ten, so that five of them use up what fifty allow."""
    put(store, Work("w"))
    told = []
    for _ in range(12):
        told += [job.spent for job in store.run_now(jobs.claim, 5, "w", 60, store.policy)]
        clock.tick(hours=2)
    assert told[:6] == [0, 10, 20, 30, 40, 50]
    assert jobs.LOST == 10


@pytest.mark.parametrize("ending", ["stop", "cancel"])
async def test_stopping_gives_back_what_is_not_finished(url, store_factory, ending):
    """A worker that is stopped waits a moment for its handlers, then leaves their jobs for the next worker."""
    store = store_factory(url, clock=SystemClock())
    begun = asyncio.Event()

    async def hang(job):
        job.tally.requests = 7
        begun.set()
        await asyncio.Event().wait()

    put(store, Work("hang"))
    worker = Worker(store, {"hang": hang}, Limits(stop_seconds=0.05))
    running = asyncio.ensure_future(worker.run())
    async with asyncio.timeout(10):
        await begun.wait()
        if ending == "stop":
            worker.stop()
            await running
        else:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
    assert waiting(store) == [("hang", "waiting", 0, "Released")]
    assert spent(store) == 7
    assert len(store.run_now(jobs.claim, 5, "next", 60, store.policy)) == 1


async def test_a_running_worker_forgets_what_has_had_its_time(store_factory):
    """Expired sessions and old ids of activities are gone soon after a worker starts."""
    store = store_factory(clock=SystemClock(), ids=CountingIds())
    store.run_now(lambda tx: tx.add(Seen(id="old", actor_uri="a", seen_at=AT.replace(year=2020))))
    worker = Worker(store, {"w": says(Done())})
    running = asyncio.ensure_future(worker.run())
    async with asyncio.timeout(10):
        while await store.read(lambda reading: reading.find(Seen)):
            continue
        worker.stop()
        await running
    assert store.read_now(lambda reading: reading.find(Session)) == []
