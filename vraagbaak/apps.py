"""Programs of others that act for members: registering, agreeing, exchanging a code for a token, and ending it.

Secrets, codes and tokens arrive here hashed. A code works once, for the app and the address that it was made for;
shown a second time, or by another app, it ends the token it gave.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from vraagbaak import app_scopes, redirects, text
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import App, AuthorizationCode, Member, Session, Token
from vraagbaak.ports import Reads, Tx

NAME_LENGTH = 60
WEBSITE_LENGTH = 2000
CODE_LASTS = timedelta(minutes=10)
_KEY = re.compile(r"[0-9a-z]{26}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What an app says of itself. Nobody checks whether its name is true."""

    name: str
    redirect_uris: Sequence[str]
    scopes: str = " ".join(app_scopes.DEFAULT)
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a member agrees to."""

    app_id: str
    member_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str = ""


def register(tx: Tx, wanted: Registration, secret_hash: str) -> App:
    """An app that people can choose to use from now on. Raises Invalid."""
    app = App(
        id=tx.new_id(),
        secret_hash=secret_hash,
        name=text.required_line("client_name", wanted.name, shortest=1, length=NAME_LENGTH),
        website=_website(wanted.website),
        redirect_uris=_redirect_uris(wanted.redirect_uris),
        scopes=app_scopes.known(wanted.scopes),
        created_at=tx.now,
    )
    tx.add(app)
    return app


def _website(given: str) -> str:
    given = given.strip()
    try:
        parts = urlsplit(given)
        if not parts.scheme:  # a name without https:// is not worth refusing an app for; it links to nothing
            return ""
        is_page = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_page = False
    if given and (not is_page or len(given) > WEBSITE_LENGTH or not given.isprintable() or " " in given):
        raise Invalid("website", "This is not the address of a website.", "bad-website")
    return given


def _redirect_uris(given: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(redirects.checked(one) for one in given))
    if not found:
        raise Invalid("redirect_uris", "Say where people go back to: redirect_uris.", "missing")
    if len(found) > redirects.MOST or sum(map(len, found)) > redirects.LENGTH:
        raise Invalid("redirect_uris", "These are too many redirect addresses.", "too-many")
    return found


def by_id(reading: Reads, client_id: str) -> App | None:
    """The app with this client id, whatever was given as one."""
    return reading.one(App, id=client_id) if _KEY.fullmatch(client_id) else None


def is_secret_of(app: App, secret_hash: str) -> bool:
    """Whether this is the hash of the app's own secret."""
    return hmac.compare_digest(app.secret_hash, secret_hash)


def agree(tx: Tx, given: Agreement, code_hash: str) -> AuthorizationCode:
    """A member lets an app act for them. Raises Invalid for more than the app may ask, or another address; Unknown."""
    app, member = tx.get(App, given.app_id), tx.get(Member, given.member_id)
    if given.redirect_uri not in app.redirect_uris:
        raise Invalid("redirect_uri", "The app did not say beforehand that it is there.", "bad-redirect-uri")
    if not given.scopes or not app_scopes.within(given.scopes, app.scopes):
        raise Invalid("scope", "This is more than the app may ask for.", "invalid_scope")
    code = AuthorizationCode(
        id=code_hash,
        app_id=app.id,
        member_id=member.id,
        redirect_uri=given.redirect_uri,
        scopes=given.scopes,
        code_challenge=given.code_challenge,
        expires_at=tx.now + CODE_LASTS,
    )
    tx.add(code)
    return code


def shown(tx: Tx, app: App, code_hash: str) -> AuthorizationCode | None:
    """The code, when this app may have a token for it; None for one that is unknown, too old, used, or another app's.

    Who shows a used code, or that of another, has it from somewhere: what it gave is ended (RFC 6749 section 4.1.2).
    """
    code = tx.one(AuthorizationCode, id=code_hash)
    if code is None:
        return None
    if code.spent or code.app_id != app.id:
        _spend(tx, code)
        end_tokens_of(tx, code_hash)
        return None
    return code if code.expires_at > tx.now else None


def exchange(tx: Tx, code: AuthorizationCode, secret_hash: str) -> Token | None:
    """The token for a code, which is spent then. None when somebody else was just before: then nobody has one."""
    token = Token(
        id=secret_hash,
        member_id=code.member_id,
        app_id=code.app_id,
        code_id=code.id,
        scopes=code.scopes,
        created_at=tx.now,
    )
    _spend(tx, code)
    try:
        tx.add(token)
    except Invalid:
        end_tokens_of(tx, code.id)
        return None
    return token


def _spend(tx: Tx, code: AuthorizationCode) -> None:
    tx.save(replace(code, spent=True))


def end_tokens_of(tx: Tx, code_hash: str) -> None:
    """What this code gave works no more."""
    for token in tx.find(Token, code_id=code_hash):
        tx.remove(token)


def give_own(tx: Tx, app: App, scopes: tuple[str, ...], secret_hash: str) -> Token:
    """A token for the app itself, with which it sees what everybody sees. Raises Invalid for wider scopes."""
    if not scopes or not app_scopes.within(scopes, app.scopes):
        raise Invalid("scope", "This is more than the app may ask for.", "invalid_scope")
    token = Token(id=secret_hash, app_id=app.id, scopes=scopes, created_at=tx.now)
    tx.add(token)
    return token


def end_app(tx: Tx, member: Member, app_id: str) -> None:
    """This app acts for the member no more. Raises Unknown when it did not."""
    found = [
        *tx.find(Token, member_id=member.id, app_id=app_id),
        *tx.find(AuthorizationCode, member_id=member.id, app_id=app_id),
    ]
    if not found:
        raise Unknown
    for each in found:
        tx.remove(each)


def end_token(tx: Tx, member: Member, token_id: str) -> None:
    """This token of the member works no more. Raises Unknown for that of another."""
    _end(tx, member, tx.one(Token, id=token_id))


def end_session(tx: Tx, member: Member, session_id: str) -> None:
    """This browser of the member is signed out. Raises Unknown for that of another."""
    _end(tx, member, tx.one(Session, id=session_id))


def _end(tx: Tx, member: Member, found: Token | Session | None) -> None:
    if found is None or found.member_id != member.id:
        raise Unknown
    tx.remove(found)
