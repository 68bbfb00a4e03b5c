"""Requests as our descriptions of the APIs allow them, and as they forbid them, against a running server.

What may never happen is a finding: an answer of 500 or above (but for 503 where it is described), one that is not as
described, an exception in the log. Each is written to a folder with the command that sends it again.
"""

from __future__ import annotations

import collections
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from tests.fuzz.watch import Problem, Watched

DESCRIPTIONS = ("/api/vraagbaak/v1/mastodon.json", "/api/vraagbaak/v1/openapi.json")
ALL_SCOPES = "read write follow push profile"
IN_A_ROUND = 4
SECONDS = 30.0
AS_DESCRIBED = ("content_type_conformance", "response_schema_conformance", "status_code_conformance")
NAMED = ("questions", "answers", "offers", "actors", "notices", "media")
"""The tables of what a request can name by its id."""
_POINTING = frozenset({"id", "question", "answer", "parent", "max_id", "min_id", "since_id", "account_id"})


class ApiFuzz:
    """A server under watch, its descriptions, and what was found."""

    def __init__(self, number: int, findings: Path, database: str = "") -> None:
        self.seed = number
        self.findings = findings
        self.watched = Watched(database=database)
        self.statuses: collections.Counter[str] = collections.Counter()
        self.problems: collections.Counter[str] = collections.Counter()
        self.requests = 0
        self.rounds = 0
        self.slowest = 0.0
        self.session = requests.Session()
        self.session.trust_env = False

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self) -> None:
        self.watched.found("ooster.localhost")
        self.watched.start()
        self.base = f"http://127.0.0.1:{self.watched.server.port}"
        self.owners = [
            self.watched.server.command("token", name, "--scopes", ALL_SCOPES) for name in ("fatma", "noor")
        ]
        less = self.watched.server.command("token", "fatma", "--scopes", "profile")
        self.tokens = [*self.owners * 4, less, "nobody", ""]
        self.operations = list(self._described())
        self.ids: list[str] = []

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self.watched.stop()

    def _described(self) -> Iterator[Any]:
        for path in DESCRIPTIONS:
            described = self.session.get(f"{self.base}{path}", timeout=SECONDS).json()
            schema = schemathesis.openapi.from_dict(described)
            beginning = described.get("servers", [{"url": ""}])[0]["url"]
            schema.config.update(base_url=self.base + urlsplit(beginning).path)
            yield from (found.ok() for found in schema.get_all_operations())

    def run(self, until: float, times: int = IN_A_ROUND) -> None:
        """One round: each operation so many times, or fewer when the time is up before."""
        self.rounds += 1
        self._fill()
        for number, operation in enumerate(self.operations):
            if time.monotonic() > until or not self.watched.alive:
                break
            self._try(operation, times, until, self.seed * 1_000_003 + self.rounds * 1009 + number)
            for problem in self.watched.problems():
                self.keep(problem, operation.label)
        if not self.watched.alive:
            self.keep(Problem("dead", "the server stopped"), "")

    def _fill(self) -> None:
        """There is always something to be found, of each kind: a round may delete what was there before."""
        for token in self.owners:
            headers = {"Authorization": f"Bearer {token}"}
            for scope in ("public", "private"):
                said = {"status": f"Wie weet dit, {self.rounds}? #zorg", "visibility": scope}
                self.session.post(f"{self.base}/api/v1/statuses", headers=headers, json=said, timeout=SECONDS)
        newest = "SELECT id FROM {} ORDER BY id DESC LIMIT 6"
        self.ids = [row[0] for name in NAMED for row in self.watched.rows(newest.format(name))]

    def _try(self, operation: Any, times: int, until: float, number: int) -> None:
        cases = operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

        @seed(number)
        @settings(
            max_examples=times,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases, st.sampled_from(self.tokens), st.none() | st.sampled_from(self.ids))
        def ask(case: Any, token: str, known: str | None) -> None:
            if time.monotonic() < until:
                self._ask(case, token, known)

        ask()

    def _ask(self, case: Any, token: str, known: str | None) -> None:
        if known:
            for part in (case.path_parameters, case.query, case.body):
                _point(part, known)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began = time.perf_counter()
        response = case.call(session=self.session, headers=headers, timeout=SECONDS)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        self.requests += 1
        self.statuses[str(response.status_code)] += 1
        described = str(response.status_code) in case.operation.responses.status_codes
        label = case.operation.label
        detail = f"{case.as_curl_command(headers=headers)}\n\n{response.text[:2000]}"
        if response.status_code >= 500 and not described:
            self.keep(Problem("status", f"{response.status_code} {label}", detail), label)
        try:
            case.validate_response(response, checks=[CHECKS.get_one(name) for name in AS_DESCRIBED])
        except FailureGroup as faults:
            for fault in faults.exceptions:
                self.keep(
                    Problem("described", f"{type(fault).__name__} {label}", f"{fault}\n{detail}"), label
                )

    def keep(self, problem: Problem, label: str) -> None:
        """Count it, and write the first of its kind down."""
        name = f"{problem.kind}: {problem.what}"
        self.problems[name] += 1
        if self.problems[name] > 1:
            return
        self.findings.mkdir(parents=True, exist_ok=True)
        path = self.findings / f"api-{problem.kind}-{self.seed}-{self.rounds}-{len(self.problems)}.txt"
        path.write_text(f"{name}\n{label}\n\n{problem.detail}\n")
        print(f"\n{name}\n  {path}", file=sys.stderr)

    def figures(self) -> dict[str, Any]:
        """The result."""
        return {
            "operations": len(self.operations),
            "rounds": self.rounds,
            "requests": self.requests,
            "statuses": dict(sorted(self.statuses.items())),
            "slowest_ms": round(self.slowest * 1000),
            "findings": dict(self.problems),
        }


def _point(part: Any, known: str) -> None:
    """Wherever a case names something by its id, this one."""
    if isinstance(part, list):
        for each in part:
            _point(each, known)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in _POINTING or name.endswith("_id"):
                part[name] = known
            else:
                _point(value, known)


def fuzz(number: int, seconds: float, findings: Path) -> dict[str, Any]:
    """Rounds until the time is up; what came of them."""
    with ApiFuzz(number, findings) as made:
        until = time.monotonic() + seconds
        while time.monotonic() < until and made.watched.alive:
            made.run(until)
            found = sum(made.problems.values())
            print(f"\r{made.requests:7} requests {found} findings ", end="", file=sys.stderr)
        print(file=sys.stderr)
        return made.figures()
