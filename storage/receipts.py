"""What became of a deletion at every server that had received the thing: told from what is still in the queue.

Nothing is kept for it: an order to delete that was carried out is no longer there, one that failed is buried.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from storage.mapping import milliseconds
from storage.reading import Reading
from storage.records import Sent
from storage.tables import jobs, tables
from storage.work import PUBLISH
from vraagbaak.model import Pilot

_sent, _pilot = tables[Sent], tables[Pilot]


class Outcome(StrEnum):
    """What is known of one server."""

    CONFIRMED = "confirmed"
    """It said that it took the deletion."""
    WAITING = "waiting"
    """It is still to be told, or did not answer yet."""
    FAILED = "failed"
    """It refused, or did not answer for seven days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One server that received the thing."""

    host: str
    name: str
    """What its pilot is called; empty for a server without one."""
    outcome: Outcome


def of(reading: Reading, thing_uri: str, since: datetime) -> list[Receipt]:
    """All servers that received what was under this uri, in order, and what became of its deletion at that moment.

    Everything for one inbox about one thread stands in one sequence of the queue (federation/letters.py), and the
    order to delete is the last of it; as long as the event itself waits, nobody was told. What failed before that is not
    about the deletion.
    """
    rows = reading.execute(
        select(_sent.c.host, _sent.c.inbox).where(_sent.c.thing_uri == thing_uri).order_by(_sent.c.host)
    ).all()
    told_by = f"{PUBLISH} {thing_uri}"
    states = _states(reading, [told_by, *(f"{row.inbox} {thing_uri}" for row in rows)], since)
    found: dict[str, Outcome] = {}
    for row in rows:
        outcome = states.get(told_by) or states.get(f"{row.inbox} {thing_uri}") or Outcome.CONFIRMED
        if found.get(row.host) in {None, Outcome.CONFIRMED}:
            found[row.host] = outcome
    named = select(_pilot.c.domain, _pilot.c.name).where(_pilot.c.domain.in_(list(found)))
    names = {row.domain: row.name for row in reading.execute(named)}
    return [Receipt(host=host, name=names.get(host, ""), outcome=what) for host, what in found.items()]


def _states(reading: Reading, sequences: list[str], since: datetime) -> dict[str, Outcome]:
    """For each sequence that has work left from then on, whether that waits or was given up."""
    left = select(jobs.c.sequence, jobs.c.state).where(
        jobs.c.sequence.in_(sequences), jobs.c.made_at >= milliseconds(since)
    )
    return {
        row.sequence: Outcome.WAITING if row.state == "waiting" else Outcome.FAILED
        for row in reading.execute(left.order_by(jobs.c.id))
    }
