"""`scripts/fuzz`: changed documents of other software against a running inbox, then requests against the APIs.

Each until its time is up. What may never happen is a finding: an answer of 500 or above, an exception in the log, a job that fails or is buried,
a document that takes more than 250 ms, something of ours that changed. Each is written to a folder and can be sent again.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import json
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench.server import free_port
from tests.fuzz import api, corpus
from tests.fuzz.cases import Case, Maker
from tests.fuzz.changes import Document
from tests.fuzz.stranger import Loopback, Said
from tests.fuzz.watch import SLOW, Problem, Watched, as_json, our_follow
from tests.journeys.strangers import Stranger

ROUND = 4000
"""After so many cases a fresh server takes over, so that what is found does not hang on all that came before."""
AGAIN = 3
"""How often a slow document is sent once more, alone, before it is called slow."""
LOOK = 250
SECONDS = 30.0


class Fuzz:
    """A server under watch, the strangers, and what was found."""

    def __init__(self, seed: int, where: Path, findings: Path) -> None:
        self.seed = seed
        self.where = where
        self.findings = findings
        self.loopback = Loopback(free_port(), "evil", "pilot")
        self.bases = {name: server.base for name, server in self.loopback.servers.items()}
        self.corpus = corpus.load(where, self.bases)
        self.statuses: collections.Counter[str] = collections.Counter()
        self.problems: collections.Counter[str] = collections.Counter()
        self.verdicts: collections.Counter[str] = collections.Counter()
        self.taken_in: collections.Counter[str] = collections.Counter()
        self.next = 1
        """The number of the next case."""
        self.documents = 0
        self.answers: list[float] = []
        """Seconds from each request to its answer, the slowest of each case."""
        self.works: list[float] = []
        """Seconds of processor time for each document, from request to done."""
        self.measured_again = 0
        self.memory = 0.0
        self.watched = Watched()
        self._strangers: dict[str, Stranger] = {}
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    # the scene

    async def start(self) -> None:
        """A fresh pilot that has met the strangers' one, and a maker of cases for it."""
        self._strangers.clear()
        for server in self.loopback.servers.values():
            server.pages.clear()
        pilot = self.loopback.servers["pilot"]
        pilot.become_pilot()
        self.watched.stop()  # of one that never started there is only a folder
        self.watched = Watched()
        self.watched.found(pilot.host)
        self.watched.start()
        await self._settle_in()
        self.names = {**self.watched.names, "our follow": our_follow(self.watched)}
        self.maker = Maker(self.seed, self.corpus, self.names, self.bases)

    async def _settle_in(self) -> None:
        """All keys are made and all that is ours was looked at once."""
        for name in ("group", "application", "fatma", "noor"):
            path = self.watched.names[name].removeprefix(self.watched.server.base)
            head = f"GET {path} HTTP/1.1\r\nHost: {self.watched.server.host}\r\nAccept: application/activity+json\r\n\r\n"
            assert (await self._exchange(head.encode()))[0] == 200, path
        for server in ("evil", "pilot"):
            await self._send_one(self._honest(self._stranger(f"{server}/first")))
        await self.watched.quiet()
        self.watched.problems()
        self.watched.touched()

    def _honest(self, sender: Stranger) -> bytes:
        server = sender.server.host.partition(".")[0]
        body = json.dumps(sender.activity("Listen", "x", id=f"{sender.server.base}/act/{server}first"))
        said = Said(sender=f"{server}/{sender.handle}", body=body.encode())
        return said.on_the_wire(sender, self.watched.server.host)

    async def stop(self) -> None:
        """The pilot goes; what it took in is counted."""
        self._hang_up()
        if self.watched.alive:
            self.memory = max(self.memory, self.watched.server.memory)
            self.taken_in.update(self.watched.taken_in())
            self.verdicts.update(self.watched.verdicts)
        self.watched.stop()

    def _stranger(self, name: str) -> Stranger:
        """Somebody on one of the strangers' servers, with a document unless the case has one for it."""
        if name not in self._strangers:
            server, handle = name.split("/", 1)
            made = self._strangers[name] = Stranger(self.loopback.servers[server], handle)
            if f"/u/{handle}" not in made.server.pages:
                made.publish()
        return self._strangers[name]

    # one case

    async def run(self, case: Case) -> list[Problem]:
        """Send it, wait until it is worked off, and look what went wrong."""
        before = self.watched.cpu
        answered, problems = await self._send(case)
        if not await self.watched.quiet():
            problems.append(Problem("stuck", "work that does not end"))
        worked = (self.watched.cpu - before) / max(len(case.said), 1)
        self.documents += len(case.said)
        problems += self.watched.problems()
        if not self.watched.alive:
            return [*problems, Problem("dead", "the server stopped")]
        if not case.at_once and max(answered, worked) > SLOW:
            self.measured_again += 1
            answered, worked = await self._measure_again(case)
            if max(answered, worked) > SLOW:
                took = f"answered in {answered * 1000:.0f} ms, worked for {worked * 1000:.0f} ms"
                problems.append(Problem("slow", f"case {case.number}", took))
        if not case.at_once:
            self.answers.append(answered)
            self.works.append(worked)
        return problems

    async def _measure_again(self, case: Case) -> tuple[float, float]:
        """The least that it takes when it is sent alone, under new ids: this machine has other things to do."""
        answers, works = [], []
        for attempt in range(AGAIN):
            again = Case.read(case.written(), {}, 90_000_000 + self.measured_again * AGAIN + attempt)
            await self.watched.quiet()
            before = self.watched.cpu
            answers.append((await self._send(again))[0])
            await self.watched.quiet()
            works.append((self.watched.cpu - before) / max(len(again.said), 1))
        return min(answers), min(works)

    async def _send(self, case: Case) -> tuple[float, list[Problem]]:
        """The longest time until an answer, and what was wrong with the answers."""
        for name, pages in case.pages.items():
            server = self.loopback.servers[name]
            server.pages |= {
                path: (status, headers, self._with_key(body, server.base + path))
                for path, (status, headers, body) in pages.items()
            }
        requests = [
            each.on_the_wire(self._stranger(each.sender), self.watched.server.host) for each in case.said
        ]
        if case.at_once:
            answers = await asyncio.gather(*(self._send_one(request, alone=True) for request in requests))
        else:
            answers = [await self._send_one(request) for request in requests]
        problems = []
        for (status, body, _), said in zip(answers, case.said, strict=True):
            self.statuses[str(status)] += 1
            told = b"key-unavailable" in body or (
                said.method == "GET" and body.startswith(b"<!doctype html>")
            )
            # A signature that does not fit has its key looked at anew, once a minute; within that minute nobody knows.
            unfit = said.flipped or said.as_sent or said.besides or said.how
            away = status == 503 and told and (case.may_be_away or bool(unfit))
            if (status >= 500 and not away) or status == 0:
                problems.append(
                    Problem("status", f"{status} {said.method}", body[:2000].decode("utf-8", "replace"))
                )
        return max((seconds for _, _, seconds in answers), default=0.0), problems

    def _with_key(self, body: bytes, uri: str) -> bytes:
        """The page with the strangers' key where one was left out for it."""
        made = Stranger(self.loopback.servers["evil"], "x").document()["publicKey"]
        key = {**made, "id": f"{uri}#main-key", "owner": uri}
        return body.replace(b'"@key@"', json.dumps(key).encode())

    async def _send_one(self, request: bytes, *, alone: bool = False) -> tuple[int, bytes, float]:
        """Status (0 without an answer), body, and the seconds until then that nobody else had the processors."""
        began, held_up = time.perf_counter(), self.watched.held_up
        try:
            async with asyncio.timeout(SECONDS):
                status, body = await self._exchange(request, alone=alone)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, TimeoutError):
            self._hang_up()
            status, body = 0, b""
        passed, held_up = time.perf_counter() - began, self.watched.held_up - held_up
        return status, body, max(passed - held_up, 0.0)

    async def _exchange(self, request: bytes, *, alone: bool = False) -> tuple[int, bytes]:
        if alone or self._connection is None:
            opened = await asyncio.open_connection("127.0.0.1", self.watched.server.port, limit=2**22)
            if not alone:
                self._connection = opened
        else:
            opened = self._connection
        reader, writer = opened
        writer.write(request)
        status, head = 100, ""
        while status == 100:  # "go on", to who asked whether to
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status = int(head.split(" ", 2)[1])
        length = re.search(r"content-length: (\d+)", head)
        bodiless = request.startswith(b"HEAD ") or status in {204, 304}
        body = b"" if bodiless else await (reader.readexactly(int(length[1])) if length else reader.read())
        simple = (
            request.startswith((b"POST /inbox ", b"GET /u/")) and b"connection: close" not in head.encode()
        )
        if alone:
            writer.close()
        elif not simple or status == 400:
            self._hang_up()
        return status, body

    def _hang_up(self) -> None:
        if self._connection:
            self._connection[1].close()
            self._connection = None

    # findings

    def keep(self, case: Case, problems: Iterable[Problem]) -> None:
        """Count what went wrong, and write the first of each kind down."""
        for problem in problems:
            name = f"{problem.kind}: {problem.what}"
            self.problems[name] += 1
            if self.problems[name] > (5 if problem.kind == "slow" else 1):
                continue
            self.findings.mkdir(parents=True, exist_ok=True)
            path = (
                self.findings / f"{problem.kind}-{self.seed}-{case.number}-{sum(self.problems.values())}.json"
            )
            found = {
                "problem": {"kind": problem.kind, "what": problem.what, "detail": problem.detail[:20_000]},
                "seed": self.seed,
                "names": self._all_names(),
                "case": case.written(),
                "bodies": [each.body[:4000].decode("utf-8", "replace") for each in case.said],
            }
            path.write_text(json.dumps(found, indent=1, ensure_ascii=False))
            print(f"\n{name}\n  {path}", file=sys.stderr)

    def _all_names(self) -> dict[str, str]:
        """Everything that is another at each start."""
        servers = {name: server.host for name, server in self.loopback.servers.items()}
        return {**self.names, "our host": self.watched.server.host, **servers}

    def renamed(self, old: Document) -> dict[str, str]:
        """From the names in a file to those of now, longest first."""
        now = self._all_names()
        pairs = {old[name]: now[name] for name in old if name in now}
        return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))

    def figures(self, began: float, cases: int) -> dict[str, Any]:
        """The result."""
        return {
            "seed": self.seed,
            "corpus": f"{len(self.corpus)} documents",
            "minutes": round((time.monotonic() - began) / 60, 1),
            "cases": cases,
            "documents": self.documents,
            "statuses": dict(sorted(self.statuses.items())),
            "dropped": dict(self.verdicts.most_common()),
            "taken_in": dict(self.taken_in),
            "pages_asked": self.loopback.asked,
            "answer_ms": spread(self.answers),
            "own_time_ms": spread(self.works),
            "measured_again": self.measured_again,
            "memory_mib": round(self.memory),
            "findings": dict(self.problems),
        }


def spread(seconds: list[float]) -> dict[str, float]:
    """Milliseconds: of half of all, of 95 and of 99 in a hundred, and the longest."""
    if not seconds:
        return {}
    ordered = sorted(seconds)
    parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "longest": 1.0}
    return {
        name: round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000, 1)
        for name, part in parts.items()
    }


async def fuzz(given: argparse.Namespace) -> dict[str, Any]:
    """Documents until the time is up; what came of them."""
    where = corpus.folder(given.corpus)
    made = Fuzz(given.seed, where, Path(given.findings))
    print(f"seed {given.seed}, {len(made.corpus)} documents of {where}", file=sys.stderr)
    await made.loopback.start()
    began, made.next = time.monotonic(), given.first
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, task.cancel
    )  # as Ctrl-C does: no server stays behind
    try:
        while time.monotonic() < began + given.minutes * 60:
            try:
                await made.start()
                await _round(made, began, given.minutes)
            finally:
                await made.stop()
    except asyncio.CancelledError:
        print("\nstopped", file=sys.stderr)
    finally:
        await made.loopback.stop()
    print(file=sys.stderr)
    return made.figures(began, made.next - given.first)


async def _round(made: Fuzz, began: float, minutes: float) -> None:
    """Cases against one server."""
    for _ in range(ROUND):
        case = made.maker.case(made.next)
        made.next += 1
        problems = await made.run(case)
        if made.next % LOOK == 0 and made.watched.alive:
            problems += made.watched.touched()
            _progress(made, began)
        made.keep(case, problems)
        if not made.watched.alive or time.monotonic() > began + minutes * 60:
            break


def _progress(made: Fuzz, began: float) -> None:
    seconds = time.monotonic() - began
    found = sum(made.problems.values())
    line = f"\r{seconds / 60:5.1f} min {made.documents:7} documents {made.documents / seconds:5.0f}/s {found} findings"
    print(
        f"{line}  slowest {max([0.0, *made.answers, *made.works]) * 1000:.0f} ms ",
        end="",
        file=sys.stderr,
    )


async def replay(given: argparse.Namespace, written: Document) -> int:
    """Send a case that was written down, to a fresh server; 1 when it still goes wrong."""
    made = Fuzz(written["seed"], corpus.folder(given.corpus), Path(given.findings))
    await made.loopback.start()
    try:
        await made.start()
        case = Case.read(written["case"], made.renamed(written["names"]), written["case"]["number"])
        problems = [*await made.run(case), *made.watched.touched()]
    finally:
        await made.stop()
        await made.loopback.stop()
    for problem in problems:
        print(f"{problem.kind}: {problem.what}\n{problem.detail}")
    print(as_json({"statuses": dict(made.statuses), "problems": len(problems)}))
    return 1 if problems else 0


def main() -> int:
    """Read the words of the command line."""
    asked = argparse.ArgumentParser(prog="scripts/fuzz", description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("what", nargs="?", choices=("all", "inbox", "api"), default="all", help="default: all")
    asked.add_argument("--minutes", type=float, default=2.0, help="how long for the inbox (default: 2)")
    asked.add_argument("--seconds", type=float, default=60.0, help="how long for the APIs (default: 60)")
    asked.add_argument("--seed", type=int, default=1, help="another one makes other cases (default: 1)")
    asked.add_argument("--first", type=int, default=1, help="the number of the first document (default: 1)")
    asked.add_argument(
        "--corpus", help="a folder of JSON documents (default: AP_CORPUS, ../shared/corpus, tests/peers)"
    )
    asked.add_argument(
        "--findings",
        default=str(Path(tempfile.gettempdir()) / "vraagbaak-fuzz"),
        help="the folder for what went wrong",
    )
    asked.add_argument("--replay", metavar="FILE", help="send what was written down in this file once more")
    asked.add_argument(
        "--json", action="store_true", help="the figures as one JSON object, last on standard output"
    )
    given = asked.parse_args()
    if given.replay:
        return asyncio.run(replay(given, json.loads(Path(given.replay).read_text())))
    return _tell(_found(given), as_one=given.json)


def _found(given: argparse.Namespace) -> dict[str, Any]:
    """The figures of what was asked for; those of the APIs apart."""
    found = asyncio.run(fuzz(given)) if given.what != "api" else {}
    if given.what != "inbox":
        print(f"seed {given.seed}, requests to the APIs", file=sys.stderr)
        found["api"] = api.fuzz(given.seed, given.seconds, Path(given.findings))
    return found


def _tell(found: dict[str, Any], *, as_one: bool) -> int:
    """Print it; 1 with findings."""
    if as_one:
        print(as_json(found))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return 1 if found.get("findings") or found.get("api", {}).get("findings") else 0


if __name__ == "__main__":
    sys.exit(main())
