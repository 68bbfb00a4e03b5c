"""The front page: one question field first, then who waits for an answer, what helped, and where to walk in.

It shows a passer-by only what is public, and counts no people.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings
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
    return {
        "featured": listings.featured_cards(reading, viewer),
        "waiting": listings.question_cards(reading, viewer, unanswered=True, oldest_first=True, limit=SHOWN),
        "helped": listings.question_cards(reading, viewer, helped=True, limit=SHOWN),
        "elsewhere": listings.question_cards(reading, viewer, elsewhere=True, limit=SHOWN),
        "anything": bool(listings.question_cards(reading, viewer, limit=1)),
        "ours": reading.one(Pilot, uri=reading.home.group_uri),
    }


ROUTES = [Route("/", home)]
