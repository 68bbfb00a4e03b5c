"""'Apps en apparaten': what can use an account, and ending that with one button, at once.

It shows members only their own. A browser is known by the day it signed in alone: what kind it is, or where, is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.reading import Reading
from vraagbaak import apps
from vraagbaak.errors import Unknown
from vraagbaak.model import App, Member, Session, Token
from web import render, scope_words, sessions
from web.pages import forms
from web.site import site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Using:
    """An app that acts for a member, or a token that was made for them on the command line."""

    field: str
    key: str
    name: str
    website: str
    may: list[str]
    since: datetime


async def devices(request: Request) -> Response:
    """`/mij/apps`; sent, it ends what one button says. Raises Unknown for what is not the member's own."""
    visitor, member, _ = await forms.member_of(request)
    current = sessions.hash_of(sessions.secret_in(request, site_of(request).config.base_url))
    if request.method == "POST":
        return await _end(request, member, current)
    reading = site_of(request).store.read
    shown = {
        "using": await reading(_using, member),
        "browsers": await reading(_browsers, member),
        "current": current,
    }
    return render.page(request, visitor, "apps.html", shown)


def _using(reading: Reading, member: Member) -> list[Using]:
    """Apps first, each once, then the tokens without one; the latest first."""
    by_app: dict[str, list[Token]] = {}
    alone: list[Token] = []
    for token in reading.find(Token, member_id=member.id):
        if token.app_id:
            by_app.setdefault(token.app_id, []).append(token)
        else:
            alone.append(token)
    found = [_app(reading.get(App, key), tokens) for key, tokens in by_app.items()]
    rest = [_token(token) for token in alone]
    return [*_latest_first(found), *_latest_first(rest)]


def _latest_first(found: list[Using]) -> list[Using]:
    return sorted(found, key=lambda each: each.since, reverse=True)


def _app(app: App, tokens: list[Token]) -> Using:
    return Using(
        field="app",
        key=app.id,
        name=app.name,
        website=app.website,
        may=scope_words.in_words(scope for token in tokens for scope in token.scopes),
        since=min(token.created_at for token in tokens),
    )


def _token(token: Token) -> Using:
    may = scope_words.in_words(token.scopes)
    return Using(field="token", key=token.id, name="", website="", may=may, since=token.created_at)


def _browsers(reading: Reading, member: Member) -> list[Session]:
    found = [each for each in reading.find(Session, member_id=member.id) if each.expires_at > reading.now]
    return sorted(found, key=lambda each: each.created_at, reverse=True)


async def _end(request: Request, member: Member, current: str) -> Response:
    form = await forms.read(request)
    run = site_of(request).store.run
    if key := form.text("app"):
        await run(apps.end_app, member, key)
        return render.redirect(request, "/mij/apps", gedaan="app-weg")
    if key := form.text("token"):
        await run(apps.end_token, member, key)
        return render.redirect(request, "/mij/apps", gedaan="app-weg")
    key = form.text("session")
    if not key:
        raise Unknown
    await run(apps.end_session, member, key)
    if key != current:
        return render.redirect(request, "/mij/apps", gedaan="browser-weg")
    answer = render.redirect(request, "/", gedaan="afgemeld")
    sessions.delete_cookie(request, answer)
    return answer


ROUTES = [Route("/mij/apps", devices, methods=["GET", "POST"])]
