"""The headers that every answer carries: nothing from elsewhere is loaded, nothing is told to elsewhere.

Pages are for this site alone; pictures and the API may be used from other sites, always without cookies.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vraagbaak.config import Config

Headers = tuple[tuple[bytes, bytes], ...]

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
# Every feature with a switch in Chromium; names that no browser knows would only fill its console.
_SWITCHED_OFF = [
    "accelerometer",
    "ambient-light-sensor",
    "attribution-reporting",
    "autoplay",
    "battery",
    "bluetooth",
    "browsing-topics",
    "camera",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "interest-cohort",
    "join-ad-interest-group",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "publickey-credentials-get",
    "run-ad-auction",
    "screen-wake-lock",
    "serial",
    "shared-storage",
    "speaker-selection",
    "storage-access",
    "usb",
    "web-share",
    "window-management",
    "xr-spatial-tracking",
]
PERMISSIONS_POLICY = ", ".join(f"{name}=()" for name in _SWITCHED_OFF)
HSTS = "max-age=63072000"

# Where a page of another site may read the answer: never with cookies, which these paths do not look at anyway.
FOR_OTHER_SITES = ("/api/", "/oauth/token", "/oauth/revoke", "/.well-known/", "/nodeinfo")
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Link, Location, Retry-After, X-RateLimit-Reset, Idempotency-Key",
}
_PREFLIGHT = {
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "access-control-allow-headers": "Authorization, Content-Type, Idempotency-Key",
    "access-control-max-age": "86400",
    "vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
}


def headers_for(config: Config, resource_policy: str, extra: dict[str, str] | None = None) -> Headers:
    """The headers as ASGI sends them."""
    given = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "referrer-policy": "no-referrer",
        "permissions-policy": PERMISSIONS_POLICY,
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": resource_policy,
    }
    if config.base_url.startswith("https://"):
        given["strict-transport-security"] = HSTS
    return tuple((name.encode(), value.encode()) for name, value in (given | (extra or {})).items())


class SecurityHeaders:
    """Outermost: whatever answers, refusals and faults too, leaves with these headers."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.app = app
        self.pages = headers_for(config, "same-origin")
        self.media = headers_for(config, "cross-origin")
        self.others = headers_for(config, "cross-origin", _CORS)
        self.preflight = headers_for(config, "cross-origin", _CORS | _PREFLIGHT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        headers = self.pages
        if path.startswith(FOR_OTHER_SITES):
            if scope["method"] == "OPTIONS":
                await _allow(send, self.preflight)
                return
            headers = self.others
        elif path.startswith("/media/"):
            headers = self.media

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *headers]
            await send(message)

        await self.app(scope, receive, send_with_headers)


async def _allow(send: Send, headers: Headers) -> None:
    """The answer to a browser that asks whether it may ask (CORS preflight)."""
    await send({"type": "http.response.start", "status": 204, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})
