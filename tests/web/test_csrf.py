"""No other site makes a browser act here."""

from __future__ import annotations

import pytest

from tests.web.serving import BASE, Serving


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.fixture
def cookie(pilot):
    return f"__Host-session={pilot.session(pilot.member('noor'))}"


async def tried(pilot, path="/wie", method="POST", **headers):
    async with pilot.client(**{name.replace("_", "-"): value for name, value in headers.items()}) as browser:
        return (await browser.request(method, path, headers={"Accept": "application/json"})).status_code


FOREIGN = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": ""},
    {"Sec_Fetch_Site": "Same-Origin "},
    {"Sec_Fetch_Site": "cross-site", "Origin": BASE},
    {"Origin": "https://evil.example"},
    {"Origin": "http://wester.example"},
    {"Origin": "https://wester.example:8443"},
    {"Origin": "https://wester.example.evil.example"},
    {"Origin": "https://evil.example/https://wester.example"},
    {"Origin": "https://[::1"},
    {"Origin": ""},
    {"Origin": "https://evil.example", "Referer": f"{BASE}/"},
    {"Referer": "https://evil.example/wester.example"},
    {"Referer": "https://wester.example@evil.example/"},
    {"Origin": "null", "Referer": "https://evil.example/"},
]


@pytest.mark.parametrize("headers", FOREIGN)
async def test_h07_what_comes_from_elsewhere_is_refused_with_and_without_a_cookie(pilot, cookie, headers):
    assert await tried(pilot, **headers) == 403
    assert await tried(pilot, Cookie=cookie, **headers) == 403


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "null"}, {"Origin": "null", "Sec_Fetch_Mode": "navigate"}]
)
async def test_what_does_not_say_where_it_comes_from_may_pass_without_a_cookie_only(pilot, cookie, headers):
    assert await tried(pilot, **headers) == 200
    assert await tried(pilot, Cookie=f"theme=dark; {cookie}", **headers) == 403
    assert await tried(pilot, Cookie="theme=dark; other__Host-session=1", **headers) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
        {"Origin": BASE},
        {"Origin": "https://WESTER.example:443"},
        {"Referer": f"{BASE}/aanmelden?onward=/"},
        {"Origin": "null", "Referer": f"{BASE}/vraag"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "null"},
    ],
)
async def test_what_comes_from_our_own_pages_passes(pilot, cookie, headers):
    assert await tried(pilot, Cookie=cookie, **headers) == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "BREW", "post"])
async def test_every_method_that_could_change_something_is_looked_at(pilot, method):
    assert await tried(pilot, method=method, Sec_Fetch_Site="cross-site") == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_following_a_link_from_elsewhere_is_fine(pilot, cookie, method):
    assert await tried(pilot, method=method, Cookie=cookie, Sec_Fetch_Site="cross-site") == 200


async def test_inboxes_and_the_api_look_at_no_cookie_and_so_are_left_alone(pilot, cookie):
    foreign = {"Sec_Fetch_Site": "cross-site", "Origin": "https://elders.example", "Cookie": cookie}
    assert await tried(pilot, "/u/noor/inbox", **foreign) == 200
    assert await tried(pilot, "/api/vraagbaak/v1/questions", **foreign) == 401


@pytest.mark.parametrize("path", ["/API/wie", "//api/wie", "/wie/api/", "/oauth/authorize", "/apis"])
async def test_a_path_that_only_looks_like_the_api_is_no_way_round(pilot, cookie, path):
    assert await tried(pilot, path, Cookie=cookie, Sec_Fetch_Site="cross-site") == 403


async def test_a_person_gets_a_page_that_says_what_to_do(pilot, cookie):
    async with pilot.client(Cookie=cookie) as browser:
        answer = await browser.post("/wie", headers={"Accept": "text/html", "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1" in answer.text
    assert "content-security-policy" in answer.headers
