"""This server, as clients ask about it before anything else: what it is, what it takes, and by which rules."""

from __future__ import annotations

from typing import Any

from vraagbaak import __vraagbaak__, media, text
from vraagbaak.model import Actor
from web import language, sessions
from web.mastodon import entities
from web.mastodon.calls import Call, Endpoint
from web.site import Site

SPEAKS = "4.2.0"
"""The version of the API that is whole here; a client asks for more as soon as it says more."""
POST_LENGTH = text.BODY_LENGTH
_TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"]


def version() -> str:
    """What clients sniff at: Mastodon's first, ours in brackets."""
    return f"{SPEAKS} (compatible; Vraagbaak {__vraagbaak__})"


def _limits(site: Site) -> dict[str, Any]:
    config = site.config
    streaming = "ws" + config.base_url.removeprefix("http")
    return {
        "urls": {"streaming": streaming, "status": None, "about": f"{config.base_url}/hulp"},
        "vapid": {"public_key": site.vapid_key},
        "accounts": {"max_featured_tags": 0, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": POST_LENGTH,
            "max_media_attachments": media.MOST_OF_ONE,
            "characters_reserved_per_url": 23,
        },
        "media_attachments": {
            "supported_mime_types": _TYPES,
            "description_limit": media.DESCRIPTION_LENGTH,
            "image_size_limit": media.LARGEST,
            "image_matrix_limit": media.MOST_PIXELS,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        "polls": {
            "max_options": 0,
            "max_characters_per_option": 0,
            "min_expiration": 0,
            "max_expiration": 0,
        },
        "translation": {"enabled": False},
        "limited_federation": config.known_only,
    }


def _about(call: Call) -> str:
    """Which Vraagbaak this is and what for, in the language of whoever asks, as far as the token tells that."""
    config = call.site.config
    member = call.visitor.member if sessions.is_for(call.visitor, "read:accounts") else None
    where = f" ({config.city})" if config.city else ""
    spoken = language.language_of(call.request, member, config.languages)
    return f"{config.title}{where}. {spoken.say(_PURPOSE)}"


_PURPOSE = language.msgid(
    "Ask your neighbourhood. People who know it answer: neighbours, family, experts by experience and professionals."
)
_RULES: list[Any] = []
"""The agreements of a pilot are made by its own people; until they can be filled in there are none to show."""


async def _v2(call: Call) -> dict[str, Any]:
    config, home = call.site.config, call.site.store.home
    contact = entities.account(home, await call.read(_neighbourhood))
    return {
        "domain": home.domain,
        "title": config.title,
        "version": version(),
        "source_url": f"{config.base_url}/hulp",
        "description": _about(call),
        "usage": {"users": {"active_month": 0}},
        "thumbnail": {"url": f"{config.base_url}/static/header.png", "blurhash": None, "versions": {}},
        "icon": [{"src": f"{config.base_url}/static/avatar.png", "size": "400x400"}],
        "languages": list(config.languages),
        "configuration": _limits(call.site),
        "registrations": {
            "enabled": False,
            "approval_required": False,
            "reason_required": False,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {"mastodon": 1, "vraagbaak": 1},
        "contact": {"email": config.contact if "@" in config.contact else "", "account": contact},
        "rules": _RULES,
    }


async def _v1(call: Call) -> dict[str, Any]:
    config, home = call.site.config, call.site.store.home
    return {
        "uri": home.domain,
        "title": config.title,
        "short_description": _about(call),
        "description": _about(call),
        "email": config.contact if "@" in config.contact else "",
        "version": version(),
        "urls": {"streaming_api": _limits(call.site)["urls"]["streaming"]},
        "stats": {"user_count": 0, "status_count": 0, "domain_count": 0},
        "thumbnail": f"{config.base_url}/static/header.png",
        "languages": list(config.languages),
        "registrations": False,
        "approval_required": False,
        "invites_enabled": True,
        "configuration": _limits(call.site),
        "contact_account": entities.account(home, await call.read(_neighbourhood)),
        "rules": _RULES,
    }


def _neighbourhood(reading: Any) -> Any:
    return reading.one(Actor, uri=reading.home.group_uri)


async def _rules_alone(call: Call) -> list[dict[str, Any]]:  # noqa: ARG001 - the same for everybody
    return _RULES


async def _nothing(call: Call) -> list[Any]:  # noqa: ARG001 - nobody is counted, no server is named
    return []


async def _description(call: Call) -> dict[str, Any]:
    return {"updated_at": None, "content": f"<p>{text.escaped(_about(call))}</p>"}


async def _promises(call: Call) -> dict[str, Any]:
    """Where it stands: the page is kept true, a copy of it would not be."""
    page = f"{call.site.config.base_url}/nul"
    return {"updated_at": None, "content": f'<p><a href="{page}">{page}</a></p>'}


async def _languages(call: Call) -> dict[str, Any]:  # noqa: ARG001 - nothing is translated
    return {}


async def _preferences(call: Call) -> dict[str, Any]:
    """What an app starts a new status with: narrow."""
    return {
        "posting:default:visibility": entities.VISIBILITY[entities.USUAL],
        "posting:default:sensitive": False,
        "posting:default:language": call.member.language,
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }


_GET = (
    ("/api/v2/instance", "", "This server.", _v2, dict),
    ("/api/v1/instance", "", "This server, the old way.", _v1, dict),
    ("/api/v1/instance/rules", "", "The rules of the house.", _rules_alone, list),
    ("/api/v1/instance/peers", "", "Other servers: none are named.", _nothing, list),
    ("/api/v1/instance/activity", "", "How busy it is: nothing is counted.", _nothing, list),
    ("/api/v1/instance/domain_blocks", "", "Refused servers: none are named.", _nothing, list),
    ("/api/v1/instance/languages", "", "Languages that can be translated: none.", _nothing, list),
    ("/api/v1/instance/translation_languages", "", "The same.", _languages, dict),
    ("/api/v1/instance/extended_description", "", "What this is.", _description, dict),
    ("/api/v1/instance/privacy_policy", "", "What happens with what one writes.", _promises, dict),
    ("/api/v1/instance/terms_of_service", "", "By which terms.", _promises, dict),
    ("/api/v1/preferences", "read:accounts", "What an app starts with.", _preferences, dict),
)
ENDPOINTS = tuple(
    Endpoint(method="GET", path=path, summary=summary, do=do, scope=scope, gives=gives)
    for path, scope, summary, do, gives in _GET
)
