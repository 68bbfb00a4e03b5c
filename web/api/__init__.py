"""The plain JSON API for other platforms: what people see on the pages, for programs."""

from __future__ import annotations

import functools
from typing import Any

from vraagbaak import __vraagbaak__
from web.api import answers, matches, neighbourhood, offers, questions, similar
from web.api.description import document
from web.api.operations import Access, Call, Operation, routes


async def _description(call: Call) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    return _document()


@functools.cache
def _document() -> dict[str, Any]:
    return document(OPERATIONS, __vraagbaak__)


OPERATIONS = (
    *questions.OPERATIONS,
    *similar.OPERATIONS,
    *answers.OPERATIONS,
    *offers.OPERATIONS,
    *matches.OPERATIONS,
    *neighbourhood.OPERATIONS,
    Operation(
        method="GET",
        path="/openapi.json",
        summary="This description.",
        do=_description,
        access=Access.OPEN,
        gives=dict,
    ),
)
ROUTES = routes(OPERATIONS)
