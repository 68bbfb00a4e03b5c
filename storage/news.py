"""What may be told outside of the site: public questions that are not delicate, for feeds, the week and mail.

Whether a question is delicate, its asker says, or one of its topics; whoever asks for those finds nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_

from storage import listings
from storage.joined import load, pilot_of, rows_of, with_author
from storage.listings import MOST, AnswerCard
from storage.reading import Reading
from storage.tables import tables
from storage.visibility import about, listed_question
from vraagbaak.audience import PASSER_BY
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Pilot, Question, Topic

_question = tables[Question]
_pilot = tables[Pilot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A question that may be told, with who asked it and the neighbourhood that is."""

    question: Question
    author: Actor
    pilot: Pilot | None


def delicate_topics(reading: Reading) -> frozenset[str]:
    """The slugs of topics whose questions start as narrow as can be."""
    return frozenset(topic.id for topic in reading.find(Topic, sensitive=True))


def is_delicate(question: Question, topics: Iterable[str]) -> bool:
    """Whether its asker or one of its topics says so; `topics` are the delicate ones."""
    return question.sensitive or not set(topics).isdisjoint(question.topics)


def may_be_told(topics: Iterable[str]) -> ColumnElement[bool]:
    """The same as a condition, with all else that a stranger may know."""
    delicate = [about(_question.c.topics, topic) for topic in sorted(topics)]
    return and_(listed_question(PASSER_BY.scopes), _question.c.sensitive == 0, ~or_(*delicate, false()))


def questions(
    reading: Reading, *, topic: str = "", pilot_id: str = "", after: str = "", limit: int = 20
) -> tuple[Told, ...]:
    """Those that may be told, newest first; all filters narrow. `after` is an id.

    Raises Unknown for a topic that is delicate, or that nobody here knows.
    """
    delicate = delicate_topics(reading)
    if topic in delicate:
        raise Unknown
    wanted: list[ColumnElement[bool]] = [may_be_told(delicate)]
    if topic:
        wanted.append(about(_question.c.topics, topic))
    if pilot_id:
        wanted += [_question.c.pilot_id == pilot_id, _pilot.c.id == pilot_id]
    else:
        wanted.append(_pilot.c.id.is_not(None))
    if after:
        wanted.append(_question.c.id > after)
    found = _found(reading, with_author(_question).where(*wanted), limit)
    if topic and not found and reading.one(Topic, id=topic) is None:
        raise Unknown
    return found


def _found(reading: Reading, statement: Select[tuple[Question]], limit: int) -> tuple[Told, ...]:
    rows = rows_of(reading, statement.order_by(_question.c.id.desc()).limit(min(limit, MOST)))
    return tuple(
        Told(question=load(Question, row), author=load(Actor, row), pilot=pilot_of(row)) for row in rows
    )


def thread(reading: Reading, question_id: str, limit: int) -> tuple[Told, tuple[AnswerCard, ...]]:
    """A question that may be told, and the latest of what was said to it, newest first. Raises Unknown."""
    statement = with_author(_question).where(_question.c.id == question_id)
    found = _found(reading, statement.where(may_be_told(delicate_topics(reading))), 1)
    if not found:
        raise Unknown
    answers = listings.answer_cards(reading, PASSER_BY, question_id=question_id, limit=1000)
    return found[0], answers[::-1][:limit]
