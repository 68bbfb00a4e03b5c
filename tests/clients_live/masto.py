"""masto, the library for JavaScript, as the web apps that are made with it use it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.clients_live.driving import BACK, SCOPES, Json, Library, consent
from tests.web.commanding import require_installed, until
from tests.web.on_loopback import Pilot

PLACE = Path(__file__).parent / "masto"


def snake(found: Any) -> Any:
    """Its names as Mastodon writes them."""
    if isinstance(found, dict):
        return {
            re.sub(r"[A-Z]", lambda big: f"_{big[0].lower()}", name): snake(found[name]) for name in found
        }
    return [snake(each) for each in found] if isinstance(found, list) else found


class Masto:
    """masto."""

    name = "masto"

    def __init__(self, pilot: Pilot, folder: Path) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("node is not installed")
        require_installed(PLACE / "node_modules/.installed", PLACE / "package-lock.json", self.name)
        self.pilot = pilot
        self.calls = itertools.count()
        self.library = Library([node, PLACE / "library.mjs"], folder / "log")

    def sign_in(self) -> None:
        """By code and PKCE."""
        verifier = secrets.token_urlsafe(40)
        digest = hashlib.sha256(verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.library.do("register", self.pilot.base, BACK),
            "redirect_uri": BACK,
            "scope": SCOPES,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        code = consent(self.pilot, f"{self.pilot.base}/oauth/authorize?{urlencode(asked)}")
        self.token = self.library.do("signIn", code, BACK, verifier)

    def sign_out(self) -> None:
        self.library.do("signOut")

    def end(self) -> None:
        self.library.end()

    def call(self, path: str, given: Json | None = None, file: Path | None = None) -> Any:
        """What `v1.statuses.KEY.fetch` gives back: what the server names stands between, what masto names is known."""
        steps = [[step] if re.fullmatch(r"[0-9a-z]{26}", step) else step for step in path.split(".")]
        return snake(self.library.do("call", steps, given, str(file) if file else None))

    def me(self) -> Json:
        return self.call("v1.accounts.verifyCredentials")

    def instance(self) -> Json:
        return self.call("v2.instance.fetch")

    def post(self, text: str, reply_to: str = "", visibility: str = "", media: Sequence[Json] = ()) -> Json:
        given: Json = {"status": text}
        if reply_to:
            given["inReplyToId"] = reply_to
        if visibility:
            given["visibility"] = visibility
        if media:
            given["mediaIds"] = [each["id"] for each in media]
        return self.call("v1.statuses.create", given)

    def edit(self, key: str, text: str) -> Json:
        return self.call(f"v1.statuses.{key}.update", {"status": text})

    def upload(self, picture: Path, description: str) -> Json:
        return self.call("v2.media.create", {"description": description}, picture)

    def status(self, key: str) -> Json:
        return self.call(f"v1.statuses.{key}.fetch")

    def thread(self, key: str) -> Json:
        return self.call(f"v1.statuses.{key}.context.fetch")

    def do(self, verb: str, key: str) -> Json:
        return self.call(f"v1.statuses.{key}.{verb}")

    def delete(self, key: str) -> None:
        self.call(f"v1.statuses.{key}.remove")

    def timeline(self, which: str) -> list[Json]:
        return self.call(f"v1.timelines.{which}.list")

    def bookmarks(self) -> list[Json]:
        return self.call("v1.bookmarks.list")

    def pages(self, size: int) -> list[list[Json]]:
        """The first two pages of the public timeline."""
        return [self.call("v1.timelines.public.list", {"limit": size}), snake(self.library.do("more"))]

    def notifications(self) -> list[Json]:
        return self.call("v1.notifications.list")

    def search(self, words: str) -> Json:
        return self.call("v2.search.list", {"q": words, "resolve": True})

    def follow(self, account: Json) -> Json:
        return self.call(f"v1.accounts.{account['id']}.follow")

    def unfollow(self, account: Json) -> Json:
        return self.call(f"v1.accounts.{account['id']}.unfollow")

    def relation(self, account: Json) -> Json:
        return self.call("v1.accounts.relationships.fetch", {"id": [account["id"]]})[0]

    def listen(self) -> None:
        """Until something comes, for masto does not know when the server knows what it wants to hear."""
        self.library.do("listen")
        until(
            lambda: self.post(f"Hoort masto dit {next(self.calls)}?") and self.hears(bool), "anything at all"
        )

    def hears(self, look: Callable[[Json], bool]) -> bool:
        return any(look(snake(event)) for event in self.library.do("told")["events"])

    def hears_on(self) -> bool:
        """Whether the line is still open."""
        return bool(self.library.do("told")["open"])
