"""What pages and programs show in one go: cards of questions, a question with all that was said, offers, people.

Every list asks `audience` which scopes and states this viewer may read, and costs the same few statements however
long it is. Nothing is counted per person, and nothing here changes anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, or_, select

from storage import finding, media
from storage.joined import home_of_author, load, pilot_of, rows_of, with_author
from storage.reading import Reading
from storage.tables import tables
from storage.visibility import about, readable_question, readable_reply, scopes_of, state_of
from vraagbaak import audience, pilots, pins
from vraagbaak.audience import READABLE_REPLIES, Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import (
    Actor,
    Answer,
    Helped,
    Mark,
    Media,
    Offer,
    Peer,
    Perspective,
    Pilot,
    Pin,
    Question,
    QuestionStatus,
    Standing,
    Topic,
)

T = TypeVar("T")

_question = tables[Question]
_answer = tables[Answer]
_offer = tables[Offer]
_actor = tables[Actor]
_pilot = tables[Pilot]
_peer = tables[Peer]
_mark = tables[Mark]
_pin = tables[Pin]
_topic = tables[Topic]

MOST = 100
"""The longest list anybody gets at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCard:
    """A question as it stands in a list."""

    question: Question
    author: Actor
    pilot: Pilot | None
    """The neighbourhood that the author's server is; None for a server that is no pilot."""
    answers: int
    """Answers this viewer may read; comments do not count."""
    perspectives: tuple[Perspective, ...]
    helped: int
    """How many of those answers the asker says helped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCard:
    """An answer or comment as it stands under its question."""

    answer: Answer
    author: Actor
    pilot: Pilot | None
    mark: Helped | None
    question_title: str = ""
    """Filled where the answer stands apart from its question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferCard:
    """An offer as it stands in a list."""

    offer: Offer
    author: Actor
    pilot: Pilot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """A question with everything said to it that this viewer may read."""

    question: Question
    author: Actor
    pilot: Pilot | None
    topics: tuple[Topic, ...]
    answers: tuple[AnswerCard, ...]
    """Answers and comments, oldest first; a comment has `answer.parent_id`."""
    offers: tuple[OfferCard, ...]
    pictures: Mapping[str, tuple[Media, ...]] = field(default_factory=dict)
    """By the uri of what they stand with."""
    featured: bool = False
    """Whether the neighbourhood puts it first; only those who may change that are told."""

    @property
    def sensitive(self) -> bool:
        """Whether asker or topic says that this is delicate."""
        return self.question.sensitive or any(topic.sensitive for topic in self.topics)


def question_cards(
    reading: Reading,
    viewer: Viewer,
    *,
    topic: str = "",
    pilot_id: str = "",
    author_id: str = "",
    unanswered: bool = False,
    helped: bool = False,
    elsewhere: bool = False,
    oldest_first: bool = False,
    before: str = "",
    limit: int = 20,
) -> tuple[QuestionCard, ...]:
    """Questions this viewer may read, newest first; all filters narrow.

    `before` is the id of the last card of the page before this one (with `oldest_first` it means after). `helped`
    wants an answer that the asker says helped; `elsewhere` wants questions from other pilots only.
    """
    wanted: list[ColumnElement[bool]] = [readable_question(viewer)]
    if topic:
        wanted.append(about(_question.c.topics, topic))
    if pilot_id:
        wanted += [_question.c.pilot_id == pilot_id, _pilot.c.id == pilot_id]
    if author_id:
        wanted.append(_question.c.author_id == author_id)
    if unanswered:
        wanted += [state_of(_question) == QuestionStatus.OPEN.value, ~_answers_to_it(viewer).exists()]
    if helped:
        wanted.append(_helped(viewer).exists())
    if elsewhere:
        wanted += [_question.c.local == 0, _pilot.c.id.is_not(None)]
    if before:
        wanted.append(_question.c.id > before if oldest_first else _question.c.id < before)
    order = _question.c.id.asc() if oldest_first else _question.c.id.desc()
    found = with_author(_question).where(*wanted).order_by(order).limit(min(limit, MOST))
    return cards_of(reading, viewer, rows_of(reading, found))


def cards_called(reading: Reading, viewer: Viewer, ids: Sequence[str]) -> tuple[QuestionCard, ...]:
    """The questions with these ids that this viewer may read in a list, in this order."""
    if not ids:
        return ()
    found = with_author(_question).where(_question.c.id.in_(ids), readable_question(viewer))
    cards = {card.question.id: card for card in cards_of(reading, viewer, rows_of(reading, found))}
    return tuple(cards[key] for key in ids if key in cards)


def featured_cards(reading: Reading, viewer: Viewer) -> tuple[QuestionCard, ...]:
    """Questions that the neighbourhood puts first and this viewer may read, the latest put first in front."""
    ours = pilots.ours(reading).actor_id
    found = with_author(_question).join(_pin, _pin.c.thing_uri == _question.c.uri)
    found = found.where(_pin.c.actor_id == ours, readable_question(viewer))
    return cards_of(
        reading, viewer, rows_of(reading, found.order_by(_pin.c.pinned_at.desc(), _pin.c.id.desc()))
    )


def own_questions(reading: Reading, viewer: Viewer, limit: int = MOST) -> tuple[QuestionCard, ...]:
    """Everything this member asked, also what waits for review, newest first; nothing for a passer-by."""
    if viewer.member is None:
        return ()
    found = with_author(_question).where(_question.c.author_id == viewer.member.actor_id)
    return cards_of(reading, viewer, rows_of(reading, found.order_by(_question.c.id.desc()).limit(limit)))


def question_page(reading: Reading, viewer: Viewer, question_id: str) -> QuestionPage:
    """A question and what was said to it. Raises Unknown when it is not there or not meant for this viewer."""
    return _page(reading, viewer, finding.found(reading, viewer, Question, question_id))


def returned_page(reading: Reading, question_id: str) -> QuestionPage:
    """The same for whoever came back to it with its code: all that neighbours see, and what of theirs waits."""
    question = reading.get(Question, question_id)
    return _page(reading, Viewer(returned=question), question)


def _page(reading: Reading, viewer: Viewer, question: Question) -> QuestionPage:
    question_id = question.id
    row = rows_of(reading, with_author(_question).where(_question.c.id == question_id))[0]
    answers = answer_cards(reading, viewer, question_id=question_id, limit=1000)
    return QuestionPage(
        question=question,
        author=load(Actor, row),
        pilot=pilot_of(row),
        topics=topics_named(reading, question.topics),
        answers=answers,
        offers=offer_cards(reading, viewer, question_id=question_id),
        pictures=media.beside(reading, [question, *(card.answer for card in answers)]),
        featured=viewer.reviews and pins.is_first(reading, pilots.ours(reading).actor_id, question),
    )


def answer_cards(
    reading: Reading,
    viewer: Viewer,
    *,
    question_id: str = "",
    author_id: str = "",
    before: str = "",
    limit: int = 20,
) -> tuple[AnswerCard, ...]:
    """Answers this viewer may read, those under hidden questions left out.

    Oldest first under one question; newest first, with the question's title, for one author.
    """
    wanted = [readable_question(viewer), readable_reply(_answer, viewer)]
    if question_id:
        # Whoever may see the question at all came through `may_see`; only the answers are judged one by one.
        wanted = [readable_reply(_answer, viewer), _answer.c.question_id == question_id]
    if author_id:
        wanted.append(_answer.c.author_id == author_id)
    if before:
        wanted.append(_answer.c.id < before)
    order = _answer.c.id.asc() if question_id else _answer.c.id.desc()
    statement = (
        with_author(_answer)
        .add_columns(_mark.c.value, _question.c.title)
        .outerjoin(_mark, _mark.c.id == _answer.c.id)
        .join(_question, _question.c.id == _answer.c.question_id)
        .where(*wanted)
        .order_by(order)
        .limit(limit)
    )
    return tuple(_answer_card(row) for row in rows_of(reading, statement))


def _answer_card(row: RowMapping) -> AnswerCard:
    mark = row[_mark.c.value]
    return AnswerCard(
        answer=load(Answer, row),
        author=load(Actor, row),
        pilot=pilot_of(row),
        mark=Helped(mark) if mark else None,
        question_title=row[_question.c.title],
    )


def question_of(reading: Reading, viewer: Viewer, answer_id: str) -> Question:
    """The question that an answer was given to. Raises Unknown when this viewer may not see both."""
    return reading.get(Question, finding.found(reading, viewer, Answer, answer_id).question_id)


def offer_cards(
    reading: Reading,
    viewer: Viewer,
    *,
    topic: str = "",
    pilot_id: str = "",
    helper_id: str = "",
    question_id: str = "",
    before: str = "",
    limit: int = 20,
) -> tuple[OfferCard, ...]:
    """Offers this viewer may read, those to hidden questions left out, newest first; all filters narrow.

    `helper_id` is for the helper's own pages: whose an offer is stands nowhere else.
    """
    wanted = [readable_reply(_offer, viewer)]
    if not question_id:
        # Whoever may see the question at all came through `may_see`.
        readable = select(_question.c.id).where(
            _question.c.id == _offer.c.question_id, readable_question(viewer)
        )
        wanted.append(or_(_offer.c.question_id.is_(None), readable.exists()))
    if topic:
        wanted.append(about(_offer.c.topics, topic))
    if pilot_id:
        wanted += [_offer.c.pilot_id == pilot_id, _pilot.c.id == pilot_id]
    if helper_id:
        wanted.append(_offer.c.helper_id == helper_id)
    if question_id:
        wanted.append(_offer.c.question_id == question_id)
    if before:
        wanted.append(_offer.c.id < before)
    statement = with_author(_offer).where(*wanted).order_by(_offer.c.id.desc()).limit(min(limit, MOST))
    return tuple(
        OfferCard(offer=load(Offer, row), author=load(Actor, row), pilot=pilot_of(row))
        for row in rows_of(reading, statement)
    )


def waiting_titles(reading: Reading, answers: Iterable[Answer]) -> dict[str, str]:
    """The titles of the questions under which these answers wait, by question id."""
    ids = {answer.question_id for answer in answers}
    rows = rows_of(reading, select(_question.c.id, _question.c.title).where(_question.c.id.in_(ids)))
    return {row[_question.c.id]: row[_question.c.title] for row in rows}


def authors(reading: Reading, ids: Iterable[str]) -> dict[str, tuple[Actor, Pilot | None]]:
    """Actors by id, each with the neighbourhood they are from."""
    statement = (
        select(_actor, _pilot)
        .select_from(_actor.outerjoin(_pilot, home_of_author()))
        .where(_actor.c.id.in_(set(ids)))
    )
    rows = rows_of(reading, statement)
    return {row[_actor.c.id]: (load(Actor, row), pilot_of(row)) for row in rows}


def known_pilots(reading: Reading) -> tuple[Pilot, ...]:
    """Our own neighbourhood first, then those trusted as a pilot at this moment, by name."""
    statement = (
        select(_pilot)
        .outerjoin(_peer, _peer.c.id == _pilot.c.domain)
        .where(_is_pilot())
        .order_by(_pilot.c.local.desc(), _pilot.c.name, _pilot.c.id)
    )
    found = [load(Pilot, row) for row in rows_of(reading, statement)]
    latest = {pilot.domain: pilot.id for pilot in sorted(found, key=lambda pilot: pilot.id)}
    return tuple(pilot for pilot in found if latest[pilot.domain] == pilot.id)


def circle(reading: Reading) -> tuple[str, ...]:
    """The names of those whom 'alle proeftuinen' means at this moment, as the domain says; of one not met yet its address."""
    names = {pilot.domain: pilot.name for pilot in known_pilots(reading)}
    return tuple(sorted(names.get(peer.id, peer.id) for peer in audience.trusted_pilots(reading)))


def pilot_called(reading: Reading, name: str) -> Pilot:
    """The known pilot with this domain, or this slug (ours first). Raises Unknown."""
    wanted = name.lower()
    for pilot in known_pilots(reading):
        if wanted in {pilot.slug, pilot.domain}:
            return pilot
    raise Unknown


def topics(reading: Reading, limit: int = 60) -> tuple[Topic, ...]:
    """Topics to choose from, by name."""
    rows = rows_of(reading, select(_topic).order_by(_topic.c.name).limit(limit))
    return tuple(load(Topic, row) for row in rows)


def topics_named(reading: Reading, slugs: Sequence[str]) -> tuple[Topic, ...]:
    if not slugs:
        return ()
    rows = rows_of(reading, select(_topic).where(_topic.c.id.in_(slugs)))
    known = {topic.id: topic for topic in (load(Topic, row) for row in rows)}
    return tuple(known.get(slug) or Topic(id=slug, name=slug.replace("-", " ")) for slug in slugs)


def cards_of(reading: Reading, viewer: Viewer, rows: Sequence[RowMapping]) -> tuple[QuestionCard, ...]:
    """The cards of rows of `with_author`."""
    questions = [load(Question, row) for row in rows]
    counted = _answers_per_perspective(reading, viewer, [question.id for question in questions])
    cards = []
    for question, row in zip(questions, rows, strict=True):
        said = counted[question.id]
        present = {Perspective(perspective) for perspective, _, _ in said}
        cards.append(
            QuestionCard(
                question=question,
                author=load(Actor, row),
                pilot=pilot_of(row),
                answers=sum(count for _, count, _ in said),
                perspectives=tuple(kind for kind in Perspective if kind in present),
                helped=sum(helped for _, _, helped in said),
            )
        )
    return tuple(cards)


def _answers_per_perspective(
    reading: Reading, viewer: Viewer, ids: Sequence[str]
) -> dict[str, list[tuple[str, int, int]]]:
    """For each question its perspectives, with how many answers each has and how many of those helped."""
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    if not ids:
        return found
    helped = and_(_mark.c.id == _answer.c.id, _mark.c.value == Helped.HELPED.value)
    statement = (
        select(_answer.c.question_id, _answer.c.perspective, func.count(_answer.c.id), func.count(_mark.c.id))
        .outerjoin(_mark, helped)
        .where(
            _answer.c.question_id.in_(ids),
            _answer.c.parent_id.is_(None),
            _answer.c.scope.in_(scopes_of(viewer)),
            state_of(_answer).in_([status.value for status in READABLE_REPLIES]),
        )
        .group_by(_answer.c.question_id, _answer.c.perspective)
    )
    for question_id, perspective, count, helpful in map(tuple, reading.execute(statement)):
        found[question_id].append((perspective, count, helpful))
    return found


def _answers_to_it(viewer: Viewer) -> Select[Any]:
    """The answers that this viewer may read to the question of the outer statement."""
    return (
        select(_answer.c.id)
        .where(
            _answer.c.question_id == _question.c.id,
            _answer.c.parent_id.is_(None),
            _answer.c.scope.in_(scopes_of(viewer)),
            state_of(_answer).in_([status.value for status in READABLE_REPLIES]),
        )
        .correlate(_question)
    )


def _helped(viewer: Viewer) -> Select[Any]:
    """Those of them that the asker says helped, found by the marks on the question."""
    return (
        select(_mark.c.id)
        .join(_answer, _answer.c.id == _mark.c.id)
        .where(
            _mark.c.question_id == _question.c.id,
            _mark.c.value == Helped.HELPED.value,
            _answer.c.parent_id.is_(None),
            _answer.c.scope.in_(scopes_of(viewer)),
            state_of(_answer).in_([status.value for status in READABLE_REPLIES]),
        )
        .correlate(_question)
    )


def _is_pilot() -> ColumnElement[bool]:
    return or_(_pilot.c.local == 1, _peer.c.standing == Standing.PILOT.value)
