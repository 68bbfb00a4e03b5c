"""What an app asks of a member, and what the member says to it.

A request that is not right in every way is shown to the member as a refusal and leads nowhere: a browser is sent to
an app only after somebody pressed a button here, so nobody can use this server to send people elsewhere (RFC 9700
section 4.11).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidScopeError

from vraagbaak.errors import Refused
from vraagbaak.model import App, Member
from vraagbaak.ports import Reads, Tx
from vraagbaak.redirects import OUT_OF_BAND
from web.mastodon.asked import Asked, require_plain
from web.mastodon.oauth import Reply, Server
from web.reading_body import Fields


class BadWish(Refused):
    """An app asks in a way that is not answered."""

    code = "invalid_request"
    text = "The app asks for this in a way that we do not understand. Tell its maker: %(fault)s."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which app asks for what, and where it is."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said to the app, and where."""

    redirect_uri: str
    words: dict[str, str]

    @property
    def code(self) -> str:
        """The code; empty when the member said no."""
        return self.words.get("code", "")

    @property
    def address(self) -> str:
        """Where the browser goes with it; empty when the code is to be copied."""
        if self.redirect_uri == OUT_OF_BAND:
            return ""
        mark = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{mark}{urlencode(self.words)}"


def wish(reading: Reads, fields: Fields) -> Wish:
    """What is asked with these fields. Raises BadWish."""
    asked = Asked(fields)
    _judge(Server(reading), asked, None)
    scopes = tuple(asked.scope.split())
    return Wish(app=asked.client.app, redirect_uri=asked.payload.redirect_uri, scopes=scopes)


def agree(tx: Tx, fields: Fields, member_id: str) -> Said:
    """The member lets the app do what it asks for. Raises BadWish."""
    return _said(tx, fields, tx.get(Member, member_id))


def decline(tx: Tx, fields: Fields) -> Said:
    """The member does not. Raises BadWish."""
    return _said(tx, fields, None)


def _said(tx: Tx, fields: Fields, member: Member | None) -> Said:
    server, asked = Server(tx), Asked(fields)
    grant = _judge(server, asked, member)
    reply: Reply = server.create_authorization_response(asked, grant_user=member, grant=grant)
    # Authlib would take the address apart and build it anew, which app://-addresses do not survive.
    words = {"code": asked.code} if asked.code else reply.body
    state = asked.payload.state
    return Said(redirect_uri=asked.payload.redirect_uri, words=words | ({"state": state} if state else {}))


def _judge(server: Server, asked: Asked, member: Member | None) -> object:
    """Authlib's grant for a request. Raises BadWish, in words for the member."""
    try:
        require_plain(asked.payload.datalist)
        return server.get_consent_grant(asked, end_user=member)
    except InvalidClientError:
        raise BadWish(
            "invalid_client",
            "We do not know this app, or not any more. Add your account to the app once more.",
        ) from None
    except InvalidScopeError:
        raise BadWish(
            "invalid_scope", "The app asks for more than it said beforehand. That is why we stop here."
        ) from None
    except OAuth2Error as error:
        if _leads_astray(server, asked):
            raise BadWish(
                "invalid_redirect_uri",
                "The app wants to send you to an address that it did not name beforehand. That is why we stop here.",
            ) from None
        raise BadWish(error.error, BadWish.text, fault=error.error) from None


def _leads_astray(server: Server, asked: Asked) -> bool:
    client = server.query_client(asked.payload.client_id or "")
    return client is not None and not client.check_redirect_uri(asked.payload.redirect_uri or "")
