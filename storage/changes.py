"""What a unit of work changed, for whoever listens after its commit: ids, and who could see a thing before. No words.

A unit notes it where it writes, so that nothing can change unheard, whichever part of the domain or other server did it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from vraagbaak import audience
from vraagbaak.audience import Sight
from vraagbaak.model import Actor, Answer, Boost, Filter, Mark, Member, Notice, Offer, Question, Thing, Token
from vraagbaak.ports import Reads

LARGEST_NOTE = 7_000
"""Bytes of one message between processes; PostgreSQL takes 7999."""


class ThingChanged(msgspec.Struct, frozen=True, kw_only=True, tag="thing"):
    """A question, answer or offer is new, other than it was, for other people, or gone."""

    kind: str
    key: str
    before: Sight | None
    """Who could see it until then; None for what is new."""


class NoticeMade(msgspec.Struct, frozen=True, kw_only=True, tag="notice"):
    """A member is told something."""

    key: str
    member_id: str


class AccessChanged(msgspec.Struct, frozen=True, kw_only=True, tag="access"):
    """A token, a member or an actor of ours is gone, or may do other things than before."""

    token_id: str = ""
    member_id: str = ""
    actor_id: str = ""


class BoostMade(msgspec.Struct, frozen=True, kw_only=True, tag="boost"):
    """A member passed something on."""

    key: str


class BoostGone(msgspec.Struct, frozen=True, kw_only=True, tag="unboost"):
    """And took it back."""

    key: str
    actor_id: str


class FiltersChanged(msgspec.Struct, frozen=True, kw_only=True, tag="filters"):
    """A member wants other things filtered."""

    member_id: str


class Unheard(msgspec.Struct, frozen=True, kw_only=True, tag="unheard"):
    """Another process changed something, and what that was cannot be said."""


News = ThingChanged | NoticeMade | BoostMade | BoostGone | FiltersChanged
"""What listeners are told of; the rest is about who may listen."""
Change = News | AccessChanged | Unheard
KINDS: dict[str, type[Thing]] = {"question": Question, "answer": Answer, "offer": Offer}
_NAMES: dict[type[Any], str] = {kind: name for name, kind in KINDS.items()}
_ACCESS = {Token: "token_id", Member: "member_id", Actor: "actor_id"}


class Watch:
    """Notes what one unit of work changes. What it changes twice is noted once, as it was at first."""

    def __init__(self) -> None:
        self._noted: dict[str, Change] = {}

    @property
    def changes(self) -> tuple[Change, ...]:
        """All of it, in the order in which it began."""
        return tuple(self._noted.values())

    def adding(self, reading: Reads, thing: object) -> None:
        """Something new is written next."""
        if type(thing) in _NAMES:
            self._note(thing.id, ThingChanged(kind=_NAMES[type(thing)], key=thing.id, before=None))  # type: ignore[attr-defined]  # all have an id
        elif isinstance(thing, Notice):
            self._note(thing.id, NoticeMade(key=thing.id, member_id=thing.member_id))
        elif isinstance(thing, Mark):
            self._touch(reading, Answer, thing.id)
        elif isinstance(thing, Boost):
            self._note(thing.id, BoostMade(key=thing.id))
        elif isinstance(thing, Filter):
            self._filters(thing)

    def saving(self, reading: Reads, thing: Any) -> None:
        """Something that is there is written anew next."""
        if type(thing) in _NAMES:
            known = reading.one(type(thing), id=thing.id)
            if known and _shown(known) != _shown(thing):
                self._moved(reading, known, thing)
        elif isinstance(thing, Mark):
            self._touch(reading, Answer, thing.id)
        elif isinstance(thing, Member) or (isinstance(thing, Actor) and thing.local):
            self._access(thing)
        elif isinstance(thing, Filter):
            self._filters(thing)

    def removing(self, reading: Reads, thing: Any) -> None:
        """Something goes next, with what hangs on it."""
        if type(thing) in _NAMES:
            known = reading.one(type(thing), id=thing.id)
            if known:
                self._moved(reading, known, None)
        elif isinstance(thing, Mark):
            self._touch(reading, Answer, thing.id)
        elif type(thing) in _ACCESS:
            self._access(thing)
        elif isinstance(thing, Boost):
            self._noted.pop(thing.id, None)
            self._note(thing.id, BoostGone(key=thing.id, actor_id=thing.actor_id))
        elif isinstance(thing, Filter):
            self._filters(thing)

    def _moved(self, reading: Reads, known: Thing, after: Thing | None) -> None:
        """With a question that other people see from now on, what stands under it moves too."""
        replies: Iterable[Answer | Offer] = ()
        if isinstance(known, Question) and (after is None or audience.sight(known) != audience.sight(after)):
            replies = [
                *reading.find(Answer, question_id=known.id),
                *reading.find(Offer, question_id=known.id),
            ]
        for each in (known, *replies):
            self._note(
                each.id, ThingChanged(kind=_NAMES[type(each)], key=each.id, before=self._seen(reading, each))
            )

    def _touch(self, reading: Reads, kind: type[Thing], key: str) -> None:
        known = reading.one(kind, id=key)
        if known:
            self._note(key, ThingChanged(kind=_NAMES[kind], key=key, before=self._seen(reading, known)))

    def _seen(self, reading: Reads, known: Thing) -> Sight:
        """Who could see it when this unit began: the question above it may have been changed by now."""
        above = None if isinstance(known, Question) else self._noted.get(known.question_id or "")
        if isinstance(above, ThingChanged) and above.before:
            return audience.sight(known, above.before)
        return audience.sight_here(reading, known)

    def _access(self, thing: Any) -> None:
        change = AccessChanged(**{_ACCESS[type(thing)]: thing.id})
        self._note(f"access {thing.id}", change)

    def _filters(self, changed: Filter) -> None:
        self._note(f"filters {changed.member_id}", FiltersChanged(member_id=changed.member_id))

    def _note(self, key: str, change: Change) -> None:
        self._noted.setdefault(key, change)


def _shown(thing: Thing) -> Thing:
    """The thing without what nobody sees of it."""
    return replace(thing, gathered_at=None, stated=thing.status) if isinstance(thing, Question) else thing


def packed(sender: str, changes: Sequence[Change]) -> Iterator[str]:
    """The changes as messages between processes, each small enough."""
    waiting: list[bytes] = []
    for change in changes:
        encoded = msgspec.json.encode(change)
        if waiting and sum(map(len, waiting)) + len(waiting) + len(encoded) > LARGEST_NOTE:
            yield _message(sender, waiting)
            waiting = []
        waiting.append(encoded)
    if waiting:
        yield _message(sender, waiting)


def _message(sender: str, changes: list[bytes]) -> str:
    return f"{sender} [{b','.join(changes).decode()}]"


def unpacked(message: str, own: str) -> tuple[Change, ...]:
    """What a message says; nothing of one's own. A message that cannot be read stands for anything."""
    sender, _, rest = message.partition(" ")
    if sender == own:
        return ()
    try:
        return msgspec.json.decode(rest, type=tuple[Change, ...])
    except msgspec.MsgspecError:
        return (Unheard(),)
