"""toot, the program for the terminal, run as its users run it: a command at a time, answered on its prompts."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.clients_live.driving import Json, RefusalError, consent
from tests.web.commanding import PATIENCE, require_installed
from tests.web.on_loopback import Pilot

PLACE = Path(__file__).parent / "python"


class Toot:
    """toot. It has no command to change a status, and none to listen."""

    name = "toot"

    def __init__(self, pilot: Pilot, folder: Path) -> None:
        require_installed(PLACE / ".venv/.installed", PLACE / "requirements.lock", self.name)
        self.pilot = pilot
        self.command = [str(PLACE / ".venv/bin/python"), "-m", "toot"]
        self.environment = {
            **os.environ,
            "XDG_CONFIG_HOME": str(folder),
            "HOME": str(folder),
            "NO_PROXY": "*",
        }

    def run(self, *words: str, stdin: str = "") -> str:
        """What it prints for people. Raises RefusalError."""
        done = subprocess.run(
            [*self.command, *words],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if done.returncode:
            raise RefusalError(done.stderr.strip())
        return done.stdout

    def _json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def sign_in(self) -> None:
        """It shows an address, does not open it, and is given the code that stands there."""
        asking = subprocess.Popen(
            [*self.command, "login", "--instance", self.pilot.base],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.environment,
        )
        with asking:
            assert asking.stdout
            said = list(itertools.takewhile(lambda line: not line.startswith("Login URL"), asking.stdout))
            address = asking.stdout.readline().strip()
            assert address, "".join(said)
            out, _ = asking.communicate(f"n\n{consent(self.pilot, address)}\n", timeout=PATIENCE)
        assert asking.returncode == 0, out
        assert "Successfully logged in" in out

    def sign_out(self) -> None:
        """It forgets its token, and tells nobody."""
        self.run("logout", f"noor@localhost:{self.pilot.port}")

    def end(self) -> None:
        """Nothing runs."""

    def me(self) -> Json:
        return self._json("whoami")

    def instance(self) -> Json:
        return self._json("instance")

    def post(self, text: str, reply_to: str = "", visibility: str = "", media: Sequence[Json] = ()) -> Json:
        words = ["--reply-to", reply_to] if reply_to else []
        words += ["--visibility", visibility] if visibility else []
        for each in media:
            words += ["--media", each["path"], "--description", each["description"]]
        return self._json("post", text, *words)

    def upload(self, picture: Path, description: str) -> Json:
        """It sends a picture together with the words."""
        return {"path": str(picture), "description": description}

    def status(self, key: str) -> Json:
        return self._json("status", key)

    def thread(self, key: str) -> Json:
        return self._json("thread", key)

    def do(self, verb: str, key: str) -> Json:
        return self._json(verb, key)

    def delete(self, key: str) -> None:
        self.run("delete", key)

    def timeline(self, which: str) -> list[Json]:
        return self._json("timelines", which)

    def bookmarks(self) -> list[Json]:
        """It shows them to people only, each with its id."""
        return [{"id": key} for key in re.findall(r"\bID ([0-9a-z]{26})\b", self.run("bookmarks", "--once"))]

    def notifications(self) -> list[Json]:
        return self._json("notifications")

    def search(self, words: str) -> Json:
        return self._json("search", words, "--resolve")

    def follow(self, account: Json) -> Json:
        return self._json("follow", account["acct"])

    def unfollow(self, account: Json) -> Json:
        return self._json("unfollow", account["acct"])

    def relation(self, account: Json) -> Json:
        """It shows no relation, but whom one follows."""
        following = self._json("following")
        return {"following": account["id"] in [each["id"] for each in following]}
