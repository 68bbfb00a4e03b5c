"""The headers that every answer carries."""

from __future__ import annotations

import pytest

from tests.web.serving import API, Serving, called

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
EVERYWHERE = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=63072000",
}


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/wie"),
        ("GET", "/healthz"),
        ("GET", "/nergens"),
        ("DELETE", "/wie"),
        ("GET", "/stuk/x"),
        ("GET", f"{API}/questions"),
        ("POST", f"{API}/questions"),
        ("OPTIONS", f"{API}/questions"),
        ("GET", "/api/stuk"),
        ("POST", "/u/noor/inbox"),
        ("GET", "/media/x.webp"),
    ],
)
async def test_answers_refusals_and_faults_all_carry_them_once(pilot, method, path):
    async with pilot.client(**{"Sec-Fetch-Site": "none"}) as client:
        answer = await client.request(method, path)
    for name, value in EVERYWHERE.items():
        assert answer.headers.get_list(name) == [value]
    assert "server" not in answer.headers
    others = path.startswith(("/api/", "/media/"))
    assert answer.headers.get_list("cross-origin-resource-policy") == [
        "cross-origin" if others else "same-origin"
    ]
    assert ("access-control-allow-origin" in answer.headers) is path.startswith("/api/")


async def test_every_switch_in_the_permissions_policy_is_off(pilot):
    async with pilot.client() as client:
        policy = (await client.get("/wie")).headers["permissions-policy"]
    switches = [part.strip() for part in policy.split(",")]
    assert all(part.endswith("=()") for part in switches)
    assert {"camera=()", "microphone=()", "geolocation=()", "browsing-topics=()"} <= set(switches)


async def test_plain_http_promises_no_https(store_factory):
    plain = Serving(store_factory, base_url="http://localhost:8000")
    async with plain.client() as client:
        assert "strict-transport-security" not in (await client.get("/wie")).headers


async def test_h15_pages_are_for_no_other_site(pilot):
    status, headers, _, _ = await called(
        pilot.app,
        "OPTIONS",
        "/wie",
        [("origin", "https://elders.example"), ("access-control-request-method", "POST")],
    )
    assert status == 405
    assert "access-control-allow-origin" not in headers


async def test_what_is_not_http_passes_untouched(pilot):
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    from web.csrf import SameOriginOnly
    from web.errors import UnexpectedFaults
    from web.operation import CountRequests, Traffic
    from web.security import SecurityHeaders

    app = SecurityHeaders(
        CountRequests(UnexpectedFaults(SameOriginOnly(inner, pilot.config)), Traffic()), pilot.config
    )
    for kind in ("lifespan", "websocket"):
        await app({"type": kind}, None, None)
    assert seen == ["lifespan", "websocket"]
