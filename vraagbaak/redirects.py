"""Where an app may be told that somebody agreed: which addresses can be registered, and what a browser may go to.

An address is compared letter by letter with what was registered, so everything that two programs could read
differently is refused at the door (threat H01).
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from vraagbaak.errors import Invalid

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""No address: the code is shown on a page, to be copied into the app."""
MOST = 20
LENGTH = 2000
# What runs in our own page, opens files or starts something else than the app that asked.
_NEVER = frozenset(
    {"about", "blob", "chrome", "content", "data", "file", "filesystem", "ftp", "intent", "jar"}
    | {"javascript", "mailto", "resource", "sms", "tel", "urn", "vbscript", "view-source", "ws", "wss"}
)
_LETTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):.+", re.IGNORECASE)
_PLACE = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?", re.IGNORECASE)


def checked(given: str) -> str:
    """The address as it may be registered. Raises Invalid.

    Taken are https, http on this very machine (RFC 8252 section 7.3), schemes of apps of their own (section 7.1)
    and OUT_OF_BAND.
    """
    if given == OUT_OF_BAND:
        return given
    if len(given) > LENGTH or not _LETTERS.fullmatch(given):
        raise _refused()
    scheme = _SCHEME.fullmatch(given)
    if scheme is None or scheme[1].lower() in _NEVER:
        raise _refused()
    if scheme[1].lower() in {"http", "https"} and not _is_safe_address(given):
        raise _refused()
    return given


def _is_safe_address(given: str) -> bool:
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        return False
    # A host in brackets cannot be named in a policy, a name before an @ only pretends to be the host.
    if port == 0 or not _PLACE.fullmatch(parts.netloc):
        return False
    return parts.scheme == "https" or _is_this_machine(parts.hostname or "")


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _refused() -> Invalid:
    return Invalid(
        "redirect_uris",
        "This cannot be a redirect address: use https, a scheme of your own app, or http on this machine; no fragment.",
        "bad-redirect-uri",
    )


def source_of(redirect_uri: str) -> str:
    """What a Content-Security-Policy calls the place that this address is at: its origin, or its scheme alone.

    Empty for OUT_OF_BAND. Only for addresses that `checked` took.
    """
    if redirect_uri == OUT_OF_BAND:
        return ""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"


def place_of(redirect_uri: str) -> str:
    """The same in a word for people: the host, or the scheme of an app on their own device; empty for OUT_OF_BAND."""
    return source_of(redirect_uri).rpartition("//")[2].removesuffix(":")
