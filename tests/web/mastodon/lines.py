"""Clients of streams: below any library, so that a line can be slow, rude or silent."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

from tests.web.mastodon.apps import App

PATIENCE = 20  # seconds for what has to happen at once; only a fault takes them
STREAMING = "/api/v1/streaming"


class Line:
    """One open line. What comes is taken with `next`; the server notices nothing of how."""

    def __init__(self, app, scope) -> None:
        self._app = app
        self._scope = scope
        self._to_app: asyncio.Queue = asyncio.Queue()
        self._from_app: asyncio.Queue = asyncio.Queue()
        self.reads = asyncio.Event()
        self.reads.set()

    async def __aenter__(self):
        first = "websocket.connect" if self._scope["type"] == "websocket" else "http.request"
        self._to_app.put_nowait({"type": first})
        self._task = asyncio.create_task(self._app(self._scope, self._to_app.get, self._send))
        return self

    async def __aexit__(self, *_):
        self.leave()
        self.reads.set()
        await asyncio.wait_for(self._task, PATIENCE)

    async def _send(self, message):
        await self.reads.wait()
        self._from_app.put_nowait(message)

    def leave(self) -> None:
        kind = "websocket" if self._scope["type"] == "websocket" else "http"
        self._to_app.put_nowait({"type": f"{kind}.disconnect", "code": 1001})

    async def raw(self):
        """The next message of the server, as ASGI."""
        return await asyncio.wait_for(self._from_app.get(), PATIENCE)

    async def over(self) -> None:
        """Wait until the server is done with the line."""
        await asyncio.wait_for(asyncio.shield(self._task), PATIENCE)


class Socket(Line):
    """A line over WebSocket."""

    def __init__(self, pilot, query=None, token="", protocols=(), address="192.0.2.7", headers=()) -> None:
        given = dict(query or {})
        named = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = _scope("websocket", STREAMING, given, [*named, *headers], address)
        scope |= {"subprotocols": list(protocols), "extensions": {"websocket.http.response": {}}}
        super().__init__(pilot.app, scope)

    async def accepted(self):
        """The line is open; the subprotocol that was chosen."""
        message = await self.raw()
        assert message["type"] == "websocket.accept", message
        return message["subprotocol"]

    async def refused(self) -> tuple[int, dict]:
        """The line was not opened: with which status, and in which words."""
        start, body = await self.raw(), await self.raw()
        assert start["type"] == "websocket.http.response.start", start
        return start["status"], json.loads(body["body"])

    def say(self, message) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self._to_app.put_nowait({"type": "websocket.receive", "text": text})

    def subscribe(self, stream: str, **about: str) -> None:
        self.say({"type": "subscribe", "stream": stream, **about})

    async def said(self):
        """What the server says next, as it says it, or the code with which it closes."""
        message = await self.raw()
        return message["code"] if message["type"] == "websocket.close" else json.loads(message["text"])

    async def next(self):
        """What the server says next: `(stream, event, payload)`, an error, or the code with which it closes."""
        said = await self.said()
        if isinstance(said, int):
            return said
        return said if "error" in said else (said["stream"], said["event"], _read(said["payload"]))


class Events(Line):
    """A line for server-sent events."""

    def __init__(self, pilot, path: str, token="", query=None, address="192.0.2.7", headers=()) -> None:
        named = [(b"authorization", f"Bearer {token}".encode())] if token else []
        scope = _scope("http", f"{STREAMING}/{path}", query or {}, [*named, *headers], address) | {
            "method": "GET"
        }
        super().__init__(pilot.app, scope)
        self._text = ""

    async def started(self) -> tuple[int, dict[str, str]]:
        message = await self.raw()
        return message["status"], {name.decode(): value.decode() for name, value in message["headers"]}

    async def text(self) -> str:
        """The next bytes; empty when the answer is over."""
        return (await self.raw()).get("body", b"").decode()

    async def next(self):
        """The next event, past greetings and heartbeats; None when the answer is over."""
        while (text := await self.text()).startswith(":"):
            pass
        if not text:
            return None
        name, data = text.removesuffix("\n\n").split("\n")
        return name.removeprefix("event: "), _read(data.removeprefix("data: "))


def _scope(kind: str, path: str, query, headers, address: str):
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss" if kind == "websocket" else "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(query).encode(),
        "root_path": "",
        "headers": [(b"host", b"wester.example"), *headers],
        "client": (address, 1234),
        "server": ("wester.example", 443),
        "state": {},
    }


def _read(payload):
    """The entity in a payload; an id of something that is gone is no JSON."""
    return json.loads(payload) if payload.startswith("{") else payload


async def listening(app: App, *streams: str):
    """An open WebSocket of this app with these streams, ready."""
    socket = Socket(app.pilot, {"stream": streams[0]} if streams else {}, app.token)
    await socket.__aenter__()
    await socket.accepted()
    for stream in streams[1:]:
        socket.subscribe(stream)
    return socket
