"""The one letter a week that a member may ask for: an address that they confirm, and take away with one click.

An address comes in sealed and is never looked up by: it opens no account. Nobody gets two letters in a week, whatever
breaks; rather none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from vraagbaak.events import MailboxGiven
from vraagbaak.model import Mailbox, Member
from vraagbaak.ports import Reads, Tx

UNCONFIRMED_KEPT = timedelta(days=1)
APART = timedelta(days=6)
"""At least so long between two letters: a week, but for hours that shift."""
MOST_REFUSALS = 3


def give(tx: Tx, member: Member, seal: Callable[[str], str]) -> Mailbox:
    """An address in place of the one before; a letter goes there that asks whether it is theirs.

    `seal` gives it sealed for the id of a mailbox.
    """
    before = tx.one(Mailbox, member_id=member.id)
    take_away(tx, member.id)
    key = tx.new_id()
    made = Mailbox(
        id=key,
        member_id=member.id,
        sealed=seal(key),
        tried_at=before.tried_at if before else None,
        made_at=tx.now,
    )
    tx.add(made)
    tx.record(MailboxGiven(mailbox_id=key))
    return made


def of_member(tx: Reads, member_id: str) -> Mailbox | None:
    """The address of this member, confirmed or not."""
    found = tx.one(Mailbox, member_id=member_id)
    return found if found and not _has_lapsed(found, tx.now) else None


def waiting(tx: Reads, key: str) -> Mailbox | None:
    """The address under this id that is still to be confirmed."""
    found = tx.one(Mailbox, id=key)
    return found if found and not found.confirmed and not _has_lapsed(found, tx.now) else None


def _has_lapsed(found: Mailbox, now: datetime) -> bool:
    return not found.confirmed and found.made_at <= now - UNCONFIRMED_KEPT


def confirm(tx: Tx, key: str, due_at: datetime) -> bool:
    """It is theirs: the first letter comes then. False when there is nothing (any more) to confirm."""
    found = waiting(tx, key)
    if found:
        tx.save(replace(found, confirmed=True, due_at=due_at))
    return found is not None


def take_away(tx: Tx, member_id: str) -> None:
    """The address of this member is forgotten."""
    for known in tx.find(Mailbox, member_id=member_id):
        tx.remove(known)


def stop(tx: Tx, key: str) -> None:
    """The address under this id is forgotten; nothing happens when it is already."""
    known = tx.one(Mailbox, id=key)
    if known:
        tx.remove(known)


def begin(tx: Tx, key: str) -> Mailbox | None:
    """A letter is about to go there: the mailbox as it was before, or None when none may go.

    It is marked first and sent after: who breaks off in between sends none this week, and never two.
    """
    found = tx.one(Mailbox, id=key)
    if found is None or not found.confirmed:
        return None
    if found.tried_at is not None and tx.now - found.tried_at < APART:
        return None
    tx.save(replace(found, tried_at=tx.now))
    return found


def undo(tx: Tx, before: Mailbox) -> None:
    """It did not go, for certain: it may be tried again."""
    found = tx.one(Mailbox, id=before.id)
    if found:
        tx.save(replace(found, tried_at=before.tried_at))


def sent(tx: Tx, key: str) -> None:
    """It went, or may have gone: the next one tells what came after."""
    found = tx.one(Mailbox, id=key)
    if found:
        tx.save(replace(found, told_at=found.tried_at, refusals=0))


def refused(tx: Tx, key: str) -> None:
    """The server says that there is no such address; after some weeks of that it is forgotten."""
    found = tx.one(Mailbox, id=key)
    if found and found.refusals + 1 >= MOST_REFUSALS:
        tx.remove(found)
    elif found:
        tx.save(replace(found, refusals=found.refusals + 1))
