"""What a member wants to meet and what not: people, servers and threads kept away, topics followed, up to where they read.

All of it is the member's alone; nobody else is told, and nothing of it leaves this server.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from vraagbaak import audience, follows, text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import (
    AccountNote,
    Actor,
    Concern,
    Follow,
    Interest,
    Marker,
    Member,
    Pilot,
    Question,
    Repeat,
    Silence,
    SilenceKind,
)
from vraagbaak.ports import Reads, Tx

REPEATS_KEPT = timedelta(hours=1)
NOTE_LENGTH = 2000
LISTS = ("home", "notifications")
FOLLOWED = "followed"
"""The list of what a member follows on the site; apps have no such list."""
MOST_FOLLOWED = 200
"""So many topics and so many questions: looking for what is new must not become dear."""


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
        _require_room(topics(tx, member))
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


def _require_room(followed: list[str]) -> None:
    """Raises Invalid for who follows as much as one can."""
    if len(followed) >= MOST_FOLLOWED:
        raise Invalid("id", "You follow so much already. Let something go first.", "too-many")


def share_question(tx: Tx, member: Member, question_id: str) -> None:
    """'Dit is mijn vraag ook': the member hears what is said to it. One's own question is that already.

    Raises Unknown for what the member may not see, Invalid for who follows too many.
    """
    question = tx.get(Question, question_id)
    if not audience.may_see(Viewer(member=member), question):
        raise Unknown
    if question.author_id != member.actor_id and not shares_question(tx, member, question_id):
        _require_room(shared_questions(tx, member))
        tx.add(Concern(id=tx.new_id(), member_id=member.id, question_id=question_id))


def leave_question(tx: Tx, member: Member, question_id: str) -> None:
    """And it is not any more."""
    known = tx.one(Concern, member_id=member.id, question_id=question_id)
    if known:
        tx.remove(known)


def shares_question(tx: Reads, member: Member, question_id: str) -> bool:
    """Whether the member said that this is their question too."""
    return tx.one(Concern, member_id=member.id, question_id=question_id) is not None


def shared_questions(tx: Reads, member: Member) -> list[str]:
    """The ids of those questions."""
    return [each.question_id for each in tx.find(Concern, member_id=member.id)]


def follow_pilot(tx: Tx, member: Member, pilot: Pilot) -> None:
    """The member follows a neighbourhood, as they can from an app. Raises NotYours for one on a refused server."""
    follows.ask(tx, tx.get(Actor, member.actor_id), tx.get(Actor, pilot.actor_id))


def leave_pilot(tx: Tx, member: Member, pilot: Pilot) -> None:
    """And does not any more."""
    follows.end(tx, tx.get(Actor, member.actor_id), tx.get(Actor, pilot.actor_id))


def follows_pilot(tx: Reads, member: Member, pilot: Pilot) -> bool:
    """Whether the member follows this neighbourhood."""
    return tx.one(Follow, follower_id=member.actor_id, target_id=pilot.actor_id) is not None


def follow_nothing(tx: Tx, member: Member) -> None:
    """The member follows no topic, no neighbourhood and no question any more; people they follow in an app stay."""
    for kind in (Interest, Concern):
        for known in tx.find(kind, member_id=member.id):
            tx.remove(known)
    neighbourhoods = {
        pilot.actor_id: pilot for local in (True, False) for pilot in tx.find(Pilot, local=local)
    }
    for follow in tx.find(Follow, follower_id=member.actor_id):
        if follow.target_id in neighbourhoods:
            leave_pilot(tx, member, neighbourhoods[follow.target_id])


def read_on(tx: Tx, member: Member, name: str, last_id: str) -> None:
    """The member has read a list up to there; never back."""
    known = markers(tx, member).get(name)
    if known is None or known.last_id < last_id:
        move_marker(tx, member, name, last_id)


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
