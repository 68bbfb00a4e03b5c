"""Fetches documents of other servers, within limits of count, redirects, size, time and patience.

It refuses what is not AS2, what is not at its own id, and any way that leads to our own host.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

from federation.discovery import is_jrd
from federation.documents import (
    JRD_JSON,
    Document,
    Malformed,
    id_of,
    is_activity_json,
    origin,
    parse,
    same_url,
    split_url,
)
from federation.schemes import KnockAt, knock_once
from federation.signatures import Scheme
from federation.transport import Forbidden, Response, TransportFault, Wire

REDIRECTS = 3
MOST = 50
PATIENCE = timedelta(minutes=1)
REMEMBERED = 10_000
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({408, 425, 429})

Sign = Callable[[str, Scheme], Awaitable[Mapping[str, str]]]
Plain = Callable[[str], Awaitable[Mapping[str, str]]]
Accepts = Callable[[str], bool]


class FetchFault(Exception):  # noqa: N818 - the root of the tree below
    """There is no document for us.

    FetchFault
    ├── Vanished    404 or 410: it is gone, or was never there
    ├── Temporary   no answer, or an answer that says "later": try again another time
    │   └── Spent   the budget of this piece of work is used up
    └── Rejected    an answer that we do not take, or a way that we do not go
    `code` is one safe word.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Vanished(FetchFault):
    """404 or 410."""

    @property
    def for_good(self) -> bool:
        """Whether its server says that it will not come back."""
        return self.code == "410"


class Temporary(FetchFault):
    """Not now."""

    @property
    def silent(self) -> bool:
        """Whether there was no answer at all."""
        return not self.code.isdecimal()


class Rejected(FetchFault):
    """Not this."""


class Spent(Temporary):
    """No more fetches for this piece of work, this time."""


@dataclass(slots=True)
class Budget:
    """How many requests one piece of work may cause (50 per inbound activity, as Mitra)."""

    left: int = MOST
    begin: Callable[[], None] | None = None
    """Called before anything is waited for; what it raises is raised."""
    whole: Budget | None = None
    """What this is a part of."""

    @classmethod
    def after(cls, spent: int, begin: Callable[[], None] | None = None) -> Budget:
        """What is left for work that was tried before: however often that is, it causes no more requests in all."""
        return cls(max(0, MOST - spent), begin)

    def part(self, most: int) -> Budget:
        """So much of it at most, so that one thing does not use up what the others need."""
        return Budget(min(most, self.left), whole=self)

    def start(self) -> None:
        """Before what this work asks for is waited for. Raises what `begin` raises."""
        if self.whole:
            self.whole.start()
        if self.begin:
            self.begin()
            self.begin = None

    def spend(self) -> None:
        """One request. Raises Spent."""
        if self.left <= 0:
            raise Spent("budget")
        if self.whole:
            self.whole.spend()
        self.left -= 1


Get = Callable[[str, Budget], Awaitable[Response]]


class Fetcher:
    """Dereferences ids. Failures are remembered for a minute, and a url is never asked twice at the same time."""

    def __init__(
        self,
        wire: Wire,
        sign_get: Sign,
        our_hosts: Collection[str],
        clock: Callable[[], datetime],
        plain_get: Plain | None = None,
        knock: KnockAt = knock_once,
    ) -> None:
        """`sign_get` and `plain_get` give the headers of a request, `knock` decides in which ways it is signed."""
        self._wire = wire
        self._sign_get = sign_get
        self._plain_get = plain_get or unsigned
        self._knock = knock
        self._our_hosts = our_hosts
        self._clock = clock
        self._failed: OrderedDict[str, tuple[datetime, type[FetchFault], str]] = OrderedDict()
        self._flying: dict[str, asyncio.Task[Document]] = {}

    async def fetch_document(self, url: str, *, budget: Budget) -> Document:
        """The AS2 document whose id is where it was found; a document with another id is fetched there, once.

        The signature is made anew for every hop. Several callers at once share one document: do not change it.
        Raises FetchFault (Mastodon's and Mitra's rules; threats B04, C08 to C10, C18 to C20, C22, A28).
        """
        return await self._once(url, budget, self._at_its_id)

    async def fetch_plain(self, url: str, *, budget: Budget) -> Document:
        """A WebFinger or NodeInfo document: JSON without an id, asked without a signature. Raises FetchFault."""
        return await self._once(url, budget, self._plain)

    async def _once(
        self, url: str, budget: Budget, fetch: Callable[[str, Budget], Awaitable[Document]]
    ) -> Document:
        """One request for all who want it now, paid by the first; when that one cannot pay it, by the next.

        What only the caller's own work lacks is no fault of the url: nobody else must hear of it (threats A28, D12).
        """
        name = f"{fetch.__name__} {url}"
        while True:
            self._check_patience(name)
            budget.start()
            joined = self._flying.get(name)
            try:
                return await asyncio.shield(joined or self._fly(name, url, budget, fetch))
            except Spent:
                if joined is None:
                    raise

    def _fly(
        self, name: str, url: str, budget: Budget, fetch: Callable[[str, Budget], Awaitable[Document]]
    ) -> asyncio.Task[Document]:
        flight = self._flying[name] = asyncio.create_task(self._remembering(name, url, budget, fetch))
        flight.add_done_callback(lambda done: self._landed(name, done))
        return flight

    def _landed(self, name: str, done: asyncio.Task[Document]) -> None:
        self._flying.pop(name, None)
        if not done.cancelled():
            done.exception()  # looked at, also when everybody who waited has left

    async def _remembering(
        self, name: str, url: str, budget: Budget, fetch: Callable[[str, Budget], Awaitable[Document]]
    ) -> Document:
        try:
            return await fetch(url, budget)
        except Spent:
            raise
        except FetchFault as fault:
            self._failed[name] = (self._clock() + PATIENCE, type(fault), fault.code)
            self._failed.move_to_end(name)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)
            raise

    def _check_patience(self, name: str) -> None:
        until, kind, code = self._failed.get(name, (None, FetchFault, ""))
        if until is None:
            return
        if self._clock() < until:
            raise kind(code)
        del self._failed[name]

    async def _at_its_id(self, url: str, budget: Budget) -> Document:
        doc, found_at = await self._follow(url, budget, self._signed, is_activity_json)
        own_id = id_of(doc)
        if own_id is None:
            raise Rejected("id")
        if same_url(own_id, found_at):
            return doc
        doc, found_at = await self._follow(own_id, budget, self._signed, is_activity_json)
        if not same_url(id_of(doc), found_at) or not same_url(own_id, found_at):
            raise Rejected("id")
        return doc

    async def _plain(self, url: str, budget: Budget) -> Document:
        doc, _ = await self._follow(url, budget, self._unsigned, is_jrd)
        return doc

    async def _follow(self, url: str, budget: Budget, get: Get, accepts: Accepts) -> tuple[Document, str]:
        """The document and the url that gave it, without fragment."""
        seen: set[str] = set()
        here = self._way(None, url)
        for _ in range(REDIRECTS + 1):
            seen.add(here)
            answer = await get(here, budget)
            if answer.status not in _REDIRECTS:
                return _read(answer, accepts), here
            here = self._way(here, answer.headers.get("location", ""))
            if here in seen:
                raise Rejected("redirect-loop")
        raise Rejected("redirects")

    async def _signed(self, url: str, budget: Budget) -> Response:
        async def ask(scheme: Scheme) -> Response:
            budget.spend()
            return await self._ask(url, await self._sign_get(url, scheme))

        return await self._knock(url, ask)

    async def _unsigned(self, url: str, budget: Budget) -> Response:
        budget.spend()
        return await self._ask(url, await self._plain_get(url))

    def _way(self, here: str | None, to: str) -> str:
        try:
            place = split_url(urljoin(here, to) if here and to else to)
        except ValueError:
            place = None
        if place is None:
            raise Rejected("bad-url")
        if place[0].netloc in self._our_hosts:
            raise Rejected("own-host")
        old = origin(here) if here else None
        if old is not None and old.scheme == "https" and place[0].scheme != "https":
            raise Rejected("downgrade")
        return f"{place[0]}{place[1]}"

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Response:
        try:
            return await self._wire.get(url, headers)
        except Forbidden as fault:
            raise Rejected(fault.code) from fault
        except TransportFault as fault:
            raise Temporary(fault.code) from fault


async def unsigned(_: str) -> Mapping[str, str]:
    """The headers of a request for WebFinger or NodeInfo, which nobody has to sign."""
    return {"Accept": f"{JRD_JSON}, application/json"}


def _read(answer: Response, accepts: Accepts) -> Document:
    if answer.status in {404, 410}:
        raise Vanished(str(answer.status))
    if answer.status >= 500 or answer.status in _LATER:
        raise Temporary(str(answer.status))
    if answer.status != 200:
        raise Rejected(str(answer.status))
    if not accepts(answer.headers.get("content-type", "")):
        raise Rejected("content-type")
    try:
        return parse(answer.body)
    except Malformed as fault:
        raise Rejected(fault.code) from fault
