"""Public questions to followers on many servers, all of which answer; then while some of them hang."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.bench.fediverse import Fediverse
from tests.bench.server import Server, report

QUESTIONS = 5
SECONDS = 120.0
ACTIVITY = "application/activity+json"


async def _follow(server: Server, fediverse: Fediverse) -> None:
    """One actor of each host follows the neighbourhood."""
    group = f"{server.base}/b/bench"
    for host in range(len(fediverse.hosts)):
        actor = fediverse.actor(host, 0)
        wish = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{actor}/follows/1",
            "type": "Follow",
            "actor": actor,
            "object": group,
        }
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(fediverse.request(f"{server.base}/inbox", wish))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
    async with asyncio.timeout(SECONDS):
        while min(fediverse.received.values()) < 1:  # each got its Accept
            await asyncio.sleep(0.05)


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


async def _round(
    server: Server, fediverse: Fediverse, token: str, first: int, hanging: int
) -> dict[str, Any]:
    """Ask, and wait until everybody who answers has it."""
    wanted = {host: fediverse.received[host] + QUESTIONS for host in fediverse.hosts[hanging:]}
    before, began = server.cpu, time.monotonic()
    for number in range(first, first + QUESTIONS):
        await _ask(server, token, number)
    async with asyncio.timeout(SECONDS):
        while any(fediverse.received[host] < count for host, count in wanted.items()):
            await asyncio.sleep(0.02)
    seconds, cpu = time.monotonic() - began, server.cpu - before
    deliveries = QUESTIONS * len(wanted)
    return {
        "cpu_us_per_delivery": round(cpu / deliveries * 1e6),
        "deliveries_per_second": round(deliveries / seconds),
        "seconds_until_the_last": round(seconds, 2),
    }


async def _run(hosts: int, percent: int) -> None:
    fediverse = Fediverse(hosts=hosts, actors=1)
    await fediverse.start()
    server = Server()
    server.start()
    try:
        server.command("member", "add", "noor")
        token = server.command("token", "noor")
        await _follow(server, fediverse)
        await _round(server, fediverse, token, 0, 0)  # connections are open after this
        well = await _round(server, fediverse, token, 100, 0)
        hanging = hosts * percent // 100
        fediverse.behaviour |= dict.fromkeys(fediverse.hosts[:hanging], lambda: 0)
        ill = await _round(server, fediverse, token, 200, hanging)
        figures = {**well, **{f"while_some_hang_{name}": value for name, value in ill.items()}}
        scale = {"hosts": hosts, "questions": QUESTIONS, "hanging": hanging}
        report("fanout", scale | figures | {"memory_mib": round(server.memory, 1)})
    finally:
        server.stop()
        await fediverse.stop()


def main(hosts: int, percent: int) -> None:
    """Run it with so many servers, of which so many per cent hang in the second half."""
    asyncio.run(_run(hosts, percent))
