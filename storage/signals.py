"""Wake-ups: from a thread that committed to the tasks that wait for it.

A signal says only that there may be something to do; it carries nothing, and one that gets lost costs a delay.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator


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


class Signals:
    """All signals of one store."""

    def __init__(self, on_first_listener: Callable[[], None] | None = None) -> None:
        self.jobs = Signal(on_first_listener)
        """Fired after each commit that added jobs."""
