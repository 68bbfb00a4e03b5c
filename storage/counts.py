"""How full the queue is, for whoever watches the server: numbers only, of machinery and never of people."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from storage.mapping import milliseconds
from storage.reading import Reading

_STATES = text("SELECT kind, state, count(*) AS amount FROM jobs GROUP BY kind, state ORDER BY kind, state")
_OLDEST_DUE = text(
    "SELECT min(run_at) FROM jobs WHERE state = 'waiting' AND lease_until IS NULL AND host IS NULL AND run_at <= :now"
)
_THINGS = {
    "questions": text("SELECT count(*) FROM questions WHERE local = 1"),
    "questions elsewhere": text("SELECT count(*) FROM questions WHERE local = 0"),
    "answers": text("SELECT count(*) FROM answers WHERE local = 1"),
    "answers elsewhere": text("SELECT count(*) FROM answers WHERE local = 0"),
    "answers that helped": text("SELECT count(*) FROM marks WHERE value = 'helped'"),
    "offers": text("SELECT count(*) FROM offers WHERE local = 1"),
    "waiting for review": text("SELECT count(*) FROM questions WHERE status = 'held'"),
    "pilots": text("SELECT count(*) FROM peers WHERE standing = 'pilot'"),
}
_PARKED = text("SELECT count(*) FROM hosts WHERE next_try > :now OR wished_until > :now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue at one moment."""

    jobs: tuple[tuple[str, str, int], ...]
    """Kind of job, `waiting` or `buried`, and how many."""
    behind_seconds: float
    """How long the oldest job that is for nobody in particular should have been done already."""
    parked_hosts: int
    """Servers that do not answer and are left alone for now."""


def queue(reading: Reading) -> Queue:
    """The queue now."""
    now = milliseconds(reading.now)
    oldest = reading.execute(_OLDEST_DUE, {"now": now}).scalar()
    return Queue(
        jobs=tuple((row.kind, row.state, row.amount) for row in reading.execute(_STATES)),
        behind_seconds=0.0 if oldest is None else (now - int(oldest)) / 1000,
        parked_hosts=int(reading.execute(_PARKED, {"now": now}).scalar() or 0),
    )


def things(reading: Reading) -> dict[str, int]:
    """How many things there are, ours and from elsewhere."""
    return {name: int(reading.execute(statement).scalar() or 0) for name, statement in _THINGS.items()}


def alive(reading: Reading) -> bool:
    """Whether the database answers."""
    return bool(reading.execute(text("SELECT 1")).scalar())
