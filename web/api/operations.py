"""One thing that a program can ask of us: declared once, it is the route, its checks and its description.

A token decides who asks, a cookie never does; without a token there is only reading, and only what is public.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar, get_args
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.reading import Reading
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid, NeedsMember
from vraagbaak.model import Actor, Member, Pilot
from web import reading_body, sessions
from web.keys import checked_key, is_key
from web.limits import limits_of
from web.site import Site, Visitor, site_of

PREFIX = "/api/vraagbaak/v1"
BODY_LIMIT = 256 * 1024
_WRONG_MEMBER = re.compile(r"`\$\.([a-z_]+)")
_MISSING_MEMBER = re.compile(r"required field `([a-z_]+)`")
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"", "0", "false", "no", "off"})

Item = TypeVar("Item")
S = TypeVar("S", bound=msgspec.Struct)


class Access(StrEnum):
    """What a token must be for: what is written and read here are statuses to the Mastodon API.

    Reading what is public needs none.
    """

    READ = "read:statuses"
    WRITE = "write:statuses"
    OPEN = "open"
    """For everybody, with a token or without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as an operation sees it."""

    request: Request
    site: Site
    visitor: Visitor
    given: Any = None
    """The body, as the operation's `takes`."""

    @property
    def viewer(self) -> Viewer:
        """Who looks."""
        return self.visitor.viewer

    @property
    def writer(self) -> tuple[Member, Actor]:
        """Who acts. Raises Refused when the token is not for writing."""
        return sessions.require_scope(self.visitor, Access.WRITE)

    @property
    def key(self) -> str:
        """The id in the path. Raises Unknown for what cannot be one."""
        return checked_key(self.request.path_params["id"])

    def query(self, name: str) -> str:
        """One value of the query; empty when it is not there."""
        return self.request.query_params.get(name, "")

    def flag(self, name: str) -> bool:
        """A yes or no of the query. Raises Invalid."""
        given = self.query(name).lower()
        if given not in _YES | _NO:
            raise Invalid(name, "Say true or false here.", "not-a-flag")
        return given in _YES

    @property
    def cursor(self) -> str:
        """Where to go on; empty for the start. Raises Invalid."""
        given = self.query("cursor")
        if given and not is_key(given):
            raise Invalid("cursor", "This is not a place in the list.", "bad-cursor")
        return given

    @property
    def limit(self) -> int:
        """How many at most: 20 unless told, never more than 80, never less than 1. Raises Invalid."""
        given = self.query("limit") or "20"
        if not re.fullmatch(r"-?[0-9]{1,30}", given):
            raise Invalid("limit", "This is not a number.", "not-a-number")
        return max(1, min(80, int(given)))


async def our_pilot(call: Call) -> Pilot | None:
    """The neighbourhood that whatever is written here comes from."""
    return await call.site.store.read(_ours)


def _ours(reading: Reading) -> Pilot | None:
    return reading.one(Pilot, uri=reading.home.group_uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an operation gives back, with headers."""

    value: object
    headers: Mapping[str, str] = field(default_factory=dict)


def one_page(
    call: Call, found: Sequence[Item], shape: Callable[[Item], Any], key: Callable[[Item], str]
) -> Answered:
    """The list for one page out of one item more than fits; that one only tells that there is a next page."""
    shown = found[: call.limit]
    headers = {}
    if len(found) > len(shown):
        kept = [(name, value) for name, value in call.request.query_params.multi_items() if name != "cursor"]
        following = urlencode([*kept, ("cursor", key(shown[-1]))])
        headers["Link"] = f'<{call.site.config.base_url}{call.request.url.path}?{following}>; rel="next"'
    return Answered(value=[shape(item) for item in shown], headers=headers)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """Method and path (under the prefix), what it takes and gives, and the function that does it."""

    method: str
    path: str
    summary: str
    do: Callable[[Call], Awaitable[object]]
    access: Access = Access.READ
    takes: type[msgspec.Struct] | None = None
    gives: Any = None
    """The type of the answer; None for an answer without a body."""
    status: int = 200
    queries: tuple[str, ...] = ()

    async def respond(self, request: Request) -> Response:
        """The answer to a request. Raises Refused."""
        visitor = await self._allowed(request)
        given = await _given(request, self.takes) if self.takes else None
        call = Call(request=request, site=site_of(request), visitor=visitor, given=given)
        result = await self.do(call)
        answered = result if isinstance(result, Answered) else Answered(value=result)
        headers = {"Cache-Control": "no-store", "Vary": "Authorization", **answered.headers}
        if self.gives is None:
            return Response(status_code=204, headers=headers)
        body = msgspec.json.encode(answered.value)
        return Response(body, status_code=self.status, media_type="application/json", headers=headers)

    async def _allowed(self, request: Request) -> Visitor:
        """Who asks, when they may ask this at all and not too often. Raises Refused."""
        visitor = await sessions.visitor_of(request)
        limits_of(request).api(request, visitor.token_id)
        if self.access is Access.OPEN:
            return visitor
        if not visitor.token_id and "authorization" in request.headers:
            raise NeedsMember("bad-token", "This token does not work, or does not work any more.")
        if self.access is Access.WRITE:
            sessions.require_scope(visitor, self.access)
        elif visitor.token_id:
            sessions.allow_scope(visitor, self.access)
        return visitor


async def _given(request: Request, kind: type[S]) -> S:
    """The body as the operation wants it, from JSON or a form. Raises Refused."""
    is_form = reading_body.content_type(request) in reading_body.FORMS
    if is_form:
        members = _from_form(await reading_body.form(request, BODY_LIMIT), kind)
    else:
        members = await reading_body.json_object(request, BODY_LIMIT)
    try:
        return msgspec.convert(members, kind, strict=not is_form)
    except msgspec.ValidationError as fault:
        raise _invalid(str(fault), kind) from None


def _from_form(fields: reading_body.Fields, kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Lists where the structure wants a list, the last value elsewhere."""
    return {
        spec.name: fields[spec.name] if _is_list(spec.type) else fields[spec.name][-1]
        for spec in msgspec.inspect.type_info(kind).fields  # type: ignore[attr-defined]
        if spec.name in fields
    }


def _is_list(kind: msgspec.inspect.Type) -> bool:
    options = getattr(kind, "types", (kind,))
    return any(isinstance(option, msgspec.inspect.VarTupleType) for option in options)


def _invalid(fault: str, kind: type[msgspec.Struct]) -> Invalid:
    """The member at fault, in our words: the library's sentences are for programmers."""
    missing = _MISSING_MEMBER.search(fault)
    if missing:
        return Invalid(missing[1], "This is missing: %(name)s.", "missing", name=missing[1])
    wrong = _WRONG_MEMBER.search(fault)
    name = wrong[1] if wrong else kind.__struct_fields__[0]
    return Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)


def routes(operations: Sequence[Operation]) -> list[Route]:
    """One route for each path, which knows all its methods."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        by_path.setdefault(operation.path, {})[operation.method] = operation
    return [
        Route(PREFIX + path, _endpoint(methods), methods=list(methods), name=f"api{path}")
        for path, methods in by_path.items()
    ]


def _endpoint(methods: Mapping[str, Operation]) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method].respond(request)

    return respond


def item_of(kind: Any) -> Any:
    """What a list is a list of; None for what is no list."""
    return get_args(kind)[0] if get_args(kind) else None
