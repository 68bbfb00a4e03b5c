"""`/oauth/token` and `/oauth/revoke`: apps prove who they are by their secret, never by a cookie."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vraagbaak.errors import Refused
from vraagbaak.ports import Tx
from web.limits import limits_of
from web.mastodon import given, oauth
from web.mastodon.asked import Asked
from web.mastodon.oauth import Reply
from web.site import site_of


async def token(request: Request) -> Response:
    """A token for a code, or for the app itself. Raises TooFast."""
    return await _answered(request, oauth.token)


async def revoke(request: Request) -> Response:
    """A token works no more, at once. Raises TooFast."""
    return await _answered(request, oauth.revoke)


async def _answered(request: Request, work: Callable[[Tx, Asked], Reply]) -> Response:
    limits_of(request).token(request)
    try:
        fields = await given.fields(request)
    except Refused as refused:  # in the words of the protocol: its libraries read no others
        return given.json(_unread(refused), refused.status)
    asked = Asked(fields, request.headers.get("authorization", ""))
    reply: Reply = await site_of(request).store.run(work, asked)
    return given.json(reply.body, reply.status, reply.headers)


def _unread(refused: Refused) -> dict[str, str]:
    return {"error": "invalid_request", "error_description": refused.text % refused.values}


ROUTES = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/oauth/revoke", revoke, methods=["POST"]),
]
