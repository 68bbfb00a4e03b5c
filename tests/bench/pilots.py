"""Twenty pilots in one process, fifty questions from each: until every question is in every pilot.

Real databases, real signatures, real apps; only the wires are a dict of hosts. Making keys is not counted.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from pathlib import Path

from tests.bench.server import report
from tests.journeys.world import World
from vraagbaak.model import Question

PILOTS = 20
QUESTIONS = 50


async def _run(folder: Path) -> None:
    world = World(folder)
    began, before = time.monotonic(), time.process_time()
    pilots = world.pilots(*(f"Wijk{number}" for number in range(1, PILOTS + 1)))
    people = {pilot.name: pilot.member("iemand") for pilot in pilots}
    await world.settle()
    met, met_cpu = time.monotonic() - began, time.process_time() - before
    began, before = time.monotonic(), time.process_time()
    for pilot in pilots:
        for number in range(QUESTIONS):
            pilot.ask(
                people[pilot.name], f"Vraag {number} van {pilot.name}?", body="Wie heeft dit ook gehad?"
            )
    jobs = await world.settle()
    seconds, cpu = time.monotonic() - began, time.process_time() - before
    assert all(len(pilot.all(Question)) == PILOTS * QUESTIONS for pilot in pilots)
    deliveries = PILOTS * (PILOTS - 1) * QUESTIONS
    report(
        "pilots",
        {
            "cpu_us_per_delivery_both_sides": round(cpu / deliveries * 1e6),
            "seconds_until_converged": round(seconds, 2),
            "deliveries": deliveries,
            "jobs": jobs,
            "seconds_to_meet": round(met, 2),
            "cpu_seconds_to_meet": round(met_cpu, 2),
            "peak_memory_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        },
    )
    world.close()


def main() -> None:
    """Run it."""
    with tempfile.TemporaryDirectory(prefix="vraagbaak-pilots-") as folder:
        asyncio.run(_run(Path(folder)))
