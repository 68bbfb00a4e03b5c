"""Asking, editing, closing, narrowing, withdrawing and marking what helped; and questions from elsewhere.

Only the asker changes a question, and only the asker says what helped. A question never becomes visible to more
people than it was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from vraagbaak import (
    arrivals,
    audience,
    blurring,
    doubles,
    fitting,
    hours,
    lifecycle,
    media,
    notices,
    pilots,
    text,
)
from vraagbaak.arrivals import ArrivedQuestion
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import (
    Asked,
    Forgotten,
    Held,
    Marked,
    Narrowed,
    QuestionChanged,
    Received,
    ReplyNarrowed,
    Withdrawn,
)
from vraagbaak.model import (
    Actor,
    Answer,
    Helped,
    Mark,
    NoticeKind,
    Offer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    ReturnCode,
    Scope,
    Standing,
)
from vraagbaak.ports import Tx
from vraagbaak.text import TITLE_LENGTH

Asker = Actor | ReturnCode
"""Who may say that a question is theirs: an actor of ours, or who came back with its code."""

STILL_ANSWERABLE = frozenset({QuestionStatus.OPEN, QuestionStatus.ANSWERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A question as somebody wrote it. `topics` are names or slugs, `media` ids of one's own pictures."""

    title: str
    body: str = ""
    topics: tuple[str, ...] = ()
    wanted: tuple[Perspective, ...] = ()
    when: str | None = None
    """When help is wanted, in words; None leaves it as it is."""
    scope: Scope = Scope.NEIGHBOURHOOD
    language: str = "nl"
    sensitive: bool = False
    media: tuple[str, ...] | None = None
    """None leaves the pictures that there are."""


def ask(tx: Tx, asker: Actor, draft: Draft) -> Question:
    """A new question by one of our own actors, or the one that a second tap repeats. Raises Invalid."""
    written = _written(tx, draft)
    same = {"title": written["title"], "body": written["body"], "scope": draft.scope}
    known = None if asker.shared else doubles.just_said(tx, Question, asker.id, **same)
    if known and media.has_exactly(tx, known, draft.media or ()):
        return known
    made = _ask(tx, asker, draft, written)
    if (
        not asker.shared
    ):  # the moment of a notice would tell when somebody without an account asked (threat G12)
        fitting.tell_of_question(tx, made)
    return made


def ask_anew(tx: Tx, asker: Actor, draft: Draft) -> Question:
    """The same without looking back, for many that are taken in together. Raises Invalid."""
    return _ask(tx, asker, draft, _written(tx, draft))


def ask_unnamed(tx: Tx, draft: Draft, status: QuestionStatus) -> Question:
    """A new question through the shared neighbour, open or held for review. Raises Invalid."""
    return _add(tx, pilots.persona(tx), draft, _written(tx, draft), status)


def _ask(tx: Tx, asker: Actor, draft: Draft, written: dict[str, Any]) -> Question:
    """What the shared persona asks waits if the pilot wants that."""
    held = asker.shared and tx.home.moderate_anonymous
    return _add(tx, asker, draft, written, QuestionStatus.HELD if held else QuestionStatus.OPEN)


def _add(tx: Tx, asker: Actor, draft: Draft, written: dict[str, Any], status: QuestionStatus) -> Question:
    pilot = pilots.ours(tx)
    moment = blurring.told(tx, asker)
    key = tx.new_id(moment)
    base = tx.home.base_url
    question = Question(
        id=key,
        uri=f"{base}/q/{key}",
        url=f"{base}/v/{key}",
        author_id=asker.id,
        pilot_id=pilot.id,
        scope=draft.scope,
        status=status,
        local=True,
        wanted=draft.wanted,
        helpful_uri=f"{base}/q/{key}/helpful",
        replies_uri=f"{base}/q/{key}/replies",
        context_uri=f"{base}/q/{key}/context",
        published_at=moment,
        **written,
    )
    tx.add(question)
    media.attach(tx, asker.id, question, draft.media or ())
    if status is QuestionStatus.HELD:
        tx.record(Held(kind="question", thing_id=key))
    else:
        tx.record(Asked(question_id=key), blurring.leaves_at(tx, asker))
    return question


def _written(tx: Tx, draft: Draft) -> dict[str, Any]:
    """The fields that come from the words of a draft, checked."""
    if not text.line(draft.title, TITLE_LENGTH):
        raise Invalid("title", "Fill in your question.", "too-short")
    body = text.optional_block("body", draft.body)
    topics = pilots.topics(tx, draft.topics)
    times = hours.read(text.line(draft.when, TITLE_LENGTH), sure=True) if draft.when is not None else None
    return ({} if times is None else {"times": hours.coded(times)}) | {
        "title": text.required_line("title", draft.title),
        "body": body,
        "html": text.from_markdown(body),
        "topics": topics,
        "language": draft.language if draft.language in tx.home.languages else tx.home.languages[0],
        "sensitive": draft.sensitive,
    }


def own(tx: Tx, asker: Asker, question_id: str) -> Question:
    """The asker's own question. Raises Unknown when they may not know of it, NotYours when it is another's."""
    question = tx.get(Question, question_id)
    if isinstance(asker, ReturnCode):
        if question.id == asker.question_id:
            return question
    elif question.author_id == asker.id and question.local and not asker.shared:
        return question
    raise audience.refusal(tx, question)


def edit(tx: Tx, asker: Actor, question_id: str, draft: Draft, *, described: bool = False) -> Question:
    """The asker's question in other words. Its scope stays; `narrow` changes that.

    The same again is no change, unless its pictures were `described` anew. Raises Refused.
    """
    question = own(tx, asker, question_id)
    written = replace(question, **_written(tx, draft), wanted=draft.wanted)
    same_pictures = draft.media is None or media.has_exactly(tx, question, draft.media)
    if written == question and same_pictures and not described:
        return question
    changed = replace(written, edited_at=tx.now)
    tx.save(changed)
    if draft.media is not None:
        media.attach(tx, asker.id, changed, draft.media)
    if audience.is_readable(changed):
        tx.record(QuestionChanged(question_id=changed.id))
    return changed


def close(tx: Tx, asker: Asker, question_id: str) -> Question:
    """'Klaar, bedankt': no more answers. Raises Refused."""
    return _move(tx, own(tx, asker, question_id), QuestionStatus.CLOSED)


def reopen(tx: Tx, asker: Asker, question_id: str) -> Question:
    """Answers are welcome again. Raises Refused; what waits for review or was hidden is not the asker's to open."""
    question = own(tx, asker, question_id)
    if not audience.is_readable(question):
        raise Invalid("status", "That is not possible any more.", "wrong-state")
    return _move(tx, question, QuestionStatus.OPEN)


def _move(tx: Tx, question: Question, status: QuestionStatus) -> Question:
    lifecycle.QUESTION.move(question.status, status)
    if status is question.status:
        return question
    author = tx.get(Actor, question.author_id)
    leaves = blurring.leaves_at(tx, author)
    moved = replace(question, status=status, edited_at=blurring.edited(tx, author, question, leaves))
    tx.save(moved)
    if audience.is_readable(moved):
        tx.record(QuestionChanged(question_id=moved.id), leaves)
    return moved


def narrow(tx: Tx, asker: Asker, question_id: str, scope: Scope) -> Question:
    """The question and all that was said to it, for fewer people. Raises Invalid when it would be more."""
    question = own(tx, asker, question_id)
    if scope.width > question.scope.width:
        raise Invalid("scope", "You can only choose fewer people than before.", "wider")
    if scope is question.scope:
        return question
    edited_at = blurring.edited(tx, tx.get(Actor, question.author_id), question, None)
    narrowed = replace(question, scope=scope, edited_at=edited_at)
    tx.save(narrowed)
    _narrow_replies(tx, narrowed)
    tx.record(Narrowed(question_id=question.id))
    return narrowed


def _narrow_replies(tx: Tx, question: Question) -> None:
    """What was said to it is meant for no more people than the question is now."""
    replies: list[Answer | Offer] = [
        *tx.find(Answer, question_id=question.id),
        *tx.find(Offer, question_id=question.id),
    ]
    for reply in replies:
        narrowed = replace(reply, scope=reply.scope.within(question.scope))
        if narrowed == reply:
            continue
        tx.save(narrowed)
        if reply.local and not question.local:  # of a question of ours the same event tells of its replies
            tx.record(ReplyNarrowed(uri=reply.uri))


def withdraw(tx: Tx, asker: Asker, question_id: str) -> None:
    """The question is gone with all that was said to it, here and wherever it went. Raises Refused."""
    question = own(tx, asker, question_id)
    author = tx.get(Actor, question.author_id)
    public = question.scope is Scope.PUBLIC
    tx.record(Withdrawn(uri=question.uri, author_id=author.id, thread_uri=question.uri, public=public))
    _bury(tx, question, author)


def _bury(tx: Tx, question: Question, author: Actor) -> None:
    """The question and what was said to it go; whoever received an answer or offer of ours hears so too.

    Also the question's own server, which may still have it for fewer people: what its writer cannot reach any more, to
    change it or take it back, must not stay there.
    """
    offers = tx.find(Offer, question_id=question.id)
    replies: list[Answer | Offer] = [*tx.find(Answer, question_id=question.id), *offers]
    for reply in replies:
        if reply.local:
            public = reply.scope is Scope.PUBLIC
            gone = Withdrawn(uri=reply.uri, author_id=reply.author_id, thread_uri=question.uri, public=public)
            tx.record(gone)
            arrivals.bury(tx, reply, tx.get(Actor, reply.author_id))
        elif question.local:
            tx.record(Forgotten(uri=reply.uri))
    for offer in offers:
        tx.remove(offer)
    tx.remove(question)
    arrivals.bury(tx, question, author)


def mark(tx: Tx, asker: Asker, question_id: str, answer_id: str, value: Helped | None) -> Question:
    """The asker's word on one answer, or None to take it back. Several answers may have helped.

    Raises NotYours, Unknown, also when the answer stands elsewhere, or Invalid when it is the asker's own.
    """
    question = own(tx, asker, question_id)
    answer = tx.get(Answer, answer_id)
    if answer.question_id != question.id or not audience.is_readable(answer):
        raise Unknown
    if answer.author_id == question.author_id:
        raise Invalid("answer", "You cannot mark your own answer.", "own-answer")
    return put_mark(tx, question, answer, value)


def put_mark(tx: Tx, question: Question, answer: Answer, value: Helped | None) -> Question:
    """Write down the asker's word on an answer, once it is clear that it is the asker's."""
    before = _write_mark(tx, question, answer, value)
    if before is not value:
        event = Marked(
            question_id=question.id,
            answer_id=answer.id,
            value=value.value if value else "",
            before=before.value if before else "",
        )
        tx.record(event, blurring.leaves_at(tx, tx.get(Actor, question.author_id)))
    return settle_status(tx, question)


def _write_mark(tx: Tx, question: Question, answer: Answer, value: Helped | None) -> Helped | None:
    """Put the mark down and tell what it was before."""
    known = tx.one(Mark, id=answer.id)
    marked_at = blurring.told(tx, tx.get(Actor, question.author_id))
    if value is None:
        if known:
            tx.remove(known)
    elif known:
        tx.save(replace(known, value=value, marked_at=marked_at))
    else:
        tx.add(Mark(id=answer.id, question_id=question.id, value=value, marked_at=marked_at))
    if value is Helped.HELPED:
        notices.tell(tx, NoticeKind.LIKE, question.author_id, answer.author_id, answer.uri)
    else:
        notices.take_back(tx, NoticeKind.LIKE, question.author_id, answer.author_id, answer.uri)
    return known.value if known else None


def settle_status(tx: Tx, question: Question) -> Question:
    """Answered as soon as one answer helped, open again when none did (any more)."""
    if question.status not in STILL_ANSWERABLE:
        return question
    helped = any(found.value is Helped.HELPED for found in tx.find(Mark, question_id=question.id))
    status = QuestionStatus.ANSWERED if helped else QuestionStatus.OPEN
    if status is question.status:
        return question
    return _move(tx, question, status) if question.local else _saved(tx, replace(question, status=status))


def _saved(tx: Tx, question: Question) -> Question:
    tx.save(question)
    return question


def receive(tx: Tx, arrived: ArrivedQuestion) -> Question:
    """Take in a question from elsewhere, or a newer version of it. Repeating it changes nothing.

    Raises NotYours when it may not come in (see `arrivals.admit`) or another author claims its uri.
    """
    standing = arrivals.admit(tx, arrived)
    known = tx.one(Question, uri=arrived.uri)
    if known:
        return _receive_edit(tx, known, arrived, standing)
    arrivals.require_free(tx, arrived)
    held = arrivals.waits_for_review(tx, standing)
    pilot = tx.one(Pilot, uri=arrived.pilot_uri) if arrived.pilot_uri else None
    published = arrivals.plausible(tx, arrived.published_at)
    key = tx.new_id(published)
    question = Question(
        id=key,
        uri=arrived.uri,
        url=arrived.url,
        author_id=arrived.author.id,
        pilot_id=pilot.id if pilot else None,
        group_uri=arrived.group_uri,
        through=arrived.through or "",
        local=False,
        status=QuestionStatus.HELD if held else _status_from(arrived),
        published_at=published,
        edited_at=arrivals.edit_moment(tx, arrived, published),
        **_received(arrived),
    )
    tx.add(question)
    _tell_received(tx, question, arrived.activity_uri)
    return question


def _tell_received(tx: Tx, question: Question, activity_uri: str) -> None:
    if question.status is QuestionStatus.HELD:
        tx.record(Held(kind="question", thing_id=question.id))
    else:
        tx.record(Received(kind="question", thing_id=question.id, activity_uri=activity_uri))


def _received(arrived: ArrivedQuestion) -> dict[str, Any]:
    return {
        "title": arrived.title,
        "body": arrived.body,
        "html": arrived.html,
        "topics": arrived.topics,
        "scope": arrived.scope,
        "language": arrived.language,
        "sensitive": arrived.caution.sensitive,
        "warning": arrived.caution.words,
        "attachments": arrived.attachments,
        "helpful_uri": arrived.helpful_uri,
        "replies_uri": arrived.replies_uri,
        "context_uri": arrived.context_uri,
        "stated": _status_from(arrived),
    }


def _status_from(arrived: ArrivedQuestion) -> QuestionStatus:
    known = {"answered": QuestionStatus.ANSWERED, "closed": QuestionStatus.CLOSED}
    return known.get(arrived.status, QuestionStatus.OPEN)


def _receive_edit(tx: Tx, known: Question, arrived: ArrivedQuestion, standing: Standing) -> Question:
    if known.local or known.author_id != arrived.author.id:
        raise NotYours
    if arrivals.is_brought_back(known, arrived):
        known = _bring_back(tx, known, standing, arrived.activity_uri)
    elif (way := arrivals.sole_way(known, arrived)) != known.through:
        known = replace(known, through=way)
        tx.save(known)
    if not arrivals.is_newer(tx, known, arrived):
        return known
    fields = _received(arrived) | {"scope": arrived.scope.within(known.scope)}
    says = {name: fields[name] for name in ("title", "body", "html", "warning", "attachments")}
    held = arrivals.waits_again(tx, standing, known, says)
    if held:
        status = lifecycle.QUESTION.move(known.status, QuestionStatus.HELD)
    elif known.status in {QuestionStatus.HELD, QuestionStatus.HIDDEN}:
        status = known.status
    else:
        status = _status_from(arrived) if arrived.status else known.status
    if not arrived.status:
        fields["stated"] = known.stated
    changed = replace(
        known, **fields, status=status, edited_at=arrivals.edit_moment(tx, arrived, known.published_at)
    )
    tx.save(changed)
    if held:
        tx.record(Held(kind="question", thing_id=changed.id))
    if changed.scope is not known.scope:
        _narrow_replies(tx, changed)
    return changed


def _bring_back(tx: Tx, known: Question, standing: Standing, activity_uri: str) -> Question:
    """What was taken back was passed on once more: it is as if it had come just now."""
    held = arrivals.waits_for_review(tx, standing)
    back = replace(known, taken_back=False, status=QuestionStatus.HELD if held else known.stated)
    tx.save(back)
    _tell_received(tx, back, activity_uri)
    return back


def receive_mark(tx: Tx, asker: Actor, question_uri: str, answer_uri: str, value: Helped | None) -> None:
    """The asker elsewhere said whether an answer helped. Raises Unknown, or NotYours for anybody else (B21)."""
    question, answer = tx.one(Question, uri=question_uri), tx.one(Answer, uri=answer_uri)
    if question is None or answer is None or answer.question_id != question.id:
        raise Unknown
    if question.author_id != asker.id or question.local:
        raise NotYours
    _write_mark(tx, question, answer, value)
    settle_status(tx, question)


def receive_lock(tx: Tx, thing: Question | Answer) -> None:
    """Its author or a moderator elsewhere wants no more answers to it; of an answer alone that is not known here."""
    if isinstance(thing, Question):
        _receive_state(tx, thing, QuestionStatus.CLOSED)


def receive_unlock(tx: Tx, thing: Question | Answer) -> None:
    """Answers are welcome there again."""
    if isinstance(thing, Question) and thing.stated is QuestionStatus.CLOSED:
        _receive_state(tx, thing, QuestionStatus.OPEN)
        settle_status(tx, tx.get(Question, thing.id))


def _receive_state(tx: Tx, question: Question, stated: QuestionStatus) -> None:
    """What waits or is hidden only remembers it."""
    out_of_sight = question.status in arrivals.NOT_SHOWN
    tx.save(replace(question, stated=stated, status=question.status if out_of_sight else stated))


def gathered(tx: Tx, question_id: str) -> Question:
    """Its thread was just looked up elsewhere. Raises Unknown when it is gone."""
    question = replace(tx.get(Question, question_id), gathered_at=tx.now)
    tx.save(question)
    return question


def receive_withdrawal(tx: Tx, author: Actor, question: Question) -> None:
    """The asker elsewhere deleted the question. Raises NotYours for anybody else (B10, B12)."""
    if question.local or question.author_id != author.id:
        raise NotYours
    _bury(tx, question, author)
