"""What this site is and does, in plain words: help, what it does with people, who carries it, for whom it works.

Nothing here depends on who reads it; every claim on /nul is checked by a test.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vraagbaak.model import Pilot
from web import render, sessions
from web.site import site_of


async def _show(request: Request, template: str) -> Response:
    visitor = await sessions.visitor_of(request)
    store = site_of(request).store
    ours = await store.read(lambda reading: reading.one(Pilot, uri=reading.home.group_uri))
    return render.page(request, visitor, template, {"ours": ours})


async def zero(request: Request) -> Response:
    """`/nul`: what this site does with people."""
    return await _show(request, "zero.html")


async def accessibility(request: Request) -> Response:
    """`/toegankelijkheid`."""
    return await _show(request, "accessibility.html")


async def steward(request: Request) -> Response:
    """`/beheer`: who carries this."""
    return await _show(request, "steward.html")


async def help_page(request: Request) -> Response:
    """`/hulp`: help now, and how this works."""
    return await _show(request, "help.html")


ROUTES = [
    Route("/nul", zero),
    Route("/toegankelijkheid", accessibility),
    Route("/beheer", steward),
    Route("/hulp", help_page),
]
