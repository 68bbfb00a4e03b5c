"""`scripts/bench NAME ...`: run benchmarks by name."""

from __future__ import annotations

import importlib
import sys

NAMES = ("inbox", "fanout", "boot", "pilots")


def main() -> int:
    """Run those that were named, or all."""
    wanted = sys.argv[1:] or list(NAMES)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"No benchmark called {', '.join(unknown)}. There are: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    for name in wanted:
        importlib.import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
