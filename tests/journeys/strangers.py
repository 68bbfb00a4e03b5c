"""Servers that nobody asked for: what they publish, what they are asked, and all that they may try to send.

Everything a stranger sends is signed (or forged) here by hand, so that each part of a request can be wrong by itself.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import itertools
import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Table

from federation.signatures import Scheme
from federation.transport import Sent
from storage.tables import jobs, metadata
from tests.journeys.world import ACTIVITY, Instance, World

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = "https://www.w3.org/ns/activitystreams"
CAVAGE = "(request-target) host date digest content-type"
CAVAGE_GET = "(request-target) host date accept"
RFC9421 = "@method @target-uri content-digest"
RFC9421_GET = "@method @target-uri"

Headers = list[tuple[str, str]]
Rows = dict[str, list[tuple[Any, ...]]]

_numbers = itertools.count(1)


@functools.cache
def key(number: int = 0) -> RSAPrivateKey:
    """The key of every stranger: making one is slow, and only its owner matters. Others have other numbers."""
    return generate_private_key(65537, 2048)


def pem(private: RSAPrivateKey) -> str:
    """The public half as an actor publishes it."""
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def rsa(private: RSAPrivateKey, message: str, algorithm: HashAlgorithm | None = None) -> str:
    """An RSA signature in base64."""
    return base64.b64encode(private.sign(message.encode(), PKCS1v15(), algorithm or SHA256())).decode()


def flipped(signature: str) -> str:
    """Another letter in the middle of a signature."""
    spot = len(signature) // 2
    return signature[:spot] + ("A" if signature[spot] != "A" else "B") + signature[spot + 1 :]


def digest(body: bytes) -> str:
    """The value of a Digest header."""
    return f"SHA-256={base64.b64encode(hashlib.sha256(body).digest()).decode()}"


def content_digest(body: bytes) -> str:
    """The value of a Content-Digest header."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def http_date(moment: datetime) -> str:
    """A moment as a Date header says it."""
    return format_datetime(moment, usegmt=True)


def note(uri: str, author: str, **members: Any) -> dict[str, Any]:
    """A public post."""
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": author,
        "to": [PUBLIC],
        "content": "<p>Ik ben het echt.</p>",
        "published": "2026-11-02T08:00:00Z",
    } | members


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it goes over the wire; `chunks` instead of a body goes without Content-Length."""

    method: str = "POST"
    target: str = "/inbox"
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    chunks: Iterable[bytes] | None = None
    client: str = "192.0.2.7"
    """The address that it comes from."""

    async def to(self, pilot: Instance) -> httpx.Response:
        """The pilot's answer. What it must never be is a fault."""
        status, lines, body = 0, [], bytearray()
        coming = iter([self.body] if self.chunks is None else self.chunks)

        async def receive() -> dict[str, Any]:
            chunk = next(coming, None)
            return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

        async def send(message: dict[str, Any]) -> None:
            nonlocal status, lines
            if message["type"] == "http.response.start":
                status, lines = message["status"], message["headers"]
            body.extend(message.get("body", b""))

        await pilot.app(self._scope(pilot.host), receive, send)
        answer = httpx.Response(status, headers=lines, content=bytes(body))
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        return answer

    def _scope(self, host: str) -> dict[str, Any]:
        path, _, query = self.target.partition("?")
        headers = (
            self.headers
            if any(name == "host" for name, _ in self.headers)
            else [("host", host), *self.headers]
        )
        length = [("content-length", str(len(self.body)))] if self.body else []
        known = {name for name, _ in headers}
        sent = [*headers, *length] if self.chunks is None and "content-length" not in known else headers
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "https",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent],
            "client": (self.client, 50000),
            "server": (host, 443),
        }

    def with_header(self, name: str, value: str | None) -> Request:
        """The same with another value for one header, or without it."""
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        return Request(
            method=self.method,
            target=self.target,
            headers=[*kept, (name, value)] if value is not None else kept,
            body=self.body,
        )

    def header(self, name: str) -> str:
        """The value of a header."""
        return next(value for key, value in self.headers if key.lower() == name.lower())

    def coming_from(self, address: str) -> Request:
        """The same from another address."""
        return replace(self, client=address)

    def at(self, target: str) -> Request:
        """The same headers and body, sent somewhere else."""
        return Request(method=self.method, target=target, headers=self.headers, body=self.body)

    def saying(self, body: bytes) -> Request:
        """The same headers around another body."""
        return Request(method=self.method, target=self.target, headers=self.headers, body=body)


@dataclass
class Elsewhere:
    """A stranger's server: an ASGI app that serves what was put there and takes whatever it is sent."""

    world: World
    host: str
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = self.world.network.apps.setdefault(self.host, self)
        if isinstance(known, Elsewhere):  # a pilot's own app stays where it is
            self.pages = known.pages

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers with the page at this path and query; 404 for others, 202 for what is posted."""
        query = "?" + scope["query_string"].decode() if scope["query_string"] else ""
        known = self.pages.get(scope["raw_path"].decode() + query)
        status, headers, body = known or (202 if scope["method"] == "POST" else 404, {}, b"")
        lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})

    @property
    def base(self) -> str:
        """How its ids begin."""
        return f"https://{self.host}"

    @property
    def requests(self) -> list[Sent]:
        """Everything that it was asked and sent, in order."""
        return [sent for sent in self.world.network.sent if sent.host == self.host]

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [sent.target for sent in self.requests if sent.method == "GET"]

    def received(self, kind: str = "") -> list[dict[str, Any]]:
        """The activities that were sent to it."""
        found = [json.loads(sent.body) for sent in self.requests if sent.method == "POST"]
        return [activity for activity in found if kind in {"", activity["type"]}]

    def put(self, path: str, document: Any, *, status: int = 200, content_type: str = ACTIVITY) -> str:
        """Serve a document (or bytes) at this path; its uri."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.pages[path] = (status, {"Content-Type": content_type}, body)
        return self.base + path

    def post(self, path: str, author: str, **members: Any) -> str:
        """Serve a public post; its uri."""
        document = {"@context": CONTEXT, **note(self.base + path, author, **members)}
        return self.put(path, document)

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        """Send whoever asks for this path elsewhere."""
        self.pages[path] = (status, {"Location": location}, b"")
        return self.base + path

    def person(self, handle: str = "mallory", **members: Any) -> Stranger:
        """Somebody here, with a document that says so."""
        made = Stranger(self, handle)
        made.publish(**members)
        return made

    def group(self, handle: str = "groep") -> Stranger:
        """A neighbourhood here."""
        return self.person(handle, type="Group")

    def become_pilot(self, items: Iterable[Any] = (), **outbox: Any) -> tuple[Stranger, Stranger]:
        """Serve what another pilot looks for when it trusts this server: its actors, and what was said so far."""
        application = self.person("actor", type="Application", **{"vb:neighbourhood": f"{self.base}/u/buurt"})
        group = self.group("buurt")
        links = [{"rel": "https://www.w3.org/ns/activitystreams#Application", "href": application.uri}]
        self.put("/.well-known/nodeinfo", {"links": links}, content_type="application/json")
        whole = {
            "id": f"{group.uri}/outbox",
            "type": "OrderedCollection",
            "first": {"type": "OrderedCollectionPage", "orderedItems": list(items)},
        }
        self.put("/u/buurt/outbox", whole | outbox)
        return application, group

    async def trust(self, pilot: Instance) -> None:
        """Trust a pilot, as another pilot does: its Application follows the neighbourhood there."""
        application = Stranger(self, "actor")
        follow = application.activity("Follow", pilot.config.home.group_uri)
        assert (await application.send(pilot, follow)).status_code == 202
        await self.world.settle()


@dataclass
class Stranger:
    """An actor elsewhere, who signs with the key that all strangers share."""

    server: Elsewhere
    handle: str
    private: RSAPrivateKey = field(default_factory=key)

    @property
    def uri(self) -> str:
        """Its id."""
        return f"{self.server.base}/u/{self.handle}"

    @property
    def key_id(self) -> str:
        """The id of its key."""
        return f"{self.uri}#main-key"

    def document(self, **members: Any) -> dict[str, Any]:
        """What its server says of it."""
        return {
            "@context": [CONTEXT, "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.handle,
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": pem(self.private)},
        } | members

    def publish(self, **members: Any) -> None:
        """Put its document where it belongs."""
        self.server.put(f"/u/{self.handle}", self.document(**members))

    def activity(self, kind: Any, inside: Any, **members: Any) -> dict[str, Any]:
        """An activity by this actor, with an id of its own that was never used before."""
        return {
            "@context": CONTEXT,
            "id": f"{self.server.base}/act/{next(_numbers)}",
            "type": kind,
            "actor": self.uri,
            "object": inside,
            "to": [PUBLIC],
        } | members

    def own(self, **members: Any) -> dict[str, Any]:
        """A post by this actor, with an id of its own that was never used before."""
        return note(f"{self.server.base}/n/{next(_numbers)}", self.uri, **members)

    # requests

    def signed(self, pilot: Instance, said: Any, scheme: Scheme = Scheme.CAVAGE, **how: Any) -> Request:
        """A POST of an activity (or of these very bytes), signed as it should be but for `how`."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self._request(pilot, "POST", body, scheme, **how)

    def signed_get(self, pilot: Instance, target: str, scheme: Scheme = Scheme.CAVAGE, **how: Any) -> Request:
        """A GET, signed as it should be but for `how`."""
        return self._request(pilot, "GET", b"", scheme, target=target, **how)

    async def send(
        self, pilot: Instance, said: Any, scheme: Scheme = Scheme.CAVAGE, **how: Any
    ) -> httpx.Response:
        """The pilot's answer to such a POST."""
        return await self.signed(pilot, said, scheme, **how).to(pilot)

    async def get(
        self, pilot: Instance, target: str, scheme: Scheme = Scheme.CAVAGE, **how: Any
    ) -> httpx.Response:
        """The pilot's answer to such a GET."""
        return await self.signed_get(pilot, target, scheme, **how).to(pilot)

    def _request(
        self,
        pilot: Instance,
        method: str,
        body: bytes,
        scheme: Scheme,
        *,
        target: str = "/inbox",
        host: str | None = None,
        moment: datetime | None = None,
        as_signed: dict[str, str] | None = None,
        as_sent: dict[str, str | None] | None = None,
        **how: Any,
    ) -> Request:
        """`as_signed` changes what the signature covers, `as_sent` (None: left out) what is sent beside it."""
        at = moment or self.server.world.clock.now()
        true = {
            "host": host or pilot.host,
            "date": http_date(at),
            "accept": ACTIVITY,
            "content-type": ACTIVITY,
            "digest": digest(body),
            "content-digest": content_digest(body),
        }
        wrong = "content-digest" if scheme is Scheme.CAVAGE else "digest"
        unsaid = {"digest", "content-digest", "content-type"} if method == "GET" else {wrong}
        said = {name: value for name, value in true.items() if name not in unsaid} | (as_sent or {})
        covering = true | {
            "(request-target)": f"{method.lower()} {target}",
            "@method": method,
            "@target-uri": f"https://{true['host']}{target}",
            "@authority": true["host"],
            "@path": target.partition("?")[0],
        }
        sign = self._cavage if scheme is Scheme.CAVAGE else self._rfc9421
        proof = sign(covering | (as_signed or {}), at, bodiless=method == "GET", **how)
        plain = [(name, value) for name, value in said.items() if value is not None]
        return Request(method=method, target=target, headers=[*plain, *proof], body=body)

    def _cavage(
        self,
        values: dict[str, str],
        moment: datetime,
        *,
        bodiless: bool,
        covered: str | None = None,
        algorithm: str = "rsa-sha256",
        parameters: str = "",
        key_id: str | None = None,
        signature: str | None = None,
    ) -> Headers:
        covered = covered if covered is not None else CAVAGE_GET if bodiless else CAVAGE
        values = {"(created)": str(int(moment.timestamp()))} | values
        message = "\n".join(f"{name}: {values[name]}" for name in covered.split())
        made = signature or rsa(self.private, message)
        named = f'keyId="{key_id or self.key_id}",algorithm="{algorithm}",headers="{covered}"'
        return [("signature", f'{named},{parameters}signature="{made}"')]

    def _rfc9421(
        self,
        values: dict[str, str],
        moment: datetime,
        *,
        bodiless: bool,
        covered: str | None = None,
        parameters: str | None = None,
        key_id: str | None = None,
        label: str = "sig1",
        signature: str | None = None,
    ) -> Headers:
        covered = covered if covered is not None else RFC9421_GET if bodiless else RFC9421
        if parameters is None:
            parameters = f';created={int(moment.timestamp())};keyid="{key_id or self.key_id}"'
        names = " ".join(f'"{name}"' for name in covered.split())
        lines = [f'"{name}": {values[name]}' for name in covered.split()]
        base = "\n".join([*lines, f'"@signature-params": ({names}){parameters}'])
        made = signature or rsa(self.private, base)
        return [("signature-input", f"{label}=({names}){parameters}"), ("signature", f"{label}=:{made}:")]


# what may not have happened


def everything(pilot: Instance, *but: str) -> Rows:
    """Every row of every table of a pilot, but for those of the tables named and for when somebody was looked up."""

    return _rows(pilot, [table for table in metadata.sorted_tables if table.name not in but])


def jobs_left(pilot: Instance) -> list[tuple[Any, ...]]:
    """The work that still waits or was given up."""
    return _rows(pilot, [jobs])["jobs"]


def _rows(pilot: Instance, tables: Iterable[Table]) -> Rows:
    with closing(sqlite3.connect(pilot.store.file)) as connection:
        return {
            table.name: connection.execute(
                f"SELECT {_columns(table)} FROM {table.name} {_WHERE.get(table.name, '')} ORDER BY {_order(table)}"
            ).fetchall()
            for table in tables
        }


def _order(table: Table) -> str:
    return ", ".join(column.name for column in table.primary_key)


_WHERE = {"jobs": "WHERE kind <> 'gather'"}  # threads are looked up in their own time
_MOMENTS = {"fetched_at", "gathered_at"}


@functools.cache
def _columns(table: Table) -> str:
    return ", ".join(column.name for column in table.c if column.name not in _MOMENTS)


@contextmanager
def unchanged(pilot: Instance, *but: str, requests: int = 0) -> Iterator[None]:
    """Inside, nothing is stored (but in the tables named), nothing is sent, and no more is asked than this."""
    before, sent = everything(pilot, *but), len(pilot.world.network.sent)
    yield
    after, gone_out = everything(pilot, *but), pilot.world.network.sent[sent:]
    changed = {name: set(rows) ^ set(before[name]) for name, rows in after.items() if rows != before[name]}
    assert not changed, changed
    assert len(gone_out) <= requests, [f"{each.method} {each.host}{each.target}" for each in gone_out]
    assert {each.method for each in gone_out} <= {"GET"}, gone_out


def faults(world: World, records: Iterable[logging.LogRecord]) -> list[Any]:
    """What went wrong inside a pilot, wherever it was caught: on the network, in an answer, or in a job."""
    logged = [record.getMessage() for record in records if record.levelno >= logging.ERROR]
    return [*world.network.faults, *logged]


def assert_refused(answer: httpx.Response, status: int, code: str = "") -> None:
    """The answer is this refusal, said to a program in a sentence and a code, and nothing more."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert set(said) <= {"error", "code", "field"}
    assert said["error"].endswith((".", "!", "?"))
    assert code in {"", said["code"]}, said["code"]
    assert answer.headers["cache-control"] == "no-store"
