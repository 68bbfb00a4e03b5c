"""Mastodon.py, told what to do: a line of JSON in, a line of JSON out, for as long as its input is open."""

from __future__ import annotations

import json
import sys
from typing import Any

from mastodon import CallbackStreamListener, Mastodon, MastodonAPIError, MastodonError

SCOPES = ["read", "write", "follow", "push"]


class Library:
    """One app on one machine."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def register(self, base: str, redirect_uri: str) -> str:
        """Where the member says yes."""
        name, secret = Mastodon.create_app(
            "Tuin",
            scopes=SCOPES,
            redirect_uris=redirect_uri,
            website="https://tuin.example",
            api_base_url=base,
        )
        self.client = Mastodon(client_id=name, client_secret=secret, api_base_url=base)
        return self.client.auth_request_url(
            redirect_uris=redirect_uri, scopes=SCOPES, state="stand", allow_http=True
        )

    def sign_in(self, code: str, redirect_uri: str) -> str:
        return self.client.log_in(code=code, redirect_uri=redirect_uri, scopes=SCOPES, allow_http=True)

    def sign_out(self) -> None:
        self.client.revoke_access_token(allow_http=True)

    def call(self, name: str, *given: Any, **named: Any) -> Any:
        """What a method of the library gives back."""
        self.found = getattr(self.client, name)(*given, **named)
        return self.found

    def more(self) -> Any:
        """The next page of what was called last."""
        self.found = self.client.fetch_next(self.found)
        return self.found

    def listen(self) -> None:
        """Keep what happens."""

        def hear(name: str) -> Any:
            return lambda said: self.heard.append({"event": name, "payload": said})

        listener = CallbackStreamListener(
            update_handler=hear("update"),
            notification_handler=hear("notification"),
            delete_handler=hear("delete"),
            status_update_handler=hear("status.update"),
        )
        self.line = self.client.stream_user(listener, run_async=True)

    def told(self) -> dict[str, Any]:
        """What happened since, and whether the line is still open."""
        return {"events": self.heard, "open": self.line.is_receiving()}


def main() -> None:
    library = Library()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            said: Any = {"gives": getattr(library, asked["do"])(*asked["given"], **asked["named"])}
        except MastodonAPIError as fault:
            # (what it is, the status, the reason, the sentence of the server)
            said = {"refused": [str(each) for each in fault.args], "kind": type(fault).__name__}
        except MastodonError as fault:
            said = {"refused": [str(fault)], "kind": type(fault).__name__}
        print(json.dumps(said, default=str), flush=True)


main()
