"""Two taps are one wish: who sends the same words again within ten minutes gets what is there already.

It compares only what one and the same author said, and never looks at the shared persona: behind that are many.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from vraagbaak.model import Actor, Answer, Offer, Question, QuestionStatus, ReplyStatus
from vraagbaak.ports import Tx

T = TypeVar("T", Question, Answer, Offer)

AS_ONE = timedelta(minutes=10)
STANDING = frozenset({QuestionStatus.OPEN, QuestionStatus.ANSWERED, ReplyStatus.SHOWN})
"""What was closed or hidden meanwhile is over: saying it again is something new."""


def just_said(tx: Tx, kind: type[T], author_id: str, **same: object) -> T | None:
    """What this author said a moment ago that has the same value in all these fields."""
    # Two at once wait for each other at this row, and the second then sees what the first wrote (PostgreSQL).
    tx.save(tx.get(Actor, author_id))
    since = tx.now - AS_ONE
    for thing in tx.find(kind, author_id=author_id, **same):
        if thing.published_at > since and thing.status in STANDING:
            return thing
    return None
