"""Lists: some of those whom a member follows, to read apart. They are the member's alone; nobody is told of them.

Who is followed no more is in no list any more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from vraagbaak import text
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Follow, FollowState, Listed, Member, PeopleList, ReplyPolicy
from vraagbaak.ports import Reads, Tx

MOST_LISTS = 50
MOST_IN_ONE = 1000
TITLE_LENGTH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a list is to be; None leaves it as it is."""

    title: str | None = None
    replies: ReplyPolicy | None = None
    exclusive: bool | None = None


def make(tx: Tx, member: Member, wish: Wish) -> PeopleList:
    """A new, empty list. Raises Invalid."""
    if len(tx.find(PeopleList, member_id=member.id)) >= MOST_LISTS:
        raise Invalid("title", "You have many lists already. Delete one first.", "too-many")
    made = _wished(
        PeopleList(id=tx.new_id(), member_id=member.id, title=""), replace(wish, title=wish.title or "")
    )
    tx.add(made)
    return made


def own(tx: Reads, member: Member, key: str) -> PeopleList:
    """A list of one's own. Raises Unknown, also for one of somebody else."""
    found = tx.one(PeopleList, id=key)
    if found is None or found.member_id != member.id:
        raise Unknown
    return found


def of_member(tx: Reads, member: Member) -> list[PeopleList]:
    """All lists of a member, oldest first."""
    return tx.find(PeopleList, member_id=member.id)


def holding(tx: Reads, member: Member, actor_id: str) -> list[PeopleList]:
    """In which lists of a member somebody is."""
    within = {each.list_id for each in tx.find(Listed, actor_id=actor_id)}
    return [each for each in of_member(tx, member) if each.id in within]


def change(tx: Tx, member: Member, key: str, wish: Wish) -> PeopleList:
    """Another title, or other things in it. Raises Unknown or Invalid."""
    changed = _wished(own(tx, member, key), wish)
    tx.save(changed)
    return changed


def delete(tx: Tx, member: Member, key: str) -> None:
    """The list goes; whom it held stay followed. Raises Unknown."""
    tx.remove(own(tx, member, key))


def put_in(tx: Tx, member: Member, key: str, actor_ids: tuple[str, ...]) -> None:
    """All of these are in the list from now on, or none of them.

    Raises Unknown for who is not there or not followed, Invalid for who is in it already (both as Mastodon 4.5 does).
    """
    chosen = own(tx, member, key)
    within = {each.actor_id for each in tx.find(Listed, list_id=chosen.id)}
    wanted = tuple(dict.fromkeys(actor_ids))
    if len(within) + len(wanted) > MOST_IN_ONE:
        raise Invalid("account_ids", "There is no room for so many in one list.", "too-many")
    if within.intersection(wanted):
        raise Invalid("account_ids", "They are in this list already.", "exists")
    reach = _reach(tx, member, wanted)
    tx.add_all(
        [
            Listed(id=tx.new_id(), list_id=chosen.id, actor_id=actor_id, follow_id=reach[actor_id])
            for actor_id in wanted
        ]
    )


def take_out(tx: Tx, member: Member, key: str, actor_ids: tuple[str, ...]) -> None:
    """None of these is in the list any more. Raises Unknown for a list that is not one's own."""
    chosen = own(tx, member, key)
    gone, within = set(actor_ids), tx.find(Listed, list_id=chosen.id)
    tx.remove_all([each for each in within if each.actor_id in gone])


def _wished(before: PeopleList, wish: Wish) -> PeopleList:
    title = before.title
    if wish.title is not None:
        title = text.required_line("title", wish.title, shortest=1, length=TITLE_LENGTH)
    return replace(
        before,
        title=title,
        replies=wish.replies or before.replies,
        exclusive=before.exclusive if wish.exclusive is None else wish.exclusive,
    )


def _reach(tx: Tx, member: Member, wanted: tuple[str, ...]) -> dict[str, str | None]:
    """The follows that put these people within reach of a list; None for oneself. A follow that waits counts. Raises Unknown."""
    there = {each.id for each in tx.several(Actor, wanted) if not each.suspended}
    if not there.issuperset(wanted):
        raise Unknown
    found: dict[str, str | None] = {
        follow.target_id: follow.id
        for follow in tx.find(Follow, follower_id=member.actor_id)
        if follow.state is not FollowState.REJECTED
    }
    found[member.actor_id] = None
    if not found.keys() >= set(wanted):
        raise Unknown("not-followed", "Only people whom you follow can be in a list.")
    return found
