"""Which earlier questions mean the same: the terms that a text is found by, and the order of what was found.

All weights are whole numbers, so that two databases that add them up come to the same sum to the last digit.
"""

from __future__ import annotations

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
BEGINNING = 5
"""Letters of a stem by which its relatives are found: `fotograaf`, `fotografie`."""
TITLE, BODY = 3, 2


@dataclass(frozen=True, slots=True)
class Weight:
    """What one kind of term counts for: in a question that is stored, and in what is looked for."""

    stored: int
    asked: int


WHOLE = Weight(10, 10)
PART = Weight(8, 7)
GUESS = Weight(9, 9)
CONCEPT = Weight(10, 8)
PART_CONCEPT = Weight(6, 6)
LOOSE = Weight(5, 4)
BEGIN = Weight(4, 4)
SOUND = Weight(8, 8)
THEME = Weight(5, 4)

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


def terms_for(query: str, known: Thesaurus | None = None) -> Terms:
    """The terms that somebody's words ask for; never more than MOST_TERMS, the weightiest first."""
    words = tuple(tokens(query[:LONGEST_QUERY]))[:MOST_QUERY_WORDS]
    found = _terms(words, known or thesaurus.shipped())
    kept = sorted(found.items(), key=lambda item: (-item[1].asked, item[0]))[:MOST_TERMS]
    return {term: weight.asked for term, weight in kept}


def _terms(words: Sequence[str], known: Thesaurus) -> dict[str, Weight]:
    notes = _Notes(known)
    for word in words:
        notes.word(word)
    notes.finish()
    return notes.found


class _Notes:
    """What is found by going through a text word by word."""

    def __init__(self, known: Thesaurus) -> None:
        self.found: dict[str, Weight] = {}
        self._known = known
        self._row: list[str] = []
        self._themes: dict[str, int] = defaultdict(int)

    def word(self, word: str) -> None:
        """The next word of the text, folded."""
        if is_empty(word):
            self._row.append(NEGATION if word in NOT else stem(word))
            return
        self._content(word, WHOLE, CONCEPT)
        if not self._known.knows(stem(word)) and not lexicon.is_known(word):
            self._note("?" + lexicon.skeleton(word), SOUND)
            for guess in lexicon.meant(word).split():
                if not is_empty(guess):
                    self._content(guess, GUESS, CONCEPT)

    def finish(self) -> None:
        """What only the whole text shows: phrases, and what most of it is about."""
        for concept in self._known.within(self._row):
            self._note(concept.key, LOOSE if concept.loose else CONCEPT)
        for theme, _ in sorted(self._themes.items(), key=lambda item: (-item[1], item[0]))[:2]:
            self._note("#" + theme, THEME)

    def _content(self, word: str, weight: Weight, concept: Weight) -> None:
        root = stem(word)
        self._root(root, weight, concept)
        if len(root) > BEGINNING:
            self._note("^" + root[:BEGINNING], BEGIN)
        for part in lexicon.stems(lexicon.parts(word)):
            self._root(part, PART, PART_CONCEPT)

    def _root(self, root: str, weight: Weight, same: Weight) -> None:
        self._note(root, weight)
        self._row.append(root)
        for concept in self._known.of(root):
            self._note(concept.key, LOOSE if concept.loose else same)
        if theme := self._known.theme(root):
            self._themes[theme] += 1

    def _note(self, term: str, weight: Weight) -> None:
        if term not in self.found or self.found[term].asked < weight.asked:
            self.found[term] = weight
