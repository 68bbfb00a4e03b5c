"""A server of our own on loopback, in a process of its own, whose CPU and memory can be read from outside."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LAB = {
    "VRAAGBAAK_LAB_HTTP": "true",
    "VRAAGBAAK_LAB_NETWORKS": "127.0.0.0/8",
    "VRAAGBAAK_LAB_LIMITS": "off",
    "VRAAGBAAK_LOG_LEVEL": "error",
}


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`vraagbaak serve` with the laboratory settings."""

    def __init__(self, name: str = "bench", **environment: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vraagbaak-bench-"))
        self.port = free_port()
        self.host = f"{name}.localhost:{self.port}"
        self.base = f"http://{self.host}"
        self.environment = {
            **os.environ,
            **LAB,
            "VRAAGBAAK_BASE_URL": self.base,
            "VRAAGBAAK_PORT": str(self.port),
            "VRAAGBAAK_NAME": name.title(),
            "VRAAGBAAK_SLUG": name,
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.log: Path | None = None
        """Where its log goes; without one it is kept for when it does not start."""

    def command(self, *words: str) -> str:
        """What a command of the program prints."""
        run = subprocess.run(
            [sys.executable, "-m", "web.cli", *words, "--data", str(self.folder)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout.strip()

    def start(self, seconds: float = 30.0) -> float:
        """Start it; how many seconds until the first page."""
        began = time.monotonic()
        with self.log.open("ab") if self.log else contextlib.nullcontext(subprocess.PIPE) as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", "serve", "--data", str(self.folder)],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        while time.monotonic() - began < seconds:
            if self.process.poll() is not None:
                raise RuntimeError((self.process.stderr.read() if self.process.stderr else b"").decode())
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).read()
                return time.monotonic() - began
            time.sleep(0.01)
        raise TimeoutError("the server did not start")

    def halt(self) -> None:
        """Stop it; the data stays."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()

    def stop(self) -> None:
        """Stop it, and throw its data away."""
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def cpu(self) -> float:
        """CPU seconds of the whole process tree so far."""
        assert self.process is not None
        return sum(_cpu(pid) for pid in _tree(self.process.pid))

    @property
    def memory(self) -> float:
        """Resident MiB of the whole process tree."""
        assert self.process is not None
        return sum(_resident(pid) for pid in _tree(self.process.pid)) / 2**20

    def count(self, sql: str) -> int:
        """A number out of the database, read from outside so that it costs the server nothing."""
        return int(self.column(sql)[0])

    def column(self, sql: str) -> list[Any]:
        """The first column of what a statement finds, read in the same way."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/vraagbaak.db?mode=ro", uri=True)) as db:
            return [row[0] for row in db.execute(sql)]


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[at]) for at in (11, 12, 13, 14)) / TICKS


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def report(name: str, figures: dict[str, object]) -> None:
    """The result as one JSON object, last on standard output."""
    print(json.dumps({"benchmark": name, **figures}))
