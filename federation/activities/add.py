"""Add and Remove: what the asker says of an answer, as a change of the question's `helpful` collection.

Only the asker can do that (PieFed compares the wrong people here; threats B21, B22), or a moderator of its
neighbourhood elsewhere, when that passes it on (moderating.py).
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document, id_of
from federation.understanding import Delivered, NotForUs, Sources, same_person
from federation.vocabulary import read_mark
from storage.work import Unit
from vraagbaak import questions
from vraagbaak.errors import NotYours, Unknown
from vraagbaak.model import Answer, Helped, Question
from vraagbaak.ports import Tx

ON_THE_WIRE = {Helped.HELPED: "accepted", Helped.PARTLY: "partly"}


def build(
    uri: str, actor_uri: str, answer_uri: str, question: Question, mark: Helped, addressing: Document
) -> Document:
    """The asker's word that an answer helped, wholly or partly."""
    doc = envelope("Add", uri, actor_uri, answer_uri, addressing)
    return doc | {"target": question.helpful_uri, "vb:mark": ON_THE_WIRE[mark]}


def build_removal(
    uri: str, actor_uri: str, answer_uri: str, question: Question, addressing: Document
) -> Document:
    """The asker takes that word back."""
    return envelope("Remove", uri, actor_uri, answer_uri, addressing) | {"target": question.helpful_uri}


def build_first(
    verb: str, uri: str, actor_uri: str, thing_uri: str, featured_uri: str, addressing: Document
) -> Document:
    """`Add` or `Remove`: one of ours puts a thing first on its profile, or no longer (Mastodon 4.x)."""
    return envelope(verb, uri, actor_uri, thing_uri, addressing) | {"target": featured_uri}


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """An Add to a `helpful` collection. Raises NotForUs."""
    mark = read_mark(delivered.doc)
    if mark is None:
        raise NotForUs("unknown-mark")
    return Unit.of(_mark, delivered, _target(delivered), delivered.object_id, mark)


async def examine_removal(delivered: Delivered, _sources: Sources) -> Unit:
    """A Remove from a `helpful` collection. Raises NotForUs."""
    return Unit.of(_mark, delivered, _target(delivered), delivered.object_id, None)


def _target(delivered: Delivered) -> str:
    target = id_of(delivered.doc.get("target"))
    if target is None:
        raise NotForUs("no-target")
    return target


def _mark(tx: Tx, delivered: Delivered, target: str, answer_uri: str, mark: Helped | None) -> None:
    actor = same_person(tx, delivered)
    answer = tx.one(Answer, uri=answer_uri)
    if answer is None:
        raise Unknown
    question = tx.get(Question, answer.question_id)
    if question.helpful_uri != target:
        raise NotYours
    questions.receive_mark(tx, actor, question.uri, answer_uri, mark)
