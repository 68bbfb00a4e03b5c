"""Who follows whom, said to the other end of the follow: Accept, Reject, Follow and Undo.

It goes to nobody else.
"""

from __future__ import annotations

from federation import letters
from federation.activities import accept, follow, reject, undo
from federation.documents import Document
from federation.letters import Letter, new_uri
from storage.tx import SqlTx
from vraagbaak.events import FollowAccepted, FollowAsked, FollowEnded, FollowRefused
from vraagbaak.model import Actor, Follow


def accepted(tx: SqlTx, event: FollowAccepted) -> None:
    """One of ours lets somebody follow it."""
    known = tx.one(Follow, id=event.follow_id)
    if known:
        follower, target = tx.get(Actor, known.follower_id), tx.get(Actor, known.target_id)
        asked_for = follow.build(known.uri, follower.uri, target.uri)
        _post(tx, accept.build(new_uri(tx), target.uri, asked_for), follower)


def refused(tx: SqlTx, event: FollowRefused) -> None:
    """One of ours does not let somebody follow it, or not any more."""
    follower, target = tx.get(Actor, event.follower_id), tx.get(Actor, event.target_id)
    asked_for = follow.build(event.follow_uri, follower.uri, target.uri)
    _post(tx, reject.build(new_uri(tx), target.uri, asked_for), follower)


def asked(tx: SqlTx, event: FollowAsked) -> None:
    """One of ours wants to follow somebody elsewhere."""
    known = tx.one(Follow, id=event.follow_id)
    if known:
        follower, target = tx.get(Actor, known.follower_id), tx.get(Actor, known.target_id)
        _post(tx, follow.build(known.uri, follower.uri, target.uri), target)


def ended(tx: SqlTx, event: FollowEnded) -> None:
    """One of ours follows somebody elsewhere no longer."""
    follower, target = tx.get(Actor, event.follower_id), tx.get(Actor, event.target_id)
    asked_for = follow.build(event.follow_uri, follower.uri, target.uri)
    _post(tx, undo.build(new_uri(tx), asked_for), target)


def _post(tx: SqlTx, activity: Document, to: Actor) -> None:
    letter = Letter(activity=activity, thing_uri=activity["id"], thread_uri=to.uri)
    letters.send(tx, letter, [to.delivery_inbox])
