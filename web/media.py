"""`/media/{name}`: a picture, for whoever may see what it stands with; for all others it does not exist.

It is only ever a picture: the kind that it was made as, never guessed, never run, and nothing may be loaded by it.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from storage.reading import Reading
from vraagbaak import media
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.errors import Unknown
from vraagbaak.media import NO_TICKET, Ticket
from vraagbaak.model import Media
from web import sessions
from web.site import site_of

_POLICY = "default-src 'none'; sandbox"
# Long enough to read a thread; what is made for fewer people or taken back is gone from caches soon after.
_PUBLIC = {"Cache-Control": "public, max-age=3600"}
_WITH_TICKET = {"Cache-Control": "private, max-age=3600"}
_PRIVATE = {"Cache-Control": "private, no-store", "Vary": "Cookie"}


async def picture(request: Request) -> Response:
    """The file of this name. Raises Unknown."""
    name = request.path_params["name"]
    parts = media.FILE_NAME.fullmatch(name)
    if parts is None:
        raise Unknown
    ticket = Ticket(proof=request.query_params.get("proof", ""), until=request.query_params.get("until", ""))
    visitor = await sessions.visitor_of(request)
    site = site_of(request)
    found, headers = await site.store.read(_judged, parts["file"], visitor.viewer, ticket)
    if name != media.name_of(found, small=bool(parts["small"])):
        raise Unknown
    path = site.media.path(name)
    try:
        measured = await asyncio.to_thread(path.stat)
    except OSError:
        raise Unknown from None
    return FileResponse(
        path,
        media_type=found.media_type,
        stat_result=measured,
        filename=name,
        content_disposition_type="inline",
        headers={"Content-Security-Policy": _POLICY, **headers},
    )


def _judged(reading: Reading, file: str, viewer: Viewer, ticket: Ticket) -> tuple[Media, dict[str, str]]:
    """The picture, and for whom an answer may be kept. Raises Unknown."""
    found = reading.one(Media, file=file)
    if found is None:
        raise Unknown
    for who, proof, headers in (
        (PASSER_BY, NO_TICKET, _PUBLIC),
        (PASSER_BY, ticket, _WITH_TICKET),
        (viewer, NO_TICKET, _PRIVATE),
    ):
        if media.may_see(reading, who, found, proof):
            return found, headers
    raise Unknown


ROUTES = [Route("/media/{name}", picture, methods=["GET"])]
