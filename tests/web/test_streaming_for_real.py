"""Streams over real sockets, to the client library that uvicorn's server side comes from, and to ruder ones."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from contextlib import asynccontextmanager

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from tests.web.commanding import PASSWORD, Serving, done, set_up
from tests.web.mastodon.apps import App
from tests.web.test_patience import connected, listening, west
from web import patience
from web.patience import PatientWebSocket
from web.sessions import STREAMING

__all__ = ["west"]
PATIENCE = 20


@pytest.fixture
def noor(west):
    return App(west, west.member("noor"))


@asynccontextmanager
async def line(port: int, token: str, query: str = "stream=user", **more):
    address = f"ws://127.0.0.1:{port}{STREAMING}?{query}"
    async with connect(address, subprotocols=[token], proxy=None, **more) as made:
        yield made


async def next_of(made):
    return json.loads(await asyncio.wait_for(made.recv(), PATIENCE))


async def test_a_client_library_hears_what_is_asked(west, noor):
    """Handshake, subprotocol and message as browsers and libraries expect them."""
    async with listening(west.app) as port, line(port, noor.token) as made:
        assert made.subprotocol == noor.token
        asked = await noor.status("Hoor je me?")
        said = await next_of(made)
        assert (said["stream"], said["event"]) == (["user"], "update")
        assert json.loads(said["payload"])["id"] == asked["id"]
    assert len(west.app.state.hub) == 0


async def test_a_line_outlives_the_patience_for_requests(west, noor):
    """What cuts off a request that does not come to its end does not cut off a line that is quiet."""
    async with listening(west.app, seconds=0.05) as port, line(port, noor.token) as made:
        async with connected(port) as slow:
            assert await slow.is_cut_off()  # the time for a request is over
        await noor.status("Nog daar?")
        assert (await next_of(made))["event"] == "update"


async def test_h05_a_refused_handshake_says_why_and_repeats_no_token(west, noor):
    """401 with JSON, as for any call; the token that did not work stands nowhere in it."""
    async with listening(west.app) as port:
        with pytest.raises(InvalidStatus) as refused:
            async with line(port, "nonsense"):
                pass
        answer = refused.value.response
        assert answer.status_code == 401
        assert set(json.loads(answer.body)) == {"error", "code"}
        assert b"nonsense" not in answer.body


@pytest.mark.parametrize("message", ["x" * 5000, b"\xff" * 10, "[" * 4000], ids=["large", "bytes", "deep"])
async def test_what_a_client_may_not_say_does_no_harm(west, noor, message):
    """Too large: the line is closed (1009). Anything else that cannot be read: an error, and the line goes on."""
    async with listening(west.app) as port, line(port, noor.token) as made:
        await made.send(message)
        if len(message) > 4096:
            with pytest.raises(ConnectionClosed) as closed:
                await next_of(made)
            assert closed.value.rcvd.code == 1009
        else:
            assert (await next_of(made))["status"] == 400


async def test_d11_pings_that_nobody_reads_the_answers_of_fill_nothing(west, noor):
    """Answers to pings stop when they are not read, and the line is cut off in the end."""
    grown = []

    class Watched(PatientWebSocket):
        seconds_to_read = 0.3

        def handle_ping(self) -> None:
            super().handle_ping()
            grown.append(self.transport.get_write_buffer_size())

    async with listening(west.app, ws=Watched) as port, connected(port) as rude:
        rude.writer.transport.pause_reading()
        await rude.send(
            f"GET {STREAMING}?stream=user&access_token={noor.token} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
        )
        ping = Frame(Opcode.PING, b"x" * 125).serialize(mask=True)
        with pytest.raises(ConnectionError):
            await sent_without_end(rude, ping * 50)
    assert max(grown) < 300_000


async def sent_without_end(rude, data: bytes) -> None:
    for _ in range(100_000):
        await rude.send(data)


async def heard_without_end(made) -> None:
    while True:
        await next_of(made)


@pytest.fixture(scope="module")
def pilot(tmp_path_factory):
    folder = set_up(tmp_path_factory.mktemp("lines") / "data", base_url="http://localhost:8000")
    with Serving(folder, VRAAGBAAK_LOG_LEVEL="debug") as made:
        yield made


def test_a_stop_ends_the_lines_and_waits_for_none(tmp_path):
    """Ctrl-C: a WebSocket is told that the server restarts (1012), events break off, and both within the usual time."""
    folder = set_up(tmp_path / "data", base_url="http://localhost:8000")

    async def during_a_stop(pilot, token):
        async with line(pilot.port, token) as made, httpx.AsyncClient(trust_env=False) as client:
            headers = {"Authorization": f"Bearer {token}"}
            address = f"{pilot.address}{STREAMING}/user"
            async with client.stream("GET", address, headers=headers) as events:
                assert events.status_code == 200
                chunks = events.aiter_raw()
                assert await anext(chunks) == b":)\n"
                started = time.monotonic()
                pilot.process.send_signal(signal.SIGINT)
                with pytest.raises(ConnectionClosed) as closed:
                    await next_of(made)
                assert closed.value.rcvd.code == 1012
                with pytest.raises((httpx.RemoteProtocolError, StopAsyncIteration)):
                    await anext(chunks)
                return started

    with Serving(folder) as pilot:
        token = done("token", "noor", "--data", folder).strip()
        started = asyncio.run(during_a_stop(pilot, token))
        assert pilot.process.wait(10) == 0
        assert time.monotonic() - started < 4
        assert "Traceback" not in pilot.err.read_text()
        assert "graceful" not in pilot.err.read_text()


def test_g09_h05_a_member_removed_on_the_command_line_hears_no_more(pilot):
    """`vraagbaak erase` beside a running server ends the lines of that member; no token was written to the log."""
    done("member", "add", "stil", "--data", pilot.folder, "--password-stdin", stdin=f"{PASSWORD}\n")
    token = done("token", "stil", "--data", pilot.folder).strip()

    async def listen():
        async with line(pilot.port, token, f"stream=user&access_token={token}") as made:
            await made.send(json.dumps({"type": "subscribe", "stream": "public"}))
            erased = asyncio.to_thread(done, "erase", "stil", "--yes", "--data", pilot.folder)
            task = asyncio.create_task(erased)
            with pytest.raises(ConnectionClosed) as closed:
                await heard_without_end(made)
            await task
            return closed.value.rcvd.code

    assert asyncio.run(listen()) == 1008
    said = pilot.err.read_text()
    assert token not in said
    assert "127.0.0.1" not in said


def test_patience_is_the_same_for_both_kinds_of_lines():
    """A reader of a WebSocket gets as long as one of an answer."""
    assert PatientWebSocket.seconds_to_read == patience.SECONDS_TO_READ
