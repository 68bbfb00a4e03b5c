"""What an app sends, whichever way it sends it: form, multipart, JSON or in the address become the same fields.

Every value is text, in a list; what has parts of its own is refused.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from vraagbaak.errors import Invalid
from web import reading_body
from web.reading_body import FORM_LIMIT, Fields


async def fields(request: Request, limit: int = FORM_LIMIT) -> Fields:
    """The fields of the body and, where that says nothing, of the address; `a`, `a[]` and `a[0]` are one.

    Raises TooLarge, WrongType, Unreadable, NotJson or Invalid.
    """
    return reading_body.in_address(request) | await _in_body(request, limit)


async def _in_body(request: Request, limit: int) -> Fields:
    kind = reading_body.content_type(request)
    if kind in reading_body.FORMS:
        return await reading_body.form(request, limit)
    raw = await reading_body.body(request, limit)
    if not raw.strip():
        return {}
    if kind != reading_body.JSON:
        raise reading_body.WrongType
    given = reading_body.object_in(raw)
    return {name: found for name, value in given.items() if (found := _texts(name, value))}


def _texts(name: str, value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for each in value for text in _text(name, each)]
    return _text(name, value)


def _text(name: str, value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str | int | float):
        return [str(value)]
    raise Invalid(name[:60], "This cannot be the value of '%(name)s'.", "bad-value", name=name[:60])


def last(given: Fields, name: str) -> str:
    """The last value of a field; empty when there is none."""
    return (given.get(name) or [""])[-1]


def json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer that nobody in between keeps."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/json", headers=kept
    )
