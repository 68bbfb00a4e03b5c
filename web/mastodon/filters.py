"""Filters of a member, in both versions of the API: in the old one each phrase is a filter of its own (Mastodon 4.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from storage import statuses
from storage.tx import SqlTx
from vraagbaak import filters
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid
from vraagbaak.filters import Lasts, Phrase, Wish
from vraagbaak.model import Filter, FilterAction, FilterContext, FilteredThing, FilterKeyword, Member
from vraagbaak.ports import Tx
from web.mastodon import filtered
from web.mastodon.calls import Call, Endpoint
from web.mastodon.filtered import Keyword, NamedStatus, WholeFilter
from web.mastodon.moments import when


class OldFilter(msgspec.Struct, kw_only=True):
    """A phrase with the filter that it is of, as one."""

    id: str
    phrase: str
    context: list[str]
    whole_word: bool
    expires_at: str | None
    irreversible: bool


class OldWish(msgspec.Struct, kw_only=True):
    """How that is to be."""

    phrase: str | None = None
    context: list[str] | None = None
    expires_in: int | msgspec.UnsetType | None = msgspec.UNSET
    irreversible: bool | None = None
    whole_word: bool | None = None


class KeywordWish(msgspec.Struct, kw_only=True):
    """How a phrase is to be."""

    id: str = ""
    keyword: str | None = None
    whole_word: bool | None = None
    gone: bool = msgspec.field(default=False, name="_destroy")


class FilterWish(msgspec.Struct, kw_only=True):
    """How a filter is to be."""

    title: str | None = None
    context: list[str] | None = None
    filter_action: str | None = None
    expires_in: int | msgspec.UnsetType | None = msgspec.UNSET
    keywords_attributes: list[KeywordWish] = msgspec.field(default_factory=list)


class Named(msgspec.Struct, kw_only=True):
    """A status to put in a filter."""

    status_id: str = ""


def _contexts(given: list[str] | None) -> tuple[FilterContext, ...] | None:
    if given is None:
        return None
    if not set(given) <= set(FilterContext):
        raise Invalid("context", "This cannot be the value of '%(name)s'.", "bad-value", name="context")
    return tuple(FilterContext(each) for each in given)


def _action(given: str | None) -> FilterAction | None:
    if given and given not in set(FilterAction):
        name = "filter_action"
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)
    return FilterAction(given) if given else None


def _lasts(given: int | msgspec.UnsetType | None) -> Lasts | None:
    return None if given is msgspec.UNSET else Lasts(seconds=given)


def _phrase(given: KeywordWish) -> Phrase:
    return Phrase(id=given.id, phrase=given.keyword, whole_word=given.whole_word, gone=given.gone)


def _wish(given: FilterWish) -> Wish:
    return Wish(
        title=given.title,
        contexts=_contexts(given.context),
        action=_action(given.filter_action),
        lasts=_lasts(given.expires_in),
        phrases=tuple(map(_phrase, given.keywords_attributes)),
    )


async def _all(call: Call) -> list[WholeFilter]:
    return [filtered.whole(each) for each in await call.read(filters.of_member, call.member)]


async def _make(call: Call) -> WholeFilter:
    return filtered.whole(await call.do(filters.make, call.member, _wish(call.given)))


async def _one(call: Call) -> WholeFilter:
    return filtered.whole(await call.read(filters.own, call.member, call.key))


async def _change(call: Call) -> WholeFilter:
    return filtered.whole(await call.do(filters.change, call.member, call.key, _wish(call.given)))


async def _delete(call: Call) -> dict[str, Any]:
    await call.do(filters.delete, call.member, call.key)
    return {}


async def _keywords(call: Call) -> list[Keyword]:
    return (await _one(call)).keywords


async def _add_keyword(call: Call) -> Keyword:
    return filtered.keyword(await call.do(filters.add_phrase, call.member, call.key, _phrase(call.given)))


async def _keyword(call: Call) -> Keyword:
    return filtered.keyword((await call.read(filters.with_phrase, call.member, call.key))[1])


async def _change_keyword(call: Call) -> Keyword:
    return filtered.keyword(await call.do(filters.change_phrase, call.member, call.key, _phrase(call.given)))


async def _take_keyword(call: Call) -> dict[str, Any]:
    await call.do(filters.take_phrase, call.member, call.key)
    return {}


async def _statuses(call: Call) -> list[NamedStatus]:
    return (await _one(call)).statuses


async def _name(call: Call) -> NamedStatus:
    return filtered.named(await call.do(_named, call.member, call.viewer, call.key, call.given.status_id))


def _named(tx: SqlTx, member: Member, viewer: Viewer, key: str, thing_id: str) -> FilteredThing:
    filters.own(tx, member, key)
    return filters.name(tx, member, key, statuses.thing_called(tx, viewer, thing_id).id)


async def _status(call: Call) -> NamedStatus:
    return filtered.named((await call.read(filters.with_thing, call.member, call.key))[1])


async def _take_status(call: Call) -> dict[str, Any]:
    await call.do(filters.take_thing, call.member, call.key)
    return {}


# The old way


def _old(found: Filter, keyword: FilterKeyword) -> OldFilter:
    return OldFilter(
        id=keyword.id,
        phrase=keyword.phrase,
        context=[each.value for each in found.contexts],
        whole_word=keyword.whole_word,
        expires_at=when(found.expires_at) if found.expires_at else None,
        irreversible=found.action is FilterAction.HIDE,
    )


def _old_wish(given: OldWish) -> Wish:
    action = None
    if given.irreversible is not None:
        action = FilterAction.HIDE if given.irreversible else FilterAction.WARN
    return Wish(contexts=_contexts(given.context), action=action, lasts=_lasts(given.expires_in))


async def _old_all(call: Call) -> list[OldFilter]:
    found = await call.read(filters.of_member, call.member)
    return [_old(each, keyword) for each in found for keyword in each.keywords]


async def _old_one(call: Call) -> OldFilter:
    return _old(*await call.read(filters.with_phrase, call.member, call.key))


async def _old_make(call: Call) -> OldFilter:
    given: OldWish = call.given
    phrase = Phrase(phrase=given.phrase or "", whole_word=given.whole_word)
    # A filter of the old kind has no title: it is called after its phrase.
    wish = replace(_old_wish(given), title=(given.phrase or "")[: filters.TITLE_LENGTH], phrases=(phrase,))
    made = await call.do(filters.make, call.member, wish)
    return _old(made, made.keywords[0])


async def _old_change(call: Call) -> OldFilter:
    given: OldWish = call.given
    phrase = Phrase(phrase=given.phrase, whole_word=given.whole_word)
    return _old(*await call.do(_old_changed, call.member, call.key, _old_wish(given), phrase))


def _old_changed(
    tx: Tx, member: Member, key: str, wish: Wish, phrase: Phrase
) -> tuple[Filter, FilterKeyword]:
    before, _ = filters.with_phrase(tx, member, key)
    filters.change_phrase(tx, member, key, phrase)
    changed = filters.change(tx, member, before.id, wish)
    if len(before.keywords) > 1 and _head(changed) != _head(before):
        raise Invalid(
            "phrase",
            "This filter has several phrases. Change it with an app that knows those.",
            "several-phrases",
        )
    return filters.with_phrase(tx, member, key)


def _head(found: Filter) -> tuple[object, ...]:
    """What all phrases of a filter have in common."""
    return found.contexts, found.action, found.expires_at


async def _old_delete(call: Call) -> dict[str, Any]:
    await call.do(_old_deleted, call.member, call.key)
    return {}


def _old_deleted(tx: Tx, member: Member, key: str) -> None:
    """The last phrase takes its filter along."""
    found, _ = filters.with_phrase(tx, member, key)
    filters.take_phrase(tx, member, key)
    if len(found.keywords) == 1:
        filters.delete(tx, member, found.id)


_V1, _V2 = "/api/v1/filters", "/api/v2/filters"
_TABLE: tuple[tuple[str, str, str, Any, Any, Any], ...] = (
    ("GET", _V2, "One's filters.", _all, None, list[WholeFilter]),
    ("POST", _V2, "Make a filter.", _make, FilterWish, WholeFilter),
    ("GET", f"{_V2}/{{id}}", "One filter.", _one, None, WholeFilter),
    ("PUT", f"{_V2}/{{id}}", "Change it.", _change, FilterWish, WholeFilter),
    ("DELETE", f"{_V2}/{{id}}", "Delete it.", _delete, None, dict),
    ("GET", f"{_V2}/{{id}}/keywords", "The words of a filter.", _keywords, None, list[Keyword]),
    ("POST", f"{_V2}/{{id}}/keywords", "One phrase more.", _add_keyword, KeywordWish, Keyword),
    ("GET", f"{_V2}/keywords/{{id}}", "One phrase.", _keyword, None, Keyword),
    ("PUT", f"{_V2}/keywords/{{id}}", "Change it.", _change_keyword, KeywordWish, Keyword),
    ("DELETE", f"{_V2}/keywords/{{id}}", "Take it out.", _take_keyword, None, dict),
    (
        "GET",
        f"{_V2}/{{id}}/statuses",
        "The statuses that a filter names.",
        _statuses,
        None,
        list[NamedStatus],
    ),
    ("POST", f"{_V2}/{{id}}/statuses", "One status more.", _name, Named, NamedStatus),
    ("GET", f"{_V2}/statuses/{{id}}", "One of them.", _status, None, NamedStatus),
    ("DELETE", f"{_V2}/statuses/{{id}}", "Take it out.", _take_status, None, dict),
    ("GET", _V1, "One's filters, the old way: each phrase is one.", _old_all, None, list[OldFilter]),
    ("POST", _V1, "Make a filter, the old way.", _old_make, OldWish, OldFilter),
    ("GET", f"{_V1}/{{id}}", "One filter, the old way.", _old_one, None, OldFilter),
    ("PUT", f"{_V1}/{{id}}", "Change it.", _old_change, OldWish, OldFilter),
    ("DELETE", f"{_V1}/{{id}}", "Delete it.", _old_delete, None, dict),
)
ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=path,
        summary=summary,
        do=do,
        scope="read:filters" if method == "GET" else "write:filters",
        takes=takes,
        gives=gives,
    )
    for method, path, summary, do, takes, gives in _TABLE
)
