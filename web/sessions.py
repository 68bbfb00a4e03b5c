"""Who is looking: a passer-by, or a member whose browser or program holds a secret of ours.

Visitors without an account get no cookie at all. Only the hash of a secret is kept, a browser's secret opens no API
and a program's token opens no page.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import replace
from datetime import datetime

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from storage.reading import Reading
from vraagbaak import app_scopes, members
from vraagbaak.errors import Invalid, NeedsMember, NotYours
from vraagbaak.model import Actor, Member, Session, Token
from vraagbaak.ports import Tx
from web import passwords
from web.site import Visitor, site_of

PASSER_BY = Visitor()
ALL_SCOPES = ("*",)
USERINFO = "/oauth/userinfo"
STREAMING = "/api/v1/streaming"
"""Here alone a token may stand in the address: a browser can give a WebSocket no header."""
_BEARER = "bearer "
LONGEST_SECRET = 200
_HANDLE = re.compile(r"[a-z0-9_-]{1,60}")


def new_secret() -> tuple[str, str]:
    """A fresh secret of 32 random bytes, and the hash of it that may be kept."""
    secret = secrets.token_urlsafe(32)
    return secret, hash_of(secret)


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is random, so a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def cookie_name(base_url: str) -> str:
    """`__Host-` binds the cookie to this very host, which only works over https."""
    return "__Host-session" if base_url.startswith("https://") else "session"


def is_for_programs(path: str) -> bool:
    """Whether this path takes tokens; it then takes no cookie (threat H15)."""
    return path.startswith("/api/") or path == USERINFO


async def visitor_of(request: HTTPConnection) -> Visitor:
    """Who sends this request; found once per request.

    An expired or unknown secret, or one of a member who left, is a passer-by.
    """
    known = getattr(request.state, "visitor", None)
    if isinstance(known, Visitor):
        return known
    visitor = await _find(request)
    request.state.visitor = visitor
    return visitor


async def _find(request: HTTPConnection) -> Visitor:
    site = request.app.state.site
    if is_for_programs(request.scope["path"]):
        token = token_in(request)
        return await site.store.read(holder_of_token, hash_of(token)) if token else PASSER_BY
    secret = secret_in(request, site.config.base_url)
    return (
        await site.store.read(_holder_of_session, hash_of(secret), site.clock.now()) if secret else PASSER_BY
    )


def token_in(request: HTTPConnection) -> str:
    """The token in the Authorization header; empty when there is none. Never from the address (threat H05)."""
    header = request.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() != _BEARER:
        return ""
    token = header[len(_BEARER) :].strip()
    return token if len(token) <= LONGEST_SECRET else ""


def secret_in(request: HTTPConnection, base_url: str) -> str:
    """The secret in the session cookie; empty when there is none."""
    if "cookie" not in request.headers:
        return ""
    secret = request.cookies.get(cookie_name(base_url), "")
    return secret if len(secret) <= LONGEST_SECRET else ""


def holder_of_token(reading: Reading, token_hash: str) -> Visitor:
    """Who comes with the token that has this hash; a passer-by when it does not work (any more)."""
    token = reading.one(Token, id=token_hash)
    if token is None:
        return PASSER_BY
    holder = _member(reading, token.member_id, token.scopes) if token.member_id else PASSER_BY
    if holder is PASSER_BY and token.member_id:
        return PASSER_BY
    return replace(holder, scopes=token.scopes, token_id=token.id, app_id=token.app_id or "")


def _holder_of_session(reading: Reading, secret_hash: str, now: datetime) -> Visitor:
    session = reading.one(Session, id=secret_hash)
    if session is None or session.expires_at <= now:
        return PASSER_BY
    return _member(reading, session.member_id, ALL_SCOPES)


def member_again(reading: Reading, member_id: str) -> Visitor:
    """The visitor that a member is who signed in just now."""
    return _member(reading, member_id, ALL_SCOPES)


def _member(reading: Reading, member_id: str, scopes: tuple[str, ...]) -> Visitor:
    member = reading.one(Member, id=member_id)
    actor = reading.one(Actor, id=member.actor_id) if member else None
    if member is None or actor is None or actor.suspended:
        return PASSER_BY
    return Visitor(member=member, actor=actor, scopes=scopes)


async def sign_in(request: Request, handle: str, password: str) -> tuple[Member, str]:
    """The member, and the secret for `set_cookie`; a session this browser had before is over (threat H08).

    Raises Invalid, with one answer in the same time for a wrong name and a wrong password (threat H10).
    """
    site = site_of(request)
    member = await site.store.read(_by_handle, handle)
    if not await passwords.matches(member.password_hash if member else None, password) or member is None:
        raise Invalid("password", "This name and password do not belong together.", "wrong-password")
    secret, secret_hash = new_secret()
    before = secret_in(request, site.config.base_url)
    await site.store.run(_rotate, member.id, secret_hash, hash_of(before) if before else "")
    return member, secret


def _by_handle(reading: Reading, handle: str) -> Member | None:
    name = handle.strip().lower()
    return reading.one(Member, handle=name) if _HANDLE.fullmatch(name) else None


def _rotate(tx: Tx, member_id: str, secret_hash: str, hash_before: str) -> None:
    if hash_before:
        members.end_session(tx, hash_before)
    members.open_session(tx, tx.get(Member, member_id).id, secret_hash)


async def sign_out(request: Request) -> None:
    """This browser's session is over. Give its answer to `delete_cookie` too."""
    site = site_of(request)
    secret = secret_in(request, site.config.base_url)
    if secret:
        await site.store.run(members.end_session, hash_of(secret))
    request.state.visitor = PASSER_BY


def set_cookie(request: Request, response: Response, secret: str) -> None:
    """The one cookie there is."""
    base_url = site_of(request).config.base_url
    response.set_cookie(
        cookie_name(base_url),
        secret,
        max_age=int(members.SESSION_LENGTH.total_seconds()),
        path="/",
        secure=base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )


def delete_cookie(request: Request, response: Response) -> None:
    """No cookie any more."""
    base_url = site_of(request).config.base_url
    response.delete_cookie(
        cookie_name(base_url), path="/", secure=base_url.startswith("https://"), httponly=True, samesite="lax"
    )


def require_scope(visitor: Visitor, scope: str) -> tuple[Member, Actor]:
    """The member and actor behind a token that covers `scope`.

    `write` covers `write:statuses`; `write:statuses` covers only itself. Raises NeedsMember without a token,
    NotYours with one that is for less, or that is an app's own (threat H04).
    """
    if visitor.member is None and not visitor.token_id:
        raise NeedsMember("needs-token", "This needs a token of a member.")
    allow_scope(visitor, scope)
    if visitor.member is None or visitor.actor is None:
        raise NotYours("app-only", "This needs a token of a member, not one of an app alone.")
    return visitor.member, visitor.actor


def allow_scope(visitor: Visitor, scope: str) -> None:
    """Nothing, when what the visitor came with covers `scope`. Raises NotYours."""
    if not is_for(visitor, scope):
        raise NotYours("scope", "This token is not for that. It needs: %(scope)s.", scope=scope)


def is_for(visitor: Visitor, scope: str) -> bool:
    """Whether what the visitor came with covers `scope`."""
    return visitor.scopes == ALL_SCOPES or app_scopes.covers(visitor.scopes, scope)
