"""Questions, answers and offers with all that stands beside them, as clients of the Mastodon API read them.

Each list costs the same number of statements, however long it is; what one viewer thinks of a thing is merged in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, union_all

from storage import boosts, finding, media, stream
from storage.boosts import Passed
from storage.joined import parts, with_author
from storage.mapping import mapper
from storage.media import MediaView
from storage.reading import Reading
from storage.statements import Prepared, among, once, prepared
from storage.stream import KINDS, Found, Place, Wanted
from storage.tables import tables
from storage.visibility import Eyes, eyes_of, given_by, one_of, seen, state_of
from vraagbaak import audience, filtering
from vraagbaak.audience import READABLE_REPLIES, Viewer
from vraagbaak.errors import Unknown
from vraagbaak.filtering import Caught
from vraagbaak.model import (
    Actor,
    Answer,
    Bookmark,
    Boost,
    Filter,
    Helped,
    Like,
    Mark,
    Pilot,
    Pin,
    Question,
    Scope,
    Silence,
    Thing,
)

_answer = tables[Answer]
_mark = tables[Mark]
_TABLE = dict(KINDS)
LONGEST_THREAD = 1000


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
    filtered: tuple[Caught, ...] = ()
    """Which of the viewer's filters it falls under."""
    passed: Passed | None = None
    """Whoever passes it on, where that is what is shown."""

    @property
    def key(self) -> str:
        """The id by which it stands in a list."""
        return self.passed[0].id if self.passed else self.thing.id


def listed(reading: Reading, viewer: Viewer, wanted: Wanted, place: Place) -> list[StatusView]:
    """What this viewer may read of a stream, newest first, with what was passed on to them."""
    found = stream.keys(reading, viewer, wanted, place)
    passed = boosts.page(reading, viewer, wanted, place)
    if not passed:
        return views(reading, viewer, found)
    keys = sorted([*(key for key, _ in found), *(boost.id for boost, _ in passed)], reverse=not place.min_id)
    chosen = set(keys[: place.limit])
    found = [each for each in found if each[0] in chosen]
    passed = [each for each in passed if each[0].id in chosen]
    inside = stream.keys_at(reading, [boost.thing_uri for boost, _ in passed])
    shown = {view.thing.uri: view for view in views(reading, viewer, dict.fromkeys([*found, *inside]))}
    own = {key for key, _ in found}
    stands = [view for view in shown.values() if view.thing.id in own]
    stands += [
        replace(shown[each[0].thing_uri], passed=each) for each in passed if each[0].thing_uri in shown
    ]
    return sorted(stands, key=lambda view: view.key, reverse=True)


def at(reading: Reading, viewer: Viewer, uris: list[str]) -> list[StatusView]:
    """What has these uris; whether the viewer may have it was judged before."""
    return views(reading, viewer, stream.keys_at(reading, uris))


def one(reading: Reading, viewer: Viewer, key: str) -> StatusView:
    """One thing by its id. Raises Unknown when it is not there or not for this viewer, the same either way."""
    thing = thing_called(reading, viewer, key)
    found = views(reading, viewer, [(thing.id, type(thing))])
    if not found:
        raise Unknown
    return found[0] if thing.id == key else replace(found[0], passed=boosts.called(reading, key))


def several(reading: Reading, viewer: Viewer, keys: Sequence[str]) -> list[StatusView]:
    """Those of these things that are there and for this viewer, in this order."""
    found: dict[str, Thing] = {}
    for kind, _ in KINDS:
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
    """The thing with this id, of whatever kind, or that is passed on under it.

    Raises Unknown when it is not there or not for this viewer.
    """
    for kind, _ in KINDS:
        with contextlib.suppress(Unknown):
            return finding.found(reading, viewer, kind, key)
    passed = boosts.called(reading, key)
    thing = finding.found_at(reading, viewer, passed[0].thing_uri) if passed else None
    if thing is None:
        raise Unknown
    return thing


def thread(reading: Reading, viewer: Viewer, key: str) -> tuple[list[StatusView], list[StatusView]]:
    """What stands above a thing, the question first, and all that was said below it, oldest first. Raises Unknown."""
    thing = thing_called(reading, viewer, key)
    question_id = thing.id if isinstance(thing, Question) else thing.question_id
    if question_id is None:
        return [], []
    keys: list[Found] = [(question_id, Question)]
    given = given_by(viewer) | {"question": question_id}
    for kind, _ in KINDS[1:]:
        said = _said_under(kind, eyes_of(viewer), reading.dialect)
        keys += [(each, kind) for (each,) in reading.rows(said, given)]
    shown = {view.thing.id: view for view in views(reading, viewer, keys)}
    above = _above(shown, thing.id)
    return above, sorted(_below(shown, thing.id), key=lambda view: view.thing.id)


@once
def _said_under(kind: type[Thing], eyes: Eyes, dialect: str) -> Prepared:
    table = _TABLE[kind]
    said = select(table.c.id).where(table.c.question_id == bindparam("question"), seen(table, eyes))
    return prepared(said.order_by(table.c.id).limit(literal_column(str(LONGEST_THREAD))), dialect)


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


def views(reading: Reading, viewer: Viewer, keys: Iterable[Found]) -> list[StatusView]:
    """These things with all that is shown beside them, in the order asked for; those that are gone are left out.

    Whether the viewer may have them was judged before: nothing here asks again.
    """
    wanted = list(keys)
    loaded: dict[str, tuple[Thing, Actor, Pilot | None]] = {}
    for kind, _ in KINDS:
        ids = [key for key, its in wanted if its is kind]
        if ids:
            given = {"keys": reading.array(ids)}
            for thing, author, pilot in parts(reading.rows(_whole(kind, reading.dialect), given), kind):
                loaded[thing.id] = (thing, author, pilot)
    beside = _beside(reading, viewer, [each[0] for each in loaded.values()])
    return [_view(beside, *loaded[key]) for key, _ in wanted if key in loaded]


@once
def _whole(kind: type[Thing], dialect: str) -> Prepared:
    table = _TABLE[kind]
    return prepared(with_author(table).where(among(table.c.id, "keys", dialect)), dialect)


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
    filters: tuple[Filter, ...] = ()


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
        given = {"keys": reading.array(each.id for each in answers)}
        marks = reading.rows(_marks(reading.dialect), given)
        found.marks = {key: Helped(value) for key, value in marks}
    if viewer.member and things:
        found.filters = filtering.active(reading.find(Filter, member_id=viewer.member.id), reading.now)
        found.mine = _of_viewer(
            reading,
            viewer.member.actor_id,
            viewer.member.id,
            [*(each.uri for each in things), *(each.uri for each in found.questions.values())],
        )
    return found


@once
def _marks(dialect: str) -> Prepared:
    return prepared(select(_mark.c.id, _mark.c.value).where(among(_mark.c.id, "keys", dialect)), dialect)


def _by_id(reading: Reading, kind: type[Any], ids: Iterable[str]) -> dict[str, Any]:
    wanted = list(ids)
    if not wanted:
        return {}
    rows = reading.rows(_with_ids(kind, reading.dialect), {"keys": reading.array(wanted)})
    return {each.id: each for each in map(mapper(kind).thing, rows)}


@once
def _with_ids(kind: type[Any], dialect: str) -> Prepared:
    table = tables[kind]
    return prepared(select(table).where(among(table.c.id, "keys", dialect)), dialect)


def _replies(reading: Reading, viewer: Viewer, things: list[Thing]) -> dict[str, int]:
    """How many answers each question has, and how many comments each answer."""
    counted: dict[str, int] = {}
    for kind in (Question, Answer):
        ids = [thing.id for thing in things if isinstance(thing, kind)]
        if ids:
            count = _counted(kind, viewer.scopes, reading.dialect)
            counted |= dict(reading.rows(count, {"keys": reading.array(ids)}))
    return counted


@once
def _counted(under: type[Thing], scopes: frozenset[Scope], dialect: str) -> Prepared:
    column = _answer.c.question_id if under is Question else _answer.c.parent_id
    readable = [one_of(_answer.c.scope, scopes), one_of(state_of(_answer), READABLE_REPLIES)]
    statement = select(column, func.count()).where(among(column, "keys", dialect), *readable)
    if under is Question:
        statement = statement.where(_answer.c.parent_id.is_(None))
    return prepared(statement.group_by(column), dialect)


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
    found: dict[str, set[str]] = {}
    given = {"actor_id": actor_id, "member_id": member_id, "uris": reading.array(uris)}
    for what, uri in reading.rows(_own(reading.dialect), given):
        found.setdefault(what, set()).add(uri)
    return found


@once
def _own(dialect: str) -> Prepared:
    own = (
        select(literal_column(f"'{what}'"), table.c[column]).where(
            table.c[owner] == bindparam(owner), among(table.c[column], "uris", dialect)
        )
        for what, table, column, owner in _OWN
    )
    return prepared(union_all(*own), dialect)


def minded(reading: Reading, uris: Sequence[str]) -> frozenset[str]:
    """The actors and members who have something of their own beside these things: nobody else's view differs by it."""
    rows = reading.rows(_minded(reading.dialect), {"uris": reading.array(uris)})
    return frozenset(key for (key,) in rows)


@once
def _minded(dialect: str) -> Prepared:
    own = (
        select(table.c[owner]).where(among(table.c[column], "uris", dialect))
        for _, table, column, owner in _OWN
    )
    return prepared(union_all(*own), dialect)


def _view(beside: _Beside, thing: Thing, author: Actor, pilot: Pilot | None) -> StatusView:
    question = None if isinstance(thing, Question) else beside.questions.get(thing.question_id or "")
    parent = beside.parents.get(thing.parent_id or "") if isinstance(thing, Answer) else None
    above: Thing | None = parent or question
    mine = {what for what, uris in beside.mine.items() if thing.uri in uris}
    pictures = beside.media.get(thing.uri, ())
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
        media=pictures,
        filtered=filtering.caught(beside.filters, thing, (each.media.description for each in pictures))
        if beside.filters
        else (),
        muted=(question or thing).uri in beside.mine.get("quiet", ()),
    )
