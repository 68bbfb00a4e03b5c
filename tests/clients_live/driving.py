"""How an app of somebody's is let in, and how a library is told what to do: as a program of its own, by lines of JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.web.commanding import PASSWORD, PATIENCE
from tests.web.on_loopback import Pilot

SCOPES = "read write follow push"
BACK = "http://127.0.0.1:1/back"
"""Where an app waits for its code. Nobody listens there: the browser of the tests reads it from the address."""

Json = dict[str, Any]


class RefusalError(Exception):
    """A client says that the server refused, in the words that it tells its user."""


class Form(HTMLParser):
    """The hidden fields of a page, and the code that it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.code = ""
        self._shows = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.fields.append((given["name"] or "", given.get("value") or ""))
        self._shows = tag == "code"

    def handle_data(self, data: str) -> None:
        if self._shows:
            self.code += data.strip()
            self._shows = False


def consent(pilot: Pilot, address: str, handle: str = "noor") -> str:
    """The code that an app gets after its user, in a browser, signed in and said yes."""
    assert address.startswith(pilot.base)
    with httpx.Client(trust_env=False, headers={"Origin": pilot.base}, timeout=PATIENCE) as browser:
        page = browser.get(address, follow_redirects=True)
        assert page.url.path.rstrip("/") == "/aanmelden", page.url
        fields = dict(Form(page.text).fields) | {"handle": handle, "password": PASSWORD}
        page = browser.post(page.url, data=fields)
        page = browser.get(page.url.join(page.headers["location"]), follow_redirects=True)
        asked = [*Form(page.text).fields, ("decision", "allow")]
        said = browser.post(f"{pilot.base}/oauth/authorize", data=_several(asked))
        if said.is_redirect:
            assert said.headers["location"].startswith(BACK)
            return parse_qs(urlsplit(said.headers["location"]).query)["code"][0]
        assert said.status_code == 200, said.text
        return Form(said.text).code


def _several(fields: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


class Library:
    """A program around a library: one line of JSON in, one line of JSON out."""

    def __init__(self, command: Sequence[str | Path], log: Path) -> None:
        self.log = log.open("w+")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            cwd=log.parent,
        )

    def do(self, verb: str, *given: Any, **named: Any) -> Any:
        """What comes of it. Raises RefusalError."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": verb, "given": given, "named": named}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            self.log.seek(0)
            raise AssertionError(self.log.read())
        said = json.loads(line)
        if "refused" in said:
            raise RefusalError(said["kind"], *said["refused"])
        return said["gives"]

    def end(self) -> None:
        """It ends when there is nothing more to read."""
        with self.log, self.process:
            assert self.process.stdin
            self.process.stdin.close()
            try:
                self.process.wait(timeout=PATIENCE)
            finally:
                self.process.kill()
