"""Similar questions for programs: what others asked before that may mean the same, over all pilots."""

from __future__ import annotations

from storage import search
from web.api import shapes
from web.api.operations import Call, Operation

MOST = 20
USUAL = 5


async def _similar(call: Call) -> list[shapes.Similar]:
    limit = min(MOST, call.limit) if call.query("limit") else USUAL
    found = await call.site.store.read(search.similar_cards, call.viewer, call.query("q"), limit)
    return [shapes.similar(each) for each in found]


OPERATIONS = (
    Operation(
        method="GET",
        path="/similar",
        summary="Questions that may mean the same as these words, the likeliest first; 5 unless told, 20 at most.",
        do=_similar,
        gives=list[shapes.Similar],
        queries=("q", "limit"),
    ),
)
