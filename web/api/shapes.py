"""What goes out as JSON: the members, their types and where they come from.

Says from which neighbourhood something is, never from which person; a member may be added here, never renamed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from msgspec import Struct

from storage.listings import AnswerCard, OfferCard, QuestionCard, QuestionPage
from storage.search import Found
from vraagbaak import model
from vraagbaak.matching import Ground
from vraagbaak.model import Actor, AttachmentKind, Channel, Helped, Perspective, Scope


class Attachment(Struct, kw_only=True):
    """What a post from another server names beside its text. Loading it tells that server who reads."""

    kind: AttachmentKind
    url: str
    host: str
    description: str


class Question(Struct, kw_only=True):
    """A question in a list."""

    id: str
    url: str
    uri: str
    title: str
    body: str
    html: str
    topics: tuple[str, ...]
    wanted: tuple[Perspective, ...]
    scope: Scope
    status: str
    language: str
    sensitive: bool
    warning: str
    """What its writer warns for before it is read; empty for nothing."""
    attachments: tuple[Attachment, ...]
    pilot: str | None
    """The slug of the pilot it comes from; null when it comes from a server that is no pilot."""
    domain: str
    answer_count: int
    perspectives: tuple[Perspective, ...]
    helped: int
    """How many answers the asker says helped."""
    published_at: datetime
    edited_at: datetime | None


class Similar(Struct, kw_only=True):
    """A question that may mean the same as what was asked for."""

    id: str
    url: str
    title: str
    pilot: str | None
    """The slug of the pilot it comes from; null when it comes from a server that is no pilot."""
    score: float
    """How much of what was asked for it says: at most 1."""
    helped: int
    """How many answers the asker says helped."""


class Comment(Struct, kw_only=True):
    """A comment on an answer."""

    id: str
    url: str
    uri: str
    body: str
    html: str
    perspective: Perspective
    scope: Scope
    language: str
    sensitive: bool
    warning: str
    """What its writer warns for before it is read; empty for nothing."""
    attachments: tuple[Attachment, ...]
    pilot: str | None
    domain: str
    published_at: datetime
    edited_at: datetime | None


class Answer(Comment, kw_only=True):
    """An answer under its question."""

    helped: bool
    mark: Helped | None
    """The asker's own word: `helped`, `partly`, `not-now`, or null."""
    comments: tuple[Comment, ...] = ()


class AnswerAlone(Comment, kw_only=True):
    """One answer or comment, apart from its question."""

    question: str
    parent: str | None
    helped: bool
    mark: Helped | None


class WholeQuestion(Question, kw_only=True):
    """A question with what was said to it."""

    answers: tuple[Answer, ...]


class Offer(Struct, kw_only=True):
    """An offer."""

    id: str
    url: str
    uri: str
    body: str
    html: str
    topics: tuple[str, ...]
    availability: str
    times: tuple[str, ...]
    """Parts of days as `tue-evening`; none for any."""
    distance: int
    """Kilometres; 0 for no bound."""
    channel: Channel
    capacity: int
    """People a week; 0 for no bound."""
    paused: bool
    scope: Scope
    language: str
    sensitive: bool
    warning: str
    """What its writer warns for before it is read; empty for nothing."""
    attachments: tuple[Attachment, ...]
    question: str | None
    pilot: str | None
    domain: str
    published_at: datetime
    edited_at: datetime | None


class Reason(Struct, kw_only=True):
    """One reason why a question and an offer fit."""

    ground: Ground
    value: str
    """The kind of help, a shared word, a topic, a part of a day (`tue-evening`) or kilometres (0: the same pilot)."""


class Match(Struct, kw_only=True):
    """An offer that fits a question, or the other way round. It does not say who."""

    id: str
    """Of the one that was found: the offer, or the question."""
    question: str
    offer: str
    url: str
    title: str
    body: str
    topics: tuple[str, ...]
    availability: str
    score: float
    reasons: tuple[Reason, ...]
    because: str
    """The reasons in words, in the language of the pilot."""


class Pilot(Struct, kw_only=True):
    """A neighbourhood with a Vraagbaak."""

    slug: str
    name: str
    city: str
    focus: str
    meeting_place: str
    hours: str
    domain: str
    url: str
    ours: bool


class Topic(Struct, kw_only=True):
    """What questions are about."""

    id: str
    name: str
    sensitive: bool


class Refusal(Struct, kw_only=True, omit_defaults=True):
    """Why something was not done: a sentence, a code that stays the same, and the member at fault if there is one."""

    error: str
    code: str
    field: str = ""


Asked = QuestionCard | QuestionPage


def question(card: QuestionCard) -> Question:
    """A card of a list."""
    counted = (card.answers, card.perspectives, card.helped)
    return Question(**_question(card, *counted))


def similar(found: Found) -> Similar:
    """A question beside the words that found it."""
    card = found.card
    return Similar(
        id=card.question.id,
        url=card.question.url,
        title=card.question.title,
        pilot=card.pilot.slug if card.pilot else None,
        score=found.score,
        helped=card.helped,
    )


def whole_question(page: QuestionPage) -> WholeQuestion:
    """A question with its answers, and under each answer its comments."""
    answers = _answers(page.answers)
    present = {answer.perspective for answer in answers}
    fields = _question(
        page,
        len(answers),
        tuple(kind for kind in Perspective if kind in present),
        sum(answer.helped for answer in answers),
    )
    return WholeQuestion(**fields, answers=answers)


def _question(shown: Asked, count: int, present: tuple[Perspective, ...], helped: int) -> dict[str, Any]:
    asked = shown.question
    return {
        **_source(asked, shown.author, shown.pilot),
        "title": asked.title,
        "topics": asked.topics,
        "wanted": asked.wanted,
        "status": asked.status.value,
        "answer_count": count,
        "perspectives": present,
        "helped": helped,
    }


def _source(thing: model.Thing, author: Actor, pilot: model.Pilot | None) -> dict[str, Any]:
    """What every thing has."""
    return {
        "id": thing.id,
        "url": thing.url,
        "uri": thing.uri,
        "body": thing.body,
        "html": thing.html,
        "scope": thing.scope,
        "language": thing.language,
        "sensitive": thing.sensitive,
        "warning": thing.warning,
        "attachments": tuple(Attachment(**asdict(each)) for each in thing.attachments),
        "pilot": pilot.slug if pilot else None,
        "domain": author.domain,
        "published_at": thing.published_at,
        "edited_at": thing.edited_at,
    }


def _answers(cards: Iterable[AnswerCard]) -> tuple[Answer, ...]:
    """The answers in their order, each with everything that was said below it."""
    cards = tuple(cards)
    parents = {card.answer.id: card.answer.parent_id for card in cards}
    comments: dict[str, list[Comment]] = {card.answer.id: [] for card in cards}
    heads = []
    for card in cards:
        top = _top(card.answer.id, parents)
        if top == card.answer.id:
            heads.append(card)
        else:
            comments[top].append(_comment(card))
    return tuple(_answer(card, tuple(comments[card.answer.id])) for card in heads)


def _top(key: str, parents: dict[str, str | None]) -> str:
    """The answer at the top of a talk; a comment whose answer cannot be seen stands by itself."""
    seen = {key}
    while (above := parents[key]) in parents and above not in seen:
        assert above is not None
        seen.add(above)
        key = above
    return key


def _comment(card: AnswerCard) -> Comment:
    return Comment(
        **_source(card.answer, card.author, card.pilot),
        perspective=card.answer.perspective,
    )


def _answer(card: AnswerCard, comments: tuple[Comment, ...]) -> Answer:
    return Answer(
        **_source(card.answer, card.author, card.pilot),
        perspective=card.answer.perspective,
        helped=card.mark is Helped.HELPED,
        mark=card.mark,
        comments=comments,
    )


def answer_alone(card: AnswerCard) -> AnswerAlone:
    """An answer or comment with the ids of what it belongs to."""
    return AnswerAlone(
        **_source(card.answer, card.author, card.pilot),
        perspective=card.answer.perspective,
        question=card.answer.question_id,
        parent=card.answer.parent_id,
        helped=card.mark is Helped.HELPED,
        mark=card.mark,
    )


def offer(card: OfferCard) -> Offer:
    """A card of a list."""
    made = card.offer
    return Offer(
        **_source(made, card.author, card.pilot),
        topics=made.topics,
        availability=made.availability,
        times=made.times,
        distance=made.distance,
        channel=made.channel,
        capacity=made.capacity,
        paused=made.paused,
        question=made.question_id,
    )


def pilot(found: model.Pilot) -> Pilot:
    """A pilot we know."""
    return Pilot(
        slug=found.slug,
        name=found.name,
        city=found.city,
        focus=found.focus,
        meeting_place=found.meeting_place,
        hours=found.hours,
        domain=found.domain,
        url=found.uri,
        ours=found.local,
    )


def topic(found: model.Topic) -> Topic:
    """A topic to choose."""
    return Topic(id=found.id, name=found.name, sensitive=found.sensitive)
