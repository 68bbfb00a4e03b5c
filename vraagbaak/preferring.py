"""What a member wants to meet and what not: people, servers and threads kept away, topics followed, up to where they read.

All of it is the member's alone; nobody else is told, and nothing of it leaves this server.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from vraagbaak import follows, text
from vraagbaak.errors import Invalid
from vraagbaak.model import AccountNote, Actor, Interest, Marker, Member, Repeat, Silence, SilenceKind
from vraagbaak.ports import Reads, Tx

REPEATS_KEPT = timedelta(hours=1)
NOTE_LENGTH = 2000
LISTS = ("home", "notifications")


def silence(tx: Tx, member: Member, kind: SilenceKind, about: str) -> None:
    """Keeps this away from the member; once more changes nothing. Raises Invalid for oneself."""
    if about == member.actor_id:
        raise Invalid("id", "You cannot block yourself.", "oneself")
    if tx.one(Silence, member_id=member.id, manner=kind, about=about) is None:
        tx.add(Silence(id=tx.new_id(), member_id=member.id, manner=kind, about=about))


def hear(tx: Tx, member: Member, kind: SilenceKind, about: str) -> None:
    """Takes that back."""
    known = tx.one(Silence, member_id=member.id, manner=kind, about=about)
    if known:
        tx.remove(known)


def block(tx: Tx, member: Member, target: Actor) -> None:
    """Keeps somebody away; the member does not follow them any more, nor they the member. Raises Invalid for oneself."""
    silence(tx, member, SilenceKind.BLOCK, target.id)
    actor = tx.get(Actor, member.actor_id)
    follows.end(tx, actor, target)
    follows.part(tx, target, actor)


def silences(tx: Reads, member: Member, kind: SilenceKind) -> list[str]:
    """What the member keeps away in this manner, latest first."""
    return [each.about for each in reversed(tx.find(Silence, member_id=member.id)) if each.manner is kind]


def note(tx: Tx, member: Member, target: Actor, words: str) -> None:
    """What the member wants to remember of somebody, in place of what it was; nothing when it is empty. Raises Invalid."""
    written = text.optional_block("comment", words, NOTE_LENGTH)
    known = tx.one(AccountNote, member_id=member.id, actor_id=target.id)
    if known:
        tx.remove(known)
    if written:
        tx.add(AccountNote(id=tx.new_id(), member_id=member.id, actor_id=target.id, text=written))


def notes(tx: Reads, member: Member) -> dict[str, str]:
    """What the member wants to remember, by the ids of whom it is about."""
    return {each.actor_id: each.text for each in tx.find(AccountNote, member_id=member.id)}


def follow_topic(tx: Tx, member: Member, name: str) -> str:
    """The member follows a topic. Its slug. Raises Invalid for a name of nothing."""
    topic = text.slug(name[:200])
    if not topic:
        raise Invalid("name", "This cannot be the value of '%(name)s'.", "bad-value", name="name")
    if tx.one(Interest, member_id=member.id, topic=topic) is None:
        tx.add(Interest(id=tx.new_id(), member_id=member.id, topic=topic))
    return topic


def leave_topic(tx: Tx, member: Member, name: str) -> str:
    """And does not any more. Its slug."""
    topic = text.slug(name[:200])
    known = tx.one(Interest, member_id=member.id, topic=topic)
    if known:
        tx.remove(known)
    return topic


def topics(tx: Reads, member: Member) -> list[str]:
    """The topics that the member follows."""
    return [each.topic for each in tx.find(Interest, member_id=member.id)]


def move_marker(tx: Tx, member: Member, name: str, last_id: str) -> Marker:
    """The member has read a list up to there."""
    key = f"{member.id} {name}"
    known = tx.one(Marker, id=key)
    if known:
        moved = replace(known, last_id=last_id, version=known.version + 1, moved_at=tx.now)
        tx.save(moved)
        return moved
    made = Marker(id=key, member_id=member.id, last_id=last_id, moved_at=tx.now)
    tx.add(made)
    return made


def markers(tx: Reads, member: Member) -> dict[str, Marker]:
    """Up to where the member has read each list."""
    return {each.id.partition(" ")[2]: each for each in tx.find(Marker, member_id=member.id)}


def came_of(tx: Reads, member: Member, key: str) -> str:
    """The id of what came of an earlier request of this member with this key; empty for none within the hour."""
    known = tx.one(Repeat, id=_repeat_id(member, key)) if key else None
    return known.thing_id if known and known.made_at > tx.now - REPEATS_KEPT else ""


def remember(tx: Tx, member: Member, key: str, thing_id: str) -> None:
    """This came of a request with this key; of its words nothing is kept."""
    if key:
        repeat_id = _repeat_id(member, key)
        known = tx.one(Repeat, id=repeat_id)
        if known:
            tx.remove(known)
        tx.add(Repeat(id=repeat_id, member_id=member.id, thing_id=thing_id, made_at=tx.now))


def _repeat_id(member: Member, key: str) -> str:
    return hashlib.sha256(f"{member.id} {key}".encode()).hexdigest()
