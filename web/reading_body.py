"""Reading what a request brings, within bounds: a body, a form or a JSON object.

Counts while it reads, whatever the headers promise; takes nothing compressed, nothing that says a thing twice and
no text that is not whole characters.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator
from typing import IO, Any

from starlette.datastructures import FormData, QueryParams, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

from vraagbaak.errors import Refused

FORM_LIMIT = 256 * 1024
MOST_FIELDS = 200
MOST_FILES = 2
JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_TOO_MANY_FILES = "Too many files"
_LIST_MARK = re.compile(r"\[\d{0,3}\]$")

Fields = dict[str, list[str]]


class TooLarge(Refused):
    """More than we read at once."""

    status = 413
    code = "too-large"
    text = "This is too much at once."


class FileNotTaken(Refused):
    """A file where only words are taken."""

    status = 422
    code = "file"
    text = "No file can be sent here."


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
    try:
        async with limited.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=limit) as given:
            return _fields_of(given)
    except HTTPException as fault:
        if str(fault.detail).startswith(_TOO_MANY_FILES):
            raise FileNotTaken from None
        raise Unreadable from None
    except ValueError:  # a charset that Python trips over
        raise Unreadable from None


@contextlib.asynccontextmanager
async def upload(request: Request, name: str, limit: int) -> AsyncIterator[tuple[Fields, IO[bytes] | None]]:
    """The fields of a form, and the file under this name; None when there is none.

    What is large waits on disk, in a file without a name that goes with this context. Files under other names are left.

    Raises TooLarge before more than `limit` bytes were read, WrongType or Unreadable.
    """
    if content_type(request) not in FORMS:
        raise WrongType
    limited = Request(request.scope, bounded(request, limit + FORM_LIMIT))
    try:
        given = await limited.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=FORM_LIMIT)
    except (HTTPException, ValueError):
        raise Unreadable from None
    try:
        sent = given.get(name)
        file = sent.file if isinstance(sent, UploadFile) else None
        if isinstance(sent, UploadFile) and (sent.size or 0) > limit:
            raise TooLarge
        yield _fields_of(given), file
    finally:
        await given.close()


def in_address(request: Request) -> Fields:
    """The fields behind the question mark. Raises Unreadable."""
    return _fields_of(request.query_params)


def _fields_of(given: FormData | QueryParams) -> Fields:
    fields: Fields = {}
    for name, value in given.multi_items():
        if isinstance(value, str):
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
