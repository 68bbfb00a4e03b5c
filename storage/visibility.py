"""What `audience` says of viewers and states, in the form that a statement needs.

It decides nothing: the sets come from the domain.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from vraagbaak.audience import Viewer


def scopes_of(viewer: Viewer) -> list[str]:
    """The scopes of which this viewer may see anything, as they are stored."""
    return sorted(scope.value for scope in viewer.scopes)


def state_of(table: Any) -> ColumnElement[str]:
    """The status, in a form that no index answers.

    Nearly everything is readable: walking by id stops at the end of the page, while SQLite 3.40 without statistics
    would walk all rows by status and sort them (20,000 questions: 30 ms a list, and 39 s for the unanswered ones).
    """
    return func.coalesce(table.c.status, "")
