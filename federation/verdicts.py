"""What Accept and Reject share: finding the follow of ours that they are about.

A follow is found by its id, or by its two ends for peers that do not repeat the id; never by anything else.
"""

from __future__ import annotations

from federation.documents import id_of
from federation.understanding import Delivered, NotForUs, Sources, is_ours, same_person
from storage.work import Unit
from vraagbaak import follows
from vraagbaak.model import Actor, Follow, FollowState
from vraagbaak.ports import Tx


def verdict_on_our_follow(delivered: Delivered, sources: Sources, verdict: FollowState) -> Unit:
    """The unit that moves our follow. Raises NotForUs when the activity is about nothing of ours."""
    inside = delivered.inside
    uri = id_of(inside) or ""
    if is_ours(sources.home, uri):
        return Unit.of(_by_uri, delivered, uri, verdict)
    if isinstance(inside, dict) and id_of(inside.get("object")) == delivered.actor.uri:
        follower = id_of(inside.get("actor")) or ""
        if is_ours(sources.home, follower):
            return Unit.of(_by_ends, delivered, follower, verdict)
    raise NotForUs("not-our-follow")


def _by_uri(tx: Tx, delivered: Delivered, uri: str, verdict: FollowState) -> None:
    follows.receive_verdict(tx, same_person(tx, delivered), uri, verdict)


def _by_ends(tx: Tx, delivered: Delivered, follower_uri: str, verdict: FollowState) -> None:
    target, follower = same_person(tx, delivered), tx.one(Actor, uri=follower_uri)
    follow = tx.one(Follow, follower_id=follower.id, target_id=target.id) if follower else None
    if follow:
        follows.receive_verdict(tx, target, follow.uri, verdict)
