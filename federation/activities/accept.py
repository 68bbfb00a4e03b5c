"""Accept: a follow is welcome.

Only the one we asked can say so, and only about a follow that we sent (Pixelfed CVE-2025-30741).
"""

from __future__ import annotations

from federation.activities.envelope import envelope
from federation.documents import Document
from federation.understanding import Delivered, Sources
from federation.verdicts import verdict_on_our_follow
from storage.work import Unit
from vraagbaak.model import FollowState


def build(uri: str, target_uri: str, follow: Document) -> Document:
    """Our yes. The Follow is embedded whole: not every peer can look it up."""
    return envelope("Accept", uri, target_uri, follow, {"to": [follow["actor"]]})


async def examine(delivered: Delivered, sources: Sources) -> Unit:
    """Their yes to a follow of ours. Raises NotForUs."""
    return verdict_on_our_follow(delivered, sources, FollowState.ACCEPTED)
