"""An address for one letter a week: one for each member, theirs once confirmed, and never two letters in a week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from vraagbaak import mailing
from vraagbaak.events import MailboxGiven
from vraagbaak.model import Mailbox


@pytest.fixture
def toos(village):
    return village.noor


def give(village, member, word="een"):
    return village.do(mailing.give, member, lambda key: f"{word} for {key}")


def test_an_address_takes_the_place_of_the_one_before(village, toos):
    """There is one for each member, sealed for itself, and a letter asks whether it is theirs."""
    first, second = give(village, toos), give(village, toos, "twee")
    assert village.all(Mailbox, member_id=toos.id) == [second]
    assert second.sealed == f"twee for {second.id}"
    asked = [event.mailbox_id for event in village.store.events if isinstance(event, MailboxGiven)]
    assert asked == [first.id, second.id]


def test_it_counts_once_it_is_confirmed_within_a_day(village, toos):
    """Once; after a day there is nothing to confirm."""
    made = give(village, toos)
    due = village.clock.now() + timedelta(days=3)
    assert village.do(mailing.begin, made.id) is None
    assert village.do(mailing.confirm, made.id, due)
    assert not village.do(mailing.confirm, made.id, due)
    again = give(village, toos)
    village.clock.tick(hours=24)
    assert not village.do(mailing.confirm, again.id, due)
    assert village.do(mailing.of_member, toos.id) is None


def test_a_letter_is_begun_once_in_six_days(village, toos):
    """Unless it certainly did not go; what went moves on what the next one tells."""
    key = give(village, toos).id
    village.do(mailing.confirm, key, village.clock.now())
    began = village.clock.tick(hours=1)
    before = village.do(mailing.begin, key)
    assert before.tried_at is None
    assert village.do(mailing.begin, key) is None
    village.do(mailing.undo, before)
    assert village.do(mailing.begin, key) == before
    village.do(mailing.sent, key)
    assert village.all(Mailbox, id=key)[0].told_at == began
    village.clock.tick(days=6)
    assert village.do(mailing.begin, key).told_at == began


def test_another_address_does_not_begin_the_week_anew(village, toos):
    """The week is the member's."""
    key = give(village, toos).id
    village.do(mailing.confirm, key, village.clock.now())
    village.do(mailing.begin, key)
    other = give(village, toos).id
    village.do(mailing.confirm, other, village.clock.now())
    assert village.do(mailing.begin, other) is None


def test_three_refusals_on_end_are_the_end(village, toos):
    """One that was taken in between begins the count anew; what is gone is refused in peace."""
    key = give(village, toos).id
    village.do(mailing.confirm, key, village.clock.now())
    for _ in range(2):
        village.do(mailing.refused, key)
    village.do(mailing.sent, key)
    for _ in range(2):
        village.do(mailing.refused, key)
    assert len(village.all(Mailbox, id=key)) == 1
    village.do(mailing.refused, key)
    assert village.all(Mailbox, id=key) == []
    for act in (mailing.refused, mailing.sent, mailing.stop):
        village.do(act, key)
