"""`/api/v1/push/subscription`: a program says where it wants to be told what happens while it is not open.

One for each token; of another's token nothing can be asked or changed, for its own is the only one it can name (threat G23).
"""

from __future__ import annotations

from typing import Any

import msgspec

from federation.transport import Forbidden
from vraagbaak import pushing
from vraagbaak.errors import Invalid
from vraagbaak.model import NoticeKind, PushPolicy, PushSubscription
from vraagbaak.pushing import Wish
from web.mastodon.calls import Call, Endpoint
from web.mastodon.notifications import TYPES
from web.mastodon.push import BadSubscription, Reader
from web.site import Site

LONGEST_ENDPOINT = 2000
_NEVER = ("quote", "quoted_update", "admin.sign_up", "admin.report")
"""What Mastodon 4.5 knows beside that."""


class Alerts(msgspec.Struct, kw_only=True):
    """Of which kinds of deeds; what never happens here is never told, whatever was asked."""

    mention: bool = False
    status: bool = False
    reblog: bool = False
    follow: bool = False
    follow_request: bool = False
    favourite: bool = False
    poll: bool = False
    update: bool = False


class Keys(msgspec.Struct, kw_only=True):
    """What a program encrypts with."""

    p256dh: str = ""
    auth: str = ""


class Place(msgspec.Struct, kw_only=True):
    """Where, as a browser gives it."""

    endpoint: str = ""
    keys: Keys = msgspec.field(default_factory=Keys)
    standard: bool = True
    """Whether it reads RFC 8291; there is nothing else here."""


class Wanted(msgspec.Struct, kw_only=True):
    """What of."""

    alerts: Alerts | None = None
    policy: str = ""


class Changed(msgspec.Struct, kw_only=True):
    """Other wishes."""

    data: Wanted = msgspec.field(default_factory=Wanted)


class Made(Changed, kw_only=True):
    """A place with wishes."""

    subscription: Place = msgspec.field(default_factory=Place)


class WebPushSubscription(msgspec.Struct, kw_only=True):
    """What is known of it now."""

    id: int
    endpoint: str
    standard: bool
    alerts: dict[str, bool]
    policy: str
    server_key: str


def _check(site: Site, place: Place) -> None:
    """Whether messages can be sent there (threats C12, H23). Raises Invalid."""
    if site.places is None:
        raise Invalid("path", "That is not possible here yet.", "not-here")
    try:
        origin, _ = site.places.place(place.endpoint)
    except Forbidden:
        origin = None
    if origin is None or origin.netloc == site.store.home.domain or len(place.endpoint) > LONGEST_ENDPOINT:
        raise Invalid("endpoint", "Messages cannot be sent to this address.", "bad-endpoint")
    try:
        Reader.of(place.keys.p256dh, place.keys.auth)
    except BadSubscription as fault:
        name = str(fault)
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name) from None


def _shape(call: Call, found: PushSubscription) -> WebPushSubscription:
    wanted = {TYPES[kind] for kind in found.alerts}
    return WebPushSubscription(
        # A number, and a small one: Mastodon's own app for Android breaks on anything else. Nothing is asked by it.
        id=int(found.token_id[:7], 16),
        endpoint=found.endpoint,
        standard=True,
        alerts={word: word in wanted for word in (*Alerts.__struct_fields__, *_NEVER)},
        policy=found.policy.value,
        server_key=call.site.vapid_key,
    )


def _alerts(wanted: Wanted) -> tuple[NoticeKind, ...] | None:
    if wanted.alerts is None:
        return None
    return tuple(kind for kind, word in TYPES.items() if getattr(wanted.alerts, word))


def _policy(wanted: Wanted) -> PushPolicy | None:
    try:
        return PushPolicy(wanted.policy) if wanted.policy else None
    except ValueError:
        raise Invalid(
            "policy", "This cannot be the value of '%(name)s'.", "bad-value", name="policy"
        ) from None


async def _make(call: Call) -> WebPushSubscription:
    given: Made = call.given
    place = given.subscription
    _check(call.site, place)
    wish = Wish(
        endpoint=place.endpoint,
        p256dh=place.keys.p256dh,
        auth=place.keys.auth,
        alerts=_alerts(given.data) or (),
        policy=_policy(given.data) or PushPolicy.ALL,
    )
    return _shape(call, await call.do(pushing.subscribe, call.member, call.visitor.token_id, wish))


async def _show(call: Call) -> WebPushSubscription:
    return _shape(call, await call.read(pushing.of_token, call.visitor.token_id))


async def _change(call: Call) -> WebPushSubscription:
    given: Changed = call.given
    changed = await call.do(pushing.change, call.visitor.token_id, _alerts(given.data), _policy(given.data))
    return _shape(call, changed)


async def _end(call: Call) -> dict[str, Any]:
    await call.do(pushing.end, call.visitor.token_id)
    return {}


PATH = "/api/v1/push/subscription"
ENDPOINTS = (
    Endpoint(
        method="POST",
        path=PATH,
        summary="Be told what happens while the program is not open.",
        do=_make,
        scope="push",
        takes=Made,
        gives=WebPushSubscription,
    ),
    Endpoint(
        method="GET",
        path=PATH,
        summary="Where and of what this token is told.",
        do=_show,
        scope="push",
        gives=WebPushSubscription,
    ),
    Endpoint(
        method="PUT",
        path=PATH,
        summary="Be told of other things.",
        do=_change,
        scope="push",
        takes=Changed,
        gives=WebPushSubscription,
    ),
    Endpoint(
        method="DELETE", path=PATH, summary="Be told nothing any more.", do=_end, scope="push", gives=dict
    ),
)
