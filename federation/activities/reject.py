"""Reject: a follow is not, or no longer, welcome.

Only the one we asked can say so, and only about a follow that we sent.
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document
from federation.understanding import Delivered, Sources
from federation.verdicts import verdict_on_our_follow
from storage.work import Unit
from vraagbaak.model import FollowState


def build(uri: str, target_uri: str, follow: Document) -> Document:
    """Our no, also after an earlier yes."""
    return envelope("Reject", uri, target_uri, follow, {"to": [follow["actor"]]})


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """Their no to a follow of ours. Raises NotForUs."""
    return verdict_on_our_follow(delivered, sources, FollowState.REJECTED)
