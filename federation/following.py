"""Who follows whom, said to the other end of the follow: Accept, Reject, Follow and Undo.

It goes to nobody else.
"""

from __future__ import annotations

from federation.activities import accept, follow, reject, undo
from federation.documents import Document
from federation.letters import Letter, Post, While, follows_of
from vraagbaak import follows
from vraagbaak.events import FollowAccepted, FollowAsked, FollowEnded, FollowRefused, PeerRefused
from vraagbaak.model import Actor, Follow


def accepted(post: Post, event: FollowAccepted) -> None:
    """One of ours lets somebody follow it."""
    known = post.tx.one(Follow, id=event.follow_id)
    if known:
        follower, target = post.tx.get(Actor, known.follower_id), post.tx.get(Actor, known.target_id)
        asked_for = follow.build(known.uri, follower.uri, target.uri)
        _send(post, accept.build(post.new_uri(), target.uri, asked_for), follower)


def refused(post: Post, event: FollowRefused) -> None:
    """One of ours does not let somebody follow it, or not any more."""
    follower, target = post.tx.get(Actor, event.follower_id), post.tx.get(Actor, event.target_id)
    asked_for = follow.build(event.follow_uri, follower.uri, target.uri)
    # A server that is refused hears this one thing more, or it would believe for ever that it follows.
    _send(post, reject.build(post.new_uri(), target.uri, asked_for), follower, While.ALWAYS)


def expelled(post: Post, event: PeerRefused) -> None:
    """A server is refused: whoever follows ours from there hears that this is over."""
    follows.refuse_all(post.tx, event.domain)


def asked(post: Post, event: FollowAsked) -> None:
    """One of ours wants to follow somebody elsewhere."""
    known = post.tx.one(Follow, id=event.follow_id)
    if known:
        follower, target = post.tx.get(Actor, known.follower_id), post.tx.get(Actor, known.target_id)
        _send(post, follow.build(known.uri, follower.uri, target.uri), target)


def ended(post: Post, event: FollowEnded) -> None:
    """One of ours follows somebody elsewhere no longer."""
    follower, target = post.tx.get(Actor, event.follower_id), post.tx.get(Actor, event.target_id)
    asked_for = follow.build(event.follow_uri, follower.uri, target.uri)
    _send(post, undo.build(post.new_uri(), asked_for), target)


def _send(post: Post, activity: Document, to: Actor, allowed: While = While.WELCOME) -> None:
    thread = follows_of(activity["actor"])
    letter = Letter(activity=activity, thing_uri=activity["id"], thread_uri=thread, allowed=allowed)
    post.send(letter, [to.delivery_inbox])
