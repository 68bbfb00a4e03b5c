"""Going to live elsewhere: an account that replaces another, when both say so.

A move counts once in seven days, and never for an account that does not name the old one as its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from vraagbaak import follows, peers
from vraagbaak.errors import Invalid, NotYours, TooFast
from vraagbaak.events import ActorChanged, MoveAsked, Moved
from vraagbaak.model import Actor, Follow, Member, Standing
from vraagbaak.ports import Tx

REST = timedelta(days=7)
"""Between two moves of one account (Mastodon, GoToSocial)."""
ALIASES = 20
LONGEST = 2048


def name_as_own(tx: Tx, member: Member, uri: str) -> Actor:
    """The member says that the account at `uri` is theirs too: then it can move here. Raises Invalid."""
    actor = tx.get(Actor, member.actor_id)
    known = tuple(dict.fromkeys([*actor.also_known_as, _account(actor, uri)]))
    if len(known) > ALIASES:
        raise Invalid("uri", "You can name at most %(most)d other accounts.", "too-many", most=ALIASES)
    return _name(tx, actor, known)


def no_longer_own(tx: Tx, member: Member, uri: str) -> Actor:
    """The member does not say so any more."""
    actor = tx.get(Actor, member.actor_id)
    return _name(tx, actor, tuple(known for known in actor.also_known_as if known != uri))


def _name(tx: Tx, actor: Actor, known: tuple[str, ...]) -> Actor:
    if known == actor.also_known_as:
        return actor
    changed = replace(actor, also_known_as=known)
    tx.save(changed)
    tx.record(ActorChanged(actor_id=actor.id))
    return changed


def _account(actor: Actor, uri: str) -> str:
    """Raises Invalid for what is not the address of another account."""
    if (
        not uri.startswith(("https://", "http://"))
        or len(uri) > LONGEST
        or uri == actor.uri
        or uri.split() != [uri]
    ):
        raise Invalid("uri", "This is not the address of another account.", "bad-account")
    return uri


def ask(tx: Tx, member: Member, uri: str) -> None:
    """The member wants to go on as the account at `uri`; whether that names this one back is looked up.

    Raises Invalid, or TooFast within seven days of the last move.
    """
    actor = tx.get(Actor, member.actor_id)
    _require_rest(tx, actor)
    tx.record(MoveAsked(actor_id=actor.id, target_uri=_account(actor, uri)))


def _require_rest(tx: Tx, actor: Actor) -> None:
    if actor.moved_at and tx.now < actor.moved_at + REST:
        raise TooFast(int((actor.moved_at + REST - tx.now).total_seconds()))


def move(tx: Tx, actor: Actor, target: Actor) -> None:
    """One of ours goes on as `target`, which names it as its own. Raises NotYours or TooFast."""
    _require_agreement(tx, actor, target)
    tx.save(replace(actor, moved_to=target.uri, moved_at=tx.now))
    tx.record(Moved(actor_id=actor.id))


def receive(tx: Tx, old: Actor, new: Actor) -> None:
    """Somebody elsewhere goes on as `new`: who of ours followed the old account asks to follow the new one (B28).

    Raises NotYours or TooFast.
    """
    if old.local:
        raise NotYours
    _require_agreement(tx, old, new)
    tx.save(replace(old, moved_to=new.uri, moved_at=tx.now))
    for follow in tx.find(Follow, target_id=old.id):
        follower = tx.get(Actor, follow.follower_id)
        if follower.local:
            follows.end(tx, follower, old)
            if not new.local:
                follows.ask(tx, follower, new)


def _require_agreement(tx: Tx, old: Actor, new: Actor) -> None:
    _require_rest(tx, old)
    refused = peers.standing_of(tx, new) is Standing.REFUSED
    if old.id == new.id or old.uri not in new.also_known_as or new.suspended or old.suspended or refused:
        raise NotYours("no-agreement", "The other account does not name this one as its own.")
