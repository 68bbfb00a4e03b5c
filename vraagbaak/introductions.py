"""'Maak kennis': two who fit get to know each other once both said yes, in a talk that is closed to everybody else.

Before both said yes neither learns who the other is; a talk ends with 'gelukt', or when one of them stops.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from vraagbaak import fitting, lifecycle, text
from vraagbaak.audience import Viewer, may_reach
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Introduction, Member, Offer, Question, Remark, Stage
from vraagbaak.ports import Reads, Tx

KEPT = timedelta(days=30)
"""After the last word everything of it is forgotten."""
REMARK_LENGTH = 2_000
MOST_REMARKS = 500
OVER = frozenset({Stage.SUCCEEDED, Stage.ENDED})


def agree(tx: Tx, member: Member, question_id: str, offer_id: str) -> Introduction:
    """One of the two says yes; when the other did so before, the talk is open. Raises Unknown or Invalid.

    Who is neither the asker nor the helper hears the same as of what is not there.
    """
    question, offer = tx.get(Question, question_id), tx.get(Offer, offer_id)
    asks, helps = question.author_id == member.actor_id, offer.helper_id == member.actor_id
    viewer = Viewer(member=member)
    if not (may_reach(tx, viewer, question) and may_reach(tx, viewer, offer)) or asks == helps:
        raise Unknown
    known = between(tx, question, offer)
    if known is None:
        return _first_yes(tx, member, question, offer)
    if known.stage is (Stage.ASKER_AGREED if asks else Stage.HELPER_AGREED) or known.stage is Stage.TALKING:
        return known
    if known.stage not in OVER and offer.capacity and not fitting.room(tx, offer):
        raise Invalid("offer", "This helper has enough to do this week. Try again next week.", "full")
    return _move(tx, known, Stage.TALKING)


def between(tx: Reads, question: Question, offer: Offer) -> Introduction | None:
    """The introduction for this question and this offer, if one of the two said yes."""
    return tx.one(Introduction, question_id=question.id, offer_id=offer.id)


def _first_yes(tx: Tx, member: Member, question: Question, offer: Offer) -> Introduction:
    if not (question.local and offer.local) or not tx.one(Member, actor_id=question.author_id):
        raise Invalid(
            "question", "You cannot get to know each other here yet. Answer the question.", "elsewhere"
        )
    if fitting.fits(tx, question, offer) is None:
        raise Invalid("offer", "This question and this offer do not fit any more.", "no-match")
    asks = question.author_id == member.actor_id
    made = Introduction(
        id=tx.new_id(),
        question_id=question.id,
        offer_id=offer.id,
        asker_id=question.author_id,
        helper_id=offer.helper_id or "",
        stage=Stage.ASKER_AGREED if asks else Stage.HELPER_AGREED,
        made_at=tx.now,
        moved_at=tx.now,
    )
    tx.add(made)
    return made


def _move(tx: Tx, introduction: Introduction, stage: Stage) -> Introduction:
    moved = replace(
        introduction, stage=lifecycle.INTRODUCTION.move(introduction.stage, stage), moved_at=tx.now
    )
    tx.save(moved)
    return moved


def own(tx: Reads, member: Member, key: str) -> Introduction:
    """One of the member's own. Raises Unknown for everybody else, whatever their role."""
    found = tx.get(Introduction, key)
    if member.actor_id not in {found.asker_id, found.helper_id}:
        raise Unknown
    return found


def of_member(tx: Reads, member: Member) -> list[Introduction]:
    """All of a member, newest first."""
    found = [
        *tx.find(Introduction, asker_id=member.actor_id),
        *tx.find(Introduction, helper_id=member.actor_id),
    ]
    return sorted(found, key=lambda each: each.id, reverse=True)


def waits_for(introduction: Introduction, actor_id: str) -> bool:
    """Whether this one of the two still has to say yes."""
    waits = {Stage.ASKER_AGREED: introduction.helper_id, Stage.HELPER_AGREED: introduction.asker_id}
    return waits.get(introduction.stage) == actor_id


def other(tx: Reads, introduction: Introduction, member: Member) -> Actor | None:
    """Who the other is; None before both said yes, and when it ended without that."""
    met = introduction.stage in {Stage.TALKING, Stage.SUCCEEDED}
    if not met:
        return None
    key = introduction.helper_id if introduction.asker_id == member.actor_id else introduction.asker_id
    return tx.one(Actor, id=key)


def say(tx: Tx, member: Member, key: str, body: str) -> Remark:
    """Say something to the other. Raises Unknown or Invalid."""
    found = own(tx, member, key)
    if found.stage is not Stage.TALKING:
        raise Invalid("body", "This talk is not open.", "wrong-state")
    words = text.required_block("body", body, shortest=1, length=REMARK_LENGTH)
    said = tx.find(Remark, introduction_id=found.id)
    if len(said) >= MOST_REMARKS:
        raise Invalid("body", "This talk is full. Go on where you meet.", "too-many")
    if said and (said[-1].author_id, said[-1].body) == (member.actor_id, words):
        return said[-1]  # a second tap
    made = Remark(
        id=tx.new_id(), introduction_id=found.id, author_id=member.actor_id, body=words, made_at=tx.now
    )
    tx.add(made)
    tx.save(replace(found, moved_at=tx.now))
    return made


def remarks(tx: Reads, introduction: Introduction) -> list[Remark]:
    """What was said, oldest first."""
    return tx.find(Remark, introduction_id=introduction.id)


def succeed(tx: Tx, member: Member, key: str) -> Introduction:
    """'Gelukt': the two found each other, and the talk is over. Raises Unknown or Invalid."""
    return _move(tx, own(tx, member, key), Stage.SUCCEEDED)


def end(tx: Tx, member: Member, key: str) -> Introduction:
    """One of the two stops; the other place of the helper this week is free again. Raises Unknown or Invalid."""
    return _move(tx, own(tx, member, key), Stage.ENDED)
