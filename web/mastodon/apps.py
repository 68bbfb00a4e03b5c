"""`/api/v1/apps`: an app says what it is called and where it is, before it asks anybody anything."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.reading import Reading
from vraagbaak import app_scopes, apps
from vraagbaak.apps import Registration
from vraagbaak.errors import NeedsMember
from vraagbaak.model import App, Token
from web import sessions
from web.limits import limits_of
from web.mastodon import given
from web.site import site_of


async def register(request: Request) -> Response:
    """A new app, with the secret that is shown only now. Raises Invalid or TooFast."""
    limits_of(request).register_app(request)
    fields = await given.fields(request)
    # One address to a line, or one to a value: what Mastodon takes. No address has a space in it.
    wanted = Registration(
        name=given.last(fields, "client_name"),
        redirect_uris=" ".join(fields.get("redirect_uris", [])).split(),
        scopes=" ".join(fields.get("scopes", [])).strip() or " ".join(app_scopes.DEFAULT),
        website=given.last(fields, "website"),
    )
    secret, secret_hash = sessions.new_secret()
    app = await site_of(request).store.run(apps.register, wanted, secret_hash)
    secrets = {"client_id": app.id, "client_secret": secret, "client_secret_expires_at": 0}
    return given.json(shown(app, site_of(request).vapid_key) | secrets)


async def verify(request: Request) -> Response:
    """The app that a token is of, whatever the token is for. Raises NeedsMember."""
    visitor = await sessions.visitor_of(request)
    limits_of(request).api(request, visitor.token_id)
    if not visitor.token_id:
        raise NeedsMember("bad-token", "This token does not work, or does not work any more.")
    site = site_of(request)
    return given.json(await site.store.read(_app_of, visitor.token_id, site.vapid_key))


def _app_of(reading: Reading, token_id: str, vapid_key: str) -> dict[str, Any]:
    token = reading.get(Token, token_id)
    if token.app_id:
        return shown(reading.get(App, token.app_id), vapid_key)
    # Made on the command line: there is no app behind it, but clients expect one.
    maker = {"id": "", "name": "vraagbaak token", "website": reading.home.base_url}
    return maker | {"scopes": token.scopes, "redirect_uri": "", "redirect_uris": [], "vapid_key": vapid_key}


def shown(app: App, vapid_key: str) -> dict[str, Any]:
    """What Mastodon 4.5 calls an Application (docs.joinmastodon.org/entities/Application)."""
    return {
        "id": app.id,
        "name": app.name,
        "website": app.website or None,
        "scopes": app.scopes,
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": app.redirect_uris,
        "vapid_key": vapid_key,
    }


ROUTES = [
    Route("/api/v1/apps", register, methods=["POST"]),
    Route("/api/v1/apps/verify_credentials", verify),
]
