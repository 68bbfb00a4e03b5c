"""What members do with what others said, besides answering: appreciate it, keep it, pass it on.

Nothing is counted for anybody, and what is not for everybody to see never shows outside who appreciated it.
"""

from __future__ import annotations

from vraagbaak import audience, notices, questions
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import Liked, PassedOn, TakenBack, Unliked
from vraagbaak.model import (
    Actor,
    Answer,
    Bookmark,
    Boost,
    Helped,
    Like,
    Mark,
    Member,
    NoticeKind,
    Question,
    Scope,
    Thing,
)
from vraagbaak.ports import Reads, Tx


def like(tx: Tx, member: Member, thing: Thing) -> None:
    """Appreciates a thing; by its asker, an answer is marked as what helped. Once more changes nothing.

    Raises Unknown for what the member cannot see.
    """
    _require_seen(tx, member, thing)
    actor_id = member.actor_id
    if not _likes(tx, actor_id, thing):
        made = Like(id=_activity_uri(tx), actor_id=actor_id, object_uri=thing.uri)
        tx.add(made)
        if _mark(tx, member, thing, Helped.HELPED):
            return
        notices.tell(tx, NoticeKind.LIKE, actor_id, thing.author_id, thing.uri)
        if thing.scope is Scope.PUBLIC:
            tx.record(Liked(like_id=made.id))


def unlike(tx: Tx, member: Member, thing: Thing) -> None:
    """Takes that back. Raises Unknown for what the member cannot see."""
    _require_seen(tx, member, thing)
    for known in _likes(tx, member.actor_id, thing):
        tx.remove(known)
        if _mark(tx, member, thing, None):
            continue
        notices.take_back(tx, NoticeKind.LIKE, member.actor_id, thing.author_id, thing.uri)
        if thing.scope is Scope.PUBLIC:
            tx.record(Unliked(like_id=known.id, actor_id=known.actor_id, thing_uri=thing.uri))


def keep(tx: Tx, member: Member, thing: Thing) -> None:
    """Remembers a thing for the member alone. Raises Unknown for what the member cannot see."""
    _require_seen(tx, member, thing)
    if not _kept(tx, member, thing):
        tx.add(Bookmark(id=tx.new_id(), member_id=member.id, thing_uri=thing.uri))


def drop(tx: Tx, member: Member, thing: Thing) -> None:
    """Takes that back; also for what the member cannot see any more."""
    for known in _kept(tx, member, thing):
        tx.remove(known)


def pass_on(tx: Tx, member: Member, thing: Thing) -> Boost:
    """Passes on a thing to whoever follows the member. Once more changes nothing.

    Raises Unknown for what the member cannot see, Invalid for what is not for everybody.
    """
    _require_seen(tx, member, thing)
    if thing.scope is not Scope.PUBLIC or not audience.is_readable(thing):
        raise Invalid("status", "Only what everybody can see can be passed on.", "not-public")
    for known in _passed_on(tx, member, thing):
        return known
    made = Boost(
        id=tx.new_id(), uri=_activity_uri(tx), actor_id=member.actor_id, thing_uri=thing.uri, made_at=tx.now
    )
    tx.add(made)
    tx.record(PassedOn(boost_id=made.id))
    notices.tell(tx, NoticeKind.BOOST, member.actor_id, thing.author_id, thing.uri)
    return made


def take_back(tx: Tx, member: Member, thing: Thing) -> None:
    """Takes that back; nothing happens when it was not passed on."""
    for known in _passed_on(tx, member, thing):
        tx.remove(known)
        notices.take_back(tx, NoticeKind.BOOST, member.actor_id, thing.author_id, thing.uri)
        tx.record(TakenBack(boost_uri=known.uri, actor_id=known.actor_id, thing_uri=thing.uri))


def _require_seen(tx: Reads, member: Member, thing: Thing) -> None:
    if not audience.may_reach(tx, Viewer(member=member), thing):
        raise Unknown


def _mark(tx: Tx, member: Member, thing: Thing, value: Helped | None) -> bool:
    """Whether this is the asker's word on an answer to a question of theirs, which it then is."""
    question = tx.one(Question, id=thing.question_id) if isinstance(thing, Answer) else None
    if question is None or not question.local or question.author_id != member.actor_id:
        return False
    mark = tx.one(Mark, id=thing.id)
    if thing.author_id != member.actor_id and (value or (mark and mark.value is Helped.HELPED)):
        questions.mark(tx, tx.get(Actor, member.actor_id), question.id, thing.id, value)
    return True


def _activity_uri(tx: Tx) -> str:
    return f"{tx.home.base_url}/act/{tx.new_id()}"


def _likes(tx: Reads, actor_id: str, thing: Thing) -> list[Like]:
    return [each for each in tx.find(Like, object_uri=thing.uri) if each.actor_id == actor_id]


def _kept(tx: Reads, member: Member, thing: Thing) -> list[Bookmark]:
    return [each for each in tx.find(Bookmark, thing_uri=thing.uri) if each.member_id == member.id]


def _passed_on(tx: Reads, member: Member, thing: Thing) -> list[Boost]:
    return [each for each in tx.find(Boost, thing_uri=thing.uri) if each.actor_id == member.actor_id]
