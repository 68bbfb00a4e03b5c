"""The directory of routes finds what Starlette finds by trying all of them."""

import pytest
from starlette.routing import BaseRoute, Match, Route, Router, WebSocketRoute

from web.app import ROUTES
from web.routing import Directory

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
ODD = (
    "/",
    "",
    "//",
    "/v",
    "/v/",
    "/v//",
    "/api",
    "/api/v1",
    "/api/v1/nothing",
    "/%2e",
    "/vragen/x/y/z/w",
    "x",
)


def one_by_one(scope) -> tuple[Match, object]:
    """As `Router.app` does it."""
    partial = None
    for route in ROUTES:
        match, found = route.matches(scope)
        if match is Match.FULL:
            return match, found["endpoint"]
        if match is Match.PARTIAL and partial is None:
            partial = found["endpoint"]
    return (Match.PARTIAL, partial) if partial else (Match.NONE, None)


def paths() -> list[str]:
    """A path for each route, with something where a parameter is, and the same with a word and a slash more."""
    found = []
    for route in ROUTES:
        path = route.path
        while "{" in path:
            start, _, rest = path.partition("{")
            path = f"{start}abc{rest.partition('}')[2]}"
        found += [path, f"{path}/", f"{path}/more"]
    return [*found, *ODD]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_route_for_every_path_and_method(method):
    """For what there is, and for what is nearly there."""
    directory = Directory(ROUTES)
    for path in paths():
        scope = {"type": "http", "method": method, "path": path, "root_path": ""}
        match, found = directory.matches(scope)
        assert (match, found.get("endpoint")) == one_by_one(scope), path


def test_a_websocket_and_a_page_at_one_path_are_told_apart():
    """Streaming is at the same path for both."""
    directory = Directory(ROUTES)
    for route in (each for each in ROUTES if isinstance(each, WebSocketRoute)):
        match, found = directory.matches({"type": "websocket", "path": route.path, "root_path": ""})
        assert (match, found["endpoint"]) == (Match.FULL, route.endpoint)


def test_no_path_is_tried_by_more_than_a_few_routes(monkeypatch):
    """Else the next route that somebody adds is paid for by every request."""
    tried = []
    real = Route.matches
    monkeypatch.setattr(Route, "matches", lambda self, scope: tried.append(self) or real(self, scope))
    directory: BaseRoute = Directory(ROUTES)
    for path in paths():
        tried.clear()
        directory.matches({"type": "http", "method": "GET", "path": path, "root_path": ""})
        assert len(tried) <= len(ROUTES) // 3, path


async def test_slashes_at_the_end_lead_to_the_page_as_before():
    """The router asks the directory for that too."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    router = Router(routes=[Directory([Route("/vragen", lambda request: None)])])
    headers = [(b"host", b"wester.example")]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/vragen/",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
    }
    await router(scope, receive, send)
    assert sent[0]["status"] == 307
