"""What happens, as it happens: streams of the Mastodon API (4.5) over WebSocket and as server-sent events.

A stream holds what the same timeline would, judged by the same rules at the moment of sending, and ends with its token.
"""

from __future__ import annotations

from web.mastodon.streaming.endpoints import ROUTES
from web.mastodon.streaming.hub import end_all

__all__ = ["ROUTES", "end_all"]
