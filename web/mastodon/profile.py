"""One's own profile, changed from an app; and saying what is wrong with something."""

from __future__ import annotations

from typing import Any

import msgspec

from storage import people, statuses
from storage.tx import SqlTx
from vraagbaak import members, reports
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.model import Actor
from web import language
from web.keys import checked_key
from web.mastodon import entities
from web.mastodon.calls import Call, Endpoint
from web.mastodon.moments import when

NO_PORTRAIT = language.msgid("Nobody has a picture of their own here: everybody is shown with the same one.")
CATEGORIES = frozenset({"spam", "legal", "violation", "other"})


class Changes(msgspec.Struct, kw_only=True):
    """What may be changed; all else that an app sends stays as it is."""

    display_name: str | None = None
    note: str | None = None
    avatar: str | None = None
    header: str | None = None


class NewReport(msgspec.Struct, kw_only=True):
    """What is wrong."""

    account_id: str = ""
    status_ids: list[str] = msgspec.field(default_factory=list)
    comment: str = ""
    category: str = "other"
    rule_ids: list[str] = msgspec.field(default_factory=list)
    forward: bool = False


class Report(msgspec.Struct, kw_only=True):
    """A report, as who made it sees it."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str]
    rule_ids: list[str]
    target_account: entities.Account
    collection_ids: list[str] = msgspec.field(default_factory=list)


async def _change(call: Call) -> entities.CredentialAccount:
    given: Changes = call.given
    for field in ("avatar", "header"):
        if getattr(given, field):
            raise Invalid(field, NO_PORTRAIT, "no-portrait")
    actor = await call.do(members.describe, call.member, given.display_name, given.note)
    return entities.own_account(call.site.store.home, call.member, actor)


async def _no_picture(call: Call) -> entities.CredentialAccount:
    """There is none: everybody has the same."""
    return entities.own_account(call.site.store.home, call.member, call.actor)


async def _report(call: Call) -> Report:
    given: NewReport = call.given
    if given.category not in CATEGORIES:
        raise Invalid("category", "This cannot be the value of '%(name)s'.", "bad-value", name="category")
    target = await call.read(people.actor, checked_key(given.account_id))
    keys = [checked_key(key) for key in dict.fromkeys(given.status_ids)][: reports.MOST]
    made = await call.do(_complain, call, target, keys)
    return Report(
        id=made.id,
        action_taken=False,
        action_taken_at=None,
        category=given.category,
        comment=made.text,
        forwarded=False,
        created_at=when(made.made_at),
        status_ids=keys,
        rule_ids=[],
        target_account=entities.account(call.site.store.home, target),
    )


def _complain(tx: SqlTx, call: Call, target: Actor, keys: list[str]) -> Any:
    things = [view.thing for view in statuses.several(tx, call.viewer, keys)]
    if len(things) < len(keys) or any(thing.author_id != target.id for thing in things):
        raise Unknown
    about = (target.uri, *(thing.uri for thing in things))
    return reports.complain_of(tx, about, call.given.comment)


ENDPOINTS = (
    Endpoint(
        method="PATCH",
        path="/api/v1/accounts/update_credentials",
        summary="Change the name and the words under which one is shown.",
        do=_change,
        scope="write:accounts",
        takes=Changes,
        gives=entities.CredentialAccount,
    ),
    *(
        Endpoint(
            method="DELETE",
            path=f"/api/v1/profile/{picture}",
            summary="Take away one's picture: nobody has one.",
            do=_no_picture,
            scope="write:accounts",
            gives=entities.CredentialAccount,
        )
        for picture in ("avatar", "header")
    ),
    Endpoint(
        method="POST",
        path="/api/v1/reports",
        summary="Tell the moderators of this neighbourhood what is wrong.",
        do=_report,
        scope="write:reports",
        takes=NewReport,
        gives=Report,
    ),
)
