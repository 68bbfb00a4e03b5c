"""Which offers and questions of this pilot fit each other, and telling both sides so, without a name.

What fits is for matching.py to say; here is only who may be matched with whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from vraagbaak import audience, hours, matching, notices, pilots
from vraagbaak.matching import Helper, Match, Need
from vraagbaak.model import (
    Introduction,
    Member,
    NoticeKind,
    Offer,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Stage,
)
from vraagbaak.ports import Reads, Tx

MOST_LOOKED_AT = 2_000
"""Of a long list the newest."""
ELSEWHERE = 1_000.0
"""Kilometres to another pilot: who sets a bound to how far they go stays in their own."""
WEEK = timedelta(days=7)
USES = frozenset({Stage.TALKING, Stage.SUCCEEDED})


def need_of(question: Question, offer: Offer | None = None) -> Need:
    """What a question asks for, as seen from an offer."""
    same = offer is None or offer.pilot_id == question.pilot_id
    return Need(
        id=question.id,
        by=question.author_id,
        text=f"{question.title}\n{question.body}",
        topics=question.topics,
        when=hours.decoded(question.times),
        distance=None if offer is None else (0.0 if same else ELSEWHERE),
    )


def helper_of(tx: Reads, offer: Offer) -> Helper:
    """What an offer can do at this moment."""
    return Helper(
        id=offer.id,
        by=offer.helper_id or offer.author_id,
        text=offer.body,
        topics=offer.topics,
        when=hours.decoded(offer.times),
        reach=float(offer.distance) if offer.distance else None,
        paused=offer.paused,
        room=room(tx, offer) if offer.capacity else None,
    )


def room(tx: Reads, offer: Offer) -> int:
    """How many more people can be helped this week."""
    used = [
        each
        for each in tx.find(Introduction, offer_id=offer.id)
        if each.stage in USES and each.made_at > tx.now - WEEK
    ]
    return max(0, offer.capacity - len(used))


def fits(tx: Reads, question: Question, offer: Offer) -> Match | None:
    """How an offer fits a question; None when it does not, or the two may not be matched."""
    if (
        question.status is not QuestionStatus.OPEN
        or offer.status is not ReplyStatus.SHOWN
        or offer.question_id
    ):
        return None
    return matching.pair(need_of(question, offer), helper_of(tx, offer))


def offers_for(tx: Reads, question: Question, offers: Iterable[Offer]) -> list[tuple[Match, Offer]]:
    """The offers that fit a question, best first, never more than one is told of."""
    found = [(match, offer) for offer in offers if (match := fits(tx, question, offer))]
    return sorted(found, key=lambda each: (-each[0].score, each[0].helper_id))[: matching.MOST]


def questions_for(tx: Reads, offer: Offer, questions: Iterable[Question]) -> list[tuple[Match, Question]]:
    """The open questions that an offer fits, best first."""
    helper = helper_of(tx, offer)
    if offer.status is not ReplyStatus.SHOWN or offer.question_id:
        return []
    found = [
        (match, question)
        for question in questions
        if question.status is QuestionStatus.OPEN
        and (match := matching.pair(need_of(question, offer), helper))
    ]
    return sorted(found, key=lambda each: (-each[0].score, each[0].need_id))[:20]


def open_questions(tx: Reads) -> list[Question]:
    """The newest open questions, of every pilot."""
    return tx.find(Question, status=QuestionStatus.OPEN)[-MOST_LOOKED_AT:]


def standing_offers(tx: Reads) -> list[Offer]:
    """The newest offers that are not a reply to one question."""
    return [offer for offer in tx.find(Offer, status=ReplyStatus.SHOWN) if not offer.question_id][
        -MOST_LOOKED_AT:
    ]


def tell_of_offer(tx: Tx, offer: Offer) -> None:
    """The helper hears of the questions that fit, and who asked those hears of the offer."""
    if offer.question_id or not offer.local:
        return
    for _, question in questions_for(tx, offer, open_questions(tx)):
        _tell_both(tx, question, offer)


def tell_of_question(tx: Tx, question: Question) -> None:
    """The same of a new question of ours."""
    if not question.local or not audience.is_readable(question):
        return
    ours = [offer for offer in standing_offers(tx) if offer.local]
    for _, offer in offers_for(tx, question, ours):
        _tell_both(tx, question, offer)


def _tell_both(tx: Tx, question: Question, offer: Offer) -> None:
    """In the name of the shared persona, to each only what they may see."""
    persona = pilots.persona(tx).id
    if offer.helper_id:
        notices.tell(tx, NoticeKind.MATCH, persona, offer.helper_id, question.uri)
    asker = tx.one(Member, actor_id=question.author_id)
    if question.local and asker:
        notices.tell(tx, NoticeKind.MATCH, persona, question.author_id, offer.uri)


def shown_to_all(offer: Offer) -> bool:
    """Whether everybody may read the offer."""
    return offer.scope is Scope.PUBLIC and audience.is_readable(offer)
