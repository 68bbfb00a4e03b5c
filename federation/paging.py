"""Reads the collections of others, page by page, within limits, whatever they claim about their own length.

A page on another host, one seen before and one without an end are where reading stops (threats B32, D14).
"""

from __future__ import annotations

from typing import Any

from federation.documents import Document, as_list, first_of, id_of, same_origin
from federation.fetching import Budget, Fetcher

PAGES = 20
ITEMS = 500


async def items_of(
    fetcher: Fetcher, uri: str, *, budget: Budget, pages: int = PAGES, items: int = ITEMS
) -> list[Any]:
    """The items of the collection at `uri`, ids or embedded objects, in its own order. Raises FetchFault."""
    whole = await fetcher.fetch_document(uri, budget=budget)
    found = _items(whole)[:items]
    page = first_of(whole.get("first"))
    seen = {uri}
    for _ in range(pages):
        if isinstance(page, str):
            if page in seen or not same_origin(page, uri):
                break
            seen.add(page)
            page = await fetcher.fetch_document(page, budget=budget)
        if not isinstance(page, dict) or not _is_here(page, uri):
            break
        found += _items(page)
        page = first_of(page.get("next"))
        if len(found) >= items or page is None:
            break
    return found[:items]


def _is_here(page: Document, uri: str) -> bool:
    """Whether a page is on the host of its collection; an embedded one may have no id."""
    stated = id_of(page)
    return stated is None or same_origin(stated, uri)


def _items(page: Document) -> list[Any]:
    return [*as_list(page.get("orderedItems")), *as_list(page.get("items"))]
