"""Questions, answers and offers as one stream, as clients of the Mastodon API read them: newest first, by id.

Each list costs the same number of statements, however long it is; what one viewer thinks of a thing is merged in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true

from storage import finding, media, silence
from storage.joined import load, pilot_of, rows_of, with_author
from storage.media import MediaView
from storage.reading import Reading
from storage.tables import tables, terms
from storage.visibility import about, farthest, readable_question, readable_reply, scopes_of, state_of
from vraagbaak import audience
from vraagbaak.audience import READABLE_REPLIES, Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import (
    Actor,
    Answer,
    Bookmark,
    Boost,
    Follow,
    FollowState,
    Helped,
    Like,
    Mark,
    Media,
    Offer,
    Pilot,
    Pin,
    Question,
    Silence,
    Thing,
)

_question = tables[Question]
_answer = tables[Answer]
_offer = tables[Offer]
_mark = tables[Mark]
_follow = tables[Follow]
_KINDS: tuple[tuple[type[Thing], Any], ...] = ((Question, _question), (Answer, _answer), (Offer, _offer))
LONGEST_THREAD = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a list: what is older than `max_id`, newer than `since_id`, or just after `min_id`."""

    max_id: str = ""
    since_id: str = ""
    min_id: str = ""
    limit: int = 20

    def within(self, column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The same as conditions."""
        newer = self.min_id or self.since_id
        return [*([column < self.max_id] if self.max_id else []), *([column > newer] if newer else [])]

    def order(self, column: ColumnElement[Any]) -> Any:
        """Newest first; upwards from `min_id`, of which the nearest are wanted."""
        return column.asc() if self.min_id else column.desc()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusView:
    """One thing with everything that a client shows beside it."""

    thing: Thing
    author: Actor
    pilot: Pilot | None
    question: Question | None = None
    """The question of an answer, or of an offer in reply to one."""
    parent_id: str | None = None
    parent_author: Actor | None = None
    replies: int = 0
    mark: Helped | None = None
    muted: bool = False
    liked: bool = False
    kept: bool = False
    passed_on: bool = False
    first: bool = False
    media: tuple[MediaView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the stream: all filters narrow."""

    kinds: tuple[type[Thing], ...] = (Question, Offer)
    local: bool = False
    remote: bool = False
    topic: str = ""
    author_id: str = ""
    of_member: str = ""
    """The actor of a member: what stands in their home timeline."""
    interests: Sequence[str] = ()
    """Topics that stand there too."""
    at_rest: str = ""
    """A member: whom and what they keep away is left out."""
    without_replies: bool = False
    uris: Sequence[str] | None = None
    liked_by: str = ""
    """An actor."""
    kept_by: str = ""
    """A member."""
    with_media: bool = False
    words: Sequence[Sequence[str]] | None = None
    """Terms: of each group one stands in it. Without any group nothing is wanted."""


def stream(reading: Reading, viewer: Viewer, wanted: Wanted, place: Place) -> list[StatusView]:
    """What this viewer may read of it, newest first."""
    found: list[tuple[str, type[Thing]]] = []
    for kind, table in _KINDS:
        if kind in wanted.kinds:
            statement = _of_kind(viewer, wanted, kind).where(*place.within(table.c.id))
            statement = statement.order_by(place.order(table.c.id)).limit(place.limit)
            found += [(key, kind) for key in reading.execute(statement).scalars()]
    found.sort(key=lambda each: each[0], reverse=not place.min_id)
    chosen = found[: place.limit]
    shown = views(reading, viewer, chosen)
    return sorted(shown, key=lambda view: view.thing.id, reverse=True)


def holds(reading: Reading, viewer: Viewer, wanted: Wanted, thing: Thing) -> bool:
    """Whether this thing is in that part of the stream."""
    if type(thing) not in wanted.kinds:
        return False
    found = _of_kind(viewer, wanted, type(thing)).where(dict(_KINDS)[type(thing)].c.id == thing.id)
    return reading.execute(found.limit(1)).first() is not None


def _of_kind(viewer: Viewer, wanted: Wanted, kind: type[Thing]) -> Select[Any]:
    """The ids of what this viewer may read of it, of one kind."""
    table = dict(_KINDS)[kind]
    statement = select(table.c.id).where(*_conditions(table, viewer, wanted))
    if table is not _question:
        statement = statement.join(_question, _question.c.id == table.c.question_id, isouter=table is _offer)
    return statement


def uris_of(viewer: Viewer, wanted: Wanted) -> list[Any]:
    """The uris of what this viewer may read of it, as a select for each kind."""
    found = []
    for kind, table in _KINDS:
        if kind in wanted.kinds:
            statement = select(table.c.uri).where(*_conditions(table, viewer, wanted))
            if table is not _question:
                statement = statement.join(
                    _question, _question.c.id == table.c.question_id, isouter=table is _offer
                )
            found.append(statement)
    return found


def at(reading: Reading, viewer: Viewer, uris: Sequence[str]) -> list[StatusView]:
    """What has these uris; whether the viewer may have it was judged before."""
    keys = [
        (key, kind)
        for kind, table in _KINDS
        for key in reading.execute(select(table.c.id).where(table.c.uri.in_(uris))).scalars()
    ]
    return views(reading, viewer, keys)


def _conditions(table: Any, viewer: Viewer, wanted: Wanted) -> list[ColumnElement[bool]]:
    judged = [readable_question(viewer)] if table is not _offer else [_stands_alone_or_in(viewer)]
    judged += [readable_reply(table, viewer)] if table is not _question else []
    if wanted.local:
        judged.append(table.c.local == 1)
    if wanted.remote:
        judged.append(table.c.local == 0)
    if wanted.topic:
        judged.append(about((_question if table is _answer else table).c.topics, wanted.topic))
    if wanted.author_id:
        # What several people asked through the shared account is never put together.
        shared = select(tables[Actor].c.id).where(tables[Actor].c.shared == 1)
        judged += [table.c.author_id == wanted.author_id, table.c.author_id.not_in(shared)]
    if wanted.without_replies and table is _offer:
        judged.append(_offer.c.question_id.is_(None))
    if wanted.uris is not None:
        judged.append(table.c.uri.in_(wanted.uris))
    if wanted.liked_by:
        liked = tables[Like]
        judged.append(table.c.uri.in_(select(liked.c.object_uri).where(liked.c.actor_id == wanted.liked_by)))
    if wanted.kept_by:
        kept = tables[Bookmark]
        judged.append(table.c.uri.in_(select(kept.c.thing_uri).where(kept.c.member_id == wanted.kept_by)))
    if wanted.with_media:
        judged.append(table.c.uri.in_(select(tables[Media].c.thing_uri)))
    if wanted.words is not None:
        judged.append(true() if wanted.words else false())
        judged += [_says(table, viewer, wording) for wording in wanted.words]
    if wanted.at_rest:
        judged.append(silence.welcome_actor(table.c.author_id, wanted.at_rest))
        if table is not _question:
            judged.append(
                or_(
                    table.c.question_id.is_(None),
                    silence.welcome_actor(_question.c.author_id, wanted.at_rest),
                )
            )
    if wanted.of_member:
        judged.append(_at_home(table, wanted.of_member, wanted.interests))
    return judged


def _stands_alone_or_in(viewer: Viewer) -> ColumnElement[bool]:
    """An offer in reply to a question is there for who may see the question."""
    return or_(_offer.c.question_id.is_(None), readable_question(viewer))


def _says(table: Any, viewer: Viewer, wording: Sequence[str]) -> ColumnElement[bool]:
    """One of these terms stands in it, as the index knows: so it is past review, too."""
    known = next(terms[kind] for kind, each in _KINDS if each is table)
    said = select(known.c.thing_id).where(known.c.term.in_(wording), known.c.reach <= farthest(viewer))
    found: ColumnElement[bool] = table.c.id.in_(said)
    return found


def _at_home(table: Any, actor_id: str, topics: Sequence[str]) -> ColumnElement[bool]:
    """What a member's home timeline holds: the own neighbourhood, and whom and what they follow."""
    followed = select(_follow.c.target_id).where(
        _follow.c.follower_id == actor_id, _follow.c.state == FollowState.ACCEPTED.value
    )
    theirs = table.c.author_id.in_(followed)
    if table is _answer:
        return or_(theirs, _answer.c.author_id == actor_id, _question.c.author_id == actor_id)
    pilots = select(tables[Pilot].c.id).where(tables[Pilot].c.actor_id.in_(followed))
    liked = [about(table.c.topics, topic) for topic in topics]
    return or_(theirs, table.c.local == 1, table.c.pilot_id.in_(pilots), *liked)


def one(reading: Reading, viewer: Viewer, key: str) -> StatusView:
    """One thing by its id. Raises Unknown when it is not there or not for this viewer, the same either way."""
    thing = thing_called(reading, viewer, key)
    found = views(reading, viewer, [(thing.id, type(thing))])
    if not found:
        raise Unknown
    return found[0]


def several(reading: Reading, viewer: Viewer, keys: Sequence[str]) -> list[StatusView]:
    """Those of these things that are there and for this viewer, in this order."""
    found: dict[str, Thing] = {}
    for kind, _ in _KINDS:
        found |= _by_id(reading, kind, keys)
    threads = {thing.id: thing for thing in found.values() if isinstance(thing, Question)}
    above = {thing.question_id for thing in found.values() if not isinstance(thing, Question)}
    threads |= _by_id(reading, Question, {key for key in above if key} - set(threads))
    seen = [
        (key, type(thing))
        for key in keys
        if (thing := found.get(key))
        and audience.may_see(viewer, thing)
        and (
            isinstance(thing, Question)
            or not thing.question_id
            or _sees(viewer, threads.get(thing.question_id))
        )
    ]
    return views(reading, viewer, seen)


def _sees(viewer: Viewer, thread: Question | None) -> bool:
    return thread is not None and audience.may_see(viewer, thread)


def thing_called(reading: Reading, viewer: Viewer, key: str) -> Thing:
    """The thing with this id, of whatever kind. Raises Unknown when it is not there or not for this viewer."""
    for kind, _ in _KINDS:
        with contextlib.suppress(Unknown):
            return finding.found(reading, viewer, kind, key)
    raise Unknown


def thread(reading: Reading, viewer: Viewer, key: str) -> tuple[list[StatusView], list[StatusView]]:
    """What stands above a thing, the question first, and all that was said below it, oldest first. Raises Unknown."""
    thing = thing_called(reading, viewer, key)
    question_id = thing.id if isinstance(thing, Question) else thing.question_id
    if question_id is None:
        return [], []
    keys: list[tuple[str, type[Thing]]] = [(question_id, Question)]
    for kind, table in _KINDS[1:]:
        said = select(table.c.id).where(table.c.question_id == question_id, readable_reply(table, viewer))
        found = reading.execute(said.order_by(table.c.id).limit(LONGEST_THREAD)).scalars()
        keys += [(each, kind) for each in found]
    shown = {view.thing.id: view for view in views(reading, viewer, keys)}
    above = _above(shown, key)
    return above, sorted(_below(shown, key), key=lambda view: view.thing.id)


def _above(shown: dict[str, StatusView], key: str) -> list[StatusView]:
    found: list[StatusView] = []
    view = shown.get(key)
    while view and view.parent_id and len(found) < LONGEST_THREAD:
        view = shown.get(view.parent_id)
        if view:
            found.insert(0, view)
    return found


def _below(shown: dict[str, StatusView], key: str) -> list[StatusView]:
    under: dict[str, list[StatusView]] = {}
    for view in shown.values():
        if view.parent_id:
            under.setdefault(view.parent_id, []).append(view)
    found: list[StatusView] = []
    waiting = under.pop(key, [])
    while waiting:
        view = waiting.pop()
        found.append(view)
        waiting += under.pop(view.thing.id, [])
    return found


def views(reading: Reading, viewer: Viewer, keys: Iterable[tuple[str, type[Thing]]]) -> list[StatusView]:
    """These things with all that is shown beside them, in the order asked for; those that are gone are left out.

    Whether the viewer may have them was judged before: nothing here asks again.
    """
    wanted = list(keys)
    loaded: dict[str, tuple[Thing, Actor, Pilot | None]] = {}
    for kind, table in _KINDS:
        ids = [key for key, its in wanted if its is kind]
        if ids:
            for row in rows_of(reading, with_author(table).where(table.c.id.in_(ids))):
                thing: Thing = load(kind, row)
                loaded[thing.id] = (thing, load(Actor, row), pilot_of(row))
    beside = _beside(reading, viewer, [each[0] for each in loaded.values()])
    return [_view(beside, *loaded[key]) for key, _ in wanted if key in loaded]


@dataclass(slots=True)
class _Beside:
    """What belongs to some things, found for all of them at once."""

    questions: dict[str, Question] = field(default_factory=dict)
    parents: dict[str, Answer] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)
    replies: dict[str, int] = field(default_factory=dict)
    marks: dict[str, Helped] = field(default_factory=dict)
    mine: dict[str, set[str]] = field(default_factory=dict)
    media: dict[str, tuple[MediaView, ...]] = field(default_factory=dict)


def _beside(reading: Reading, viewer: Viewer, things: list[Thing]) -> _Beside:
    replies = [thing for thing in things if not isinstance(thing, Question)]
    answers = [thing for thing in replies if isinstance(thing, Answer)]
    known = {thing.id: thing for thing in things}
    found = _Beside()
    questions = {thing.question_id for thing in replies if thing.question_id}
    found.questions = {each.id: each for each in known.values() if isinstance(each, Question)}
    found.questions |= _by_id(reading, Question, questions - set(found.questions))
    found.parents = {each.id: each for each in answers}
    found.parents |= _by_id(
        reading, Answer, {each.parent_id for each in answers if each.parent_id} - set(found.parents)
    )
    # A comment on what waits or was hidden stands right under the question, for who may not see that.
    found.parents = {key: each for key, each in found.parents.items() if audience.may_see(viewer, each)}
    above: list[Question | Answer] = [*found.questions.values(), *found.parents.values()] if replies else []
    found.people = _by_id(reading, Actor, {each.author_id for each in above})
    found.replies = _replies(reading, viewer, things)
    found.media = media.views(reading, things)
    if answers:
        marks = select(_mark.c.id, _mark.c.value).where(_mark.c.id.in_([each.id for each in answers]))
        found.marks = {key: Helped(value) for key, value in map(tuple, reading.execute(marks))}
    if viewer.member and things:
        found.mine = _of_viewer(
            reading,
            viewer.member.actor_id,
            viewer.member.id,
            [*(each.uri for each in things), *(each.uri for each in found.questions.values())],
        )
    return found


def _by_id(reading: Reading, kind: type[Any], ids: Iterable[str]) -> dict[str, Any]:
    wanted = list(ids)
    if not wanted:
        return {}
    table = tables[kind]
    found = rows_of(reading, select(table).where(table.c.id.in_(wanted)))
    return {each.id: each for each in (load(kind, row) for row in found)}


def _replies(reading: Reading, viewer: Viewer, things: list[Thing]) -> dict[str, int]:
    """How many answers each question has, and how many comments each answer."""
    readable = and_(
        _answer.c.scope.in_(scopes_of(viewer)),
        state_of(_answer).in_([status.value for status in READABLE_REPLIES]),
    )
    counted: dict[str, int] = {}
    for kind, column, more in (
        (Question, _answer.c.question_id, [_answer.c.parent_id.is_(None)]),
        (Answer, _answer.c.parent_id, []),
    ):
        ids = [thing.id for thing in things if isinstance(thing, kind)]
        if ids:
            statement = select(column, func.count()).where(column.in_(ids), readable, *more).group_by(column)
            counted |= dict(map(tuple, reading.execute(statement)))
    return counted


_OWN = (
    ("liked", tables[Like], "object_uri", "actor_id"),
    ("kept", tables[Bookmark], "thing_uri", "member_id"),
    ("passed_on", tables[Boost], "thing_uri", "actor_id"),
    ("quiet", tables[Silence], "about", "member_id"),
    ("first", tables[Pin], "thing_uri", "actor_id"),
)
"""What somebody can have of their own beside a thing: where it stands, and whose it is."""


def _of_viewer(reading: Reading, actor_id: str, member_id: str, uris: list[str]) -> dict[str, set[str]]:
    """By what the viewer did with a thing: the uris of those things."""
    keys = {"actor_id": actor_id, "member_id": member_id}
    return {
        what: set(
            reading.execute(
                select(table.c[column]).where(table.c[owner] == keys[owner], table.c[column].in_(uris))
            ).scalars()
        )
        for what, table, column, owner in _OWN
    }


def minded(reading: Reading, uris: Sequence[str]) -> frozenset[str]:
    """The actors and members who have something of their own beside these things: nobody else's view differs by it."""
    return frozenset(
        key
        for _, table, column, owner in _OWN
        for key in reading.execute(select(table.c[owner]).where(table.c[column].in_(uris))).scalars()
    )


def _view(beside: _Beside, thing: Thing, author: Actor, pilot: Pilot | None) -> StatusView:
    question = None if isinstance(thing, Question) else beside.questions.get(thing.question_id or "")
    parent = beside.parents.get(thing.parent_id or "") if isinstance(thing, Answer) else None
    above: Thing | None = parent or question
    mine = {what for what, uris in beside.mine.items() if thing.uri in uris}
    return StatusView(
        thing=thing,
        author=author,
        pilot=pilot,
        question=question,
        parent_id=above.id if above else None,
        parent_author=beside.people.get(above.author_id) if above else None,
        replies=beside.replies.get(thing.id, 0),
        mark=beside.marks.get(thing.id),
        liked="liked" in mine,
        kept="kept" in mine,
        passed_on="passed_on" in mine,
        first="first" in mine,
        media=beside.media.get(thing.uri, ()),
        muted=(question or thing).uri in beside.mine.get("quiet", ()),
    )
