"""Are the four packages ours? Their names exist elsewhere too, and another package may have overwritten them.

Seen: installing `federation` or `web.py` after this one replaces our `__init__` files without a word.
"""

from __future__ import annotations

import importlib

import click

from vraagbaak import __vraagbaak__

ROOMS = ("vraagbaak", "storage", "federation", "web")


def check() -> None:
    """Raises a sentence when one of the packages is somebody else's."""
    foreign = [
        name
        for name in ROOMS
        if getattr(importlib.import_module(name), "__vraagbaak__", None) != __vraagbaak__
    ]
    if foreign:
        raise click.ClickException(
            f"Another package has replaced {', '.join(foreign)}. Install vraagbaak in an environment of its own: "
            "see 'Start' in docs/operating.md."
        )
