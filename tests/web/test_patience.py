"""Real connections to a real server: slow ones, too many, and what they hear when what they send is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from uvicorn.server import ServerState

from tests.journeys.strangers import ACTIVITY, Elsewhere, Request, everything, faults
from tests.journeys.world import World
from web import patience
from web.commands.serving import UVICORN
from web.patience import PatientProtocol


@pytest.fixture
async def west(tmp_path, caplog):
    world = World(tmp_path)
    yield world.pilot("Westerpark")
    assert faults(world, caplog.records) == []
    world.close()


@asynccontextmanager
async def listening(app, ws=UVICORN["ws"], **patient: float) -> AsyncIterator[int]:
    """A port on which the application is served as `serve` does it, with less patience if told so."""
    protocol = type("Protocol", (PatientProtocol,), patient)
    config = uvicorn.Config(app, lifespan="off", **UVICORN | {"http": protocol, "ws": ws})
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)


class Connection:
    """One connection, on which several requests go one after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return int(first.split()[1]), headers, body

    async def is_cut_off(self, seconds: float = 10) -> bool:
        try:
            return await asyncio.wait_for(self.reader.read(1), seconds) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()


def raw(request: Request) -> bytes:
    """A request as it goes over the wire."""
    headers = dict(request.headers)
    headers.setdefault("host", "westerpark.example")
    if request.body:
        headers.setdefault("content-length", str(len(request.body)))
    lines = [
        f"{request.method} {request.target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + request.body


async def test_d11_a_request_that_does_not_come_to_its_end_is_cut_off(west):
    """Nothing at all, a head that drips, a head without end in sight, and a body that drips: none waits for ever."""
    beginnings = (
        b"",
        b"GET /",
        b"POST /inbox HTTP/1.1\r\nHost: westerpark.example\r\nX: ",
        b"POST /inbox HTTP/1.1\r\nHost: x\r\nContent-Type: application/activity+json\r\nContent-Length: 99\r\n\r\n{",
    )
    async with listening(west.app, seconds=0.3) as port:
        for beginning in beginnings:
            async with connected(port) as slow:
                await slow.send(beginning)
                for _ in range(4):
                    assert not await slow.is_cut_off(0.02)
                    if beginning:
                        slow.writer.write(b"x")
                assert await slow.is_cut_off()


async def test_d11_a_second_request_has_its_own_time(west):
    """Whoever asks again and again is not cut off for having been there long."""
    async with listening(west.app, seconds=0.4) as port, connected(port) as reader:
        for _ in range(8):
            await reader.send(b"GET /healthz HTTP/1.1\r\nHost: westerpark.example\r\n\r\n")
            assert (await reader.answer())[0] == 200
            assert not await reader.is_cut_off(0.1)
        await reader.send(b"GET /healthz HTTP/1.1\r\n")
        assert await reader.is_cut_off()


async def test_d11_a_head_without_end_is_cut_off_at_its_size(west):
    """However quickly it comes; it hears why (RFC 6585, 5)."""
    async with listening(west.app) as port, connected(port) as endless:
        await endless.send(b"GET / HTTP/1.1\r\nHost: westerpark.example\r\n")
        for number in range(17):
            await endless.send(b"X-%d: " % number + b"x" * 4000 + b"\r\n")
        assert (await endless.answer())[0] == 431
        assert await endless.is_cut_off()


async def test_d11_who_does_not_take_the_answer_is_cut_off(west):
    """An answer is not kept for somebody who reads none of it."""

    async def endless(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})

    async with listening(endless, seconds_to_read=0.3) as port, connected(port) as reader:
        await reader.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        loop = asyncio.get_running_loop()
        waited = loop.create_future()
        loop.call_later(1, waited.cancel)
        await asyncio.wait([waited])
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.reader.readexactly(10**9)


async def test_d11_a_thousand_idle_connections_of_one_address_are_not_kept(west, monkeypatch):
    """Beyond so many the newest is closed at once; those of somebody else, and those that were there, go on."""
    monkeypatch.setattr(patience, "is_nearby", lambda _: False)
    monkeypatch.setattr(patience, "MOST_FROM_ONE", 5)
    async with listening(west.app) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        connections = [Connection(*each) for each in opened]
        cut = [await each.is_cut_off(0.1) for each in connections]
        assert cut == [False] * 5 + [True] * 15
        await connections[0].send(b"GET /healthz HTTP/1.1\r\nHost: westerpark.example\r\n\r\n")
        assert (await connections[0].answer())[0] == 200
        opened[1][1].close()
        await opened[1][1].wait_closed()
        async with connected(port) as next_one:
            await next_one.send(b"GET /healthz HTTP/1.1\r\nHost: westerpark.example\r\n\r\n")
            assert (await next_one.answer())[0] == 200
        for _, writer in opened:
            writer.close()


async def test_d11_a_proxy_may_have_many_connections(west, monkeypatch):
    """From this machine itself there is no such limit: everybody may come through there."""
    monkeypatch.setattr(patience, "MOST_FROM_ONE", 2)
    async with listening(west.app) as port:
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(6)]
        for reader, writer in opened:
            each = Connection(reader, writer)
            await each.send(b"GET /healthz HTTP/1.1\r\nHost: westerpark.example\r\n\r\n")
            assert (await each.answer())[0] == 200
            writer.close()


WRONG = {
    "A01 unsigned": (401, lambda request: request.with_header("signature", None)),
    "A03 another body": (401, lambda request: request.saying(b"{}")),
    "A17 unreadable signature": (400, lambda request: request.with_header("signature", "x")),
    "D03 packed": (415, lambda request: request.with_header("content-encoding", "gzip")),
    "D08 another kind": (415, lambda request: request.with_header("content-type", "text/html")),
}
BODIES = {
    "B37 a list": b"[{}]",
    "B38 a name twice": b'{"type":"Create","actor":"a","actor":"b"}',
    "B39 NUL": b'{"type":"Create","x":"\\u0000"}',
    "D04 deep": b"[" * 200_000 + b"]" * 200_000,
    "D06 NaN": b'{"type":"Create","x":NaN}',
    "D06 a number without end": b'{"type":"Create","x":' + b"9" * 100_000 + b"}",
    "D07 no type": b"{}",
    "D08 half": b'{"type":',
    "D08 no UTF-8": b"\xff\xfe",
    "D08 half a character": b'{"type":"Create","x":"\\ud800"}',
}


@pytest.mark.parametrize("what", [*WRONG, *BODIES])
async def test_a_refusal_keeps_the_connection(west, what):
    """After a wrong request the next one on the same connection is answered as if nothing had been."""
    mallory = Elsewhere(west.world, "evil.example").person()
    assert (await mallory.send(west, mallory.activity("Listen", "x"))).status_code == 202
    await west.world.settle()
    before = everything(west, "seen", "jobs")
    async with listening(west.app) as port, connected(port) as connection:
        for _ in range(3):
            if what in WRONG:
                status, change = WRONG[what]
                request = change(mallory.signed(west, mallory.activity("Listen", "x")))
            else:
                status, request = 400, mallory.signed(west, BODIES[what])
            await connection.send(raw(request))
            found, headers, body = await connection.answer()
            assert found == status
            assert headers["content-type"] == "application/json"
            assert b"Traceback" not in body
            assert headers.get("connection", "keep-alive") == "keep-alive"
        honest = mallory.signed(west, mallory.activity("Listen", "x"))
        await connection.send(raw(honest))
        assert (await connection.answer())[0] == 202
        await connection.send(
            f"GET /actor HTTP/1.1\r\nHost: westerpark.example\r\nAccept: {ACTIVITY}\r\n\r\n".encode()
        )
        assert (await connection.answer())[0] == 200
    await west.world.settle()
    assert everything(west, "seen", "jobs", "actor_keys") == {
        name: rows for name, rows in before.items() if name != "actor_keys"
    }


async def test_d01_a_body_that_is_too_large_is_refused_while_it_comes(west):
    """Over a real connection as well: the refusal is there long before a gigabyte is."""
    mallory = Elsewhere(west.world, "evil.example").person()
    request = mallory.signed(west, b"x")
    headers = [(name, value) for name, value in request.headers if name != "content-length"]
    chunked = Request(headers=[*headers, ("transfer-encoding", "chunked")])
    async with listening(west.app) as port, connected(port) as connection:
        await connection.send(raw(chunked))
        sent = 0
        try:
            while sent < 64 and not connection.reader._buffer:
                connection.writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                await asyncio.wait_for(connection.writer.drain(), 1)
                sent += 1
        except (ConnectionError, TimeoutError):
            pass
        assert (await connection.answer())[0] == 413
        assert sent < 64
