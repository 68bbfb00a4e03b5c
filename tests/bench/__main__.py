"""`scripts/bench NAME ...`: run benchmarks by name; `fanout` takes `--hosts NUMBER` and `--hang PERCENT`,
`similar` takes `--set FILE` and `--questions NUMBER`, `match` takes `--scenarios FILE`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

NAMES = ("inbox", "fanout", "api", "boot", "pilots", "queue", "similar", "match")


def main() -> int:
    """Run those that were named, or all."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Benchmarks; all unless named.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--hosts", type=int, default=200, help="fanout: how many servers follow (200)")
    parser.add_argument("--hang", type=int, default=10, help="fanout: how many per cent of them hang (10)")
    parser.add_argument(
        "--set", type=Path, metavar="FILE", help="similar: pairs to measure how good it is with"
    )
    parser.add_argument("--questions", type=int, default=10_000, help="similar: among how many (10000)")
    parser.add_argument("--scenarios", default="", metavar="FILE", help="match: other scenarios, as JSON")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in NAMES]
    if unknown:
        print(f"No benchmark called {', '.join(unknown)}. There are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in given.names or NAMES:
        benchmark = importlib.import_module(f"tests.bench.{name}")
        if name == "fanout":
            benchmark.main(given.hosts, given.hang)
        elif name == "similar":
            benchmark.main(given.set, given.questions)
        elif name == "match":
            benchmark.main(given.scenarios)
        else:
            benchmark.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
