"""From nothing to the first page, again on what is there, and how much memory an idle server takes."""

from __future__ import annotations

import statistics
import time

from tests.bench.server import Server, report

RUNS = 5
IDLE_SECONDS = 3.0


def main() -> None:
    """Run it."""
    cold, warm, cpu, memory = [], [], [], []
    for _ in range(RUNS):
        server = Server()
        try:
            cold.append(server.start())
            server.halt()
            warm.append(server.start())
            cpu.append(server.cpu)
            time.sleep(IDLE_SECONDS)
            memory.append(server.memory)
        finally:
            server.stop()
    report(
        "boot",
        {
            "cpu_us_until_first_page": round(statistics.median(cpu) * 1e6),
            "seconds_cold": round(statistics.median(cold), 2),
            "seconds_warm": round(statistics.median(warm), 2),
            "idle_memory_mib": round(statistics.median(memory), 1),
        },
    )
