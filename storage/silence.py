"""What a member does not want to meet, as conditions: people, servers and threads are left out of their lists.

Whose lists they are is an id, or the parameter in which it comes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from storage.reading import Reading
from storage.tables import tables
from storage.visibility import one_of
from vraagbaak.model import Actor, Silence, SilenceKind

_actor = tables[Actor]
_silence = tables[Silence]


def _about(member_id: Any, *kinds: SilenceKind) -> Any:
    return select(_silence.c.about).where(_silence.c.member_id == member_id, one_of(_silence.c.manner, kinds))


def restful(reading: Reading) -> frozenset[str]:
    """The members who keep anybody or anything away: nobody else's lists differ by it."""
    return frozenset(reading.execute(select(_silence.c.member_id).distinct()).scalars())


def welcome_actor(column: ColumnElement[Any], member_id: Any) -> ColumnElement[bool]:
    """The actor whose id stands here, and its server, are not kept away by this member."""
    away = _about(member_id, SilenceKind.MUTE, SilenceKind.BLOCK)
    servers = _about(member_id, SilenceKind.SERVER)
    theirs = select(_actor.c.id).where(_actor.c.domain.in_(servers), _actor.c.local == 0)
    return column.not_in(away) & column.not_in(theirs)


def quiet_threads(member_id: Any) -> Any:
    """The uris of the questions of which this member wants to hear no more."""
    return _about(member_id, SilenceKind.THREAD)
