"""Which words there are in Dutch: cuts a compound into its parts, and finds the word that somebody meant to write.

It never looks at what people wrote before: a guess cannot tell anybody which words stand in hidden questions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from vraagbaak import data
from vraagbaak.words import common, is_empty, stem

SHORTEST_PART = 3
LONGEST_COMPOUND = 32
_LINKS = ("", "s", "e", "en")
"""What may stand between two parts: `huis-arts`, `gezin-s-hulp`, `zonn-e-bloem`, `kind-er-en-bijslag`."""


@cache
def _no_parts() -> frozenset[str]:
    return data.words("no_parts.txt")


@lru_cache(maxsize=65_536)
def parts(word: str) -> tuple[str, ...]:
    """The words that a folded compound is made of; nothing when it is not one.

    A word that occurs more often than its parts would on average is left whole (Koehn and Knight 2003).
    """
    if not 2 * SHORTEST_PART < len(word) <= LONGEST_COMPOUND or not word.isascii():
        return ()
    best = _cut(word)
    if best is None or len(best[1]) < 2:
        return ()
    return best[1]


def _cut(word: str) -> tuple[float, tuple[str, ...]] | None:
    """The likeliest way to cut: the highest mean class, one part being the word itself."""
    ranks = common()
    ways: list[list[tuple[float, tuple[str, ...]]]] = [[] for _ in range(len(word) + 1)]
    ways[0].append((0.0, ()))
    for end in range(SHORTEST_PART, len(word) + 1):
        found: list[tuple[float, tuple[str, ...]]] = []
        for start in range(end - SHORTEST_PART + 1):
            if not ways[start] or (start == 0 and end == len(word)):
                continue
            last = end == len(word)
            for part in _readings(word[start:end], last=last):
                worth = _worth(part, ranks)
                if worth:
                    found += [(total + worth, (*made, part)) for total, made in ways[start] if len(made) < 4]
        found.sort(key=lambda way: (-(way[0] / len(way[1])), way[1]))
        ways[end] = found[:3]
    whole = ranks.get(word, 0)
    candidates = [(total / len(made), made) for total, made in ways[len(word)] if len(made) > 1]
    candidates = [(mean, made) for mean, made in candidates if mean > whole + 0.2 * (len(made) - 2)]
    return max(candidates, key=lambda way: (way[0] - 0.8 * len(way[1]), way[1])) if candidates else None


def _readings(piece: str, *, last: bool) -> Iterator[str]:
    """What a piece of a compound may stand for: with a link behind it, unless it is the last."""
    for link in ("",) if last else _LINKS:
        if piece.endswith(link) and len(piece) - len(link) >= SHORTEST_PART:
            yield piece[: len(piece) - len(link)]


def _worth(part: str, ranks: Mapping[str, int]) -> float:
    """How likely a word is as a part: by its class, less for a short one; 0 for none."""
    rank = ranks.get(part, 0)
    if not rank or part in _no_parts() or is_empty(part):
        return 0.0
    if len(part) == 3:
        return rank - 1.0 if rank >= 4 else 0.0
    return rank + (0.0 if len(part) == 4 else 0.3)


def is_known(word: str) -> bool:
    """Whether this is a Dutch word, or made of such."""
    return word in common() or bool(parts(word))


# Which letters people mix up, as one; in this order.
_ENDS = (("tsie", "si"), ("tie", "si"), ("isch", "is"), ("sch", "s"), ("dt", "t"), ("d", "t"), ("b", "p"))
_SOUNDS = (
    *(
        ("sch", "sg"),
        ("ce", "se"),
        ("ci", "si"),
        ("cy", "si"),
        ("ch", "g"),
        ("gh", "g"),
        ("ph", "f"),
        ("th", "t"),
    ),
    *(
        ("ck", "k"),
        ("qu", "kw"),
        ("ij", "i"),
        ("ei", "i"),
        ("ey", "i"),
        ("ou", "o"),
        ("au", "o"),
        ("dt", "t"),
    ),
)
_LETTERS = str.maketrans({"c": "k", "q": "k", "x": "ks", "y": "i", "z": "s", "v": "f"})
_TWICE = re.compile(r"(.)\1+")
_VOWELS = str.maketrans("", "", "aeiouh")


@lru_cache(maxsize=16_384)
def spoken(word: str) -> str:
    """A folded word about as it sounds, so that most slips of spelling make no difference."""
    for end, into in _ENDS:
        if word.endswith(end):
            word = word[: -len(end)] + into
            break
    for letters, into in _SOUNDS:
        word = word.replace(letters, into)
    return _TWICE.sub(r"\1", word.translate(_LETTERS))


def skeleton(word: str) -> str:
    """The sounds of a word without its vowels; a vowel in front stays as `a`."""
    return _bones(spoken(word))


def _bones(sound: str) -> str:
    front = "a" if sound[:1] in "aeiou" else sound[:1]
    return _TWICE.sub(r"\1", front + sound[1:].translate(_VOWELS))


@cache
def _by_skeleton() -> Mapping[str, str]:
    """The words with the same bones, with spaces between: a third of the memory of tuples."""
    found: dict[str, list[str]] = defaultdict(list)
    for word in common():
        if len(word) > 3:
            found[_bones(spoken.__wrapped__(word))].append(word)
    return {key: " ".join(words) for key, words in found.items()}


@lru_cache(maxsize=16_384)
def meant(word: str) -> str:
    """The Dutch word (of a compound, both) that was probably meant by a folded word that is none; empty when unlikely."""
    if len(word) < 4 or not word.isascii() or not word.isalpha() or len(word) > 20:
        return ""
    allowed = 1 if len(word) <= 5 else 2
    sound = spoken(word)
    best: tuple[float, str] = (allowed + 0.01, "")
    for candidate in _alike(word):
        if abs(len(candidate) - len(word)) > 3:
            continue
        away = distance(sound, spoken(candidate), allowed)
        if away <= allowed:
            judged = away + 0.3 * (candidate[0] != word[0]) - 0.08 * common()[candidate]
            judged += 0.1 * (away == 1 and len(sound) == len(spoken(candidate)))
            judged += 0.02 * abs(len(candidate) - len(word))
            best = min(best, (judged, candidate))
    return best[1] or _meant_compound(word)


def _meant_compound(word: str) -> str:
    """Two words, one of them as it is written and one that was meant: `dwang gedachten` for `dwangedachten`."""
    for at in range(4, len(word) - 3) if len(word) >= 9 else ():
        first, second = word[:at], word[at:]
        if _worth(first, common()) > 2 and (found := meant(second)):
            return f"{first} {found}"
        if _worth(second, common()) > 2 and (found := meant(first)):
            return f"{found} {second}"
    return ""


def _alike(word: str) -> set[str]:
    """Words with the same bones, or with one more or less, or two changed places."""
    bones = skeleton(word)
    table = _by_skeleton()
    keys = {bones}
    keys |= {bones[:at] + bones[at + 1 :] for at in range(len(bones)) if len(bones) > 2}
    keys |= {bones[:at] + bones[at + 1] + bones[at] + bones[at + 2 :] for at in range(len(bones) - 1)}
    keys |= {bones[:at] + letter + bones[at:] for at in range(len(bones) + 1) for letter in "bdfgklmnprstw"}
    keys |= {bones[:at] + letter + bones[at + 1 :] for at in range(len(bones)) for letter in "bdfgjklmnprstw"}
    found: set[str] = set()
    for key in keys:
        found.update(table.get(key, "").split())
    return found


def distance(one: str, other: str, most: int) -> int:
    """Letters to add, drop, change or swap with a neighbour to make the one the other; more than `most` is `most + 1`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, found in enumerate(other, 1):
            step = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (letter != found))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == found:
                step = min(step, before[column - 2] + 1)
            current.append(step)
        if min(current) > most:
            return most + 1
        before, last = last, current
    return last[-1]


def stems(words: Iterable[str]) -> tuple[str, ...]:
    """Their stems, each once, in order."""
    return tuple(dict.fromkeys(stem(word) for word in words))


def rarity(word: str) -> float:
    """How much a folded word tells, from 0.2 for one that is everywhere to 1 for a rare one."""
    return {7: 0.2, 6: 0.3, 5: 0.55, 4: 0.8}.get(common().get(word, 0), 1.0)
