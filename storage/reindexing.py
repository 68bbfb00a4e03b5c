"""Makes the index of terms anew when the thesaurus or the definition of words is another than it was made with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select

from storage import indexing
from storage.reading import Reading
from storage.store import Store
from storage.tables import indexed_by, tables, terms
from storage.tx import SqlTx

AT_ONCE = 250
"""Things in one unit of work: other writers come in between."""


def refresh(store: Store, say: Callable[[int, int], None]) -> int:
    """Make all terms anew if they were made with another definition; how many things that were.

    `say` hears how many are done, and of how many. Who is cut off begins again at the next start; what was found
    before stays to be found meanwhile.
    """
    if store.read_now(indexing.is_current):
        return 0
    keys = store.read_now(_keys)
    for done in range(0, len(keys), AT_ONCE):
        say(done, len(keys))
        store.run_now(_again, keys[done : done + AT_ONCE])
    store.run_now(_note_version)
    say(len(keys), len(keys))
    return len(keys)


def _keys(reading: Reading) -> list[tuple[type[Any], str]]:
    return [
        (kind, key)
        for kind in terms
        for key in reading.execute(select(tables[kind].c.id).order_by(tables[kind].c.id)).scalars()
    ]


def _again(tx: SqlTx, keys: list[tuple[type[Any], str]]) -> None:
    for kind, key in keys:
        thing = tx.one(kind, id=key)
        if thing is not None:
            tx.index(thing)


def _note_version(tx: SqlTx) -> None:
    tx.execute(delete(indexed_by))
    tx.execute(insert(indexed_by), {"version": indexing.version(tx)})
