"""Makes terms after the things: of what came from elsewhere, and of all when words mean something else than before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, insert, select

from storage import indexing
from storage.reading import Reading
from storage.store import Store
from storage.tables import indexed_by, tables, terms, unindexed
from storage.tx import SqlTx
from storage.work import INDEX, Job, Unit, Work

AT_ONCE = 250
"""Things in one unit of work: other writers come in between."""


LATE_AT_ONCE = 100
"""Of what came from elsewhere: the writer is held up for a few hundredths of a second at most."""
_KINDS = {kind.__name__: kind for kind in terms}


class Indexing:
    """Gives terms to what came from elsewhere."""

    async def index(self, job: Job) -> Unit:  # noqa: ARG002 - whichever it was asked for: all that wait get theirs
        """The handler of `index` jobs."""
        return Unit.of(_late)


def _late(tx: SqlTx) -> None:
    found = tx.execute(select(unindexed).limit(LATE_AT_ONCE)).all()
    _again(tx, [(_KINDS[row.kind], row.thing_id) for row in found])
    tx.execute(delete(unindexed).where(unindexed.c.thing_id.in_([row.thing_id for row in found])))
    if len(found) == LATE_AT_ONCE:
        tx.enqueue(Work(INDEX, key=INDEX))


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
