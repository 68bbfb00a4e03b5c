"""The few files that pages bring along: a style sheet, a script and an icon, of our own, kept by browsers until they change.

Only the files named here exist; no path is ever looked up on disk.
"""

from __future__ import annotations

import functools

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vraagbaak.errors import Unknown
from web import render

FILES = {
    "style.css": "text/css; charset=utf-8",
    "similar.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "avatar.png": "image/png",
    "header.png": "image/png",
}
FOR_EVER = "public, max-age=31536000, immutable"


@functools.cache
def _content(name: str) -> bytes:
    return (render.STATIC / name).read_bytes()


async def static(request: Request) -> Response:
    """`/static/{name}`."""
    name = request.path_params["name"]
    if name not in FILES:
        raise Unknown
    known = request.query_params.get("v") == render.static_version(name)
    headers = {"Cache-Control": FOR_EVER if known else "public, max-age=3600"}
    if FILES[name] == "image/png":
        headers["Cross-Origin-Resource-Policy"] = (
            "cross-origin"  # web clients show them on pages of their own
        )
    return Response(_content(name), media_type=FILES[name], headers=headers)


ROUTES = [Route("/static/{name}", static)]
