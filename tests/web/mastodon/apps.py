"""A pilot as an app on a phone sees it: one call at a time, with a token or without, and JSON back."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from tests.journeys.world import Instance
from vraagbaak import members
from vraagbaak.model import Member
from web import sessions

MISSING = "0" * 26
NARROW = ("read", "write", "follow", "push")


def token_for(pilot: Instance, member: Member, *scopes: str) -> str:
    """A token as `vraagbaak token` makes it."""
    secret, secret_hash = sessions.new_secret()
    pilot.store.run_now(members.give_token, member, secret_hash, scopes or NARROW)
    return secret


class App:
    """One app on one phone."""

    def __init__(self, pilot: Instance, member: Member | None = None, *scopes: str, token: str = "") -> None:
        self.pilot = pilot
        self.member = member
        self.token = token or (token_for(pilot, member, *scopes) if member else "")

    @property
    def account_id(self) -> str:
        return self.member.actor_id

    async def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        """The answer, whatever it is."""
        headers = given.pop("headers", {})
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        address = path if path.startswith("http") else f"/api/{path}"
        async with self.pilot.client() as client:
            return await client.request(method, address, headers=headers, **given)

    async def get(self, path: str, **given: Any) -> Any:
        """What is read; the call has to succeed."""
        return good(await self.call("GET", path, **given))

    async def post(self, path: str, data: Any = None, **given: Any) -> Any:
        return good(await self.call("POST", path, data=data, **given))

    async def status(self, text: str, **given: Any) -> dict[str, Any]:
        """A status, as an app sends it."""
        self.pilot.world.clock.tick(seconds=1)
        return await self.post("v1/statuses", json={"status": text, **given})


def good(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, (answer.status_code, answer.text[:500])
    return json.loads(answer.content)


def links(answer: httpx.Response) -> dict[str, str]:
    """The addresses in the Link header by their relation."""
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("Link", ""))}


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]
