"""Which questions, answers and offers stand in a list, newest first by id; what stands beside them is in `statuses`.

A statement is built once for each kind of list; whose list it is and what is looked for comes in its parameters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    bindparam,
    false,
    literal_column,
    or_,
    select,
    union_all,
)

from storage import lists, silence
from storage.reading import Reading
from storage.statements import Prepared, among, each_of, once, prepared
from storage.tables import tables, terms
from storage.visibility import REACHES, Eyes, eyes_of, given_by, listed_question, seen, topic_pattern
from vraagbaak.audience import Viewer
from vraagbaak.model import (
    Actor,
    Answer,
    Bookmark,
    Follow,
    FollowState,
    Like,
    Media,
    Offer,
    Pilot,
    Question,
    ReplyPolicy,
    Thing,
)

Found = tuple[str, type[Thing]]
"""The id of a thing, and what kind of thing it is."""

_question = tables[Question]
_answer = tables[Answer]
_offer = tables[Offer]
_follow = tables[Follow]
KINDS: tuple[tuple[type[Thing], Any], ...] = ((Question, _question), (Answer, _answer), (Offer, _offer))
_TABLE = dict(KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a list: what is older than `max_id`, newer than `since_id`, or just after `min_id`."""

    max_id: str = ""
    since_id: str = ""
    min_id: str = ""
    limit: int = 20

    @property
    def shape(self) -> Shape:
        """All that a statement depends on."""
        return Shape(bool(self.max_id), bool(self.min_id or self.since_id), bool(self.min_id))

    @property
    def given(self) -> dict[str, Any]:
        """The parameters of a statement that was made for this shape."""
        return {"older": self.max_id, "newer": self.min_id or self.since_id, "limit": self.limit}


@dataclass(frozen=True, slots=True)
class Shape:
    """Which ends a part of a list has, and whether it is read upwards."""

    older: bool
    newer: bool
    upwards: bool

    def cut(self, statement: Select[Any], column: ColumnElement[Any]) -> Select[Any]:
        """This part: newest first; upwards from `min_id`, of which the nearest are wanted."""
        if self.older:
            statement = statement.where(column < bindparam("older"))
        if self.newer:
            statement = statement.where(column > bindparam("newer"))
        order = column.asc() if self.upwards else column.desc()
        return statement.order_by(order).limit(bindparam("limit", type_=BigInteger))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which part of the stream: all filters narrow."""

    kinds: tuple[type[Thing], ...] = (Question, Offer)
    local: bool = False
    remote: bool = False
    topic: str = ""
    any_of: tuple[str, ...] = ()
    """Or one of these topics."""
    all_of: tuple[str, ...] = ()
    """And all of these."""
    none_of: tuple[str, ...] = ()
    """And none of these."""
    author_id: str = ""
    of_member: str = ""
    """The actor of a member: what stands in their home timeline, or in a list of theirs."""
    in_list: str = ""
    """A list of that member, instead."""
    replies: ReplyPolicy = ReplyPolicy.LISTED
    """Which replies stand in that list."""
    interests: tuple[str, ...] = ()
    """Topics that stand there too."""
    at_rest: str = ""
    """A member: whom and what they keep away is left out."""
    without_replies: bool = False
    uris: tuple[str, ...] | None = None
    liked_by: str = ""
    """An actor."""
    kept_by: str = ""
    """A member."""
    with_media: bool = False
    words: tuple[tuple[str, ...], ...] | None = None
    """Terms: of each group one stands in it. Without any group nothing is wanted."""


def keys(reading: Reading, viewer: Viewer, wanted: Wanted, place: Place) -> list[Found]:
    """What this viewer may read of it, newest first."""
    asked, given = _asked(wanted), _given(reading, viewer, wanted) | place.given
    found: list[Found] = []
    for kind in wanted.kinds:
        page = _page(kind, eyes_of(viewer), asked, place.shape, reading.dialect)
        found += [(key, kind) for (key,) in reading.rows(page, given)]
    found.sort(reverse=not place.min_id, key=_key)
    return sorted(found[: place.limit], reverse=True, key=_key)


def _key(found: Found) -> str:
    return found[0]


def holds(reading: Reading, viewer: Viewer, wanted: Wanted, thing: Thing) -> bool:
    """Whether this thing is in that part of the stream."""
    kind = type(thing)
    if kind not in wanted.kinds:
        return False
    given = _given(reading, viewer, wanted) | {"id": thing.id}
    return reading.row(_held(kind, eyes_of(viewer), _asked(wanted), reading.dialect), given) is not None


_ALL = Wanted()


def stands_at(uri: ColumnElement[Any], eyes: Eyes, dialect: str, asked: Wanted = _ALL) -> ColumnElement[bool]:
    """Whether under this uri stands anything that these eyes may see in lists (of this kind)."""
    return or_(
        *(
            _of_kind(kind, table.c.id, eyes, asked, dialect).where(table.c.uri == uri).exists()
            for kind, table in KINDS
        )
    )


def keys_at(reading: Reading, uris: list[str]) -> list[Found]:
    """What has these uris; whether somebody may have it is not asked here."""
    given = {"uris": reading.array(uris)}
    return [
        (key, kind) for kind, _ in KINDS for (key,) in reading.rows(_with_uris(kind, reading.dialect), given)
    ]


@once
def _page(kind: type[Thing], eyes: Eyes, asked: Wanted, part: Shape, dialect: str) -> Prepared:
    column = _TABLE[kind].c.id
    return prepared(part.cut(_of_kind(kind, column, eyes, asked, dialect), column), dialect)


@once
def _held(kind: type[Thing], eyes: Eyes, asked: Wanted, dialect: str) -> Prepared:
    column = _TABLE[kind].c.id
    return prepared(_of_kind(kind, column, eyes, asked, dialect).where(column == bindparam("id")), dialect)


@once
def _with_uris(kind: type[Thing], dialect: str) -> Prepared:
    table = _TABLE[kind]
    return prepared(select(table.c.id).where(among(table.c.uri, "uris", dialect)), dialect)


_ANYTHING = "?"


def _asked(wanted: Wanted) -> Wanted:
    """The same without what is looked for, of which only remains whether it is."""
    return replace(
        wanted,
        kinds=(),
        topic=wanted.topic and _ANYTHING,
        any_of=wanted.any_of and (_ANYTHING,),
        all_of=wanted.all_of and (_ANYTHING,),
        none_of=wanted.none_of and (_ANYTHING,),
        author_id=wanted.author_id and _ANYTHING,
        of_member=wanted.of_member and _ANYTHING,
        in_list=wanted.in_list and _ANYTHING,
        interests=wanted.interests and (_ANYTHING,),
        at_rest=wanted.at_rest and _ANYTHING,
        uris=None if wanted.uris is None else (),
        liked_by=wanted.liked_by and _ANYTHING,
        kept_by=wanted.kept_by and _ANYTHING,
        words=None if wanted.words is None else ((_ANYTHING,),) * len(wanted.words),
    )


def _given(reading: Reading, viewer: Viewer, wanted: Wanted) -> dict[str, Any]:
    """What is looked for, as the parameters of a statement."""
    return given_by(viewer) | {
        "topic": topic_pattern(wanted.topic),
        "any_of": reading.array(map(topic_pattern, wanted.any_of)),
        "all_of": reading.array(map(topic_pattern, wanted.all_of)),
        "none_of": reading.array(map(topic_pattern, wanted.none_of)),
        "author": wanted.author_id,
        "home_of": wanted.of_member,
        "in_list": wanted.in_list,
        "interests": reading.array(map(topic_pattern, wanted.interests)),
        "rest": wanted.at_rest,
        "uris": reading.array(wanted.uris or ()),
        "liked_by": wanted.liked_by,
        "kept_by": wanted.kept_by,
        **{f"words{at}": reading.array(each) for at, each in enumerate(wanted.words or ())},
    }


def _of_kind(
    kind: type[Thing], column: ColumnElement[Any], eyes: Eyes, asked: Wanted, dialect: str
) -> Select[Any]:
    """A column of all that these eyes may see of it, of one kind."""
    table = _TABLE[kind]
    statement = select(column).where(*_conditions(table, eyes, asked, dialect))
    if table is _question:
        return statement
    return statement.join(_question, _question.c.id == table.c.question_id, isouter=table is _offer)


def _conditions(table: Any, eyes: Eyes, asked: Wanted, dialect: str) -> list[ColumnElement[bool]]:
    judged = [_stands_alone_or_in(eyes) if table is _offer else listed_question(eyes.scopes)]
    if table is not _question:
        judged.append(seen(table, eyes))
    if asked.local:
        judged.append(table.c.local == 1)
    if asked.remote:
        judged.append(table.c.local == 0)
    if asked.topic:
        judged += _about_topics((_question if table is _answer else table).c.topics, asked, dialect)
    if asked.author_id:
        # What several people asked through the shared account is never put together.
        shared = select(tables[Actor].c.id).where(tables[Actor].c.shared == 1)
        judged += [table.c.author_id == bindparam("author"), table.c.author_id.not_in(shared)]
    if asked.without_replies and table is _offer:
        judged.append(_offer.c.question_id.is_(None))
    if asked.uris is not None:
        judged.append(among(table.c.uri, "uris", dialect))
    if asked.with_media:
        judged.append(table.c.uri.in_(select(tables[Media].c.thing_uri)))
    if asked.words is not None:
        judged += _says_all(table, eyes, len(asked.words), dialect) or [false()]
    judged += _chosen_by_somebody(table, asked)
    if asked.at_rest:
        judged.append(_at_rest(table))
    if asked.in_list:
        judged.append(lists.stands_in(table, bindparam("in_list"), bindparam("home_of"), asked.replies))
    elif asked.of_member:
        judged += [_at_home(table, asked, dialect), lists.not_apart(table, bindparam("home_of"))]
    return judged


def _about_topics(column: ColumnElement[Any], asked: Wanted, dialect: str) -> list[ColumnElement[bool]]:
    main = column.like(bindparam("topic"))
    judged = [or_(main, _like_one_of(column, "any_of", dialect)) if asked.any_of else main]
    if asked.all_of:
        each = each_of("all_of", dialect)
        judged.append(
            ~select(each.c.value).where(~column.like(each.c.value)).correlate(column.table).exists()
        )
    if asked.none_of:
        judged.append(~_like_one_of(column, "none_of", dialect))
    return judged


def _like_one_of(column: ColumnElement[Any], name: str, dialect: str) -> ColumnElement[bool]:
    each = each_of(name, dialect)
    return select(each.c.value).where(column.like(each.c.value)).correlate(column.table).exists()


def _stands_alone_or_in(eyes: Eyes) -> ColumnElement[bool]:
    """An offer in reply to a question is there for who may see the question."""
    return or_(_offer.c.question_id.is_(None), listed_question(eyes.scopes))


def _chosen_by_somebody(table: Any, asked: Wanted) -> list[ColumnElement[bool]]:
    judged = []
    if asked.liked_by:
        liked = tables[Like]
        mine = select(liked.c.object_uri).where(liked.c.actor_id == bindparam("liked_by"))
        judged.append(table.c.uri.in_(mine))
    if asked.kept_by:
        kept = tables[Bookmark]
        mine = select(kept.c.thing_uri).where(kept.c.member_id == bindparam("kept_by"))
        judged.append(table.c.uri.in_(mine))
    return judged


def _says_all(table: Any, eyes: Eyes, words: int, dialect: str) -> list[ColumnElement[bool]]:
    """As the index of terms knows it: so it is past review, too."""
    known = next(terms[kind] for kind, each in KINDS if each is table)
    near: ColumnElement[int] = literal_column(str(max((REACHES[scope] for scope in eyes.scopes), default=-1)))
    return [
        table.c.id.in_(
            select(known.c.thing_id).where(among(known.c.term, f"words{at}", dialect), known.c.reach <= near)
        )
        for at in range(words)
    ]


def _at_rest(table: Any) -> ColumnElement[bool]:
    rest: Any = bindparam("rest")
    welcome = silence.welcome_actor(table.c.author_id, rest)
    if table is _question:
        return welcome
    thread = silence.welcome_actor(_question.c.author_id, rest)
    return welcome & or_(table.c.question_id.is_(None), thread)


def _at_home(table: Any, asked: Wanted, dialect: str) -> ColumnElement[bool]:
    """What a member's home timeline holds: the own neighbourhood, and whom and what they follow."""
    member: Any = bindparam("home_of")
    accepted = [_follow.c.follower_id == member, _follow.c.state == FollowState.ACCEPTED.value]
    followed = lists.followed_by(member)
    if table is _answer:
        # Found from who wrote them: of all answers there are, few concern one member.
        said, thread = _answer.alias(), _question.alias()
        own = select(said.c.id).where(said.c.author_id == member)
        of_them = select(said.c.id).join(_follow, _follow.c.target_id == said.c.author_id)
        of_them = of_them.where(*accepted)
        to_me = select(said.c.id).join(thread, thread.c.id == said.c.question_id)
        to_me = to_me.where(thread.c.author_id == member)
        concerns: ColumnElement[bool] = _answer.c.id.in_(union_all(own, of_them, to_me))
        return concerns
    theirs = table.c.author_id.in_(followed)
    pilots = select(tables[Pilot].c.id).where(tables[Pilot].c.actor_id.in_(followed))
    held = or_(theirs, table.c.local == 1, table.c.pilot_id.in_(pilots))
    if asked.interests:
        held = or_(held, _like_one_of(table.c.topics, "interests", dialect))
    return held
