"""A mail server on loopback that speaks real SMTP, keeps what it takes, and misbehaves when told to."""

from __future__ import annotations

import contextlib
import email
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

BREAK_OFF = "break off"


@dataclass(frozen=True)
class Taken:
    """One letter as it came over the line."""

    sender: str
    recipient: str
    content: bytes
    safe: bool
    user: str

    @property
    def letter(self) -> EmailMessage:
        found = email.message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def words(self) -> str:
        assert self.letter.get_content_type() == "text/plain"
        return self.letter.get_content().replace("\r\n", "\n")


@dataclass
class PostOffice:
    """`says` gives an answer of its own to a verb; `starttls` and `tls` want a certificate."""

    certificate: tuple[Path, Path] | None = None
    tls: bool = False
    says: dict[str, str] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def __enter__(self):
        office = self

        class Counter(socketserver.StreamRequestHandler):
            timeout = 10

            def handle(self):
                office.serve(self)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Counter)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _safe(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.certificate)
        return context.wrap_socket(connection, server_side=True)

    def serve(self, handler) -> None:
        line = handler.request
        try:
            if self.tls:
                line = self._safe(line)
            self._talk(line, safe=self.tls)
        except OSError:
            return

    def _talk(self, line, safe: bool) -> None:
        """One conversation; every end closes the line."""
        with contextlib.ExitStack() as open_lines:
            open_lines.enter_context(line)
            self._answer(line, open_lines, safe=safe)

    def _answer(self, line, open_lines, safe: bool) -> None:
        reading = line.makefile("rb")

        def say(text: str) -> None:
            line.sendall(text.encode() + b"\r\n")

        sender = recipient = user = ""
        say(self.says.get("hello", "220 post office"))
        while raw := reading.readline():
            said = raw.decode("utf-8", "replace").strip()
            verb = said.split(" ")[0].upper()
            self.heard.append(said)
            if verb in self.says:
                if self.says[verb] == BREAK_OFF:
                    return
                say(self.says[verb])
                if verb != "EHLO":
                    continue
            if verb == "EHLO":
                say("250-post office")
                if self.certificate and not safe:
                    say("250-STARTTLS")
                say("250 AUTH PLAIN")
            elif verb == "STARTTLS":
                say("220 go on")
                line = open_lines.enter_context(self._safe(line))
                reading, safe = line.makefile("rb"), True
            elif verb == "AUTH":
                user = said
                say("235 welcome")
            elif verb == "MAIL":
                sender = said.partition("<")[2].partition(">")[0]
                say("250 ok")
            elif verb == "RCPT":
                recipient = said.partition("<")[2].partition(">")[0]
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                content = b""
                while (part := reading.readline()) not in {b".\r\n", b""}:
                    content += part[1:] if part.startswith(b"..") else part
                self.taken.append(Taken(sender, recipient, content, safe, user))
                if self.says.get("taken") == BREAK_OFF:
                    return
                say(self.says.get("taken", "250 taken"))
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")
