"""The two ways to a token, and the way to be rid of it, as classes that Authlib asks what is ours to know.

A member agreed (authorization code, with PKCE by S256 when the app offers it), or the app asks for itself (client
credentials). No password of a member ever passes here. What is allowed is decided in vraagbaak.apps.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin, InvalidRequestError, UnauthorizedClientError, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge

from vraagbaak import app_scopes, apps
from vraagbaak.apps import Agreement
from vraagbaak.model import Actor, App, AuthorizationCode, Member, Token
from web.mastodon.asked import Asked
from web.sessions import hash_of

AUTHENTICATION = ("client_secret_basic", "client_secret_post")
"""How an app proves that it is that app."""
S256 = "S256"


class Client(ClientMixin):
    """An app, as Authlib asks about it."""

    def __init__(self, app: App) -> None:
        self.app = app

    def get_client_id(self) -> str:
        return self.app.id

    def get_default_redirect_uri(self) -> None:
        """None: an app says every time where it is, so that its code is bound to that."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes that are given for those asked for; None when they are more than the app registered."""
        wanted = tuple(dict.fromkeys((scope or "").split()))
        if not wanted:
            wanted = app_scopes.DEFAULT
            if not app_scopes.within(wanted, self.app.scopes):
                wanted = self.app.scopes
        return " ".join(wanted) if app_scopes.within(wanted, self.app.scopes) else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.app.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return apps.is_secret_of(self.app, hash_of(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - the same everywhere
        return method in AUTHENTICATION

    def check_response_type(self, response_type: str) -> bool:
        return response_type in CodeGrant.RESPONSE_TYPES

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in {CodeGrant.GRANT_TYPE, OwnGrant.GRANT_TYPE}


class Code:
    """A code, as Authlib asks about it."""

    def __init__(self, code: AuthorizationCode) -> None:
        self.code = code
        self.code_challenge = code.code_challenge

    def get_redirect_uri(self) -> str:
        return self.code.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.code.scopes)


class OnlyS256(CodeChallenge):
    """PKCE that no app need offer, but once offered is S256: the plain method hides nothing (RFC 7636 section 7.2)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = (S256,)

    def validate_code_challenge(self, grant: Any, redirect_uri: object) -> None:
        """Raises Authlib's InvalidRequestError. To name no method is to name the plain one (section 4.3)."""
        values = grant.request.payload.data
        if values.get("code_challenge"):
            values["code_challenge_method"] = (
                values.get("code_challenge_method") or self.DEFAULT_CODE_CHALLENGE_METHOD
            )
        super().validate_code_challenge(grant, redirect_uri)

    def get_authorization_code_challenge_method(self, authorization_code: Code) -> str:  # noqa: ARG002 - always S256
        return S256


class CodeGrant(grants.AuthorizationCodeGrant):
    """A member agreed: a code now, a token for the code."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION

    def save_authorization_code(self, code: str, request: Asked) -> None:
        agreement = Agreement(
            app_id=request.client.app.id,
            member_id=request.user.id,
            redirect_uri=request.payload.redirect_uri,
            scopes=tuple(request.scope.split()),
            code_challenge=request.payload.data.get("code_challenge", ""),
        )
        apps.agree(self.server.tx, agreement, hash_of(code))
        request.code = code

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = apps.shown(self.server.tx, client.app, hash_of(code))
        return Code(found) if found else None

    def authenticate_user(self, authorization_code: Code) -> Member | None:
        member = self.server.tx.one(Member, id=authorization_code.code.member_id)
        actor = self.server.tx.one(Actor, id=member.actor_id) if member else None
        return member if actor and not actor.suspended else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing: it was spent with the token, and stays until it expires, so that showing it again is noticed."""


class OwnGrant(grants.ClientCredentialsGrant):
    """The app for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTHENTICATION


class Held:
    """A token that is to be revoked."""

    def __init__(self, token: Token) -> None:
        self.token = token

    def check_client(self, client: Client) -> bool:
        """True. Raises UnauthorizedClientError for the token of another app, with the status that Mastodon gives."""
        if self.token.app_id != client.app.id:
            raise UnauthorizedClientError("You are not authorized to revoke this token", status_code=403)
        return True


class Revocation(RevocationEndpoint):
    """RFC 7009. A token that is not there is revoked already."""

    CLIENT_AUTH_METHODS = AUTHENTICATION

    def check_params(self, request: Asked, client: Client) -> None:  # noqa: ARG002 - Authlib's shape
        """Raises InvalidRequestError without a token. A hint that means nothing changes nothing (section 2.2)."""
        if "token" not in request.form:
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Held | None:  # noqa: ARG002 - Authlib's shape
        token = self.server.tx.one(Token, id=hash_of(token_string))
        return Held(token) if token else None

    def revoke_token(self, token: Held, request: Asked) -> None:  # noqa: ARG002 - Authlib's shape
        self.server.tx.remove(token.token)
