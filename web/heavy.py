"""Work that is meant to be heavy, in a few threads with a queue that is not endless: hashing, for one.

One small machine carries the neighbourhood: never more than two at a time of one kind.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from vraagbaak.errors import TooFast

P = ParamSpec("P")
R = TypeVar("R")

AT_ONCE = 2
MOST_WAITING = 100


class Pool:
    """Two threads, and a queue that is not endless."""

    def __init__(self, name: str) -> None:
        self.threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix=name)
        self.waiting = 0

    async def run(self, fn: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`fn(...)` in one of the threads. Raises TooFast when too many wait."""
        if self.waiting >= MOST_WAITING:
            raise TooFast(retry_after=5)
        self.waiting += 1
        try:
            work = functools.partial(fn, *args, **kwargs)
            return await asyncio.get_running_loop().run_in_executor(self.threads, work)
        finally:
            self.waiting -= 1


@functools.cache
def pool(name: str) -> Pool:
    """The one pool of this name in this process."""
    return Pool(name)
