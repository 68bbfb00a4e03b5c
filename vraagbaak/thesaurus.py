"""The care-and-welfare thesaurus: which words people use for the same thing, read from a file that anybody may edit.

A group becomes one concept that stands beside the words in the index. What cannot be read is refused with its line.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from vraagbaak import data
from vraagbaak.words import NOT, is_empty, stem, tokens

FILE = "thesaurus.txt"
NEGATION = "!"
"""How every word that turns a meaning round stands in a phrase."""
NO_THEME = "gewone woorden"
"""The heading above words that are about anything."""
_ROOM = 2
"""How many other words may stand between those of a phrase."""


@dataclass(frozen=True, slots=True)
class Group:
    """One line: phrases that mean the same, or (`loose`) that have to do with each other."""

    phrases: tuple[str, ...]
    loose: bool
    theme: str
    line: int


@dataclass(frozen=True, slots=True)
class Concept:
    """What a group stands for in the index."""

    key: str
    loose: bool
    theme: str


def parse(text: str) -> Iterator[Group]:
    """The groups of a file. Raises `ValueError`, naming the line, for what cannot be one.

    `# ...` is a remark, `[...]` a heading, `~ a, b, c` a loose group, `a, b, c` a group of the same meaning.
    """
    theme = ""
    for number, given in enumerate(text.splitlines(), 1):
        line = given.partition("#")[0].strip()
        if line.startswith("[") and line.endswith("]"):
            theme = line[1:-1].strip()
        elif line:
            loose = line.startswith("~")
            phrases = tuple(part.strip() for part in line.removeprefix("~").split(","))
            if len(phrases) < 2 or not all(phrases):
                raise ValueError(
                    f"line {number}: a group is two or more words or phrases with commas between"
                )
            yield Group(phrases, loose, theme, number)


@dataclass(frozen=True, slots=True)
class _Phrase:
    """Several stems that mean something together."""

    wanted: frozenset[str]
    length: int
    room: int
    concept: Concept

    def stands_at(self, stems: Sequence[str], at: int) -> bool:
        """Whether all of it stands close together around this place."""
        span = self.length + self.room
        starts = range(max(0, at - span + 1), at + 1)
        return any(self.wanted <= set(stems[start : start + span]) for start in starts)


class Thesaurus:
    """The groups, ready to find which of them a text speaks of."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self.version = hashlib.sha256(repr(groups).encode()).hexdigest()
        self._single: dict[str, list[Concept]] = defaultdict(list)
        self._phrases: dict[str, list[_Phrase]] = defaultdict(list)
        themes: dict[str, set[str]] = defaultdict(set)
        for group in groups:
            name = "-".join(_key(group.phrases[0])) or group.phrases[0]
            concept = Concept(("~" if group.loose else "=") + name, group.loose, group.theme)
            for phrase in group.phrases:
                key = _key(phrase)
                if len(key) == 1 and key[0] != NEGATION:
                    self._single[key[0]].append(concept)
                    themes[key[0]].add(group.theme)
                elif key:
                    rarest = max(key, key=lambda each: (each != NEGATION, len(each), each))
                    room = 0 if _is_empty_phrase(phrase) else _ROOM
                    self._phrases[rarest].append(_Phrase(frozenset(key), len(key), room, concept))
        self._meanings = {
            (word, loose): sum(concept.loose == loose for concept in concepts)
            for word, concepts in self._single.items()
            for loose in (False, True)
        }
        self._themes: Mapping[str, str] = {
            word: min(found) for word, found in themes.items() if len(found) == 1 and found != {NO_THEME}
        }

    def of(self, word: str) -> Sequence[Concept]:
        """The concepts that a stem alone stands for."""
        return self._single.get(word, ())

    def meanings(self, word: str, *, loose: bool) -> int:
        """How many groups of a kind a stem alone stands in."""
        return self._meanings.get((word, loose), 0)

    def knows(self, word: str) -> bool:
        """Whether a stem stands in a group."""
        return word in self._single

    def theme(self, word: str) -> str:
        """What a stem belongs to when it belongs to one theme only; else empty."""
        return self._themes.get(word, "")

    def within(self, stems: Sequence[str]) -> Iterator[Concept]:
        """The concepts of the phrases in a row of stems, where `!` stands for every `not`."""
        there = frozenset(stems)
        for at, word in enumerate(stems):
            for phrase in self._phrases.get(word, ()):
                if phrase.wanted <= there and phrase.stands_at(stems, at):
                    yield phrase.concept


def _is_empty_phrase(phrase: str) -> bool:
    """Whether every word of it says nothing by itself: `op zijn`."""
    return all(is_empty(word) for word in tokens(phrase))


def _key(phrase: str) -> tuple[str, ...]:
    """The stems that must be there: those that say something when they are two or more, else all of them."""
    found = tuple(tokens(phrase))
    every = tuple(NEGATION if word in NOT else stem(word) for word in found)
    telling = tuple(
        NEGATION if word in NOT else stem(word) for word in found if word in NOT or not is_empty(word)
    )
    return telling if len(telling) > 1 and set(telling) != {NEGATION} else every


@cache
def groups() -> tuple[Group, ...]:
    """The groups that come with the program."""
    return tuple(parse(data.read(FILE)))


def shipped_version() -> str:
    """What tells the one that comes with the program from another; told without making it, for a quick start."""
    return hashlib.sha256(data.read(FILE).encode()).hexdigest()


@cache
def shipped() -> Thesaurus:
    """The thesaurus that comes with the program."""
    return Thesaurus(groups())
