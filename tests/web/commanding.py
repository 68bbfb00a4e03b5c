"""The command line as people and scripts use it: in this process where that is enough, else as a process of its own.

Whatever the machine that runs the tests has set for a Vraagbaak of its own does not count here.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from click.testing import CliRunner, Result

from storage.mapping import mapper
from storage.reading import Reading
from storage.store import Store
from storage.tables import tables
from vraagbaak.model import Home
from web.cli import main

PASSWORD = "een-heel-goed-geheim-7"
OURS = [name for name in os.environ if name.startswith("VRAAGBAAK_")]
PATIENCE = 40.0
POLL = 0.05


def told(*words: object, stdin: str = "", **environment: str) -> Result:
    """What a command says and how it ends. Anything but an end of its own is a fault of ours."""
    runner = CliRunner(env=dict.fromkeys(OURS) | environment)
    result = runner.invoke(main, [str(word) for word in words], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(*words: object, stdin: str = "", **environment: str) -> str:
    """What a command that does its work prints for who goes on with it."""
    result = told(*words, stdin=stdin, **environment)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(*words: object, stdin: str = "", **environment: str) -> str:
    """The one sentence with which a command says no."""
    result = told(*words, stdin=stdin, **environment)
    return sentence(result.exit_code, result.stdout, result.stderr)


def sentence(code: int, out: str, err: str) -> str:
    assert (code, out) == (1, ""), (code, out, err)
    found = re.fullmatch(r"Error: (\S.{10,}[^\s,;:])\n", err)
    assert found, err
    return found[1]


def set_up(folder: Path, slug: str = "wester", *more: object, base_url: str = "", stdin: str = "") -> Path:
    """A pilot with its steward noor."""
    address = base_url or f"https://{slug}.example"
    words = ["--base-url", address, "--name", slug.title(), "--slug", slug, "--steward", "noor"]
    done("init", "--data", folder, *words, "--password-stdin", *more, stdin=stdin or f"{PASSWORD}\n")
    return folder


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[Store]:
    """The store of a pilot that nobody has told anything about its settings."""
    with Store.open("", home=Home(base_url="http://x", name="x", slug="x"), folder=folder) as store:
        yield store


def found_in(folder: Path, kind: type[Any], **equals: object) -> list[Any]:
    """All things of a kind whose fields equal these, by id."""

    def read(reading: Reading) -> list[Any]:
        shape = mapper(kind)
        return [shape.thing(row) for row in reading.execute(tables[kind].select().order_by("id"))]

    with inside(folder) as store:
        found = store.read_now(read)
    return [thing for thing in found if all(getattr(thing, name) == equals[name] for name in equals)]


def written(folder: Path) -> bytes:
    """Every byte of every file in a folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


# Other software


def require_installed(made: Path, lock: Path, what: str) -> None:
    """Skip the test unless this is installed as its lock says: whoever installs it leaves a copy of that."""
    if not made.is_file() or made.read_bytes() != lock.read_bytes():
        pytest.skip(f"{what} is not installed as {lock.name} says: scripts/test does that where it can")


# Processes


def environment_with(given: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | given


def process(*words: object, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "web.cli", *map(str, words)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd="/",
        env=environment_with(environment),
    )


def refused_by_process(*words: object, **environment: str) -> str:
    ended = process(*words, **environment)
    return sentence(ended.returncode, ended.stdout, ended.stderr)


def free_port() -> int:
    """A port that is free, with the one after it: the demonstration needs two.

    Below those that the system gives to whoever connects somewhere, which can be taken again a moment later.
    """
    while True:
        port = secrets.choice(range(20_000, 32_000, 2))
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 1))
            return port


def until(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"still waiting for {what}"
        time.sleep(POLL)
    return found


class Running:
    """`vraagbaak COMMAND` as people start it; what it prints goes to files beside the data."""

    def __init__(self, folder: Path, *words: object, **environment: str) -> None:
        self.folder = folder
        self.out, self.err = folder.with_suffix(".out"), folder.with_suffix(".err")
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web.cli", *map(str, words), "--data", str(folder)],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                cwd="/",
                env=environment_with(environment),
            )

    @property
    def said(self) -> str:
        return self.out.read_text()

    def until(self, look: Callable[[], Any], what: str) -> Any:
        """The same as `until`, for as long as the process lives."""

        def alive_and_found() -> Any:
            assert self.process.poll() is None, f"it ended:\n{self.said}{self.err.read_text()}"
            return look()

        return until(alive_and_found, what)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Its exit code, after a signal."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Serving(Running):
    """`vraagbaak serve` on a port of its own, answering."""

    def __init__(
        self, folder: Path, *words: object, port: int = 0, scheme: str = "http", **environment: str
    ) -> None:
        self.port = port or free_port()
        self.address = f"{scheme}://127.0.0.1:{self.port}"
        super().__init__(folder, "serve", "--port", self.port, *words, **environment)

    def __enter__(self) -> Self:
        try:
            self.until(self._answers, "the first answer")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, as a program on this machine sends it."""
        with httpx.Client(base_url=self.address, trust_env=False, verify=False, timeout=10) as client:
            return client.request(method, path, **more)

    def api(self, method: str, path: str, token: str, **more: Any) -> Any:
        """What the plain API answers; a refusal is a fault."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = self.ask(method, f"/api/vraagbaak/v1{path}", headers=headers, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()
