"""What may stand in a member's weekly letter: titles of what everybody may read and nobody finds delicate.

A letter lies in mailboxes that others read too. Of all else the letter only says how many there are, and not even that
when they are few. A delicate topic is not named, though the member follows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage import followed, news
from storage.clock import ulid
from storage.reading import Reading
from storage.tables import tables
from storage.visibility import readable_reply
from vraagbaak import pilots, preferring
from vraagbaak.audience import Viewer
from vraagbaak.model import Answer, Pilot, Question, Scope, Topic

_answer = tables[Answer]
FEW = 3
"""Of fewer than this nothing is said: one alone could be told from the hour."""
PER_GROUP = 8
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """New questions about one topic, or of one neighbourhood."""

    about: Topic | Pilot
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a letter says. `more` is how many others there are; 0 when they are few."""

    groups: tuple[Group, ...]
    answered: tuple[Question, ...]
    """Questions that are the member's too, with new answers."""
    more: int

    @property
    def nothing(self) -> bool:
        """Whether there is no reason to write."""
        return not (self.groups or self.answered or self.more)


def of(reading: Reading, viewer: Viewer, since: datetime) -> Digest:
    """What came since then in all that the member follows; who follows nothing hears of their own neighbourhood."""
    assert viewer.member is not None
    delicate = news.delicate_topics(reading)
    topics, around = followed.interests(reading, viewer.member)
    shared = preferring.shared_questions(reading, viewer.member)
    if not (topics or around or shared):
        around = (pilots.ours(reading),)
    fresh = followed.fresh(reading, viewer, topics, around, ulid(since, 0), _LOOKED_AT)
    asked = [card.question for card in fresh]
    nameable = {
        topic.id: topic for topic in topics if topic.id not in delicate and reading.find(Topic, id=topic.id)
    }
    places = {card.question.id: card.pilot for card in fresh}
    groups: dict[str, tuple[Topic | Pilot, list[Question]]] = {}
    untold = 0
    for question in asked:
        about = next((nameable[slug] for slug in question.topics if slug in nameable), None)
        heading = about or places[question.id]
        if heading is None or not _may_be_told(question, delicate):
            untold += 1
            continue
        told = groups.setdefault(heading.id, (heading, []))[1]
        if len(told) < PER_GROUP:
            told.append(question)
        else:
            untold += 1
    answered = _answered(reading, viewer, shared, since)
    open_ones = tuple(question for question in answered if _may_be_told(question, delicate))
    untold += len(answered) - len(open_ones)
    return Digest(
        groups=tuple(Group(about=about, questions=tuple(told)) for about, told in groups.values()),
        answered=open_ones,
        more=untold if untold >= FEW else 0,
    )


def _may_be_told(question: Question, delicate: frozenset[str]) -> bool:
    return question.scope is Scope.PUBLIC and not news.is_delicate(question, delicate)


def _answered(reading: Reading, viewer: Viewer, shared: list[str], since: datetime) -> list[Question]:
    """Those of these questions that somebody else answered since then, as far as the member may read both."""
    assert viewer.member is not None
    statement = (
        select(_answer.c.question_id)
        .where(
            _answer.c.question_id.in_(shared),
            _answer.c.parent_id.is_(None),
            _answer.c.id > ulid(since, 0),
            _answer.c.author_id != viewer.member.actor_id,
            readable_reply(_answer, viewer),
        )
        .group_by(_answer.c.question_id)
        .order_by(func.max(_answer.c.id).desc())
        .limit(PER_GROUP)
    )
    ids = [row[0] for row in reading.execute(statement)] if shared else []
    cards = followed.cards_with(reading, viewer, ids)
    return sorted((card.question for card in cards), key=lambda question: ids.index(question.id))
