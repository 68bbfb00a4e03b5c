"""The front page: one question field first, then who waits for an answer, what helped, and where to walk in.

It shows a passer-by only what is public, and counts no people.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings
from storage.listings import QuestionCard
from storage.reading import Reading
from vraagbaak.audience import Viewer
from vraagbaak.model import Pilot
from web import render, sessions
from web.site import site_of

SHOWN = 3


async def home(request: Request) -> Response:
    """`/`."""
    visitor = await sessions.visitor_of(request)
    shown = await site_of(request).store.read(_front, visitor.viewer)
    return render.page(request, visitor, "home.html", shown)


def _front(reading: Reading, viewer: Viewer) -> dict[str, Any]:
    first = listings.featured_cards(reading, viewer)
    above = {card.question.id for card in first}

    def shown(**wanted: Any) -> list[QuestionCard]:
        """A few of these; what stands first does not stand here again."""
        found = listings.question_cards(reading, viewer, limit=SHOWN + len(above), **wanted)
        return [card for card in found if card.question.id not in above][:SHOWN]

    return {
        "featured": first,
        "waiting": shown(unanswered=True, oldest_first=True),
        "helped": shown(helped=True),
        "elsewhere": shown(elsewhere=True),
        "anything": bool(listings.question_cards(reading, viewer, limit=1)),
        "feed": "/vragen.atom",
        "ours": reading.one(Pilot, uri=reading.home.group_uri),
    }


ROUTES = [Route("/", home)]
