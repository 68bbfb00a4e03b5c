"""`/api/v1/streaming`: opening a line, by WebSocket or for server-sent events.

A browser can give a WebSocket no header, so here alone a token may stand in the address or be named as subprotocol
(Mastodon's web client and masto.js do that); it is written to no log and put into no answer but that one.
"""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack, suppress

import msgspec
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from vraagbaak.errors import NeedsMember, Refused, where
from web import sessions
from web.language import Language, language_of
from web.limits import limits_of
from web.mastodon.streaming.hub import hub_of
from web.mastodon.streaming.lines import EventStream, Talk, payload_for
from web.mastodon.streaming.streams import Stream, asked, require, require_list
from web.site import site_of

log = logging.getLogger("vraagbaak.streaming")

_PATHS = {
    "user": "user",
    "user/notification": "user:notification",
    "public": "public",
    "public/local": "public:local",
    "public/remote": "public:remote",
    "hashtag": "hashtag",
    "hashtag/local": "hashtag:local",
    "list": "list",
    "direct": "direct",
}


def token_hash(request: HTTPConnection) -> str:
    """The hash of the token, from wherever a client can put it. Raises NeedsMember when there is none."""
    given = (
        sessions.token_in(request)
        or request.query_params.get("access_token", "")
        or next(iter(request.scope.get("subprotocols", ())), "")
    )
    if not given:
        raise NeedsMember("needs-token", "This needs a token of a member.")
    if len(given) > sessions.LONGEST_SECRET:
        raise NeedsMember("bad-token", "The access token is invalid.")
    return sessions.hash_of(given)


def _asked_in_address(request: HTTPConnection, name: str) -> Stream:
    query = request.query_params
    if name.startswith("public") and query.get("only_media", "") in {"true", "1"}:
        name = f"{name}:media"
    return asked(name, query.get("tag", ""), query.get("list", ""))


async def health(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    """The streams are there."""
    return PlainTextResponse("OK", headers={"Cache-Control": "no-store"})


async def events(request: Request) -> Response:
    """One stream as server-sent events. Raises Refused."""
    known = token_hash(request)
    limits_of(request).api(request, known)
    name = _PATHS[request.scope["path"].removeprefix(f"{sessions.STREAMING}/")]
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(hub_of(request).line(request, known))
        stream = _asked_in_address(request, name)
        require(listener.visitor, stream)
        await site_of(request).store.read(require_list, listener.visitor, stream)
        listener.streams[tuple(stream.label)] = stream
        return EventStream(listener, stack.pop_all(), payload_for(request))
    raise AssertionError  # nothing here swallows a fault


async def talk(socket: WebSocket) -> None:
    """Any number of streams over one WebSocket; the first one may stand in the address."""
    spoken = language_of(socket, None, site_of(socket).config.languages)
    try:
        await _talk(socket, spoken)
    except Refused as refused:
        await socket.send_denial_response(_refusal(refused, spoken))
    except (WebSocketDisconnect, TimeoutError):
        return
    except Exception as fault:  # noqa: BLE001 - this is where all of them end
        _log(fault)
        with suppress(RuntimeError):  # it may be closed by now
            await socket.close(1011)


def _log(fault: Exception) -> None:
    log.error("fault in a stream: %s", where(fault))


async def _talk(socket: WebSocket, spoken: Language) -> None:
    known = token_hash(socket)
    limits = limits_of(socket)
    limits.api(socket, known)
    async with hub_of(socket).line(socket, known) as listener:
        talking = Talk(socket, listener, spoken, site_of(socket).store, limited=limits.on)
        if name := socket.query_params.get("stream", ""):
            await talking.subscribe(_asked_in_address(socket, name))
        await socket.accept(subprotocol=next(iter(socket.scope["subprotocols"]), None))
        await talking.go_on()


def _refusal(refused: Refused, spoken: Language) -> Response:
    said = {"error": spoken.say(refused.text, **refused.values), "code": refused.code}
    headers = {"Cache-Control": "no-store"}
    if retry_after := getattr(refused, "retry_after", None):
        headers["Retry-After"] = str(retry_after)
    return Response(
        msgspec.json.encode(said), status_code=refused.status, media_type="application/json", headers=headers
    )


ROUTES = [
    WebSocketRoute(sessions.STREAMING, talk),
    WebSocketRoute(f"{sessions.STREAMING}/", talk),
    Route(f"{sessions.STREAMING}/health", health),
    *(Route(f"{sessions.STREAMING}/{path}", events) for path in _PATHS),
]
