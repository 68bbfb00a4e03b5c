"""What clients ask that has no meaning here: an honest empty answer, for a missing one breaks them.

Whatever becomes real moves to a file of its own.
"""

from __future__ import annotations

from typing import Any

from vraagbaak.errors import Invalid, Unknown
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
    ("/api/v1/follow_requests", "read:follows", "Who waits to follow: everybody may at once."),
    ("/api/v1/suggestions", "read", "Whom to follow, the old way: nobody is put forward."),
    ("/api/v2/suggestions", "read", "Whom to follow: nobody is put forward."),
    ("/api/v1/trends", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/tags", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/statuses", "", "What many talk about: nothing is counted."),
    ("/api/v1/trends/links", "", "What many talk about: nothing is counted."),
    ("/api/v1/accounts/familiar_followers", "read:follows", "Whom one knows among somebody's followers."),
    ("/api/v1/annual_reports", "read:accounts", "A year in numbers: nothing is counted."),
)


# method, path, what a token is needed for, and what it would be
_NOT_HERE = (("POST", "/api/v1/featured_tags", "write:accounts", "Put a topic first."),)
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
)


async def _unknown(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    """There is none, whatever the id."""
    raise Unknown


async def _not_here(call: Call) -> Any:  # noqa: ARG001 - the same for everybody
    raise Invalid("path", "That is not possible here yet.", "not-here")


async def _empty(call: Call) -> list[Any]:  # noqa: ARG001 - the same for everybody
    return []


ENDPOINTS = tuple(
    Endpoint(method="GET", path=path, summary=summary, do=_empty, scope=scope, gives=list[Any])
    for path, scope, summary in _LISTS
) + tuple(
    Endpoint(method=method, path=path, summary=summary, do=do, scope=scope)
    for group, do in ((_NOT_HERE, _not_here), (_OF_NONE, _unknown))
    for method, path, scope, summary in group
)
