"""Which tests prove which row of tests/threats.toml, and the page that says so for people (docs/conformance.md).

A pytest plugin too: `-p tests.conformance --rows` leaves out every test that proves none, and with `--cases FILE` writes
down which are left.
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conformance.md"
_NAME = re.compile(r"test_((?:[a-z]\d\d_)+)")
_PARAMETER = re.compile(r"(?:^|-)([A-Z]\d\d)(?= )")
INTRODUCTION = """# Conformance: what others may try, and what comes of it

A server on an open network is sent whatever anybody likes. This page lists, row by row, what has been tried elsewhere or
can be thought of, what has to come of it here, and how many automated cases see to that. The cases send it: by hand-made
and honestly signed requests to whole pilots, over real sockets where it is about sockets, and to single readers where it
is about reading. In each the answer has to be the one named here; besides that, nothing may be stored or asked for that
should not be, nothing may break, and the next honest request has to be taken.

The letter and number of a row stand in the name of each of its cases, so `pytest -k a03` runs those of A03. This page is
made by `scripts/conformance`, which runs them all; a test fails when a row has no case or when the page is not up to date.
The folders are those below `tests/`.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """One letter of the list."""

    letter: str
    title: str
    about: str
    rows: Mapping[str, str]


@dataclass(slots=True)
class Told:
    """What is said of one row."""

    files: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    @property
    def cases(self) -> int:
        return self.files.total()


def the_list() -> tuple[list[Group], dict[str, str]]:
    """The groups in their order, and the rows that wait for something, with what for."""
    data = tomllib.loads((ROOT / "tests" / "threats.toml").read_text())
    later = data.pop("later")
    groups = []
    for letter, members in data.items():
        title, about = members.pop("title"), members.pop("about")
        groups.append(Group(letter, title, about, members))
    return groups, later


def rows_of(name: str) -> set[str]:
    """The rows that a test proves by its name: those of its parameter if it has any there, else those of the function."""
    function, _, parameters = name.partition("[")
    found = set(_PARAMETER.findall(parameters))
    if not found and (start := _NAME.match(function)):
        found = {row.upper() for row in start[1].rstrip("_").split("_")}
    return found


def files() -> list[str]:
    """The test files that can hold a case: some row is named in them."""
    found = (ROOT / "tests").rglob("test_*.py")
    named = re.compile(r"def test_[a-z]\d\d_|\b[A-Z]\d\d\b")
    return sorted(path.relative_to(ROOT).as_posix() for path in found if named.search(path.read_text()))


@functools.cache
def _letters() -> frozenset[str]:
    return frozenset(group.letter for group in the_list()[0])


def of_the_list(row: str) -> bool:
    """Whether the row belongs to a letter of the list, if there is such a row or not."""
    return row[0] in _letters()


def told(cases: Iterable[tuple[str, str, str]]) -> dict[str, Told]:
    """By row, from (file, name, outcome)."""
    found: dict[str, Told] = {}
    for file, name, outcome in cases:
        for row in rows_of(name):
            known = found.setdefault(row, Told())
            known.files[file.removeprefix("tests/")] += 1
            known.outcomes[outcome] += 1
    return found


def cases_in(report: Path) -> list[tuple[str, str, str]]:
    """What a junit file says of each test."""
    found = []
    for case in ET.parse(report).iter("testcase"):
        kinds = {child.tag for child in case}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"
        found.append((case.attrib["classname"].replace(".", "/") + ".py", case.attrib["name"], outcome))
    return found


def page(found: Mapping[str, Told]) -> str:
    """The whole page."""
    groups, later = the_list()
    rows = sum(len(group.rows) for group in groups)
    cases = sum(each.cases for row, each in found.items() if of_the_list(row))
    count = f"{rows} rows, {rows - len(later)} of them with cases; {cases} cases, one that proves two rows counted for both."
    lines = [INTRODUCTION, count, ""]
    for group in groups:
        lines += [f"## {group.letter}. {group.title}", "", group.about, ""]
        lines += [
            "| row | what is tried, and what comes of it | cases | where | result |",
            "|---|---|---|---|---|",
        ]
        for row, what in group.rows.items():
            lines.append(_line(row, what, found.get(row, Told()), later.get(row, "")))
        lines.append("")
    return "\n".join(lines)


def _line(row: str, what: str, told_of_it: Told, waits_for: str) -> str:
    files = ", ".join(
        f"{file} ({count})" if count > 1 else file for file, count in sorted(told_of_it.files.items())
    )
    result = f"no case: {waits_for}" if waits_for else _result(told_of_it.outcomes)
    return f"| {row} | {what} | {told_of_it.cases} | {files or '-'} | {result} |"


def _result(outcomes: Counter[str]) -> str:
    if outcomes["failed"] or not outcomes:
        return f"**{outcomes['failed']} failed**" if outcomes else "**no case**"
    return f"pass ({outcomes['skipped']} not run here)" if outcomes["skipped"] else "pass"


def rows_on(text: str) -> dict[str, tuple[str, int, str, str]]:
    """By row, what a page says: what is tried, the number of cases, where they are, and the result."""
    cells = [line.strip("| ").split(" | ") for line in text.splitlines()]
    return {
        row[0]: (row[1], int(row[2]), row[3], row[4]) for row in cells if re.fullmatch(r"[A-Z]\d\d", row[0])
    }


# the plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rows", action="store_true", help="only tests that prove a row of tests/threats.toml")
    parser.addoption("--cases", help="a file for the names of these tests, as JSON")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--rows"):
        items[:] = [item for item in items if any(of_the_list(row) for row in rows_of(item.name))]


def pytest_collection_finish(session: pytest.Session) -> None:
    if file := session.config.getoption("--cases"):
        cases = [(item.path.relative_to(ROOT).as_posix(), item.name) for item in session.items]
        Path(file).write_text(json.dumps(cases))
