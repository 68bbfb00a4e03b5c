"""How well offers are matched with questions, and what it costs: precision and recall at 3, CPU per text.

Without a file the scenarios of matches.txt, which the words of the matcher were written with: they tell when it
gets worse, not how well it does on what is new. `--scenarios FILE` takes others, as a JSON list of `residents`
with `needs`, `offers` with `availability`, and `expected` pairs.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vraagbaak import hours, matching, meaning
from vraagbaak.hours import Slots
from vraagbaak.matching import Helper, Need

OWN = Path(__file__).with_name("matches.txt")
AT = 3


@dataclass(frozen=True, slots=True)
class Case:
    """One question, the offers there are, and those that should be found."""

    need: Need
    helpers: tuple[Helper, ...]
    expected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """The means over all questions: an empty list is right when nothing fits, and wrong when something does."""

    questions: int
    precision: float
    recall: float


def own_cases() -> list[Case]:
    """The scenarios of matches.txt."""
    found: list[Case] = []
    for line in OWN.read_text().splitlines():
        if line.startswith(("+ ", "- ")):
            case = found.pop()
            key = f"{len(case.helpers)}"
            right = {key} if line[0] == "+" else set()
            offers = (*case.helpers, Helper(id=key, by=f"helper {key}", text=line[2:]))
            found.append(Case(case.need, offers, case.expected | right))
        elif line and not line.startswith("#"):
            found.append(Case(Need(id="need", by="asker", text=line), (), frozenset()))
    return found


def cases_of(scenarios: list[dict[str, Any]]) -> Iterator[Case]:
    """The questions of a file of scenarios."""
    for scenario in scenarios:
        helpers = tuple(
            Helper(
                id=offer["id"],
                by=offer["by"],
                text=offer["text"],
                when=_when(offer["availability"]),
                asks=offer.get("kind") == "ask",
            )
            for offer in scenario["offers"]
        )
        for resident in scenario["residents"]:
            for given in resident["needs"]:
                need = Need(
                    id=given["id"],
                    by=resident["id"],
                    text=given["text"],
                    topics=tuple(given["topics"]),
                    when=_when(given["when"]),
                )
                right = [pair["offer"] for pair in scenario["expected"] if pair["need"] == given["id"]]
                yield Case(need, helpers, frozenset(right))


def _when(given: dict[str, Any] | None) -> Slots:
    return hours.read(given["text"], sure=True) if given else hours.NEVER


def score(cases: list[Case]) -> Score:
    """Precision and recall among the first three that are proposed."""
    precision = recall = 0.0
    for case in cases:
        found = [match.helper_id for match in matching.for_need(case.need, case.helpers, AT)]
        right = len(case.expected.intersection(found))
        precision += right / len(found) if found else float(not case.expected)
        recall += right / min(AT, len(case.expected)) if case.expected else float(not found)
    return Score(len(cases), round(precision / len(cases), 3), round(recall / len(cases), 3))


def main(file: str = "") -> None:
    """Print one JSON object."""
    cases = list(cases_of(json.loads(Path(file).read_text()))) if file else own_cases()
    meaning.of_offer("")
    texts = [helper.text for case in cases for helper in case.helpers]
    started = time.process_time()
    for text in texts:
        meaning.of_offer(text)
    micro = round((time.process_time() - started) / max(1, len(texts)) * 1e6)
    judged = score(cases)
    print(
        json.dumps(
            {
                "bench": "match",
                "cpu_us_per_text": micro,
                "questions": judged.questions,
                "precision_at_3": judged.precision,
                "recall_at_3": judged.recall,
            }
        )
    )
