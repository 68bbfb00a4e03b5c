"""A running server under watch: its log, its queue, what is ours in its database, and the processor time that it takes.

All of it is looked at from outside, so that looking costs the server nothing.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.server import Server
from tests.journeys.test_fuzz import OURS
from vraagbaak import answers, config, members, offers, peers, questions
from vraagbaak.model import Actor, Member, Perspective, Role, Scope, Standing
from vraagbaak.ports import Tx
from web.wiring import open_store

SLOW = 0.25
"""Seconds of its own time that a document may take, from request to done."""
PATIENCE = 10.0
_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR|CRITICAL) [\w.]+: ")
_VERDICT = re.compile(r"(?:dropped|refused): ([a-z-]+)$")
_TAKEN_IN = ("questions", "answers", "offers", "follows", "likes", "marks", "actors", "tombstones")
_HARMLESS = ("cannot fetch: ", "no answer: ", "http ")
_LEASED = "SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL"
_DUE = (
    "SELECT count(*), coalesce(max(id), 0), coalesce(sum(attempts), 0) FROM jobs"
    " WHERE state = 'waiting' AND lease_until IS NULL AND run_at <= ?"
)


@dataclass(frozen=True)
class Problem:
    """Something that may not happen. `kind` is one word, `what` tells it apart from others of its kind."""

    kind: str
    what: str
    detail: str = ""


class Watched:
    """A pilot on loopback with something of everything in it, and what can be seen of it from outside.

    On SQLite, or where it is told.
    """

    def __init__(self, name: str = "wester", database: str = "") -> None:
        self.database_url = database
        self.server = Server(
            name,
            **({"VRAAGBAAK_DATABASE": database} if database else {}),
            VRAAGBAAK_LOG_LEVEL="info",
            VRAAGBAAK_MODERATE_OUTSIDE="false",
            VRAAGBAAK_METRICS_TOKEN="",
        )
        self.server.log = self.server.folder / "log"
        self.names: dict[str, str] = {}
        self.verdicts: collections.Counter[str] = collections.Counter()
        """Why activities were dropped or refused, by the words in the log."""
        self._read_to = 0
        self._known_jobs: set[int] = set()
        self._database: Any = None
        self._ours: dict[str, list[Any]] = {}

    def found(self, pilot_host: str) -> None:
        """Fill its database before it starts: people, and something by each of them. It trusts `pilot_host`."""
        environment = {
            name: value for name, value in self.server.environment.items() if name.startswith("VRAAGBAAK_")
        }
        settings, _ = config.load(self.server.folder, {}, environment)
        with open_store(settings, self.server.folder) as store:
            self.names = store.run_now(_fill, pilot_host)

    def start(self) -> None:
        """Serve. Raises RuntimeError or TimeoutError."""
        self.server.start()
        if self.database_url:
            self._database = psycopg.connect(self.database_url, autocommit=True)
        else:
            uri = f"file:{self.server.folder}/vraagbaak.db?mode=ro"
            self._database = sqlite3.connect(uri, uri=True, isolation_level=None)
        self._read_to = self._log.stat().st_size

    def stop(self) -> None:
        """Stop it and throw its data away."""
        if self._database:
            self._database.close()
        self.server.stop()

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return (
            self._database is not None
            and self.server.process is not None
            and self.server.process.poll() is None
        )

    @property
    def _log(self) -> Path:
        assert self.server.log is not None
        return self.server.log

    @property
    def cpu(self) -> float:
        """Seconds that the threads of the server ran so far."""
        assert self.server.process is not None
        return _ran_and_waited(self.server.process.pid)[0]

    @property
    def held_up(self) -> float:
        """Seconds that the server and we were ready to run, while something else had the processors."""
        assert self.server.process is not None
        return _ran_and_waited(self.server.process.pid)[1] + _ran_and_waited(os.getpid())[1]

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """What is in its database."""
        found: list[tuple[Any, ...]] = self._database.execute(sql, values).fetchall()
        return found

    def taken_in(self) -> dict[str, int]:
        """How many rows of each kind there are: a fuzz that gets nothing in looks at the door only."""
        return {name: self.rows(f"SELECT count(*) FROM {name}")[0][0] for name in _TAKEN_IN}

    async def quiet(self) -> bool:
        """Wait until all work that can be done is done; False when that takes too long."""
        until = time.monotonic() + PATIENCE
        last, since = None, time.monotonic()
        while time.monotonic() < until:
            if not self.rows(_LEASED)[0][0]:
                due = self.rows(_DUE, int(time.time() * 1000))[0]
                if not due[0]:
                    return True
                if due != last:
                    last, since = due, time.monotonic()
                elif time.monotonic() - since > 0.3:  # it stands behind work that waits
                    return True
            await asyncio.sleep(0.002)
        return False

    def problems(self) -> list[Problem]:
        """What went wrong since the last time that this was asked: in the log, and among the jobs."""
        return [*self._logged(), *self._failed()]

    def _logged(self) -> list[Problem]:
        with self._log.open("rb") as log:
            log.seek(self._read_to)
            lines = log.read()
        if not lines:
            return []
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read_to += len(whole)
        found: list[list[str]] = []
        in_fault = False
        for line in whole.decode("utf-8", "replace").split("\n")[:-1]:
            begins = _LINE.match(line)
            if begins and begins[1] in {"ERROR", "CRITICAL"}:
                in_fault = True
                found.append([line])
            elif begins:
                in_fault = False
                if verdict := _VERDICT.search(line):
                    self.verdicts[verdict[1]] += 1
            elif in_fault:
                found[-1].append(line)
            else:
                found.append(["a line of no known form: " + line])
        return [Problem("log", _name_of(fault), "\n".join(fault)) for fault in found]

    def _failed(self) -> list[Problem]:
        found = []
        for key, kind, state, error, payload in self.rows(
            "SELECT id, kind, state, last_error, payload FROM jobs WHERE last_error IS NOT NULL"
        ):
            if key not in self._known_jobs and (state == "buried" or not error.startswith(_HARMLESS)):
                self._known_jobs.add(key)
                found.append(Problem("job", f"{kind} {state} {error}", payload))
        return found

    def touched(self) -> list[Problem]:
        """What was changed of ours since the first time that this was asked: no stranger may do that."""
        ours = {
            name: self.rows(sql.replace("https://westerpark.example", self.server.base))
            for name, sql in OURS.items()
        }
        self._ours = self._ours or ours
        changed = [name for name, rows in ours.items() if rows != self._ours[name]]
        self._ours = ours
        return [Problem("ours", name) for name in changed]


def _ran_and_waited(pid: int) -> tuple[float, float]:
    """Seconds that the threads of a process had a processor, and that they waited for one, to the nanosecond."""
    ran = waited = 0
    with contextlib.suppress(OSError):
        for task in os.scandir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                fields = Path(task.path, "schedstat").read_text().split()
                ran, waited = ran + int(fields[0]), waited + int(fields[1])
    return ran / 1e9, waited / 1e9


def _name_of(fault: list[str]) -> str:
    """What a fault has in common with others of its kind: its type and the last places of its stack."""
    lines = [line for each in fault for line in each.split("\\n")]  # the log spells line ends out
    places = [line.strip() for line in lines if line.lstrip().startswith("File ")]
    head = re.sub(r"^[\d,: -]+|fault [0-9a-f]+|job \d+", "", lines[0])
    return " | ".join([head, *(re.sub(r'File ".*/', 'File "', place) for place in places[-2:])])


def _fill(tx: Tx, pilot_host: str) -> dict[str, str]:
    """Ids by name, of what is there from the beginning."""
    people: dict[str, Member] = {
        name: members.add(
            tx, members.Newcomer(handle=name, name=name.title(), password_hash=""), (Role.RESIDENT,)
        )
        for name in ("fatma", "noor")
    }
    fatma, noor = (tx.get(Actor, member.actor_id) for member in people.values())
    peers.decide(tx, pilot_host, Standing.PILOT)
    question = questions.ask(tx, fatma, questions.Draft(title="Wie loopt er mee?", scope=Scope.PUBLIC))
    shared = questions.ask(tx, fatma, questions.Draft(title="Onder proeftuinen?", scope=Scope.PILOTS))
    secret = questions.ask(tx, fatma, questions.Draft(title="Onder ons?"))
    draft = answers.Draft(body="Ik loop mee.", perspective=Perspective.RESIDENT)
    answer = answers.answer(tx, people["noor"], question.id, draft)
    offer = offers.offer(tx, people["noor"], offers.Draft(body="Ik kan rijden.", scope=Scope.PUBLIC))
    return {
        "base": tx.home.base_url,
        "group": tx.home.group_uri,
        "application": tx.home.application_uri,
        "fatma": fatma.uri,
        "noor": noor.uri,
        "question": question.uri,
        "shared question": shared.uri,
        "secret question": secret.uri,
        "answer": answer.uri,
        "offer": offer.uri,
    }


def our_follow(watched: Watched) -> str:
    """The id of our follow of the pilot's neighbourhood, once there is one."""
    rows = watched.rows("SELECT uri FROM follows WHERE uri LIKE ?", f"{watched.server.base}/%")
    return str(rows[0][0]) if rows else f"{watched.server.base}/follows/{'0' * 26}"


def as_json(found: Mapping[str, object]) -> str:
    """One line."""
    return json.dumps(found, ensure_ascii=False)
