"""Asking without an account, and coming back with the four words: to read, mark, ask back, narrow, close, delete.

Only the code opens a question; it opens that one alone, tells nothing of who asked, and is no use for anything else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from vraagbaak import answers, audience, blurring, notices, questions, text
from vraagbaak.errors import Invalid, TooFast, Unknown
from vraagbaak.events import Answered, Held
from vraagbaak.model import Actor, Answer, Perspective, Question, QuestionStatus, ReplyStatus, ReturnCode
from vraagbaak.ports import Reads, Tx
from vraagbaak.questions import Draft

KEPT = {1: timedelta(days=30), 3: timedelta(days=91), 12: timedelta(days=365)}
"""After how many months a question may be deleted by itself, and how long that is."""
RECEIPTS_KEPT = timedelta(days=30)
MOST_WAITING = 300
"""When so much waits for review, nothing more is taken without an account: nobody could read it in time."""
QUEUE_RESTS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody without an account wants besides the question itself."""

    months: int = 12
    for_another: bool = False
    watched: bool = False
    """Whether it waits for review whatever the settings say, for there are many at once."""


class NoSuchCode(Unknown):
    """These words open nothing: one answer for what never was, what was handed over and what is long gone."""

    code = "no-such-code"
    text = "No question belongs to these four words. Look at them once more."


def ask(tx: Tx, lock: str, draft: Draft, wish: Wish) -> ReturnCode:
    """A new question behind this lock, or the one that is behind it already. Raises Invalid or TooFast."""
    known = tx.one(ReturnCode, id=lock)
    if known:
        return known
    if wish.months not in KEPT:
        raise Invalid("months", "Choose when your question is deleted.", "months")
    held = tx.home.moderate_anonymous or wish.watched
    if held:
        _require_room(tx)
    made = questions.ask_unnamed(tx, draft, QuestionStatus.HELD if held else QuestionStatus.OPEN)
    code = ReturnCode(
        id=lock,
        question_id=made.id,
        for_another=wish.for_another,
        ends_at=made.published_at + KEPT[wish.months],
    )
    tx.add(code)
    return code


def _require_room(tx: Reads) -> None:
    waiting = len(tx.find(Question, status=QuestionStatus.HELD))
    if waiting + len(tx.find(Answer, status=ReplyStatus.HELD)) >= MOST_WAITING:
        raise TooFast(QUEUE_RESTS, "Too many questions wait for review now. Try again later, or come by.")


def opened(tx: Reads, lock: str) -> ReturnCode:
    """What is behind this lock. Raises NoSuchCode."""
    found = tx.one(ReturnCode, id=lock)
    if found is None:
        raise NoSuchCode
    return found


def ask_back(tx: Tx, lock: str, answer_id: str, body: str) -> Answer:
    """The asker's own word under an answer, or the same one that is there already. Raises Refused."""
    code = opened(tx, lock)
    question = questions.own(tx, code, code.question_id)
    parent = tx.get(Answer, answer_id)
    if parent.question_id != question.id or not audience.is_readable(parent):
        raise Unknown
    if question.status not in questions.STILL_ANSWERABLE:
        raise Invalid("question", "This question is closed. You can no longer answer it.", "closed")
    if not body.strip():
        raise Invalid("body", "Write your question first.", "too-short")
    words = text.required_block("body", body)
    said = tx.find(Answer, parent_id=parent.id)
    same = (each for each in said if each.author_id == question.author_id and each.body == words)
    return next(same, None) or _add(tx, question, parent, said, words)


def _add(tx: Tx, question: Question, parent: Answer, said: list[Answer], words: str) -> Answer:
    """By the hour alone, and after what was said before; waits for review if questions do."""
    author = tx.get(Actor, question.author_id)
    moment = max(blurring.told(tx, author), *(each.published_at for each in (parent, *said)))
    draft = answers.Draft(
        body=words, perspective=Perspective.RESIDENT, parent_id=parent.id, language=question.language
    )
    status = ReplyStatus.HELD if tx.home.moderate_anonymous else ReplyStatus.SHOWN
    if status is ReplyStatus.HELD:
        _require_room(tx)
    said_now = answers.checked(draft, question)
    made = answers.written(tx, author, draft, said_now, question, parent, status, moment)
    if status is ReplyStatus.HELD:
        tx.record(Held(kind="answer", thing_id=made.id))
    else:
        tx.record(Answered(answer_id=made.id), blurring.leaves_at(tx, author))
        notices.tell_replied(tx, made, question)
    return made


def hand_over(tx: Tx, lock: str, new_lock: str) -> ReturnCode:
    """Another code for the same question: the old one opens nothing any more. A second time changes nothing.

    Raises NoSuchCode.
    """
    handed = tx.one(ReturnCode, id=new_lock)
    if handed:
        return handed
    code = opened(tx, lock)
    tx.remove(code)
    handed = replace(code, id=new_lock, for_another=False)
    tx.add(handed)
    return handed


def withdraw(tx: Tx, lock: str) -> ReturnCode:
    """'Verwijder overal'. The code stays a while, to show who confirmed it. Raises NoSuchCode."""
    return end(tx, opened(tx, lock))


def end(tx: Tx, code: ReturnCode) -> ReturnCode:
    """The question is gone everywhere, as its asker wished, now or when it was asked. A second time changes nothing."""
    if code.ended_at:
        return code
    if tx.one(Question, id=code.question_id):
        questions.withdraw(tx, code, code.question_id)
    ended = replace(code, ended_at=tx.now)
    tx.save(ended)
    return ended
