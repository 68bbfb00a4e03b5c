"""How long a claim takes while a hundred thousand jobs cannot run, and from a thousand hosts (SQLite).

What it reads is counted in tests/storage/test_scale.py; time depends on the machine, and so is no test.
"""

from __future__ import annotations

import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from storage import jobs
from storage.hosts import host_failed
from storage.mapping import milliseconds
from storage.policy import RetryPolicy
from storage.store import Store
from storage.tx import SqlTx
from storage.work import Work
from tests.bench.server import report
from vraagbaak.config import Config
from web.wiring import open_store

MANY = 100_000
HOSTS = 1000
RUNS = 20
POLICY = RetryPolicy()
_FILL = text(
    """
    INSERT INTO jobs (kind, payload, host, sequence, state, attempts, run_at, made_at)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :many)
    SELECT 'w', '{}', :host, :sequence, 'waiting', 0, :run_at, :made_at FROM numbers
    """
)


def _fill(tx: SqlTx, host: str, sequence: str | None, later: timedelta) -> None:
    now = milliseconds(tx.now)
    run_at = milliseconds(tx.now + later)
    values = {"many": MANY, "host": host, "sequence": sequence, "run_at": run_at, "made_at": now}
    tx.execute(_FILL, values)


def _claim(store: Store) -> float:
    """Milliseconds of the quickest claim of one fresh job."""
    times = []
    for _ in range(RUNS):
        store.run_now(lambda tx: tx.enqueue(Work("fresh")))
        before = time.perf_counter()
        (job,) = store.run_now(jobs.claim, 50, "worker", 60, POLICY)
        times.append(time.perf_counter() - before)
        store.run_now(jobs.finish, job)
    return round(min(times) * 1000, 2)


def main() -> None:
    """Run it."""
    figures: dict[str, float] = {}
    for name, sequence, later in (
        ("dead_host", None, timedelta()),
        ("later", None, timedelta(hours=1)),
        ("one_sequence", "s", timedelta()),
    ):
        with tempfile.TemporaryDirectory() as folder, open_store(_config(), Path(folder)) as store:
            store.run_now(_fill, "x.example", sequence, later)
            if name == "dead_host":
                for _ in range(5):
                    store.run_now(host_failed, "x.example", POLICY)
            elif name == "one_sequence":
                store.run_now(jobs.claim, 50, "other", 600, POLICY)
            figures[f"claim_ms_{name}"] = _claim(store)
    with tempfile.TemporaryDirectory() as folder, open_store(_config(), Path(folder)) as store:
        store.run_now(lambda tx: [tx.enqueue(Work("w", host=f"h{n % HOSTS}")) for n in range(2 * HOSTS)])
        before = time.perf_counter()
        store.run_now(jobs.claim, 50, "worker", 600, POLICY)
        figures["claim_of_50_ms_thousand_hosts"] = round((time.perf_counter() - before) * 1000, 2)
    report("queue", figures)


def _config() -> Config:
    return Config(base_url="https://wester.example", name="Wester", slug="wester")
