"""Reading what a request brings, within bounds: a body, a form or a JSON object.

Counts while it reads, whatever the headers promise; takes nothing compressed, nothing that says a thing twice and
no text that is not whole characters.
"""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from vraagbaak.errors import Refused

FORM_LIMIT = 256 * 1024
MOST_FIELDS = 200
JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LIST_MARK = re.compile(r"\[\d{0,3}\]$")

Fields = dict[str, list[str]]


class TooLarge(Refused):
    """More than we read at once."""

    status = 413
    code = "too-large"
    text = "This is too much at once."


class Unreadable(Refused):
    """Not what it says it is."""

    status = 400
    code = "unreadable"
    text = "This cannot be read."


class NotJson(Refused):
    """No JSON object, or one that says a thing twice."""

    status = 400
    code = "not-json"
    text = "This cannot be read."


class WrongType(Refused):
    """A kind of content, or a way of packing it, that is not taken here."""

    status = 415
    code = "wrong-type"
    text = "Send this in another form: as JSON or as form fields, not compressed."


def content_type(request: Request) -> str:
    """What the request says it brings, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def bounded(request: Request, limit: int) -> Receive:
    """The request's `receive`, which raises TooLarge past `limit` bytes. Raises WrongType for packed content."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise WrongType
    promised = request.headers.get("content-length", "")
    if promised.isdecimal() and (len(promised) > 12 or int(promised) > limit):
        raise TooLarge
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLarge
        return message

    return receive


async def body(request: Request, limit: int) -> bytes:
    """The body. Raises TooLarge or WrongType."""
    return await Request(request.scope, bounded(request, limit)).body()


async def form(request: Request, limit: int = FORM_LIMIT) -> Fields:
    """The fields of a form; `name`, `name[]` and `name[0]` are one field. Files are not taken.

    Raises TooLarge, WrongType or Unreadable.
    """
    if content_type(request) not in FORMS:
        raise WrongType
    limited = Request(request.scope, bounded(request, limit))
    fields: Fields = {}
    try:
        async with limited.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=limit) as given:
            pairs = [(name, value) for name, value in given.multi_items() if isinstance(value, str)]
    except (HTTPException, ValueError):  # ValueError: a charset that Python trips over
        raise Unreadable from None
    for name, value in pairs:
        _require_whole_characters(name + value)
        fields.setdefault(_LIST_MARK.sub("", name), []).append(value)
    return fields


async def json_object(request: Request, limit: int) -> dict[str, Any]:
    """The members of the JSON object in the body. Raises TooLarge, WrongType or NotJson."""
    if content_type(request) != JSON:
        raise WrongType
    return object_in(await body(request, limit))


def object_in(received: bytes) -> dict[str, Any]:
    """The members of the JSON object that was received. Raises NotJson."""
    try:
        given = json.loads(
            received.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_no_number
        )
        # An escape can name half a character; no database and no peer can hold that.
        json.dumps(given, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(given, dict):
        raise NotJson
    return given


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of one document must not see two different things."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member occurs twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _require_whole_characters(given: str) -> None:
    try:
        given.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable from None
