"""How long, and how much, a connection may keep us waiting before there is a whole request (threat D11).

A request has to be complete in time and its head within bounds, an answer has to be fetched, and nobody holds all
connections: whoever does not keep to that is cut off, with a word (431) only when the head is too large.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from web.limits import is_nearby
from web.sessions import STREAMING

SECONDS = 30.0
"""For a whole request, from the first byte (or the opening of the connection) to the last."""
SECONDS_TO_READ = 60.0
"""For taking some of an answer that waits to be sent."""
LARGEST_HEAD = 65_536
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
MOST_FROM_ONE = 100
"""Connections of one address at a time; a proxy on this machine or beside it has as many as it likes."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own, which waits for ever for a request to begin or to end."""

    seconds = SECONDS
    seconds_to_read = SECONDS_TO_READ

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._in_head = True
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is there."""
        super().connection_made(transport)
        self._wait("request", self.seconds)
        if self._is_one_too_many():
            transport.abort()

    def _is_one_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        if not address or is_nearby(address):
            return False
        others = (getattr(other, "client", None) for other in self.connections)
        return sum(1 for client in others if client and client[0] == address) > MOST_FROM_ONE

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        for name in list(self._waiting):
            self._wait_no_more(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes."""
        super().data_received(data)
        self._head = self._head + len(data) if self._in_head else 0
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Another protocol reads this connection from here on, with a patience of its own."""
        for name in list(self._waiting):
            self._wait_no_more(name)
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """The server stops. Answers are finished first, but for one that has no end."""
        cycle: RequestResponseCycle | None = (
            self.cycle
        )  # uvicorn's own type leaves out the time before the first one
        if cycle is not None and not cycle.response_complete and cycle.scope["path"].startswith(STREAMING):
            self.transport.close()
        else:
            super().shutdown()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = True
        self._wait("request", self.seconds)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._wait_no_more("request")
        super().on_message_complete()

    def pause_writing(self) -> None:
        """They take the answer more slowly than it is made."""
        self._wait("reader", self.seconds_to_read)
        super().pause_writing()

    def resume_writing(self) -> None:
        """They took some."""
        self._wait_no_more("reader")
        super().resume_writing()

    def _wait(self, name: str, seconds: float) -> None:
        if name not in self._waiting:
            self._waiting[name] = self.loop.call_later(seconds, self.transport.abort)

    def _wait_no_more(self, name: str) -> None:
        timer = self._waiting.pop(name, None)
        if timer:
            timer.cancel()


class PatientWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's own, which waits for ever for a reader and answers every ping however few answers are read."""

    seconds_to_read = SECONDS_TO_READ

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._reader: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """They read more slowly than is sent."""
        self._reader = self.loop.call_later(self.seconds_to_read, self.transport.abort)
        super().pause_writing()

    def resume_writing(self) -> None:
        """They read some."""
        self._wait_no_more()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._wait_no_more()
        super().connection_lost(exc)

    def handle_ping(self) -> None:
        """Answered, unless the answers would only pile up."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def _wait_no_more(self) -> None:
        if self._reader:
            self._reader.cancel()
            self._reader = None
