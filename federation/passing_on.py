"""What people elsewhere said in a thread of ours, passed on to our circle exactly as it came (FEP-1b12).

Only the thread's home knows who is in its circle, so nobody else does this.
"""

from __future__ import annotations

import msgspec

from federation.activities import undo
from federation.announcing import Announcement
from federation.documents import Document, one_type
from federation.letters import Letter, Post, While, allowed_for, named
from federation.posts import document_of
from storage.records import Activity, Sent
from storage.tx import SqlTx
from vraagbaak import audience
from vraagbaak.events import Forgotten, ReceivedChange, ReplyReceived
from vraagbaak.model import Actor, Answer, Question, Scope


def reply_received(post: Post, event: ReplyReceived) -> None:
    """An answer from elsewhere in a thread of ours, to everybody in our circle but the server it came from."""
    tx = post.tx
    answer = tx.one(Answer, id=event.answer_id)
    question = tx.get(Question, answer.question_id) if answer else None
    if answer is None or question is None or document_of(tx, question) is None:
        return
    scope = answer.scope.within(question.scope)
    if scope is Scope.NEIGHBOURHOOD or not audience.is_readable(answer):
        return
    author = tx.get(Actor, answer.author_id)
    peers = [peer for peer in audience.trusted_pilots(tx) if peer.inbox and peer.id != author.domain]
    inside = _original(tx, answer, author) or answer.uri
    announcement = Announcement(post, answer.uri, question.uri)
    announcement.whole(inside, [peer.inbox for peer in peers], public=scope is Scope.PUBLIC)
    if scope is Scope.PUBLIC:
        announcement.to_followers(inside, "", without=[peer.inbox for peer in peers])


def _original(tx: SqlTx, answer: Answer, author: Actor) -> Document | None:
    """The Create of an answer, exactly as it came (FEP-1b12); None when it was edited since.

    An earlier version could say what nobody reviewed.
    """
    said = [kept for kept in tx.find(Activity, thing_uri=answer.uri) if kept.actor_uri == author.uri]
    doc: Document | None = msgspec.json.decode(said[0].body) if len(said) == 1 else None
    return doc if doc and one_type(doc) == "Create" else None


def forgotten(post: Post, event: Forgotten) -> None:
    """Nothing that came in and was passed on in a thread is kept when the thread is gone (threat G20)."""
    post.forget(event.uri)


def received_change(post: Post, event: ReceivedChange) -> None:
    """Its later Update or Delete, to those who heard of it through us and may still have it.

    Who may not any more, for its author narrowed it, hears that our neighbourhood takes back having passed it on.
    """
    tx = post.tx
    question = tx.one(Question, id=event.question_id)
    original = tx.one(Activity, id=event.activity_uri)
    inside = msgspec.json.decode(original.body) if original else event.uri
    said = announced(tx, event.uri)
    if event.verb == "Delete":
        rows = _rows(tx, event.uri)
        rows = post.may_have(event.uri, rows, question.uri) if question else rows
        post.forget(event.uri)  # before anything new is said of it
        bare = [row for row in rows if not row.wrapped]
        take_back(post, said, event.uri, event.question_id, bare)
    else:
        post.point(event.uri)
    if question is None or (event.verb != "Delete" and document_of(tx, question) is None):
        return  # what the thread's readers lost, they hear nothing more of but its end
    scope = Scope(event.scope)
    allowed = While.ALWAYS if event.verb == "Delete" else allowed_for(scope)
    rows = [row for row in _rows(tx, event.uri) if row.wrapped]
    if event.verb != "Delete" and scope is not Scope.PUBLIC:
        pilots = {peer.inbox for peer in audience.trusted_pilots(tx)}
        outside = [row for row in _rows(tx, event.uri) if row.inbox not in pilots]
        take_back(post, said, event.uri, question.id, outside)
        rows = [row for row in rows if row.inbox in pilots]
    announcement = Announcement(post, event.uri, question.uri)
    inboxes = [row.inbox for row in rows]
    announcement.again(inside, inboxes, public=scope is Scope.PUBLIC, allowed=allowed)


def announced(tx: SqlTx, uri: str) -> Document | None:
    """How our neighbourhood first passed on a thing; None when it did not, or when that is forgotten."""
    for kept in tx.find(Activity, thing_uri=uri):
        if kept.actor_uri == tx.home.group_uri:
            doc: Document = msgspec.json.decode(kept.body)
            if doc["type"] == "Announce":
                return doc
    return None


def take_back(post: Post, said: Document | None, uri: str, question_id: str, rows: list[Sent]) -> None:
    """Our neighbourhood takes back that it passed on something of somebody elsewhere; these servers count no more."""
    question = post.tx.one(Question, id=question_id)
    if said and rows:
        made = undo.build(post.new_uri(), named(said, uri))  # its words are not said once more
        thread_uri = question.uri if question else uri
        letter = Letter(activity=made, thing_uri=uri, thread_uri=thread_uri, allowed=While.ALWAYS)
        post.send(letter, [row.inbox for row in rows])
    for row in rows:
        post.tx.remove(row)


def _rows(tx: SqlTx, uri: str) -> list[Sent]:
    return tx.find(Sent, thing_uri=uri)
