"""How exceptions become answers, and what stays out of them."""

from __future__ import annotations

import logging

import pytest
from starlette.requests import ClientDisconnect

from tests.web.serving import API, SECRET, Serving, called
from web.errors import UnexpectedFaults

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


@pytest.mark.parametrize("path", ["/stuk/uitnodiging-geheim?code=geheim", "/api/stuk?access_token=geheim"])
async def test_a_fault_shows_a_code_and_its_cause_stays_in_the_log(pilot, caplog, path):
    async with pilot.client("198.51.100.77", **{"User-Agent": "Netscape"}) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "ZeroDivision" not in answer.text
    (record,) = [record for record in caplog.records if record.name == "vraagbaak.web"]
    assert record.request_id in answer.text
    written = logging.Formatter("%(message)s").format(record)
    assert "ZeroDivisionError" in written
    assert "serving.py" in written
    for private in ("198.51.100.77", "Netscape", "geheim", "access_token", SECRET):
        assert private not in written


async def test_two_faults_have_two_codes(pilot, caplog):
    async with pilot.client() as browser:
        for _ in range(2):
            await browser.get("/stuk/x")
    codes = {record.request_id for record in caplog.records if record.name == "vraagbaak.web"}
    assert len(codes) == 2


async def test_a_fault_is_answered_even_when_no_page_can_be_made(pilot, caplog):
    pilot.store.close()
    session = {"Cookie": "__Host-session=abc"}
    async with pilot.client(**session) as browser:
        answer = await browser.get("/wie", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["content-type"].startswith("text/plain")
    assert "content-security-policy" in answer.headers


async def test_an_answer_that_breaks_off_is_not_followed_by_a_second_one(caplog):
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("half-way")

    sent = []

    async def send(message):
        sent.append(message)

    with pytest.raises(Exception, match=r"^[0-9a-f]{8}$"):
        await UnexpectedFaults(half)({"type": "http", "method": "GET", "path": "/"}, None, send)
    assert len(sent) == 1
    assert any("ValueError" in record.getMessage() for record in caplog.records)


async def test_somebody_who_walks_away_is_no_fault(caplog):
    async def reading(scope, receive, send):
        raise ClientDisconnect

    await UnexpectedFaults(reading)({"type": "http", "method": "POST", "path": "/"}, None, None)
    assert not caplog.records


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nergens", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("/nergens", "*/*", "text/html"),
        ("/nergens", "", "text/html"),
        ("/nergens", "application/json", "application/json"),
        ("/nergens", "application/activity+json", "application/json"),
        (
            "/nergens",
            'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
            "application/json",
        ),
        ("/nergens", "application/json, text/html", "application/json"),
        ("/nergens", "text/html, application/json", "text/html"),
        ("/api/v1/nergens", "text/html", "application/json"),
        (f"{API}/questions/x", "text/html", "application/json"),
        ("/.well-known/nergens", "*/*", "application/json"),
        ("/nergens/inbox", "*/*", "application/json"),
    ],
)
async def test_people_get_a_page_and_programs_get_json(pilot, path, accept, kind):
    async with pilot.client() as client:
        answer = await client.get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] == kind
    if kind == "application/json":
        assert set(answer.json()) == {"error", "code"}
    assert "no-store" in answer.headers["cache-control"]


async def test_a_wrong_method_names_the_right_ones(pilot):
    async with pilot.client() as client:
        page = await client.delete("/wie", headers={"Sec-Fetch-Site": "same-origin"})
    assert page.status_code == 405
    assert "POST" in page.headers["allow"]


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, b"a=" + b"x" * 300_000, 413),
        (FORM, b"&".join(b"f%d=1" % number for number in range(30_000)), (400, 413)),
        (FORM, b"&".join(b"f%d=1" % number for number in range(201)), 400),
        (FORM, b"&" * 200_000, (200, 400)),
        (FORM, b"a=%ED%A0%80&%00=%ff", 200),
        (FORM, b"a=%u1234&b=%", 200),
        (FORM, b"", 200),
        ("multipart/form-data; boundary=b", b"--b\r\n\r\n", 400),
        ("multipart/form-data; boundary=b", b"no boundary here", 400),
        ("multipart/form-data", b"--b\r\n", 400),
        ("multipart/form-data; boundary=", b"--\r\n", (200, 400)),
        ("multipart/form-data; boundary=" + "b" * 5000, b"--b\r\n", 400),
        ("text/plain", b"a=1", 415),
        ("application/json", b"{}", 415),
        ("", b"a=1", 415),
    ],
)
async def test_i07_forms_that_are_none_or_too_large_are_refused(pilot, kind, body, status):
    found, _, _, _ = await called(pilot.app, "POST", "/formulier", [("content-type", kind)], [body])
    assert found in (status if isinstance(status, tuple) else (status,))


def part(name, value, extra=b""):
    return (
        b'--b\r\nContent-Disposition: form-data; name="' + name + b'"' + extra + b"\r\n\r\n" + value + b"\r\n"
    )


@pytest.mark.parametrize(
    ("parts", "kind", "status"),
    [
        ([part(b"f%d" % number, b"") for number in range(100_000)], "", (400, 413)),
        ([part(b"f%d" % number, b"") for number in range(250)], "", (400,)),
        ([part(b"a", b"x", b'; filename="a.exe"')], "", (422,)),
        ([part(b"a", b"x" * 300_000)], "", (413,)),
        ([part(b"a", b"\\ud800")], "; charset=unicode_escape", (400,)),
        ([part(b"a", b"+2AA-")], "; charset=utf-7", (200, 400)),
        ([part(b"a", b"x")], "; charset=zlib_codec", (200, 400)),
        ([part(b"a", b"x")], "; charset=idna", (200, 400)),
        ([part(b"a", b"x")], "; charset=undefined", (200, 400)),
        ([part(b"a", b"\xff-x")], "; charset=punycode", (200, 400)),
        ([part(b"a", b"x")], "; charset=\x00", (200, 400)),
        ([part(b"a[]", b"1"), part(b"a[]", b"2")], "", (200,)),
        ([part(b"a", b"x")[:-20]], "", (200, 400)),
    ],
)
async def test_i07_c21_forms_in_parts_are_bounded_and_hold_text_only(pilot, parts, kind, status, caplog):
    chunks = [*parts, b"--b--\r\n"]
    kind = f"multipart/form-data; boundary=b{kind}"
    found, _, _, _ = await called(pilot.app, "POST", "/formulier", [("content-type", kind)], chunks)
    assert found in status
    assert not caplog.records


@pytest.mark.parametrize("length", ["-1", "abc", "1e9", "9" * 5000, "\u00b2", "10485760"])
async def test_a_length_that_is_a_lie_breaks_nothing(pilot, length):
    headers = [("content-type", FORM), ("content-length", length.encode().decode("latin-1"))]
    status, _, _, _ = await called(pilot.app, "POST", "/formulier", headers, [b"a=1"])
    assert status in {200, 400, 413}


async def test_names_with_brackets_are_one_field(pilot):
    async with pilot.client() as client:
        body = "t[]=a&t=b&t[0]=c&t[x]=d&[]=e"
        found = (await client.post("/formulier", content=body, headers={"Content-Type": FORM})).json()
    assert found == {"t": ["a", "b", "c"], "t[x]": ["d"], "": ["e"]}
