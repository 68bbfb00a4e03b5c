"""The document of a thing or an actor of ours, as it is sent and as it can be fetched: one and the same.

A thing that is for the neighbourhood alone, that waits for review or whose thread is hidden, has none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from federation.actors import application_document, group_document, person_document
from federation.addressing import address
from federation.attaching import Pictures
from federation.documents import Document
from federation.vocabulary import COVER, answer_note, offer_note, question_note
from vraagbaak import audience, media, pilots, text
from vraagbaak.model import (
    Actor,
    ActorKey,
    ActorKind,
    Answer,
    Offer,
    Pilot,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Thing,
)
from vraagbaak.ports import Reads


def document_of(tx: Reads, thing: Thing) -> Document | None:
    """The Note of a question, answer or offer by one of ours; None for what stays home."""
    return _note_of(
        tx, thing, [(found, media.address(tx.home, found, thing.scope)) for found in media.of(tx, thing)]
    )


def _note_of(tx: Reads, thing: Thing, pictures: Pictures) -> Document | None:
    if not thing.local or not audience.is_readable(thing) or thing.scope is Scope.NEIGHBOURHOOD:
        return None
    thread = thing if isinstance(thing, Question) else audience.thread_of(tx, thing)
    if thread and not audience.is_readable(thread):
        return None
    author = tx.get(Actor, thing.author_id)
    recipients = audience.recipients(tx, thing)
    group_uri = neighbourhood_of(tx, thread)
    addressing = address(thing.scope, recipients, author, tx.home, group_uri)
    if isinstance(thing, Question):
        return question_note(thing, author, pilots.ours(tx), addressing, pictures)
    if isinstance(thing, Offer):
        asker = tx.get(Actor, thread.author_id) if thread else None
        return offer_note(thing, author, pilots.ours(tx), addressing, thread, asker)
    assert thread is not None
    parent = tx.one(Answer, id=thing.parent_id) if thing.parent_id else None
    told = tx.get(Actor, parent.author_id if parent else thread.author_id)
    above = parent.uri if parent else thread.uri
    return answer_note(thing, author, thread, above, told, addressing, pictures)


def cover_of(tx: Reads, thing: Thing) -> Document | None:
    """The same without its pictures and with one neutral sentence for its words, for as long as it is hidden; None for what stays home.

    Others are not told to delete it: what is deleted never comes back, and hiding can be a mistake.
    """
    words = COVER.get(thing.language, COVER["nl"])
    said: dict[str, Any] = {"body": words, "html": text.from_markdown(words), "edited_at": tx.now}
    if isinstance(thing, Question):
        covered: Thing = replace(thing, **said, title=words, topics=(), status=QuestionStatus.OPEN)
    else:
        covered = replace(thing, **said, status=ReplyStatus.SHOWN)
    return _note_of(tx, covered, ())


def thread_of(tx: Reads, thing: Thing) -> Thing:
    """The question that a thing belongs to, or itself: what is said in one thread comes in order."""
    return thing if isinstance(thing, Question) else audience.thread_of(tx, thing) or thing


def actor_document(tx: Reads, actor: Actor, keys: list[ActorKey]) -> Document:
    """One of our actors as others see it."""
    if actor.kind is ActorKind.APPLICATION:
        return application_document(tx.home, actor, keys)
    if actor.kind is ActorKind.GROUP:
        return group_document(pilots.ours(tx), actor, keys)
    return person_document(actor, keys)


def neighbourhood_of(tx: Reads, thread: Question | None) -> str:
    """The uri of the neighbourhood in which a thread stands: ours, that of a pilot we know, or none."""
    if thread is None or thread.local:
        return tx.home.group_uri
    pilot = tx.one(Pilot, id=thread.pilot_id) if thread.pilot_id else None
    return pilot.uri if pilot else ""
