"""What stands in a list of a member, as conditions for the statements of timelines.

Which list and whose it is are ids, or the parameters in which they come.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select

from storage.tables import tables
from storage.visibility import one_of
from vraagbaak.model import (
    Answer,
    Follow,
    FollowState,
    Listed,
    Member,
    PeopleList,
    Pilot,
    Question,
    ReplyPolicy,
)

_question = tables[Question]
_answer = tables[Answer]
_listed = tables[Listed]
_list = tables[PeopleList]
_member = tables[Member]
_follow = tables[Follow]
_pilot = tables[Pilot]


def followed_by(actor_id: Any) -> Any:
    """The ids of whom an actor follows."""
    return select(_follow.c.target_id).where(
        _follow.c.follower_id == actor_id, one_of(_follow.c.state, [FollowState.ACCEPTED])
    )


def within(list_id: Any) -> Any:
    """The ids of who is in a list."""
    return select(_listed.c.actor_id).where(_listed.c.list_id == list_id)


def apart(actor_id: Any) -> Any:
    """The ids of who is in a list that this actor reads apart from home."""
    return (
        select(_listed.c.actor_id)
        .join(_list, _list.c.id == _listed.c.list_id)
        .join(_member, _member.c.id == _list.c.member_id)
        .where(_member.c.actor_id == actor_id, _list.c.exclusive == literal_column("1"))
    )


def stands_in(table: Any, list_id: Any, actor_id: Any, replies: ReplyPolicy) -> ColumnElement[bool]:
    """What those in this list said, and what was asked and offered in a neighbourhood that is in it.

    Replies as its owner (this actor) wants them; to oneself and to the owner they always stand there (Mastodon 4.5).
    The statement has the question of a reply beside it.
    """
    inside = within(list_id)
    theirs = _by(table, inside)
    if table is _question:
        return theirs
    to: ColumnElement[Any] = _question.c.author_id
    if table is _answer:
        parent = _answer.alias()
        above = select(parent.c.author_id).where(parent.c.id == _answer.c.parent_id)
        to = func.coalesce(above.correlate(_answer).scalar_subquery(), _question.c.author_id)
    wanted = [table.c.question_id.is_(None), to == table.c.author_id, to == actor_id]
    if replies is ReplyPolicy.LISTED:
        wanted += [to.in_(inside), _from(_question, inside)]
    elif replies is ReplyPolicy.FOLLOWED:
        followed = followed_by(actor_id)
        wanted += [to.in_(followed), _from(_question, followed), _question.c.local == literal_column("1")]
    return and_(theirs, or_(*wanted))


def not_apart(table: Any, actor_id: Any) -> ColumnElement[bool]:
    """Not by anybody, nor from a neighbourhood, in a list that this actor reads apart from home."""
    return or_(table.c.author_id == actor_id, ~_by(table, apart(actor_id)))


def _by(table: Any, people: Any) -> ColumnElement[bool]:
    said = table.c.author_id.in_(people)
    return said if table is _answer else or_(said, _from(table, people))


def _from(table: Any, people: Any) -> ColumnElement[bool]:
    """Asked or offered in a neighbourhood that is one of these; what is from nowhere is from none of them."""
    pilots = select(_pilot.c.id).where(_pilot.c.actor_id.in_(people))
    return func.coalesce(table.c.pilot_id, literal_column("''")).in_(pilots)
