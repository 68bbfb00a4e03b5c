"""Which addresses a page of another site may call: the API, and what belongs to signing in with an app.

Never with cookies: these addresses look at none (threat H15). Whatever answers there, refusals too, says so itself,
and so does the answer to a browser that asks beforehand.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BEGINNINGS = ("/api/", "/.well-known/", "/nodeinfo")
_WHOLE = frozenset({"/oauth/token", "/oauth/revoke", "/oauth/userinfo"})
_EVERY_ANSWER = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Link, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Idempotency-Key"
    ),
}
_BEFOREHAND = {
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    # A star is every header but Authorization; the others are named for browsers that do not know the star.
    "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key, *",
    "access-control-max-age": "86400",
    "vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
}
Headers = list[tuple[bytes, bytes]]


def is_for_other_sites(path: str) -> bool:
    """Whether a page of another site may call this and read the answer."""
    return path in _WHOLE or path.startswith(_BEGINNINGS)


def _encoded(headers: dict[str, str]) -> Headers:
    return [(name.encode(), value.encode()) for name, value in headers.items()]


class OpenToOtherSites:
    """Adds the headers, and answers OPTIONS where other sites may call."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers = _encoded(_EVERY_ANSWER)
        self.beforehand = _encoded(_EVERY_ANSWER | _BEFOREHAND)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_for_other_sites(scope["path"]):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": list(self.beforehand)})
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers)
