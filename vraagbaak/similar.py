"""Which earlier questions mean the same: the terms that a text is found by, and the order of what was found.

All weights are whole numbers, so that two databases that add them up come to the same sum to the last digit.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vraagbaak import lexicon, thesaurus
from vraagbaak.thesaurus import NEGATION, Thesaurus
from vraagbaak.words import NOT, is_empty, stem, tokens

LONGEST_QUERY = 500
"""Characters of what somebody looks for that are looked at."""
MOST_QUERY_WORDS = 40
MOST_TERMS = 160
MOST_WORDINGS = 8
"""Words of a query that all must be met."""
MOST_GUESSES = 12
"""Words of one text for which another is guessed: guessing takes a hundred times as long as knowing."""
BEGINNING = 5
"""Letters of a stem by which its relatives are found: `fotograaf`, `fotografie`."""
TITLE, BODY = 3, 2
ANY = ""
"""The term of every question: how many there are."""
MOST_POSTINGS = 30_000
"""How many rows of the index one lookup may read: terms that stand nearly everywhere tell nothing and cost most."""
SHARE = (1.0, 1.0, 0.71, 0.58, 0.5, 0.45, 0.41, 0.38, 0.35, 0.33)
"""What each of several meanings of one word is worth: one divided by the root of how many there are."""
LOOKED_AT = 200
"""Characters of a body that are compared letter by letter."""
FIRST = 1_000_000
RANKS = 10
"""How little the first places count above the next ones when two orders are put together."""
ALIKE = 250
"""Below this many thousandths of the same trigrams, letters say nothing."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one kind of term counts for: in a question that is stored, and in what is looked for."""

    stored: int
    asked: int

    def shared(self, many: int) -> Weight:
        """What is left for each of several meanings of one word."""
        return Weight(self.stored, max(1, round(self.asked * SHARE[min(many, len(SHARE) - 1)])))


WHOLE = Weight(10, 10)
PART = Weight(8, 7)
FAINT = Weight(4, 4)
GUESS = Weight(9, 9)
CONCEPT = Weight(12, 12)
PART_CONCEPT = Weight(8, 8)
LOOSE = (Weight(14, 14), Weight(22, 22))
"""For two words of a loose group in one text, and for three or more; one alone says nothing of what it is about."""
BEGIN = Weight(4, 4)
SOUND = Weight(8, 8)
THEME = Weight(8, 8)

Terms = Mapping[str, int]
"""What a text is found by, with how much each counts."""


def terms_of(title: str, body: str = "", topics: Iterable[str] = (), known: Thesaurus | None = None) -> Terms:
    """The terms of a question, for the index."""
    used = known or thesaurus.shipped()
    found: dict[str, int] = {}
    for text, factor in ((title, TITLE), (body, BODY), *((topic.replace("-", " "), 1) for topic in topics)):
        for term, weight in _terms(tuple(tokens(text)), used).items():
            found[term] = max(found.get(term, 0), weight.stored * factor)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A term that is looked for. Of the terms in one slot only the best match counts: they stand for one word."""

    term: str
    weight: int
    slot: int


def terms_for(query: str, known: Thesaurus | None = None) -> tuple[Asked, ...]:
    """The terms that somebody's words ask for; never more than MOST_TERMS, the weightiest first."""
    words = tuple(tokens(query[:LONGEST_QUERY]))[:MOST_QUERY_WORDS]
    notes = _Notes(known or thesaurus.shipped())
    notes.text(words)
    asked = (Asked(term, weight.asked, notes.slots[term]) for term, weight in notes.found.items())
    return tuple(sorted(asked, key=lambda each: (-each.weight, each.term))[:MOST_TERMS])


def wordings(query: str, known: Thesaurus | None = None) -> tuple[tuple[str, ...], ...]:
    """For every word of a query that says something, the terms of which one must stand in what is looked for.

    A word itself, what it was meant to be, or what means the same; never a part of it, or only its beginning.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for each in terms_for(query, known):
        if each.slot > 0 and each.weight >= GUESS.asked:
            found[each.slot].append(each.term)
    return tuple(tuple(found[slot]) for slot in sorted(found))[:MOST_WORDINGS]


def plain_terms_of(text: str, known: Thesaurus | None = None) -> Terms:
    """The terms of an answer or offer: nobody looks for its relatives, only for what it says."""
    found = _terms(tuple(tokens(text)), known or thesaurus.shipped())
    return {term: weight.stored for term, weight in found.items() if weight.stored >= PART.stored}


def idf(here: int, everywhere: int) -> int:
    """How much a term tells that stands in `here` of `everywhere` texts, as a whole number."""
    return round(16 * math.log2(1 + everywhere / here)) if here else 0


def affordable(counts: Mapping[str, int], everywhere: int) -> dict[str, int]:
    """Which of the terms are looked up, with what each tells: the rarest first, until it would take too long."""
    left = MOST_POSTINGS
    chosen: dict[str, int] = {}
    for term, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        left -= count
        if left < 0 and chosen:
            break
        if count:
            chosen[term] = idf(count, everywhere)
    return chosen


def fullest(asked: Iterable[Asked], tells: Mapping[str, int]) -> int:
    """The sum of a question whose title says all that was asked for."""
    best: dict[int, int] = defaultdict(int)
    for each in asked:
        best[each.slot] = max(best[each.slot], each.weight * tells[each.term])
    return max(1, sum(best.values()) * TITLE * CONCEPT.stored)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that shares terms with what is looked for: the sum of them, and its words."""

    id: str
    sum: int
    title: str
    body: str


def ordered(query: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """The likeliest first: by the terms they share and, where they look alike letter by letter, by that too.

    Two orders are put together by rank (reciprocal rank fusion): their figures cannot be compared.
    """
    by_terms = sorted(candidates, key=lambda each: (-each.sum, each.id))
    wanted = trigrams(query[:LONGEST_QUERY])
    alike = {each.id: _likeness(wanted, each) for each in by_terms}
    by_letters = sorted(by_terms, key=lambda each: (-alike[each.id], each.id))
    fused = {each.id: 2 * FIRST // (RANKS + rank) for rank, each in enumerate(by_terms, 1)}
    for rank, each in enumerate(by_letters, 1):
        if alike[each.id] > ALIKE:
            fused[each.id] += FIRST // (RANKS + rank)
    return sorted(by_terms, key=lambda each: (-fused[each.id], each.id))


def trigrams(text: str) -> frozenset[str]:
    """Every three letters in a row of the words that say something, with their beginnings and ends."""
    found: set[str] = set()
    for word in tokens(text):
        if not is_empty(word):
            padded = f" {word} "
            found.update(map("".join, zip(padded, padded[1:], padded[2:], strict=False)))
    return frozenset(found)


def _likeness(wanted: frozenset[str], found: Candidate) -> int:
    """How many thousandths of the trigrams of both they share: with the title, or with all of it."""
    title = trigrams(found.title)
    whole = title | trigrams(found.body[:LOOKED_AT])
    return max(1000 * len(wanted & each) // (1 + len(wanted | each)) for each in (title, whole))


def _terms(words: Sequence[str], known: Thesaurus) -> Mapping[str, Weight]:
    notes = _Notes(known)
    notes.text(words)
    return notes.found


class _Notes:
    """What is found by going through a text word by word."""

    def __init__(self, known: Thesaurus) -> None:
        self.found: dict[str, Weight] = {}
        self.slots: dict[str, int] = {}
        self._known = known
        self._row: list[str] = []
        self._themes: dict[str, int] = defaultdict(int)
        self._fields: dict[str, set[str]] = defaultdict(set)
        self._slot = 0
        self._guesses = 0

    def text(self, words: Iterable[str]) -> None:
        """All of a text: word by word, then what only the whole shows: phrases, and what most of it is about."""
        for word in words:
            self._slot += 1
            self._word(word)
        for concept in self._known.within(self._row):
            if concept.loose:
                self._fields[concept.key].add(concept.key)
            else:
                self._aside(concept.key, CONCEPT)
        for key, words_of_it in self._fields.items():
            if len(words_of_it) > 1:
                self._aside(key, LOOSE[min(len(words_of_it) - 1, len(LOOSE)) - 1])
        for theme, _ in sorted(self._themes.items(), key=lambda item: (-item[1], item[0]))[:2]:
            self._aside("#" + theme, THEME)

    def _word(self, word: str) -> None:
        if is_empty(word):
            self._row.append(NEGATION if word in NOT else stem(word))
            return
        self._content(word, WHOLE)
        if not self._known.knows(stem(word)) and not lexicon.is_known(word):
            self._note("?" + lexicon.skeleton(word), SOUND)
            self._guesses += 1
            for guess in lexicon.meant(word).split() if self._guesses <= MOST_GUESSES else ():
                if not is_empty(guess):
                    self._content(guess, GUESS)

    def _content(self, word: str, weight: Weight) -> None:
        root = stem(word)
        self._root(root, weight, CONCEPT)
        if len(root) > BEGINNING:
            self._note("^" + root[:BEGINNING], BEGIN)
        own = self._known.knows(root)
        for part in lexicon.stems(lexicon.parts(word)):
            if own:  # `huisarts` has a meaning of its own, and little to do with houses
                self._note(part, FAINT)
            else:
                self._root(part, PART, PART_CONCEPT)

    def _root(self, root: str, weight: Weight, same: Weight) -> None:
        self._note(root, weight)
        self._row.append(root)
        for concept in self._known.of(root):
            many = self._known.meanings(root, loose=concept.loose)
            if concept.loose:
                self._fields[concept.key].add(root)
            else:
                self._note(concept.key, same.shared(many))
        if theme := self._known.theme(root):
            self._themes[theme] += 1

    def _note(self, term: str, weight: Weight) -> None:
        """One of the terms that stand for the present word."""
        self._keep(term, weight, self._slot)

    def _aside(self, term: str, weight: Weight) -> None:
        """A term that counts beside the words: it has a slot of its own."""
        self._keep(term, weight, -1 - len(self.slots))

    def _keep(self, term: str, weight: Weight, slot: int) -> None:
        if term not in self.found or self.found[term].asked < weight.asked:
            self.found[term] = weight
        self.slots.setdefault(term, slot)
