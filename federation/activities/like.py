"""Like: somebody appreciates a post. From the asker, of an answer to their own question, it means 'dit hielp'.

It is counted nowhere, and nobody is shown who liked what.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document
from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import follows, questions
from vraagbaak.model import Answer, Helped, Question
from vraagbaak.ports import Tx


def build(uri: str, actor_uri: str, thing_uri: str, to: str) -> Document:
    """Our asker's thanks, which every software can show."""
    return envelope("Like", uri, actor_uri, thing_uri, {"to": [to]})


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """What they like. Raises NotForUs."""
    return Unit.of(_like, delivered, delivered.object_id)


def _like(tx: Tx, delivered: Delivered, thing_uri: str) -> None:
    actor = same_person(tx, delivered)
    answer = tx.one(Answer, uri=thing_uri)
    if answer is None and tx.one(Question, uri=thing_uri) is None:
        return
    follows.receive_like(tx, actor, delivered.uri, thing_uri)
    question = tx.get(Question, answer.question_id) if answer else None
    if answer and question and not question.local and question.author_id == actor.id:
        questions.receive_mark(tx, actor, question.uri, answer.uri, Helped.HELPED)
