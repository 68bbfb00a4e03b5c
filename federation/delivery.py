"""One letter to one inbox: may it still have it, sign, send, and judge the answer.

What is final is never tried again, what may pass is; how long that goes on is the queue's to decide (storage/policy).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import urljoin

from federation.documents import host_of, same_url, split_url
from federation.keys import PrivateKey
from federation.letters import Order, While, order_of
from federation.own_keys import OwnKeys, rsa_of
from federation.schemes import REFUSING, Schemes
from federation.signatures import Scheme, sign
from federation.synchronizing import header_for
from federation.transport import Forbidden, Misled, Response, TransportFault, Wire
from storage.jobs import is_waiting
from storage.reading import Reading
from storage.records import Activity
from storage.store import Store
from storage.work import PUBLISH, Bury, Done, Job, Retry, Unit, Verdict, Wait
from vraagbaak import audience, follows, peers
from vraagbaak.model import ActorKey, Question, Standing
from vraagbaak.ports import Clock, Tx

REDIRECTS = 3
_SAME_AGAIN = frozenset({307, 308})  # the only redirects that keep a POST a POST (RFC 9110 section 15.4)
_ELSEWHERE = frozenset({301, 302, 303})
_FRESH = timedelta(seconds=2)
"""A letter goes out with the words with which it was written, when it goes at once."""
_GONE = 410
_GONE_FOR = timedelta(days=1)
_DOUBTED = 401  # may pass: a key that was changed, or that the other side cannot fetch now (as Mastodon)
_LATER = frozenset({408, 425, 429})


class _Astray(Exception):  # noqa: N818 - what the letter is
    """The inbox sends the letter where it may not go; that can be a mistake of a day. `code` is one safe word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Delivery:
    """Delivers. One per process."""

    def __init__(self, *, store: Store, wire: Wire, keys: OwnKeys, schemes: Schemes, clock: Clock) -> None:
        self._store = store
        self._schemes = schemes
        self._wire = wire
        self._keys = keys
        self._clock = clock

    async def deliver(self, job: Job) -> Unit | Verdict:
        """The handler of `deliver` jobs."""
        order = order_of(job.payload)
        found = await self._store.read(_letter, order, job)
        if found is None:
            return Done()
        if isinstance(found, Wait):
            return found
        try:
            key = await self._keys.signer(order.signer, found.key)
            answer, meant = await self._schemes.post(
                order.inbox, lambda scheme: self._post(order, found, key, scheme)
            )
        except _Astray as fault:
            return Retry(error=f"redirect: {fault.code}")
        except TransportFault as fault:
            if isinstance(fault, Forbidden) and not isinstance(fault, Misled):
                return Bury(error=f"forbidden: {fault.code}")
            return Retry(error=f"no answer: {fault.code}", host_failed=True, silent=True)
        if answer.status in REFUSING and not meant:
            return Retry(error=f"http {answer.status}")
        return await self._judge(answer, job, order)

    async def _post(self, order: Order, letter: _Ready, key: PrivateKey, scheme: Scheme) -> Response:
        """Signed anew for every hop (Mastodon 4.7). Raises TransportFault, or _Astray."""
        url, body = order.inbox, letter.body.encode()
        seen: set[str] = set()
        followers = header_for(order.signer, order.followers) if order.followers else ""
        for _ in range(REDIRECTS + 1):
            headers = sign(
                "POST",
                url,
                key=key,
                now=self._clock.now(),
                scheme=scheme,
                body=body,
                synchronization=followers,
            )
            answer = await self._wire.post(url, headers, body)
            if answer.status not in _SAME_AGAIN:
                return answer
            seen.add(url)
            url = _onward(url, answer.headers)
            if any(same_url(url, been) for been in seen):
                raise _Astray("loop")
        raise _Astray("redirects")

    async def _judge(self, answer: Response, job: Job, order: Order) -> Unit | Verdict:
        status = answer.status
        if _taken(answer):
            return Done(host_answered=True)
        if status == _GONE and await self._is_gone(job, order):
            return Unit.of(_forget_inbox, order.inbox)
        if status >= 500 or status in _LATER:
            after = _retry_after(answer.headers, self._clock.now())
            return Retry(
                error=f"http {status}", after=after, host_failed=status not in _LATER or after is not None
            )
        if status in {_DOUBTED, _GONE} | _ELSEWHERE:
            return Retry(error=f"http {status}")
        return Bury(error=f"http {status}", host_answered=True)

    async def _is_gone(self, job: Job, order: Order) -> bool:
        """Whether an inbox that says that it is gone is believed: when it still says so after a day.

        One wrong answer would end a follow for ever and silently. An inbox of a pilot never is: the follow by its
        Application is the proof that it trusts us, and the steward has to see that it does not answer.
        """
        day = _GONE_FOR / self._store.policy.lab_clock
        if job.last_error != f"http {_GONE}" or self._clock.now() < job.made_at + day:
            return False
        standing = await self._store.read(peers.standing, host_of(order.inbox) or "")
        return standing is not Standing.PILOT


def _taken(answer: Response) -> bool:
    return 200 <= answer.status < 300


class _Ready(NamedTuple):
    """A letter that may be sent now."""

    body: str
    key: ActorKey | None
    """What it is signed with; None when its actor has no key yet."""


def _letter(reading: Reading, order: Order, job: Job) -> _Ready | Wait | None:
    """The activity as it is sent; None when it is not to be sent any more."""
    activity = reading.one(Activity, id=order.activity)
    if activity is None:
        return None
    if reading.now >= job.made_at + _FRESH and _is_changing(reading, activity.thing_uri):
        return Wait(error="changing")
    if order.allowed is not While.ALWAYS:
        host = host_of(order.inbox) or ""
        if peers.standing(reading, host) is Standing.REFUSED:
            return None
        if order.allowed is While.PILOT and not peers.in_circle(reading, host):
            return None
    return _Ready(activity.body, rsa_of(reading, order.signer))


def _is_changing(reading: Reading, thing_uri: str) -> bool:
    """Whether something happened to a thing that is not in the post yet: what waits to be sent may be old words."""
    thing = audience.thing_at(reading, thing_uri)
    thread = audience.thread_of(reading, thing) if thing and not isinstance(thing, Question) else None
    names = [thing_uri, *(each.id for each in (thing, thread) if each)]
    return is_waiting(reading, [f"{PUBLISH} {name}" for name in names])


def _onward(url: str, headers: Mapping[str, str]) -> str:
    """Where a redirect leads, on the same host: it is that host that may have the letter.

    Raises _Astray for anywhere else and for a way without TLS (threats C08 to C10).
    """
    try:
        onward = urljoin(url, headers.get("location", ""))
    except ValueError:
        raise _Astray("bad-url") from None
    here, there = split_url(url), split_url(onward)
    if there is None or here is None:
        raise _Astray("bad-url")
    if here[0].netloc != there[0].netloc:
        raise _Astray("other-host")
    if here[0].scheme == "https" and there[0].scheme != "https":
        raise _Astray("downgrade")
    return onward


def _retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110 section 10.2.3); None when it says nothing usable."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdecimal():
        return float(given[:12])
    try:
        return max(0.0, (parsedate_to_datetime(given) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _forget_inbox(tx: Tx, inbox: str) -> None:
    follows.forget_inbox(tx, inbox, host_of(inbox) or "")
