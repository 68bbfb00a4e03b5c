"""Pilots that federate over plain http on this machine, with each other and with other software."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.web.commanding import Serving, done, free_port, set_up

ACTIVITY = "application/activity+json"
LABORATORY = 'lab_http = true\nlab_networks = ["127.0.0.0/8"]\nlab_clock = 600\nlab_limits = "off"\n'
"""What a pilot is told that may speak with servers on this machine."""


class Pilot(Serving):
    """A pilot as people start it, at an address that every library resolves."""

    def __init__(self, folder: Path, slug: str = "wester", **settings: str) -> None:
        port = free_port()
        self.slug = slug
        self.base = f"http://localhost:{port}"
        self.group = f"{self.base}/b/{slug}"
        self.asked: list[str] = []
        set_up(folder, slug, base_url=self.base)
        with (folder / "vraagbaak.toml").open("a") as file:
            file.write(LABORATORY)
        super().__init__(folder, port=port, **settings)
        self.token = token_of(self)

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


def pilot_in(folder: Path, slug: str = "wester", **settings: str) -> Iterator[Pilot]:
    """A pilot, for as long as a fixture lasts; it must not have stumbled by then."""
    with Pilot(folder, slug, **settings) as pilot:
        yield pilot
        assert pilot.stop() == 0
    assert "Traceback" not in pilot.err.read_text()


def token_of(pilot: Serving, name: str = "noor") -> str:
    """A token with which a program acts for a member."""
    return done("token", name, "--data", pilot.folder).strip()


def host_of(folder: Path) -> str:
    """Under which name and port others know a pilot."""
    found = re.search(r'base_url = "https?://([^"]+)"', (folder / "vraagbaak.toml").read_text())
    assert found
    return found[1]


def meet(one: Serving, other: Serving) -> None:
    """Each trusts the other from now on. On SQLite a server hears of it as soon as there is something else to do."""
    for pilot, known in ((one, other), (other, one)):
        done("peer", "add", host_of(known.folder), "--as", "pilot", "--data", pilot.folder)
    for pilot in (one, other):
        pilot.api("POST", "/questions", token_of(pilot), json={"title": "Alleen voor ons"})
    for pilot in (one, other):
        pilot.until(lambda pilot=pilot: _has_met(pilot.folder), "the meeting")


def _has_met(folder: Path) -> bool:
    return all(row["met"] for row in json.loads(done("peer", "list", "--json", "--data", folder)))
