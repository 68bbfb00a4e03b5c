"""Which earlier questions mean the same: the terms that a text is found by, and the order of what was found.

All weights are whole numbers, so that two databases that add them up come to the same sum to the last digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from vraagbaak import lexicon, thesaurus
from vraagbaak.thesaurus import NEGATION, Thesaurus
from vraagbaak.words import NOT, is_empty, stem, tokens

LONGEST_QUERY = 500
"""Characters of what somebody looks for that are looked at."""
MOST_QUERY_WORDS = 40
MOST_TERMS = 160

WHOLE, PART, GUESS, CONCEPT, PART_CONCEPT, LOOSE, BEGIN, SOUND, THEME = 10, 6, 8, 6, 3, 2, 2, 6, 2
BEGINNING = 5
"""Letters of a stem by which its relatives are found: `fotograaf`, `fotografie`."""
TITLE, BODY = 3, 2

Terms = Mapping[str, int]
"""What a text is found by, with how much each counts."""


def terms_of(title: str, body: str = "", topics: Iterable[str] = (), known: Thesaurus | None = None) -> Terms:
    """The terms of a question, for the index."""
    found: dict[str, int] = defaultdict(int)
    for text, factor in ((title, TITLE), (body, BODY)):
        for term, weight in _terms(tuple(tokens(text)), known or thesaurus.shipped()).items():
            found[term] = max(found[term], weight * factor)
    for topic in topics:
        for term, weight in _terms(
            tuple(tokens(topic.replace("-", " "))), known or thesaurus.shipped()
        ).items():
            found[term] = max(found[term], weight * BODY // 2)
    return found


def terms_for(query: str, known: Thesaurus | None = None) -> Terms:
    """The terms that somebody's words ask for; never more than MOST_TERMS, the weightiest first."""
    words = tuple(tokens(query[:LONGEST_QUERY]))[:MOST_QUERY_WORDS]
    found = _terms(words, known or thesaurus.shipped())
    kept = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS]
    return dict(kept)


def _terms(words: Sequence[str], known: Thesaurus) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    row: list[str] = []
    themes: dict[str, int] = defaultdict(int)

    def note(term: str, weight: int) -> None:
        found[term] = max(found[term], weight)

    def concepts(of: str, same: int) -> None:
        for concept in known.of(of):
            note(concept.key, LOOSE if concept.loose else same)
        if theme := known.theme(of):
            themes[theme] += 1

    for word in words:
        if word in NOT:
            row.append(NEGATION)
        if is_empty(word):
            continue
        root = stem(word)
        note(root, WHOLE)
        row.append(root)
        if len(root) > BEGINNING:
            note("^" + root[:BEGINNING], BEGIN)
        concepts(root, CONCEPT)
        for part in lexicon.stems(lexicon.parts(word)):
            note(part, PART)
            row.append(part)
            concepts(part, PART_CONCEPT)
        if not known.knows(root) and not lexicon.is_known(word):
            note("?" + lexicon.skeleton(word), SOUND)
            for guess in lexicon.meant(word).split():
                close = stem(guess)
                if is_empty(guess):
                    continue
                note(close, GUESS)
                row.append(close)
                if len(close) > BEGINNING:
                    note("^" + close[:BEGINNING], BEGIN)
                concepts(close, CONCEPT)
                for part in lexicon.stems(lexicon.parts(guess)):
                    note(part, PART)
                    row.append(part)
                    concepts(part, PART_CONCEPT)
    for concept in known.within(row):
        note(concept.key, LOOSE if concept.loose else CONCEPT)
    for theme, _ in sorted(themes.items(), key=lambda item: (-item[1], item[0]))[:2]:
        note("#" + theme, THEME)
    return found
