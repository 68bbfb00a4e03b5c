"""Writes docs/conformance.md from the tests that prove a row of tests/threats.toml.

Without a file it runs them, which takes some minutes; with `--from FILE` it reads a junit report of an earlier run.
Everything else goes to pytest, like `-n 2`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import conformance  # noqa: E402 - it stands beside the packages, not among them


def main() -> int:
    """Write the page; 1 when a case failed or a row has none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="report", type=Path, help="a junit report of an earlier run")
    given, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        report = given.report or run(Path(folder) / "junit.xml", more)
        found = conformance.told(conformance.cases_in(report))
    text = conformance.page(found)
    conformance.PAGE.write_text(text)
    wrong = [row for row, said in conformance.rows_on(text).items() if said[3].startswith("**")]
    print(
        f"{conformance.PAGE.relative_to(ROOT)} is written; "
        + (f"look at {', '.join(wrong)}" if wrong else "all well")
    )
    return 1 if wrong else 0


def run(report: Path, more: list[str]) -> Path:
    """Run the cases."""
    words = [
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conformance",
        "--rows",
        f"--junitxml={report}",
        *more,
        *conformance.files(),
    ]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
    return report


if __name__ == "__main__":
    sys.exit(main())
