"""An activity of ours on its way: kept once, with one delivery job for each inbox, and who gets what remembered.

All of it belongs to the unit of work in which the activity was made, so a crash loses nothing and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from federation.activities.envelope import addressing_of, envelope
from federation.addressing import followers_of
from federation.documents import Document, host_of, id_of, is_said_publicly, same_origin
from federation.own_keys import OwnKeys
from federation.synchronizing import digests_of
from storage import jobs
from storage.records import Activity, Sent
from storage.tx import SqlTx
from storage.work import Work
from vraagbaak.model import Question, Scope, Thing

DELIVER = "deliver"
_OUTSIDE = {"@context", "id", "type", "actor", "object", "proof"}
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


_orders = msgspec.json.Decoder(Order)


def order_of(payload: str) -> Order:
    """The order that is the payload of a delivery job. Raises `msgspec.MsgspecError` when it is none."""
    return _orders.decode(payload)


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

    def renew(self, note: Document) -> None:
        """What was said of a thing of ours has its words of now, wherever it still waits to be sent or is fetched."""
        for kept in self.tx.find(Activity, thing_uri=note["id"]):
            said: Document = msgspec.json.decode(kept.body)
            anew = self._renewed(said, note)
            if anew != said:
                body = msgspec.json.encode(anew).decode()
                self.tx.save(replace(kept, body=body, public=is_said_publicly(anew)))

    def _renewed(self, said: Document, note: Document) -> Document:
        inside, kind = said.get("object"), said["type"]
        if not isinstance(inside, dict):
            return said
        rest = {name: value for name, value in said.items() if name not in _OUTSIDE}
        if kind == "Announce" and same_origin(id_of(inside), said["id"]):
            inside = self._renewed(inside, note)
        elif kind in {"Create", "Update"} and inside.get("id") == note["id"]:
            inside, rest = note, rest | addressing_of(note)
        else:
            return said
        return self.proven(envelope(kind, said["id"], said["actor"], inside, rest))

    def point(self, thing_uri: str) -> None:
        """What our neighbourhood passed on of somebody elsewhere only names it from now on: its words are not those of now."""
        for kept, said in self._passed_on(thing_uri):
            self.tx.save(
                replace(kept, body=msgspec.json.encode(self.proven(named(said, thing_uri))).decode())
            )

    def unsay(self, thing_uri: str) -> None:
        """What our neighbourhood passed on of somebody elsewhere is not sent or shown any more."""
        for kept, _ in self._passed_on(thing_uri):
            self.tx.remove(kept)

    def _passed_on(self, thing_uri: str) -> list[tuple[Activity, Document]]:
        found = [
            (kept, msgspec.json.decode(kept.body)) for kept in self.tx.find(Activity, thing_uri=thing_uri)
        ]
        return [(kept, said) for kept, said in found if said["type"] == "Announce" and _is_of_words(said)]

    def may_have(self, thing_uri: str, rows: Iterable[Sent], thread_uri: str) -> list[Sent]:
        """Those of them who may have got the thing. From the others what was on its way is taken back: they do not count.

        Whoever was never even tried cannot have it, and has nothing to delete.
        """
        kept = self.tx.find(Activity, thing_uri=thing_uri)
        first = {each.id for each in kept if _brings_it(msgspec.json.decode(each.body))}

        def brings(payload: str) -> bool:
            return order_of(payload).activity in first

        found = []
        for row in rows:
            if jobs.recall(self.tx, f"{row.inbox} {thread_uri}", brings):
                self.tx.remove(row)
            else:
                found.append(row)
        return found

    def forget(self, thing_uri: str, kind: str = "") -> None:
        """Nothing (of this kind) that was said about a thing so far is sent or shown any more; who received it is still known."""
        for kept in self.tx.find(Activity, thing_uri=thing_uri):
            if kind in {"", msgspec.json.decode(kept.body)["type"]}:
                self.tx.remove(kept)


def named(announcement: Document, thing_uri: str) -> Document:
    """An Announce that names a thing instead of bringing its words."""
    return {name: value for name, value in announcement.items() if name != "proof"} | {"object": thing_uri}


def _brings_it(said: Document) -> bool:
    """Whether this is how somebody first hears of a thing."""
    inside = said.get("object")
    if said["type"] == "Announce":
        return not isinstance(inside, dict) or inside.get("type") == "Create"
    return bool(said["type"] == "Create")


def _is_of_words(announcement: Document) -> bool:
    """Whether it names or brings a post, and not a word on one."""
    inside = announcement["object"]
    return not isinstance(inside, dict) or inside.get("type") in {"Create", "Update"}
