"""ChooseAnswer: PieFed's word for the answer that the asker accepts, and its Undo.

Only the asker's counts, or that of a moderator of its neighbourhood, when that passes it on (moderating.py). (PieFed
itself compares the one who answered, instead of the sender, with the asker; B21.)
"""

from __future__ import annotations

from dataclasses import replace

from federation.activities.envelope import envelope
from federation.documents import Document
from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import questions
from vraagbaak.errors import Unknown
from vraagbaak.model import Answer, Helped, Question
from vraagbaak.ports import Tx

_TERM = {"ChooseAnswer": "vb:ChooseAnswer"}  # PieFed reads plain JSON and gave it no IRI that we know of


def build(uri: str, actor_uri: str, answer_uri: str, addressing: Document) -> Document:
    """Our asker accepts an answer, in PieFed's word."""
    doc = envelope("ChooseAnswer", uri, actor_uri, answer_uri, addressing)
    return doc | {"@context": [*doc["@context"], _TERM]}


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """Their asker accepts an answer. Raises NotForUs."""
    return Unit.of(choose, delivered, delivered.object_id, Helped.HELPED)


def choose(tx: Tx, delivered: Delivered, answer_uri: str, mark: Helped | None) -> None:
    """Put the asker's mark on an answer, or take it away. Raises Unknown or NotYours."""
    actor, answer = same_person(tx, delivered), tx.one(Answer, uri=answer_uri)
    if not actor.chooses:
        tx.save(replace(actor, chooses=True))
    if answer is None:
        raise Unknown
    question = tx.get(Question, answer.question_id)
    questions.receive_mark(tx, actor, question.uri, answer.uri, mark)
