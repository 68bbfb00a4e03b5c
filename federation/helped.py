"""The asker's word on an answer, as every software can understand it: Add and Remove, Like, Announce, ChooseAnswer.

Only what helped, wholly or partly, is said; 'not now' stays here.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from federation.activities import add, choose_answer, like, undo
from federation.addressing import address_mark
from federation.announcing import Announcement
from federation.documents import Document
from federation.letters import Letter, Post, While, allowed_for
from federation.posts import document_of
from storage.records import Activity
from vraagbaak import audience
from vraagbaak.events import Marked
from vraagbaak.model import Actor, Answer, Helped, Question, Scope

_SHARED_MARKS = {Helped.HELPED, Helped.PARTLY}


def marked(post: Post, event: Marked) -> None:
    """The asker's word on an answer: Add or Remove, and what other software can show of it."""
    tx = post.tx
    question, answer = tx.one(Question, id=event.question_id), tx.one(Answer, id=event.answer_id)
    if question is None or answer is None or document_of(tx, question) is None:
        return
    now = Helped(event.value) if event.value in _SHARED_MARKS else None
    before = Helped(event.before) if event.before in _SHARED_MARKS else None
    if now is before:
        return
    mark = _Mark(post, question, answer, tx.get(Actor, question.author_id))
    if before is Helped.HELPED:
        mark.take_back()  # first, for who reads both would take the new word back with the old one
    mark.tell(now)
    if now is Helped.HELPED:
        mark.mirror()


@dataclass(frozen=True, slots=True)
class _Mark:
    """What the asker says of one answer."""

    post: Post
    question: Question
    answer: Answer
    asker: Actor

    @property
    def scope(self) -> Scope:
        return self.answer.scope.within(self.question.scope)

    def tell(self, mark: Helped | None) -> None:
        """The change of the `helpful` collection, to pilots and to followers who read inner activities."""
        tx, public = self.post.tx, self.scope is Scope.PUBLIC
        peers = [peer for peer in audience.trusted_pilots(tx) if peer.inbox]
        servers = tuple(peer.application_uri for peer in peers)
        to = address_mark(self.scope, tx.home.group_uri, servers)
        uri, asker = self.post.new_uri(), self.asker.uri
        made = self.post.proven(
            add.build(uri, asker, self.answer.uri, self.question, mark, to)
            if mark
            else add.build_removal(uri, asker, self.answer.uri, self.question, to)
        )
        self.post.send(self._letter(made, allowed_for(self.scope)), [peer.inbox for peer in peers])
        if public:
            self._announcement.again(made, self._followers()[0], public=True)

    def mirror(self) -> None:
        """A Like for who answered, and the answer to everybody who follows the neighbourhood.

        Never a Like by the shared persona: it is the voice of several people (federation.md 1.6).
        """
        if self.scope is not Scope.PUBLIC:
            return
        author = self.post.tx.get(Actor, self.answer.author_id)
        if not author.local and not self.asker.shared:
            made = like.build(self.post.new_uri(), self.asker.uri, self.answer.uri, author.uri)
            self.post.send(self._letter(made, While.WELCOME), [author.delivery_inbox])
        self._announcement.bare(self.answer.uri, self._followers()[1])
        self._tell_choosers(self.post.proven(self._choice()))

    def _tell_choosers(self, activity: Document) -> None:
        inboxes = self._announcement.choosers(self._pilots())
        if inboxes:
            self._announcement.again(activity, inboxes, public=True)

    def _choice(self) -> Document:
        to = address_mark(Scope.PUBLIC, self.post.tx.home.group_uri, ())
        return choose_answer.build(self.post.new_uri(), self.asker.uri, self.answer.uri, to)

    def take_back(self) -> None:
        """The Like, the Announce and the choice were a mistake."""
        chosen = self._said("ChooseAnswer", self.asker.uri)
        if chosen and self.scope is Scope.PUBLIC:
            self._tell_choosers(self.post.proven(undo.build(self.post.new_uri(), chosen)))
        author = self.post.tx.get(Actor, self.answer.author_id)
        self._undo("Like", self.asker.uri, [author.delivery_inbox])
        self._undo("Announce", self.post.tx.home.group_uri, self._followers()[1])

    def _followers(self) -> tuple[list[str], list[str]]:
        return self._announcement.followers(self._pilots())

    def _pilots(self) -> list[str]:
        return [peer.inbox for peer in audience.trusted_pilots(self.post.tx)]

    def _undo(self, kind: str, actor_uri: str, inboxes: list[str]) -> None:
        said = self._said(kind, actor_uri)
        if said:
            made = undo.build(self.post.new_uri(), said)
            self.post.send(self._letter(made, While.WELCOME), inboxes)

    def _said(self, kind: str, actor_uri: str) -> Document | None:
        """What was last said of the answer in this kind of activity."""
        said = [
            doc
            for kept in self.post.tx.find(Activity, thing_uri=self.answer.uri)
            if kept.actor_uri == actor_uri
            and (doc := msgspec.json.decode(kept.body))["type"] == kind
            and doc["object"] == self.answer.uri
        ]
        return said[-1] if said else None

    def _letter(self, activity: Document, allowed: While) -> Letter:
        return Letter(
            activity=activity, thing_uri=self.answer.uri, thread_uri=self.question.uri, allowed=allowed
        )

    @property
    def _announcement(self) -> Announcement:
        return Announcement(self.post, self.answer.uri, self.question.uri)
