"""`scripts/chaos`: a real server that is killed (SIGKILL) at random moments while people ask and others are told.

Every question whose asker was told that it was asked has to reach every follower, as one activity and no second one; the
same activity may come twice (a kill between sending and writing down that it was sent), which everybody has to expect.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import sqlite3
import sys
import time
from collections import Counter, defaultdict

from tests.bench.fanout import _follow
from tests.bench.fediverse import Fediverse
from tests.bench.server import Server, report

HOSTS = 3
ASKERS = 4
LONGEST = 1.5
"""Seconds from the start of the server until it is killed, at most."""
PATIENCE = 120.0


_numbers = itertools.count(1)  # two questions in the same words would be one


class Listening(Fediverse):
    """Takes everything, and remembers which activity about which question came to which host."""

    def __init__(self) -> None:
        super().__init__(hosts=HOSTS, actors=1)
        self.heard: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))

    def _answer(self, line: str, fields: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if line.startswith("POST"):
            said = json.loads(body)
            about = said["object"]
            if said["type"] == "Announce" and isinstance(about, str):
                self.heard[fields["host"]][about][said["id"]] += 1
        return super()._answer(line, fields, body)


async def _ask(server: Server, token: str, number: int) -> str:
    """The uri of a question that was asked; raises OSError when the server dies before it says so."""
    body = json.dumps({"title": f"Vraag {number}, wie weet het?", "scope": "public"}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        head = (
            f"POST /api/vraagbaak/v1/questions HTTP/1.1\r\nHost: {server.host}\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.read()
    finally:
        writer.close()
    status, _, content = answer.partition(b"\r\n\r\n")
    if b" 201 " not in status.split(b"\r\n", 1)[0]:
        raise ConnectionResetError
    return str(json.loads(content)["uri"])


async def _life(server: Server, token: str, asked: list[str], seconds: float) -> None:
    """One life of the server: people ask until it is killed."""

    async def asker() -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while True:
                asked.append(await _ask(server, token, next(_numbers)))

    tasks = [asyncio.create_task(asker()) for _ in range(ASKERS)]
    await asyncio.sleep(seconds)
    assert server.process
    server.process.kill()
    server.process.wait()
    await asyncio.gather(*tasks)


def _waiting(server: Server) -> int:
    with contextlib.closing(sqlite3.connect(server.folder / "vraagbaak.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM jobs WHERE state = 'waiting'").fetchone()[0])


async def _run(kills: int, seed: int) -> bool:
    chance = random.Random(seed)
    fediverse = Listening()
    await fediverse.start()
    server = Server()
    asked: list[str] = []
    began = time.monotonic()
    try:
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(server.command, "member", "add", "noor")
        token = await asyncio.to_thread(server.command, "token", "noor")
        await _follow(server, fediverse)
        for kill in range(1, kills + 1):
            await _life(server, token, asked, chance.uniform(0, LONGEST))
            await asyncio.to_thread(server.start)
            print(f"\rkilled {kill} of {kills}, asked {len(asked)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        until = time.monotonic() + PATIENCE
        while _waiting(server) and time.monotonic() < until:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.2)
        heard = fediverse.heard
        lost = [uri for uri in asked for host in fediverse.hosts if uri not in heard[host]]
        doubled = [uri for found in heard.values() for uri, ids in found.items() if len(ids) > 1]
        again = sum(count - 1 for found in heard.values() for ids in found.values() for count in ids.values())
        report(
            "chaos",
            {
                "kills": kills,
                "asked": len(asked),
                "deliveries": sum(len(found) for found in heard.values()),
                "lost": len(lost),
                "doubled": len(doubled),
                "same_activity_again": again,
                "waiting": _waiting(server),
                "seconds": round(time.monotonic() - began),
            },
        )
        return not lost and not doubled and len(set(asked)) == len(asked)
    finally:
        server.stop()
        await fediverse.stop()


def main() -> int:
    """1 when anything was lost or doubled."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="how often (100 unless told)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    given = parser.parse_args()
    return 0 if asyncio.run(_run(given.kills, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
