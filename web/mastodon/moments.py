"""How moments are written for clients. Pure."""

from __future__ import annotations

from datetime import datetime


def when(moment: datetime) -> str:
    """A moment as clients read it: UTC, with milliseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
