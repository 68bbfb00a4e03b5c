"""What our own people said, to whom it concerns: new, changed, for fewer people, or gone.

A change reaches exactly those who received the thing, also when they follow nobody any more.
"""

from __future__ import annotations

from federation import letters
from federation.activities import create, delete, update
from federation.announcing import Announcement
from federation.documents import host_of
from federation.letters import Letter, While, allowed_for, new_uri
from federation.posts import document_of
from storage import circulation
from storage.records import Sent
from storage.tx import SqlTx
from vraagbaak import audience
from vraagbaak.events import (
    AnswerChanged,
    Answered,
    Asked,
    Left,
    Narrowed,
    OfferChanged,
    Offered,
    Orphaned,
    QuestionChanged,
    Withdrawn,
)
from vraagbaak.model import Actor, Answer, Offer, Question, Scope, Thing


def asked(tx: SqlTx, event: Asked) -> None:
    """A question of ours."""
    _tell_new(tx, tx.one(Question, id=event.question_id))


def answered(tx: SqlTx, event: Answered) -> None:
    """An answer or comment of ours."""
    _tell_new(tx, tx.one(Answer, id=event.answer_id))


def offered(tx: SqlTx, event: Offered) -> None:
    """An offer of ours."""
    _tell_new(tx, tx.one(Offer, id=event.offer_id))


def _tell_new(tx: SqlTx, thing: Thing | None) -> None:
    """The Create to pilots, to those it answers and to the author's followers; our neighbourhood announces it."""
    note = document_of(tx, thing) if thing else None
    if thing is None or note is None:
        return
    recipients = audience.recipients(tx, thing)
    to_pilots = [peer.inbox for peer in recipients.pilots if peer.inbox]
    direct = [*to_pilots, *(actor.delivery_inbox for actor in recipients.actors)]
    if recipients.everyone:
        direct += [found.inbox for found in circulation.follower_inboxes(tx, thing.author_id)]
    made = create.build(new_uri(tx, thing), note)
    thread = _thread_of(tx, thing)
    letter = Letter(
        activity=made,
        thing_uri=thing.uri,
        thread_uri=thread.uri,
        allowed=allowed_for(thing.scope),
    )
    letters.remember(tx, thing.uri, letters.send(tx, letter, direct))
    if recipients.everyone and thread.local:
        # Followers of the neighbourhood who do not read inner activities get questions only: they fetch the thread.
        bare = thing.uri if isinstance(thing, Question) else ""
        Announcement(tx, thing.uri, thread.uri).to_followers(made, bare, without=to_pilots)


def _thread_of(tx: SqlTx, thing: Thing) -> Thing:
    """The question that a thing belongs to, or itself."""
    return thing if isinstance(thing, Question) else audience.thread_of(tx, thing) or thing


def question_changed(tx: SqlTx, event: QuestionChanged) -> None:
    """A question of ours in other words, or closed, or answered."""
    _tell_changed(tx, tx.one(Question, id=event.question_id))


def answer_changed(tx: SqlTx, event: AnswerChanged) -> None:
    """An answer of ours in other words."""
    _tell_changed(tx, tx.one(Answer, id=event.answer_id))


def offer_changed(tx: SqlTx, event: OfferChanged) -> None:
    """An offer of ours in other words."""
    _tell_changed(tx, tx.one(Offer, id=event.offer_id))


def _tell_changed(tx: SqlTx, thing: Thing | None, outside: set[str] | None = None) -> None:
    """The Update to exactly those who received the thing and may still have it."""
    note = document_of(tx, thing) if thing else None
    if thing is None or note is None:
        return
    made = update.build(new_uri(tx, thing), note, note["attributedTo"])
    rows = [row for row in tx.find(Sent, thing_uri=thing.uri) if row.inbox not in (outside or ())]
    letter = Letter(
        activity=made,
        thing_uri=thing.uri,
        thread_uri=_thread_of(tx, thing).uri,
        allowed=allowed_for(thing.scope),
    )
    _to_receivers(tx, letter, rows, public=thing.scope is Scope.PUBLIC)


def _to_receivers(tx: SqlTx, letter: Letter, rows: list[Sent], *, public: bool) -> None:
    """An Update or Delete to those who have the thing: plain, or as our neighbourhood brought it to them."""
    letters.send(tx, letter, [row.inbox for row in rows if not row.wrapped])
    wrapped = [row.inbox for row in rows if row.wrapped]
    announcement = Announcement(tx, letter.thing_uri, letter.thread_uri)
    announcement.again(letter.activity, wrapped, public=public, allowed=letter.allowed)


def withdrawn(tx: SqlTx, event: Withdrawn) -> None:
    """Something of ours is gone: the Delete to everybody who ever received it."""
    _tell_gone(tx, event, tx.find(Sent, thing_uri=event.uri))


def orphaned(tx: SqlTx, event: Orphaned) -> None:
    """An answer of ours lost its question: the same, but for the question's own server."""
    home = host_of(event.thread_uri)
    _tell_gone(tx, event, [row for row in tx.find(Sent, thing_uri=event.uri) if row.host != home])


def _tell_gone(tx: SqlTx, event: Withdrawn | Orphaned, rows: list[Sent]) -> None:
    letters.forget(tx, event.uri)
    author = tx.get(Actor, event.author_id)
    made = delete.build(new_uri(tx), author.uri, event.uri, public=event.public)
    letter = Letter(activity=made, thing_uri=event.uri, thread_uri=event.thread_uri, allowed=While.ALWAYS)
    _to_receivers(tx, letter, rows, public=event.public)


def left(tx: SqlTx, event: Left) -> None:
    """The Delete of an actor of ours, to everybody who ever received something by it or follows it."""
    actor = tx.get(Actor, event.actor_id)
    inboxes = [
        *circulation.inboxes_that_knew(tx, actor.uri),
        *(found.inbox for found in circulation.follower_inboxes(tx, actor.id)),
    ]
    made = delete.build(new_uri(tx), actor.uri, actor.uri, public=True)
    letter = Letter(activity=made, thing_uri=actor.uri, thread_uri=actor.uri, allowed=While.ALWAYS)
    letters.send(tx, letter, inboxes)


def narrowed(tx: SqlTx, event: Narrowed) -> None:
    """Who may still have the question gets it as it is now; all others hear that it is gone, with our answers."""
    question = tx.one(Question, id=event.question_id)
    if question is None:
        return
    things: list[Thing] = [
        question,
        *(answer for answer in tx.find(Answer, question_id=question.id) if answer.local),
        *(offer for offer in tx.find(Offer, question_id=question.id) if offer.local),
    ]
    for thing in things:
        _tell_narrowed(tx, thing, question.uri)


def _tell_narrowed(tx: SqlTx, thing: Thing, thread_uri: str) -> None:
    letters.forget(tx, thing.uri)
    inside = {peer.inbox for peer in audience.recipients(tx, thing).pilots}
    outside = [row for row in tx.find(Sent, thing_uri=thing.uri) if row.inbox not in inside]
    author = tx.get(Actor, thing.author_id)
    gone = delete.build(new_uri(tx), author.uri, thing.uri, public=True)
    letter = Letter(activity=gone, thing_uri=thing.uri, thread_uri=thread_uri, allowed=While.ALWAYS)
    _to_receivers(tx, letter, outside, public=True)
    _tell_changed(tx, thing, outside={row.inbox for row in outside})
