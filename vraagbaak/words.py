"""What "matches" means, for both databases alike: Dutch text folded, cut into words, and brought back to stems.

The databases only ever see what comes out of here, and compare it byte by byte; no setting of theirs takes part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import Stemmer

from vraagbaak import data

LONGEST_TEXT = 10_000
"""Characters of one text that are looked at."""
MOST_WORDS = 400
"""Words of one text that are looked at."""
LONGEST_WORD = 40

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´"))
# No cache inside: a stemmer with one may not be used by two threads.
_dutch = Stemmer.Stemmer("dutch", 0)

NOT = frozenset({"niet", "geen", "nooit", "niks", "niets", "niemand", "nergens", "zonder", "nie"})
"""Words that turn a meaning round. They are no search words, but `geen geld` is not `geld`."""

_FOLDED_PLURALS = ("ieen", "eeen")  # knieën, ideeën: without its dots the stemmer does not see the ending
# Plurals and forms that the stemmer, which goes by endings, does not bring together.
_FORMS = {
    "kinder": "kind",
    "kindj": "kind",
    "kids": "kind",
    "kid": "kind",
    "eier": "ei",
    "schul": "schuld",
    "kleder": "kleed",
    "goeder": "goed",
    "lieder": "lied",
    "blader": "blad",
    "steed": "stad",
    "schep": "schip",
    "leed": "lid",
    "ouder": "ouder",
    "medicat": "medicijn",
    "dement": "dementie",
}


def folded(text: str) -> str:
    """Small letters without accents and apostrophes, ligatures and wide forms written out."""
    if text.isascii():
        return text.lower().translate(_APOSTROPHES)
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))


def tokens(text: str) -> Iterator[str]:
    """The words of a text as they stand, folded; no more and no longer ones than the limits say."""
    for count, match in enumerate(_WORD.finditer(folded(text[:LONGEST_TEXT]))):
        if count >= MOST_WORDS:
            return
        yield match[0][:LONGEST_WORD]


@cache
def _empty() -> frozenset[str]:
    return data.words("empty.txt")


def is_empty(word: str) -> bool:
    """Whether a folded word says nothing of what a text is about."""
    return word in _empty() or word in NOT or (len(word) == 1 and word.isascii())


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a folded word."""
    if word.endswith(_FOLDED_PLURALS):
        word = word[:-2]
    found: str = _dutch.stemWord(word)
    if found == word[:-1] and word.endswith("s") and (found not in common() or f"{word}en" in common()):
        found = word  # `fiets`, `kans`: no plural of anything, though the stemmer takes them for one
    elif found == word and len(word) > 4 and word.endswith("t") and _is_verb(word[:-1], word):
        found = _dutch.stemWord(word[:-1])  # `snoeit`
    elif word.endswith("en") and found not in common() and (single := _single(word)) in common():
        found = single  # `zondagen`: the stemmer makes its vowel long
    if len(found) > 6 and found.endswith("eer"):
        found = found[:-3] + "er"  # `installeer`, as it makes of `installeren`
    return _FORMS.get(found, found)


def _single(plural: str) -> str:
    """A word without its plural, where no letter is added or taken: `glas` of `glazen`."""
    bare = plural[:-2]
    return bare[:-1] + {"z": "s", "v": "f"}.get(bare[-1:], bare[-1:])


def _is_verb(root: str, form: str) -> bool:
    return f"{root}en" in common() and f"{form}en" not in common()


@cache
def common() -> Mapping[str, int]:
    """Every word of the list of Dutch words with its class: 2 is rare, 7 is everywhere."""
    found: dict[str, int] = {}
    rank = 0
    for line in data.read("words.txt").splitlines():
        if line.startswith("["):
            rank = int(line.strip("[]"))
        elif not line.startswith("#"):
            for word in line.split():
                found[word] = rank
    return found
