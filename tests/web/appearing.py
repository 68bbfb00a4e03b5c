"""An app on the other side: it registers, sends people to the consent page and exchanges what it gets."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qsl, urlsplit

from tests.web.visiting import Village

BACK = "https://client.example/cb"
OOB = "urn:ietf:wg:oauth:2.0:oob"
VERIFIER = "v" * 43
AUTHORIZE = "/oauth/authorize"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class AppVillage(Village):
    """A pilot where apps come; no limits unless asked for."""

    def __init__(self, store_factory, **settings) -> None:
        super().__init__(store_factory, **{"lab_limits": "off", **settings})

    async def registered(self, **fields) -> dict:
        given = {
            "client_name": "Tuin",
            "redirect_uris": f"{BACK}\n{OOB}",
            "scopes": "read write follow push",
            **fields,
        }
        async with self.client() as client:
            answer = await client.post("/api/v1/apps", data=given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def asks(self, app: dict, **fields) -> dict:
        """What an app puts in the address of the consent page; None leaves a field out."""
        given = {
            "response_type": "code",
            "client_id": app["client_id"],
            "redirect_uri": BACK,
            "scope": "read",
            **fields,
        }
        return {name: value for name, value in given.items() if value is not None}

    async def opens(self, member, params):
        """The consent page, as this member's browser gets it; without a member as a passer-by's."""
        async with self.as_member(member) if member else self.browser() as browser:
            return await browser.get(AUTHORIZE, params=params)

    async def says(self, member, params, decision="allow"):
        """What follows on a button of the consent page."""
        async with self.as_member(member) if member else self.browser() as browser:
            return await browser.post(AUTHORIZE, data={**params, "decision": decision})

    async def code(self, member, app, **fields) -> str:
        """The code that the app gets when the member says yes."""
        answer = await self.says(member, self.asks(app, **fields))
        assert answer.status_code == 303, answer.text
        return told(answer)["code"]

    async def exchanged(self, app, code, /, headers=None, **fields):
        """What `/oauth/token` says to a code."""
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "redirect_uri": BACK,
            **fields,
        }
        given = {name: value for name, value in given.items() if value is not None}
        async with self.client(**(headers or {})) as client:
            return await client.post("/oauth/token", data=given)

    async def signed_in(self, member, app, **fields) -> str:
        """A token of this member for this app, got in the whole way."""
        answer = await self.exchanged(app, await self.code(member, app, **fields))
        assert answer.status_code == 200, answer.text
        return answer.json()["access_token"]

    async def own(self, app, **fields):
        """What `/oauth/token` says when an app asks for itself."""
        names = ("client_id", "client_secret")
        given = {"grant_type": "client_credentials", **{name: app[name] for name in names}, **fields}
        async with self.client() as client:
            return await client.post("/oauth/token", data=given)

    async def revoked(self, app, token, /, **fields):
        given = {
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "token": token,
            **fields,
        }
        async with self.client() as client:
            return await client.post("/oauth/revoke", data=given)

    async def works(self, token: str) -> bool:
        """Whether a token opens anything."""
        async with self.client(Authorization=f"Bearer {token}") as client:
            answer = await client.get("/api/v1/apps/verify_credentials")
        assert answer.status_code in {200, 401}
        return answer.status_code == 200


def told(answer) -> dict:
    """What an app hears in the address that a browser is sent to."""
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query, keep_blank_values=True))
