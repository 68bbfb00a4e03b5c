"""Servers on other software, started for a test on loopback, and a pilot that may speak with them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from tests.web.commanding import PATIENCE, Serving, done, free_port, set_up, until

HERE = Path(__file__).parent
GROUPS = {"implements": [{"href": "https://w3id.org/fep/1b12"}]}
"""What an actor says of itself that wants inner activities from a group."""
ACTIVITY = "application/activity+json"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
LABORATORY = 'lab_http = true\nlab_networks = ["127.0.0.0/8"]\nlab_clock = 600\nlab_limits = "off"\n'
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


class Pilot(Serving):
    """A pilot as people start it, at an address that every library resolves."""

    def __init__(self, folder: Path, **settings: str) -> None:
        port = free_port()
        self.base = f"http://localhost:{port}"
        self.group = f"{self.base}/b/wester"
        self.asked: list[str] = []
        set_up(folder, base_url=self.base)
        with (folder / "vraagbaak.toml").open("a") as file:
            file.write(LABORATORY)
        super().__init__(folder, port=port, **settings)
        self.token = done("token", "noor", "--data", folder).strip()

    def tell(self, method: str, path: str, **members: Any) -> Any:
        """What the plain API answers to noor."""
        return (
            self.api(method, path, self.token, json=members)
            if members
            else self.api(method, path, self.token)
        )

    def ask_question(self, title: str, **more: Any) -> dict[str, Any]:
        """A public question of noor."""
        asked: dict[str, Any] = self.tell("POST", "/questions", title=title, **{"scope": "public", **more})
        self.asked.append(asked["id"])
        return asked

    def start_afresh(self) -> None:
        """Take back every question that still stands: the same words within ten minutes would be the same question."""
        while self.asked:
            self.ask(
                "DELETE",
                f"/api/vraagbaak/v1/questions/{self.asked.pop()}",
                headers={"Authorization": f"Bearer {self.token}"},
            )

    def answers(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        """What everybody can read under a question."""
        return self.ask("GET", f"/api/vraagbaak/v1/questions/{question['id']}").json()["answers"]

    def withdraw(self, path: str) -> None:
        """Take something of noor's back."""
        answer = self.ask(
            "DELETE", f"/api/vraagbaak/v1{path}", headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code < 300, answer.text

    def known(self, uri: str) -> dict[str, Any] | None:
        """A question that everybody can read, by its uri."""
        found = self.ask("GET", "/api/vraagbaak/v1/questions").json()
        return next((each for each in found if each["uri"] == uri), None)

    def jobs(self) -> dict[str, int]:
        """What it has to do."""
        found: dict[str, int] = json.loads(done("stats", "--json", "--data", self.folder))["jobs"]
        return found

    def is_idle(self) -> bool:
        """Whether nothing is left to do but looking up threads, which is done later."""
        return self.jobs().keys() <= {"gather waiting"}

    def settle(self) -> None:
        """Wait until it has done and sent all that it had to."""
        self.until(self.is_idle, "the end of its work")

    def document(self, uri: str) -> httpx.Response:
        """What another server without a name gets at a uri of ours."""
        return self.ask("GET", uri.removeprefix(self.base), headers={"Accept": ACTIVITY})


def pilot_in(folder: Path, **settings: str) -> Iterator[Pilot]:
    """A pilot, for as long as a fixture lasts; it must not have stumbled by then."""
    with Pilot(folder, **settings) as pilot:
        yield pilot
        assert pilot.stop() == 0
    assert "Traceback" not in pilot.err.read_text()


def fedify(log: Path, dialect: str = RFC9421) -> Peer:
    """A server on Fedify, which signs so when it does not know a server yet. Skips where it is not installed."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    folder = HERE / "fedify"
    _require(folder / "node_modules/.installed", folder / "package-lock.json", "Fedify")
    return Peer([node, folder / "peer.mjs", dialect], log)


def bovine(log: Path) -> Peer:
    """A server on bovine. Skips where it is not installed."""
    folder = HERE / "bovine"
    _require(folder / ".venv/.installed", folder / "requirements.lock", "bovine")
    return Peer([folder / ".venv/bin/python", folder / "peer.py"], log)


def _require(made: Path, lock: Path, what: str) -> None:
    """Whether a peer is installed as its lock says: whoever installs it leaves a copy of that."""
    if not made.is_file() or made.read_bytes() != lock.read_bytes():
        pytest.skip(f"{what} is not installed as {lock.name} says: scripts/test does that where it can")


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
