"""Answers for programs: give one, change it, withdraw it.

An answer is read under its question; there is no list of somebody's answers.
"""

from __future__ import annotations

from msgspec import UNSET

from storage.listings import AnswerCard
from storage.reading import Reading
from vraagbaak import answers
from vraagbaak.answers import Draft
from vraagbaak.model import Actor, Answer, Helped, Mark
from vraagbaak.ports import Tx
from web.api import shapes
from web.api.drafts import AnswerChange, NewAnswer
from web.api.operations import Access, Call, Operation, our_pilot
from web.keys import checked_key


async def _answer(call: Call) -> shapes.AnswerAlone:
    member, _ = call.writer
    given: NewAnswer = call.given
    draft = Draft(
        body=given.body,
        perspective=given.perspective,
        parent_id=checked_key(given.parent) if given.parent else None,
        language=given.language,
    )
    made = await call.site.store.run(answers.answer, member, checked_key(given.question), draft)
    return await _shown(call, made)


async def _change(call: Call) -> shapes.AnswerAlone:
    _, actor = call.writer
    return await _shown(call, await call.site.store.run(_changed, actor, call.key, call.given))


def _changed(tx: Tx, actor: Actor, key: str, given: AnswerChange) -> Answer:
    before = answers.own(tx, actor, key)
    return answers.edit(
        tx,
        actor,
        key,
        before.body if given.body is UNSET else given.body,
        before.perspective if given.perspective is UNSET else given.perspective,
    )


async def _shown(call: Call, answer: Answer) -> shapes.AnswerAlone:
    """The answer of this very writer, as it now stands under its question."""
    _, actor = call.writer
    mark = await call.site.store.read(_mark_on, answer.id)
    card = AnswerCard(answer=answer, author=actor, pilot=await our_pilot(call), mark=mark)
    return shapes.answer_alone(card)


def _mark_on(reading: Reading, key: str) -> Helped | None:
    mark = reading.one(Mark, id=key)
    return mark.value if mark else None


async def _withdraw(call: Call) -> None:
    _, actor = call.writer
    await call.site.store.run(answers.withdraw, actor, call.key)


OPERATIONS = (
    Operation(
        method="POST",
        path="/answers",
        summary="Answer a question, or comment on an answer, from one perspective.",
        do=_answer,
        access=Access.WRITE,
        takes=NewAnswer,
        gives=shapes.AnswerAlone,
        status=201,
    ),
    Operation(
        method="PUT",
        path="/answers/{id}",
        summary="Change your own answer.",
        do=_change,
        access=Access.WRITE,
        takes=AnswerChange,
        gives=shapes.AnswerAlone,
    ),
    Operation(
        method="DELETE",
        path="/answers/{id}",
        summary="Withdraw your own answer, here and wherever it went.",
        do=_withdraw,
        access=Access.WRITE,
    ),
)
