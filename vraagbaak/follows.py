"""Who wants to hear of whom. A follow counts once it is accepted, and only its two ends can change it.

Our neighbourhood and our members accept every follower from a server that is not refused; nobody is ever shown who
follows whom.
"""

from __future__ import annotations

from dataclasses import replace

from vraagbaak import audience, lifecycle, notices, peers
from vraagbaak.errors import Invalid, NotYours
from vraagbaak.events import FollowAccepted, FollowAgreed, FollowAsked, FollowEnded, FollowRefused
from vraagbaak.model import (
    Actor,
    Follow,
    FollowState,
    Like,
    Listed,
    Member,
    NoticeKind,
    Silence,
    SilenceKind,
    Standing,
)
from vraagbaak.ports import Tx


def ask(tx: Tx, follower: Actor, target: Actor) -> Follow:
    """One of our actors wants to follow somebody; again after a refusal. Repeating changes nothing.

    Who lives here is followed at once, unless they block the follower: that waits then, and nobody is told why. Somebody
    elsewhere is asked. Raises Invalid for oneself, NotYours for somebody on a refused server.
    """
    if follower.id == target.id:
        raise Invalid("id", "You cannot follow yourself.", "oneself")
    if peers.standing_of(tx, target) is Standing.REFUSED:
        raise NotYours("refused-peer", "This server does not take posts from there.")
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    waits = not target.local or _keeps_away(tx, target, follower)
    if known and known.state is not FollowState.REJECTED and (waits or known.state is FollowState.ACCEPTED):
        return known
    if known and known.state is FollowState.PENDING:
        return _let_in(tx, known)
    if known:
        tx.remove(known)
    key = tx.new_id()
    follow = Follow(
        id=key,
        uri=f"{tx.home.base_url}/follows/{key}",
        follower_id=follower.id,
        target_id=target.id,
        state=FollowState.PENDING if waits else FollowState.ACCEPTED,
    )
    tx.add(follow)
    if not waits:
        notices.tell(tx, NoticeKind.FOLLOW, follower.id, target.id)
    elif not target.local:
        tx.record(FollowAsked(follow_id=key))
    return follow


def _let_in(tx: Tx, waiting: Follow) -> Follow:
    """Who waited asks again, and is blocked no more."""
    follow = replace(waiting, state=FollowState.ACCEPTED)
    tx.save(follow)
    notices.tell(tx, NoticeKind.FOLLOW, follow.follower_id, follow.target_id)
    return follow


def _keeps_away(tx: Tx, target: Actor, follower: Actor) -> bool:
    """Whether a member of ours blocks somebody, or their server."""
    member = tx.one(Member, actor_id=target.id)
    away = [
        (SilenceKind.BLOCK, follower.id),
        *([] if follower.local else [(SilenceKind.SERVER, follower.domain)]),
    ]
    return member is not None and any(
        tx.one(Silence, member_id=member.id, manner=kind, about=about) for kind, about in away
    )


def end(tx: Tx, follower: Actor, target: Actor) -> None:
    """One of our actors no longer follows somebody."""
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    if known:
        tx.remove(known)
    if known and not target.local:
        tx.record(FollowEnded(follow_uri=known.uri, follower_id=follower.id, target_id=target.id))


def part(tx: Tx, follower: Actor, target: Actor) -> None:
    """One of ours no longer lets somebody follow it; nothing happens when they did not."""
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    if known and follower.local:
        tx.remove(known)
    elif known:
        refuse(tx, target, known)


def disown(tx: Tx, follower: Actor, target: Actor) -> None:
    """The other side thinks that one of ours follows somebody there, and it is not so: that is told (FEP-8fcf).

    A follow that waits for its answer stays.
    """
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    if known is None:
        uri = f"{tx.home.base_url}/follows/{tx.new_id()}"
        tx.record(FollowEnded(follow_uri=uri, follower_id=follower.id, target_id=target.id))


def receive(tx: Tx, follower: Actor, target: Actor, uri: str) -> Follow | None:
    """Somebody elsewhere wants to follow one of ours: accepted at once, again when asked again.

    Who is blocked by whom they want to follow is refused, as Mastodon does; then there is none.
    Raises NotYours when the target is not ours, or left, or the server is refused.
    """
    if not target.local or target.suspended or follower.local or follower.suspended:
        raise NotYours
    if peers.standing_of(tx, follower) is Standing.REFUSED:
        raise NotYours("refused-peer", "This server does not take followers from there.")
    if _keeps_away(tx, target, follower):
        receive_undo(tx, follower, target)
        tx.record(FollowRefused(follow_uri=uri, follower_id=follower.id, target_id=target.id))
        return None
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    if known is None:
        follow = Follow(
            id=tx.new_id(),
            uri=uri,
            follower_id=follower.id,
            target_id=target.id,
            state=FollowState.ACCEPTED,
        )
        tx.add(follow)
        notices.tell(tx, NoticeKind.FOLLOW, follower.id, target.id)
    else:
        follow = replace(known, uri=uri, state=FollowState.ACCEPTED)
        tx.save(follow)
    tx.record(FollowAccepted(follow_id=follow.id))
    return follow


def refuse(tx: Tx, target: Actor, follow: Follow) -> None:
    """One of ours no longer lets somebody follow it. Raises NotYours."""
    if follow.target_id != target.id:
        raise NotYours
    tx.remove(follow)
    tx.record(
        FollowRefused(follow_uri=follow.uri, follower_id=follow.follower_id, target_id=follow.target_id)
    )


def refuse_all(tx: Tx, domain: str) -> None:
    """Nobody at this server follows any of ours any more."""
    for actor in tx.find(Actor, domain=domain):
        for follow in tx.find(Follow, follower_id=actor.id):
            refuse(tx, tx.get(Actor, follow.target_id), follow)


def receive_undo(tx: Tx, follower: Actor, target: Actor) -> None:
    """Somebody elsewhere stopped following one of ours."""
    known = tx.one(Follow, follower_id=follower.id, target_id=target.id)
    if known:
        tx.remove(known)


def receive_block(tx: Tx, actor: Actor, target: Actor) -> None:
    """Somebody elsewhere blocks one of ours: both follows end, and nobody is told."""
    for follower, followed in ((actor, target), (target, actor)):
        known = tx.one(Follow, follower_id=follower.id, target_id=followed.id)
        if known:
            tx.remove(known)


def receive_verdict(tx: Tx, target: Actor, follow_uri: str, verdict: FollowState) -> Follow | None:
    """The one we asked to follow said yes or no. Anybody else's word is ignored (threats B24, B26).

    A follow that we never sent, or that is not to this target, gives None.
    """
    follow = tx.one(Follow, uri=follow_uri)
    if follow is None or follow.target_id != target.id:
        return None
    moved = replace(follow, state=lifecycle.FOLLOW.move(follow.state, verdict))
    tx.save(moved)
    for listed in tx.find(Listed, follow_id=moved.id) if verdict is FollowState.REJECTED else ():
        tx.remove(listed)
    if verdict is FollowState.ACCEPTED and follow.state is not FollowState.ACCEPTED:
        tx.record(FollowAgreed(follow_id=follow.id))
    return moved


def forget_inbox(tx: Tx, inbox: str, domain: str) -> None:
    """Nobody behind this inbox hears of ours any more: its server says that it is gone."""
    for actor in tx.find(Actor, domain=domain):
        if actor.delivery_inbox == inbox and not actor.local:
            for follow in tx.find(Follow, follower_id=actor.id):
                tx.remove(follow)


def receive_like(tx: Tx, actor: Actor, uri: str, object_uri: str) -> None:
    """Somebody elsewhere appreciates a thing. Kept to be undone; counted nowhere."""
    if tx.one(Like, id=uri) is None:
        tx.add(Like(id=uri, actor_id=actor.id, object_uri=object_uri))
        viewer = audience.server(tx, actor.domain)
        thing = audience.thing_at(tx, object_uri)
        if thing and audience.may_reach(tx, viewer, thing):
            notices.tell(tx, NoticeKind.LIKE, actor.id, thing.author_id, thing.uri)


def receive_unlike(tx: Tx, actor: Actor, uri: str) -> Like | None:
    """The like that was taken back by who gave it; None when it is not there or another's."""
    like = tx.one(Like, id=uri)
    if like is None or like.actor_id != actor.id:
        return None
    tx.remove(like)
    thing = audience.thing_at(tx, like.object_uri)
    if thing:
        notices.take_back(tx, NoticeKind.LIKE, actor.id, thing.author_id, thing.uri)
    return like
