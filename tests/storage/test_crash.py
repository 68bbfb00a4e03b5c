"""kill -9 at every boundary of a job: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.clock import SystemClock, UlidIds
from storage.memory import TickingClock
from storage.records import Seen
from storage.tables import jobs as jobs_table
from storage.work import Unit, Work
from storage.worker import Worker
from tests.storage.things import AT

JOBS = 12
VICTIM = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from storage.records import Seen
from storage.store import Store
from storage.work import Unit, Work
from storage.worker import Limits, Worker
from vraagbaak.model import Home

url, boundary = sys.argv[1:]
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
handled = 0

def effect(tx, name):
    tx.add(Seen(id=tx.new_id(), actor_uri=name, seen_at=datetime(2026, 11, 2, tzinfo=UTC)))
    tx.enqueue(Work("after", name))
    if boundary == "before the commit" and name == "5":
        die()

async def handler(job):
    global handled
    handled += 1
    if boundary == "in the handler" and handled == 5:
        die()
    return Unit(effect, (job.payload,))

async def main():
    store = Store.open(url, home=Home(base_url="https://a.example", name="A", slug="a"))
    worker = Worker(store, {"w": handler}, Limits(batch=6, in_flight=6))
    if boundary == "after the claim":
        take = worker._take
        async def take_and_die(group):
            await take(group)
            die()
        worker._take = take_and_die
    if boundary == "after the commit":
        over = worker._over
        def over_and_die(task):
            over(task)
            die()
        worker._over = over_and_die
    await worker.run_until_idle()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "boundary", ["after the claim", "in the handler", "before the commit", "after the commit"]
)
def test_i04_a_killed_worker_loses_and_doubles_nothing(url, store_factory, boundary):
    """A worker dies without warning; the next one finishes: each effect and each follow-up exists once."""
    ahead = TickingClock(SystemClock().now())
    store = store_factory(url, clock=ahead, ids=UlidIds())
    store.run_now(lambda tx: [tx.enqueue(Work("w", str(number))) for number in range(JOBS)])
    root = Path(__file__).parents[2]
    died = subprocess.run([sys.executable, "-c", VICTIM, url, boundary], cwd=root, timeout=60, check=False)
    assert died.returncode == -signal.SIGKILL
    ahead.tick(hours=1)

    def effect(tx, name):
        tx.add(Seen(id=tx.new_id(), actor_uri=name, seen_at=AT))
        tx.enqueue(Work("after", name))

    async def again(job):
        return Unit(effect, (job.payload,))

    asyncio.run(Worker(store, {"w": again}).run_until_idle(max_jobs=1000))
    effects = store.read_now(lambda reading: reading.find(Seen))
    assert sorted(int(each.actor_uri) for each in effects) == list(range(JOBS))
    left = store.read_now(lambda reading: reading.execute(jobs_table.select()).mappings().all())
    assert sorted(int(row["payload"]) for row in left) == list(range(JOBS))
    assert {row["kind"] for row in left} == {"after"}
