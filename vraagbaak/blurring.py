"""Times of what the shared neighbour says, made so that nobody can tell when its asker sat at a screen (threat G12).

The hour alone is told, and what goes to other servers leaves a few minutes later, by chance.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from vraagbaak.model import Actor, Question
from vraagbaak.ports import Tx

LEAST_WAIT = timedelta(minutes=2)
_NEXT = timedelta(milliseconds=1)


def told(tx: Tx, author: Actor) -> datetime:
    """The moment that is told of what this author says now."""
    return tx.now.replace(minute=0, second=0, microsecond=0) if author.shared else tx.now


def leaves_at(tx: Tx, author: Actor) -> datetime | None:
    """Not before when others hear of what this author says now; None for at once."""
    longest = timedelta(minutes=tx.home.anonymous_delay)
    if not author.shared or not longest:
        return None
    span = int((longest - LEAST_WAIT).total_seconds())
    chance = hashlib.sha256(tx.new_id().encode()).digest()  # of a fresh id more than half is chance
    return tx.now + LEAST_WAIT + timedelta(seconds=int.from_bytes(chance) % (span + 1))


def edited(tx: Tx, author: Actor, question: Question, leaves: datetime | None) -> datetime:
    """The moment of a change: when it leaves, and always after the one before, or others would take it for older."""
    if not author.shared:
        return tx.now
    return max(leaves or tx.now, (question.edited_at or question.published_at) + _NEXT)
