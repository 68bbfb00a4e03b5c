"""Registering an app: what it says of itself is taken as it is said, or not at all."""

from __future__ import annotations

import json

import pytest

from tests.web.appearing import BACK, OOB, AppVillage
from tests.web.serving import called
from tests.web.visiting import HOSTILE, Page
from vraagbaak.model import App

APPS = "/api/v1/apps"


@pytest.fixture
def village(store_factory):
    return AppVillage(store_factory)


def kept(village):
    return village.store.read_now(lambda reading: reading.find(App))


async def test_an_app_gets_what_mastodon_gives(village):
    """Every member of CredentialApplication is there, with the type that libraries expect."""
    app = await village.registered(website="https://client.example")
    secret, client_id = app.pop("client_secret"), app.pop("client_id")
    assert app == {
        "id": client_id,
        "name": "Tuin",
        "website": "https://client.example",
        "scopes": ["read", "write", "follow", "push"],
        "redirect_uri": f"{BACK}\n{OOB}",
        "redirect_uris": [BACK, OOB],
        "client_secret_expires_at": 0,
        "vapid_key": "",
    }
    assert len(secret) == 43


async def test_h06_the_secret_of_an_app_is_kept_as_a_hash_only(village):
    """The clear secret stands nowhere."""
    app = await village.registered()
    assert app["client_secret"] not in repr(kept(village))


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"client_name": "Tuin", "redirect_uris": f"{BACK}\r\n{OOB}"}},
        {"data": {"client_name": "Tuin", "redirect_uris[]": [BACK, OOB]}},
        {"data": {"client_name": "Tuin", "redirect_uris[0]": BACK, "redirect_uris[1]": OOB, "scopes": " "}},
        {"json": {"client_name": "Tuin", "redirect_uris": f"{BACK}\n{OOB}", "website": None}},
        {"json": {"client_name": "Tuin", "redirect_uris": [BACK, OOB], "scopes": ["read"]}},
        {"files": {"client_name": (None, "Tuin"), "redirect_uris": (None, f"{BACK}\n{OOB}")}},
        {"params": {"client_name": "Tuin", "redirect_uris": f"{BACK}\n{OOB}"}},
        {
            "params": {"client_name": "Elders", "redirect_uris[]": [BACK, OOB]},
            "json": {"client_name": "Tuin"},
        },
    ],
)
async def test_an_app_may_say_it_as_a_form_as_json_or_in_parts(village, sent):
    """Addresses to a line or as a list; without scopes it may read."""
    async with village.client() as client:
        answer = await client.post(APPS, **sent)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["redirect_uris"], said["scopes"], said["website"]) == ([BACK, OOB], ["read"], None)


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"name": "Tuin"}, 422, "client_name"),
        ({"client_name": "Tuin"}, 422, "redirect_uris"),
        ({"client_name": "Tuin", "redirect_uris": ""}, 422, "redirect_uris"),
        ({"client_name": "", "redirect_uris": BACK}, 422, "client_name"),
        ({"client_name": "x" * 61, "redirect_uris": BACK}, 422, "client_name"),
        ({"client_name": "Tuin", "redirect_uris": f"{BACK}\njavascript:alert(1)"}, 422, "redirect_uris"),
        ({"client_name": "Tuin", "redirect_uris": f"{BACK}#x"}, 422, "redirect_uris"),
        ({"client_name": "Tuin", "redirect_uris": "http://client.example/"}, 422, "redirect_uris"),
        (
            {"client_name": "Tuin", "redirect_uris": "\n".join(f"{BACK}{n}" for n in range(21))},
            422,
            "redirect_uris",
        ),
        ({"client_name": "Tuin", "redirect_uris": BACK, "scopes": "read admin:read"}, 422, "scopes"),
        ({"client_name": "Tuin", "redirect_uris": BACK, "scopes": "everything"}, 422, "scopes"),
        ({"client_name": "Tuin", "redirect_uris": BACK, "website": "javascript:alert(1)"}, 422, "website"),
        ({"client_name": "a\x00b", "redirect_uris": BACK}, (200, 422), None),
    ],
)
async def test_h01_h04_h24_what_cannot_be_taken_is_refused_with_a_reason(village, fields, status, field):
    """Each refusal says `error` in words and which field it is about; nothing is kept of it."""
    async with village.client() as client:
        for sent in ({"data": fields}, {"json": fields}):
            answer = await client.post(APPS, **sent)
            assert answer.status_code in (status if isinstance(status, tuple) else (status,))
            if answer.status_code != 200:
                assert answer.json()["error"]
                assert field is None or answer.json()["field"] == field
                assert kept(village) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"client_name": {"a": 1}, "redirect_uris": "app://x"}'),
        ("application/json", b'{"client_name": [["a"]], "redirect_uris": "app://x"}'),
        ("application/json", b'{"client_name": "a", "client_name": "b"}'),
        ("application/json", b'{"client_name": "\\ud800", "redirect_uris": "app://x"}'),
        ("application/json", b"[" * 100_000),
        ("application/json", b'["client_name"]'),
        ("application/json", b"null"),
        ("application/json", b"\xff"),
        ("application/json", b'{"client_name": 1e999, "redirect_uris": "app://x", "scopes": NaN}'),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(300))),
        ("multipart/form-data; boundary=b", b"--b"),
        ("multipart/form-data", b"--b"),
        ("text/plain", b"client_name=Tuin"),
        ("application/xml", b"<a/>"),
        ("", b"client_name=Tuin&redirect_uris=app://x"),
        ("application/json", b'{"client_name": "' + b"x" * 300_000),
    ],
)
async def test_h16_a_body_that_is_none_is_refused_and_never_a_fault(village, kind, body):
    """Nested, double, broken, too large or of a kind that nobody asked for: a 4xx with `error`, on each endpoint."""
    for path in (APPS, "/oauth/token", "/oauth/revoke"):
        status, headers, said, _ = await called(village.app, "POST", path, [("content-type", kind)], [body])
        assert 400 <= status < 500, (path, said)
        assert json.loads(said)["error"]
        assert headers["access-control-allow-origin"] == "*"


async def test_h24_five_apps_in_ten_minutes_from_one_address(store_factory):
    """The sixth waits; from another address it does not."""
    village = AppVillage(store_factory, lab_limits="on")
    fields = {"client_name": "Tuin", "redirect_uris": BACK}
    async with village.client() as client, village.client("192.0.2.9") as other:
        for _ in range(5):
            assert (await client.post(APPS, data=fields)).status_code == 200
        refused = await client.post(APPS, data=fields)
        assert refused.status_code == 429
        assert refused.headers["x-ratelimit-limit"] == "5"
        assert refused.headers["x-ratelimit-remaining"] == "0"
        assert refused.headers["x-ratelimit-reset"].endswith("Z")
        assert int(refused.headers["retry-after"]) > 60
        assert refused.json()["error"]
        assert (await other.post(APPS, data=fields)).status_code == 200
    assert len(kept(village)) == 6


async def test_h24_a_hostile_name_is_only_text_wherever_it_is_shown(village):
    """Markup and templates in the name of an app do nothing on the consent page and on the list of apps."""
    noor = village.member("noor")
    app = await village.registered(client_name=HOSTILE[:60], website="https://a.example/<script>'\"")
    await village.signed_in(noor, app)
    page = await village.opens(noor, village.asks(app))
    async with village.as_member(noor) as browser:
        listed = await browser.get("/mij/apps")
    for answer in (page, listed):
        assert answer.status_code == 200
        found = Page(answer)
        assert {tag for tag, _ in found.tags} & {"script", "img", "b"} == set()
        assert "{{7*7}}" in found.words or "alert(1)" in found.words


async def test_an_app_sees_which_app_it_is_by_any_token(village):
    """The token of a member and its own both tell it; a made-up one, none and a cookie tell nothing."""
    noor = village.member("noor")
    app = await village.registered(scopes="profile")
    token = await village.signed_in(noor, app, scope="profile")
    own = (await village.own(app)).json()["access_token"]
    for secret in (token, own):
        async with village.client(Authorization=f"Bearer {secret}") as client:
            said = (await client.get(f"{APPS}/verify_credentials")).json()
        assert said == {name: app[name] for name in said}
        assert {"name", "website", "scopes", "redirect_uris", "vapid_key"} <= set(said)
        assert "client_secret" not in said
    for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": f"__Host-session={village.session(noor)}"}):
        async with village.client(**headers) as client:
            answer = await client.get(f"{APPS}/verify_credentials?access_token={token}")
        assert answer.status_code == 401
        assert answer.json()["error"]


async def test_a_token_of_the_command_line_is_of_no_app_but_of_something(village):
    """Clients that ask which app a token is of get an answer of the same shape."""
    token = village.token(village.member("noor"), "read:lists")
    async with village.client(Authorization=f"Bearer {token}") as client:
        said = (await client.get(f"{APPS}/verify_credentials")).json()
    assert (said["name"], said["scopes"], said["redirect_uris"]) == ("vraagbaak token", ["read:lists"], [])
