"""A world of two pilots that is killed (SIGKILL, the whole process) at its n-th step, started again and looked at.

Run as a program, far from pytest: it forks, and prints one JSON object with what was found. A step is any point at
which a real machine can lose its power with a different outcome: before and after each transaction and each request.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from federation.transport import InMemoryNetwork, Response
from storage import jobs
from storage.clock import UlidIds
from storage.records import Sent
from storage.store import Store
from storage.upkeep import prune
from tests.journeys.world import Instance, World
from vraagbaak import answers, questions
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    Helped,
    Mark,
    Perspective,
    Pilot,
    Question,
    Scope,
)

LONGEST = 60  # seconds that a process may take before it counts as hanging


class Countdown:
    """Kills this process at the n-th step; never with n = 0."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.taken = 0

    def step(self) -> None:
        self.taken += 1
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class FragileNetwork(InMemoryNetwork):
    """The network, on which every request is two steps: just before, and just after."""

    def __init__(self, countdown: Countdown) -> None:
        super().__init__(apps={})
        self.countdown = countdown

    async def _ask(self, *args: Any) -> Response:
        self.countdown.step()
        answer = await super()._ask(*args)
        self.countdown.step()
        return answer


def make_fragile(store: Store, countdown: Countdown) -> None:
    """The same for every transaction that changes more than leases."""
    run = store.run

    async def counted(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if fn not in BOOKKEEPING:
            countdown.step()
        result = await run(fn, *args, **kwargs)
        if fn not in BOOKKEEPING or (fn is jobs.claim_or_wait and result[0]):
            countdown.step()
        return result

    store.run = counted  # type: ignore[method-assign]


BOOKKEEPING = {jobs.claim_or_wait, jobs.release, prune}


def opened(folder: Path, countdown: Countdown | None = None) -> World:
    """The world in this folder, as it is. Ids are random: a server that starts again does not know which it gave."""
    countdown = countdown or Countdown(0)
    world = World(folder, UlidIds, FragileNetwork(countdown))
    told = folder / "clock"
    if told.exists():
        world.clock.moment = datetime.fromisoformat(told.read_text())
    for name in NAMES:
        make_fragile(world.pilot(name).store, countdown)
    return world


def close(world: World) -> None:
    """Let go of it; time does not go back while nobody looks."""
    (world.folder / "clock").write_text(world.clock.moment.isoformat())
    world.close()


def meet(world: World) -> None:
    """Two pilots trust each other; who lives there."""
    west, east = world.instances.values()
    west.trust(east)
    east.trust(west)
    west.member("fatma")
    east.member("henk")


def ask(world: World) -> None:
    """One question for everybody, one for the pilots."""
    west = world.instances["Westerpark"]
    fatma = west.member_called("fatma")
    west.ask(fatma, "Blijft dit?", Scope.PUBLIC)
    west.ask(fatma, "Gaat dit weg?")


def answer(world: World) -> None:
    """Both are answered from the other side."""
    east = world.instances["Nieuwland"]
    henk = east.member_called("henk")
    for question in east.all(Question):
        east.answer(henk, question, f"Op {question.title}")


def change(world: World) -> None:
    """One answer helped and is edited, the other goes with its question."""
    west, east = world.instances.values()
    fatma, henk = west.member_called("fatma"), east.member_called("henk")
    kept, passing = sorted(west.all(Question), key=lambda question: question.title)
    (answered,) = [each for each in west.all(Answer) if each.question_id == kept.id]
    west.mark(fatma, answered, Helped.HELPED)
    world.clock.tick(seconds=1)
    there = east.own(Answer, answered)
    east.store.run_now(answers.edit, east.actor(henk), there.id, "Dit bleef.", Perspective.FAMILY)
    west.store.run_now(questions.withdraw, west.actor(fatma), passing.id)


NAMES = ("Westerpark", "Nieuwland")
CHAPTERS = (meet, ask, answer, change)


async def act(folder: Path, chapter: Callable[[World], None]) -> None:
    """What people do in a chapter, before any of it is told to anybody.

    Keys are made here: it takes long, and OpenSSL now and then waits for ever when it is asked for one after a fork.
    """
    world = opened(folder)
    for instance in world.instances.values():
        for actor in instance.all(Actor):
            if actor.local:
                await instance.parts.site.showing.actor(actor.uri)
    chapter(world)
    close(world)


async def tell(folder: Path, last_step: int) -> dict[str, Any]:
    """Everything that is told because of it, until the process is killed at `last_step`."""
    countdown = Countdown(last_step)
    world = opened(folder, countdown)
    await world.settle()
    close(world)
    return {"steps": countdown.taken, **state_of(folder)}


async def resume(folder: Path) -> dict[str, Any]:
    """A restart; everything that waits is done, hours later, when leases and pauses are over."""
    world = opened(folder)
    for _ in range(3):
        world.clock.tick(hours=1)
        await world.settle()
    close(world)
    return state_of(folder)


def state_of(folder: Path) -> dict[str, object]:
    """Everything that people could tell apart, on both sides, and what is left in the queues."""
    world = opened(folder)
    found = {name: _state(instance) for name, instance in world.instances.items()}
    close(world)
    return found


def _state(instance: Instance) -> dict[str, object]:
    def unit(reading):
        left = [list(row) for row in reading.execute(text("SELECT kind, state, last_error FROM jobs"))]
        return {
            "questions": sorted([each.title, each.status, each.scope] for each in reading.find(Question)),
            "answers": sorted([each.body, each.perspective] for each in reading.find(Answer)),
            "marks": sorted(each.value for each in reading.find(Mark)),
            "pilots": sorted(each.name for each in reading.find(Pilot)),
            "follows": sorted(each.state for each in reading.find(Follow)),
            "received by": sorted(each.host for each in reading.find(Sent)),
            "jobs": left,
        }

    return instance.store.read_now(unit)


def killed(work: Coroutine[Any, Any, Any]) -> None:
    """Run it in a process of its own that does not survive it, or only just: not every run takes as many steps."""
    child = os.fork()
    if child == 0:
        gc.disable()  # it would touch, and so copy, all memory of its parent
        signal.alarm(LONGEST)
        try:
            asyncio.run(work)
        except BaseException:  # noqa: BLE001 - told to the parent, in the only way there is
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    work.close()
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in {-signal.SIGKILL, 0}, f"ended with {ended}"


def trial(base: Path, last_step: int, workplace: Path) -> dict[str, Any]:
    """Kill at this step, start again; what was found."""
    folder = workplace / "trial"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    killed(tell(folder, last_step))
    return asyncio.run(resume(folder))


def warm_up(folder: Path) -> None:
    """All of it once in this process, so that its copies find every statement compiled: a third of the time."""
    folder.mkdir()
    for chapter in CHAPTERS:
        asyncio.run(act(folder, chapter))
        asyncio.run(tell(folder, 0))


def main(workplace: Path, first: int, stride: int) -> dict[str, Any]:
    """All chapters; for each how many steps it has, and at which of them the outcome was another.

    Every `stride`-th step is tried, from `first` on.
    """
    warm_up(workplace / "warm-up")
    told: dict[str, Any] = {}
    base = workplace / "base"
    base.mkdir()
    gc.collect()
    gc.freeze()
    for chapter in CHAPTERS:
        asyncio.run(act(base, chapter))
        whole = workplace / "whole"
        shutil.copytree(base, whole)
        expected = asyncio.run(tell(whole, 0))
        steps = expected.pop("steps")
        different = {
            step: found
            for step in range(first, steps + 1, stride)
            if (found := trial(base, step, workplace)) != expected
        }
        told[chapter.__name__] = {"steps": steps, "expected": expected, "different": different}
        shutil.rmtree(base)
        whole.rename(base)
    return told


if __name__ == "__main__":
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="crashes-", dir=memory) as place:
        print(json.dumps(main(Path(place), int(sys.argv[1]), int(sys.argv[2]))))
