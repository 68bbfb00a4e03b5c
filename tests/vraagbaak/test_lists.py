"""Lists hold who is followed, for as long as that lasts, and are nobody else's."""

from __future__ import annotations

import pytest

from tests.vraagbaak.village import MISSING
from vraagbaak import follows, lists, preferring
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.lists import Wish
from vraagbaak.model import FollowState, Listed, PeopleList, ReplyPolicy


@pytest.fixture
def chosen(village):
    return village.do(lists.make, village.noor, Wish(title="  Buren "))


def within(village, chosen):
    return {each.actor_id for each in village.all(Listed, list_id=chosen.id)}


def test_a_list_has_a_title_and_a_bound(village, chosen):
    """Cleaned, not empty, not endless; and there are not endlessly many."""
    assert (chosen.title, chosen.replies, chosen.exclusive) == ("Buren", ReplyPolicy.LISTED, False)
    for title, code in (("", "too-short"), (" \n", "too-short"), ("x" * 257, "too-long")):
        village.refuses(Invalid, code, lists.make, village.noor, Wish(title=title))
    village.refuses(Invalid, "too-short", lists.make, village.noor, Wish())
    changed = village.do(
        lists.change, village.noor, chosen.id, Wish(exclusive=True, replies=ReplyPolicy.NONE)
    )
    assert (changed.title, changed.replies, changed.exclusive) == ("Buren", ReplyPolicy.NONE, True)
    for number in range(1, lists.MOST_LISTS):
        village.do(lists.make, village.noor, Wish(title=str(number)))
    village.refuses(Invalid, "too-many", lists.make, village.noor, Wish(title="te veel"))
    assert village.happened() == []


def test_only_who_is_followed_is_in_it(village, chosen, henk):
    """Not followed, unknown and refused are 404; twice is refused; a follow that waits counts, and so does oneself."""
    noor, sam = village.actor(village.noor), village.actor(village.sam)
    village.refuses(Unknown, "not-followed", lists.put_in, village.noor, chosen.id, (sam.id,))
    village.refuses(Unknown, "unknown", lists.put_in, village.noor, chosen.id, (MISSING,))
    village.do(follows.ask, noor, sam)
    village.do(follows.ask, noor, henk)
    village.do(lists.put_in, village.noor, chosen.id, (sam.id, henk.id, noor.id, sam.id))
    assert within(village, chosen) == {sam.id, henk.id, noor.id}
    village.refuses(Invalid, "exists", lists.put_in, village.noor, chosen.id, (sam.id,))
    assert village.do(lists.holding, village.noor, sam.id) == [chosen]
    assert village.do(lists.holding, village.sam, sam.id) == []
    village.do(lists.take_out, village.noor, chosen.id, (noor.id, MISSING))
    assert within(village, chosen) == {sam.id, henk.id}


def test_none_is_put_in_when_one_cannot_be(village, chosen):
    """All of them, or nobody."""
    village.do(follows.ask, village.actor(village.noor), village.actor(village.sam))
    two = (village.sam.actor_id, village.mo.actor_id)
    village.refuses(Unknown, "not-followed", lists.put_in, village.noor, chosen.id, two)


@pytest.mark.parametrize("how", ["unfollow", "block", "rejected", "blocked by them"])
def test_who_is_followed_no_more_is_in_no_list(village, chosen, henk, how):
    """However the follow ends."""
    noor = village.actor(village.noor)
    follow = village.do(follows.ask, noor, henk)
    village.do(lists.put_in, village.noor, chosen.id, (henk.id,))
    ends = {
        "unfollow": (follows.end, noor, henk),
        "block": (preferring.block, village.noor, henk),
        "rejected": (follows.receive_verdict, henk, follow.uri, FollowState.REJECTED),
        "blocked by them": (follows.receive_block, henk, noor),
    }
    village.do(*ends[how])
    assert within(village, chosen) == set()
    village.refuses(Unknown, "not-followed", lists.put_in, village.noor, chosen.id, (henk.id,))


def test_another_s_list_is_as_none(village, chosen):
    """Reading, changing, filling, emptying and deleting: 404 (threat G23)."""
    sam = village.sam
    for act, *more in (
        (lists.own,),
        (lists.change, Wish(title="mijn")),
        (lists.delete,),
        (lists.put_in, (sam.actor_id,)),
        (lists.take_out, (sam.actor_id,)),
    ):
        village.refuses(Unknown, "unknown", act, sam, chosen.id, *more)
    village.do(lists.delete, village.noor, chosen.id)
    assert village.all(PeopleList, member_id=village.noor.id) == []
