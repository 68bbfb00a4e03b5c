"""The headers that every answer carries: nothing from elsewhere is loaded, nothing is told to elsewhere.

Pages are for this site alone; pictures and the API may be used from other sites, always without cookies.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vraagbaak.config import Config
from web import cors

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


def policy_sending_to(*places: str) -> str:
    """The policy of a page whose form may end at these places too: after it is sent, the browser may be sent there.

    A place is an origin or a scheme, as `vraagbaak.redirects.source_of` makes them.
    """
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", " ".join(("form-action 'self'", *places)))


def headers_for(config: Config, resource_policy: str) -> Headers:
    """The headers as ASGI sends them, the policy first."""
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
    return tuple((name.encode(), value.encode()) for name, value in given.items())


class SecurityHeaders:
    """Outermost: whatever answers, refusals and faults too, leaves with these headers.

    What an answer brings of its own it keeps: a second policy would count on top of it, a second word would contradict.
    """

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self.app = app
        self.pages = headers_for(config, "same-origin")
        self.others = headers_for(config, "cross-origin")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        shared = cors.is_for_other_sites(path) or path.startswith("/media/")
        headers = self.others if shared else self.pages

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                own = {name for name, _ in given}
                message["headers"] = [*given, *(each for each in headers if each[0] not in own)]
            await send(message)

        await self.app(scope, receive, send_with_headers)
