"""Answering, commenting, editing and withdrawing, from one perspective per answer; and answers from elsewhere.

An answer is never meant for more people than what it replies to; a professional's answer is nothing more than that
of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from vraagbaak import arrivals, audience, caution, doubles, lifecycle, media, notices, questions, text
from vraagbaak.arrivals import ArrivedAnswer
from vraagbaak.audience import Viewer
from vraagbaak.caution import Caution
from vraagbaak.errors import Invalid, NeedsMember, NotYours, Unknown
from vraagbaak.events import (
    AnswerChanged,
    Answered,
    Held,
    Received,
    ReceivedChange,
    ReplyNarrowed,
    ReplyReceived,
    Withdrawn,
)
from vraagbaak.model import Actor, Answer, Member, Perspective, Question, ReplyStatus, Scope, Standing
from vraagbaak.ports import Reads, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An answer as somebody wrote it; `parent_id` is the answer that it comments on.

    `scope` makes it for fewer people than what it replies to, never for more; `media` are ids of one's own pictures.
    """

    body: str
    perspective: Perspective
    parent_id: str | None = None
    scope: Scope = Scope.PUBLIC
    language: str = "nl"
    media: tuple[str, ...] = ()
    caution: Caution = field(default_factory=Caution)


def answer(tx: Tx, member: Member, question_id: str, draft: Draft) -> Answer:
    """A new answer by a member, or the one that a second tap repeats.

    Raises Unknown when they may not see the question, Invalid when it is closed.
    """
    question, parent = _place(tx, member, question_id, draft)
    said = checked(draft, question)
    same = {"question_id": question.id, "parent_id": draft.parent_id, "perspective": draft.perspective}
    known = doubles.just_said(tx, Answer, member.actor_id, body=said["body"], warning=said["warning"], **same)
    if known and media.has_exactly(tx, known, draft.media):
        return known
    return _answer(tx, member, draft, question, parent, said)


def answer_anew(tx: Tx, member: Member, question_id: str, draft: Draft) -> Answer:
    """The same without looking back, for many that are taken in together. Raises what `answer` raises."""
    question, parent = _place(tx, member, question_id, draft)
    return _answer(tx, member, draft, question, parent, checked(draft, question))


def checked(draft: Draft, question: Question) -> dict[str, Any]:
    """The fields that come from the words of a draft, checked."""
    body, warned = _body(draft), caution.own(draft.caution, question)
    return {
        "body": body,
        "html": text.from_markdown(body),
        "warning": warned.words,
        "sensitive": warned.sensitive,
    }


def _body(draft: Draft) -> str:
    """The words of an answer; a picture may be one without. Raises Invalid."""
    if draft.media and not text.block(draft.body):
        return ""
    if not draft.body.strip():
        raise Invalid("body", "Write your answer first.", "too-short")
    return text.required_block("body", draft.body)


def _place(tx: Tx, member: Member, question_id: str, draft: Draft) -> tuple[Question, Answer | None]:
    """The question, and the answer commented on. Raises Unknown or Invalid when nothing can be said there."""
    viewer = Viewer(member=member)
    question = tx.get(Question, question_id)
    if not audience.may_see(viewer, question):
        raise Unknown
    if question.status not in questions.STILL_ANSWERABLE:
        raise Invalid("question", "This question is closed. You can no longer answer it.", "closed")
    parent = tx.get(Answer, draft.parent_id) if draft.parent_id is not None else None
    if parent and (parent.question_id != question.id or not audience.may_see(viewer, parent)):
        raise Unknown
    return question, parent


def _answer(
    tx: Tx, member: Member, draft: Draft, question: Question, parent: Answer | None, said: dict[str, Any]
) -> Answer:
    author = tx.get(Actor, member.actor_id)
    made = written(tx, author, draft, said, question, parent, ReplyStatus.SHOWN, tx.now)
    tx.record(Answered(answer_id=made.id))
    notices.tell_replied(tx, made, question)
    return made


def written(
    tx: Tx,
    author: Actor,
    draft: Draft,
    said: dict[str, Any],
    question: Question,
    parent: Answer | None,
    status: ReplyStatus,
    moment: datetime,
) -> Answer:
    """The answer of a draft that says what was `checked`, put down without a word to anybody."""
    key = tx.new_id(moment)
    made = Answer(
        id=key,
        uri=f"{tx.home.base_url}/a/{key}",
        url=f"{tx.home.base_url}/v/{question.id}#a-{key}",
        question_id=question.id,
        parent_id=draft.parent_id,
        author_id=author.id,
        perspective=draft.perspective,
        **said,
        scope=draft.scope.within(question.scope.within(parent.scope) if parent else question.scope),
        status=status,
        language=draft.language if draft.language in tx.home.languages else tx.home.languages[0],
        local=True,
        published_at=moment,
    )
    tx.add(made)
    media.attach(tx, author.id, made, draft.media)
    return made


def own(tx: Tx, author: Actor, answer_id: str) -> Answer:
    """The author's own answer. Raises Unknown or NotYours; NeedsMember for the shared persona."""
    if author.shared:
        raise NeedsMember
    found = tx.get(Answer, answer_id)
    if found.author_id != author.id or not found.local:
        raise audience.refusal(tx, found)
    return found


def edit(
    tx: Tx,
    author: Actor,
    answer_id: str,
    body: str,
    perspective: Perspective,
    pictures: tuple[str, ...] | None = None,
    warned: Caution | None = None,
    *,
    language: str | None = None,
    described: bool = False,
) -> Answer:
    """The author's answer in other words; with these pictures, caution and language, or those that it has.

    The same again is no change, unless its pictures were `described` anew. Raises Refused.
    """
    found = own(tx, author, answer_id)
    before = Caution(words=found.warning, sensitive=found.sensitive)
    kept = tuple(each.id for each in media.of(tx, found)) if pictures is None else pictures
    draft = Draft(body=body, perspective=perspective, caution=warned or before, media=kept)
    said = checked(draft, tx.get(Question, found.question_id))
    written = replace(found, **said, perspective=perspective, language=language or found.language)
    same_pictures = pictures is None or media.has_exactly(tx, found, pictures)
    if written == found and same_pictures and not described:
        return found
    changed = replace(written, edited_at=tx.now)
    tx.save(changed)
    if pictures is not None:
        media.attach(tx, author.id, changed, pictures)
    if audience.is_readable(changed):
        tx.record(AnswerChanged(answer_id=found.id))
    return changed


def withdraw(tx: Tx, author: Actor, answer_id: str) -> None:
    """The answer is gone, here and wherever it went. Raises Refused."""
    found = own(tx, author, answer_id)
    question = tx.get(Question, found.question_id)
    public = found.scope is Scope.PUBLIC
    tx.record(Withdrawn(uri=found.uri, author_id=author.id, thread_uri=question.uri, public=public))
    _bury(tx, found, author)


def _bury(tx: Tx, found: Answer, author: Actor) -> None:
    for comment in tx.find(Answer, parent_id=found.id):
        tx.save(replace(comment, parent_id=found.parent_id))
    tx.remove(found)
    arrivals.bury(tx, found, author)
    question = tx.get(Question, found.question_id)
    if question.local:
        questions.settle_status(tx, question)


def thread(tx: Reads, uri: str) -> tuple[Question, Answer | None] | None:
    """The question that a reply to `uri` belongs to, and the answer it comments on; None when unknown here."""
    question = tx.one(Question, uri=uri)
    if question:
        return question, None
    parent = tx.one(Answer, uri=uri)
    return (tx.get(Question, parent.question_id), parent) if parent else None


def receive(tx: Tx, arrived: ArrivedAnswer) -> Answer:
    """Take in an answer from elsewhere, or a newer version of it. Repeating it changes nothing.

    Raises Unknown when its question is not here, or not for its server to know of; NotYours when it may not come in.
    """
    standing = arrivals.admit(tx, arrived)
    known = tx.one(Answer, uri=arrived.uri)
    if known:
        return _receive_edit(tx, known, arrived, standing)
    arrivals.require_free(tx, arrived)
    place = thread(tx, arrived.parent_uri)
    if place is None:
        raise Unknown
    question, parent = place
    _require_welcome(question, parent, standing)
    held = arrivals.waits_for_review(tx, standing)
    published = arrivals.plausible(tx, arrived.published_at)
    warned = caution.own(arrived.caution, question)
    key = tx.new_id(published)
    made = Answer(
        id=key,
        uri=arrived.uri,
        url=arrived.url,
        question_id=question.id,
        parent_id=parent.id if parent else None,
        author_id=arrived.author.id,
        perspective=arrived.perspective,
        body=arrived.body,
        html=arrived.html,
        scope=arrived.scope.within((parent or question).scope).within(question.scope),
        status=ReplyStatus.HELD if held else ReplyStatus.SHOWN,
        language=arrived.language,
        sensitive=warned.sensitive,
        warning=warned.words,
        attachments=arrived.attachments,
        local=False,
        group_uri=_group_of(question, arrived),
        replies_uri=arrived.replies_uri,
        through=arrived.through or "",
        published_at=published,
        edited_at=arrivals.edit_moment(tx, arrived, published),
    )
    tx.add(made)
    if held:
        tx.record(Held(kind="answer", thing_id=key))
    else:
        tell_received(tx, made, arrived.activity_uri)
    return made


def _require_welcome(question: Question, parent: Answer | None, standing: Standing) -> None:
    """Whether a server of this standing may reply. Raises Unknown for what it may not know of (G05), or NotYours."""
    for thing in (question, parent):
        if thing and not audience.within_reach(standing, thing):
            raise Unknown
    if question.local and question.status not in questions.STILL_ANSWERABLE:
        raise NotYours("closed", "This question is closed. You can no longer answer it.")


def _group_of(question: Question, arrived: ArrivedAnswer) -> str:
    """The neighbourhood elsewhere that it was said in, not only below: nobody else's moderators have a say about it."""
    return question.group_uri if question.group_uri in arrived.named else ""


def tell_received(tx: Tx, made: Answer, activity_uri: str) -> None:
    """An answer from elsewhere may be read from now on; in a thread of ours, others must hear of it through us."""
    question = tx.get(Question, made.question_id)
    notices.tell_replied(tx, made, question)
    if question.local:
        tx.record(ReplyReceived(answer_id=made.id, activity_uri=activity_uri))
    else:
        tx.record(Received(kind="answer", thing_id=made.id, activity_uri=activity_uri))


def _receive_edit(tx: Tx, known: Answer, arrived: ArrivedAnswer, standing: Standing) -> Answer:
    if known.local or known.author_id != arrived.author.id:
        raise NotYours
    question = tx.get(Question, known.question_id)
    if not known.group_uri and (group_uri := _group_of(question, arrived)):
        known = replace(known, group_uri=group_uri)
        tx.save(known)
    if arrivals.is_brought_back(known, arrived):
        known = _bring_back(tx, known, standing, arrived.activity_uri)
    elif (way := arrivals.sole_way(known, arrived)) != known.through:
        known = replace(known, through=way)
        tx.save(known)
    if not arrivals.is_newer(tx, known, arrived):
        return known
    warned = caution.own(arrived.caution, question)
    says: dict[str, Any] = {
        "body": arrived.body,
        "html": arrived.html,
        "warning": warned.words,
        "attachments": arrived.attachments,
    }
    held = arrivals.waits_again(tx, standing, known, says)
    changed = replace(
        known,
        **says,
        status=lifecycle.REPLY.move(known.status, ReplyStatus.HELD) if held else known.status,
        perspective=arrived.perspective,
        scope=arrived.scope.within(known.scope),
        language=arrived.language,
        sensitive=warned.sensitive,
        edited_at=arrivals.edit_moment(tx, arrived, known.published_at),
    )
    tx.save(changed)
    if changed.scope is not known.scope:
        _narrow_comments(tx, changed)
    if held:
        tx.record(Held(kind="answer", thing_id=changed.id))
    _pass_on(tx, changed, "Update", arrived.activity_uri)
    return changed


def _bring_back(tx: Tx, known: Answer, standing: Standing, activity_uri: str) -> Answer:
    """What was taken back was passed on once more: it is as if it had come just now."""
    held = arrivals.waits_for_review(tx, standing)
    back = replace(known, taken_back=False, status=ReplyStatus.HELD if held else ReplyStatus.SHOWN)
    tx.save(back)
    if held:
        tx.record(Held(kind="answer", thing_id=back.id))
    else:
        tell_received(tx, back, activity_uri)
    return back


def _narrow_comments(tx: Tx, answer: Answer) -> None:
    """What was said to it is meant for no more people than the answer is now."""
    narrower = [answer]
    while narrower:
        above = narrower.pop()
        for comment in tx.find(Answer, parent_id=above.id):
            if comment.scope.width > above.scope.width:
                narrowed = replace(comment, scope=above.scope)
                tx.save(narrowed)
                if comment.local:
                    tx.record(ReplyNarrowed(uri=comment.uri))
                narrower.append(narrowed)


def receive_withdrawal(tx: Tx, author: Actor, found: Answer, activity_uri: str) -> None:
    """The author elsewhere deleted the answer. Raises NotYours for anybody else (B10, B12)."""
    if found.local or found.author_id != author.id:
        raise NotYours
    _pass_on(tx, found, "Delete", activity_uri)
    _bury(tx, found, author)


def _pass_on(tx: Tx, found: Answer, verb: str, activity_uri: str) -> None:
    """Whoever heard of the answer through our neighbourhood hears of its change the same way."""
    question = tx.get(Question, found.question_id)
    if question.local and audience.is_readable(found):
        tx.record(
            ReceivedChange(
                uri=found.uri,
                question_id=question.id,
                verb=verb,
                scope=found.scope.within(question.scope).value,
                activity_uri=activity_uri,
            )
        )
