"""How often something may be done: sign in, join, ask, call the API, deliver to an inbox.

Counted in memory only. An address is never kept: it is hashed with a salt that is thrown away every day, and a
counter is forgotten as soon as it has nothing more to say.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import HTTPConnection

from vraagbaak.config import Config
from vraagbaak.errors import TooFast
from vraagbaak.ports import Clock

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_COUNTERS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """At most `burst` at once, and then one every `pause` seconds."""

    burst: int
    pause: float


SIGN_IN = Rule(burst=10, pause=5 * 60 / 10)
JOIN = Rule(burst=10, pause=3600 / 10)
ASK = Rule(burst=20, pause=3600 / 20)
CODE = Rule(burst=10, pause=60)
CROWD = Rule(burst=30, pause=120)
APPS = Rule(burst=5, pause=10 * 60 / 5)
TOKENS = Rule(burst=30, pause=5 * 60 / 30)
MEDIA = Rule(burst=30, pause=60)
MAIL = Rule(burst=3, pause=4 * 3600)
API = Rule(burst=300, pause=5 * 60 / 300)
INBOX = Rule(burst=600, pause=1 / 60)
REFUSED = Rule(burst=60, pause=1)
# Where a proxy stands that nobody told us about: all who come through it would pay for one (see trusted_proxies).
_NEARBY = tuple(
    ipaddress.ip_network(name)
    for name in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


class Counter:
    """One rule for many keys (GCRA): per key only the moment at which it would be as good as new.

    Holds at most `MOST_COUNTERS` keys; beyond that those that were quiet the longest are forgotten.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.new_again: dict[bytes | str, float] = {}

    def take(self, key: bytes | str, now: float) -> None:
        """Counts one. Raises TooFast with the seconds to wait; a refused one is not counted."""
        at = self._new_again(key, now)
        self.new_again.pop(key, None)
        wait = self._wait(at, now)
        if wait <= 0:
            at += self.rule.pause
        self.new_again[key] = at  # popped and put back: the dict stays ordered by last use
        if len(self.new_again) > MOST_COUNTERS:
            self._forget(now)
        if wait > 0:
            raise TooFast(retry_after=math.ceil(wait))

    def look(self, key: bytes | str, now: float) -> None:
        """Counts nothing. Raises TooFast when one more would be too many."""
        wait = self._wait(self._new_again(key, now), now)
        if wait > 0:
            raise TooFast(retry_after=math.ceil(wait))

    def left(self, key: bytes | str, now: float) -> tuple[int, float]:
        """How many more may be done at once, and after how many seconds all of them again."""
        used = self._new_again(key, now) - now
        return self.rule.burst - math.ceil(used / self.rule.pause), used

    def _new_again(self, key: bytes | str, now: float) -> float:
        # never further ahead than one full burst: a clock that was set back locks nobody out
        return min(max(self.new_again.get(key, 0.0), now), now + self.rule.burst * self.rule.pause)

    def _wait(self, at: float, now: float) -> float:
        return at - now - (self.rule.burst - 1) * self.rule.pause

    def _forget(self, now: float) -> None:
        """Make room for a tenth, so that a full table costs little per request."""
        kept = [(key, at) for key, at in self.new_again.items() if at > now]
        self.new_again = dict(kept[-MOST_COUNTERS * 9 // 10 :])


class Limits:
    """All limits of one process."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.clock = clock
        self.on = config.lab_limits != "off"
        self.proxies = tuple(ipaddress.ip_network(name, strict=False) for name in config.trusted_proxies)
        self.signing_in = Counter(SIGN_IN)
        self.signing_in_as = Counter(SIGN_IN)
        self.joining = Counter(JOIN)
        self.asking = Counter(ASK)
        self.returning = Counter(CODE)
        self.crowd = Counter(CROWD)
        self.registering = Counter(APPS)
        self.exchanging = Counter(TOKENS)
        self.sending = Counter(MEDIA)
        self.mailing = Counter(MAIL)
        self.mailing_to = Counter(MAIL)
        self.calling = Counter(API)
        self.delivering = Counter(INBOX)
        self.refused = Counter(REFUSED)
        self._salt = b""
        self._salt_of: date | None = None

    def sign_in(self, request: HTTPConnection, handle: str) -> None:
        """Before a password is looked at. Raises TooFast."""
        self._take(self.signing_in, self.address_key(request))
        self._take(self.signing_in_as, self._hashed(handle.strip().lower().encode("utf-8", "replace")))

    def join(self, request: HTTPConnection) -> None:
        """Before an invitation is looked at. Raises TooFast."""
        self._take(self.joining, self.address_key(request))

    def ask(self, request: HTTPConnection) -> None:
        """Before a question without an account is taken. Raises TooFast."""
        self._take(self.asking, self.address_key(request))

    def is_crowded(self) -> bool:
        """Counts one question without an account; whether there are so many now that somebody should read them first."""
        try:
            self._take(self.crowd, "all")
        except TooFast:
            return True
        return False

    def come_back(self, request: HTTPConnection) -> None:
        """Before four words are looked at: whoever guesses gets nowhere. Raises TooFast."""
        self._take(self.returning, self.address_key(request))

    def register_app(self, request: HTTPConnection) -> None:
        """Before an app is taken (threat H24). Raises TooFast."""
        self._take_told(request, self.registering, self.address_key(request))

    def token(self, request: HTTPConnection) -> None:
        """Before a code, or the secret of an app, is looked at (threat H11). Raises TooFast."""
        self._take_told(request, self.exchanging, self.address_key(request))

    def media(self, member_id: str) -> None:
        """Before a picture of a member is read. Raises TooFast."""
        self._take(self.sending, member_id)

    def mail(self, member_id: str, address: str) -> None:
        """Before a letter goes to an address that somebody gave: nobody is buried under ours. Raises TooFast."""
        self._take(self.mailing, member_id)
        self._take(self.mailing_to, self._hashed(address.lower().encode()))

    def api(self, request: HTTPConnection, holder: str = "") -> None:
        """For one call: counted for the holder of a token, else for the address. Raises TooFast."""
        self._take(self.calling, holder or self.address_key(request))

    def client(self, request: HTTPConnection, holder: str = "") -> dict[str, str]:
        """The same, and what is left, in the headers that Mastodon's clients read. Raises TooFast.

        They are kept with the request too: every answer to it has them, whatever comes of it.
        """
        return self._take_told(request, self.calling, holder or self.address_key(request))

    def _take_told(self, request: HTTPConnection, counter: Counter, key: bytes | str) -> dict[str, str]:
        try:
            self._take(counter, key)
        finally:
            request.state.budget = budget = self._budget(counter, key)
        return budget

    def _budget(self, counter: Counter, key: bytes | str) -> dict[str, str]:
        now = self.clock.now()
        left, again = counter.left(key, now.timestamp()) if self.on else (counter.rule.burst, 0.0)
        reset = (now + timedelta(seconds=again)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {
            "X-RateLimit-Limit": str(counter.rule.burst),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": reset,
        }

    def inbox(self, host: str) -> None:
        """For one delivery from a server. Raises TooFast."""
        self._take(self.delivering, host)

    def knock(self, request: HTTPConnection) -> None:
        """Before a signature is looked at. Raises TooFast where too many from there proved nothing (threat D25)."""
        if self.on and (key := self.stranger_key(request)):
            self.refused.look(key, self.clock.now().timestamp())

    def refuse(self, request: HTTPConnection) -> None:
        """One more from there that proved nothing."""
        if self.on and (key := self.stranger_key(request)):
            with suppress(TooFast):
                self.refused.take(key, self.clock.now().timestamp())

    def stranger_key(self, request: HTTPConnection) -> bytes:
        """What stands for the sender's address today; empty for who comes from this machine or network."""
        found = self.address_of(request)
        return b"" if found is None or is_nearby(found) else self.address_key(request)

    def _take(self, counter: Counter, key: bytes | str) -> None:
        if self.on:
            counter.take(key, self.clock.now().timestamp())

    def address_key(self, request: HTTPConnection) -> bytes:
        """What stands for the sender's address today; tomorrow it is another, and nobody can go back."""
        found = self.address_of(request)
        if isinstance(found, ipaddress.IPv6Address):
            # Whoever has one IPv6 address has the 2**64 around it.
            return self._hashed(found.packed[:8])
        return self._hashed(found.packed if found else b"")

    def _hashed(self, given: bytes) -> bytes:
        today = self.clock.now().date()
        if today != self._salt_of:
            self._salt, self._salt_of = secrets.token_bytes(32), today
        return hashlib.blake2b(given, key=self._salt, digest_size=16).digest()

    def address_of(self, request: HTTPConnection) -> Address | None:
        """Who sent it: the last address that no proxy of ours added to X-Forwarded-For (threat H12)."""
        sender = _address(request.client.host) if request.client else None
        if sender is None or not self._is_ours(sender):
            return sender
        named = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
        for part in reversed(named):
            before = _address(part.strip())
            if before is None:
                return sender
            sender = before
            if not self._is_ours(sender):
                return sender
        return sender

    def _is_ours(self, address: Address) -> bool:
        return any(address in network for network in self.proxies)


def is_nearby(given: Address | str) -> bool:
    """Whether an address is on this machine or in its own network."""
    found = _address(given) if isinstance(given, str) else given
    return found is not None and any(found in network for network in _NEARBY)


def _address(given: str) -> Address | None:
    try:
        found = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def limits_of(request: HTTPConnection) -> Limits:
    """The limits of this process; app.py puts them on `app.state.limits`."""
    limits: Limits = request.app.state.limits
    return limits
