"""Review: what waits is released or hidden, by those who carry the pilot.

Nothing that waits is seen by anybody but its author and the reviewers, and nothing leaves before it is released.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from vraagbaak import answers, audience, blurring, fitting, lifecycle, members, notices
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import Answered, Asked, Hidden, Offered, Received
from vraagbaak.model import Actor, Answer, Member, Offer, Question, QuestionStatus, ReplyStatus, Thing
from vraagbaak.ports import Reads, Tx

KINDS: dict[str, type[Thing]] = {"question": Question, "answer": Answer, "offer": Offer}


def waiting(tx: Reads, member: Member) -> list[Thing]:
    """What waits for review, oldest first. Raises NotYours for who may not review."""
    return _of_status(tx, member, QuestionStatus.HELD, ReplyStatus.HELD)


def hidden(tx: Reads, member: Member) -> list[Thing]:
    """What was taken out of sight here, oldest first. Raises NotYours for who may not review."""
    return _of_status(tx, member, QuestionStatus.HIDDEN, ReplyStatus.HIDDEN)


def _of_status(tx: Reads, member: Member, of_question: QuestionStatus, of_reply: ReplyStatus) -> list[Thing]:
    members.require_moderator(member)
    found: list[Thing] = [
        *tx.find(Question, status=of_question),
        *tx.find(Answer, status=of_reply),
        *tx.find(Offer, status=of_reply),
    ]
    return sorted(found, key=lambda thing: thing.published_at)


def release(tx: Tx, member: Member, kind: type[Thing], key: str) -> Thing:
    """Let it be seen, and sent to whom it is meant for. Raises NotYours, Unknown or Invalid."""
    members.require_moderator(member)
    return show(tx, tx.get(kind, key))


def show(tx: Tx, thing: Thing) -> Thing:
    """The same, once it is clear that it may be shown. Raises Invalid when it can be seen already."""
    if audience.is_readable(thing):
        raise Invalid("status", "That is not possible any more.", "wrong-state")
    if isinstance(thing, Question):
        opened = lifecycle.QUESTION.move(thing.status, QuestionStatus.OPEN)
        stated = opened if thing.local else lifecycle.QUESTION.move(opened, thing.stated)
        shown: Thing = replace(thing, status=stated, taken_back=False)
    elif isinstance(thing, Answer):
        status = lifecycle.REPLY.move(thing.status, ReplyStatus.SHOWN)
        shown = replace(thing, status=status, taken_back=False)
    else:
        shown = replace(thing, status=lifecycle.REPLY.move(thing.status, ReplyStatus.SHOWN))
    tx.save(shown)
    _tell(tx, shown)
    return shown


def hide(tx: Tx, member: Member, kind: type[Thing], key: str) -> Thing:
    """Take it out of sight: here, and for those who heard of it through us. Raises NotYours, Unknown or Invalid."""
    members.require_moderator(member)
    thing = tx.get(kind, key)
    return _hide(tx, thing if isinstance(thing, Offer) else replace(thing, taken_back=False))


def receive_removal(tx: Tx, thing: Question | Answer) -> None:
    """Who moderates where it stands took it away: it goes out of sight here, where ours can show it again."""
    _hide(tx, thing)


def receive_taken_back(tx: Tx, group: Actor, uri: str) -> None:
    """The neighbourhood through which alone it came here takes back having passed it on: nobody sees it any more.

    When it passes it on once more, it is there again. What our moderators hid stays as they left it. Raises Unknown
    for what is not here, ours, or came another way too.
    """
    thing = tx.one(Question, uri=uri) or tx.one(Answer, uri=uri)
    if thing is None or thing.local or thing.through != group.uri:
        raise Unknown
    if thing.status not in {QuestionStatus.HIDDEN, ReplyStatus.HIDDEN}:
        _hide(tx, replace(thing, taken_back=True))


def _hide(tx: Tx, thing: Thing) -> Thing:
    seen = audience.is_readable(thing)
    if isinstance(thing, Question):
        hidden: Thing = replace(thing, status=lifecycle.QUESTION.move(thing.status, QuestionStatus.HIDDEN))
    else:
        hidden = replace(thing, status=lifecycle.REPLY.move(thing.status, ReplyStatus.HIDDEN))
    tx.save(hidden)
    if seen:
        tx.record(Hidden(uri=thing.uri))
    return hidden


def _tell(tx: Tx, thing: Thing) -> None:
    """A released thing makes the same waves as one that never waited."""
    if isinstance(thing, Question):
        fitting.tell_of_question(tx, thing)
        event = Asked(question_id=thing.id) if thing.local else _received("question", thing)
        tx.record(event, _leaves_at(tx, thing))
    elif isinstance(thing, Answer):
        if thing.local:
            tx.record(Answered(answer_id=thing.id), _leaves_at(tx, thing))
            notices.tell_replied(tx, thing, tx.get(Question, thing.question_id))
        else:
            answers.tell_received(tx, thing, "")
    else:
        fitting.tell_of_offer(tx, thing)
        tx.record(Offered(offer_id=thing.id) if thing.local else _received("offer", thing))


def _leaves_at(tx: Tx, thing: Thing) -> datetime | None:
    return blurring.leaves_at(tx, tx.get(Actor, thing.author_id)) if thing.local else None


def _received(kind: str, thing: Thing) -> Received:
    return Received(kind=kind, thing_id=thing.id, activity_uri="")
