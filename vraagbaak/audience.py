"""The single answer to "who": who may see a thing, and which servers it is sent to.

Every page, list, feed, search and delivery asks here; nothing else decides, and nothing ever widens.
"""

from __future__ import annotations

from dataclasses import dataclass

from vraagbaak import peers
from vraagbaak.errors import NotYours, Refused, Unknown
from vraagbaak.model import (
    Actor,
    Answer,
    Member,
    Offer,
    Peer,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
    Thing,
)
from vraagbaak.ports import Reads

READABLE_QUESTIONS = frozenset({QuestionStatus.OPEN, QuestionStatus.ANSWERED, QuestionStatus.CLOSED})
READABLE_REPLIES = frozenset({ReplyStatus.SHOWN})


_NOTHING: frozenset[Scope] = frozenset()
_PUBLIC = frozenset({Scope.PUBLIC})
_OF_PILOTS = frozenset({Scope.PILOTS, Scope.PUBLIC})
_EVERYTHING = frozenset(Scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks: somebody without an account (the default), a member of ours, or another server."""

    member: Member | None = None
    standing: Standing | None = None
    """How we stand to the server that asks, proven by its signature; None for a browser."""
    returned: Question | None = None
    """What somebody without an account came back to with its code; it is used to look at that thread alone."""

    @property
    def me(self) -> str:
        """The actor through which the viewer speaks; empty for none."""
        if self.member:
            return self.member.actor_id
        return self.returned.author_id if self.returned else ""

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes of which this viewer may see anything at all."""
        if self.standing is Standing.REFUSED:
            return _NOTHING
        if self.member or self.returned:
            return _EVERYTHING
        return _OF_PILOTS if self.standing is Standing.PILOT else _PUBLIC

    @property
    def reviews(self) -> bool:
        """Whether this viewer sees what waits for review."""
        return self.member is not None and self.member.moderates


PASSER_BY = Viewer()


def server(tx: Reads, domain: str) -> Viewer:
    """The server that proved to be this one: a pilot only sees more than others when it trusts us too."""
    standing = peers.standing(tx, domain)
    if standing is Standing.PILOT and not peers.in_circle(tx, domain):
        standing = Standing.OPEN
    return Viewer(standing=standing)


def is_readable(thing: Thing) -> bool:
    """Whether the thing is past review and not hidden."""
    if isinstance(thing, Question):
        return thing.status in READABLE_QUESTIONS
    return thing.status in READABLE_REPLIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that decides who may see a thing, without a word of it: what remains when the thing is gone."""

    scope: Scope
    readable: bool
    author_id: str
    above: Sight | None = None
    """The same of the question that it stands under."""

    @property
    def listed(self) -> bool:
        """Whether everybody in its scope may see it: neither it nor what it stands under waits or is hidden."""
        return self.readable and (self.above is None or self.above.listed)


def sight(thing: Thing, above: Sight | None = None) -> Sight:
    """What decides who may see this thing, under a question of which that is known."""
    return Sight(scope=thing.scope, readable=is_readable(thing), author_id=thing.author_id, above=above)


def could_see(viewer: Viewer, seen: Sight) -> bool:
    """Whether this viewer may know that a thing seen so exists, and the question that it stands under."""
    if seen.scope not in viewer.scopes or (seen.above and not could_see(viewer, seen.above)):
        return False
    if seen.readable or viewer.reviews:
        return True
    return bool(viewer.me) and viewer.me == seen.author_id


def may_see(viewer: Viewer, thing: Thing) -> bool:
    """Whether this viewer may know that the thing exists."""
    return could_see(viewer, sight(thing))


def may_reach(tx: Reads, viewer: Viewer, thing: Thing) -> bool:
    """Whether this viewer may know that the thing exists, and the question that it stands under."""
    return could_see(viewer, sight_here(tx, thing))


def sight_here(tx: Reads, thing: Thing) -> Sight:
    """What decides at this moment who may see a thing."""
    thread = None if isinstance(thing, Question) else thread_of(tx, thing)
    return sight(thing, sight(thread) if thread else None)


def within_reach(standing: Standing, thing: Thing) -> bool:
    """Whether people on a server of this standing can have read a thing; what waits here is shown by its own home."""
    scopes = Viewer(standing=standing).scopes
    return thing.scope in scopes and (is_readable(thing) or not thing.local)


def refusal(tx: Reads, thing: Thing) -> Refused:
    """What somebody hears who reaches for another's thing: "not yours" only when everybody may see it (threat G05)."""
    return NotYours() if may_reach(tx, PASSER_BY, thing) else Unknown()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Where a thing goes when it leaves: nowhere, to named servers, or to everybody who follows."""

    everyone: bool = False
    """Addressed to Public: followers of the author and of the neighbourhood receive it."""
    pilots: tuple[Peer, ...] = ()
    """Servers trusted as pilots that receive it."""
    actors: tuple[Actor, ...] = ()
    """Actors elsewhere that it concerns: who asked the question, and who wrote the answer commented on."""

    @property
    def nobody(self) -> bool:
        """Whether nothing leaves this server."""
        return not (self.everyone or self.pilots or self.actors)


def trusted_pilots(tx: Reads) -> tuple[Peer, ...]:
    """The servers that 'alle proeftuinen' means at this moment: trusted as pilots, and trusting us."""
    return tuple(peer for peer in tx.find(Peer, standing=Standing.PILOT) if peers.trusts_us(tx, peer))


def recipients(tx: Reads, thing: Thing) -> Recipients:
    """Where a thing goes at this moment; asked again before every send, for trust can end."""
    if not is_readable(thing) or thing.scope is Scope.NEIGHBOURHOOD:
        return Recipients()
    question = thing if isinstance(thing, Question) else thread_of(tx, thing)
    if question is not None and not is_readable(question):
        return Recipients()
    everyone = thing.scope is Scope.PUBLIC
    if question is None or question.local:
        actors = _strangers(_replied_to(tx, thing)) if everyone else ()
        return Recipients(everyone=everyone, pilots=trusted_pilots(tx), actors=actors)
    return _into_a_thread_elsewhere(tx, question, thing)


def _into_a_thread_elsewhere(tx: Reads, question: Question, thing: Thing) -> Recipients:
    """A reply goes to the thread's home, which tells the others: only the home knows who is in its circle."""
    asker = tx.get(Actor, question.author_id)
    if thing.scope is Scope.PUBLIC:
        return Recipients(everyone=True, actors=_strangers([asker, *_replied_to(tx, thing)]))
    home = tx.one(Peer, id=asker.domain)
    return Recipients(pilots=(home,)) if home and peers.in_circle(tx, home.id) else Recipients()


def _replied_to(tx: Reads, thing: Thing) -> list[Actor]:
    """Who wrote the answer that this comments on."""
    parent = tx.one(Answer, id=thing.parent_id) if isinstance(thing, Answer) and thing.parent_id else None
    return [tx.get(Actor, parent.author_id)] if parent else []


def _strangers(actors: list[Actor]) -> tuple[Actor, ...]:
    """Those who are not ours, each once."""
    return tuple({actor.uri: actor for actor in actors if not actor.local}.values())


def thread_of(tx: Reads, reply: Answer | Offer) -> Question | None:
    """The question that an answer or offer belongs to, if any."""
    return tx.get(Question, reply.question_id) if reply.question_id else None


def thing_at(tx: Reads, uri: str) -> Thing | None:
    """The question, answer or offer under this uri, ours or somebody else's."""
    return tx.one(Question, uri=uri) or tx.one(Answer, uri=uri) or tx.one(Offer, uri=uri)
