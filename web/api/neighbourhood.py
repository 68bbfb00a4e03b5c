"""What a program wants to know first: which pilots there are and what questions are about."""

from __future__ import annotations

from storage import listings
from vraagbaak import text
from vraagbaak.pilots import FIRST_TOPICS
from web.api import shapes
from web.api.operations import Call, Operation

_FIRST = frozenset(text.slug(name) for name, _ in FIRST_TOPICS)


async def _pilots(call: Call) -> list[shapes.Pilot]:
    return [shapes.pilot(found) for found in await call.site.store.read(listings.known_pilots)]


async def _topics(call: Call) -> list[shapes.Topic]:
    """A topic that somebody made up for a question is known to members only: its name may tell too much."""
    found = await call.site.store.read(listings.topics, limit=1000)
    return [shapes.topic(each) for each in found if call.visitor.member or each.id in _FIRST]


OPERATIONS = (
    Operation(
        method="GET",
        path="/pilots",
        summary="The pilots this server knows, its own first.",
        do=_pilots,
        gives=list[shapes.Pilot],
    ),
    Operation(
        method="GET",
        path="/topics",
        summary="What questions are about.",
        do=_topics,
        gives=list[shapes.Topic],
    ),
)
