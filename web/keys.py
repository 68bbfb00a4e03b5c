"""What an id of ours looks like: whatever cannot be one is turned away before any database sees it."""

from __future__ import annotations

import re

from vraagbaak.errors import Unknown

_KEY = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")


def is_key(given: str) -> bool:
    """Whether this can be an id of ours."""
    return _KEY.fullmatch(given) is not None


def checked_key(given: str) -> str:
    """The id. Raises Unknown for what cannot be one, the same as for one that is not there."""
    if not is_key(given):
        raise Unknown
    return given
