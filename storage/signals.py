"""Wake-ups: from a thread that committed to the tasks that wait for it.

A signal says only that there may be something to do; it carries nothing, and one that gets lost costs a delay. The
feed says what changed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

from storage.changes import Change


class Signal:
    """Can be fired from any thread, and awaited from any event loop."""

    def __init__(self, on_first_listener: Callable[[], None] | None = None) -> None:
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()
        self._on_first_listener = on_first_listener

    @contextlib.contextmanager
    def listen(self) -> Iterator[asyncio.Event]:
        """An event that is set each time the signal fires; clearing it is up to the listener."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            start, self._on_first_listener = self._on_first_listener, None
            self._listeners.append(entry)
        if start:
            start()
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._listeners.remove(entry)

    def fire(self) -> None:
        """Wake all who listen."""
        with self._lock:
            listeners = list(self._listeners)
        for loop, event in listeners:
            # One that is set already has yet to be cleared, and who clears it looks for work after that.
            if not event.is_set():
                with contextlib.suppress(RuntimeError):  # the loop was closed in the meantime
                    loop.call_soon_threadsafe(event.set)


Hear = Callable[[Sequence[Change]], None]


class Feed:
    """Tells what changed, after each commit, in the order of the commits; nobody need listen."""

    def __init__(self, on_first_listener: Callable[[], None]) -> None:
        self._listeners: list[Hear] = []
        self._lock = threading.Lock()
        self._on_first_listener: Callable[[], None] | None = on_first_listener

    @contextlib.contextmanager
    def listen(self, hear: Hear) -> Iterator[None]:
        """`hear` is called in the thread that committed: it must be quick, and must not wait."""
        with self._lock:
            start, self._on_first_listener = self._on_first_listener, None
            self._listeners = [*self._listeners, hear]
        if start:
            start()
        try:
            yield
        finally:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not hear]

    def fire(self, changes: Sequence[Change]) -> None:
        """Tell all who listen."""
        for hear in self._listeners:
            hear(changes)


class Signals:
    """All signals of one store."""

    def __init__(self, on_first_worker: Callable[[], None], on_first_listener: Callable[[], None]) -> None:
        self.jobs = Signal(on_first_worker)
        """Fired after each commit that added jobs."""
        self.changes = Feed(on_first_listener)
        """Told after each commit, of this process or of another one."""
