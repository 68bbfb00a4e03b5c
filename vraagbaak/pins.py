"""What is put first: by a member on their own profile, by those who carry the pilot on its front page.

Putting something first never shows it to more people than may see it anyway.
"""

from __future__ import annotations

from vraagbaak import audience, members, pilots
from vraagbaak.errors import Invalid
from vraagbaak.events import Pinned, Unpinned
from vraagbaak.model import Actor, Member, Pin, Question, Scope, Thing
from vraagbaak.ports import Reads, Tx

MOST = 5
"""So many things can be first at a time, as in Mastodon."""


def pin(tx: Tx, actor: Actor, thing: Thing) -> None:
    """A member puts something of their own first, if everybody may see it; once more changes nothing.

    Raises Invalid when it is not public, waits or is hidden, or when enough is first; Unknown or NotYours.
    """
    _require_own(tx, actor, thing)
    if thing.scope is not Scope.PUBLIC or not audience.is_readable(thing):
        raise Invalid("status", "Only what everybody can see can be put first.", "wrong-state")
    _put_first(tx, actor.id, thing.uri)


def unpin(tx: Tx, actor: Actor, thing: Thing) -> None:
    """Takes that back; nothing happens when it was not first. Raises Unknown or NotYours."""
    _require_own(tx, actor, thing)
    _take_back(tx, actor.id, thing.uri)


def feature(tx: Tx, member: Member, question_id: str) -> None:
    """A moderator puts a question of this neighbourhood first for everybody who may see it.

    Raises NotYours, Unknown, or Invalid when it waits, is hidden or from elsewhere, or when enough is first.
    """
    members.require_moderator(member)
    question = tx.get(Question, question_id)
    if not question.local or not audience.is_readable(question):
        raise Invalid(
            "status", "Only a question of this neighbourhood that is shown can be put first.", "wrong-state"
        )
    _put_first(tx, pilots.ours(tx).actor_id, question.uri)


def unfeature(tx: Tx, member: Member, question_id: str) -> None:
    """Takes that back; nothing happens when it was not first. Raises NotYours or Unknown."""
    members.require_moderator(member)
    _take_back(tx, pilots.ours(tx).actor_id, tx.get(Question, question_id).uri)


def first_of(tx: Reads, actor_id: str) -> list[Thing]:
    """What an actor of ours puts first and is still there, the latest first; not all of it is for everybody to see."""
    found = sorted(tx.find(Pin, actor_id=actor_id), key=lambda each: (each.pinned_at, each.id), reverse=True)
    return [thing for each in found if (thing := audience.thing_at(tx, each.thing_uri))]


def is_first(tx: Reads, actor_id: str, thing: Thing) -> bool:
    """Whether an actor of ours puts this thing first."""
    return any(each.thing_uri == thing.uri for each in tx.find(Pin, actor_id=actor_id))


def _require_own(tx: Reads, actor: Actor, thing: Thing) -> None:
    if not thing.local or thing.author_id != actor.id:
        raise audience.refusal(tx, thing)


def _put_first(tx: Tx, actor_id: str, thing_uri: str) -> None:
    found = tx.find(Pin, actor_id=actor_id)
    if any(each.thing_uri == thing_uri for each in found):
        return
    if len(found) >= MOST:
        raise Invalid("status", "There are already five things first. Take one away before.", "too-many")
    tx.add(Pin(id=tx.new_id(), actor_id=actor_id, thing_uri=thing_uri, pinned_at=tx.now))
    tx.record(Pinned(actor_id=actor_id, thing_uri=thing_uri))


def _take_back(tx: Tx, actor_id: str, thing_uri: str) -> None:
    for each in tx.find(Pin, actor_id=actor_id):
        if each.thing_uri == thing_uri:
            tx.remove(each)
            tx.record(Unpinned(actor_id=actor_id, thing_uri=thing_uri))
