"""The API described in OpenAPI 3.1, made from the same declarations that serve it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from web.api import shapes
from web.api.operations import PREFIX, Access, Operation, item_of
from web.reading_body import FORMS, JSON

_REF = "#/components/schemas/{name}"
_KEY_SCHEMA = {"type": "string", "pattern": "^[0-9a-hjkmnp-tv-z]{26}$"}
_QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "q": ("What somebody asks, in their own words; the first 500 characters count.", {"type": "string"}),
    "topic": ("Only about this topic: its id or its name.", {"type": "string"}),
    "pilot": ("Only from this pilot: its slug or its domain.", {"type": "string"}),
    "question": ("Only for this question.", _KEY_SCHEMA),
    "offer": ("Only for this offer.", _KEY_SCHEMA),
    "unanswered": ("Only what nobody answered yet.", {"type": "boolean", "default": False}),
    "cursor": ("Where to go on, as in the Link header of the page before.", _KEY_SCHEMA),
    "limit": ("How many at most.", {"type": "integer", "default": 20, "minimum": 1, "maximum": 80}),
}
_REFUSALS = {
    "400": "The body cannot be read.",
    "401": "This needs a token that works.",
    "403": "The token, or the member behind it, may not do that.",
    "404": "There is no such thing, or it is not meant for you: the answer is the same.",
    "413": "The body is larger than 256 KiB.",
    "415": "The body is neither JSON nor a form, or it is compressed.",
    "422": "A value cannot be taken; `field` says which.",
    "429": "Too many calls; wait as long as Retry-After says.",
}
_READING = ("401", "403", "404", "422", "429")


def document(operations: Sequence[Operation], version: str) -> dict[str, Any]:
    """The whole description."""
    kinds: list[Any] = [shapes.Refusal]
    for operation in operations:
        kinds += [kind for kind in (operation.takes, item_of(operation.gives) or operation.gives) if kind]
    _, components = msgspec.json.schema_components(list(dict.fromkeys(kinds)), ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vraagbaak",
            "version": version,
            "description": "Questions, answers and offers as plain JSON. Without a token: what is public, to read.",
        },
        "servers": [{"url": PREFIX}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    needs: list[dict[str, list[str]]] = [{"token": [operation.access.value]}]
    if operation.access is not Access.WRITE:
        needs.insert(0, {})
    found: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}{operation.path.replace('/', '-').replace('{id}', 'one')}",
        "security": needs,
        "parameters": _parameters(operation),
        "responses": _responses(operation),
    }
    if operation.takes:
        schema = {"schema": {"$ref": _REF.format(name=operation.takes.__name__)}}
        found["requestBody"] = {"required": True, "content": dict.fromkeys((JSON, *FORMS), schema)}
    return found


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{id}" in operation.path:
        found.append({"name": "id", "in": "path", "required": True, "schema": _KEY_SCHEMA})
    for name in operation.queries:
        text, schema = _QUERIES[name]
        found.append({"name": name, "in": "query", "description": text, "schema": schema})
    return found


def _responses(operation: Operation) -> dict[str, Any]:
    refusal = {JSON: {"schema": {"$ref": _REF.format(name="Refusal")}}}
    codes = tuple(_REFUSALS) if operation.takes else _READING
    found: dict[str, Any] = {code: {"description": _REFUSALS[code], "content": refusal} for code in codes}
    if operation.gives is None:
        return {"204": {"description": "Done."}, **found}
    done: dict[str, Any] = {"description": "Done.", "content": {JSON: {"schema": _schema(operation.gives)}}}
    if "cursor" in operation.queries:
        done["headers"] = {
            "Link": {"description": 'The next page, rel="next".', "schema": {"type": "string"}}
        }
    return {str(operation.status): done, **found}


def _schema(kind: Any) -> dict[str, Any]:
    item = item_of(kind)
    if item:
        return {"type": "array", "items": _schema(item)}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {"$ref": _REF.format(name=kind.__name__)}
    return {"type": "object"}
