"""Who hears what of a change: judged for each listener as it is now, by the rules of the timelines.

What was taken out of sight is told to who could see it, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from storage import boosts, filters, notices, silence, statuses
from storage.changes import KINDS, BoostGone, BoostMade, FiltersChanged, News, NoticeMade, ThingChanged
from storage.reading import Reading
from storage.statuses import StatusView
from storage.stream import Wanted, holds
from vraagbaak import audience
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, Answer, Follow, FollowState, Question, Scope, Thing
from web.mastodon import entities, notifications
from web.mastodon.streaming.streams import LIST, USER, Stream, hears_notices
from web.site import Visitor

RECENT = timedelta(hours=6)
"""What comes in later than that after it was written is no news (Mastodon 4.5: the same span)."""


@dataclass(frozen=True, slots=True)
class Ear:
    """One listener at this moment; `number` tells it from others."""

    number: int
    visitor: Visitor
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One message on one stream. `payload` is the JSON of an entity, or the id of what is gone; or there is none."""

    stream: Stream
    name: str
    payload: str | None


Told = list[tuple[int, Event]]


def told(reading: Reading, changes: Sequence[News], ears: Sequence[Ear]) -> Told:
    """What these listeners hear of these changes, by their numbers, in the order of the changes."""
    teller = _Teller(reading)
    found: Told = []
    for change in changes:
        match change:
            case NoticeMade():
                found += teller.notice(change, ears)
            case ThingChanged():
                found += teller.thing(change, ears)
            case BoostMade():
                found += teller.passed_on(change, ears)
            case BoostGone():
                found += teller.taken_back(change, ears)
            case FiltersChanged():
                found += _filters_changed(change, ears)
    return found


def _filters_changed(change: FiltersChanged, ears: Sequence[Ear]) -> Iterator[tuple[int, Event]]:
    for ear in ears:
        if ear.visitor.member and ear.visitor.member.id == change.member_id:
            yield from (
                (ear.number, Event(each, "filters_changed", None))
                for each in ear.streams
                if each.name == USER
            )


@dataclass(frozen=True, slots=True)
class _Like:
    """What listeners have in common who are shown one thing alike, but for what is their own."""

    scopes: frozenset[Scope]
    reviews: bool
    own: bool
    """Whether they wrote it, or what it replies to."""


class _Teller:
    """Judges once for all listeners that are alike, and writes once what several of them are shown alike."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._home = reading.home
        self._restful = silence.restful(reading)
        self._filtering = filters.owners(reading)
        self._held: dict[tuple[_Like, Wanted, str], bool] = {}
        self._minded: dict[str, frozenset[str]] = {}
        self._writers: dict[str, frozenset[str]] = {}
        self._shown: dict[tuple[_Like | str, str], StatusView] = {}
        self._written: dict[StatusView, str] = {}

    def notice(self, change: NoticeMade, ears: Sequence[Ear]) -> Iterator[tuple[int, Event]]:
        for ear in ears:
            member = ear.visitor.member
            if member and member.id == change.member_id and hears_notices(ear.visitor):
                try:
                    view = notices.one(self._reading, ear.visitor.viewer, change.key)
                except Unknown:
                    continue
                payload = msgspec.json.encode(notifications.shape(self._home, view)).decode()
                yield from (
                    (ear.number, Event(each, "notification", payload)) for each in ear.streams if each.tells
                )

    def thing(self, change: ThingChanged, ears: Sequence[Ear]) -> Iterator[tuple[int, Event]]:
        thing = self._reading.one(KINDS[change.kind], id=change.key)
        now = audience.sight_here(self._reading, thing) if thing else None
        name = _name(change, now)
        news = thing is not None and self._is_news(change, thing)
        for ear in ears:
            viewer = ear.visitor.viewer
            shows = [each for each in ear.streams if each.shows]
            if thing is None or now is None or not audience.could_see(viewer, now):
                if change.before and audience.could_see(viewer, change.before):
                    yield from ((ear.number, Event(each, "delete", change.key)) for each in shows)
            elif news or name != "update":
                for each in shows:
                    if self._holds(ear.visitor, each, thing):
                        yield ear.number, Event(each, name, self._payload(viewer, thing))

    def passed_on(self, change: BoostMade, ears: Sequence[Ear]) -> Iterator[tuple[int, Event]]:
        """By somebody whom the listener follows, or who is in the list."""
        for ear in ears:
            viewer = ear.visitor.viewer
            for each in ear.streams:
                wanted = each.wanted(self._reading, ear.visitor) if each.shows else None
                passed = boosts.holds(self._reading, viewer, wanted, change.key) if wanted else None
                thing = audience.thing_at(self._reading, passed[0].thing_uri) if passed else None
                if thing:
                    view = replace(self._view(viewer, thing), passed=passed)
                    yield ear.number, Event(each, "update", self._in_words(view))

    def taken_back(self, change: BoostGone, ears: Sequence[Ear]) -> Iterator[tuple[int, Event]]:
        """To whoever may have seen it; an id that an app does not know is nothing to it."""
        for ear in ears:
            member = ear.visitor.member
            if member and self._hears(member.actor_id, change.actor_id):
                yield from (
                    (ear.number, Event(each, "delete", change.key))
                    for each in ear.streams
                    if each.name in {USER, LIST}
                )

    def _hears(self, actor_id: str, other_id: str) -> bool:
        follow = self._reading.one(Follow, follower_id=actor_id, target_id=other_id)
        return actor_id == other_id or (follow is not None and follow.state is FollowState.ACCEPTED)

    def _is_news(self, change: ThingChanged, thing: Thing) -> bool:
        """Released after review, or just written.

        The moment of asking through the shared neighbour is nobody's to know, unless somebody else's deed stands between.
        """
        if change.before:
            return True
        author = self._reading.one(Actor, id=thing.author_id)
        return author is not None and not author.shared and self._reading.now - thing.published_at < RECENT

    def _holds(self, visitor: Visitor, stream: Stream, thing: Thing) -> bool:
        wanted = stream.wanted(self._reading, visitor)
        if wanted is None:
            return False
        if wanted.at_rest not in self._restful:
            wanted = replace(wanted, at_rest="")
        key = (self._like(visitor.viewer, thing), wanted, thing.id)
        if key not in self._held:
            self._held[key] = holds(self._reading, visitor.viewer, wanted, thing)
        return self._held[key]

    def _payload(self, viewer: Viewer, thing: Thing) -> str:
        return self._in_words(self._view(viewer, thing))

    def _view(self, viewer: Viewer, thing: Thing) -> StatusView:
        member = viewer.member
        alike: _Like | str = self._like(viewer, thing)
        if member and {member.id, member.actor_id} & (self._filtering | self._minded_of(thing)):
            alike = member.id
        key = (alike, thing.id)
        if key not in self._shown:
            (self._shown[key],) = statuses.views(self._reading, viewer, [(thing.id, type(thing))])
        return self._shown[key]

    def _in_words(self, view: StatusView) -> str:
        if view not in self._written:
            self._written[view] = msgspec.json.encode(entities.status(self._home, view)).decode()
        return self._written[view]

    def _like(self, viewer: Viewer, thing: Thing) -> _Like:
        own = viewer.member is not None and viewer.member.actor_id in self._writers_of(thing)
        return _Like(viewer.scopes, viewer.reviews, own)

    def _writers_of(self, thing: Thing) -> frozenset[str]:
        if thing.id not in self._writers:
            key = thing.parent_id if isinstance(thing, Answer) else None
            parent = self._reading.one(Answer, id=key) if key else None
            self._writers[thing.id] = frozenset({thing.author_id, *([parent.author_id] if parent else [])})
        return self._writers[thing.id]

    def _minded_of(self, thing: Thing) -> frozenset[str]:
        """Who has something of their own beside the thing, or beside the question that it stands under."""
        if thing.id not in self._minded:
            thread = None if isinstance(thing, Question) else audience.thread_of(self._reading, thing)
            uris = [thing.uri, *([thread.uri] if thread else [])]
            self._minded[thing.id] = statuses.minded(self._reading, uris)
        return self._minded[thing.id]


def _name(change: ThingChanged, now: audience.Sight | None) -> str:
    """What comes into the open for the first time is an `update`, in Mastodon's words; an edit is a `status.update`."""
    before = change.before
    return "update" if now and now.listed and (before is None or not before.listed) else "status.update"
