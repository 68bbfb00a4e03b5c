"""Numbers that some read as something else, or not at all, from apps: used or refused, never a fault."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import inspect

from tests.federation.test_numbers import FITTING, NEVER, OTHERS
from tests.web.mastodon.apps import MISSING
from web.mastodon import ENDPOINTS
from web.mastodon.calls import Endpoint


def _numeric(kind: inspect.Type) -> bool:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(each, inspect.IntType | inspect.FloatType | inspect.BoolType) for each in options)


def fields(takes: type[msgspec.Struct] | None) -> list[str]:
    """The members of what an endpoint takes, those that are numbers or yes and no first; two others at most."""
    if takes is None:
        return []
    described = inspect.type_info(takes).fields
    numeric = [spec.encode_name for spec in described if _numeric(spec.type)]
    return numeric + [spec.encode_name for spec in described if not _numeric(spec.type)][:2]


TAKING = [each for each in ENDPOINTS if fields(each.takes) and not each.file]


@pytest.mark.parametrize("endpoint", TAKING, ids=lambda each: f"{each.method} {each.path}")
async def test_d06_numbers_from_apps(pilot, noor, endpoint: Endpoint) -> None:
    """In every member of every call of the Mastodon API, in JSON, a form and an address, they are no fault of ours."""
    path = endpoint.path.replace("{id}", MISSING).removeprefix("/api/")
    for name in fields(endpoint.takes):
        for number in (*NEVER, *FITTING, *OTHERS):
            plain = number.strip('"')
            if endpoint.method == "GET":
                answer = await noor.call("GET", path, params={name: plain})
            else:
                headers = {"Content-Type": "application/json"}
                body = f'{{"{name}":{number}}}'.encode()
                answer = await noor.call(endpoint.method, path, content=body, headers=headers)
                assert answer.status_code < 500, (name, number)
                answer = await noor.call(endpoint.method, path, data={name: plain})
            assert answer.status_code < 500, (name, number)
