"""What clients ask that has no meaning here: an honest empty answer, for a missing one breaks them.

Whatever becomes real moves to a file of its own.
"""

from __future__ import annotations

from typing import Any

from web.mastodon.calls import Call, Endpoint

# path, what a token is needed for (empty: none), and why there is nothing
_LISTS = (
    ("/api/v1/announcements", "read", "Announcements of the server: there are none."),
    ("/api/v1/conversations", "read:statuses", "Closed talks: there are none yet."),
    ("/api/v1/custom_emojis", "", "Own emojis: there are none."),
    ("/api/v1/directory", "", "Profiles: nobody is listed."),
    ("/api/v1/endorsements", "read:accounts", "Whom one recommends."),
    ("/api/v1/featured_tags", "read:accounts", "Topics that one puts first."),
    ("/api/v1/featured_tags/suggestions", "read:accounts", "Topics to put first."),
    ("/api/v1/filters", "read:filters", "Filters, the old way."),
    ("/api/v2/filters", "read:filters", "Filters."),
    ("/api/v1/follow_requests", "read:follows", "Who waits to follow: everybody may at once."),
    ("/api/v1/lists", "read:lists", "Lists of people."),
    ("/api/v1/scheduled_statuses", "read:statuses", "Statuses for later."),
    ("/api/v1/suggestions", "read", "Whom to follow, the old way: nobody is put forward."),
    ("/api/v2/suggestions", "read", "Whom to follow: nobody is put forward."),
    ("/api/v1/trends", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/tags", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/statuses", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/links", "", "What many talk about: nothing is counted."),
    ("/api/v1/accounts/familiar_followers", "read:follows", "Whom one knows among somebody's followers."),
    ("/api/v1/annual_reports", "read:accounts", "A year in numbers: nothing is counted."),
)


async def _empty(call: Call) -> list[Any]:  # noqa: ARG001 - the same for everybody
    return []


ENDPOINTS = tuple(
    Endpoint(method="GET", path=path, summary=summary, do=_empty, scope=scope, gives=list[Any])
    for path, scope, summary in _LISTS
)
