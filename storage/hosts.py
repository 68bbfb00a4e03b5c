"""The circuit breaker: how other servers have been answering, and whether they are left alone for a while.

Five failures within ten minutes park a host for half an hour; then one job tries, and its success frees all. What a
host asks for itself holds whatever it does meanwhile. There is no row for a host that answers.
"""

from __future__ import annotations

from dataclasses import replace

from storage.policy import BREAKER_FAILURES, RetryPolicy, wish
from storage.records import Host
from storage.work import WorkTx


def host_failed(
    tx: WorkTx, host: str, policy: RetryPolicy, retry_after: float | None = None, *, silent: bool = False
) -> Host:
    """Count a failure; back what is known of the host now. With `retry_after` (seconds) it is parked at once.

    What it asks for never shortens the time for which it is left alone. `silent`: it gave no answer at all.
    """
    before = tx.one(Host, id=host)
    known = before or Host(id=host)
    fresh = known.window_started is None or tx.now - known.window_started > policy.window
    failures = 1 if fresh else known.failures + 1
    next_try, wished_until = known.next_try, known.wished_until
    if next_try is not None or failures >= BREAKER_FAILURES:
        next_try = max(tx.now + policy.parked, next_try or tx.now)
    if retry_after is not None:
        wished_until = max(tx.now + wish(retry_after), wished_until or tx.now)
    after = replace(
        known,
        failures=failures,
        window_started=tx.now if fresh else known.window_started,
        next_try=next_try,
        wished_until=wished_until,
        mute=silent,
        silent_since=known.silent_since or tx.now,
    )
    if before is None:
        tx.add(after)
    else:
        tx.save(after)
    return after


def host_answered(tx: WorkTx, host: str) -> None:
    """Forget all failures; if there were any, everything that waits to be tried again is tried now.

    Unless it asked for time: other answers that came in the meantime do not take that back.
    """
    known = tx.one(Host, id=host)
    if known is None:
        return
    if known.wished_until is None or known.wished_until <= tx.now:
        tx.remove(known)
    elif known.failures:
        tx.save(Host(id=host, window_started=tx.now, wished_until=known.wished_until))
    if known.failures:
        tx.bring_forward(host)


def host_spoke(tx: WorkTx, host: str, policy: RetryPolicy) -> None:
    """It sent us something: it is not silent, and if it gave no answer before, that is tried again.

    Who answers with faults, or asked for time, is not tried any sooner for that. A parked one is tried with one job,
    and at most once a minute, however much it sends.
    """
    known = tx.one(Host, id=host)
    if known is None or not (known.mute or known.silent_since):
        return
    tried = known.next_try - policy.parked if known.next_try else None
    if not known.mute or (tried and tx.now < tried + policy.delay(1)):
        if known.silent_since:
            tx.save(replace(known, silent_since=None))
        return
    next_try = min(known.next_try, tx.now) if known.next_try else None
    tx.save(replace(known, next_try=next_try, mute=False, silent_since=None))
    tx.bring_forward(host)


def parked(tx: WorkTx, host: str) -> bool:
    """Whether the host is left alone at this moment."""
    known = tx.one(Host, id=host)
    until = [known.next_try, known.wished_until] if known else []
    return any(moment and moment > tx.now for moment in until)
