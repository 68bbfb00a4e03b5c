"""One's own profile, saying what is wrong, showing elsewhere, and what is honestly empty."""

from __future__ import annotations

import pytest

from tests.web.mastodon.apps import MISSING, App, good
from vraagbaak import reports
from vraagbaak.model import Actor, Report
from web.mastodon import ENDPOINTS, nothing


@pytest.mark.parametrize("body", ["data", "json", "files"])
async def test_name_and_words_are_changed_by_form_json_and_multipart(pilot, noor, sam, body):
    """PATCH changes what it names and leaves the rest; others see safe HTML, oneself the words."""
    given = {"display_name": "Noor van Zuid", "note": "Ik <b>help</b> graag.\n\nBel niet."}
    sent = (
        {"files": {name: (None, text) for name, text in given.items()}} if body == "files" else {body: given}
    )
    found = good(await noor.call("PATCH", "v1/accounts/update_credentials", **sent))
    assert found["display_name"] == "Noor van Zuid"
    assert "<b>" not in found["note"]
    assert "Ik" in found["source"]["note"]
    assert (await sam.get(f"v1/accounts/{noor.account_id}"))["note"] == found["note"]
    found = good(await noor.call("PATCH", "v1/accounts/update_credentials", json={"note": "", "bot": True}))
    assert (found["display_name"], found["note"], found["bot"]) == ("Noor van Zuid", "", False)


@pytest.mark.parametrize(
    "given",
    [
        {"display_name": "Beheerder"},
        {"display_name": "x" * 500},
        {"display_name": {"a": 1}},
        {"note": "x" * 5000},
        {"display_name": "Wester"},
        {"display_name": "Buurtgenoot 2"},
    ],
)
async def test_nobody_poses_as_the_place_and_nothing_is_too_long(pilot, noor, given):
    """Names of the place and its people are refused, as when joining; nothing changes (threat E09)."""
    before = pilot.all(Actor, id=noor.account_id)
    found = await noor.call("PATCH", "v1/accounts/update_credentials", json=given)
    assert found.status_code == 422
    assert pilot.all(Actor, id=noor.account_id) == before


async def test_there_is_no_picture_to_take_away(noor):
    """Deleting avatar or header gives the account, as it is."""
    for picture in ("avatar", "header"):
        found = good(await noor.call("DELETE", f"v1/profile/{picture}"))
        assert found["id"] == noor.account_id
        assert found["avatar"]


async def test_a_report_reaches_the_moderators_without_a_name(pilot, noor, sam, moderator):
    """What is wrong is kept for the moderators; who said so is not, and nothing leaves the server."""
    status = await noor.status("Een nare vraag?", visibility="public")
    given = {
        "account_id": noor.account_id,
        "status_ids[]": status["id"],
        "comment": "Dit is naar.",
        "category": "spam",
    }
    made = await sam.post("v1/reports", given)
    assert (made["comment"], made["status_ids"], made["action_taken"]) == (
        "Dit is naar.",
        [status["id"]],
        False,
    )
    (report,) = pilot.store.read_now(reports.waiting, moderator.member)
    assert report.about == (f"{pilot.base}/u/noor", status["uri"])
    assert sam.account_id not in repr(report)
    assert "sam" not in repr(report)


async def test_b36_g05_a_report_about_what_one_cannot_see_is_as_about_nothing(pilot, noor, sam):
    """Unknown accounts and statuses, another's status and odd categories: nothing is kept."""
    mine = await sam.status("Van sam?", visibility="public")
    for given, status in (
        ({"account_id": MISSING}, 404),
        ({"account_id": "x"}, 404),
        ({}, 404),
        ({"account_id": noor.account_id, "status_ids": [MISSING]}, 404),
        ({"account_id": noor.account_id, "status_ids": [mine["id"]]}, 404),
        ({"account_id": noor.account_id, "category": "boos"}, 422),
    ):
        assert (await sam.call("POST", "v1/reports", json=given)).status_code == status
    assert pilot.all(Report, handled_at=None) == []


async def test_g04_only_what_everybody_may_see_is_shown_elsewhere(noor, nobody):
    """OEmbed gives public things of ours to whoever asks, and nothing narrower, also not to its writer."""
    public = await noor.status("Een <i>open</i> vraag?", visibility="public")
    found = await nobody.get("oembed", params={"url": public["url"]})
    assert (found["type"], found["title"], found["version"]) == ("rich", "Een <i>open</i> vraag?", "1.0")
    assert "<i>" not in found["html"]
    assert "<script" not in found["html"]
    narrow = await noor.status("Een besloten vraag?", visibility="private")
    for url in (narrow["url"], narrow["uri"], "https://elders.example/1", "", "x" * 5000):
        assert (await noor.call("GET", "oembed", params={"url": url})).status_code == 404


@pytest.mark.parametrize("endpoint", nothing.ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
async def test_what_has_no_meaning_here_says_so(pilot, noor, endpoint):
    """Nothing in a list or an object, a 404 for one of none, a sentence for what is not possible: never a fault, never a lie."""
    found = await noor.call(endpoint.method, endpoint.path.removeprefix("/api/").replace("{id}", MISSING))
    if found.status_code == 200:
        assert found.json() in ([], {}, {"annual_reports": [], "accounts": [], "statuses": []})
    else:
        assert found.status_code in {403, 404, 422}
        assert found.json()["error"]


async def test_the_description_has_every_endpoint_with_its_scope(nobody):
    """OpenAPI is made of what serves: each method and path, what it takes, and for which token."""
    found = await nobody.get("vraagbaak/v1/mastodon.json")
    assert found["openapi"] == "3.1.0"
    for each in ENDPOINTS:
        described = found["paths"][each.path][each.method.lower()]
        assert {"token": [each.scope]} in described["security"] or not each.scope
    status = found["components"]["schemas"]["Status"]["properties"]
    assert "vraagbaak" in status
    assert App
