"""Sends requests to other servers through one httpx client, with one small pool of connections per host.

It connects to vetted public addresses only (the laboratory settings aside), follows nothing, keeps no cookie, asks no
proxy, and gives up at a limit of bytes and of seconds.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from federation.documents import CAPS, Origin, split_url

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
App = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]],
    Awaitable[None],
]

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
HOSTS = 256
PER_HOST = 4
IDLE_SECONDS = 30.0

# IANA special-purpose registries. Written out, because what `is_global` says differs between Python versions.
_SPECIAL_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4"),
    )
)
# Only 2000::/3 is given out as global unicast, so mapped, NAT64, link-local and unique-local fall outside it.
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_NO_NAMES = frozenset(
    {"localhost", "local", "onion", "i2p", "internal", "arpa", "lan", "home", "test", "invalid"}
)


class TransportFault(Exception):  # noqa: N818 - the root of the tree below
    """The request got no answer.

    TransportFault
    ├── Forbidden    our own policy: never try again
    │   └── Misled   the same, for what the DNS says now: that may be a fault of a day
    ├── Unreachable  no connection, no TLS, or not HTTP
    ├── TooSlow      no full answer within the deadline
    └── TooBig       more bytes than asked for
    `code` is one safe word.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Forbidden(TransportFault):
    """We do not go there."""


class Misled(Forbidden):
    """The name leads to an address where we do not go."""


class Unreachable(TransportFault):
    """Nobody there who speaks HTTP."""


class TooSlow(TransportFault):
    """Not within the deadline."""


class TooBig(TransportFault):
    """More than the limit, counted after decoding."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: `headers` by lower-case name, `url` as asked (nothing was followed)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Wire(Protocol):
    """What sends requests: the network, or its in-memory twin."""

    async def get(self, url: str, headers: Mapping[str, str], *, limit: int = CAPS.body) -> Response:
        """The answer to a GET. Raises TransportFault."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to a POST. Raises TransportFault."""


def is_global(address: str) -> bool:
    """Whether an address is global unicast, so that a stranger may make us connect to it (threats C01 to C06)."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv4Address):
        return not any(found in network for network in _SPECIAL_4)
    if found.scope_id is not None or found not in _GLOBAL_6:
        return False
    return not any(found in network for network in _SPECIAL_6)


class Policy:
    """Where requests may go: https on 443 at public names and addresses, and what a laboratory adds to that."""

    def __init__(self, *, lab_networks: Collection[str] = (), lab_http: bool = False) -> None:
        self._networks: tuple[Network, ...] = tuple(
            ipaddress.ip_network(n, strict=False) for n in lab_networks
        )
        self._any_port = lab_http

    def place(self, url: str) -> tuple[Origin, str]:
        """Origin and request target of a url that may be requested. Raises Forbidden."""
        found = split_url(url)
        if found is None:
            raise Forbidden("bad-url")
        place = found[0]
        if not self._any_port and (place.scheme, place.port) != ("https", 443):
            raise Forbidden("port")
        if place.is_address:
            if not self._in_lab(place.host.strip("[]")):
                raise Forbidden("address")
        elif not self._networks and ("." not in place.host or place.host.rpartition(".")[2] in _NO_NAMES):
            raise Forbidden("name")
        return found

    def at_home(self, host: str) -> bool:
        """Whether the name is this very machine's and a laboratory may use it: never asked of any DNS (RFC 6761)."""
        return (host == "localhost" or host.endswith(".localhost")) and self._in_lab("127.0.0.1")

    def vet(self, addresses: Sequence[str]) -> None:
        """Refuse unless every address may be connected to. Raises Misled."""
        if not all(is_global(address) or self._in_lab(address) for address in addresses):
            raise Misled("address")

    def _in_lab(self, address: str) -> bool:
        found = ipaddress.ip_address(address.partition("%")[0])
        return any(found.version == network.version and found in network for network in self._networks)


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """The addresses that this machine knows for a name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class _VettedNames(AbstractResolver):
    """Names to addresses for aiohttp; it connects to exactly these, so a second answer of the DNS changes nothing."""

    def __init__(self, policy: Policy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002 - aiohttp's name for it
    ) -> list[ResolveResult]:
        """All addresses of the host, or none at all when one of them may not be reached."""
        addresses = ["127.0.0.1"] if self._policy.at_home(host) else list(await self._resolver(host, port))
        self._policy.vet(addresses)
        if not addresses:
            raise Unreachable("dns")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class _Pool:
    session: aiohttp.ClientSession
    busy: int = 0


class _Pools(httpx.AsyncBaseTransport):
    """The way down from httpx: per host one small aiohttp pool, the longest unused closed beyond `HOSTS` that are idle.

    Those that wait for an answer are not counted: hosts that hang must not close the connections to those that answer.

    httpx's own pool looks at every connection on every request, and httpx-aiohttp lets yarl rewrite the target, which
    breaks what was signed; see docs/decisions/0003-http-client.md.
    """

    def __init__(self, policy: Policy, resolver: Resolver, tls: ssl.SSLContext, connect: float) -> None:
        self._policy = policy
        self._names = _VettedNames(policy, resolver)
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect)
        self._pools: dict[str, _Pool] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()
        """Of these, the pools that nobody uses just now, longest unused first."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
        pool = self._take(name)
        try:
            answer = await pool.session.request(
                request.method,
                URL(f"{name}{request.url.raw_path.decode('ascii')}", encoded=True),
                headers=[(key.decode("ascii"), value.decode("ascii")) for key, value in request.headers.raw],
                data=request.content or None,
                allow_redirects=False,
            )
        except BaseException:
            await self._leave(name, pool)
            raise
        kept = [(key, value) for key, value in answer.raw_headers if key.lower() != b"set-cookie"]
        return httpx.Response(
            answer.status,
            headers=kept,
            stream=_Stream(answer, lambda: self._leave(name, pool)),
            request=request,
        )

    def _take(self, name: str) -> _Pool:
        pool = self._pools.get(name)
        if pool is None:
            pool = self._pools[name] = _Pool(self._session())
        self._idle.pop(name, None)
        pool.busy += 1
        return pool

    async def _leave(self, name: str, pool: _Pool) -> None:
        pool.busy -= 1
        if not pool.busy:
            self._idle[name] = None
        while len(self._idle) > HOSTS:
            unused, _ = self._idle.popitem(last=False)
            await self._pools.pop(unused).session.close()

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=self._names,
            use_dns_cache=False,
            ssl=self._tls,
            limit=PER_HOST,
            keepalive_timeout=IDLE_SECONDS,
            socket_factory=self._socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=self._timeout,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        # The last look, at the address that is really dialled (Mastodon and GoToSocial check here too).
        self._policy.vet([str(info[4][0])])
        return socket.socket(info[0], info[1], info[2])

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.session.close()
        self._pools.clear()
        self._idle.clear()


class _Stream(httpx.AsyncByteStream):
    def __init__(self, answer: aiohttp.ClientResponse, leave: Callable[[], Awaitable[None]]) -> None:
        self._answer = answer
        self._leave: Callable[[], Awaitable[None]] | None = leave

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._answer.content.iter_chunked(65536):
            yield chunk

    async def aclose(self) -> None:
        self._answer.release()
        if self._leave is not None:
            leave, self._leave = self._leave, None
            await leave()


class Transport:
    """The network. One per process: making the client and its TLS context costs 150 ms."""

    def __init__(
        self,
        *,
        user_agent: str,
        lab_networks: Collection[str] = (),
        lab_http: bool = False,
        lab_ca: str = "",
        resolver: Resolver = system_resolver,
        connect_seconds: float = CONNECT_SECONDS,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._policy = Policy(lab_networks=lab_networks, lab_http=lab_http)
        self._total = total_seconds
        tls = httpx.create_ssl_context(trust_env=False)
        if lab_ca:
            tls.load_verify_locations(lab_ca)
        self._client = httpx.AsyncClient(
            transport=_Pools(self._policy, resolver, tls, connect_seconds),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            trust_env=False,
            follow_redirects=False,
            timeout=None,  # noqa: S113 - the deadline below covers all of it, slow drips included
        )

    async def get(self, url: str, headers: Mapping[str, str], *, limit: int = CAPS.body) -> Response:
        """The answer to a GET, its body no longer than `limit`. Raises TransportFault."""
        return await self._ask("GET", url, headers, None, limit)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The answer to a POST. Raises TransportFault."""
        return await self._ask("POST", url, headers, body, CAPS.body)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int
    ) -> Response:
        place, target = self._policy.place(url)
        check_headers(headers)
        # With Host given, httpx does not take the name apart: it trips over those that IDNA 2008 does not know.
        whole = {"Host": place.netloc, **headers}
        try:
            request = self._client.build_request(method, f"{place}{target}", headers=whole, content=body)
        except (ValueError, httpx.InvalidURL) as fault:
            raise Forbidden("bad-url") from fault
        if request.url.raw_path.decode("ascii") != target:
            raise Forbidden("bad-url")  # what is sent must be what was signed
        try:
            async with asyncio.timeout(self._total):
                return await self._exchange(request, url, limit)
        except TimeoutError:
            raise TooSlow("deadline") from None
        except aiohttp.ClientConnectorCertificateError as fault:
            raise Unreachable("certificate") from fault
        except aiohttp.ClientConnectorDNSError as fault:
            raise Unreachable("dns") from fault
        except (aiohttp.ClientSSLError, ssl.SSLError) as fault:
            raise Unreachable("tls") from fault
        except aiohttp.ClientConnectorError as fault:
            raise Unreachable("connect") from fault
        except (aiohttp.ClientError, httpx.HTTPError, OSError, ValueError) as fault:
            raise Unreachable("protocol") from fault

    async def _exchange(self, request: httpx.Request, url: str, limit: int) -> Response:
        answer = await self._client.send(request, stream=True)
        try:
            encoding = answer.headers.get("content-encoding", "identity").strip().lower()
            body = await read_limited(answer.aiter_raw(), encoding, limit)
        finally:
            await answer.aclose()
        return Response(answer.status_code, dict(answer.headers), body, url)


def check_headers(headers: Mapping[str, str]) -> None:
    """Refuse what would end a header line early (threat C17). Raises Forbidden."""
    for name, value in headers.items():
        if not re.fullmatch(r"[A-Za-z0-9-]+", name) or not re.fullmatch(r"[\x20-\x7e]*", value):
            raise Forbidden("header")


async def read_limited(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The decoded body. Raises TooBig as soon as it is longer than `limit`, whatever it was packed to (threat D03)."""
    if encoding not in {"identity", "", "gzip", "x-gzip"}:
        raise Unreachable("encoding")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
    body = bytearray()
    async for chunk in chunks:
        try:
            body += unpacker.decompress(chunk, limit + 1 - len(body)) if unpacker else chunk
        except zlib.error:
            raise Unreachable("encoding") from None
        if len(body) > limit:
            raise TooBig("body")
    if unpacker and body and not unpacker.eof:
        raise Unreachable("encoding")
    return bytes(body)


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it went over the in-memory network."""

    method: str
    host: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def size(self) -> int:
        """Its bytes in HTTP/1.1."""
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers.items())
        return len(self.method) + len(self.target) + len(self.host) + lines + len(self.body) + 21


@dataclass(slots=True)
class InMemoryNetwork:
    """The network's twin for tests and demos: calls ASGI apps by host, and can take a host down, slow it, make it lie.

    `sent` holds every request in order, `faults` what apps raised (their caller sees status 500, as it would outside).
    """

    apps: dict[str, App]
    user_agent: str = "Vraagbaak (in memory)"
    sent: list[Sent] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    answers: dict[str, Response | int] = field(default_factory=dict)
    """Per host, an answer (or only its status) to give instead of asking the app."""

    async def get(self, url: str, headers: Mapping[str, str], *, limit: int = CAPS.body) -> Response:
        """The app's answer to a GET. Raises TransportFault."""
        return await self._ask("GET", url, headers, b"", limit)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """The app's answer to a POST. Raises TransportFault."""
        return await self._ask("POST", url, headers, body, CAPS.body)

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, limit: int
    ) -> Response:
        found = split_url(url)
        if found is None:
            raise Forbidden("bad-url")
        check_headers(headers)
        place, target = found
        host = place.netloc
        whole = {"Host": host, "User-Agent": self.user_agent, **headers}
        self.sent.append(Sent(method, host, target, whole, body))
        if host in self.slow:
            raise TooSlow("deadline")
        if host in self.down or (host not in self.apps and host not in self.answers):
            raise Unreachable("connect")
        planned = self.answers.get(host)
        if planned is not None:
            return Response(planned, {}, b"", url) if isinstance(planned, int) else planned
        status, answer_headers, answer = await self._call(self.apps[host], method, place, target, whole, body)
        if len(answer) > limit:
            raise TooBig("body")
        return Response(status, answer_headers, answer, url)

    async def _call(
        self, app: App, method: str, place: Origin, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        path, _, query = target.partition("?")
        lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        if body:
            lines.append((b"content-length", str(len(body)).encode()))
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": place.scheme,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": lines,
            "client": ("127.0.0.1", 50000),
            "server": (place.host, place.port),
        }
        given = [{"type": "http.request", "body": body, "more_body": False}]
        finished = asyncio.Event()
        status, answer_headers, parts = 500, dict[str, str](), list[bytes]()

        async def receive() -> dict[str, Any]:
            if given:
                return given.pop()
            await finished.wait()
            return {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message.get("headers", ()):
                    answer_headers[name.decode("latin-1").lower()] = value.decode("latin-1")
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    finished.set()

        try:
            await app(scope, receive, send)
        except Exception as fault:  # noqa: BLE001 - whatever an app raises is a 500 to whoever called it
            self.faults.append(fault)
            return 500, {}, b""
        return status, answer_headers, b"".join(parts)
