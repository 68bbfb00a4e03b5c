"""The Mastodon API as it is here, described in OpenAPI 3.1: made from the same declarations that serve it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from vraagbaak import __vraagbaak__
from web.mastodon.calls import Call, Endpoint
from web.reading_body import FORMS, JSON

PATH = "/api/vraagbaak/v1/mastodon.json"
_REF = "#/components/schemas/{name}"
_KEY = {"type": "string", "pattern": "^[0-9a-hjkmnp-tv-z]{26}$"}


class Refusal(msgspec.Struct, kw_only=True):
    """Why not, in a sentence."""

    error: str
    code: str = ""
    field: str = ""


def endpoint(described: Sequence[Endpoint]) -> Endpoint:
    """The endpoint that gives the description of these, and of itself."""

    @functools.cache
    def made() -> dict[str, Any]:
        return document([*described, itself])

    async def describe(call: Call) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
        return made()

    itself = Endpoint(
        method="GET", path=PATH, summary="The Mastodon API for machines.", do=describe, gives=dict
    )
    return itself


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole description."""
    kinds = [Refusal, *(each.takes for each in endpoints if each.takes), *(each.gives for each in endpoints)]
    hashable = list(dict.fromkeys(kinds))
    schemas, components = msgspec.json.schema_components(hashable, ref_template=_REF)
    schema_of = dict(zip(hashable, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _described(each, schema_of, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vraagbaak: the Mastodon API",
            "version": __vraagbaak__,
            "description": "What of Mastodon's API is here, and the member `vraagbaak` of a status.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(each: Endpoint, schema_of: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    security: list[dict[str, list[str]]] = [{"token": [each.scope]}] if each.scope else [{}]
    if each.scope and not each.members_only:
        security.insert(0, {})
    refused = {"description": "Refused.", "content": {JSON: {"schema": schema_of[Refusal]}}}
    found: dict[str, Any] = {
        "summary": each.summary,
        "operationId": each.method.lower() + re.sub(r"[^a-z0-9]+", "-", each.path),
        "security": security,
        "parameters": _parameters(each, schema_of, components),
        "responses": {
            "200": {"description": "Done.", "content": {JSON: {"schema": schema_of[each.gives]}}},
            "4XX": refused,
            "503": refused,
        },
    }
    if each.takes and each.file:
        file = {
            "type": "object",
            "required": [each.file],
            "properties": {each.file: {"type": "string", "format": "binary"}},
        }
        schema = {"allOf": [schema_of[each.takes], file]}
        found["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    elif each.takes and each.method != "GET":
        content = {kind: {"schema": schema_of[each.takes]} for kind in (JSON, *FORMS)}
        found["requestBody"] = {"content": content}
    return found


def _parameters(
    each: Endpoint, schema_of: dict[Any, Any], components: dict[str, Any]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _KEY if name == "id" else {"type": "string"}}
        for name in re.findall(r"{(\w+)}", each.path)
    ]
    if each.takes and each.method == "GET":
        members = components[schema_of[each.takes]["$ref"].rpartition("/")[2]]["properties"]
        for name, schema in members.items():
            several = schema.get("type") == "array"
            found.append({"name": f"{name}[]" if several else name, "in": "query", "schema": schema})
    return found
