"""What people elsewhere said in a thread of ours, passed on to our circle exactly as it came (FEP-1b12).

Only the thread's home knows who is in its circle, so nobody else does this.
"""

from __future__ import annotations

import msgspec

from federation.announcing import Announcement
from federation.documents import Document, one_type
from federation.letters import Post, While, allowed_for
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
    """Its later Update or Delete, to those who heard of it through us."""
    tx = post.tx
    question = tx.one(Question, id=event.question_id)
    original = tx.one(Activity, id=event.activity_uri)
    inside = msgspec.json.decode(original.body) if original else event.uri
    if event.verb == "Delete":
        post.forget(event.uri)
    if question is None or (event.verb != "Delete" and document_of(tx, question) is None):
        return  # what the thread's readers lost, they hear nothing more of but its end
    rows = [row.inbox for row in tx.find(Sent, thing_uri=event.uri)]
    allowed = While.ALWAYS if event.verb == "Delete" else allowed_for(question.scope)
    public = question.scope is Scope.PUBLIC
    Announcement(post, event.uri, question.uri).again(inside, rows, public=public, allowed=allowed)
