"""Lists of people whom one follows: made, changed, filled and read. Only their owner knows of them."""

from __future__ import annotations

from typing import Any

import msgspec

from storage import people
from storage.stream import Place
from vraagbaak import lists
from vraagbaak.errors import Invalid
from vraagbaak.model import PeopleList, ReplyPolicy
from web.mastodon import entities
from web.mastodon.accounts import MOST_AT_ONCE, people_listed
from web.mastodon.calls import Answered, Call, Endpoint, Paging


class List(msgspec.Struct, kw_only=True):
    """A list."""

    id: str
    title: str
    replies_policy: str
    exclusive: bool


class ListWish(msgspec.Struct, kw_only=True):
    """How a list is to be."""

    title: str | None = None
    replies_policy: str | None = None
    exclusive: bool | None = None


class Chosen(msgspec.Struct, kw_only=True):
    """Who is to be in it, or not any more."""

    account_ids: list[str] = msgspec.field(default_factory=list)


def _shape(found: PeopleList) -> List:
    return List(id=found.id, title=found.title, replies_policy=found.replies.value, exclusive=found.exclusive)


def _wish(given: ListWish) -> lists.Wish:
    if given.replies_policy and given.replies_policy not in set(ReplyPolicy):
        name = "replies_policy"
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)
    replies = ReplyPolicy(given.replies_policy) if given.replies_policy else None
    return lists.Wish(title=given.title, replies=replies, exclusive=given.exclusive)


async def _all(call: Call) -> list[List]:
    return [_shape(each) for each in await call.read(lists.of_member, call.member)]


async def _make(call: Call) -> List:
    return _shape(await call.do(lists.make, call.member, _wish(call.given)))


async def _one(call: Call) -> List:
    return _shape(await call.read(lists.own, call.member, call.key))


async def _change(call: Call) -> List:
    return _shape(await call.do(lists.change, call.member, call.key, _wish(call.given)))


async def _delete(call: Call) -> dict[str, Any]:
    await call.do(lists.delete, call.member, call.key)
    return {}


async def _people(call: Call) -> Answered:
    """With a limit of 0 all of them at once, as apps ask that show a whole list."""
    chosen = await call.read(lists.own, call.member, call.key)
    everybody = Place(limit=lists.MOST_IN_ONE)
    place = everybody if call.given.limit == 0 else call.place(most=MOST_AT_ONCE, usual=40)
    return people_listed(call, await call.read(people.in_list, chosen.id, place), place)


async def _put_in(call: Call) -> dict[str, Any]:
    await call.do(lists.put_in, call.member, call.key, tuple(call.given.account_ids))
    return {}


async def _take_out(call: Call) -> dict[str, Any]:
    await call.do(lists.take_out, call.member, call.key, tuple(call.given.account_ids))
    return {}


async def _holding(call: Call) -> list[List]:
    await call.read(people.actor, call.key)
    return [_shape(each) for each in await call.read(lists.holding, call.member, call.key)]


_LISTS, _ONE = "/api/v1/lists", "/api/v1/lists/{id}"
_WITHIN = f"{_ONE}/accounts"
_ACCOUNTS = list[entities.Account]
_TABLE: tuple[tuple[str, str, str, Any, Any, Any], ...] = (
    ("GET", _LISTS, "One's lists of people.", _all, None, list[List]),
    ("POST", _LISTS, "Make a list.", _make, ListWish, List),
    ("GET", _ONE, "One list.", _one, None, List),
    ("PUT", _ONE, "Change a list.", _change, ListWish, List),
    ("DELETE", _ONE, "Delete a list.", _delete, None, dict),
    ("GET", _WITHIN, "Who is in a list.", _people, Paging, _ACCOUNTS),
    ("POST", _WITHIN, "Put people in a list whom one follows.", _put_in, Chosen, dict),
    ("DELETE", _WITHIN, "Take people out of a list.", _take_out, Chosen, dict),
    (
        "GET",
        "/api/v1/accounts/{id}/lists",
        "In which of one's lists somebody is.",
        _holding,
        None,
        list[List],
    ),
)
ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=path,
        summary=summary,
        do=do,
        scope="read:lists" if method == "GET" else "write:lists",
        takes=takes,
        gives=gives,
    )
    for method, path, summary, do, takes, gives in _TABLE
)
