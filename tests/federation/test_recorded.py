"""Posts and actors as other software really sent them: every document of the recorded corpus is read, where there is one.

The corpus is not part of this repository: it is looked for in `AP_CORPUS`, else in `../shared/corpus` beside it.
Without it these tests read nothing; what each software sends is tested with our own examples in test_peers.py.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from federation.actors import read_actor
from federation.documents import Malformed, parse
from federation.vocabulary import read_note
from tests.federation import test_actors, test_vocabulary

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("AP_CORPUS") or ROOT.parent / "shared" / "corpus")
RECORDED = sorted(path for path in CORPUS.rglob("*") if path.suffix in {".json", ".jsonld"})
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def documents() -> Iterator[tuple[Path, dict]]:
    """Each recorded document that is not malformed."""
    for path in RECORDED:
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


def test_recorded_posts() -> None:
    """Every recorded post is read, cleaned, or is no post; nothing is raised."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_note(node, NOW)
            if found is not None:
                test_vocabulary.check_cleaned(found)
                assert found.title or found.body or found.kind == "question", path


def test_recorded_actors() -> None:
    """Every recorded actor is read, cleaned, with the keys that are its own, or is no actor; nothing is raised."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_actor(node)
            if found is not None:
                test_actors.check_cleaned(found)
                owner = node["publicKey"].get("owner") if isinstance(node.get("publicKey"), dict) else None
                assert found.keys or owner != found.uri, path


def test_recorded_come_back() -> None:
    """What is read of a recorded document is the same when it is written down and read again."""
    for path, doc in documents():
        again = parse(json.dumps(doc).encode())
        assert read_note(again, NOW) == read_note(doc, NOW), path
        assert read_actor(again) == read_actor(doc), path


def test_recorded_titles() -> None:
    """Every recorded post that begins a thread and says anything has a title to be found by."""
    for path, doc in documents():
        for node in inside(doc):
            found = read_note(node, NOW)
            if found is not None and found.kind == "question" and (node.get("content") or node.get("name")):
                assert found.title, path
