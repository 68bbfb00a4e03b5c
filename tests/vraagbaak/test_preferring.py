"""What a member keeps away, follows and has read: theirs alone, and never said twice."""

from __future__ import annotations

from datetime import timedelta

from vraagbaak import follows, preferring
from vraagbaak.errors import Invalid
from vraagbaak.events import FollowEnded, FollowRefused
from vraagbaak.model import Follow, Interest, Silence, SilenceKind


def test_keeping_away_is_once_and_never_oneself(village):
    """Repeating changes nothing; nobody can keep away themselves; nothing of it is told."""
    village.happened()
    for _ in range(2):
        village.do(preferring.silence, village.noor, SilenceKind.MUTE, village.sam.actor_id)
    assert len(village.all(Silence, member_id=village.noor.id)) == 1
    village.refuses(
        Invalid, "oneself", preferring.silence, village.noor, SilenceKind.MUTE, village.noor.actor_id
    )
    for _ in range(2):
        village.do(preferring.hear, village.noor, SilenceKind.MUTE, village.sam.actor_id)
    assert village.all(Silence, member_id=village.noor.id) == []
    assert village.happened() == []


def test_blocking_parts_both_ways(village, henk):
    """Neither follows the other any more, and a server elsewhere hears only that the follows ended."""
    noor, sam = village.actor(village.noor), village.actor(village.sam)
    village.do(follows.ask, noor, sam)
    village.do(follows.ask, sam, noor)
    village.do(follows.ask, noor, henk)
    village.do(follows.receive, henk, noor, "https://nieuwland.example/follows/9")
    village.happened()
    village.do(preferring.block, village.noor, sam)
    village.do(preferring.block, village.noor, henk)
    assert village.all(Follow, follower_id=noor.id) == []
    assert village.all(Follow, target_id=noor.id) == []
    assert [type(event) for event in village.happened()] == [FollowEnded, FollowRefused]


def test_topics_are_followed_by_their_slug(village):
    """However a topic is written, it is one; a name of nothing is refused."""
    for name in ("Geld en schulden", "geld-en-schulden"):
        village.do(preferring.follow_topic, village.noor, name)
    assert village.do(preferring.topics, village.noor) == ["geld-en-schulden"]
    assert village.do(preferring.topics, village.sam) == []
    village.refuses(Invalid, "bad-value", preferring.follow_topic, village.noor, " ?! ")
    village.do(preferring.leave_topic, village.noor, "GELD en schulden")
    assert village.all(Interest, member_id=village.noor.id) == []


def test_a_key_is_good_for_an_hour_and_one_member(village):
    """The same key of another member, or later, or none at all, means nothing."""
    village.do(preferring.remember, village.noor, "k", "thing")
    assert village.do(preferring.came_of, village.noor, "k") == "thing"
    assert village.do(preferring.came_of, village.sam, "k") == ""
    assert village.do(preferring.came_of, village.noor, "") == ""
    village.clock.moment += timedelta(hours=1)
    assert village.do(preferring.came_of, village.noor, "k") == ""
