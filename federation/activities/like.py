"""Like: somebody appreciates a post. From the asker, of an answer to their own question, it means 'dit hielp'.

A reaction with a little picture (EmojiReact, or a Like with `content`: FEP-c0e0) is one too, whichever picture it is; it
only means 'dit hielp' when that is what the picture says. It is counted nowhere, and nobody is shown who liked what.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document, one_type, text_of
from federation.understanding import Delivered, Sources, same_person
from storage.work import Unit
from vraagbaak import follows, graves, questions
from vraagbaak.model import Answer, Helped, Question
from vraagbaak.ports import Tx

THANKS = frozenset("👍❤⭐🌟💯🙏👏🎉✅✔🥰😍")
"""Pictures that say nothing but thank you, without variants and colours of skin."""


def build(uri: str, actor_uri: str, thing_uri: str, to: str) -> Document:
    """Our asker's thanks, which every software can show."""
    return envelope("Like", uri, actor_uri, thing_uri, {"to": [to]})


async def examine(delivered: Delivered, _sources: Sources) -> Unit:
    """What they like. Raises NotForUs."""
    return Unit.of(_like, delivered, delivered.object_id)


def _is_thanks(doc: Document) -> bool:
    """Whether a reaction is a plain Like, or thanks by its picture: a thumb down from the asker is no thanks."""
    picture = text_of(doc, "content")
    return picture[:1] in THANKS if picture else one_type(doc) == "Like"


def _like(tx: Tx, delivered: Delivered, thing_uri: str) -> None:
    actor = same_person(tx, delivered)
    answer = tx.one(Answer, uri=thing_uri)
    if answer is None and tx.one(Question, uri=thing_uri) is None:
        return
    if graves.holds(tx, delivered.uri, actor.uri):
        return  # taken back before it was looked at
    follows.receive_like(tx, actor, delivered.uri, thing_uri)
    question = tx.get(Question, answer.question_id) if answer and _is_thanks(delivered.doc) else None
    if answer and question and not question.local and question.author_id == actor.id:
        questions.receive_mark(tx, actor, question.uri, answer.uri, Helped.HELPED)
