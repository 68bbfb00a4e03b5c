"""Filters as clients read them, and what they say beside a status. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from vraagbaak.filtering import Caught
from vraagbaak.model import Filter, FilteredThing, FilterKeyword
from web.mastodon.moments import when


class Keyword(msgspec.Struct, kw_only=True):
    """A phrase that a filter looks for."""

    id: str
    keyword: str
    whole_word: bool


class NamedStatus(msgspec.Struct, kw_only=True):
    """One status that a filter names."""

    id: str
    status_id: str


class FilterHead(msgspec.Struct, kw_only=True):
    """A filter without its words."""

    id: str
    title: str
    context: list[str]
    expires_at: str | None
    filter_action: str


class WholeFilter(FilterHead, kw_only=True):
    """A filter."""

    keywords: list[Keyword]
    statuses: list[NamedStatus]


class FilterResult(msgspec.Struct, kw_only=True):
    """A filter that a status falls under, and by what."""

    filter: FilterHead
    keyword_matches: list[str] | None
    status_matches: list[str] | None


def result(found: Caught) -> FilterResult:
    """As it stands in `filtered` of a status."""
    return FilterResult(
        filter=FilterHead(**_head(found.filter)),
        keyword_matches=list(found.phrases) or None,
        status_matches=list(found.things) or None,
    )


def whole(found: Filter) -> WholeFilter:
    """A filter for its owner."""
    return WholeFilter(
        **_head(found),
        keywords=[keyword(each) for each in found.keywords],
        statuses=[named(each) for each in found.things],
    )


def keyword(found: FilterKeyword) -> Keyword:
    """One of its phrases."""
    return Keyword(id=found.id, keyword=found.phrase, whole_word=found.whole_word)


def named(found: FilteredThing) -> NamedStatus:
    """One of its statuses."""
    return NamedStatus(id=found.id, status_id=found.thing_id)


def _head(found: Filter) -> dict[str, Any]:
    return {
        "id": found.id,
        "title": found.title,
        "context": [each.value for each in found.contexts],
        "expires_at": when(found.expires_at) if found.expires_at else None,
        "filter_action": found.action.value,
    }
