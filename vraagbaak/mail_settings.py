"""What a steward says about mail: through which server it leaves, under whose name, and at which hour of the week.

Nothing is sent and no time is told here; what cannot be read is a `ValueError` with one sentence.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPREAD = timedelta(hours=1)
"""Letters leave within this time, so that no server has to take all of them at once."""
LONGEST_ADDRESS = 254
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])", re.IGNORECASE
)


def is_address(given: str) -> bool:
    """Whether this is a plain mail address, and nothing that two programs could read in two ways (threat H13).

    No comments, quotes, names, lists, addresses in brackets or letters beyond ASCII: RFC 5321 allows more, people
    hardly have them.
    """
    local, at, domain = given.rpartition("@")
    return bool(
        at
        and len(given) <= LONGEST_ADDRESS
        and len(local) <= 64
        and _LOCAL.fullmatch(local)
        and _DOMAIN.fullmatch(domain)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """The server that takes our mail."""

    host: str
    port: int
    tls: bool
    """From the first byte on (smtps)."""
    starttls: bool
    """Whether nothing is said before the line is made safe (STARTTLS); for one on this machine it need not be."""
    user: str = ""
    password: str = field(default="", repr=False)


def relay(url: str) -> Relay:
    """`smtp://[user:password@]host[:port][?starttls=off]` or `smtps://...`. Raises ValueError."""
    wrong = ValueError(
        "smtp_url is like smtp://user:password@mail.example:587 or smtps://user:password@mail.example."
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    wishes = dict(parse_qsl(parts.query, keep_blank_values=True))
    known = {"starttls": "off"} if parts.scheme == "smtp" else {}
    if parts.scheme not in {"smtp", "smtps"} or not host or parts.path not in {"", "/"} or parts.fragment:
        raise wrong
    if any(known.get(name) != value for name, value in wishes.items()):
        raise ValueError("smtp_url knows one wish: ?starttls=off, for a server in your own network.")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    tls = parts.scheme == "smtps"
    starttls = not tls and not wishes and not _is_this_machine(host)
    if user and not (tls or starttls or _is_this_machine(host)):
        raise ValueError(
            "smtp_url has a password, and that is never sent over an open line: leave starttls on."
        )
    usual = 465 if tls else 587 if user else 25
    return Relay(host=host, port=port or usual, tls=tls, starttls=starttls, user=user, password=password)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekly:
    """A day of the week (Monday is 0) and an hour, where the pilot is."""

    day: int
    hour: int

    def after(self, moment: datetime, share: float, place: ZoneInfo) -> datetime:
        """The first such moment later than this one, `share` (0 to 1) of the spread after the hour."""
        local = moment.astimezone(place)
        spread = SPREAD * share
        found = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        found += timedelta(days=(self.day - local.weekday()) % 7)
        if found + spread <= local:
            found += timedelta(days=7)
        return (found + spread).astimezone(moment.tzinfo)


def weekly(given: str) -> Weekly:
    """`friday 9`. Raises ValueError."""
    day, _, hour = given.strip().lower().partition(" ")
    if day not in DAYS or not hour.isascii() or not hour.isdecimal() or int(hour[:3]) > 23:
        raise ValueError(f"mail_when is a day and an hour, like 'friday 9', not {given!r}.")
    return Weekly(day=DAYS.index(day), hour=int(hour))
