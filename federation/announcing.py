"""Our neighbourhood passes something on: whole to those who read inner activities, by its uri to others (FEP-1b12).

Who got something whole gets all that comes after it whole; that is remembered, not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from federation.activities import announce
from federation.documents import Document
from federation.letters import Letter, Post, While
from storage import circulation
from storage.circulation import FollowerInbox
from storage.records import Activity
from storage.tx import SqlTx
from vraagbaak import audience, pilots
from vraagbaak.model import Question


@dataclass(frozen=True, slots=True)
class Announcement:
    """What our neighbourhood says of one thing in one thread."""

    post: Post
    thing_uri: str
    thread_uri: str

    def to_followers(self, inside: Document | str, bare: str, *, without: Iterable[str]) -> None:
        """To its followers: whole to those who speak FEP-1b12; the uri `bare`, if any, to the others."""
        whole, others = self.followers(without)
        self.whole(inside, whole, public=True)
        if bare:
            self.bare(bare, others)

    def followers(self, without: Iterable[str]) -> tuple[list[str], list[str]]:
        """The inboxes of our followers that read inner activities, and the others."""
        found = self._others(without)
        return [each.inbox for each in found if each.announces], [
            each.inbox for each in found if not each.announces
        ]

    def choosers(self, without: Iterable[str]) -> list[str]:
        """The inboxes of our followers on servers that were seen to speak ChooseAnswer: to others it is rubbish."""
        return [each.inbox for each in self._others(without) if each.chooses]

    def _others(self, without: Iterable[str]) -> list[FollowerInbox]:
        left_out = set(without)
        found = circulation.follower_inboxes(self.post.tx, pilots.ours(self.post.tx).actor_id)
        return [each for each in found if each.inbox not in left_out]

    def whole(self, inside: Document | str, inboxes: Iterable[str], *, public: bool) -> None:
        """A whole activity to these inboxes, which get what comes after it the same way."""
        receivers = self._say(inside, inboxes, public=public)
        self.post.remember(self.thing_uri, receivers, wrapped=True)

    def bare(self, uri: str, inboxes: Iterable[str]) -> None:
        """By its uri to these inboxes, which hear of its later Update and Delete."""
        self.post.remember(self.thing_uri, self._say(uri, inboxes, public=True))

    def again(
        self, inside: Document | str, inboxes: Iterable[str], *, public: bool, allowed: While | None = None
    ) -> None:
        """What came after it, to inboxes that are known already."""
        self._say(inside, inboxes, public=public, allowed=allowed)

    def _say(
        self,
        inside: Document | str,
        inboxes: Iterable[str],
        *,
        public: bool,
        allowed: While | None = None,
    ) -> list[str]:
        tx = self.post.tx
        servers = () if public else tuple(peer.application_uri for peer in audience.trusted_pilots(tx))
        uri = self.post.new_uri(tx.one(Question, uri=self.thing_uri))
        letter = Letter(
            activity=announce.build(uri, tx.home.group_uri, inside, public=public, servers=servers),
            thing_uri=self.thing_uri,
            thread_uri=self.thread_uri,
            allowed=allowed or (While.WELCOME if public else While.PILOT),
        )
        told = self.post.send(letter, inboxes)
        if told and not isinstance(inside, str) and _is_new_of_ours(tx, inside):
            self.post.keep(inside, self.thing_uri)
        return told


def _is_new_of_ours(tx: SqlTx, activity: Document) -> bool:
    uri: str = activity["id"]
    return uri.startswith(f"{tx.home.base_url}/act/") and tx.one(Activity, id=uri) is None
