"""Everything in Mastodon's documentation of 4.5 that is not for administrators is there: no app meets a missing piece."""

from __future__ import annotations

import pytest
from starlette.routing import Match

from tests.web.mastodon.apps import MISSING, App
from tests.web.mastodon.test_media import sent
from vraagbaak.model import Scope
from web.mastodon import ENDPOINTS

# By page of docs.joinmastodon.org/methods. Left out: what its own version history says was removed before 4.5
# (api/v1/search has an answer all the same), and what 4.6 added.
DOCUMENTED = """
POST /api/v1/apps
GET /api/v1/apps/verify_credentials
GET /oauth/authorize
POST /oauth/token
POST /oauth/revoke
GET /oauth/userinfo
GET /.well-known/oauth-authorization-server
POST /api/v1/emails/confirmations

POST /api/v1/accounts
GET /api/v1/accounts/verify_credentials
PATCH /api/v1/accounts/update_credentials
GET /api/v1/accounts/{account}
GET /api/v1/accounts
GET /api/v1/accounts/{account}/statuses
GET /api/v1/accounts/{account}/followers
GET /api/v1/accounts/{account}/following
GET /api/v1/accounts/{account}/featured_tags
GET /api/v1/accounts/{account}/endorsements
GET /api/v1/accounts/{account}/lists
POST /api/v1/accounts/{account}/follow
POST /api/v1/accounts/{account}/unfollow
POST /api/v1/accounts/{account}/remove_from_followers
POST /api/v1/accounts/{account}/block
POST /api/v1/accounts/{account}/unblock
POST /api/v1/accounts/{account}/mute
POST /api/v1/accounts/{account}/unmute
POST /api/v1/accounts/{account}/endorse
POST /api/v1/accounts/{account}/unendorse
POST /api/v1/accounts/{account}/pin
POST /api/v1/accounts/{account}/unpin
POST /api/v1/accounts/{account}/note
GET /api/v1/accounts/relationships
GET /api/v1/accounts/familiar_followers
GET /api/v1/accounts/search
GET /api/v1/accounts/lookup
GET /api/v1/accounts/{account}/identity_proofs

GET /api/v1/bookmarks
GET /api/v1/favourites
GET /api/v1/mutes
GET /api/v1/blocks
GET /api/v1/domain_blocks
POST /api/v1/domain_blocks
DELETE /api/v1/domain_blocks
POST /api/v1/reports
GET /api/v1/follow_requests
POST /api/v1/follow_requests/{account}/authorize
POST /api/v1/follow_requests/{account}/reject
GET /api/v1/endorsements
GET /api/v1/featured_tags
POST /api/v1/featured_tags
DELETE /api/v1/featured_tags/{id}
GET /api/v1/featured_tags/suggestions
GET /api/v1/preferences
GET /api/v1/followed_tags
GET /api/v2/suggestions
DELETE /api/v1/suggestions/{account}
GET /api/v1/suggestions
GET /api/v1/tags/{tag}
POST /api/v1/tags/{tag}/follow
POST /api/v1/tags/{tag}/unfollow
POST /api/v1/tags/{tag}/feature
POST /api/v1/tags/{tag}/unfeature
DELETE /api/v1/profile/avatar
DELETE /api/v1/profile/header

GET /api/v2/filters
GET /api/v2/filters/{filter}
POST /api/v2/filters
PUT /api/v2/filters/{filter}
DELETE /api/v2/filters/{filter}
GET /api/v2/filters/{filter}/keywords
POST /api/v2/filters/{filter}/keywords
GET /api/v2/filters/keywords/{keyword}
PUT /api/v2/filters/keywords/{keyword}
DELETE /api/v2/filters/keywords/{keyword}
GET /api/v2/filters/{filter}/statuses
POST /api/v2/filters/{filter}/statuses
GET /api/v2/filters/statuses/{id}
DELETE /api/v2/filters/statuses/{id}
GET /api/v1/filters
GET /api/v1/filters/{keyword}
POST /api/v1/filters
PUT /api/v1/filters/{keyword}
DELETE /api/v1/filters/{keyword}

POST /api/v1/statuses
GET /api/v1/statuses/{status}
GET /api/v1/statuses
DELETE /api/v1/statuses/{own}
GET /api/v1/statuses/{status}/context
POST /api/v1/statuses/{status}/translate
GET /api/v1/statuses/{status}/reblogged_by
GET /api/v1/statuses/{status}/favourited_by
POST /api/v1/statuses/{status}/favourite
POST /api/v1/statuses/{status}/unfavourite
POST /api/v1/statuses/{status}/reblog
POST /api/v1/statuses/{status}/unreblog
POST /api/v1/statuses/{status}/bookmark
POST /api/v1/statuses/{status}/unbookmark
POST /api/v1/statuses/{status}/mute
POST /api/v1/statuses/{status}/unmute
POST /api/v1/statuses/{own}/pin
POST /api/v1/statuses/{own}/unpin
PUT /api/v1/statuses/{own}
GET /api/v1/statuses/{status}/history
GET /api/v1/statuses/{status}/source
GET /api/v1/statuses/{status}/card
GET /api/v1/statuses/{status}/quotes
POST /api/v1/statuses/{own}/quotes/{id}/revoke
PUT /api/v1/statuses/{own}/interaction_policy
POST /api/v2/media
POST /api/v1/media
GET /api/v1/media/{media}
PUT /api/v1/media/{media}
DELETE /api/v1/media/{media}
GET /api/v1/polls/{id}
POST /api/v1/polls/{id}/votes
GET /api/v1/scheduled_statuses
GET /api/v1/scheduled_statuses/{planned}
PUT /api/v1/scheduled_statuses/{planned}
DELETE /api/v1/scheduled_statuses/{planned}

GET /api/v1/timelines/public
GET /api/v1/timelines/tag/{tag}
GET /api/v1/timelines/home
GET /api/v1/timelines/link
GET /api/v1/timelines/list/{list}
GET /api/v1/timelines/direct
GET /api/v1/conversations
DELETE /api/v1/conversations/{id}
POST /api/v1/conversations/{id}/read
GET /api/v1/lists
GET /api/v1/lists/{list}
POST /api/v1/lists
PUT /api/v1/lists/{list}
DELETE /api/v1/lists/{list}
GET /api/v1/lists/{list}/accounts
POST /api/v1/lists/{list}/accounts
DELETE /api/v1/lists/{list}/accounts
GET /api/v1/markers
POST /api/v1/markers
GET /api/v1/streaming/health
GET /api/v1/streaming/user
GET /api/v1/streaming/user/notification
GET /api/v1/streaming/public
GET /api/v1/streaming/public/local
GET /api/v1/streaming/public/remote
GET /api/v1/streaming/hashtag
GET /api/v1/streaming/hashtag/local
GET /api/v1/streaming/list
GET /api/v1/streaming/direct

GET /api/v1/notifications
GET /api/v1/notifications/{notification}
POST /api/v1/notifications/clear
POST /api/v1/notifications/{notification}/dismiss
GET /api/v1/notifications/unread_count
GET /api/v2/notifications/policy
PATCH /api/v2/notifications/policy
GET /api/v1/notifications/requests
GET /api/v1/notifications/requests/{id}
POST /api/v1/notifications/requests/{id}/accept
POST /api/v1/notifications/requests/{id}/dismiss
POST /api/v1/notifications/requests/accept
POST /api/v1/notifications/requests/dismiss
GET /api/v1/notifications/requests/merged
GET /api/v2/notifications
GET /api/v2/notifications/{group}
POST /api/v2/notifications/{group}/dismiss
GET /api/v2/notifications/{group}/accounts
GET /api/v2/notifications/unread_count
POST /api/v1/push/subscription
GET /api/v1/push/subscription
PUT /api/v1/push/subscription
DELETE /api/v1/push/subscription
GET /api/v2/search
GET /api/v1/search

GET /api/v2/instance
GET /api/v1/instance/peers
GET /api/v1/instance/activity
GET /api/v1/instance/rules
GET /api/v1/instance/domain_blocks
GET /api/v1/instance/extended_description
GET /api/v1/instance/privacy_policy
GET /api/v1/instance/terms_of_service
GET /api/v1/instance/terms_of_service/{date}
GET /api/v1/instance/translation_languages
GET /api/v1/instance
GET /api/v1/trends/tags
GET /api/v1/trends/statuses
GET /api/v1/trends/links
GET /api/v1/directory
GET /api/v1/custom_emojis
GET /api/v1/announcements
POST /api/v1/announcements/{id}/dismiss
PUT /api/v1/announcements/{id}/reactions/{name}
DELETE /api/v1/announcements/{id}/reactions/{name}
GET /api/v1/annual_reports
GET /api/v1/annual_reports/{year}
POST /api/v1/annual_reports/{year}/read
GET /api/v1_alpha/async_refreshes/{id}
GET /api/oembed
GET /health
"""
ROWS = [tuple(row.split()) for row in DOCUMENTED.splitlines() if row]
# What is not there, or cannot be done, whoever asks: with a word of ours, never by a router that knows no such path.
NOT_HERE = {404, 403, 422, 503}
DOES = {200, 202}
# Of these there is none, or nobody can do that here (docs/mastodon-api.md: "What is empty, and why").
NOTHING = {
    *("/api/v1/emails/confirmations", "POST /api/v1/accounts", "/featured_tags", "/endorse", "/unendorse"),
    *(
        "/pin",
        "/unpin",
        "/feature",
        "/unfeature",
        "/suggestions/",
        "/follow_requests/",
        "/polls/",
        "/translate",
    ),
    *("/conversations/", "/revoke", "/requests/{id}", "/announcements/{id}", "/{year}", "/async_refreshes/"),
    *("/terms_of_service/{date}", "/push/subscription"),
}
GIVEN = {
    "POST /api/v1/apps": {"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"},
    "POST /api/v1/statuses": {"status": "Een vraag?"},
    "PUT /api/v1/statuses/{own}": {"status": "Een andere vraag?"},
    "PUT /api/v1/statuses/{own}/interaction_policy": {"quote_approval_policy": "nobody"},
    "POST /api/v1/lists": {"title": "Buren"},
    "PUT /api/v1/lists/{list}": {"title": "Anders"},
    "POST /api/v2/filters": {"title": "x", "context": ["home"]},
    "POST /api/v2/filters/{filter}/keywords": {"keyword": "heup"},
    "POST /api/v2/filters/{filter}/statuses": {"status_id": "{status}"},
    "POST /api/v1/filters": {"phrase": "x", "context": ["home"]},
    "POST /api/v1/domain_blocks": {"domain": "elders.example"},
    "DELETE /api/v1/domain_blocks": {"domain": "elders.example"},
    "POST /api/v1/reports": {"account_id": "{account}", "comment": "Hier klopt iets niet."},
    "PATCH /api/v1/accounts/update_credentials": {"display_name": "Noor"},
    "POST /api/v1/accounts/{account}/note": {"comment": "Weet veel"},
    "PUT /api/v1/scheduled_statuses/{planned}": {"scheduled_at": "2026-11-03T09:00:00Z"},
}
ASKED = {
    "GET /api/v1/accounts/search": "q=sam",
    "GET /api/v1/accounts/lookup": "acct=sam",
    "GET /api/v2/search": "q=sam",
    "GET /api/v1/search": "q=sam",
    "GET /api/v1/timelines/link": "url=https://example.org/",
    "GET /api/oembed": "url={url}",
    "GET /api/v1/accounts/familiar_followers": "id[]={account}",
}


@pytest.fixture
async def there(pilot, noor, sam):
    """One of everything that noor can have, by the names in the table."""
    own = pilot.ask(noor.member, "Wie weet raad?", Scope.PUBLIC)
    status = pilot.ask(sam.member, "En wie weet dit?", Scope.PUBLIC)
    await sam.post(f"v1/statuses/{own.id}/favourite")
    (notice,) = await noor.get("v1/notifications")
    await noor.post(f"v1/accounts/{sam.account_id}/follow")
    made = await noor.post("v1/lists", {"title": "Buren"})
    await noor.post(f"v1/lists/{made['id']}/accounts", {"account_ids[]": sam.account_id})
    keywords = [{"keyword": "val"}]
    filtered = await noor.post(
        "v2/filters", json={"title": "x", "context": ["home"], "keywords_attributes": keywords}
    )
    named = await noor.post(f"v2/filters/{filtered['id']}/statuses", {"status_id": own.id})
    planned = await noor.status("Later?", scheduled_at="2026-11-02T18:00:00Z")
    return {
        "account": sam.account_id,
        "own": own.id,
        "status": status.id,
        "notification": notice["id"],
        "group": notice["group_key"],
        "list": made["id"],
        "filter": filtered["id"],
        "keyword": filtered["keywords"][0]["id"],
        "named": named["id"],
        "planned": planned["id"],
        "media": (await sent(noor))["id"],
        "id": MISSING,
        "tag": "zorg",
        "year": "2025",
        "date": "2025-01-01",
        "name": "thumbsup",
        "url": status.url,
    }


def filled(text: str, there: dict[str, str]) -> str:
    for name, key in there.items():
        text = text.replace(f"{{{name}}}", key)
    return text


@pytest.mark.parametrize(("method", "path"), ROWS, ids=[" ".join(row) for row in ROWS])
async def test_every_documented_endpoint_is_there_and_answers(pilot, noor, there, method, path):
    """For a member who is signed in: done, or refused in words where docs/mastodon-api.md says why; never a fault."""
    row = f"{method} {path}"
    scope = {"type": "http", "method": method, "path": filled(path, there)}
    assert any(route.matches(scope)[0] is Match.FULL for route in pilot.app.routes), "no such route"
    if path.startswith(("/oauth/", "/api/v1/streaming/")):
        return  # these have tests of their own: they are pages and lines, not answers
    app = App(pilot) if path == "/health" else noor
    if path.startswith("/api/v2/filters/statuses/"):
        there["id"] = there["named"]
    given = {
        name: filled(value, there) if isinstance(value, str) else value
        for name, value in GIVEN.get(row, {}).items()
    }
    query = filled(ASKED.get(row, ""), there)
    target = f"https://{pilot.host}{filled(path, there)}{f'?{query}' if query else ''}"
    if method == "POST" and path.endswith("/media"):
        assert (await sent(noor))["id"]
        return
    answer = await app.call(method, target, **({} if method == "GET" else {"json": given}))
    nothing = any(each in row for each in NOTHING)
    assert answer.status_code in (DOES | NOT_HERE if nothing else DOES), (answer.status_code, answer.text)
    if answer.status_code not in DOES:
        assert answer.json()["error"]


def test_the_table_names_nothing_twice():
    """One row for each."""
    assert len(ROWS) == len(set(ROWS)) >= 199


async def test_h04_a_token_for_less_shows_nothing_of_its_member(pilot, noor, sam, nobody, there):
    """Every endpoint that there is: refused, or word for word what somebody without a token gets."""
    await noor.post("v1/tags/zorg/follow")
    await noor.post(f"v1/accounts/{noor.account_id}/note", {"comment": "Ikzelf"})
    narrow = App(pilot, noor.member, "profile")
    own = {**there, "id": noor.account_id}
    rows = {*ROWS, *((each.method, each.path) for each in ENDPOINTS)}
    shown = []
    for method, path in sorted(rows):
        if path.startswith(("/oauth/", "/api/v1/streaming/", "/api/v1/apps")) or path == "/health":
            continue  # of these a token is for itself, or for `profile`; they have tests of their own
        for ids in (there, own):
            query = filled(ASKED.get(f"{method} {path}", ""), ids)
            target = f"https://{pilot.host}{filled(path, ids)}{f'?{query}' if query else ''}"
            answer = await narrow.call(method, target)
            if answer.status_code == 403:
                continue
            stranger = await nobody.call(method, target)
            if (answer.status_code, answer.content) != (stranger.status_code, stranger.content):
                shown.append((method, path, answer.status_code, answer.text[:100]))
    assert shown == []
    assert (await narrow.call("GET", f"v1/accounts/{noor.account_id}/following")).status_code == 403
    assert (await narrow.call("GET", "v1/tags/zorg")).status_code == 403
    assert (await nobody.get("v1/tags/zorg"))["following"] is False
    assert (await noor.get("v1/tags/zorg"))["following"] is True
