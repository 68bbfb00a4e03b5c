"""Every row of the list of threats has a case, every case has a row, and the page says so as it is."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.conformance import PAGE, ROOT, Told, files, of_the_list, page, rows_of, rows_on, the_list, told

GROUPS, LATER = the_list()
LIST = {row: what for group in GROUPS for row, what in group.rows.items()}


@pytest.fixture(scope="module")
def cases(tmp_path_factory) -> dict[str, Told]:
    """What there is, by row, without running any of it."""
    file = tmp_path_factory.mktemp("cases") / "cases.json"
    words = [
        "--collect-only",
        "-qq",
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.conformance",
        "--rows",
        "--cases",
        file,
    ]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *files()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return told((file, name, "collected") for file, name in json.loads(file.read_text()))


def test_every_row_has_a_case(cases):
    """Whatever is on the list is tried, or it says why not yet; and then it is not."""
    assert {row for row in LIST if row not in cases} == set(LATER)


def test_every_case_has_a_row(cases):
    """A letter and number in the name of a test stand for something on the list."""
    assert {row for row in cases if of_the_list(row) and row not in LIST} == set()


def test_every_row_is_one_sentence_of_its_own():
    """Each says what is tried and what comes of it; none twice, none missing in between."""
    for group in GROUPS:
        assert list(group.rows) == [f"{group.letter}{number:02}" for number in range(1, len(group.rows) + 1)]
        assert group.title
        assert group.about.endswith(".")
    assert len(set(LIST.values())) == len(LIST)
    assert all(": " in what and what.endswith(".") and "|" not in what for what in LIST.values())
    assert set(LATER) <= set(LIST)


def test_the_page_lists_the_rows_and_cases_that_there_are(cases):
    """docs/conformance.md is made of what there is now: `scripts/conformance` was not forgotten."""
    written, now = rows_on(PAGE.read_text()), rows_on(page(cases))
    assert {row: said[:3] for row, said in written.items()} == {row: said[:3] for row, said in now.items()}


def test_the_page_says_of_each_row_what_came_of_it():
    """Passed, or waiting for what the list says; a page with a failure on it is not kept."""
    for row, (_, count, _, result) in rows_on(PAGE.read_text()).items():
        if row in LATER:
            assert (count, result) == (0, f"no case: {LATER[row]}")
        else:
            assert count > 0
            assert result.startswith("pass"), (row, result)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("test_a03_what_was_signed", {"A03"}),
        ("test_b10_b12_nobody_deletes[x-y]", {"B10", "B12"}),
        ("test_what_was_signed[Scheme.CAVAGE-A03 body by a space]", {"A03"}),
        ("test_a13_a14_old[A14 2 hours ahead]", {"A14"}),
        ("test_nobody[B06 neighbour-B12 question]", {"B06", "B12"}),
        ("test_nothing_of_a03[a03-xA03 y-A03]", set()),
    ],
    ids=["one", "two", "in a parameter", "a parameter first", "in two parameters", "elsewhere"],
)
def test_a_name_says_its_rows(name, rows):
    """At the beginning of the function's name, or of a parameter, where it counts alone."""
    assert rows_of(name) == rows
