"""What members want to be said later: kept as it was given, and said at its moment by the rules that hold then.

Until then nobody else reads it; who left or may not speak any more says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vraagbaak import media
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import PlanMade
from vraagbaak.model import Actor, Member, Planned
from vraagbaak.ports import Reads, Tx

SOONEST = timedelta(minutes=5)
LATEST = timedelta(days=366)
MOST = 300
MOST_A_DAY = 25
LONGEST = 64 * 1024
"""Characters of what is given: more than any status takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What is to be said, in the form in which a program gave it, and when."""

    given: str
    due_at: datetime
    media: tuple[str, ...] = ()
    """The pictures that are to stand with it."""


def plan(tx: Tx, member: Member, later: Later) -> Planned:
    """It is to be said at that moment. Raises Invalid."""
    if len(later.given) > LONGEST:
        raise Invalid(
            "status", "This is too long. At most %(length)d characters.", "too-long", length=LONGEST
        )
    others = of_member(tx, member)
    if len(others) >= MOST:
        raise Invalid("scheduled_at", "You planned a lot already. Call something off first.", "too-many")
    _require_moment(tx, later.due_at, others)
    made = Planned(
        id=tx.new_id(), member_id=member.id, given=later.given, due_at=later.due_at, made_at=tx.now
    )
    tx.add(made)
    media.promise(tx, member.actor_id, made.id, later.media)
    tx.record(PlanMade(planned_id=made.id, due_at=made.due_at))
    return made


def of_member(tx: Reads, member: Member) -> list[Planned]:
    """All that a member planned, in the order of planning."""
    return tx.find(Planned, member_id=member.id)


def own(tx: Reads, member: Member, key: str) -> Planned:
    """What a member planned. Raises Unknown, also for what somebody else did."""
    found = tx.one(Planned, id=key)
    if found is None or found.member_id != member.id:
        raise Unknown
    return found


def move(tx: Tx, member: Member, key: str, due_at: datetime) -> Planned:
    """It is to be said at another moment. Raises Unknown or Invalid."""
    before = own(tx, member, key)
    _require_moment(tx, due_at, [each for each in of_member(tx, member) if each.id != key])
    moved = replace(before, due_at=due_at)
    tx.save(moved)
    tx.record(PlanMade(planned_id=moved.id, due_at=due_at))
    return moved


def call_off(tx: Tx, member: Member, key: str) -> None:
    """It is not to be said; its pictures wait to be used again. Raises Unknown."""
    tx.remove(own(tx, member, key))


def take_up(tx: Tx, key: str) -> tuple[Planned, Member] | None:
    """What is due is planned no more, and to be said now.

    None for what was called off, was moved to a later moment, or is of somebody who may not speak: that is forgotten.
    """
    found = tx.one(Planned, id=key)
    if found is None or found.due_at > tx.now:
        return None
    tx.remove(found)
    member = tx.get(Member, found.member_id)
    return None if tx.get(Actor, member.actor_id).suspended else (found, member)


def give_up(tx: Tx, key: str) -> None:
    """It cannot be said: what it replies to is gone, or it is not allowed any more."""
    found = tx.one(Planned, id=key)
    if found:
        tx.remove(found)


def _require_moment(tx: Reads, due_at: datetime, others: list[Planned]) -> None:
    if due_at < tx.now + SOONEST:
        raise Invalid("scheduled_at", "Choose a moment at least five minutes from now.", "too-soon")
    if due_at > tx.now + LATEST:
        raise Invalid("scheduled_at", "Choose a moment within a year.", "too-late")
    if sum(each.due_at.date() == due_at.date() for each in others) >= MOST_A_DAY:
        raise Invalid("scheduled_at", "You planned a lot for that day already. Choose another.", "too-many")
