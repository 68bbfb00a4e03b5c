"""What becomes of what other software sends: a line for each example of ours and for each recorded document.

The recorded ones are no part of this repository: they are looked for in `AP_CORPUS`, else in `../shared/corpus` beside
it. Without them the table of them is not looked at; our own examples, shaped like theirs, always are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.actors import read_actor
from federation.documents import Malformed, parse
from federation.vocabulary import read_note
from tests.federation import test_actors, test_vocabulary
from tests.federation.becoming import EXAMPLES, NOW, PEERS, RECORDED, REWRITE, TABLES, becomes, tables

DOCUMENTS = [*EXAMPLES, *RECORDED]


def documents() -> Iterator[tuple[Path, dict]]:
    """Each document that is not malformed."""
    for path in DOCUMENTS:
        try:
            yield path, parse(path.read_bytes())
        except Malformed:
            continue


def inside(value: Any) -> Iterator[dict]:
    """The document and every object inside it."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(inner)


@pytest.mark.parametrize("name", [name for name, _ in tables()])
def test_what_becomes_of_it(name: str) -> None:
    """Every document becomes what its line says, and every line has its document."""
    written = json.loads((TABLES / f"{name}.json").read_text())
    assert dict(tables())[name] == written, REWRITE


def test_every_example_of_ours_is_for_something() -> None:
    """Of our own examples only those are refused that are for named people or say nothing."""
    refused = {path.stem: line for path in EXAMPLES if "refused" in (line := becomes(path.read_bytes()))}
    assert refused == {
        "direct": "refused not-addressed: Note",
        "followers-only": "refused not-addressed: Note",
        "picture-only": "refused empty: Note",
        "post": "refused not-addressed: Note",  # Discourse addresses the activity around it
    }
    assert becomes((PEERS / "discourse" / "create.json").read_bytes()).startswith(
        "Create > question for public"
    )


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("mastodon/poll", "question for public: Wanneer eten we samen? | - Vrijdag - Zaterdag"),
        ("mastodon/mention-first", "question for public: Weet iemand een goede kapper? | Liefst goedkoop."),
        ("gotosocial/maps-only", "question for public: Wie loopt mee? | Ik zoek een maatje om te wandelen."),
        (
            "friendica/event",
            "question for public: Samen soep eten | Neem een kom mee. 1-12-2026 19:00 Huis van de Wijk, Noordplein 1",
        ),
    ],
)
def test_other_kinds_become_something_sensible(name: str, line: str) -> None:
    """A poll, an event, a mention with the question below it, and texts in maps alone are all questions to read."""
    assert becomes((PEERS / f"{name}.json").read_bytes()) == line


def test_posts() -> None:
    """Every post inside is read, cleaned, or is no post; nothing is raised."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_note(node, NOW)
            if found is not None:
                test_vocabulary.check_cleaned(found)
                assert found.title or found.body or found.kind == "question", path


def test_actors_inside() -> None:
    """Every actor inside is read, cleaned, with the keys that are its own, or is no actor; nothing is raised."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_actor(node)
            if found is not None:
                test_actors.check_cleaned(found)
                owner = node["publicKey"].get("owner") if isinstance(node.get("publicKey"), dict) else None
                assert found.keys or owner != found.uri, path


def test_come_back() -> None:
    """What is read of a document is the same when it is written down and read again."""
    for path, doc in documents():
        again = parse(json.dumps(doc).encode())
        assert read_note(again, NOW) == read_note(doc, NOW), path
        assert read_actor(again) == read_actor(doc), path


def test_titles() -> None:
    """Every post that begins a thread and says more than whom it is for has a title to be found by."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_note(node, NOW)
            said = node.get("content") or node.get("name")
            if found is not None and found.kind == "question" and said and path.stem != "picture-only":
                assert found.title, path
