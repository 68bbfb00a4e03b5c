"""Lists of blocked domains as Mastodon exports them: CSV with `#domain,#severity,...`, or one domain a line.

Whatever cannot be read alike by everybody (a hidden name with stars, a wrong domain) is left out and named.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TextIO

from vraagbaak import peers
from vraagbaak.errors import Invalid
from vraagbaak.model import Standing
from vraagbaak.ports import Reads, Tx

LONGEST = 100_000
"""Lines that are read at most; the longest lists in use have some thousands."""
LONGEST_LINE = 2000
_SEVERITIES = {
    "suspend": Standing.REFUSED,
    "": Standing.REFUSED,
    "silence": Standing.LIMITED,
    "limit": Standing.LIMITED,
}


class TooLong(Exception):  # noqa: N818 - what the list is
    """More than anybody's list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One server on the list."""

    domain: str
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """What the list asks for, and the lines that were left out, with why."""

    blocks: list[Block] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def read(file: TextIO) -> Blocks:
    """The list in a file (threat F07). Raises TooLong."""
    found = Blocks()
    columns: dict[str, int] = {"domain": 0, "severity": 1, "public_comment": 4}
    seen: set[str] = set()
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), ""), 1):
        if number > LONGEST:
            raise TooLong
        row = _row(line)
        if not row or not row[0]:
            continue
        names = [name.lstrip("#").strip().lower() for name in row]
        if names[0] == "domain":
            columns = {name: place for place, name in enumerate(names)}
        elif row[0].startswith("#"):
            continue
        else:
            _add(found, seen, row, columns)
    return found


def _row(line: str) -> list[str]:
    if len(line) > LONGEST_LINE:
        return []
    try:
        return [cell.strip() for cell in next(csv.reader([line]), [])]
    except csv.Error:
        return []


def _add(found: Blocks, seen: set[str], row: list[str], columns: dict[str, int]) -> None:
    def cell(name: str) -> str:
        place = columns.get(name, len(row))
        return row[place] if place < len(row) else ""

    given = cell("domain")
    standing = _SEVERITIES.get(cell("severity").lower())
    if standing is None:
        found.skipped.append(f"{given[:80]} (asks for nothing that we do)")
        return
    try:
        domain = peers.canonical(given)
    except Invalid:
        found.skipped.append(f"{given[:80]} (not a domain)")
        return
    if "." not in domain:
        found.skipped.append(f"{given[:80]} (not a domain)")
    elif domain not in seen:
        seen.add(domain)
        found.blocks.append(Block(domain=domain, standing=standing, reason=cell("public_comment")[:200]))


def would_change(reading: Reads, blocks: list[Block]) -> list[Block]:
    """Those that would be stricter than now."""
    return [block for block in blocks if peers.is_stricter(reading, block.domain, block.standing)]


def change(tx: Tx, blocks: list[Block]) -> list[Block]:
    """Those that are stricter from now on."""
    changes = would_change(tx, blocks)
    for block in changes:
        peers.decide(tx, block.domain, block.standing, block.reason)
    return changes
