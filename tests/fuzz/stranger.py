"""Servers on loopback that nobody asked for: what they serve, and how they sign what they send, rightly or not.

All of it is plain data, so that what went wrong can be written down and sent again.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from federation.signatures import Scheme
from storage.clock import SystemClock
from tests.journeys.strangers import Elsewhere, Stranger, flipped

Page = tuple[int, dict[str, str], bytes]

_WORLD: Any = SimpleNamespace(clock=SystemClock(), network=SimpleNamespace(apps={}))


class Served(Elsewhere):
    """A server under *.localhost, in plain http."""

    @property
    def base(self) -> str:
        """How its ids begin."""
        return f"http://{self.host}"


class Loopback:
    """All strangers' servers behind one port; they are told apart by their names."""

    def __init__(self, port: int, *names: str) -> None:
        self.port = port
        self.servers = {name: Served(_WORLD, f"{name}.localhost:{port}") for name in names}
        self.asked = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Answer from now on."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Answer no more."""
        if self._server:
            self._server.close()
            for writer in list(self._open):
                writer.close()
            await asyncio.sleep(0.1)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            while True:
                first = await reader.readexactly(1)
                if not first.isalpha():
                    break  # the beginning of TLS: without a word it would be waited for
                head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                fields = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                await reader.readexactly(int(fields.get("content-length", 0)))
                method, target, _ = head[0].split(" ", 2)
                status, headers, body = self._page(method, target, fields.get("host", ""))
                lines = {**headers, "Content-Length": str(len(body))}
                written = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
                writer.write(f"HTTP/1.1 {status} X\r\n{written}\r\n".encode("latin-1", "replace") + body)
                await writer.drain()
        writer.close()
        self._open.discard(writer)

    def _page(self, method: str, target: str, host: str) -> Page:
        self.asked += 1
        if method == "POST":
            return 202, {}, b""
        server = self.servers.get(host.partition(".")[0])
        return server.pages.get(target, (404, {}, b"")) if server else (404, {}, b"")


@dataclass(kw_only=True)
class Said:
    """One request: who sends what, and what is odd about how it is signed and sent."""

    sender: str
    """`server/handle`."""
    body: bytes = b""
    method: str = "POST"
    target: str = "/inbox"
    scheme: str = Scheme.CAVAGE.value
    signed: bool = True
    flipped: bool = False
    late: int = 0
    """Seconds that its clock is behind."""
    as_sent: dict[str, str | None] = field(default_factory=dict)
    """Headers with these values, which are signed too where they are covered; None leaves one out."""
    how: dict[str, str] = field(default_factory=dict)
    """What else is odd about the signature: `covered`, `algorithm`, `parameters`, `key_id`, `signature`, `label`."""
    after: list[tuple[str, str]] = field(default_factory=list)
    """Headers that are put in after signing, in place of those of the same name."""
    besides: list[tuple[str, str]] = field(default_factory=list)
    """Headers that are added after signing."""
    tail: bytes = b""
    """Bytes that follow, of which no header speaks."""
    chunked: bool = False

    def on_the_wire(self, sender: Stranger, host: str) -> bytes:
        """The request as bytes, signed now."""
        moment = sender.server.world.clock.now() - timedelta(seconds=self.late)
        pilot: Any = SimpleNamespace(host=host)
        as_signed = {name: value for name, value in self.as_sent.items() if value is not None}
        request = sender._request(
            pilot,
            self.method,
            self.body,
            Scheme(self.scheme),
            target=self.target,
            moment=moment,
            as_signed=as_signed,
            as_sent=self.as_sent,
            **self.how,
        )
        for name, value in self.after:
            request = request.with_header(name, value)
        headers = list(request.headers)
        if not self.signed:
            headers = [(name, value) for name, value in headers if name.lower() != "signature"]
        elif self.flipped:
            headers = [(name, flipped(value) if name == "signature" else value) for name, value in headers]
        return self._written([*headers, *self.besides], host)

    def _written(self, headers: list[tuple[str, str]], host: str) -> bytes:
        if not any(name.lower() == "host" for name, _ in headers):
            headers = [("host", host), *headers]
        if self.method != "GET" and not any(name.lower() == "content-length" for name, _ in headers):
            length = (
                ("transfer-encoding", "chunked") if self.chunked else ("content-length", str(len(self.body)))
            )
            headers = [*headers, length]
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        body = self.body
        if self.chunked:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        return head + (body if self.method != "GET" else b"") + self.tail
