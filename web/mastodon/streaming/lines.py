"""How a line is spoken: as messages over a WebSocket, or as server-sent events (WHATWG HTML section 9.2).

Both end as soon as the line has to, whatever the client is doing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from storage.store import Store
from vraagbaak.errors import Refused, TooFast
from web.language import Language, msgid
from web.mastodon.streaming.listeners import MOST_STREAMS, End, Listener, Problem
from web.mastodon.streaming.streams import Stream, UnknownStream, asked, require, require_list
from web.mastodon.streaming.telling import Event

HEARTBEAT = 15.0
"""Seconds; Mastodon's. Over a WebSocket the server pings by itself."""
CLOSING = 1.0
"""Seconds for a goodbye; who does not read it is cut off."""
_CODES = {
    End.REVOKED: 1008,
    End.TALKATIVE: 1008,
    End.SLOW: 1008,
    End.CROWDED: 1013,
    End.STOPPED: 1012,
}


Payload = Callable[[Event], str | None]
"""What of an event goes over a line."""


def payload(event: Event) -> str | None:
    """As Mastodon sends it: a thing in JSON, an id as it is, or nothing."""
    return event.payload


def json_payload(event: Event) -> str | None:
    """The same, with an id and nothing in JSON too.

    Mastodon.py (2.3.3) reads it as JSON: the numbers of Mastodon pass for that, an id of ours breaks its line off.
    """
    alone = event.name == "delete" or event.payload is None
    return msgspec.json.encode(event.payload).decode() if alone else event.payload


def payload_for(connection: HTTPConnection) -> Payload:
    """As the client that listens needs it."""
    client = connection.headers.get("user-agent", "")
    return json_payload if client.startswith("mastodonpy") else payload


class Said(msgspec.Struct, kw_only=True):
    """What a client says."""

    type: str = ""
    stream: str | list[str] = ""
    tag: str | list[str] = ""
    list_id: str | int = msgspec.field(default="", name="list")


async def until_ended(listener: Listener, *doing: Coroutine[Any, Any, None]) -> None:
    """Do these until one of them is done or the line has to end. What one of them raises comes out."""
    tasks = [asyncio.create_task(each) for each in (*doing, _ended(listener))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    listener.end(End.LEFT)
    for task in done:
        task.result()


async def _ended(listener: Listener) -> None:
    await listener.ended.wait()


class Talk:
    """A WebSocket that was accepted."""

    def __init__(
        self, socket: WebSocket, listener: Listener, spoken: Language, store: Store, *, limited: bool
    ) -> None:
        self._socket = socket
        self._payload = payload_for(socket)
        self._listener = listener
        self._spoken = spoken
        self._store = store
        self._limited = limited

    async def go_on(self) -> None:
        """Until somebody leaves or the line has to end."""
        await until_ended(self._listener, self._send(), self._receive())
        if self._listener.why is End.LEFT:
            return
        async with asyncio.timeout(CLOSING):
            await self._socket.close(_CODES[self._listener.why])

    async def _send(self) -> None:
        while True:
            said = await self._listener.next()
            text = msgspec.json.encode(self._message(said)).decode()
            await self._socket.send({"type": "websocket.send", "text": text})

    def _message(self, said: Event | Problem) -> dict[str, Any]:
        if isinstance(said, Problem):
            return {"error": said.error, "status": said.status}
        message = {"stream": said.stream.label, "event": said.name}
        given = self._payload(said)
        return message if given is None else message | {"payload": given}

    async def _receive(self) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            try:
                if self._limited:
                    self._listener.messages.take("", self._store.clock.now().timestamp())
                await self._hear(message.get("text") or "")
            except TooFast:
                self._listener.end(End.TALKATIVE)
            except Refused as refused:
                said = self._spoken.say(refused.text, **refused.values)
                self._listener.put(Problem(said, refused.status))

    async def _hear(self, text: str) -> None:
        """Raises Refused. A message of another kind is let pass: clients send those to keep a line open."""
        try:
            said = msgspec.json.decode(text, type=Said)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            raise Refused("unreadable", "This cannot be read.") from None
        if said.type == "subscribe":
            await self.subscribe(asked(_first(said.stream), _first(said.tag), str(said.list_id)))
        elif said.type == "unsubscribe":
            stream = asked(_first(said.stream), _first(said.tag), str(said.list_id))
            self._listener.streams.pop(tuple(stream.label), None)

    async def subscribe(self, stream: Stream) -> None:
        """One stream more on this line. Raises Refused."""
        require(self._listener.visitor, stream)
        await self._store.read(require_list, self._listener.visitor, stream)
        if len(self._listener.streams) >= MOST_STREAMS:
            raise UnknownStream("too-many", msgid("These are too many streams for one line."))
        self._listener.streams[tuple(stream.label)] = stream


def _first(given: str | list[str]) -> str:
    return given if isinstance(given, str) else (given[0] if given else "")


class EventStream(Response):
    """An answer that does not end by itself. The line that it takes from is given back when it does."""

    media_type = "text/event-stream"

    def __init__(self, listener: Listener, stack: AsyncExitStack, payload_of: Payload) -> None:
        super().__init__(
            headers={"Cache-Control": "private, no-store", "Vary": "Authorization", "X-Accel-Buffering": "no"}
        )
        del self.headers["content-length"]
        self._listener = listener
        self._stack = stack
        self._payload = payload_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until somebody leaves or the line has to end."""
        async with self._stack:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                await until_ended(self._listener, self._send(send), self._leave(receive))
            if self._listener.why is not End.LEFT:
                async with asyncio.timeout(CLOSING):
                    await send({"type": "http.response.body", "body": b""})

    async def _send(self, send: Send) -> None:
        await _write(send, b":)\n")
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT):
                    said = await self._listener.next()
            except TimeoutError:
                await _write(send, b":thump\n")
                continue
            if isinstance(said, Event):
                # JSON has no line ends of its own, and an id none at all: one line each. Without any data a browser
                # would not tell its page of the event: Mastodon's word for nothing then.
                data = self._payload(said) or "undefined"
                await _write(send, f"event: {said.name}\ndata: {data}\n\n".encode())

    async def _leave(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})
