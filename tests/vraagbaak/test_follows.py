"""Who wants to hear of whom: it counts once accepted, and only its two ends change it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.vraagbaak.village import HOME
from vraagbaak import follows, pilots, preferring
from vraagbaak.errors import Invalid, NotYours
from vraagbaak.events import FollowAccepted, FollowAgreed, FollowAsked, FollowEnded, FollowRefused
from vraagbaak.model import Actor, Follow, FollowState, Like, Notice, SilenceKind, Standing

URI = "https://nieuwland.example/follows/1"


@pytest.fixture
def group(village):
    """Our neighbourhood, as somebody to follow."""
    pilot = village.do(pilots.ours)
    return village.do(lambda tx: tx.get(Actor, pilot.actor_id))


@pytest.fixture
def theirs(village, group, henk):
    """Henk follows our neighbourhood."""
    found = village.do(follows.receive, henk, group, URI)
    village.happened()
    return found


@pytest.fixture
def ours(village, group, henk):
    """Our neighbourhood wants to follow Henk."""
    found = village.do(follows.ask, group, henk)
    village.happened()
    return found


# somebody elsewhere follows us


def test_a_refused_server_follows_nobody_here(village, group, eve):
    """Nor does anybody on a sub-domain of it, or a suspended actor."""
    village.peer("elsewhere.example", Standing.REFUSED)
    for who in (eve, village.stranger("eve", "a.elsewhere.example")):
        village.refuses(NotYours, "refused-peer", follows.receive, who, group, URI)
    gone = village.stranger("gone", suspended=True)
    village.refuses(NotYours, "not-yours", follows.receive, gone, group, URI)


def test_only_ours_can_be_followed_here(village, henk, group):
    """A follow of somebody elsewhere, or one that claims to come from one of ours, is refused."""
    other = village.stranger("other")
    village.refuses(NotYours, "not-yours", follows.receive, henk, other, URI)
    village.refuses(NotYours, "not-yours", follows.receive, village.actor(village.noor), group, URI)


@pytest.mark.parametrize("standing", [Standing.PILOT, Standing.OPEN, Standing.LIMITED])
def test_everybody_else_is_accepted_at_once(village, henk, group, standing):
    """And hears so."""
    village.peer("nieuwland.example", standing)
    village.happened()
    found = village.do(follows.receive, henk, group, URI)
    assert (found.state, found.uri) == (FollowState.ACCEPTED, URI)
    assert village.happened() == [FollowAccepted(follow_id=found.id)]


def test_following_again_is_one_follow_and_a_new_answer(village, henk, group, theirs):
    """The other side lost our yes: it hears it again, under its new id, and there is still one row."""
    again = village.do(follows.receive, henk, group, f"{URI}2")
    assert again == replace(theirs, uri=f"{URI}2")
    assert village.all(Follow, target_id=group.id) == [again]
    assert village.happened() == [FollowAccepted(follow_id=theirs.id)]


def test_a_follow_cannot_take_the_id_of_another(village, group, theirs, eve):
    """A uri that is another's follow is refused, and that one is unharmed."""
    village.refuses(Invalid, "exists", follows.receive, eve, group, URI)
    assert village.now(theirs) == theirs


def test_only_its_target_refuses_a_follower(village, group, henk, theirs):
    """Another of ours cannot; the target can, and the follower hears it."""
    village.refuses(NotYours, "not-yours", follows.refuse, village.actor(village.noor), theirs)
    village.do(follows.refuse, group, theirs)
    assert village.all(Follow) == []
    assert village.happened() == [FollowRefused(follow_uri=URI, follower_id=henk.id, target_id=group.id)]


def test_only_the_follower_takes_a_follow_back(village, group, henk, theirs, eve):
    """An undo by somebody else, or of another follow, undoes nothing (threats B15, B16)."""
    village.do(follows.receive_undo, eve, group)
    village.do(follows.receive_undo, henk, village.actor(village.noor))
    assert village.now(theirs) == theirs
    for _ in range(2):
        village.do(follows.receive_undo, henk, group)
    assert village.all(Follow) == []


# we follow somebody elsewhere


def test_a_follow_does_not_count_before_it_is_accepted(village, group, henk, ours):
    """It stands as pending; asking again asks nobody again (threat B25)."""
    assert (ours.state, ours.uri) == (FollowState.PENDING, f"{HOME.base_url}/follows/{ours.id}")
    assert village.do(follows.ask, group, henk) == ours
    assert village.happened() == []


def test_only_the_one_we_asked_says_yes_or_no(village, ours, henk, eve):
    """A verdict by another, on the same server or not, or on no follow of ours changes nothing (B24, B26)."""
    for who in (eve, village.stranger("mallory"), village.actor(village.noor)):
        for verdict in (FollowState.ACCEPTED, FollowState.REJECTED):
            assert village.do(follows.receive_verdict, who, ours.uri, verdict) is None
    assert village.do(follows.receive_verdict, henk, "https://wester.example/follows/x", verdict) is None
    assert village.now(ours) == ours
    assert (
        village.do(follows.receive_verdict, henk, ours.uri, FollowState.ACCEPTED).state
        is FollowState.ACCEPTED
    )


def test_a_no_is_final_until_we_ask_again(village, group, henk, ours):
    """After a no a late yes is refused; asking again is a new follow with a new id."""
    village.do(follows.receive_verdict, henk, ours.uri, FollowState.ACCEPTED)
    village.do(follows.receive_verdict, henk, ours.uri, FollowState.REJECTED)
    given = (follows.receive_verdict, henk, ours.uri, FollowState.ACCEPTED)
    village.refuses(Invalid, "wrong-state", *given)
    again = village.do(follows.ask, group, henk)
    assert (again.state, again.uri == ours.uri) == (FollowState.PENDING, False)
    assert village.happened() == [FollowAgreed(follow_id=ours.id), FollowAsked(follow_id=again.id)]
    assert village.all(Follow) == [again]


def test_what_we_follow_no_longer_is_told_once(village, group, henk, ours):
    """Ending what is not there tells nobody."""
    for _ in range(2):
        village.do(follows.end, group, henk)
    assert village.all(Follow) == []
    assert village.happened() == [FollowEnded(follow_uri=ours.uri, follower_id=group.id, target_id=henk.id)]


def test_a_lost_inbox_takes_its_own_follows_and_no_others(village, group, henk, theirs):
    """Everybody behind an inbox that is gone follows nobody here; others and ours stay."""
    other = village.stranger("other")
    kept = village.do(follows.receive, other, group, f"{URI}2")
    village.do(follows.forget_inbox, henk.inbox, henk.domain)
    village.do(follows.forget_inbox, group.delivery_inbox, group.domain)
    assert village.all(Follow) == [kept]


# who is blocked


def test_who_is_blocked_waits_and_nobody_is_told(village):
    """Asking again changes nothing until the block is taken back; then it does."""
    noor, sam = village.actor(village.noor), village.actor(village.sam)
    village.do(preferring.block, village.noor, sam)
    for _ in range(2):
        assert village.do(follows.ask, sam, noor).state is FollowState.PENDING
    assert (village.all(Notice), village.happened()) == ([], [])
    assert village.do(follows.ask, noor, sam).state is FollowState.ACCEPTED
    village.do(preferring.hear, village.noor, SilenceKind.BLOCK, sam.id)
    for _ in range(2):
        assert village.do(follows.ask, sam, noor).state is FollowState.ACCEPTED
    assert [each.actor_id for each in village.all(Notice, actor_id=sam.id)] == [sam.id]
    village.do(preferring.block, village.noor, sam)
    village.do(follows.ask, sam, noor)
    village.do(follows.end, sam, noor)
    assert village.all(Follow, follower_id=sam.id) == []


@pytest.mark.parametrize("kind", [SilenceKind.BLOCK, SilenceKind.SERVER])
def test_who_is_blocked_elsewhere_is_refused(village, henk, kind):
    """Themselves or by their server; a follow that was there goes, and others are let in."""
    noor = village.actor(village.noor)
    village.do(follows.receive, henk, noor, URI)
    about = henk.id if kind is SilenceKind.BLOCK else henk.domain
    village.do(preferring.silence, village.noor, kind, about)
    village.happened()
    assert village.do(follows.receive, henk, noor, f"{URI}2") is None
    assert village.happened() == [FollowRefused(follow_uri=f"{URI}2", follower_id=henk.id, target_id=noor.id)]
    assert village.all(Follow, follower_id=henk.id) == []
    assert village.do(follows.receive, henk, village.actor(village.sam), f"{URI}3") is not None
    village.do(preferring.hear, village.noor, kind, about)
    assert village.do(follows.receive, henk, noor, f"{URI}4") is not None


# likes


def test_a_like_is_taken_back_by_who_gave_it(village, henk, eve):
    """It is kept once and counted nowhere; another's undo finds nothing (threats B15, B16)."""
    uri, thing = "https://nieuwland.example/likes/1", village.ask().uri
    for _ in range(2):
        village.do(follows.receive_like, henk, uri, thing)
    village.do(follows.receive_like, eve, uri, "https://elsewhere.example/x")
    assert village.do(follows.receive_unlike, eve, uri) is None
    assert [like.object_uri for like in village.all(Like)] == [thing]
    assert village.do(follows.receive_unlike, henk, uri).actor_id == henk.id
    assert village.do(follows.receive_unlike, henk, uri) is None
    assert village.all(Like) == []
