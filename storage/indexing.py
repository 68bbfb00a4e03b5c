"""The index of terms: written in the transaction that writes a question, answer or offer, so that both always agree.

What waits for review or is hidden has no terms at all: neither a result nor a count can tell of it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from storage.reading import Reading
from storage.statements import Prepared, once, prepared
from storage.tables import indexed_by, terms
from storage.visibility import REACHES
from vraagbaak import audience, data, similar, text
from vraagbaak.model import Question, Thing
from vraagbaak.similar import Terms
from vraagbaak.thesaurus import Thesaurus

DEFINITION = "1"
"""Another number when words.py, lexicon.py or similar.py make other terms of the same text."""


def indexed(thing: object) -> bool:
    """Whether there is an index for things of this kind."""
    return type(thing) in terms


def differs(before: Any, after: Any) -> bool:
    """Whether a thing that changed is found by other words, or by other people."""
    return _seen(before) != _seen(after)


def _seen(thing: Any) -> tuple[object, ...]:
    title, topics = getattr(thing, "title", ""), getattr(thing, "topics", ())
    return (audience.is_readable(thing), thing.scope, title, thing.html, thing.body, topics)


def rows(thing: Any, known: Thesaurus) -> list[dict[str, Any]]:
    """By which terms a thing is found: none when nobody may see it."""
    if not audience.is_readable(thing):
        return []
    reach = REACHES[thing.scope]
    return [
        {"term": term, "reach": reach, "thing_id": thing.id, "weight": weight}
        for term, weight in _terms(thing, known).items()
    ]


def _terms(thing: Thing, known: Thesaurus) -> Terms:
    words = text.to_plain(thing.html) or thing.body
    if isinstance(thing, Question):
        return {similar.ANY: 0, **similar.terms_of(thing.title, words, thing.topics, known)}
    return similar.plain_terms_of(words, known)


@once
def insertion(kind: type[Any], dialect: str) -> Prepared:
    """One row of `rows`."""
    return prepared(insert(terms[kind]).inline(), dialect)


@once
def removal(kind: type[Any], dialect: str) -> Prepared:
    """All terms of the thing whose id is the parameter `thing_id_`."""
    table = terms[kind]
    return prepared(delete(table).where(table.c.thing_id == bindparam("thing_id_")), dialect)


def _words_version() -> str:
    lists = (data.read(name) for name in ("words.txt", "empty.txt", "no_parts.txt"))
    return hashlib.sha256("".join(lists).encode()).hexdigest()


def version(reading: Reading) -> str:
    """What the terms depend on, in a few letters: the code, the list of words and the thesaurus."""
    everything = f"{DEFINITION} {_words_version()} {reading.words_version}"
    return hashlib.sha256(everything.encode()).hexdigest()[:16]


def is_current(reading: Reading) -> bool:
    """Whether the terms in this database were made with today's definition."""
    found = reading.execute(select(indexed_by.c.version)).scalars().all()
    return list(found) == [version(reading)]
