"""Writing what an app sent: a question, or an answer to what it replies to. At once or later, by the same rules."""

from __future__ import annotations

from storage import statuses
from storage.tx import SqlTx
from vraagbaak import answers, media, questions
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor, Answer, Member, Question, Scope, Thing
from vraagbaak.ports import Tx
from web.keys import is_key
from web.mastodon import entities, writing
from web.mastodon.writing import ChangedStatus, NewStatus


def written(tx: SqlTx, member: Member, given: NewStatus) -> Thing:
    """A question, or an answer to what it replies to. Raises Refused."""
    describe(tx, tx.get(Actor, member.actor_id), given, None)
    if not given.in_reply_to_id:
        scope = writing.scope_of(given, entities.USUAL)
        return questions.ask(tx, tx.get(Actor, member.actor_id), writing.question_from(tx.home, given, scope))
    if not is_key(given.in_reply_to_id):
        raise Unknown
    # First of all, so that what is hidden is answered as what never was.
    above = statuses.thing_called(tx, Viewer(member=member), given.in_reply_to_id)
    question_id = above.id if isinstance(above, Question) else above.question_id
    if question_id is None:
        raise Invalid(
            "in_reply_to_id", "You cannot reply to an offer here. Look at it on the site.", "not-here"
        )
    scope = writing.scope_of(given, Scope.PUBLIC)
    parent = above if isinstance(above, Answer) else None
    draft = writing.answer_from(tx.home, given, parent, scope, _spoken_to(tx, above, question_id))
    return answers.answer(tx, member, question_id, draft)


def describe(tx: Tx, actor: Actor, given: NewStatus | ChangedStatus, thing: Thing | None) -> bool:
    """Other words for pictures that come with it, or stand with it already; whether any changed. Raises Invalid."""
    before = set(media.of(tx, thing)) if thing else set()
    for each in given.media_attributes:
        try:
            media.describe(tx, actor, each.id, writing.words_of(each), thing)
        except Unknown:
            raise media.not_there("media_attributes") from None
    return thing is not None and bool(given.media_attributes) and set(media.of(tx, thing)) != before


def _spoken_to(tx: Tx, above: Thing, question_id: str) -> tuple[Actor, ...]:
    thread = tx.one(Question, id=question_id)
    keys = dict.fromkeys([above.author_id, thread.author_id if thread else above.author_id])
    return tuple(tx.get(Actor, key) for key in keys)
