"""Questions for programs: list, read, ask, change, withdraw, and the asker's word on what helped.

The rules are those of the domain; this only carries values in and out.
"""

from __future__ import annotations

from msgspec import UNSET

from storage import listings
from storage.listings import QuestionCard, QuestionPage
from storage.reading import Reading
from vraagbaak import questions, text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, QuestionStatus
from vraagbaak.ports import Tx
from vraagbaak.questions import Draft
from web.api import shapes
from web.api.drafts import NewMark, NewQuestion, QuestionChange
from web.api.operations import Access, Answered, Call, Operation, one_page, our_pilot
from web.keys import checked_key


async def _list(call: Call) -> Answered:
    found = await call.site.store.read(
        _cards,
        call.viewer,
        topic=topic_in(call),
        pilot=call.query("pilot"),
        unanswered=call.flag("unanswered"),
        cursor=call.cursor,
        limit=call.limit + 1,
    )
    return one_page(call, found, shapes.question, lambda card: card.question.id)


def topic_in(call: Call) -> str:
    """The slug of the topic in the query; empty for all. Raises Invalid for what cannot be a topic."""
    given = call.query("topic")
    slug = text.slug(given)
    if given and not slug:
        raise Invalid("topic", "A topic is one or a few words.", "bad-topic")
    return slug


def pilot_id(reading: Reading, name: str) -> str:
    """The id of the pilot with this slug or domain; empty for none named. Raises Invalid for one we do not know."""
    if not name:
        return ""
    try:
        return listings.pilot_called(reading, name).id
    except Unknown:
        raise Invalid("pilot", "This server knows no such pilot.", "unknown-pilot") from None


def _cards(
    reading: Reading, viewer: Viewer, *, topic: str, pilot: str, unanswered: bool, cursor: str, limit: int
) -> tuple[QuestionCard, ...]:
    return listings.question_cards(
        reading,
        viewer,
        topic=topic,
        pilot_id=pilot_id(reading, pilot),
        unanswered=unanswered,
        before=cursor,
        limit=limit,
    )


async def whole(call: Call, key: str) -> shapes.WholeQuestion:
    """The question as this viewer may read it. Raises Unknown."""
    return shapes.whole_question(await call.site.store.read(listings.question_page, call.viewer, key))


async def _read(call: Call) -> shapes.WholeQuestion:
    return await whole(call, call.key)


async def _ask(call: Call) -> Answered:
    _, actor = call.writer
    given: NewQuestion = call.given
    draft = Draft(
        title=given.title,
        body=given.body,
        topics=given.topics,
        wanted=given.wanted,
        when=given.when,
        scope=given.scope,
        language=given.language,
        sensitive=given.sensitive,
    )
    made = await call.site.store.run(questions.ask, actor, draft)
    pilot = await our_pilot(call)
    page = QuestionPage(question=made, author=actor, pilot=pilot, topics=(), answers=(), offers=())
    location = {"Location": f"{call.request.url.path}/{made.id}"}
    return Answered(value=shapes.whole_question(page), headers=location)


async def _change(call: Call) -> shapes.WholeQuestion:
    _, actor = call.writer
    key = call.key
    await call.site.store.run(_changed, actor, key, call.given)
    return await whole(call, key)


def _changed(tx: Tx, actor: Actor, key: str, given: QuestionChange) -> None:
    """All of the change, or none of it."""
    before = questions.own(tx, actor, key)
    words = (given.title, given.body, given.topics, given.wanted, given.language, given.sensitive)
    if any(word is not UNSET for word in words):
        draft = Draft(
            title=before.title if given.title is UNSET else given.title,
            body=before.body if given.body is UNSET else given.body,
            topics=before.topics if given.topics is UNSET else given.topics,
            wanted=before.wanted if given.wanted is UNSET else given.wanted,
            language=before.language if given.language is UNSET else given.language,
            sensitive=before.sensitive if given.sensitive is UNSET else given.sensitive,
        )
        questions.edit(tx, actor, key, draft)
    if given.scope is not UNSET:
        questions.narrow(tx, actor, key, given.scope)
    if given.status == "closed":
        questions.close(tx, actor, key)
    elif given.status == "open" and before.status is not QuestionStatus.ANSWERED:
        questions.reopen(tx, actor, key)


async def _withdraw(call: Call) -> None:
    _, actor = call.writer
    await call.site.store.run(questions.withdraw, actor, call.key)


async def _mark(call: Call) -> shapes.WholeQuestion:
    _, actor = call.writer
    given: NewMark = call.given
    key = call.key
    await call.site.store.run(questions.mark, actor, key, checked_key(given.answer), given.mark)
    return await whole(call, key)


OPERATIONS = (
    Operation(
        method="GET",
        path="/questions",
        summary="Questions, newest first.",
        do=_list,
        gives=list[shapes.Question],
        queries=("topic", "pilot", "unanswered", "cursor", "limit"),
    ),
    Operation(
        method="POST",
        path="/questions",
        summary="Ask a question, in the name of the token's member.",
        do=_ask,
        access=Access.WRITE,
        takes=NewQuestion,
        gives=shapes.WholeQuestion,
        status=201,
    ),
    Operation(
        method="GET",
        path="/questions/{id}",
        summary="A question with its answers.",
        do=_read,
        gives=shapes.WholeQuestion,
    ),
    Operation(
        method="PUT",
        path="/questions/{id}",
        summary="Change your own question, make it for fewer people, close it or open it again.",
        do=_change,
        access=Access.WRITE,
        takes=QuestionChange,
        gives=shapes.WholeQuestion,
    ),
    Operation(
        method="DELETE",
        path="/questions/{id}",
        summary="Withdraw your own question, here and wherever it went.",
        do=_withdraw,
        access=Access.WRITE,
    ),
    Operation(
        method="POST",
        path="/questions/{id}/helped",
        summary="Say whether an answer to your own question helped.",
        do=_mark,
        access=Access.WRITE,
        takes=NewMark,
        gives=shapes.WholeQuestion,
    ),
)
