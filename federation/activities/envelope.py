"""The outside of every activity of ours: context, id, actor, addressing.

The inside, and what may go into it, is each activity's own.
"""

from __future__ import annotations

from typing import Any

from federation.documents import OBJECT_CONTEXT, Document


def envelope(
    kind: str, uri: str, actor_uri: str, inside: Any, addressing: Document | None = None
) -> Document:
    """An activity. `inside` is its object, an id or a document (whose own `@context` is not repeated)."""
    if isinstance(inside, dict):
        inside = {name: value for name, value in inside.items() if name != "@context"}
    return {
        "@context": list(OBJECT_CONTEXT),
        "id": uri,
        "type": kind,
        "actor": actor_uri,
        **(addressing or {}),
        "object": inside,
    }


def addressing_of(document: Document) -> Document:
    """The addressing that an activity shares with the document inside it (behaviour 18 of the twenty)."""
    return {name: document[name] for name in ("to", "cc", "audience") if name in document}
