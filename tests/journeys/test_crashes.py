"""kill -9 at every boundary of every job, on both sides of the border: nothing is lost, nothing is doubled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


# Each of some 250 steps takes a tenth of a second: half of them is enough for every day. CRASHES=all for all.
FIRST = (1, 2, 3, 4) if os.environ.get("CRASHES") == "all" else (1, 3)


@pytest.mark.parametrize("first", FIRST)
def test_i04_whatever_step_is_the_last_everything_is_there_after_a_restart(first):
    """Meeting, asking, answering, editing, marking and withdrawing end the same, at whichever step the power fails."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.journeys.crashes", str(first), "4"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    chapters = json.loads(run.stdout)
    assert {name: told["different"] for name, told in chapters.items()} == {name: {} for name in chapters}
    assert all(told["steps"] > 10 for told in chapters.values())
    for sides in (told["expected"] for told in chapters.values()):
        assert [side["jobs"] for side in sides.values()] == [[], []]
    (west, east) = chapters["change"]["expected"].values()
    assert west["questions"] == east["questions"] == [["Blijft dit?", "answered", "public"]]
    assert west["answers"] == east["answers"] == [["Dit bleef.", "family"]]
    assert west["marks"] == east["marks"] == ["helped"]
