"""A neighbourhood on the dict twin, with people in it and servers around it: the stage of this room's tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.memory import CountingIds, MemoryStore, TickingClock
from vraagbaak import answers, follows, members, offers, peers, pilots, questions
from vraagbaak.arrivals import ArrivedAnswer, ArrivedOffer, ArrivedQuestion
from vraagbaak.caution import Caution
from vraagbaak.model import (
    Actor,
    ActorKind,
    Home,
    Member,
    Peer,
    Perspective,
    Role,
    Scope,
    Standing,
)

HOME = Home(base_url="https://wester.example", name="Wester", slug="wester")
PROFILE = {"focus": "", "meeting_place": "", "hours": ""}
MISSING = "0" * 26
RECEIVE = {
    ArrivedQuestion: questions.receive,
    ArrivedAnswer: answers.receive,
    ArrivedOffer: offers.receive,
}


class Village:
    """Noor asks, Sam answers, Mo moderates; the persona asks for who has no account."""

    def __init__(self, **home: object) -> None:
        self.clock = TickingClock()
        self.store = MemoryStore(replace(HOME, **home), clock=self.clock, ids=CountingIds())
        self.do(pilots.found, PROFILE)
        self.noor, self.sam = self.member("noor"), self.member("sam")
        self.mo = self.member("mo", Role.MODERATOR)
        self.persona = self.do(pilots.persona)

    def twin(self):
        """Another one just like it: founding costs more than most tests do."""
        made = object.__new__(Village)
        made.__dict__ |= self.__dict__
        made.clock = TickingClock()
        made.store = MemoryStore(self.store.home, clock=made.clock, ids=CountingIds())
        made.store.ids.made = self.store.ids.made
        made.store.rows = {kind: dict(rows) for kind, rows in self.store.rows.items()}
        return made

    def do(self, fn, *args):
        """One unit of work."""
        return self.store.run_now(fn, *args)

    def refuses(self, kind, code, fn, *args):
        """The refusal of one unit of work, which is of this kind and code and leaves everything as it was."""
        before = {kind: dict(rows) for kind, rows in self.store.rows.items()}
        said = list(self.store.events)
        with pytest.raises(kind) as refusal:
            self.do(fn, *args)
        assert refusal.value.code == code
        assert (self.store.rows, self.store.events) == (before, said)
        return refusal.value

    def happened(self):
        """What was recorded since the last time of asking."""
        found = list(self.store.events)
        self.store.events.clear()
        return found

    # what is there

    def all(self, kind, **equals):
        return self.do(lambda tx: tx.find(kind, **equals))

    def now(self, thing):
        """The same thing as it is stored; None when it is gone."""
        return self.do(lambda tx: tx.one(type(thing), id=thing.id))

    def set(self, thing, **changes):
        """The thing with these changes, put there behind the domain's back."""
        changed = replace(self.now(thing), **changes)
        self.do(lambda tx: tx.save(changed))
        return changed

    # people here

    def member(self, handle, *roles):
        newcomer = members.Newcomer(handle=handle, name=handle.title(), password_hash="")
        return self.do(members.add, newcomer, roles or (Role.RESIDENT,))

    def actor(self, who):
        """The actor of a member; actors are their own."""
        return self.do(lambda tx: tx.get(Actor, who.actor_id)) if isinstance(who, Member) else self.now(who)

    def ask(self, who=None, scope=Scope.PUBLIC, title="Wie weet een fysio?", **draft):
        self.clock.tick(seconds=1)
        draft = questions.Draft(title=title, scope=scope, **draft)
        return self.do(questions.ask, self.actor(who or self.noor), draft)

    def answer(self, question, who=None, body="Die op de hoek.", **draft):
        self.clock.tick(seconds=1)
        draft = answers.Draft(**{"body": body, "perspective": Perspective.RESIDENT, **draft})
        return self.do(answers.answer, who or self.sam, question.id, draft)

    def offer(self, who=None, scope=Scope.PUBLIC, body="Ik kan klussen.", **draft):
        self.clock.tick(seconds=1)
        return self.do(offers.offer, who or self.sam, offers.Draft(body=body, scope=scope, **draft))

    # elsewhere

    def peer(self, domain, standing=Standing.PILOT):
        return self.do(peers.decide, domain, standing)

    def circle(self, domain):
        """A server that we trust as a pilot, that was met, and that trusts us too."""
        self.peer(domain)
        uri = f"https://{domain}/actor"
        application = self.stranger(
            "actor", domain, kind=ActorKind.APPLICATION, uri=uri, inbox=f"{uri}/inbox"
        )
        peer = self.do(lambda tx: tx.get(Peer, domain))
        self.do(lambda tx: tx.save(replace(peer, application_uri=uri)))
        group = self.do(lambda tx: tx.one(Actor, uri=tx.home.group_uri))
        self.do(follows.receive, application, group, f"https://{domain}/follows/1")

    def stranger(self, name="henk", domain="nieuwland.example", **more):
        """Somebody on another server; the same one for the same name."""
        uri = f"https://{domain}/u/{name}"
        given = {
            "id": "",
            "uri": uri,
            "kind": ActorKind.PERSON,
            "handle": name,
            "domain": domain,
            "name": name.title(),
            "inbox": f"{uri}/inbox",
            "local": False,
            **more,
        }

        def remember(tx):
            actor = tx.one(Actor, uri=uri)
            if actor is None:
                actor = Actor(**given | {"id": tx.new_id()})
                tx.add(actor)
            return actor

        return self.do(remember)

    def question_by(self, author, name="q1", **more):
        """A question as it comes in from its author's server."""
        base = f"https://{author.domain}"
        given = {
            "title": "Wie kent een klusser?",
            "topics": (),
            "status": "open",
            "pilot_uri": "",
            "helpful_uri": f"{base}/q/{name}/helpful",
            "replies_uri": "",
            "context_uri": "",
        }
        return ArrivedQuestion(**self._arrival(author, f"{base}/q/{name}") | given | more)

    def answer_by(self, author, parent, name="a1", **more):
        """An answer to `parent` as it comes in from its author's server."""
        given = {"parent_uri": parent.uri, "perspective": Perspective.RESIDENT}
        uri = f"https://{author.domain}/a/{name}"
        return ArrivedAnswer(**self._arrival(author, uri) | given | more)

    def offer_by(self, author, question=None, name="o1", **more):
        """An offer as it comes in from its author's server."""
        given = {
            "pilot_uri": "",
            "question_uri": question.uri if question else "",
            "topics": (),
            "availability": "",
        }
        uri = f"https://{author.domain}/o/{name}"
        return ArrivedOffer(**self._arrival(author, uri) | given | more)

    def _arrival(self, author, uri):
        return {
            "activity_uri": f"{uri}#create",
            "uri": uri,
            "url": uri,
            "author": author,
            "body": "Tekst",
            "html": "<p>Tekst</p>",
            "scope": Scope.PUBLIC,
            "language": "nl",
            "caution": Caution(),
            "attachments": (),
            "published_at": self.clock.moment,
            "edited_at": None,
        }

    def take(self, arrived):
        """Let something from elsewhere come in."""
        return self.do(RECEIVE[type(arrived)], arrived)

    def edited(self, arrived, **more):
        """The same, edited a minute later than it was published."""
        changes = {"body": "Anders", "html": "<p>Anders</p>", "activity_uri": f"{arrived.uri}#update"}
        edited_at = arrived.published_at + timedelta(minutes=1)
        return replace(arrived, **{"edited_at": edited_at, **changes, **more})

    def three_arrivals(self, author, name="x", **more):
        """One of each kind by the same author, and a question of ours for the answer to stand under."""
        return [
            self.question_by(author, name, **more),
            self.answer_by(author, self.ask(), name, **more),
            self.offer_by(author, None, name, **more),
        ]
