"""No other site makes a visitor's browser do something here, and no form needs a hidden token for that.

The browser itself says where a request came from (Sec-Fetch-Site, else Origin, else Referer). What says nothing may
pass when it carries no session cookie; what does not look at the cookie at all is left alone.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from vraagbaak.config import Config
from vraagbaak.errors import NotYours
from web import errors, sessions
from web.seals import STOP

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_FROM_HERE = frozenset({b"same-origin", b"none"})
# These know tokens, client secrets or signatures, never the cookie.
_WITHOUT_COOKIE = frozenset({"/oauth/token", "/oauth/revoke", sessions.USERINFO})


class SameOriginOnly:
    """Refuses what another site sent through a visitor's browser."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.app = app
        self.base_url = config.base_url
        self.cookie = f"{sessions.cookie_name(config.base_url)}=".encode()
        self.origin = _origin(config.base_url.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and self._is_foreign(scope):
            request = Request(scope, receive)
            answer = await errors.answer(request, NotYours("csrf", REFUSAL))
            await answer(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path.startswith(STOP):
            return False  # a mail program ends letters without a page of ours; the link itself opens it
        if path.endswith("/inbox") or path.startswith("/api/") or path in _WITHOUT_COOKIE:
            return False
        headers: dict[bytes, bytes] = dict(scope["headers"])
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            return site not in _FROM_HERE
        # "null" tells nothing: under our own Referrer-Policy older browsers send it with our own forms.
        origin = headers.get(b"origin", b"null")
        if origin != b"null":
            return _origin(origin) != self.origin
        referer = headers.get(b"referer")
        if referer:
            return _origin(referer) != self.origin
        cookies = b";".join(value for name, value in scope["headers"] if name == b"cookie")
        return any(part.strip().startswith(self.cookie) for part in cookies.split(b";"))


REFUSAL = (
    "This did not come from a page of this site, so nothing was done. Open the page again and try once more."
)


def _origin(address: bytes) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        parts = urlsplit(address.decode("ascii"))
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", port
