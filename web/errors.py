"""The only place where exceptions become answers: a page for people, JSON for programs, both in plain words.

A cause goes to the log, under a short code that the answer shows; it never goes to the visitor, and no address,
browser or query ever goes to the log.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.errors import is_out_of_room
from vraagbaak.errors import Invalid, Refused, Unknown, where
from web import cors, language, render, sessions
from web.site import site_of

log = logging.getLogger("vraagbaak.web")

_BY_STATUS: dict[int, tuple[str, str]] = {
    400: ("unreadable", "This cannot be read."),
    401: ("needs-member", "Sign in first."),
    403: ("not-yours", "This is not for you to do."),
    404: (Unknown.code, Unknown.text),
    405: ("method", "That cannot be done here."),
    406: ("not-acceptable", "This does not exist in the form you ask for."),
    413: ("too-large", "This is too much at once."),
    415: ("wrong-type", "Send this in another form."),
}
_FAULT = "Something went wrong with us. Try again later. Does it stay? Tell us this code: %(code)s."


class Fault(Refused):
    """What nobody expected. `code` for programs is always the same; the request's own is in the text."""

    status = 500
    code = "fault"
    text = _FAULT


class NoRoom(Refused):
    """The disk is full, or cannot be written: whoever sends this again later loses nothing."""

    status = 503
    code = "no-room"
    text = "This cannot be kept now: the server is full. Try again later."
    retry_after = 600


async def answer(request: Request, refused: Refused) -> Response:
    """What the visitor gets for a refusal, as a page or as JSON."""
    headers: dict[str, str] = {**getattr(request.state, "budget", {})}
    retry_after = getattr(refused, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    if refused.status == 401 and sessions.is_for_programs(request.scope["path"]):
        headers["WWW-Authenticate"] = "Bearer"
    return await _answer(request, refused, headers)


async def _answer(request: Request, refused: Refused, headers: Mapping[str, str]) -> Response:
    if is_for_program(request):
        return _as_json(request, refused, headers)
    kept = getattr(refused, "kept", None)
    return await render.error_page(
        request, refused.status, refused.text, refused.values, headers, kept=kept or {}
    )


def is_for_program(request: Request) -> bool:
    """Whether JSON is wanted: by the path, or by an Accept header that prefers it to a page."""
    path: str = request.scope["path"]
    if cors.is_for_other_sites(path) or path.endswith("/inbox"):
        return True
    accepted = request.headers.get("accept", "").lower()
    json_at, html_at = accepted.find("json"), accepted.find("html")
    return json_at >= 0 and (html_at < 0 or json_at < html_at)


def _as_json(request: Request, refused: Refused, headers: Mapping[str, str]) -> Response:
    spoken = language.language_of(request, None, site_of(request).config.languages)
    said = {"error": spoken.say(refused.text, **refused.values), "code": refused.code}
    if isinstance(refused, Invalid):
        said["field"] = refused.field
    return Response(
        msgspec.json.encode(said),
        status_code=refused.status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )


async def _on_refusal(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)
    return await answer(request, refused)


async def _on_http(request: Request, raised: Exception) -> Response:
    """What the framework refuses: no such path, not that method, a form it cannot read."""
    assert isinstance(raised, HTTPException)
    code, text = _BY_STATUS.get(raised.status_code, (Refused.code, Refused.text))
    refused = Refused(code, text)
    refused.status = raised.status_code
    return await _answer(request, refused, raised.headers or {})


HANDLERS: dict[Any, Any] = {Refused: _on_refusal, HTTPException: _on_http}
"""For Starlette's `exception_handlers`."""


class UnexpectedFaults:
    """Just inside the security headers: whatever goes wrong further in is logged and answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_and_see(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_and_see)
        except ClientDisconnect:
            return  # nobody is left to be answered
        except Exception as fault:  # noqa: BLE001 - this is where all of them end
            code = secrets.token_hex(4)
            _log(scope, fault, code)
            if started:
                raise Interrupted(code) from None
            response = await _apology(Request(scope, receive), code, full=is_out_of_room(fault))
            await response(scope, receive, send)


class Interrupted(Exception):  # noqa: N818 - reads as what it is
    """The answer broke off half-way; the server has to close the connection. The cause is in the log already."""


def _log(scope: Scope, fault: Exception, code: str) -> None:
    """The path stays out too: an invitation or a return code can stand in it."""
    endpoint = scope.get("endpoint")
    name = f"{getattr(endpoint, '__module__', '?')}.{getattr(endpoint, '__qualname__', '?')}"
    log.error(
        "fault %s in %s %s: %s",
        code,
        scope["method"],
        name,
        where(fault),
        extra={"request_id": code, "method": scope["method"], "endpoint": name},
    )


async def _apology(request: Request, code: str, *, full: bool) -> Response:
    """Even when the page itself cannot be made, an answer."""
    try:
        return await answer(request, NoRoom() if full else _fault(code))
    except Exception:  # noqa: BLE001 - the first cause is in the log; this one is its echo
        return PlainTextResponse(
            _FAULT % {"code": code}, status_code=500, headers={"Cache-Control": "no-store"}
        )


def _fault(code: str) -> Fault:
    fault = Fault()
    fault.values = {"code": code}
    return fault
