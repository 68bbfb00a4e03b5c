"""What stands in a list of people, and who is in it, on both databases."""

from __future__ import annotations

import pytest

from storage import people, statuses
from storage.stream import Place, Wanted
from tests.storage.test_listings import Village
from vraagbaak import follows, lists
from vraagbaak.audience import Viewer
from vraagbaak.lists import Wish
from vraagbaak.model import Actor, Answer, Offer, Question, ReplyPolicy

EVERYTHING = (Question, Answer, Offer)


@pytest.fixture
def village(store, clock):
    return Village(store, clock)


@pytest.fixture
def chosen(village):
    """A list of noor's with sam in it."""

    def make(tx):
        follows.ask(tx, tx.get(Actor, village.noor.actor_id), tx.get(Actor, village.sam.actor_id))
        made = lists.make(tx, village.noor, Wish(title="Buren"))
        lists.put_in(tx, village.noor, made.id, (village.sam.actor_id,))
        return made

    return village.store.run_now(make)


def shown(village, **wanted):
    found = village.store.read_now(
        statuses.listed,
        Viewer(member=village.noor),
        Wanted(kinds=EVERYTHING, of_member=village.noor.actor_id, at_rest=village.noor.id, **wanted),
        Place(),
    )
    return {view.thing.id for view in found}


@pytest.mark.parametrize("policy", ReplyPolicy)
def test_replies_by_policy(village, chosen, policy):
    """Of comments too it is who wrote what is replied to that counts; offers are in no list, for they have no name."""
    theirs, other = village.ask(member=village.sam), village.ask(member=village.mo)
    to_self = village.answer(theirs)
    to_other = village.answer(other)
    under = village.answer(theirs, member=village.mo)
    comment = village.answer(theirs, parent=under.id)
    village.offer()
    village.offer(question_id=other.id)
    always = {theirs.id, to_self.id}
    more = {to_other.id, comment.id} if policy is ReplyPolicy.FOLLOWED else set()
    assert shown(village, in_list=chosen.id, replies=policy) == always | more


def test_exclusive_lists_are_left_out_at_home(village, chosen):
    """All that who is in it says under their name, and nothing else."""
    mine, offer = village.ask(member=village.noor), village.offer()
    theirs = {village.ask(member=village.sam).id, village.answer(mine).id}
    assert shown(village) == theirs | {mine.id, offer.id}
    village.store.run_now(lists.change, village.noor, chosen.id, Wish(exclusive=True))
    assert shown(village) == {mine.id, offer.id}


def test_the_people_of_a_list_are_paged_by_one_key(village, chosen):
    """Latest first."""
    village.store.run_now(lists.put_in, village.noor, chosen.id, (village.noor.actor_id,))
    (first, _), (second, _) = found = village.store.read_now(people.in_list, chosen.id, Place())
    assert [each.id for _, each in found] == [village.noor.actor_id, village.sam.actor_id]
    assert village.store.read_now(people.in_list, chosen.id, Place(max_id=first)) == found[1:]
    assert village.store.read_now(people.in_list, chosen.id, Place(min_id=second, limit=1)) == found[:1]
