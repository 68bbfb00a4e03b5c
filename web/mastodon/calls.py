"""One endpoint of the Mastodon API: declared once it is the route, its checks and its description.

A token decides who asks, a cookie never does. Every answer is JSON, every refusal `{"error": ...}`.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.stream import Place
from vraagbaak.audience import Viewer
from vraagbaak.errors import NeedsMember
from vraagbaak.model import Actor, Member
from web import sessions
from web.keys import checked_key
from web.limits import limits_of
from web.mastodon import parameters
from web.site import Site, Visitor, site_of

LONGEST_KEY = 500

Item = TypeVar("Item")
S = TypeVar("S", bound=msgspec.Struct)


class Paging(msgspec.Struct, kw_only=True):
    """What every list takes."""

    max_id: str = ""
    since_id: str = ""
    min_id: str = ""
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as an endpoint sees it."""

    request: Request
    site: Site
    visitor: Visitor
    given: Any = None
    """The parameters, as the endpoint's `takes`."""

    @property
    def viewer(self) -> Viewer:
        """Who looks."""
        return self.visitor.viewer

    @property
    def member(self) -> Member:
        """Who acts. Raises NeedsMember for a token of nobody."""
        if self.visitor.member is None:
            raise NeedsMember("needs-token", "This needs a token of a member.")
        return self.visitor.member

    @property
    def actor(self) -> Actor:
        """The same, as others know them. Raises NeedsMember."""
        if self.visitor.actor is None:
            raise NeedsMember("needs-token", "This needs a token of a member.")
        return self.visitor.actor

    @property
    def key(self) -> str:
        """The id in the path. Raises Unknown for what cannot be one."""
        return checked_key(self.request.path_params["id"])

    @property
    def idempotency_key(self) -> str:
        """By which a program says that it asks for the same thing again; empty when it does not."""
        return self.request.headers.get("idempotency-key", "")[:LONGEST_KEY]

    async def read(self, ask: Callable[..., Any], *args: Any) -> Any:
        """What a reading function finds."""
        return await self.site.store.read(ask, *args)

    async def do(self, act: Callable[..., Any], *args: Any) -> Any:
        """What one unit of work gives back."""
        return await self.site.store.run(act, *args)

    def place(self, *, most: int = 40, usual: int = 20) -> Place:
        """The part of a list that is asked for; an id that cannot be one stands for no limit there."""
        asked: Paging = self.given
        wanted = usual if asked.limit is None else asked.limit
        return Place(
            max_id=bound(asked.max_id),
            since_id=bound(asked.since_id),
            min_id=bound(asked.min_id),
            limit=max(1, min(most, wanted)),
        )


def bound(given: str) -> str:
    """Clients send ids of other servers and invented ones here; only text that an id can be compared with is used."""
    return given if re.fullmatch(r"[0-9a-z]{1,26}", given) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an endpoint gives back, with headers or another status."""

    value: object
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


def listed(
    call: Call,
    found: Sequence[Item],
    shape: Callable[[Item], Any],
    key: Callable[[Item], str],
    place: Place,
) -> Answered:
    """A page with the addresses of the pages around it."""
    headers: dict[str, str] = {}
    if found:
        older = len(found) >= place.limit or bool(place.min_id)
        links = [
            *([_link(call, "next", max_id=key(found[-1]))] if older else []),
            _link(call, "prev", min_id=key(found[0])),
        ]
        headers["Link"] = ", ".join(links)
    return Answered(value=[shape(item) for item in found], headers=headers)


def _link(call: Call, rel: str, **place: str) -> str:
    query = [
        (name, value)
        for name, value in call.request.query_params.multi_items()
        if name not in {"max_id", "since_id", "min_id", "access_token"}
    ]
    target = f"{call.site.config.base_url}{call.request.url.path}?{urlencode([*query, *place.items()])}"
    return f'<{target}>; rel="{rel}"'


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Method and path, what it takes and gives, which scope it needs, and the function that does it."""

    method: str
    path: str
    summary: str
    do: Callable[[Call], Awaitable[object]]
    scope: str = ""
    """What a token has to be for; empty when none is needed."""
    members_only: bool = True
    """Whether nobody without a token may ask; an endpoint without a scope is for everybody."""
    takes: type[msgspec.Struct] | None = None
    gives: Any = Any
    file: str = ""
    """The field in which a file comes. The endpoint itself reads the body then, once it knows that it wants it."""

    async def respond(self, request: Request) -> Response:
        """The answer to a request. Raises Refused."""
        visitor = await sessions.visitor_of(request)
        token = sessions.token_in(request)
        holder = sessions.hash_of(token) if token else ""
        budget = limits_of(request).client(request, holder)
        self._require(request, visitor)
        given = await parameters.given(request, self.takes) if self.takes and not self.file else None
        call = Call(request=request, site=site_of(request), visitor=visitor, given=given)
        result = await self.do(call)
        answered = result if isinstance(result, Answered) else Answered(value=result)
        headers = {
            "Cache-Control": "private, no-store",
            "Vary": "Authorization",
            **budget,
            **answered.headers,
        }
        body = msgspec.json.encode(answered.value)
        return Response(body, status_code=answered.status, media_type="application/json", headers=headers)

    def _require(self, request: Request, visitor: Visitor) -> None:
        """Raises NeedsMember for a token that does not work, or NotYours for one that is for less."""
        if visitor is sessions.PASSER_BY and "authorization" in request.headers:
            raise NeedsMember("bad-token", "The access token is invalid.")
        if self.scope and (visitor.member or self.members_only):
            sessions.require_scope(visitor, self.scope)


def routes(endpoints: Sequence[Endpoint]) -> list[Route]:
    """One route for each path, which knows all its methods."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [
        Route(path, _respond(methods), methods=list(methods), name=f"mastodon{path}")
        # A path that is spelled out comes before one that an id fits into.
        for path, methods in sorted(by_path.items(), key=lambda each: each[0].count("{"))
    ]


def _respond(methods: Mapping[str, Endpoint]) -> Callable[[Request], Awaitable[Response]]:
    async def respond(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method].respond(request)

    return respond
