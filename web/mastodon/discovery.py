"""How an app finds out what this server can do about signing in (RFC 8414), and as whom it signed in."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vraagbaak import app_scopes
from vraagbaak.errors import NeedsMember
from web import sessions
from web.limits import limits_of
from web.mastodon import given
from web.mastodon.grants import AUTHENTICATION, S256, CodeGrant, OwnGrant
from web.site import site_of


def described(base_url: str) -> dict[str, Any]:
    """The whole description, with the members that Mastodon has."""
    return {
        "issuer": f"{base_url}/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": f"{base_url}/oauth/authorize",
        "token_endpoint": f"{base_url}/oauth/token",
        "app_registration_endpoint": f"{base_url}/api/v1/apps",
        "revocation_endpoint": f"{base_url}/oauth/revoke",
        "userinfo_endpoint": f"{base_url}{sessions.USERINFO}",
        "scopes_supported": app_scopes.ALL,
        "response_types_supported": sorted(CodeGrant.RESPONSE_TYPES),
        "response_modes_supported": ["query"],
        "grant_types_supported": [CodeGrant.GRANT_TYPE, OwnGrant.GRANT_TYPE],
        "token_endpoint_auth_methods_supported": AUTHENTICATION,
        "revocation_endpoint_auth_methods_supported": AUTHENTICATION,
        "code_challenge_methods_supported": [S256],
    }


async def metadata(request: Request) -> Response:
    """`/.well-known/oauth-authorization-server`."""
    return Response(
        msgspec.json.encode(described(site_of(request).config.base_url)),
        media_type="application/json",
        headers={"Cache-Control": "public, max-age=3600"},
    )


async def userinfo(request: Request) -> Response:
    """`/oauth/userinfo`: who the member is, for a token with `profile`. Raises NeedsMember or NotYours."""
    visitor = await sessions.visitor_of(request)
    limits_of(request).api(request, visitor.token_id)
    if not visitor.token_id:
        raise NeedsMember("bad-token", "This token does not work, or does not work any more.")
    _, actor = sessions.require_scope(visitor, "profile")
    base_url = site_of(request).config.base_url
    return given.json(
        {
            "iss": f"{base_url}/",
            "sub": actor.uri,
            "name": actor.name,
            "preferred_username": actor.handle,
            "profile": actor.url or actor.uri,
            "picture": f"{base_url}/static/icon.svg",
        }
    )


ROUTES = [
    Route("/.well-known/oauth-authorization-server", metadata),
    Route(sessions.USERINFO, userinfo, methods=["GET", "POST"]),
]
