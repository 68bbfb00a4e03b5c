"""A long queue is not a slow queue: what waits, or waits for a dead server, costs nothing."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage import jobs
from storage.hosts import host_failed
from storage.mapping import milliseconds
from storage.policy import RetryPolicy
from storage.work import Work

MANY = 100_000
POLICY = RetryPolicy()
FILL = text(
    """
    INSERT INTO jobs (kind, payload, host, sequence, state, attempts, run_at, made_at)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
    SELECT 'w', '{}', :host, CASE WHEN :sequences > 0 THEN 's' || (n % :divisor) END,
           'waiting', 0, CAST(:run_at AS BIGINT), :made_at FROM numbers
    """
)


def fill(tx, host=None, sequences=0, later=timedelta(0)):
    now = milliseconds(tx.now)
    run_at = now + int(later.total_seconds() * 1000)
    values = {"sequences": sequences, "divisor": max(sequences, 1), "run_at": run_at, "made_at": now}
    statement = FILL if tx.dialect == "sqlite" else text(str(FILL).replace(":host", "CAST(:host AS TEXT)"))
    tx.execute(statement, {"many": MANY, "host": host, **values})


def quickest(store, count=5):
    """The CPU-bound time of a claim with its finish, in seconds: the quickest of some."""
    times = []
    for _ in range(count):
        before = time.perf_counter()
        taken = store.run_now(jobs.claim, 50, "worker", 60, POLICY)
        times.append(time.perf_counter() - before)
        assert [job.kind for job in taken] == ["fresh"]
        store.run_now(jobs.finish, taken[0])
        store.run_now(lambda tx: tx.enqueue(Work("fresh")))
    return min(times)


@pytest.mark.parametrize("burden", ["for a dead host", "for later", "behind one another"])
def test_a_hundred_thousand_jobs_that_cannot_run_cost_nothing(store, clock, burden):
    """A claim takes a few milliseconds however many jobs are parked, not due, or behind others."""
    if burden == "for a dead host":
        store.run_now(fill, "dead.example")
        for _ in range(5):
            store.run_now(host_failed, "dead.example", POLICY)
    elif burden == "for later":
        store.run_now(fill, "late.example", later=timedelta(hours=1))
        store.run_now(fill, None, later=timedelta(hours=1))
    else:
        store.run_now(fill, "slow.example", sequences=1)
        (first,) = store.run_now(jobs.claim, 50, "other", 600, POLICY)
        assert first.host == "slow.example"
    store.run_now(lambda tx: tx.enqueue(Work("fresh")))
    if store.dialect == "postgresql":
        store.run_now(lambda tx: tx.execute(text("ANALYZE jobs")))
    spent = quickest(store)
    print(f"{store.dialect}, {MANY} {burden}: claim in {spent * 1000:.2f} ms")
    assert spent < 0.03


def test_hosts_are_hopped_over(store):
    """With two jobs for each of a thousand hosts a claim still takes milliseconds."""
    store.run_now(lambda tx: [tx.enqueue(Work("w", host=f"h{n % 1000}")) for n in range(2000)])
    if store.dialect == "postgresql":
        store.run_now(lambda tx: tx.execute(text("ANALYZE jobs")))
    times = []
    for _ in range(5):
        before = time.perf_counter()
        assert len(store.run_now(jobs.claim, 50, "worker", 600, POLICY)) == 50
        times.append(time.perf_counter() - before)
    print(f"{store.dialect}, 1000 hosts: claim of 50 in {min(times) * 1000:.2f} ms")
    assert min(times) < 0.1


STATEMENTS = [
    "_HOST_LANE",
    "_NOBODYS_LANE",
    "_LANES",
    "_AILING",
    "_EXPIRED",
    "_NEXT_DUE",
    "_PUSH_BACK",
    "_RELEASE",
    "_BURIED",
]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_of_the_queue_reads_the_whole_table(store_factory, name):
    """Every search in the queue goes by an index, on SQLite whatever its statistics say."""
    statement = getattr(jobs, name)
    values = dict.fromkeys(statement._bindparams, 1)
    store = store_factory()
    plan = store.run_now(lambda tx: tx.execute(text(f"EXPLAIN QUERY PLAN {statement.text}"), values).all())
    scans = [row.detail for row in plan if row.detail.startswith("SCAN") and "jobs" in row.detail]
    assert [scan for scan in scans if "USING" not in scan] == []
    assert [row.detail for row in plan if row.detail in {"SCAN j", "SCAN e", "SCAN o"}] == []
