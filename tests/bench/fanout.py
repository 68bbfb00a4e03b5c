"""Public questions to followers on many servers, all of which answer; then to the same and to some more that hang.

Rounds of both kinds take turns, each with servers that never hung before, so that a busy machine tells in both alike.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import statistics
import time
from contextlib import closing
from typing import Any

from tests.bench.fediverse import Fediverse
from tests.bench.server import Server, report

QUESTIONS = 5
ROUNDS = 5
SECONDS = 120.0
AT_ONCE = 8
WELL = "gezond"
_FOLLOW = """
    INSERT INTO follows (id, uri, follower_id, target_id, state)
    SELECT lower(hex(randomblob(13))), f.uri || :name, f.follower_id, m.actor_id, f.state
    FROM follows f JOIN actors a ON a.id = f.follower_id JOIN members n ON n.actor_id = f.target_id, members m
    WHERE n.handle = 'noor' AND m.handle = :name AND a.domain = :host
"""


async def _follow(server: Server, fediverse: Fediverse, whom: str = "b/bench") -> None:
    """One actor of each host follows somebody, or the neighbourhood."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def follow(host: int) -> None:
        actor = fediverse.actor(host, 0)
        wish = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{actor}/follows/1",
            "type": "Follow",
            "actor": actor,
            "object": f"{server.base}/{whom}",
        }
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(fediverse.request(f"{server.base}/inbox", wish))
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

    await asyncio.gather(*(follow(host) for host in range(len(fediverse.hosts))))
    async with asyncio.timeout(SECONDS):
        while min(fediverse.received.values()) < 1:  # each got its Accept
            await asyncio.sleep(0.05)


def _let_follow(server: Server, name: str, hosts: list[str]) -> None:
    """The actors of these hosts, which all follow somebody already, follow this member too."""
    with closing(sqlite3.connect(server.folder / "vraagbaak.db", timeout=10)) as connection, connection:
        connection.executemany(_FOLLOW, [{"name": name, "host": host} for host in hosts])


async def _ask(server: Server, token: str, number: int) -> None:
    body = f'{{"title":"Vraag {number} voor iedereen?","scope":"public"}}'.encode()
    head = (
        f"POST /api/vraagbaak/v1/questions HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(head + body)
    line = await reader.readline()
    assert b" 201 " in line, line
    writer.close()


class _Rounds:
    """What each round took: the same servers answer in all of them."""

    def __init__(self, server: Server, fediverse: Fediverse, answering: int) -> None:
        self._server = server
        self._fediverse = fediverse
        self._answering = fediverse.hosts[:answering]
        self._asked = 0
        self.well: list[tuple[float, float]] = []
        self.ill: list[tuple[float, float]] = []
        self.tries: list[int] = []
        """How often those that hang were tried, in each round with them."""

    async def measure(self, token: str) -> tuple[float, float]:
        """Ask, and wait until everybody who answers has it: seconds, and seconds of CPU."""
        received = self._fediverse.received
        wanted = {host: received[host] + QUESTIONS for host in self._answering}
        before, began = self._server.cpu, time.monotonic()
        for _ in range(QUESTIONS):
            self._asked += 1
            await _ask(self._server, token, self._asked)
        async with asyncio.timeout(SECONDS):
            while any(received[host] < count for host, count in wanted.items()):
                self._fediverse.heard.clear()
                await self._fediverse.heard.wait()
        return time.monotonic() - began, self._server.cpu - before

    def figures(self) -> dict[str, Any]:
        """Medians of what was measured so far, and the ratio of each pair of rounds."""
        deliveries = QUESTIONS * len(self._answering)
        found: dict[str, Any] = {"rounds": len(self.ill)}
        for name, rounds in (("", self.well), ("while_some_hang_", self.ill)):
            if rounds:
                seconds, cpu = (statistics.median(each) for each in zip(*rounds, strict=True))
                found[f"{name}cpu_us_per_delivery"] = round(cpu / deliveries * 1e6)
                found[f"{name}deliveries_per_second"] = round(deliveries / seconds)
                found[f"{name}seconds_until_the_last"] = round(seconds, 2)
        for number, name in enumerate(("seconds", "cpu")):
            ratios = [ill[number] / well[number] for well, ill in zip(self.well, self.ill, strict=False)]
            if ratios:
                found[f"ratio_{name}"] = round(statistics.median(ratios), 3)
                found[f"ratios_{name}"] = [round(ratio, 3) for ratio in ratios]
        if self.tries:
            found["tries_at_hanging"] = self.tries
        return found


async def _run(hosts: int, percent: int) -> None:
    hanging = hosts * percent // 100
    fediverse = Fediverse(hosts=hosts + hanging * (ROUNDS - 1), actors=1)
    await fediverse.start()
    server = Server()
    server.start()
    rounds = _Rounds(server, fediverse, hosts - hanging)
    try:
        await _measure(server, fediverse, rounds, hosts - hanging, hanging)
    except (asyncio.CancelledError, TimeoutError):
        print("cut off; what was measured until then:", flush=True)
    finally:
        scale = {"hosts": hosts, "questions": QUESTIONS, "hanging": hanging}
        with contextlib.suppress(OSError, IndexError, ValueError):
            scale["memory_mib"] = round(server.memory, 1)
        report("fanout", scale | rounds.figures())
        server.stop()
        await fediverse.stop()


async def _measure(
    server: Server, fediverse: Fediverse, rounds: _Rounds, answering: int, hanging: int
) -> None:
    tokens = {}
    for name in ("noor", WELL, *(f"ziek{number}" for number in range(ROUNDS))):
        server.command("member", "add", name)
        tokens[name] = server.command("token", name)
    await _follow(server, fediverse, "u/noor")
    always = fediverse.hosts[:answering]
    _let_follow(server, WELL, always)
    await rounds.measure(tokens["noor"])  # everybody has answered, and connections are open after this
    for number in range(ROUNDS):
        first = answering + number * hanging
        ill = fediverse.hosts[first : first + hanging]
        _let_follow(server, f"ziek{number}", [*always, *ill])
        rounds.well.append(await rounds.measure(tokens[WELL]))
        fediverse.behaviour |= dict.fromkeys(ill, lambda: 0)
        before = sum(fediverse.received[host] for host in ill)
        rounds.ill.append(await rounds.measure(tokens[f"ziek{number}"]))
        rounds.tries.append(sum(fediverse.received[host] for host in ill) - before)
        fediverse.let_go(ill)


def main(hosts: int, percent: int) -> None:
    """Run it with so many servers, of which so many per cent hang in every second round."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(_run(hosts, percent))
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
        loop.add_signal_handler(signal.SIGINT, task.cancel)
        loop.run_until_complete(task)
