"""The documents that are changed: as other software really sent them where there is a corpus, else our own examples."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from federation.documents import Malformed, parse

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(os.environ.get("AP_CORPUS") or ROOT.parent / "shared" / "corpus")
EXAMPLES = ROOT / "tests" / "peers"
_HOST = re.compile(r"https?://([A-Za-z0-9.-]+)(?::\d+)?")


def folder(given: str | None) -> Path:
    """The folder that was asked for, else the recorded corpus, else our own examples. Raises SystemExit."""
    found = Path(given) if given else RECORDED if RECORDED.is_dir() else EXAMPLES
    if not any(found.rglob("*.json*")):
        raise SystemExit(f"There are no documents in {found}.")
    return found


def load(where: Path, hosts: Mapping[str, str]) -> list[dict[str, Any]]:
    """All documents that can be read, with every address on one of our own `hosts`: nobody else is to be asked.

    `hosts` are the addresses on loopback that stand in for others, by name; the one called "pilot" gets every third.
    """
    found = []
    for path in sorted(where.rglob("*.json*")):
        try:
            doc = parse(path.read_bytes())
        except Malformed:
            continue
        found.append(at_home(doc, hosts))
    return found


def at_home(doc: dict[str, Any], hosts: Mapping[str, str]) -> dict[str, Any]:
    """The document with its addresses on our own hosts; those of the vocabularies stay."""

    def host(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name.startswith(("www.w3.org", "w3id.org", "purl.archive.org", "vraagbaak.example")):
            return match[0]
        return hosts["pilot" if sum(name.encode()) % 3 == 0 else "evil"]

    text = _HOST.sub(host, json.dumps(doc))
    made: dict[str, Any] = json.loads(text)
    return made
