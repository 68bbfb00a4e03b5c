"""An activity of ours on its way: kept once, with one delivery job for each inbox, and who gets what remembered.

All of it belongs to the unit of work in which the activity was made, so a crash loses nothing and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from federation.addressing import followers_of
from federation.documents import Document, host_of, is_said_publicly
from federation.own_keys import OwnKeys
from federation.synchronizing import digests_of
from storage.records import Activity, Sent
from storage.tx import SqlTx
from storage.work import Work
from vraagbaak.model import Question, Scope, Thing

DELIVER = "deliver"
_COMPARED = {"Create", "Announce"}


class While(StrEnum):
    """How long an inbox may have a letter; asked again just before it is sent (threat G17)."""

    PILOT = "pilot"
    """As long as its server is trusted as a pilot."""
    WELCOME = "welcome"
    """As long as its server is not refused."""
    ALWAYS = "always"
    """Whatever became of it: whoever received a thing has to hear that it is gone."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of a delivery job."""

    activity: str
    inbox: str
    signer: str
    """The uri of the actor of ours who says it."""
    allowed: While
    followers: str = ""
    """For a letter to the signer's followers: the digest of those on that server, to compare (FEP-8fcf)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One activity of ours."""

    activity: Document
    thing_uri: str
    """What it is about: when that is withdrawn, the letter is not sent any more."""
    thread_uri: str
    """What is said in one thread comes to one inbox in the order in which it was said."""
    allowed: While = While.WELCOME


def follows_of(signer: str) -> str:
    """The thread in which an actor of ours says whom it lets follow, and whom it follows; all else stands behind that.

    Who does not know yet that it follows drops what comes (Pixelfed, Mastodon).
    """
    return f"follows of {signer}"


def allowed_for(scope: Scope) -> While:
    """How long an inbox may have what is meant for this scope."""
    return While.WELCOME if scope is Scope.PUBLIC else While.PILOT


@dataclass(frozen=True, slots=True)
class Post:
    """What is said in one unit of work, and with whose keys it is proven."""

    tx: SqlTx
    keys: OwnKeys

    def new_uri(self, thing: Thing | None = None) -> str:
        """The id of a new activity.

        For a question it carries the moment that the question itself tells: a rounded one for who asked without an
        account (threat G12).
        """
        moment = thing.published_at if isinstance(thing, Question) else None
        return f"{self.tx.home.base_url}/act/{self.tx.new_id(moment)}"

    def proven(self, activity: Document) -> Document:
        """The activity as it goes out: with a proof when it is public."""
        return self.keys.proven(self.tx, activity)

    def send(self, letter: Letter, inboxes: Iterable[str]) -> list[str]:
        """Put a letter in the post for these inboxes, each once; those that are really elsewhere."""
        tx = self.tx
        found = [
            (inbox, host)
            for inbox in dict.fromkeys(inboxes)
            if (host := host_of(inbox)) is not None and host != tx.home.domain
        ]
        if not found:
            return []
        activity = self.proven(letter.activity)
        uri, signer = activity["id"], activity["actor"]
        self.keep(activity, letter.thing_uri)
        compared = activity["type"] in _COMPARED and followers_of(signer) in activity.get("cc", ())
        followers = digests_of(tx, signer) if compared else {}
        for inbox, host in found:
            order = Order(
                activity=uri,
                inbox=inbox,
                signer=signer,
                allowed=letter.allowed,
                followers=followers.get(host, ""),
            )
            payload = msgspec.json.encode(order).decode()
            follows = f"{inbox} {follows_of(signer)}"
            sequence = f"{inbox} {letter.thread_uri}"
            behind = follows if sequence != follows else None
            tx.enqueue(Work(DELIVER, payload, host=host, sequence=sequence, behind=behind))
        return [inbox for inbox, _ in found]

    def keep(self, activity: Document, thing_uri: str) -> None:
        """It can be fetched under its id from now on; also what is only ever sent inside another."""
        kept = Activity(
            id=activity["id"],
            actor_uri=activity["actor"],
            thing_uri=thing_uri,
            body=msgspec.json.encode(activity).decode(),
            public=is_said_publicly(activity),
            made_at=self.tx.now,
        )
        self.tx.add(kept)

    def remember(self, thing_uri: str, inboxes: Iterable[str], *, wrapped: bool = False) -> None:
        """These inboxes get a thing, so its Update and Delete are for them too."""
        known = {row.inbox for row in self.tx.find(Sent, thing_uri=thing_uri)}
        for inbox in inboxes:
            if inbox not in known:
                row = Sent(
                    id=self.tx.new_id(),
                    thing_uri=thing_uri,
                    inbox=inbox,
                    host=host_of(inbox) or "",
                    wrapped=wrapped,
                    sent_at=self.tx.now,
                )
                self.tx.add(row)

    def forget(self, thing_uri: str) -> None:
        """Nothing that was said about a thing so far is sent or shown any more; who received it is still known."""
        for kept in self.tx.find(Activity, thing_uri=thing_uri):
            self.tx.remove(kept)
