"""What our own people said, to whom it concerns: new, changed, for fewer people, or gone.

A change reaches exactly those who received the thing, also when they follow nobody any more.
"""

from __future__ import annotations

from dataclasses import replace

from federation import passing_on
from federation.activities import create, delete, flag, move, update
from federation.announcing import Announcement
from federation.documents import Document
from federation.letters import Letter, Post, While, allowed_for
from federation.own_keys import keys_of
from federation.posts import actor_document, cover_of, document_of, thread_of
from federation.vocabulary import precise
from storage import circulation
from storage.records import Sent
from vraagbaak import audience
from vraagbaak.events import (
    ActorChanged,
    AnswerChanged,
    Answered,
    Asked,
    Hidden,
    Left,
    Moved,
    Narrowed,
    OfferChanged,
    Offered,
    PeerDropped,
    QuestionChanged,
    ReplyNarrowed,
    Reported,
    Withdrawn,
)
from vraagbaak.model import Actor, Answer, Offer, Question, Report, Scope, Thing


def asked(post: Post, event: Asked) -> None:
    """A question of ours."""
    _tell_new(post, post.tx.one(Question, id=event.question_id))


def answered(post: Post, event: Answered) -> None:
    """An answer or comment of ours."""
    _tell_new(post, post.tx.one(Answer, id=event.answer_id))


def offered(post: Post, event: Offered) -> None:
    """An offer of ours."""
    _tell_new(post, post.tx.one(Offer, id=event.offer_id))


def _tell_new(post: Post, thing: Thing | None) -> None:
    """The Create to pilots, to those it answers and to the author's followers; our neighbourhood announces it."""
    tx = post.tx
    note = document_of(tx, thing) if thing else None
    if thing is None or note is None:
        return
    recipients = audience.recipients(tx, thing)
    to_pilots = [peer.inbox for peer in recipients.pilots if peer.inbox]
    known = {row.inbox for row in tx.find(Sent, thing_uri=thing.uri)}
    if known:  # it was hidden meanwhile
        _to_who_knows(post, thing, note | {"updated": precise(tx.now)})
    direct = [*to_pilots, *(actor.delivery_inbox for actor in recipients.actors)]
    if recipients.everyone:
        direct += [found.inbox for found in circulation.follower_inboxes(tx, thing.author_id)]
    made = post.proven(create.build(post.new_uri(thing), note))
    thread = thread_of(tx, thing)
    letter = Letter(
        activity=made,
        thing_uri=thing.uri,
        thread_uri=thread.uri,
        allowed=allowed_for(thing.scope),
    )
    post.remember(thing.uri, post.send(letter, [inbox for inbox in direct if inbox not in known]))
    if recipients.everyone and thread.local:
        # Followers of the neighbourhood who do not read inner activities get questions only: they fetch the thread.
        bare = thing.uri if isinstance(thing, Question) else ""
        Announcement(post, thing.uri, thread.uri).to_followers(made, bare, without={*to_pilots, *known})


def question_changed(post: Post, event: QuestionChanged) -> None:
    """A question of ours in other words, or closed, or answered."""
    _tell_changed(post, post.tx.one(Question, id=event.question_id))


def answer_changed(post: Post, event: AnswerChanged) -> None:
    """An answer of ours in other words."""
    _tell_changed(post, post.tx.one(Answer, id=event.answer_id))


def offer_changed(post: Post, event: OfferChanged) -> None:
    """An offer of ours in other words."""
    _tell_changed(post, post.tx.one(Offer, id=event.offer_id))


def hidden(post: Post, event: Hidden) -> None:
    """Something that our moderators took out of sight.

    What is ours goes on without its words; having passed on what came from elsewhere is taken back.
    """
    tx = post.tx
    thing = audience.thing_at(tx, event.uri)
    if thing is None or audience.is_readable(thing):
        return
    rows = post.may_have(thing.uri, tx.find(Sent, thing_uri=thing.uri), thread_of(tx, thing).uri)
    note = cover_of(tx, thing)
    if note:
        _to_who_knows(post, thing, note)
    elif isinstance(thing, Answer) and not thing.local:
        said = passing_on.announced(tx, thing.uri)
        post.unsay(thing.uri)
        passing_on.take_back(post, said, thing.uri, thing.question_id, rows)


def _tell_changed(post: Post, thing: Thing | None, outside: set[str] | None = None) -> None:
    """The Update to exactly those who received the thing and may still have it."""
    note = document_of(post.tx, thing) if thing else None
    if thing and note:
        _to_who_knows(post, thing, note, outside)


def _to_who_knows(post: Post, thing: Thing, note: Document, outside: set[str] | None = None) -> None:
    tx = post.tx
    post.renew(note)
    made = update.build(post.new_uri(thing), note, note["attributedTo"])
    rows = [row for row in tx.find(Sent, thing_uri=thing.uri) if row.inbox not in (outside or ())]
    letter = Letter(
        activity=made,
        thing_uri=thing.uri,
        thread_uri=thread_of(tx, thing).uri,
        allowed=allowed_for(thing.scope),
    )
    _to_receivers(post, letter, rows, public=thing.scope is Scope.PUBLIC)


def _to_receivers(post: Post, letter: Letter, rows: list[Sent], *, public: bool) -> None:
    """An Update or Delete to those who have the thing: plain, or as our neighbourhood brought it to them."""
    letter = replace(letter, activity=post.proven(letter.activity))
    post.send(letter, [row.inbox for row in rows if not row.wrapped])
    wrapped = [row.inbox for row in rows if row.wrapped]
    announcement = Announcement(post, letter.thing_uri, letter.thread_uri)
    announcement.again(letter.activity, wrapped, public=public, allowed=letter.allowed)


def withdrawn(post: Post, event: Withdrawn) -> None:
    """Something of ours is gone: the Delete to everybody who ever received it."""
    rows = post.may_have(event.uri, post.tx.find(Sent, thing_uri=event.uri), event.thread_uri)
    post.forget(event.uri)
    author = post.tx.get(Actor, event.author_id)
    made = delete.build(post.new_uri(), author.uri, event.uri, public=event.public)
    letter = Letter(activity=made, thing_uri=event.uri, thread_uri=event.thread_uri, allowed=While.ALWAYS)
    _to_receivers(post, letter, rows, public=event.public)


def left(post: Post, event: Left) -> None:
    """The Delete of an actor of ours, to everybody who ever received something by it or follows it."""
    tx = post.tx
    actor = tx.get(Actor, event.actor_id)
    inboxes = [
        *circulation.inboxes_that_knew(tx, actor.uri),
        *(found.inbox for found in circulation.follower_inboxes(tx, actor.id)),
    ]
    made = delete.build(post.new_uri(), actor.uri, actor.uri, public=True)
    letter = Letter(activity=made, thing_uri=actor.uri, thread_uri=actor.uri, allowed=While.ALWAYS)
    post.send(letter, inboxes)


def actor_changed(post: Post, event: ActorChanged) -> None:
    """One of our actors as it is now, to whoever follows it and to pilots."""
    tx = post.tx
    actor = tx.get(Actor, event.actor_id)
    post.forget(actor.uri, "Update")  # what is on its way still is not how it is now
    made = update.build_actor(post.new_uri(), actor_document(tx, actor, keys_of(tx, actor.uri)))
    inboxes = [
        *(peer.inbox for peer in audience.trusted_pilots(tx) if peer.inbox),
        *(found.inbox for found in circulation.follower_inboxes(tx, actor.id)),
    ]
    post.send(Letter(activity=made, thing_uri=actor.uri, thread_uri=actor.uri), inboxes)


def moved(post: Post, event: Moved) -> None:
    """One of ours goes on as another account: its followers hear where."""
    tx = post.tx
    actor = tx.get(Actor, event.actor_id)
    if actor.moved_to:
        made = move.build(post.new_uri(), actor.uri, actor.moved_to)
        inboxes = [found.inbox for found in circulation.follower_inboxes(tx, actor.id)]
        post.send(Letter(activity=made, thing_uri=actor.uri, thread_uri=actor.uri), inboxes)


def reported(post: Post, event: Reported) -> None:
    """What our moderators find wrong with a thing elsewhere, to the server it is on; from our server, not from them."""
    tx = post.tx
    report = tx.one(Report, id=event.report_id)
    author = tx.one(Actor, uri=report.about[0]) if report else None
    if report and author:
        made = flag.build(report.uri, tx.home.application_uri, report.about, report.text)
        post.send(Letter(activity=made, thing_uri=report.uri, thread_uri=author.uri), [author.delivery_inbox])


def narrowed(post: Post, event: Narrowed) -> None:
    """Who may still have the question gets it as it is now; all others hear that it is gone, with our answers."""
    tx = post.tx
    question = tx.one(Question, id=event.question_id)
    if question is None:
        return
    things: list[Thing] = [
        question,
        *(answer for answer in tx.find(Answer, question_id=question.id) if answer.local),
        *(offer for offer in tx.find(Offer, question_id=question.id) if offer.local),
    ]
    for thing in things:
        _tell_narrowed(post, thing, question.uri)


def reply_narrowed(post: Post, event: ReplyNarrowed) -> None:
    """An answer or offer of ours is for fewer people, for its question elsewhere is: others hear that it is gone."""
    thing = audience.thing_at(post.tx, event.uri)
    thread = audience.thread_of(post.tx, thing) if thing and not isinstance(thing, Question) else None
    if thing and thread:
        _tell_narrowed(post, thing, thread.uri)


def _tell_narrowed(post: Post, thing: Thing, thread_uri: str) -> None:
    tx = post.tx
    inside = {peer.inbox for peer in audience.recipients(tx, thing).pilots}
    not_any_more = [row for row in tx.find(Sent, thing_uri=thing.uri) if row.inbox not in inside]
    outside = post.may_have(thing.uri, not_any_more, thread_uri)
    post.forget(thing.uri)
    author = tx.get(Actor, thing.author_id)
    gone = delete.build(post.new_uri(), author.uri, thing.uri, public=True)
    letter = Letter(activity=gone, thing_uri=thing.uri, thread_uri=thread_uri, allowed=While.ALWAYS)
    _to_receivers(post, letter, outside, public=True)
    _tell_changed(post, thing, outside={row.inbox for row in outside})


def parted(post: Post, event: PeerDropped) -> None:
    """A server is no pilot any more: it hears that everything is gone that was for pilots only."""
    tx = post.tx
    for row in circulation.received_at(tx, event.domain):
        thing = audience.thing_at(tx, row.thing_uri)
        if thing is None or thing.scope is not Scope.PILOTS:
            continue
        if not post.may_have(thing.uri, [row], thread_of(tx, thing).uri):
            continue
        if isinstance(thing, Answer) and not thing.local:
            said = passing_on.announced(tx, thing.uri)
            passing_on.take_back(post, said, thing.uri, thing.question_id, [row])
        if not thing.local:
            continue
        author = tx.get(Actor, thing.author_id)
        letter = Letter(
            activity=delete.build(post.new_uri(), author.uri, thing.uri, public=False),
            thing_uri=thing.uri,
            thread_uri=thread_of(tx, thing).uri,
            allowed=While.ALWAYS,
        )
        _to_receivers(post, letter, [row], public=False)
        tx.remove(row)
