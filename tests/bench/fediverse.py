"""A small fediverse on loopback: hosts with actors, whose documents can be fetched and who sign what they send.

One process and one port; the hosts are told apart by their names under *.localhost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from federation.documents import OBJECT_CONTEXT
from federation.keys import RSA, PrivateKey, make_rsa
from federation.signatures import sign
from tests.bench.server import free_port

Answer = tuple[int, dict[str, str], bytes]


class Fediverse:
    """Hosts `h0`, `h1`, ... each with the same number of actors, and one key for all: only the name differs."""

    def __init__(self, hosts: int = 1, actors: int = 10, port: int | None = None) -> None:
        self.port = port or free_port()
        self.hosts = [f"h{number}.localhost:{self.port}" for number in range(hosts)]
        self.actors = actors
        self._pair = make_rsa()
        self._private: dict[str, PrivateKey] = {}
        self.received: dict[str, int] = dict.fromkeys(self.hosts, 0)
        self.heard = asyncio.Event()
        """Set when anything is received; whoever waits for more clears it."""
        self.behaviour: dict[str, Callable[[], object]] = {}
        """Per host: what it does instead of answering 202 to a POST; an int is the status, "hang" hangs."""
        self._waking: dict[str, asyncio.Event] = {}
        self._server: asyncio.Server | None = None

    def actor(self, host: int, number: int) -> str:
        """The id of an actor."""
        return f"http://{self.hosts[host]}/u/a{number}"

    def document(self, uri: str, kind: str = "Person") -> dict[str, object]:
        """The actor document at an id."""
        host = urlsplit(uri).netloc
        return {
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": uri,
            "type": kind,
            "preferredUsername": uri.rsplit("/", 1)[-1],
            "name": f"Somebody at {host}",
            "inbox": f"{uri}/inbox",
            "outbox": f"{uri}/outbox",
            "endpoints": {"sharedInbox": f"http://{host}/inbox"},
            "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": self._pair.public},
        }

    def _key(self, uri: str) -> PrivateKey:
        if uri not in self._private:
            from cryptography.hazmat.primitives.serialization import load_der_private_key

            loaded = load_der_private_key(
                self._pair.private, password=None, unsafe_skip_rsa_key_validation=True
            )
            self._private[uri] = PrivateKey(f"{uri}#main-key", RSA, loaded)  # type: ignore[arg-type]
        return self._private[uri]

    def request(self, inbox: str, activity: dict[str, object]) -> bytes:
        """A whole signed POST as it goes over the wire."""
        body = json.dumps(activity).encode()
        actor = str(activity["actor"])
        headers = sign("POST", inbox, key=self._key(actor), now=datetime.now(UTC), body=body)
        place = urlsplit(inbox)
        lines = [f"POST {place.path} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def start(self) -> None:
        """Answer from now on."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    def let_go(self, hosts: list[str]) -> None:
        """Hosts that hang break off what they have in hand, and do so at once from now on."""
        for host in hosts:
            self._waking.setdefault(host, asyncio.Event()).set()

    async def stop(self) -> None:
        """Answer no more."""
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                fields = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
                }
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                status, answer = self._answer(lines[0], fields, body)
                if status == 0:
                    host = fields.get("host", "")
                    await self._waking.setdefault(host, asyncio.Event()).wait()
                    return
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Type: application/activity+json\r\n"
                    f"Content-Length: {len(answer)}\r\n\r\n".encode()
                    + answer
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _answer(self, line: str, fields: dict[str, str], _body: bytes) -> tuple[int, bytes]:
        method, target, _ = line.split(" ", 2)
        host = fields.get("host", "")
        if method == "POST":
            self.received[host] = self.received.get(host, 0) + 1
            self.heard.set()
            planned = self.behaviour.get(host)
            return (int(planned()) if planned else 202), b""  # type: ignore[call-overload]
        return 200, json.dumps(self.document(f"http://{host}{target}")).encode()


def question(actor: str, number: int, group: str) -> dict[str, object]:
    """A Create as a Vraagbaak or any other server sends it: a question of ordinary length."""
    base = actor.rsplit("/u/", 1)[0]
    uri = f"{base}/q/{number:026d}"
    text = (
        "Mijn moeder woont alleen en vergeet steeds vaker haar pillen. Wie heeft daar iets op gevonden dat werkt, "
        "zonder dat ze zich gecontroleerd voelt? We wonen een half uur rijden van haar vandaan."
    )
    title = f"Hoe onthoudt iemand zijn medicijnen? ({number})"
    return {
        "@context": list(OBJECT_CONTEXT),
        "id": f"{base}/act/{number}",
        "type": "Create",
        "actor": actor,
        "to": ["https://www.w3.org/ns/activitystreams#Public", group],
        "cc": [f"{actor}/followers"],
        "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "object": {
            "id": uri,
            "type": "Note",
            "attributedTo": actor,
            "to": ["https://www.w3.org/ns/activitystreams#Public", group],
            "cc": [f"{actor}/followers"],
            "audience": group,
            "nameMap": {"nl": title},
            "content": f"<p><strong>{title}</strong></p><p>{text}</p>",
            "contentMap": {"nl": f"<p><strong>{title}</strong></p><p>{text}</p>"},
            "source": {"mediaType": "text/markdown", "content": f"**{title}**\n\n{text}"},
            "tag": [{"type": "Hashtag", "name": "#mantelzorg", "href": f"{base}/o/mantelzorg"}],
            "url": uri,
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "sensitive": False,
            "vb:kind": "question",
            "vb:title": title,
            "vb:body": text,
            "vb:topics": ["mantelzorg"],
            "vb:privacy": "public",
            "vb:status": "open",
        },
    }


def reply(actor: str, number: int, asked: dict[str, object], group: str) -> dict[str, object]:
    """A Create of an answer to such a question, as any other server sends it."""
    base = actor.rsplit("/u/", 1)[0]
    text = "Bij ons hielp een dispenser van de apotheek. Hij piept, en verder laat hij je met rust."
    to = ["https://www.w3.org/ns/activitystreams#Public", group]
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "@context": list(OBJECT_CONTEXT),
        "id": f"{base}/act/r{number}",
        "type": "Create",
        "actor": actor,
        "to": to,
        "published": moment,
        "object": {
            "id": f"{base}/r/{number:026d}",
            "type": "Note",
            "attributedTo": actor,
            "to": to,
            "inReplyTo": asked["object"]["id"],  # type: ignore[index]
            "content": f"<p>{text}</p>",
            "published": moment,
        },
    }
