"""A small server on bovine that does what a test tells it; `fedify/peer.mjs` is its twin and takes the same words.

Signatures, the check of ours, JSON-LD and the shape of what it says are bovine's own work; it listens on loopback, speaks
plain http and keeps everything in memory. It runs in an environment of its own and prints its address when it is ready.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import traceback
import uuid
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from bovine import BovineActor
from bovine.activitystreams import Actor, factories_for_actor_object
from bovine.activitystreams.object_factory import Object
from bovine.clients import lookup_uri_with_webfinger
from bovine.crypto import (
    build_validate_http_signature_raw,
    generate_ed25519_private_key,
    generate_rsa_public_private_key,
)
from bovine.crypto.types import CryptographicIdentifier, CryptographicSecret
from bovine.jsonld import activitystreams_context, with_activitystreams_context
from pyld import jsonld

Document = dict[str, Any]

ACTIVITY = "application/activity+json"
VB = "https://vraagbaak.example/ns#"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def known_context(url: str, _options: Any) -> Document:
    """Bovine's own ActivityStreams; every other context is read as empty, for nothing is fetched from elsewhere."""
    found = activitystreams_context if url == "https://www.w3.org/ns/activitystreams" else {}
    read = {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url}
    return read | {"document": {"@context": found}}


jsonld.set_document_loader(known_context)


class Somebody:
    """Who lives here, with what bovine makes to speak and to build for it."""

    def __init__(self, home: str, name: str, kind: str) -> None:
        self.home, self.uri = home, f"{home}/users/{name}"
        public, private = generate_rsa_public_private_key()
        self.document = Actor(
            id=self.uri,
            type=kind,
            preferred_username=name,
            name=name.upper(),
            inbox=f"{self.uri}/inbox",
            outbox=f"{self.uri}/outbox",
            public_key=public,
            public_key_name="main-key",
        ).build()
        self.speaking = BovineActor(actor_id=self.uri, public_key_url=f"{self.uri}#main-key", secret=private)
        self.proving = CryptographicSecret.from_multibase(
            f"{self.uri}#ed25519", generate_ed25519_private_key()
        )
        self.activities, self.objects = factories_for_actor_object(self.document, self._new_uri)

    def _new_uri(self) -> str:
        return f"{self.home}/things/{uuid.uuid4()}"


class Server:
    """What lives and was said here, what came in, and what was answered to either."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.people: dict[str, Somebody] = {}
        self.things: dict[str, Document] = {}
        self.received: list[Document] = []
        self.knocks: list[Document] = []
        self.sent: list[Document] = []
        self._validate = build_validate_http_signature_raw(self._key)

    # what others ask

    async def show(self, request: web.Request) -> web.Response:
        """An actor, a post or an activity."""
        uri = f"{self.home}{request.path}"
        found = {each.uri: each.document for each in self.people.values()} | self.things
        return web.json_response(found.get(uri), status=200 if uri in found else 404, content_type=ACTIVITY)

    async def let_in(self, request: web.Request) -> web.Response:
        """An inbox: 401 for what bovine does not believe."""
        name, body = request.match_info["name"], await request.read()
        headers = {key.lower(): value for key, value in request.headers.items()}
        owner = await self._validate("post", f"{self.home}{request.path}", headers, request.read)
        said: Document = json.loads(body)
        status = 202 if owner and owner == said["actor"] else 401
        dialect = "rfc9421" if "signature-input" in headers else "draft-cavage-http-signatures-12"
        self.knocks.append({"path": request.path, "dialect": dialect, "status": status, "document": said})
        if status == 202:
            understood = await self.understood(said, self.people[name])
            self.received.append({"inbox": name, "document": said, **understood})
        return web.Response(status=status)

    async def _key(self, key_id: str) -> CryptographicIdentifier:
        anybody = next(iter(self.people.values()))
        return CryptographicIdentifier.from_public_key((await anybody.speaking.get(key_id))["publicKey"])

    async def understood(self, thing: Document | str, reader: Somebody) -> Document:
        """What is left of something when bovine has processed its JSON-LD, down to what it is about."""
        if isinstance(thing, str):
            thing = await reader.speaking.get(thing)
        return await self._understood(with_activitystreams_context(thing), reader)

    async def _understood(self, plain: Document, reader: Somebody) -> Document:
        found = {
            "type": plain["type"],
            "id": plain.get("id"),
            "vb": {name.removeprefix(VB): _list(plain[name]) for name in plain if name.startswith(VB)},
        }
        if "actor" in plain:
            inside = plain["object"]
            known = isinstance(inside, dict) or plain["type"] in {"Delete", "Accept"}
            found["actor"], found["target"] = plain["actor"], plain.get("target")
            found["object"] = {"id": inside}
            if isinstance(inside, dict):
                found["object"] = await self._understood(inside, reader)
            elif not known:
                found["object"] = await self.understood(inside, reader)
            return found
        return found | {
            "author": plain.get("attributedTo"),
            "content": plain.get("content"),
            "title": plain.get("name") or next(iter(plain.get("nameMap", {}).values()), None),
            "inReplyTo": plain.get("inReplyTo"),
            "to": [
                each.replace("as:", "https://www.w3.org/ns/activitystreams#")
                for each in _list(plain.get("to"))
            ],
            "tags": [
                [each["type"].removeprefix("as:"), each["name"], each["href"]]
                for each in _list(plain.get("tag"))
            ],
            "published": plain.get("published"),
            "updated": plain.get("updated"),
        }

    # what the test asks

    async def control(self, request: web.Request) -> web.Response:
        """One verb; a fault is told whole."""
        try:
            verb = getattr(self, f"do_{request.match_info['verb']}")
            return web.json_response(await verb(**await request.json()))
        except Exception:  # noqa: BLE001 - the test shows whatever it was
            return web.Response(status=500, text=traceback.format_exc())

    async def do_actor(self, name: str, kind: str = "Person", more: Document | None = None) -> str:
        """Somebody new; `more` are members for its document."""
        made = self.people[name] = Somebody(self.home, name, kind)
        made.document |= more or {}
        await made.speaking.init()
        return made.uri

    async def do_follow(self, name: str, target: str) -> str:
        return await self._send(name, [target], self.people[name].activities.follow(target).build())

    async def do_like(self, name: str, object: str, to: str) -> str:  # noqa: A002 - the member's name
        made = self.people[name].activities.like(object, to={to}).build()
        return await self._send(name, [to], made)

    async def do_undo(self, name: str, activity: str, to: str) -> str:
        """Bovine names what is undone by its id alone."""
        return await self._send(name, [to], self.people[name].activities.undo(self.things[activity]).build())

    async def do_post(
        self,
        name: str,
        content: str,
        to: list[str],
        inReplyTo: str = "",  # noqa: N803 - the member's name
        more: Document | None = None,
    ) -> str:
        """A Note, mentioning and sent to `to`; `more` goes through bovine's JSON-LD."""
        author = self.people[name]
        tags = [(await _mention(author, each)).build() for each in to]
        made: Object = author.objects.note(
            content=content,
            in_reply_to=inReplyTo or None,
            cc=set(to),
            tag=[_without_context(tag) for tag in tags],
        )
        note = with_activitystreams_context(made.as_public().build() | (more or {}))
        self.things[note["id"]] = note
        await self._send(name, to, author.activities.create(_without_context(note)).build())
        return str(note["id"])

    async def do_edit(self, name: str, note: str, content: str, to: list[str]) -> str:
        moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        changed = self.things[note] = self.things[note] | {"content": content, "updated": moment}
        return await self._send(
            name, to, self.people[name].activities.update(_without_context(changed)).build()
        )

    async def do_delete(self, name: str, note: str, to: list[str]) -> str:
        del self.things[note]
        return await self._send(name, to, self.people[name].activities.delete(note, to={PUBLIC}).build())

    async def do_look(self, name: str, uri: str) -> Document | None:
        """What bovine makes of what stands at a uri; nothing for what is gone."""
        found = await self.understood(uri, self.people[name])
        return None if found["type"] == "Tombstone" else found

    async def do_webfinger(self, name: str, account: str, at: str) -> str | None:
        """The actor behind an account, as the server `at` says."""
        found, _ = await lookup_uri_with_webfinger(self.people[name].speaking.session, account, domain=at)
        return found

    async def do_received(self) -> list[Document]:
        return self.received

    async def do_knocks(self) -> list[Document]:
        return self.knocks

    async def do_sent(self) -> list[Document]:
        return self.sent

    async def _send(self, name: str, to: list[str], activity: Document) -> str:
        """Signed twice, by HTTP and with a proof (FEP-8b32), and posted to the inboxes of these actors."""
        sender = self.people[name]
        self.things[activity["id"]] = activity
        document = sender.proving.sign_document(activity)
        for uri in to:
            inbox = (await sender.speaking.get(uri))["inbox"]
            response = await sender.speaking.post(inbox, document)
            self.sent.append({"to": inbox, "status": response.status, "document": document})
        return str(activity["id"])


async def _mention(author: Somebody, uri: str) -> Any:
    author.objects.actor = author.speaking
    return await author.objects.mention_for_actor_uri(uri)


def _without_context(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "@context"}


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


async def main() -> None:
    """Serve until told to stop."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://localhost:{listening.getsockname()[1]}")
    app = web.Application()
    app.add_routes(
        [
            web.get("/users/{name}", server.show),
            web.get("/things/{key}", server.show),
            web.post("/users/{name}/inbox", server.let_in),
            web.post("/control/{verb}", server.control),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    sys.stdout.write(f"{server.home}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
