"""Lock: no more answers to a question of other software (Lemmy, PieFed, Mbin).

Its author says so; a moderator of its neighbourhood can too, when the neighbourhood passes it on (moderating.py).
"""

from __future__ import annotations

from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import questions
from vraagbaak.errors import NotYours, Unknown
from vraagbaak.model import Question
from vraagbaak.ports import Tx


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """The author's own Lock. Raises NotForUs."""
    return Unit.of(_lock, delivered, delivered.object_id)


def _lock(tx: Tx, delivered: Delivered, uri: str) -> None:
    questions.receive_lock(tx, _own(tx, delivered, uri))


def undo(tx: Tx, delivered: Delivered, uri: str) -> None:
    """The author takes it back. Raises Unknown or NotYours."""
    questions.receive_unlock(tx, _own(tx, delivered, uri))


def _own(tx: Tx, delivered: Delivered, uri: str) -> Question:
    actor, question = same_person(tx, delivered), tx.one(Question, uri=uri)
    if question is None:
        raise Unknown
    if question.local or question.author_id != actor.id:
        raise NotYours
    return question
