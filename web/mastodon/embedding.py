"""A public status for another site to show (OEmbed 1.0): words and a link, no frame and no script."""

from __future__ import annotations

from html import escape
from typing import Any

import msgspec

from storage import statuses
from storage.reading import Reading
from vraagbaak import audience
from vraagbaak.errors import Unknown
from vraagbaak.model import Question
from web.mastodon import entities
from web.mastodon.calls import Call, Endpoint
from web.mastodon.searching import thing_by_address


class Address(msgspec.Struct, kw_only=True):
    """Of what."""

    url: str = ""
    maxwidth: int | None = None
    maxheight: int | None = None
    format: str = "json"


async def _embed(call: Call) -> dict[str, Any]:
    """Only what everybody may see, whoever asks (threat G04). Raises Unknown."""
    view = await call.read(_public, call.given.url[:2000])
    home = call.site.store.home
    shown = entities.status(home, view)
    title = view.thing.title if isinstance(view.thing, Question) else ""
    link = f'<p><a href="{escape(shown.url)}">{escape(home.name)}</a></p>'
    return {
        "type": "rich",
        "version": "1.0",
        "title": title or shown.account.display_name,
        "author_name": shown.account.display_name,
        "author_url": shown.account.url,
        "provider_name": home.name,
        "provider_url": home.base_url,
        "cache_age": 3600,
        "html": f"<blockquote>{shown.content}{link}</blockquote>",
        "width": 400,
        "height": None,
    }


def _public(reading: Reading, url: str) -> statuses.StatusView:
    thing = thing_by_address(reading, url)
    if thing is None or not thing.local:
        raise Unknown
    return statuses.one(reading, audience.PASSER_BY, thing.id)


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/oembed",
        summary="A public status for another site.",
        do=_embed,
        takes=Address,
        gives=dict,
    ),
)
