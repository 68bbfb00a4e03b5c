"""How moments are written for clients. Pure."""

from __future__ import annotations

from datetime import datetime


def when(moment: datetime) -> str:
    """A moment as clients read it: UTC, with milliseconds."""
    return moment.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"
