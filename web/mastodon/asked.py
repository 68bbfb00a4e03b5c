"""A request as Authlib reads it: the fields that came in, and nothing that Authlib trips over."""

from __future__ import annotations

import base64
import re

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request

from web.reading_body import Fields

# Authlib refuses plain http by the address of a request. Over what we are reached is settled when the server starts.
_HERE = "https://here.invalid/"
_PLAIN = re.compile(r"[ !#-\[\]-~]{0,2000}")
_BY_PROTOCOL = (
    *("response_type", "client_id", "redirect_uri", "scope", "code_challenge", "code_challenge_method"),
    *("grant_type", "code", "code_verifier", "client_secret", "token", "token_type_hint"),
)
MOST_STATE = 2000


class Values(OAuth2Payload):
    """The fields of a request."""

    def __init__(self, fields: Fields) -> None:
        self._lists = fields
        self._last = {name: values[-1] for name, values in fields.items() if values}

    @property
    def datalist(self) -> Fields:
        """All values."""
        return self._lists

    @property
    def data(self) -> dict[str, str]:
        """The last value of each."""
        return self._last


class Asked(OAuth2Request):
    """A request. `authorization` is its header, which counts only when it holds a name and a secret."""

    def __init__(self, fields: Fields, authorization: str = "") -> None:
        kept = {"Authorization": authorization} if _is_readable(authorization) else {}
        super().__init__("POST", _HERE, headers=kept)
        self.payload = Values(fields)
        self.code = ""
        """The code that was made for this request, in clear."""

    @property
    def form(self) -> dict[str, str]:
        """The fields, wherever they came from."""
        return self.payload.data

    args = form


def require_plain(fields: Fields) -> None:
    """Raises InvalidRequestError for what the protocol does not allow and Authlib would fail on.

    That is a field said twice (RFC 6749 section 3.1), and characters that cannot be repeated in an error (section 5.2).
    """
    for name in _BY_PROTOCOL:
        values = fields.get(name, [])
        if len(values) > 1:
            raise InvalidRequestError(f"'{name}' was sent more than once.")
        if not all(_PLAIN.fullmatch(value) for value in values):
            raise InvalidRequestError(f"'{name}' cannot be read.")
    states = fields.get("state", [])
    if len(states) > 1 or any(len(state) > MOST_STATE for state in states):
        raise InvalidRequestError("'state' was sent more than once, or is too long.")


def _is_readable(header: str) -> bool:
    kind, _, packed = header.partition(" ")
    try:
        return kind.lower() == "basic" and ":" in base64.b64decode(packed.strip()).decode()
    except ValueError:
        return False
