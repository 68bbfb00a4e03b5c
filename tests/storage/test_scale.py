"""A long queue is not a slow queue: what waits, or waits for a dead server, costs nothing."""

from __future__ import annotations

import itertools
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
UNITS = {"sqlite": "steps", "postgresql": "rows and searches"}
FEW = {"sqlite": 2000, "postgresql": 200}
PER_HOST = {"sqlite": 200, "postgresql": 20}
READ = text(
    "SELECT coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + coalesce(idx_scan, 0)), 0)"
    " FROM pg_stat_xact_user_tables WHERE relname = 'jobs'"
)
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


def effort(store, claimed):
    """What a claim reads, counted: steps of SQLite's machine, or rows and searches of PostgreSQL in the table of jobs."""

    def counted(tx):
        if tx.dialect == "postgresql":
            taken = jobs.claim(tx, 50, "worker", 600, POLICY)
            return taken, int(tx.execute(READ).scalar())
        driver, steps = tx.connection.connection.driver_connection, itertools.count()
        driver.set_progress_handler(lambda: next(steps) < 0, 1)
        try:
            taken = jobs.claim(tx, 50, "worker", 600, POLICY)
        finally:
            driver.set_progress_handler(None, 1)
        return taken, next(steps)

    if store.dialect == "postgresql":  # what earlier transactions did is counted until then
        store.run_now(lambda tx: tx.execute(text("SELECT pg_stat_force_next_flush()")))
    taken, spent = store.run_now(counted)
    assert len(taken) == claimed
    return taken, spent


def claim_fresh(store):
    """The effort of a claim that finds one fresh job, which is put back."""
    (job,), spent = effort(store, 1)
    assert job.kind == "fresh"
    store.run_now(jobs.finish, job)
    store.run_now(lambda tx: tx.enqueue(Work("fresh")))
    return spent


@pytest.mark.parametrize("burden", ["for a dead host", "for later", "behind one another"])
def test_a_hundred_thousand_jobs_that_cannot_run_cost_nothing(store, clock, burden):
    """A claim reads a handful of rows however many jobs are parked, not due, or behind others."""
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
    spent = max(claim_fresh(store) for _ in range(3))
    print(f"{store.dialect}, {MANY} {burden}: claim in {spent} {UNITS[store.dialect]}")
    assert spent < FEW[store.dialect]


def test_hosts_are_hopped_over(store):
    """With two jobs for each of a thousand hosts a claim costs a few searches for each host, and no more."""
    store.run_now(lambda tx: [tx.enqueue(Work("w", host=f"h{n % 1000}")) for n in range(2000)])
    if store.dialect == "postgresql":
        store.run_now(lambda tx: tx.execute(text("ANALYZE jobs")))
    spent = max(effort(store, 50)[1] for _ in range(3))
    print(f"{store.dialect}, 1000 hosts: claim of 50 in {spent} {UNITS[store.dialect]}")
    assert spent < 1000 * PER_HOST[store.dialect]


STATEMENTS = [
    "_HOST_LANE",
    "_HOST_WALLS",
    "_NOBODYS_LANE",
    "_NOBODYS_WALLS",
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
