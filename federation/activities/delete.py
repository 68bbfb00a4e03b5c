"""Delete: a post, or a whole actor, is gone.

Only what is the sender's own goes; what was deleted before it ever came is remembered, so that it never comes.
"""

from __future__ import annotations

from dataclasses import replace

from federation.activities.envelope import envelope
from federation.documents import PUBLIC, Document, same_origin
from federation.understanding import Delivered, NotForUs, Sources, is_ours, same_person
from storage.work import Unit
from vraagbaak import answers, graves, offers, questions
from vraagbaak.errors import NotYours
from vraagbaak.model import Actor, Answer, Offer, Question
from vraagbaak.ports import Tx


def build(uri: str, actor_uri: str, thing_uri: str, *, public: bool) -> Document:
    """The Delete of one of our posts; its text is not in it."""
    to = {"to": [PUBLIC]} if public else {}
    return envelope("Delete", uri, actor_uri, {"id": thing_uri, "type": "Tombstone"}, to)


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """What is to go, when it stands on the sender's own host. Raises NotForUs."""
    uri = delivered.object_id
    if is_ours(sources.home, uri) or not same_origin(uri, delivered.actor.uri):
        raise NotForUs("origin")
    if uri == delivered.actor.uri:
        return Unit.of(forget_actor, delivered)
    return Unit.of(forget_thing, delivered, uri)


def forget_thing(tx: Tx, delivered: Delivered, uri: str) -> None:
    """Remove a post by its author, or remember that it must not come."""
    author = same_person(tx, delivered)
    if question := tx.one(Question, uri=uri):
        questions.receive_withdrawal(tx, author, question)
    elif answer := tx.one(Answer, uri=uri):
        answers.receive_withdrawal(tx, author, answer, delivered.uri)
    elif offer := tx.one(Offer, uri=uri):
        offers.receive_withdrawal(tx, author, offer)
    else:
        graves.dig(tx, uri, author.uri, kind=graves.UNKNOWN)


def forget_actor(tx: Tx, delivered: Delivered) -> None:
    """Remove everything an actor elsewhere said here, and listen to it no more."""
    actor = tx.one(Actor, uri=delivered.actor.uri)
    if actor is None:
        return
    if actor.local:
        raise NotYours
    for offer in tx.find(Offer, author_id=actor.id):
        offers.receive_withdrawal(tx, actor, offer)
    for answer in tx.find(Answer, author_id=actor.id):
        answers.receive_withdrawal(tx, actor, answer, delivered.uri)
    for question in tx.find(Question, author_id=actor.id):
        questions.receive_withdrawal(tx, actor, question)
    tx.save(replace(actor, name=actor.handle, summary="", also_known_as=(), moved_to="", suspended=True))
