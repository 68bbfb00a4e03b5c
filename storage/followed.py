"""What a member follows on the site, and what is new in it since they last said that they had seen it.

Nobody but the member is shown any of it, and they see no more by it than they may see anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, bindparam, or_, select

from storage import listings, silence
from storage.clock import ulid
from storage.joined import rows_of, with_author
from storage.listings import QuestionCard
from storage.reading import Reading
from storage.statements import Prepared, once, prepared
from storage.stream import Place, Shape
from storage.tables import tables
from storage.visibility import about, readable_question
from vraagbaak import preferring
from vraagbaak.audience import Viewer
from vraagbaak.errors import NeedsMember
from vraagbaak.model import Follow, Interest, Member, Pilot, Question, Topic

_question = tables[Question]
_interest = tables[Interest]
FIRST_LOOK = timedelta(days=14)
"""How far back is new for who never looked."""


def topics(reading: Reading, member_id: str, place: Place) -> list[tuple[str, str]]:
    """The topics that a member follows, latest first, each with the id to page by."""
    rows = reading.rows(_topics(place.shape, reading.dialect), {"member": member_id, **place.given})
    return sorted(((row[0], row[1]) for row in rows), reverse=True)


@once
def _topics(part: Shape, dialect: str) -> Prepared:
    statement = select(_interest.c.id, _interest.c.topic).where(_interest.c.member_id == bindparam("member"))
    return prepared(part.cut(statement, _interest.c.id), dialect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """All that a member follows, and the latest of it that they did not see yet."""

    topics: tuple[Topic, ...]
    pilots: tuple[Pilot, ...]
    questions: tuple[QuestionCard, ...]
    fresh: tuple[QuestionCard, ...]

    @property
    def nothing(self) -> bool:
        """Whether the member follows nothing yet."""
        return not (self.topics or self.pilots or self.questions)


def of(reading: Reading, viewer: Viewer, limit: int) -> Followed:
    """What this member follows. Raises NeedsMember for a passer-by."""
    if viewer.member is None:
        raise NeedsMember
    topics, pilots = interests(reading, viewer.member)
    marker = preferring.markers(reading, viewer.member).get(preferring.FOLLOWED)
    after = marker.last_id if marker else ulid(reading.now - FIRST_LOOK, 0)
    shared = preferring.shared_questions(reading, viewer.member)
    return Followed(
        topics=topics,
        pilots=pilots,
        questions=cards_with(reading, viewer, shared),
        fresh=fresh(reading, viewer, topics, pilots, after, limit),
    )


def interests(reading: Reading, member: Member) -> tuple[tuple[Topic, ...], tuple[Pilot, ...]]:
    """The topics and the neighbourhoods that a member follows."""
    targets = {follow.target_id for follow in reading.find(Follow, follower_id=member.actor_id)}
    return (
        listings.topics_named(reading, sorted(preferring.topics(reading, member))),
        tuple(pilot for pilot in listings.known_pilots(reading) if pilot.actor_id in targets),
    )


def fresh(
    reading: Reading,
    viewer: Viewer,
    topics: Iterable[Topic],
    pilots: Iterable[Pilot],
    after: str,
    limit: int,
) -> tuple[QuestionCard, ...]:
    """Questions of others about these topics or from these neighbourhoods, with ids after this one, newest first."""
    assert viewer.member is not None
    wanted = [about(_question.c.topics, topic.id) for topic in topics]
    places = [pilot.id for pilot in pilots]
    if places:
        wanted.append(_question.c.pilot_id.in_(places))
    if not wanted:
        return ()
    others = _question.c.author_id != viewer.member.actor_id
    return _cards(reading, viewer, or_(*wanted), _question.c.id > after, others, limit=limit)


def cards_with(reading: Reading, viewer: Viewer, ids: Sequence[str]) -> tuple[QuestionCard, ...]:
    """The cards of these questions, as far as the member may and wants to read them."""
    if not ids:
        return ()
    return _cards(reading, viewer, _question.c.id.in_(ids), limit=listings.MOST)


def _cards(
    reading: Reading, viewer: Viewer, *wanted: ColumnElement[bool], limit: int
) -> tuple[QuestionCard, ...]:
    assert viewer.member is not None
    member_id = viewer.member.id
    found = with_author(_question).where(
        readable_question(viewer),
        *wanted,
        silence.welcome_actor(_question.c.author_id, member_id),
        _question.c.uri.not_in(silence.quiet_threads(member_id)),
    )
    found = found.order_by(_question.c.id.desc()).limit(min(limit, listings.MOST))
    return listings.cards_of(reading, viewer, rows_of(reading, found))
