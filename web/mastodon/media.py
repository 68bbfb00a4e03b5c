"""Pictures that an app sends, before they stand with a status: sending, describing and taking them back."""

from __future__ import annotations

import msgspec

from storage import media as files
from vraagbaak import media
from web.limits import limits_of
from web.mastodon import entities, parameters, writing
from web.mastodon.calls import Call, Endpoint

FILE = "file"


class NewMedia(msgspec.Struct, kw_only=True):
    """What an app says of a picture."""

    description: str | None = None
    focus: str | None = None
    """`x,y`, each from -1 to 1."""


async def _send(call: Call) -> entities.MediaAttachment:
    """Nothing of it is read before it is clear that there is room for it, and little in memory at once."""
    limits_of(call.request).media(call.member.id)
    await call.read(media.require_room, call.actor)
    async with parameters.uploaded(call.request, NewMedia, FILE, media.LARGEST) as (given, file):
        words = media.Words(description=given.description, focus=writing.focus_of(given.focus))
        media.require_sayable(words)
        made = await call.site.media.keep(call.site.store, call.actor, file, words)
    return await _shown(call, made.id)


async def _show(call: Call) -> entities.MediaAttachment:
    return await _shown(call, call.key)


async def _shown(call: Call, key: str) -> entities.MediaAttachment:
    return entities.media_attachment(await call.read(files.own_view, call.actor, key))


async def _describe(call: Call) -> entities.MediaAttachment:
    given: NewMedia = call.given
    words = media.Words(description=given.description, focus=writing.focus_of(given.focus))
    await call.do(media.describe, call.actor, call.key, words)
    return await _shown(call, call.key)


async def _take_back(call: Call) -> dict[str, str]:
    await call.do(media.take_back, call.actor, call.key)
    return {}


_ONE = "/api/v1/media/{id}"
ENDPOINTS = (
    *(
        Endpoint(
            method="POST",
            path=path,
            summary="Send a picture, to put it with a status within a day.",
            do=_send,
            scope="write:media",
            takes=NewMedia,
            gives=entities.MediaAttachment,
            file=FILE,
        )
        for path in ("/api/v2/media", "/api/v1/media")
    ),
    Endpoint(
        method="GET",
        path=_ONE,
        summary="A picture of one's own.",
        do=_show,
        scope="write:media",
        gives=entities.MediaAttachment,
    ),
    Endpoint(
        method="PUT",
        path=_ONE,
        summary="Describe it, as long as it stands with nothing.",
        do=_describe,
        scope="write:media",
        takes=NewMedia,
        gives=entities.MediaAttachment,
    ),
    Endpoint(
        method="DELETE",
        path=_ONE,
        summary="Take it back, as long as it stands with nothing.",
        do=_take_back,
        scope="write:media",
        gives=dict[str, str],
    ),
)
