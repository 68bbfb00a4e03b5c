"""The circuit breaker: how other servers have been answering, and whether they are left alone for a while.

Five failures within ten minutes park a host for half an hour; then one job tries, and its success frees all.
There is no row for a host that answers.
"""

from __future__ import annotations

from storage.policy import BREAKER_FAILURES, RetryPolicy, wish
from storage.records import Host
from storage.work import WorkTx


def host_failed(tx: WorkTx, host: str, policy: RetryPolicy, retry_after: float | None = None) -> Host:
    """Count a failure; back what is known of the host now. With `retry_after` (seconds) it is parked at once.

    What it asks for never shortens the time for which it is left alone.
    """
    before = tx.one(Host, id=host)
    known = before or Host(id=host)
    fresh = known.window_started is None or tx.now - known.window_started > policy.window
    failures = 1 if fresh else known.failures + 1
    waits = [known.next_try] if known.next_try else []
    if retry_after is not None:
        waits.append(tx.now + wish(retry_after))
    if failures >= BREAKER_FAILURES or (known.next_try and retry_after is None):
        waits.append(tx.now + policy.parked)
    next_try = max(waits, default=None)
    after = Host(
        id=host,
        failures=failures,
        window_started=tx.now if fresh else known.window_started,
        next_try=next_try,
        silent_since=known.silent_since or tx.now,
    )
    if before is None:
        tx.add(after)
    else:
        tx.save(after)
    return after


def host_answered(tx: WorkTx, host: str) -> None:
    """Forget all failures; if there were any, everything that waits to be tried again is tried now."""
    known = tx.one(Host, id=host)
    if known is not None:
        tx.remove(known)
        tx.bring_forward(host)


def parked(tx: WorkTx, host: str) -> bool:
    """Whether the host is left alone at this moment."""
    known = tx.one(Host, id=host)
    return known is not None and known.next_try is not None and known.next_try > tx.now
