"""What clients ask that has no meaning here: an honest empty answer, for a missing one breaks them.

Whatever becomes real moves to a file of its own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from vraagbaak.errors import Invalid, NotYours, Unknown
from web.keys import is_key
from web.mastodon.calls import Call, Endpoint

MOST_AT_ONCE = 80


class Several(msgspec.Struct, kw_only=True):
    """Which ones."""

    id: list[str] = msgspec.field(default_factory=list)


# path, what a token is needed for (empty: none), and why there is nothing
_LISTS = (
    ("/api/v1/announcements", "read", "Announcements of the server: there are none."),
    ("/api/v1/conversations", "read:statuses", "Closed talks: there are none yet."),
    ("/api/v1/custom_emojis", "", "Own emojis: there are none."),
    ("/api/v1/directory", "", "Profiles: nobody is listed."),
    ("/api/v1/endorsements", "read:accounts", "Whom one recommends."),
    ("/api/v1/featured_tags", "read:accounts", "Topics that one puts first."),
    ("/api/v1/featured_tags/suggestions", "read:accounts", "Topics to put first."),
    ("/api/v1/follow_requests", "read:follows", "Who waits to follow: everybody may at once."),
    ("/api/v1/suggestions", "read", "Whom to follow, the old way: nobody is put forward."),
    ("/api/v2/suggestions", "read", "Whom to follow: nobody is put forward."),
    ("/api/v1/trends", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/tags", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/statuses", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/links", "", "What many talk about: nothing is counted."),
    ("/api/v1/timelines/link", "", "What is said of a link that many pass on: nothing is counted."),
    ("/api/v1/timelines/direct", "read:statuses", "Closed talks, the old way: there are none."),
)


# method, path, what a token is needed for, and what it would be
_NOT_HERE = (
    ("POST", "/api/v1/featured_tags", "write:accounts", "Put a topic first."),
    ("POST", "/api/v1/tags/{tag}/feature", "write:accounts", "Put a topic first."),
    ("POST", "/api/v1/tags/{tag}/unfeature", "write:accounts", "And no more."),
    ("POST", "/api/v1/accounts/{id}/endorse", "write:accounts", "Recommend somebody."),
    ("POST", "/api/v1/accounts/{id}/unendorse", "write:accounts", "And no more."),
    ("POST", "/api/v1/accounts/{id}/pin", "write:accounts", "Recommend somebody, the old way."),
    ("POST", "/api/v1/accounts/{id}/unpin", "write:accounts", "And no more."),
)
# method, path and scope of what is about one of something of which there is none
_OF_NONE = (
    ("GET", "/api/v1/polls/{id}", "read:statuses", "A poll: there are none."),
    ("POST", "/api/v1/polls/{id}/votes", "write:statuses", "Vote."),
    ("DELETE", "/api/v1/conversations/{id}", "write:conversations", "Forget a closed talk."),
    ("POST", "/api/v1/conversations/{id}/read", "write:conversations", "Read it."),
    ("POST", "/api/v1/announcements/{id}/dismiss", "write:accounts", "Put an announcement away."),
    ("DELETE", "/api/v1/featured_tags/{id}", "write:accounts", "Put a topic first no more."),
    ("POST", "/api/v1/follow_requests/{id}/authorize", "write:follows", "Let somebody follow."),
    ("POST", "/api/v1/follow_requests/{id}/reject", "write:follows", "Let somebody not follow."),
    ("DELETE", "/api/v1/suggestions/{id}", "read", "Put a suggestion away."),
    ("PUT", "/api/v1/announcements/{id}/reactions/{name}", "write:favourites", "React to an announcement."),
    ("DELETE", "/api/v1/announcements/{id}/reactions/{name}", "write:favourites", "And no more."),
    ("GET", "/api/v1/annual_reports/{year}", "read:accounts", "One year in numbers: nothing is counted."),
    ("POST", "/api/v1/annual_reports/{year}/read", "write:accounts", "Read it."),
    ("GET", "/api/v1/instance/terms_of_service/{date}", "", "Terms of another day: there are none."),
    ("GET", "/api/v1/notifications/requests/{id}", "read:notifications", "Notifications held back: none."),
    ("POST", "/api/v1/notifications/requests/{id}/accept", "write:notifications", "Let them through."),
    ("POST", "/api/v1/notifications/requests/{id}/dismiss", "write:notifications", "Put them away."),
    ("GET", "/api/v1_alpha/async_refreshes/{id}", "read", "Work that goes on: none is waited for."),
    (
        "POST",
        "/api/v1/statuses/{id}/quotes/{quote}/revoke",
        "write:statuses",
        "Take back a quote: there are none.",
    ),
)


async def _unknown(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    """There is none, whatever the id."""
    raise Unknown


async def _not_here(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    raise Invalid("path", "That is not possible here.", "not-here")


async def _empty(call: Call) -> list[Any]:  # noqa: ARG001 - the same for everybody
    return []


async def _nobody_known(call: Call) -> list[dict[str, Any]]:
    """Of everybody who was asked about, in the shape that apps look through."""
    keys = [key for key in call.given.id if is_key(key)][:MOST_AT_ONCE]
    return [{"id": key, "accounts": []} for key in keys]


async def _no_reports(call: Call) -> dict[str, list[Any]]:  # noqa: ARG001 - the same for everybody
    return {"annual_reports": [], "accounts": [], "statuses": []}


async def _nothing_held_back(call: Call) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    return {}


async def _by_invitation(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    raise NotYours("by-invitation", "People come in here by invitation. Ask somebody who is a member.")


async def _no_mail(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    raise NotYours("no-mail", "No e-mail address is asked here, so there is none to confirm.")


# method, path, what a token is needed for, what it is, what does it, takes and gives
_OTHERWISE: tuple[tuple[str, str, str, str, Any, Any, Any], ...] = (
    (
        "GET",
        "/api/v1/accounts/familiar_followers",
        "read:follows",
        "Whom one knows among somebody's followers: nobody is told.",
        _nobody_known,
        Several,
        list[Any],
    ),
    (
        "GET",
        "/api/v1/annual_reports",
        "read:accounts",
        "Years in numbers: nothing is counted.",
        _no_reports,
        None,
        dict,
    ),
    (
        "POST",
        "/api/v1/notifications/requests/accept",
        "write:notifications",
        "Let through what is held back: nothing is.",
        _nothing_held_back,
        Several,
        dict,
    ),
    (
        "POST",
        "/api/v1/notifications/requests/dismiss",
        "write:notifications",
        "Put it away.",
        _nothing_held_back,
        Several,
        dict,
    ),
    (
        "POST",
        "/api/v1/accounts",
        "",
        "Make an account: one comes in by invitation.",
        _by_invitation,
        None,
        Any,
    ),
    ("POST", "/api/v1/emails/confirmations", "", "Send a mail again: none is sent.", _no_mail, None, Any),
)
ENDPOINTS = (
    tuple(
        Endpoint(method="GET", path=path, summary=summary, do=_empty, scope=scope, gives=list[Any])
        for path, scope, summary in _LISTS
    )
    + tuple(
        Endpoint(method=method, path=path, summary=summary, do=do, scope=scope)
        for group, do in ((_NOT_HERE, _not_here), (_OF_NONE, _unknown))
        for method, path, scope, summary in group
    )
    + tuple(
        Endpoint(method=method, path=path, summary=summary, do=do, scope=scope, takes=takes, gives=gives)
        for method, path, scope, summary, do, takes, gives in _OTHERWISE
    )
)
