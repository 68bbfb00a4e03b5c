"""What stands in a list of people, and who is in it, on both databases."""

from __future__ import annotations

import pytest

from storage import followed, people, statuses
from storage import notices as told
from storage.stream import Place, Wanted
from tests.storage.test_listings import Village
from vraagbaak import follows, lists, notices, preferring
from vraagbaak.audience import Viewer
from vraagbaak.lists import Wish
from vraagbaak.model import Actor, Answer, NoticeKind, Offer, Question, ReplyPolicy, SilenceKind

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


PLACES = (
    Place(),
    Place(limit=1),
    Place(max_id="~"),
    Place(since_id="0"),
    Place(min_id="0", limit=1),
    Place(max_id="0"),
)


@pytest.mark.parametrize("place", PLACES)
def test_what_is_ones_own_is_read_in_parts(village, chosen, place):
    """Whom and what a member follows and keeps away: the part that is asked for, of nobody else."""
    sam, noor = village.sam, village.noor

    def keep(tx):
        for kind, about in (
            (SilenceKind.MUTE, sam.actor_id),
            (SilenceKind.BLOCK, sam.actor_id),
            (SilenceKind.SERVER, "elders.example"),
        ):
            preferring.silence(tx, noor, kind, about)
        preferring.follow_topic(tx, noor, "zorg")

    village.store.run_now(keep)
    there = place.max_id != "0"
    for member, expected in ((noor, there), (sam, False)):
        read = village.store.read_now
        people_found = [
            read(people.followed, member.actor_id, place),
            read(people.kept_away, member.id, SilenceKind.MUTE, place),
            read(people.kept_away, member.id, SilenceKind.BLOCK, place),
        ]
        names = [read(people.servers_away, member.id, place), read(followed.topics, member.id, place)]
        assert [[each.id for _, each in found] for found in people_found] == [[sam.actor_id] * expected] * 3
        assert [[each for _, each in found] for found in names] == [
            ["elders.example"] * expected,
            ["zorg"] * expected,
        ]


def test_notices_of_one_kind_about_one_thing_are_counted_and_found(village):
    """However many of others there are, and only by who was told."""
    question, other = village.ask(), village.ask()

    def like(tx):
        for each in (village.sam, village.mo):
            notices.tell(tx, NoticeKind.LIKE, each.actor_id, village.noor.actor_id, question.uri)
        notices.tell(tx, NoticeKind.LIKE, village.sam.actor_id, village.noor.actor_id, other.uri)
        notices.tell(tx, NoticeKind.FOLLOW, village.sam.actor_id, village.noor.actor_id)

    village.store.run_now(like)
    for member, many in ((village.noor, 1), (village.sam, 0)):
        viewer = Viewer(member=member)
        found = village.store.read_now(told.counts, viewer, list(NoticeKind), [question.uri, ""])
        wanted = {(NoticeKind.LIKE, question.uri): 2, (NoticeKind.FOLLOW, ""): 1}
        assert found == (wanted if many else {})
        for about, number in ((question.uri, 2), (other.uri, 1), ("", 1)):
            views = village.store.read_now(told.told, viewer, Place(), list(NoticeKind), about=about)
            assert len(views) == number * many
    village.store.run_now(notices.dismiss_all, village.sam, NoticeKind.LIKE, question.uri)
    village.store.run_now(notices.dismiss_all, village.noor, NoticeKind.LIKE, question.uri)
    left = village.store.read_now(told.told, Viewer(member=village.noor), Place())
    assert [(each.notice.kind, each.notice.thing_uri) for each in left] == [
        (NoticeKind.FOLLOW, ""),
        (NoticeKind.LIKE, other.uri),
    ]
