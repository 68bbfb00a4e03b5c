"""Mastodon.py, the library for Python, as a neighbour's program uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.clients_live.driving import Json, Library, consent
from tests.web.commanding import require_installed
from tests.web.on_loopback import Pilot
from vraagbaak.redirects import OUT_OF_BAND

PLACE = Path(__file__).parent / "python"


class MastodonPy:
    """Mastodon.py."""

    name = "Mastodon.py"

    def __init__(self, pilot: Pilot, folder: Path) -> None:
        require_installed(PLACE / ".venv/.installed", PLACE / "requirements.lock", self.name)
        self.pilot = pilot
        self.library = Library([PLACE / ".venv/bin/python", PLACE / "library.py"], folder / "log")

    def sign_in(self) -> None:
        code = consent(self.pilot, self.library.do("register", self.pilot.base, OUT_OF_BAND))
        self.token = self.library.do("sign_in", code, OUT_OF_BAND)

    def sign_out(self) -> None:
        self.library.do("sign_out")

    def end(self) -> None:
        self.library.end()

    def call(self, method: str, *given: Any, **named: Any) -> Any:
        """What one of its methods gives back."""
        return self.library.do("call", method, *given, **named)

    def me(self) -> Json:
        return self.call("account_verify_credentials")

    def instance(self) -> Json:
        return self.call("instance_v2")

    def post(self, text: str, reply_to: str = "", visibility: str = "", media: Sequence[Json] = ()) -> Json:
        more: Json = {"in_reply_to_id": reply_to} if reply_to else {}
        if media:
            more["media_ids"] = [each["id"] for each in media]
        return self.call("status_post", text, visibility=visibility or None, **more)

    def edit(self, key: str, text: str) -> Json:
        return self.call("status_update", key, status=text)

    def upload(self, picture: Path, description: str) -> Json:
        return self.call("media_post", str(picture), description=description)

    def status(self, key: str) -> Json:
        return self.call("status", key)

    def thread(self, key: str) -> Json:
        return self.call("status_context", key)

    def do(self, verb: str, key: str) -> Json:
        return self.call(f"status_{verb}", key)

    def delete(self, key: str) -> Json:
        return self.call("status_delete", key)

    def timeline(self, which: str) -> list[Json]:
        return self.call(f"timeline_{which}")

    def bookmarks(self) -> list[Json]:
        return self.call("bookmarks")

    def pages(self, size: int) -> list[list[Json]]:
        """The first two pages of the public timeline."""
        return [self.call("timeline_public", limit=size), self.library.do("more")]

    def notifications(self) -> list[Json]:
        return self.call("notifications")

    def search(self, words: str) -> Json:
        return self.call("search_v2", words, resolve=True)

    def follow(self, account: Json) -> Json:
        return self.call("account_follow", account["id"])

    def unfollow(self, account: Json) -> Json:
        return self.call("account_unfollow", account["id"])

    def relation(self, account: Json) -> Json:
        return self.call("account_relationships", account["id"])[0]

    def listen(self) -> None:
        self.library.do("listen")

    def hears(self, look: Callable[[Json], bool]) -> bool:
        return any(look(event) for event in self.library.do("told")["events"])

    def hears_on(self) -> bool:
        """Whether the line is still open."""
        return bool(self.library.do("told")["open"])
