"""What apps ask for, on a server that received 10,000 posts: one client, one request after another over one connection."""

from __future__ import annotations

import asyncio
import itertools
import json
import urllib.parse
from collections.abc import Iterator

from tests.bench.fediverse import Fediverse, question, reply
from tests.bench.inbox import send, until
from tests.bench.server import Server, report

QUESTIONS = 9000
THREADS = 10
NOTICES = 40
REPLIES = 100
ACTORS = 20
WARM_UP = 20
COUNTED = 200
VISIBLE = "SELECT (SELECT count(*) FROM questions) + (SELECT count(*) FROM answers)"


class Client:
    """An app with a token, on one connection."""

    def __init__(self, server: Server, token: str) -> None:
        self._server, self._token = server, token
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def connect(self) -> None:
        """Before the first request."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._server.port)

    async def ask(self, path: str, form: dict[str, str] | None = None, accept: str = "*/*") -> bytes:
        """The body of an answer; raises RuntimeError for anything but 200."""
        body = urllib.parse.urlencode(form or {}).encode()
        lines = [
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
            f"Host: {self._server.host}",
            f"Accept: {accept}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        if path.startswith("/api/"):
            lines.append(f"Authorization: Bearer {self._token}")
        self._writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = [line.partition(b":") for line in head.split(b"\r\n")]
        length = next(int(value) for name, _, value in fields if name.lower() == b"content-length")
        answer = await self._reader.readexactly(length)
        if head.split(b" ", 2)[1] != b"200":
            raise RuntimeError(f"{path}: {head.decode()} {answer[:200].decode()}")
        return answer

    def close(self) -> None:
        """After the last."""
        self._writer.close()


async def _fill(server: Server, fediverse: Fediverse) -> None:
    """Questions, and ten of them with a hundred replies each."""
    group, inbox = f"{server.base}/b/bench", f"{server.base}/inbox"
    asked = [question(fediverse.actor(0, at % ACTORS), at, group) for at in range(QUESTIONS)]
    await send(server, [fediverse.request(inbox, each) for each in asked])
    await until(server, VISIBLE, QUESTIONS)
    answered = [
        reply(fediverse.actor(0, at % ACTORS), number * REPLIES + at, asked[-1 - number], group)
        for number, at in itertools.product(range(THREADS), range(REPLIES))
    ]
    await send(server, [fediverse.request(inbox, each) for each in answered])
    await until(server, VISIBLE, QUESTIONS + THREADS * REPLIES)


async def _tell(server: Server, fediverse: Fediverse, client: Client) -> None:
    """A question of the member's own, with answers: so that there is something to be told, and a home of both kinds."""
    form = {"status": "Wie weet een kapper?", "visibility": "public"}
    asked = {"object": {"id": json.loads(await client.ask("/api/v1/statuses", form))["uri"]}}
    told = [
        reply(fediverse.actor(0, at % ACTORS), THREADS * REPLIES + at, asked, f"{server.base}/b/bench")
        for at in range(NOTICES)
    ]
    await send(server, [fediverse.request(f"{server.base}/inbox", each) for each in told])
    await until(server, VISIBLE, QUESTIONS + THREADS * REPLIES + NOTICES + 1)


async def _cost(server: Server, client: Client, paths: Iterator[str], **how: object) -> int:
    """CPU of the server for one request, in us."""
    for path in itertools.islice(paths, WARM_UP):
        await client.ask(path, **how)  # type: ignore[arg-type]
    before = server.cpu
    for path in itertools.islice(paths, COUNTED):
        await client.ask(path, **how)  # type: ignore[arg-type]
    return round((server.cpu - before) / COUNTED * 1e6)


async def _run() -> None:
    fediverse = Fediverse(hosts=1, actors=ACTORS)
    await fediverse.start()
    server = Server()
    server.start()
    try:
        server.command("peer", "add", fediverse.hosts[0], "--as", "pilot")
        server.command("member", "add", "noor")
        client = Client(server, server.command("token", "noor"))
        await _fill(server, fediverse)
        await client.connect()
        await _tell(server, fediverse, client)
        report("api", await _figures(server, client))
        client.close()
    finally:
        server.stop()
        await fediverse.stop()


async def _figures(server: Server, client: Client) -> dict[str, object]:
    await client.ask("/api/v1/tags/mantelzorg/follow", {})
    page = json.loads(await client.ask("/api/v1/timelines/public?limit=40"))
    threads = server.column(f"SELECT question_id FROM answers GROUP BY 1 HAVING count(*) = {REPLIES}")
    ids = [each["id"] for each in page]
    context = json.loads(await client.ask(f"/api/v1/statuses/{threads[0]}/context"))
    home = json.loads(await client.ask("/api/v1/timelines/home?limit=20"))
    notices = json.loads(await client.ask("/api/v1/notifications?limit=20"))
    own = urllib.parse.urlsplit(server.column("SELECT uri FROM questions WHERE local = 1")[0]).path
    figures: dict[str, object] = {}
    same = itertools.repeat
    for name, paths in {
        "home": same("/api/v1/timelines/home?limit=20"),
        "context": itertools.cycle(f"/api/v1/statuses/{key}/context" for key in threads),
        "public": same("/api/v1/timelines/public?limit=20"),
        "deep": same(f"/api/v1/timelines/home?limit=20&max_id={ids[-1]}"),
        "status": itertools.cycle(f"/api/v1/statuses/{key}" for key in ids),
        "notifications": same("/api/v1/notifications?limit=20"),
        "account_statuses": same(f"/api/v1/accounts/{page[0]['account']['id']}/statuses?limit=20"),
        "search": same("/api/v2/search?q=medicijnen&limit=20"),
        "page": same(f"/v/{threads[0]}"),
    }.items():
        figures[f"cpu_us_{name}"] = await _cost(server, client, paths)
    figures["cpu_us_note"] = await _cost(server, client, same(own), accept="application/activity+json")
    return figures | {
        "posts": server.count(VISIBLE),
        "home_length": len(home),
        "context_length": len(context["descendants"]),
        "notifications_length": len(notices),
        "memory_mib": round(server.memory, 1),
    }


def main() -> None:
    """Run it."""
    asyncio.run(_run())
