"""The outside of every activity of ours: context, id, actor, addressing.

The inside, and what may go into it, is each activity's own.
"""

from __future__ import annotations

from typing import Any

from federation.documents import OBJECT_CONTEXT, Document


def envelope(
    kind: str, uri: str, actor_uri: str, inside: Any, addressing: Document | None = None
) -> Document:
    """An activity. `inside` is its object, an id or a document.

    Its `@context` is not repeated when it is the same; another one stays, for without it an actor loses its keys and
    somebody else's activity is not passed on exactly as it came (FEP-1b12, FEP-8b32).
    """
    context = list(OBJECT_CONTEXT)
    if isinstance(inside, dict) and inside.get("@context") == context:
        inside = {name: value for name, value in inside.items() if name != "@context"}
    return {
        "@context": context,
        "id": uri,
        "type": kind,
        "actor": actor_uri,
        **(addressing or {}),
        "object": inside,
    }


def addressing_of(document: Document) -> Document:
    """The addressing that an activity shares with the document inside it (behaviour 18 of the twenty)."""
    return {name: document[name] for name in ("to", "cc", "audience") if name in document}
