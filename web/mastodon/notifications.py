"""Notifications: who answered, liked, passed on or follows; one by one, and grouped (Mastodon 4.3)."""

from __future__ import annotations

from typing import Any

import msgspec

from storage import notices as told
from storage.notices import NoticeView
from storage.reading import Reading
from storage.stream import Place
from vraagbaak import notices, preferring
from vraagbaak.audience import Viewer
from vraagbaak.errors import Unknown
from vraagbaak.model import Answer, Home, NoticeKind, Offer, Question, Thing
from web.keys import checked_key, is_key
from web.mastodon import entities
from web.mastodon.calls import Answered, Call, Endpoint, Paging, listed
from web.mastodon.moments import when

TYPES = {
    NoticeKind.REPLY: "mention",
    NoticeKind.LIKE: "favourite",
    NoticeKind.BOOST: "reblog",
    NoticeKind.FOLLOW: "follow",
    NoticeKind.MATCH: "status",
    NoticeKind.NEWS: "status",
}
_GROUPED = frozenset({NoticeKind.LIKE, NoticeKind.BOOST, NoticeKind.FOLLOW})
_ALONE = "ungrouped-"
MOST_COUNTED = 1000
MOST_NAMED = 8


class Notifications(Paging, kw_only=True):
    """Which notifications."""

    types: list[str] = msgspec.field(default_factory=list)
    exclude_types: list[str] = msgspec.field(default_factory=list)
    grouped_types: list[str] | None = None
    account_id: str = ""
    include_filtered: bool = False
    expand_accounts: str = ""


class Notification(msgspec.Struct, kw_only=True):
    """One of them."""

    id: str
    type: str
    group_key: str
    created_at: str
    account: entities.Account
    status: entities.Status | None = None


class Group(msgspec.Struct, kw_only=True):
    """Several of one kind about one thing."""

    group_key: str
    notifications_count: int
    type: str
    most_recent_notification_id: str
    page_min_id: str
    page_max_id: str
    latest_page_notification_at: str
    sample_account_ids: list[str]
    status_id: str | None = None


class Grouped(msgspec.Struct, kw_only=True):
    """Groups, with whom and what they name."""

    accounts: list[entities.Account]
    statuses: list[entities.Status]
    notification_groups: list[Group]


class Count(msgspec.Struct, kw_only=True):
    """How many are not read."""

    count: int


def _kinds(given: Notifications) -> list[NoticeKind]:
    return [
        kind
        for kind, name in TYPES.items()
        if (not given.types or name in given.types) and name not in given.exclude_types
    ]


async def _page(call: Call) -> list[NoticeView]:
    given: Notifications = call.given
    if given.account_id and not is_key(given.account_id):
        return []
    found: list[NoticeView] = await call.read(
        told.told, call.viewer, call.place(most=80, usual=40), _kinds(given), given.account_id
    )
    return found


def shape(home: Home, view: NoticeView) -> Notification:
    return Notification(
        id=view.notice.id,
        type=TYPES[view.notice.kind],
        group_key=_key_of(view),
        created_at=when(view.notice.made_at),
        account=entities.account(home, view.actor),
        status=entities.status(home, view.status) if view.status else None,
    )


def _key_of(view: NoticeView) -> str:
    if view.notice.kind not in _GROUPED:
        return f"{_ALONE}{view.notice.id}"
    return "-".join([TYPES[view.notice.kind], *([view.status.thing.id] if view.status else [])])


async def _list(call: Call) -> Answered:
    home = call.site.store.home
    place = call.place(most=80, usual=40)
    return listed(
        call, await _page(call), lambda view: shape(home, view), lambda view: view.notice.id, place=place
    )


async def _grouped(call: Call) -> Answered:
    found = await _page(call)
    place = call.place(most=80, usual=40)
    pages = listed(call, found, lambda view: view, lambda view: view.notice.id, place=place)
    return Answered(value=await _groups(call, found, call.given.grouped_types), headers=pages.headers)


async def _groups(call: Call, found: list[NoticeView], wanted: list[str] | None = None) -> Grouped:
    """These in groups, each with how many there are of it in all, and those of them that it names first."""
    home = call.site.store.home
    by_key: dict[str, list[NoticeView]] = {}
    for view in found:
        together = wanted is None or TYPES[view.notice.kind] in wanted
        key = _key_of(view) if together else f"{_ALONE}{view.notice.id}"
        by_key.setdefault(key, []).append(view)
    uris = {view.notice.thing_uri for view in found if view.notice.kind in _GROUPED}
    counted = await call.read(told.counts, call.viewer, sorted(_GROUPED), uris) if uris else {}
    everybody = {view.actor.id: view.actor for views in by_key.values() for view in _named(views)}
    shown = {view.status.thing.id: view.status for views in by_key.values() for view in views if view.status}
    return Grouped(
        accounts=[entities.account(home, each) for each in everybody.values()],
        statuses=[entities.status(home, each) for each in shown.values()],
        notification_groups=[_group(key, views, counted) for key, views in by_key.items()],
    )


def _named(views: list[NoticeView]) -> list[NoticeView]:
    """Of everybody in a group, the latest whose accounts come with it."""
    return list({view.actor.id: view for view in views}.values())[:MOST_NAMED]


def _group(key: str, views: list[NoticeView], counted: dict[tuple[NoticeKind, str], int]) -> Group:
    latest, status = views[0], views[0].status
    alone = key.startswith(_ALONE)
    return Group(
        group_key=key,
        notifications_count=1 if alone else counted[latest.notice.kind, latest.notice.thing_uri],
        type=TYPES[latest.notice.kind],
        most_recent_notification_id=latest.notice.id,
        page_min_id=views[-1].notice.id,
        page_max_id=latest.notice.id,
        latest_page_notification_at=when(latest.notice.made_at),
        sample_account_ids=[view.actor.id for view in _named(views)],
        status_id=status.thing.id if status else None,
    )


async def _of_group(call: Call, most: int = MOST_COUNTED) -> list[NoticeView]:
    """The latest of one group. Raises Unknown when there are none."""
    key = call.request.path_params["group"]
    if key.startswith(_ALONE):
        return [await call.read(told.one, call.viewer, checked_key(key.removeprefix(_ALONE)))]
    found: list[NoticeView] = await call.read(_latest, call.viewer, key, most)
    if not found:
        raise Unknown
    return found


def _latest(reading: Reading, viewer: Viewer, group: str, most: int) -> list[NoticeView]:
    name, _, key = group.partition("-")
    kinds = [kind for kind in _GROUPED if TYPES[kind] == name]
    thing = _thing(reading, key) if key else None
    if not kinds or (key and thing is None):
        return []
    return told.told(reading, viewer, Place(limit=most), kinds, about=thing.uri if thing else "")


def _thing(reading: Reading, key: str) -> Thing | None:
    return (
        reading.one(Question, id=key) or reading.one(Answer, id=key) or reading.one(Offer, id=key)
        if is_key(key)
        else None
    )


async def _group_shown(call: Call) -> Grouped:
    return await _groups(call, await _of_group(call, most=80))


async def _group_accounts(call: Call) -> list[entities.Account]:
    home = call.site.store.home
    return [entities.account(home, view.actor) for view in await _of_group(call)]


async def _group_dismissed(call: Call) -> dict[str, Any]:
    first = (await _of_group(call, most=1))[0].notice
    if call.request.path_params["group"].startswith(_ALONE):
        await call.do(notices.dismiss, call.member, first.id)
    else:
        await call.do(notices.dismiss_all, call.member, first.kind, first.thing_uri)
    return {}


async def _one(call: Call) -> Notification:
    return shape(call.site.store.home, await call.read(told.one, call.viewer, call.key))


async def _clear(call: Call) -> dict[str, Any]:
    await call.do(notices.clear, call.member)
    return {}


async def _dismiss(call: Call) -> dict[str, Any]:
    await call.read(told.one, call.viewer, call.key)
    await call.do(notices.dismiss, call.member, call.key)
    return {}


async def _unread(call: Call) -> Count:
    """How many came after the marker."""
    marker = (await call.read(preferring.markers, call.member)).get("notifications")
    given: Notifications = call.given
    most = max(1, min(MOST_COUNTED, given.limit if given.limit is not None else 100))
    after = marker.last_id if marker else ""
    return Count(count=await call.read(told.count, call.viewer, after, most, _kinds(given)))


async def _policy(call: Call) -> dict[str, Any]:  # noqa: ARG001 - the same for everybody
    """Nothing is held back."""
    names = ("not_following", "not_followers", "new_accounts", "private_mentions", "limited_accounts")
    return {
        **{f"for_{name}": "accept" for name in names},
        "summary": {"pending_requests_count": 0, "pending_notifications_count": 0},
    }


async def _none(call: Call) -> list[Any]:  # noqa: ARG001 - nothing is held back
    return []


async def _merged(call: Call) -> dict[str, Any]:  # noqa: ARG001 - nothing is held back
    return {"merged": True}


_V1, _V2 = "/api/v1/notifications", "/api/v2/notifications"
_READ, _WRITE = "read:notifications", "write:notifications"
_TABLE: tuple[tuple[str, str, str, Any, Any, Any], ...] = (
    ("GET", _V1, "What others did with something of one's own.", _list, Notifications, list[Notification]),
    ("GET", f"{_V1}/unread_count", "How many are not read.", _unread, Notifications, Count),
    ("GET", f"{_V1}/requests", "Held back: none.", _none, None, list[Any]),
    ("GET", f"{_V1}/requests/merged", "Whether all that was held back is in the list.", _merged, None, dict),
    ("GET", f"{_V1}/{{id}}", "One of them.", _one, None, Notification),
    ("POST", f"{_V1}/clear", "Forget all of them.", _clear, None, dict),
    ("POST", f"{_V1}/{{id}}/dismiss", "Forget one of them.", _dismiss, None, dict),
    ("GET", f"{_V2}/policy", "What is held back: nothing.", _policy, None, dict),
    ("PATCH", f"{_V2}/policy", "The same: it cannot be changed.", _policy, None, dict),
    ("GET", _V2, "The same, grouped.", _grouped, Notifications, Grouped),
    ("GET", f"{_V2}/unread_count", "How many are not read.", _unread, Notifications, Count),
    ("GET", f"{_V2}/{{group}}", "One group.", _group_shown, None, Grouped),
    ("GET", f"{_V2}/{{group}}/accounts", "Who is in it.", _group_accounts, None, list[entities.Account]),
    ("POST", f"{_V2}/{{group}}/dismiss", "Forget a group.", _group_dismissed, None, dict),
)
ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=path,
        summary=summary,
        do=do,
        scope=_READ if method == "GET" else _WRITE,
        takes=takes,
        gives=gives,
    )
    for method, path, summary, do, takes, gives in _TABLE
)
