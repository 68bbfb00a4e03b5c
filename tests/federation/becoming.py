"""What becomes of a document of other software, in one line: what it is read as, or why it is not taken in.

`python -m tests.federation.becoming` writes what becomes of each recorded document to `expected/recorded.json`, of our
own examples to `expected/examples.json`: do that only after a change to reading on purpose, and read what changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from federation.actors import read_actor
from federation.documents import Document, Malformed, id_of, one_type, only_of, parse
from federation.inbox import ACTIVITIES
from federation.understanding import NotForUs, addressed_like, believable
from federation.vocabulary import NOTE_TYPES, NoteReading
from vraagbaak.model import ActorKind, Home

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("AP_CORPUS") or ROOT.parent / "shared" / "corpus")
RECORDED = sorted(path for path in CORPUS.rglob("*") if path.suffix in {".json", ".jsonld"})
PEERS = ROOT / "tests" / "peers"
EXAMPLES = sorted(PEERS.rglob("*.json"))
TABLES = Path(__file__).parent / "expected"
SCRUBBED = b"https://kbin.test/1"
"""Mbin's own records have no ids any more."""
NOW = datetime(2026, 12, 1, tzinfo=UTC)
HOME = Home(base_url="https://noord.example", name="Noord", slug="noord")
COLLECTIONS = frozenset({"Collection", "OrderedCollection", "CollectionPage", "OrderedCollectionPage"})
REWRITE = "To write the tables anew after a change on purpose: .venv/bin/python -m tests.federation.becoming"


def becomes(body: bytes) -> str:
    """One line, without whatever moment or id it has."""
    try:
        return _document(parse(body.replace(b"SCRUBBED_ID", SCRUBBED)), {}, 0)
    except Malformed as fault:
        return f"400 {fault.code}"


def _document(doc: Document, around: Document, depth: int) -> str:
    kind = one_type(doc)
    if kind in set(ActorKind):
        found = read_actor(doc)
        return f"actor {found.kind} {found.handle} ({found.name})" if found else f"no actor: {kind}"
    if kind in NOTE_TYPES:
        try:
            return _post(believable(addressed_like(doc, around), HOME, NOW))
        except NotForUs as refused:
            return f"refused {refused.code}: {kind}"
    if kind in COLLECTIONS:
        return f"collection: {kind}"
    if kind in ACTIVITIES:
        return f"{kind} > {_inside(doc, depth)}"
    return f"nothing: {kind}"


def _inside(doc: Document, depth: int) -> str:
    inside: Any = only_of(doc.get("object"))
    if isinstance(inside, list):
        return "several"
    if not isinstance(inside, dict) or set(inside) <= {"id", "type"}:
        return "an id" if id_of(inside) else "no object"
    return _document(inside, doc, depth + 1) if depth < 3 else "too deep"


def _post(found: NoteReading) -> str:
    said = f"{found.title} | {found.body}" if found.kind == "question" else found.body
    parts = [f"{found.kind} for {found.scope}: {' '.join(said.split())[:110]}"]
    if found.caution.words:
        parts.append(f"warns: {found.caution.words[:40]}")
    parts += [f"{each.kind} {each.host}" for each in found.attachments]
    return "; ".join(parts)


def table(paths: list[Path], root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): becomes(path.read_bytes()) for path in paths}


def tables() -> Iterator[tuple[str, dict[str, str]]]:
    """Each table by its name; of the recorded documents only where there are any."""
    yield "examples", table(EXAMPLES, PEERS)
    if RECORDED:
        yield "recorded", table(RECORDED, CORPUS)


if __name__ == "__main__":
    TABLES.mkdir(exist_ok=True)
    for name, lines in tables():
        (TABLES / f"{name}.json").write_text(json.dumps(lines, indent=0, ensure_ascii=False) + "\n")
