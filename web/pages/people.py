"""The page of a person: their name, and what they said that this visitor may read.

Nothing else is known here: no birthday, no followers, no counts.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from storage import listings
from storage.reading import Reading
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Actor, ActorKind
from web import render, sessions
from web.site import site_of


async def person_page(request: Request, handle: str) -> Response:
    """The page of one of our people, or of the shared neighbour. Raises Unknown."""
    visitor = await sessions.visitor_of(request)
    shown = await site_of(request).store.read(_person, visitor.viewer, handle)
    return render.page(request, visitor, "person.html", shown)


def _person(reading: Reading, viewer: Viewer, handle: str) -> dict[str, Any]:
    actor = reading.one(Actor, uri=f"{reading.home.base_url}/u/{handle}")
    if actor is None or actor.suspended or not actor.local or actor.kind is not ActorKind.PERSON:
        raise Unknown
    # What people asked without an account is not put together on one page.
    said = not actor.shared
    return {
        "person": actor,
        "cards": listings.question_cards(reading, viewer, author_id=actor.id) if said else (),
        "answers": listings.answer_cards(reading, viewer, author_id=actor.id) if said else (),
        "alternate": actor.uri,
        "noindex": True,
    }
