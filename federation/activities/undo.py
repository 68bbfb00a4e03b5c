"""Undo: a follow, a like, a chosen answer, a lock or what a neighbourhood passed on is taken back, by whoever gave it.

The inner activity may be whole or only named; somebody else's is never touched (threats B15, B16).
"""

from __future__ import annotations

from federation.activities import announce, choose_answer, lock
from federation.activities.envelope import envelope
from federation.documents import Document, id_of, one_type, only_of, same_origin
from federation.understanding import Delivered, NotForUs, Sources, same_person
from storage.work import Unit
from vraagbaak import audience, follows, graves, moderation, questions
from vraagbaak.model import Actor, Answer, Follow, Like, Question
from vraagbaak.ports import Tx


def build(uri: str, inner: Document) -> Document:
    """Take back an activity of ours; it is embedded whole."""
    return envelope("Undo", uri, inner["actor"], inner, {"to": inner.get("to", [])})


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """What is taken back, when it is the sender's own. Raises NotForUs."""
    inner = delivered.inside
    if isinstance(inner, dict):
        if id_of(inner.get("actor")) != delivered.actor.uri:
            raise NotForUs("not-the-author")
        if one_type(inner) == "Follow" and "object" in inner:
            return Unit.of(_unfollow, delivered, id_of(inner.get("object")) or "")
        if one_type(inner) == "ChooseAnswer":
            return Unit.of(choose_answer.choose, delivered, id_of(inner.get("object")) or "", None)
        if one_type(inner) == "Lock":
            return Unit.of(lock.undo, delivered, id_of(inner.get("object")) or "")
        if one_type(inner) == "Announce":
            return Unit.of(_unsay, delivered, _announced(inner))
    return Unit.of(_by_uri, delivered, delivered.object_id)


def _unfollow(tx: Tx, delivered: Delivered, target_uri: str) -> None:
    target = tx.one(Actor, uri=target_uri)
    if target and target.local:
        follows.receive_undo(tx, same_person(tx, delivered), target)


def _announced(inner: Document) -> str:
    """The post that an Announce was about: named, or inside the activity that was passed on."""
    inside = only_of(inner.get("object"))
    if isinstance(inside, dict) and one_type(inside) in announce.PASSED_ON:
        inside = only_of(inside.get("object"))
    return id_of(inside) or ""


def _unsay(tx: Tx, delivered: Delivered, uri: str) -> None:
    moderation.receive_taken_back(tx, same_person(tx, delivered), uri)


def _by_uri(tx: Tx, delivered: Delivered, uri: str) -> None:
    actor = same_person(tx, delivered)
    follow = tx.one(Follow, uri=uri)
    if follow and follow.follower_id == actor.id:
        tx.remove(follow)
        return
    like = follows.receive_unlike(tx, actor, uri)
    if like is None and same_origin(uri, actor.uri) and not _is_known(tx, uri):
        graves.dig(tx, uri, actor.uri, kind=graves.UNKNOWN)  # what it takes back can still be on its way
    answer = tx.one(Answer, uri=like.object_uri) if like else None
    question = tx.get(Question, answer.question_id) if answer else None
    if answer and question and not question.local and question.author_id == actor.id:
        questions.receive_mark(tx, actor, question.uri, answer.uri, None)


def _is_known(tx: Tx, uri: str) -> bool:
    """Whether it is here: then it is another's, or nothing that can be taken back."""
    found = tx.one(Follow, uri=uri) or tx.one(Like, id=uri) or tx.one(Actor, uri=uri)
    return found is not None or audience.thing_at(tx, uri) is not None
