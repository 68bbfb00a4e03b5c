"""Which programs of a member are told something while they are not open, and of what.

One for each token, gone with it. Keys and endpoints are the program's own; whether they are well formed is asked above.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from vraagbaak.errors import Unknown
from vraagbaak.events import PushDue
from vraagbaak.model import Follow, FollowState, Member, Notice, NoticeKind, PushPolicy, PushSubscription
from vraagbaak.ports import Reads, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a program wants to be told, and where."""

    endpoint: str
    p256dh: str
    auth: str
    alerts: tuple[NoticeKind, ...]
    policy: PushPolicy = PushPolicy.ALL


def subscribe(tx: Tx, member: Member, token_id: str, wish: Wish) -> PushSubscription:
    """From now on, in place of what this token asked for before."""
    end(tx, token_id)
    made = PushSubscription(
        id=tx.new_id(),
        token_id=token_id,
        member_id=member.id,
        endpoint=wish.endpoint,
        p256dh=wish.p256dh,
        auth=wish.auth,
        alerts=wish.alerts,
        policy=wish.policy,
        made_at=tx.now,
    )
    tx.add(made)
    return made


def of_token(tx: Reads, token_id: str) -> PushSubscription:
    """What this token asked for. Raises Unknown."""
    found = tx.one(PushSubscription, token_id=token_id)
    if found is None:
        raise Unknown
    return found


def change(
    tx: Tx, token_id: str, alerts: tuple[NoticeKind, ...] | None, policy: PushPolicy | None
) -> PushSubscription:
    """Other things are wanted from now on; None leaves it as it is. Raises Unknown."""
    known = of_token(tx, token_id)
    changed = replace(
        known,
        alerts=known.alerts if alerts is None else alerts,
        policy=policy or known.policy,
    )
    tx.save(changed)
    return changed


def end(tx: Tx, token_id: str) -> None:
    """Nothing is told any more; nothing happens when nothing was."""
    for known in tx.find(PushSubscription, token_id=token_id):
        tx.remove(known)


def forget(tx: Tx, subscription_id: str, endpoint: str) -> None:
    """Nobody is there any more, says who took messages for it; one that was made anew meanwhile stays."""
    known = tx.one(PushSubscription, id=subscription_id)
    if known and known.endpoint == endpoint:
        tx.remove(known)


def announce(tx: Tx, notice: Notice) -> None:
    """A notice was made: each program that wants to hear of it will."""
    for each in tx.find(PushSubscription, member_id=notice.member_id):
        if notice.kind in each.alerts:
            domain = urlsplit(each.endpoint).netloc.lower()
            tx.record(PushDue(subscription_id=each.id, notice_id=notice.id, domain=domain))


def wants(tx: Reads, subscription: PushSubscription, member: Member, notice: Notice) -> bool:
    """Whether a program wants to hear of this deed, by its kind and by whose it was."""
    if notice.kind not in subscription.alerts or subscription.policy is PushPolicy.NONE:
        return False
    if subscription.policy is PushPolicy.ALL:
        return True
    ends = (member.actor_id, notice.actor_id)
    follower, target = ends if subscription.policy is PushPolicy.FOLLOWED else reversed(ends)
    follow = tx.one(Follow, follower_id=follower, target_id=target)
    return follow is not None and follow.state is FollowState.ACCEPTED
