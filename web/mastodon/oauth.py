"""OAuth 2.0 by Authlib, bound to our unit of work: one server object lives as long as one transaction.

Authlib judges the protocol. Its refusals are answers, not exceptions, so that what a refusal ends (the token of a code
that is shown twice) is ended with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidGrantError
from authlib.oauth2.rfc6750 import BearerTokenGenerator

from vraagbaak import app_scopes, apps
from vraagbaak.ports import Reads, Tx
from web.mastodon.asked import Asked, require_plain
from web.mastodon.grants import Client, CodeGrant, OnlyS256, OwnGrant, Revocation
from web.sessions import hash_of, new_secret

_UNKNOWN_CLIENT = "There is no such app, or this is not its secret."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the protocol answers."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


class Server(AuthorizationServer):
    """Authlib's server on one transaction. For judging a request alone any `Reads` will do."""

    def __init__(self, tx: Tx | Reads) -> None:
        super().__init__(scopes_supported=app_scopes.ALL)
        self.tx: Any = tx
        self.register_grant(CodeGrant, [OnlyS256(required=False)])
        self.register_grant(OwnGrant)
        self.register_endpoint(Revocation)
        # 0: tokens of Mastodon do not expire, and its clients do not know how to ask for another
        self.register_token_generator("default", BearerTokenGenerator(_new_token, expires_generator=0))

    def query_client(self, client_id: str) -> Client | None:
        app = apps.by_id(self.tx, client_id)
        return Client(app) if app else None

    def save_token(self, token: dict[str, Any], request: Asked) -> None:
        secret_hash = hash_of(token["access_token"])
        if request.authorization_code:
            made = apps.exchange(self.tx, request.authorization_code.code, secret_hash)
        else:
            made = apps.give_own(self.tx, request.client.app, tuple(token["scope"].split()), secret_hash)
        if made is None:
            raise InvalidGrantError
        token["created_at"] = int(made.created_at.timestamp())

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Reply:
        return Reply(status=status, body=dict(body or {}), headers=dict(headers))

    def handle_error_response(self, request: Asked, error: OAuth2Error) -> Reply:  # noqa: ARG002 - Authlib's shape
        if isinstance(error, InvalidClientError):  # one answer for an unknown app and for a wrong secret
            error = InvalidClientError(_UNKNOWN_CLIENT, status_code=401)
        headers = {name: value for name, value in error.get_headers() if name == "WWW-Authenticate"}
        return Reply(status=error.status_code, body=dict(error.get_body()), headers=headers)


def _new_token(**_: object) -> str:
    return new_secret()[0]


def token(tx: Tx, asked: Asked) -> Reply:
    """A token, or the protocol's own refusal (RFC 6749 section 5)."""
    return _judged(tx, asked, lambda server: server.create_token_response(asked))


def revoke(tx: Tx, asked: Asked) -> Reply:
    """The token is gone, or the protocol's own refusal (RFC 7009 section 2)."""
    return _judged(tx, asked, lambda server: server.create_endpoint_response("revocation", asked))


def _judged(tx: Tx, asked: Asked, work: Callable[[Server], Reply]) -> Reply:
    server = Server(tx)
    try:
        require_plain(asked.payload.datalist)
    except OAuth2Error as error:
        return server.handle_error_response(asked, error)
    return work(server)
