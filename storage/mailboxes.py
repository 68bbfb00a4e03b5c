"""Which letters are due: looked for with the upkeep, put in the queue for their own moment, once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from storage.mapping import milliseconds
from storage.reading import Reading
from storage.tables import tables
from storage.tx import SqlTx
from storage.work import Work
from vraagbaak.model import Mailbox

ROUND, LETTER = "mail-round", "mail-letter"
AHEAD = timedelta(hours=1)
"""As long as until the next look."""
_AT_ONCE = 500
_mailbox = tables[Mailbox]


def due(reading: Reading, limit: int) -> list[Mailbox]:
    """Mailboxes whose letter is to go before the next look, earliest first."""
    statement = (
        select(_mailbox.c.id)
        .where(_mailbox.c.confirmed == 1, _mailbox.c.due_at <= milliseconds(reading.now + AHEAD))
        .order_by(_mailbox.c.due_at, _mailbox.c.id)
        .limit(limit)
    )
    return [reading.get(Mailbox, row.id) for row in reading.execute(statement).fetchall()]


def queue_letters(tx: SqlTx, host: str, next_due: Callable[[Mailbox, datetime], datetime]) -> None:
    """Each letter that is due becomes a job for its moment, and its mailbox is due again at another.

    More than a few hundred are left to another round.
    """
    found = due(tx, _AT_ONCE)
    for mailbox in found:
        assert mailbox.due_at is not None
        moment = max(mailbox.due_at, tx.now)
        tx.enqueue(Work(LETTER, mailbox.id, host=host, run_at=moment, key=f"{LETTER} {mailbox.id}"))
        tx.save(replace(mailbox, due_at=next_due(mailbox, moment)))
    if len(found) == _AT_ONCE:
        look(tx)


def look(tx: SqlTx) -> None:
    """If any letter is due, there will be a round."""
    if due(tx, 1):
        tx.enqueue(Work(ROUND, key=ROUND))
