"""Finding a question by words: in the words of who looks, whatever words it was asked in.

What is looked for goes by POST: it stands in no address, no log and no history of a shared computer.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import listings, search
from storage.reading import Reading
from storage.search import Narrowing
from vraagbaak import text
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Perspective
from vraagbaak.similar import LONGEST_QUERY
from web import render, sessions
from web.limits import limits_of
from web.pages import forms
from web.pages.forms import Form
from web.site import site_of

SHOWN = 20


async def look_up(request: Request) -> Response:
    """`/zoeken`: the form, and what was found."""
    visitor = await sessions.visitor_of(request)
    form = Form()
    if request.method == "POST":
        limits_of(request).api(request, visitor.member.id if visitor.member else "")
        form = await forms.read(request)
    shown = await site_of(request).store.read(_found, visitor.viewer, form)
    return render.page(request, visitor, "search.html", shown | {"form": form, "noindex": True})


def _found(reading: Reading, viewer: Viewer, form: Form) -> dict[str, Any]:
    words = form.text("q").strip()[:LONGEST_QUERY]
    chosen = form.choice("perspectief", Perspective)
    narrowing = Narrowing(
        topic=text.slug(form.text("onderwerp")),
        pilot_id=_pilot_id(reading, form.text("proeftuin")),
        perspective=chosen,
        unanswered=bool(form.text("zonder-antwoord")),
    )
    return {
        "words": words,
        "cards": search.narrowed(reading, viewer, words, narrowing, SHOWN) if words else (),
        "narrowing": narrowing,
        "open": narrowing != Narrowing(),
        "pilots": listings.known_pilots(reading),
        "topics": listings.topics(reading),
    }


def _pilot_id(reading: Reading, name: str) -> str:
    """The id of the pilot that was chosen; what was not offered narrows nothing."""
    try:
        return listings.pilot_called(reading, name).id if name else ""
    except Unknown:
        return ""


ROUTES = [Route("/zoeken", look_up, methods=["GET", "POST"])]
