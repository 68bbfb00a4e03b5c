"""Collections as documents: whole ones that are short, and pages of long ones.

No collection tells how many people there are or who: followers and likes are named and stay empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from federation.documents import AS, Document

PAGE = 20

Item = TypeVar("Item")


def short(uri: str, items: Sequence[str | Document], kind: str = "OrderedCollection") -> Document:
    """A collection that always fits in one document."""
    name = "orderedItems" if kind == "OrderedCollection" else "items"
    return {"@context": AS, "id": uri, "type": kind, "totalItems": len(items), name: list(items)}


def hidden(uri: str, kind: str = "OrderedCollection") -> Document:
    """A collection that exists and shows neither its items nor their number."""
    return {"@context": AS, "id": uri, "type": kind}


def paged(uri: str, first_page: Document) -> Document:
    """A long collection, with its first page inside: most readers need no second request."""
    page = {name: value for name, value in first_page.items() if name != "@context"}
    return {"@context": first_page["@context"], "id": uri, "type": "OrderedCollection", "first": page}


def page(
    uri: str,
    place: str,
    found: Sequence[Item],
    shape: Callable[[Item], str | Document],
    key: Callable[[Item], str],
    context: object = AS,
) -> Document:
    """One page out of one item more than fits; that one only tells that there is a next page.

    `place` says where this page starts (empty for the first); `key` gives the place after an item.
    """
    shown = found[:PAGE]
    doc: Document = {
        "@context": context,
        "id": _page_uri(uri, place),
        "type": "OrderedCollectionPage",
        "partOf": uri,
        "orderedItems": [shape(item) for item in shown],
    }
    if len(found) > len(shown):
        doc["next"] = _page_uri(uri, key(shown[-1]))
    return doc


def _page_uri(uri: str, place: str) -> str:
    return f"{uri}?{urlencode({'page': place or 'first'})}"
