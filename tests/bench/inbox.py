"""Creates from known actors: signed POSTs until every question is there to be read."""

from __future__ import annotations

import asyncio
import time

from tests.bench.fediverse import Fediverse, question
from tests.bench.server import Server, report

WARM_UP = 200
COUNTED = 3000
CONNECTIONS = 16
ACTORS = 20
SECONDS = 120.0
VISIBLE = "SELECT count(*) FROM questions WHERE local = 0 AND status = 'open'"


async def _post(port: int, requests: list[bytes], codes: list[int], times: list[float]) -> None:
    """All requests over one connection, one after another."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        codes.append(int(head.split(b" ", 2)[1]))
    writer.close()


async def send(server: Server, requests: list[bytes]) -> tuple[list[int], list[float]]:
    """Post all of them over some connections; the status and the seconds of each."""
    codes: list[int] = []
    times: list[float] = []
    await asyncio.gather(
        *(_post(server.port, requests[at::CONNECTIONS], codes, times) for at in range(CONNECTIONS))
    )
    return codes, times


async def until(server: Server, visible: str, wanted: int) -> None:
    """Wait until a count in its database is there. Raises TimeoutError."""
    async with asyncio.timeout(SECONDS):
        while server.count(visible) < wanted:
            await asyncio.sleep(0.05)


async def _run() -> None:
    fediverse = Fediverse(hosts=1, actors=ACTORS)
    await fediverse.start()
    server = Server()
    server.start()
    server.command("peer", "add", fediverse.hosts[0], "--as", "pilot")
    group, inbox = f"{server.base}/b/bench", f"{server.base}/inbox"
    made = [
        fediverse.request(inbox, question(fediverse.actor(0, number % ACTORS), number, group))
        for number in range(WARM_UP + COUNTED)
    ]
    try:
        await send(server, made[:WARM_UP])
        await until(server, VISIBLE, WARM_UP)
        before, began = server.cpu, time.monotonic()
        codes, times = await send(server, made[WARM_UP:])
        accepted, accepted_cpu = time.monotonic() - began, server.cpu - before
        await until(server, VISIBLE, WARM_UP + COUNTED)
        seconds, spent = time.monotonic() - began, server.cpu - before
        times.sort()
        report(
            "inbox",
            {
                "cpu_us_per_create": round(spent / COUNTED * 1e6),
                "cpu_us_until_accepted": round(accepted_cpu / COUNTED * 1e6),
                "accepted": codes.count(202),
                "accepted_per_second": round(COUNTED / accepted),
                "visible_per_second": round(COUNTED / seconds),
                "p50_ms": round(times[len(times) // 2] * 1000, 1),
                "p99_ms": round(times[len(times) * 99 // 100] * 1000, 1),
                "memory_mib": round(server.memory, 1),
            },
        )
    finally:
        server.stop()
        await fediverse.stop()


def main() -> None:
    """Run it."""
    asyncio.run(_run())
