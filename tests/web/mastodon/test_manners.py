"""What every answer of the Mastodon API has, refusals too: JSON, open to pages of other sites, and how many calls are left."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.journeys.world import World
from tests.web.mastodon.apps import MISSING, App
from vraagbaak.model import Member
from web.limits import API

LEFT = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("status", "method", "path", "given"),
    [
        (400, "POST", "v1/statuses", {"content": b"{", "headers": {"Content-Type": "application/json"}}),
        (403, "GET", "v1/bookmarks", {}),
        (404, "GET", f"v1/statuses/{MISSING}", {}),
        (413, "POST", "v1/statuses", {"content": b"a=" + b"a" * 300_000, "headers": {"Content-Type": FORM}}),
        (415, "POST", "v1/statuses", {"content": b"a", "headers": {"Content-Type": "text/plain"}}),
        (422, "POST", "v1/statuses", {"json": {"status": ""}}),
        (404, "GET", "v1/nergens", {}),
        (404, "GET", "v9/statuses", {}),
        (405, "PATCH", "v1/statuses", {}),
    ],
)
async def test_every_refusal_can_be_read_by_a_page_of_another_site(pilot, noor, status, method, path, given):
    """JSON with `error`, for any origin and without cookies; where a call was counted it says what is left."""
    app = App(pilot, noor.member, "profile") if status == 403 else noor
    headers = {"Origin": "https://client.example", **given.pop("headers", {})}
    found = await app.call(method, path, headers=headers, **given)
    assert (found.status_code, bool(found.json()["error"])) == (status, True)
    assert found.headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-allow-credentials" not in found.headers
    assert "Link" in found.headers["access-control-expose-headers"]
    assert set(found.headers) >= LEFT or path in {"v1/nergens", "v9/statuses"} or status == 405


async def test_h11_who_calls_too_often_hears_until_when(tmp_path):
    """429 with nothing left and the moment of the next try, in the header that clients wait by."""
    world = World(tmp_path)
    try:
        pilot = world.pilot("Wester", lab_limits="on")
        noor = App(pilot, pilot.member("noor"))
        found = [await noor.call("GET", "v1/preferences") for _ in range(API.burst + 1)]
        first, last = found[0], found[-1]
        assert (first.status_code, last.status_code) == (200, 429)
        assert first.headers["x-ratelimit-remaining"] == str(API.burst - 1)
        assert last.headers["x-ratelimit-remaining"] == "0"
        again = datetime.fromisoformat(last.headers["x-ratelimit-reset"])
        assert timedelta(0) < again - world.clock.now() <= timedelta(minutes=5)
        assert int(last.headers["retry-after"]) >= 1
    finally:
        world.close()


@pytest.mark.parametrize("path", ["v1/accounts", "v1/emails/confirmations"])
async def test_h13_nobody_comes_in_by_an_e_mail_address(pilot, nobody, path):
    """There is no way to register with one, and no account has one."""
    given = {
        "username": "bram",
        "email": "bram@a.example<sam@b.example",
        "password": "een lange zin",
        "agreement": True,
    }
    found = await nobody.call("POST", path, json=given)
    assert (found.status_code, found.json()["code"]) in {(403, "by-invitation"), (403, "no-mail")}
    assert pilot.all(Member, handle="bram") == []
    assert not [name for name in Member.__dataclass_fields__ if "mail" in name]


async def test_h19_nobody_votes_where_there_are_no_polls(pilot, noor, sam):
    """A status with a poll is refused, and no id is one of a poll, of a status neither."""
    poll = {"options": ["ja", "nee"], "expires_in": 3600}
    assert (await noor.call("POST", "v1/statuses", json={"status": "Ja?", "poll": poll})).status_code == 422
    asked = await noor.status("Ja of nee?", visibility="public")
    assert asked["poll"] is None
    for key in (asked["id"], MISSING, "-1"):
        found = await sam.call("POST", f"v1/polls/{key}/votes", json={"choices": [-1]})
        assert found.status_code in {404, 422}
