"""Servers on other software, started for a test on loopback."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.web.commanding import PATIENCE, require_installed, until

HERE = Path(__file__).parent
GROUPS = {"implements": [{"href": "https://w3id.org/fep/1b12"}]}
"""What an actor says of itself that wants inner activities from a group."""
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
RFC9421, CAVAGE = "rfc9421", "draft-cavage-http-signatures-12"


class Peer:
    """A small server in another language or on another library, which does what it is told by POST /control/VERB.

    It prints its address when it is ready; the rest of what it prints stands in its log.
    """

    def __init__(self, command: Sequence[str | Path], log: Path) -> None:
        self.command = [str(word) for word in command]
        self.log = log

    def __enter__(self) -> Self:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.log.parent
            )
        self.home = until(self._said, f"the address of {self.command}")
        self._control = httpx.Client(base_url=f"{self.home}/control", trust_env=False, timeout=PATIENCE)
        return self

    def _said(self) -> str:
        assert self.process.poll() is None, self.log.read_text()
        first, end, _ = self.log.read_text().partition("\n")
        return first if end else ""

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)

    @property
    def host(self) -> str:
        return self.home.removeprefix("http://")

    def do(self, verb: str, **members: Any) -> Any:
        """What it answers; a fault of its own is a fault here."""
        answer = self._control.post(f"/{verb}", json=members)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def received(self, **members: Any) -> list[dict[str, Any]]:
        """What it let in and understood, oldest first, as far as these members go."""
        return [each for each in self.do("received") if _has(each, members)]

    def hears(self, **members: Any) -> dict[str, Any]:
        """The first such thing, once it is there."""

        def found() -> list[dict[str, Any]]:
            assert self.process.poll() is None, self.log.read_text()
            return self.received(**members)

        return until(found, f"{members} at the peer")[0]


def _has(found: Any, wanted: Any) -> bool:
    """Whether everything wanted is there; `None` means that a member is not."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_has(found.get(name), wanted[name]) for name in wanted)
    return found == wanted


def fedify(log: Path, dialect: str = RFC9421) -> Peer:
    """A server on Fedify, which signs so when it does not know a server yet. Skips where it is not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = HERE / "fedify"
    require_installed(folder / "node_modules/.installed", folder / "package-lock.json", "Fedify")
    return Peer([node, folder / "peer.mjs", dialect], log)


def bovine(log: Path) -> Peer:
    """A server on bovine. Skips where it is not installed."""
    folder = HERE / "bovine"
    require_installed(folder / ".venv/.installed", folder / "requirements.lock", "bovine")
    return Peer([folder / ".venv/bin/python", folder / "peer.py"], log)


class Person:
    """Somebody on a peer."""

    def __init__(self, peer: Peer, name: str, **more: Any) -> None:
        self.peer, self.name = peer, name
        self.uri = peer.do("actor", name=name, **more)

    def do(self, verb: str, **members: Any) -> Any:
        """What the peer does in their name."""
        return self.peer.do(verb, name=self.name, **members)

    def hears(self, **members: Any) -> dict[str, Any]:
        """The first such thing in their inbox, once it is there."""
        return self.peer.hears(inbox=self.name, **members)

    def heard(self, **members: Any) -> list[dict[str, Any]]:
        """Everything like that in their inbox by now."""
        return self.peer.received(inbox=self.name, **members)

    def follow(self, target: str) -> str:
        """The follow, once it is accepted."""
        asked: str = self.do("follow", target=target)
        self.hears(type="Accept", actor=target, object={"type": "Follow", "id": asked, "actor": self.uri})
        return asked

    def sent(self) -> list[dict[str, Any]]:
        """What they said, exactly as it went over the wire, with how that was answered."""
        return [each for each in self.peer.do("sent") if each["document"]["actor"] == self.uri]

    def knocks(self) -> list[dict[str, Any]]:
        """Everything that came to their inbox, with how it was signed and answered."""
        return [each for each in self.peer.do("knocks") if each["path"] == f"/users/{self.name}/inbox"]
