"""What was asked this week, for the notice board: one sheet of what everybody may read, to print and hang up.

It is the same for whoever asks; what is delicate does not hang in a hallway.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import news
from storage.clock import ulid
from storage.news import Told
from storage.reading import Reading
from vraagbaak.model import Pilot
from web import render, sessions
from web.site import site_of

LENGTH = timedelta(days=7)
SHOWN = 40
"""About one sheet."""


async def week(request: Request) -> Response:
    """`/week`."""
    visitor = await sessions.visitor_of(request)
    shown = await site_of(request).store.read(_week)
    return render.page(request, visitor, "week.html", shown | {"feed": "/vragen.atom"})


def _week(reading: Reading) -> dict[str, Any]:
    begin: datetime = reading.now - LENGTH
    told = news.questions(reading, after=ulid(begin, 0), limit=SHOWN)
    groups: dict[str, tuple[Pilot, list[Told]]] = {}
    for each in sorted(told, key=lambda each: each.pilot is None or not each.pilot.local):
        if each.pilot:
            groups.setdefault(each.pilot.id, (each.pilot, []))[1].append(each)
    ours = reading.one(Pilot, uri=reading.home.group_uri)
    return {"groups": list(groups.values()), "begin": begin, "end": reading.now, "ours": ours}


ROUTES = [Route("/week", week)]
