"""Looking up by words: which questions mean the same as what somebody wrote, for whoever may see them.

Both databases add up the same whole numbers over the same terms, so that both give the same answer in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from storage import listings
from storage.listings import QuestionCard
from storage.reading import Reading
from storage.statements import Prepared, once, written
from storage.tables import tables, terms
from storage.visibility import farthest, readable_question
from vraagbaak import similar, text
from vraagbaak.audience import Viewer
from vraagbaak.model import Perspective, Question
from vraagbaak.similar import Asked, Candidate

CANDIDATES = 40
"""How many are looked at more closely."""
FILTERED = 200
"""The same when only some of them are wanted."""
LEAST = 0.05
SHARE_OF_FIRST = 0.3
_MOST_COUNTED = 20_000
_question = tables[Question]


@dataclass(frozen=True, slots=True)
class Found:
    """A question that may mean the same, as it stands in a list."""

    card: QuestionCard
    score: float
    """How much of what was asked for it says: at most 1."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A question that was found, and how much of what was asked for it says: at most 1."""

    id: str
    score: float


def similar_questions(
    reading: Reading, viewer: Viewer, query: str, limit: int, among: int = CANDIDATES
) -> list[Hit]:
    """Questions this viewer may see that may mean the same, the likeliest first."""
    asked = similar.terms_for(query, reading.thesaurus)
    if not asked:
        return []
    counts = _counts(reading, viewer, [similar.ANY, *(each.term for each in asked)])
    everywhere = counts.pop(similar.ANY)
    chosen = similar.affordable(counts, everywhere)
    if not chosen:
        return []
    told = [(each, chosen[each.term]) for each in asked if each.term in chosen]
    sums = _sums(reading, viewer, told, among)
    found = similar.ordered(query, _candidates(reading, viewer, sums))
    rare = similar.idf(1, everywhere)
    full = similar.fullest(asked, {each.term: chosen.get(each.term, rare) for each in asked})
    return [Hit(each.id, round(min(1.0, each.sum / full), 3)) for each in found[:limit]]


def similar_cards(
    reading: Reading, viewer: Viewer, query: str, limit: int, among: int = CANDIDATES
) -> tuple[Found, ...]:
    """The same, as they stand in a list."""
    hits = similar_questions(reading, viewer, query, limit, among)
    scores = {hit.id: hit.score for hit in hits}
    cards = listings.cards_called(reading, viewer, [hit.id for hit in hits])
    return tuple(Found(card, scores[card.question.id]) for card in cards)


def alike(reading: Reading, viewer: Viewer, query: str, limit: int) -> tuple[Found, ...]:
    """For people: without what is much less alike than the first, for nobody reads on to it."""
    return _near(similar_cards(reading, viewer, query, limit))


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which of the questions that are found somebody wants; all of it narrows."""

    topic: str = ""
    pilot_id: str = ""
    perspective: Perspective | None = None
    unanswered: bool = False

    def wants(self, card: QuestionCard) -> bool:
        """Whether this is one of them."""
        return (
            (not self.topic or self.topic in card.question.topics)
            and (not self.pilot_id or (card.pilot is not None and card.pilot.id == self.pilot_id))
            and (self.perspective is None or self.perspective in card.perspectives)
            and (not self.unanswered or not card.answers)
        )


def narrowed(
    reading: Reading, viewer: Viewer, query: str, narrowing: Narrowing, limit: int
) -> tuple[QuestionCard, ...]:
    """The questions that somebody looks for, the likeliest first, among those that they want to see."""
    among = CANDIDATES if narrowing == Narrowing() else FILTERED
    found = _near(similar_cards(reading, viewer, query, among, among))
    return tuple(each.card for each in found if narrowing.wants(each.card))[:limit]


def _near(found: tuple[Found, ...]) -> tuple[Found, ...]:
    least = max([LEAST, *(each.score * SHARE_OF_FIRST for each in found)])
    return tuple(each for each in found if each.score >= least)


def _counts(reading: Reading, viewer: Viewer, asked: Sequence[str]) -> dict[str, int]:
    """In how many questions each term stands, as far as this viewer may see them."""
    row: dict[str, Any] = {f"t{at}": term for at, term in enumerate(asked)}
    row |= {"reach": farthest(viewer), "most": _MOST_COUNTED}
    return {term: int(count) for term, count in reading.rows(_counting(len(asked), reading.dialect), row)}


def _sums(reading: Reading, viewer: Viewer, told: Sequence[tuple[Asked, int]], among: int) -> dict[str, int]:
    """The questions that share most with these terms, each with what it tells, and how much they share."""
    row: dict[str, Any] = {"reach": farthest(viewer), "most": among}
    for at, (each, tells) in enumerate(told):
        row |= {f"t{at}": each.term, f"s{at}": each.slot, f"w{at}": each.weight * tells}
    return {key: int(total) for key, total in reading.rows(_summing(len(told), reading.dialect), row)}


def _candidates(reading: Reading, viewer: Viewer, sums: Mapping[str, int]) -> list[Candidate]:
    """Their words, when this viewer may see them at this moment."""
    statement = select(_question.c.id, _question.c.title, _question.c.body, _question.c.html).where(
        _question.c.id.in_(bindparam("ids", expanding=True)), readable_question(viewer)
    )
    return [
        Candidate(row.id, sums[row.id], row.title, row.body or text.to_plain(row.html))
        for row in reading.execute(statement, {"ids": list(sums)})
    ]


@once
def _counting(many: int, dialect: str) -> Prepared:
    table = terms[Question].name
    asked = ", ".join(f"(:t{at})" for at in range(many))
    return written(
        f"WITH asked(term) AS (VALUES {asked}) SELECT asked.term, (SELECT count(*) FROM (SELECT 1 FROM {table}"  # noqa: S608 - names and numbers of ours
        f" WHERE {table}.term = asked.term AND {table}.reach <= :reach LIMIT :most) AS seen) FROM asked",
        dialect,
    )


@once
def _summing(many: int, dialect: str) -> Prepared:
    table = terms[Question].name
    # CAST tells PostgreSQL the types; CROSS JOIN tells SQLite to begin with the terms.
    asked = ", ".join(
        f"(CAST(:t{at} AS TEXT), CAST(:s{at} AS BIGINT), CAST(:w{at} AS BIGINT))" for at in range(many)
    )
    return written(
        f"WITH asked(term, slot, weight) AS (VALUES {asked}),"  # noqa: S608 - names and numbers of ours
        f" best AS (SELECT {table}.thing_id AS id, MAX({table}.weight * asked.weight) AS most"
        f" FROM asked CROSS JOIN {table} WHERE {table}.term = asked.term AND {table}.reach <= :reach"
        f" GROUP BY {table}.thing_id, asked.slot)"
        " SELECT id, SUM(most) AS total FROM best GROUP BY id ORDER BY total DESC, id DESC LIMIT :most",
        dialect,
    )
