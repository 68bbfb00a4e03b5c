"""Which kinds of help there are among neighbours, read from a file that a steward can add to.

A kind is known by phrases; what cannot be read is refused with its line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache

from vraagbaak import data
from vraagbaak.words import folded, is_empty, stem, tokens

FILE = "help.txt"


class Manner(StrEnum):
    """What the two of them do."""

    DO = "doen"
    TOGETHER = "samen"
    TEACH = "leren"
    THING = "ding"
    PLACE = "plek"


class Side(StrEnum):
    """Who speaks so."""

    BOTH = "beide"
    ASKS = "vraag"
    OFFERS = "aanbod"
    HINT = "achtergrond"
    NOT = "niet"


@dataclass(frozen=True, slots=True)
class Item:
    """One word of a phrase: a root, or the beginning or end of a word."""

    root: str = ""
    beginning: str = ""
    end: str = ""
    members: frozenset[tuple[str, ...]] = frozenset()
    """For a class: the roots of each of its words or word groups."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Parts that may stand in different sentences; each is one of several rows of words of the same sentence."""

    parts: tuple[tuple[tuple[Item, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of help."""

    name: str
    manner: Manner = Manner.DO
    phrases: Mapping[Side, tuple[Phrase, ...]] = field(default_factory=dict)
    per: frozenset[tuple[str, ...]] = frozenset()
    """Both sides must name the same of these, if they name any."""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A phrase of a kind of help."""

    kind: str
    side: Side
    phrase: Phrase


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """The stem of a folded word, and of its verb: `brengt` as `brengen`, `monteer` as `monteren`."""
    found = stem(word)
    if is_empty(found) and not is_empty(word):
        return word  # `uitje` is no `uit`, `ommetje` no `om`
    if (
        len(found) > 4
        and found[-1] == "t"
        and (found[-2] not in "aeiouyt" or found.endswith(("aait", "oeit")))
    ):
        found = found[:-1]
    if len(found) > 5 and found.endswith("eer"):
        found = found[:-3] + "er"
    return found.replace("ioo", "io")  # `viool`, `violen`


class Kinds:
    """All kinds of help, ready to find which of them a text may speak of."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.named: Mapping[str, Kind] = {kind.name: kind for kind in kinds}
        lost = {other for kind in kinds for other in kind.also} - self.named.keys()
        if lost:
            raise ValueError(f"there is no [{min(lost)}]")
        self._by_root: dict[str, list[Evidence]] = defaultdict(list)
        self._telling: dict[str, dict[str, float]] = defaultdict(dict)
        for kind in kinds:
            for word, weight in _vocabulary(kind).items():
                self._telling[word][kind.name] = weight
        self._by_shape: list[tuple[Item, Evidence]] = []
        for kind in kinds:
            for side, phrases in kind.phrases.items():
                for phrase in phrases:
                    self._file(Evidence(kind.name, side, phrase))

    def _file(self, evidence: Evidence) -> None:
        """Under the words without which the phrase cannot be there, as few as possible."""
        ways = [
            [item for row in part for item in row[:1]]
            if len(part) > 1
            else min(([item] for item in part[0]), key=_breadth)
            for part in evidence.phrase.parts
        ]
        for item in min(ways, key=_breadth):
            for key in _roots(item):
                self._by_root[key].append(evidence)
            if item.beginning or item.end:
                self._by_shape.append((item, evidence))

    def candidates(self, roots: frozenset[str], words: Sequence[str]) -> Iterator[Evidence]:
        """Phrases that may be there, each once."""
        seen: set[int] = set()
        for key in roots:
            for evidence in self._by_root.get(key, ()):
                if id(evidence) not in seen:
                    seen.add(id(evidence))
                    yield evidence
        for item, evidence in self._by_shape:
            if id(evidence) not in seen and any(has_shape(item, word) for word in words):
                seen.add(id(evidence))
                yield evidence

    def knows(self, key: str) -> bool:
        """Whether a root stands in a phrase."""
        return key in self._telling

    def speaks_of(self, roots: Iterable[str]) -> dict[str, float]:
        """How much single words tell of each kind of help: 1 for a word of that kind only."""
        found: dict[str, float] = defaultdict(float)
        for key in roots:
            of = self._telling.get(key, {})
            for name, weight in of.items():
                found[name] += weight / len(of)
        return found


def _vocabulary(kind: Kind) -> Mapping[str, float]:
    """The words of its phrases; those that are only part of a phrase, or one of a class, for less."""
    found: dict[str, float] = {}
    for side in (Side.BOTH, Side.ASKS, Side.OFFERS):
        for phrase in kind.phrases.get(side, ()):
            alone = len(phrase.parts) == 1 and len(phrase.parts[0]) == 1 and len(phrase.parts[0][0]) == 1
            for item in (item for part in phrase.parts for row in part for item in row):
                if len(item.root) > 3:
                    found[item.root] = max(found.get(item.root, 0.0), 1.0 if alone else 0.7)
                for member in item.members:
                    if len(member) == 1:
                        found.setdefault(member[0], 0.3)
    return found


def has_shape(item: Item, word: str) -> bool:
    """Whether a folded word begins or ends as the item says."""
    return bool(item.beginning and word.startswith(item.beginning)) or bool(
        item.end and word.endswith(item.end)
    )


def _roots(item: Item) -> Iterator[str]:
    if item.root:
        yield item.root
    for member in item.members:
        yield member[0]


def _breadth(items: Sequence[Item]) -> tuple[int, int]:
    """How often such words occur: shapes last, then classes, then short words."""
    count = sum(50 if item.beginning or item.end else max(1, len(item.members)) for item in items)
    return count, -min(len(item.root) for item in items)


def parse(text: str) -> Iterator[Kind]:
    """The kinds of a file. Raises `ValueError`, naming the line or the kind, for what cannot be read."""
    classes = _classes(text)
    numbered = [(at, line.partition("#")[0].strip()) for at, line in enumerate(text.splitlines(), 1)]
    name, fields = "", dict[str, str]()
    for at, line in numbered:
        if not line or line.startswith("@"):
            continue
        key, colon, value = line.partition(":")
        if not line.startswith("[") and name and colon and value.strip():
            fields[key.strip()] = value
            continue
        if not (line.startswith("[") and line.endswith("]")):
            raise ValueError(f"line {at}: it is no heading, no class and no `what: phrases`")
        if name:
            yield _kind(name, fields, classes)
        name, fields = line.strip("[]").strip(), {}
    if name:
        yield _kind(name, fields, classes)


def _classes(text: str) -> dict[str, frozenset[tuple[str, ...]]]:
    found: dict[str, frozenset[tuple[str, ...]]] = {}
    for line in text.splitlines():
        if line.startswith("@"):
            name, _, members = line.partition("#")[0][1:].partition(":")
            found[name.strip()] = frozenset(_members(members, found))
    return found


def _members(text: str, classes: Mapping[str, frozenset[tuple[str, ...]]]) -> Iterator[tuple[str, ...]]:
    for member in (part.strip() for part in text.split(",")):
        if member.startswith("@"):
            yield from classes[member[1:]]
        elif member:
            yield tuple(root(word) for word in tokens(member))


def _kind(name: str, fields: Mapping[str, str], classes: Mapping[str, frozenset[tuple[str, ...]]]) -> Kind:
    unknown = set(fields) - {"soort", "per", "ook", *Side}
    if unknown:
        raise ValueError(f"[{name}]: there is no `{min(unknown)}`")
    per = fields.get("per", "").strip().removeprefix("@")
    if per and per not in classes:
        raise ValueError(f"[{name}]: there is no @{per}")
    phrases = {
        side: tuple(_phrase(part, classes) for part in fields[side].split(",") if part.strip())
        for side in Side
        if side in fields
    }
    return Kind(
        name=name,
        manner=Manner(fields.get("soort", "doen").strip()),
        phrases=phrases,
        per=classes[per] if per else frozenset(),
        also=tuple(part.strip() for part in fields.get("ook", "").split(",") if part.strip()),
    )


def _phrase(text: str, classes: Mapping[str, frozenset[tuple[str, ...]]]) -> Phrase:
    parts = [
        tuple(tuple(_items(row, classes)) for row in part.split("/") if row.strip())
        for part in text.split(" + ")
    ]
    if not all(part and all(part) for part in parts):
        raise ValueError(f"no phrase: {text.strip()}")
    return Phrase(tuple(parts))


def _items(row: str, classes: Mapping[str, frozenset[tuple[str, ...]]]) -> Iterator[Item]:
    for word in row.split():
        if word.startswith("@") and word[1:] in classes:
            yield Item(members=classes[word[1:]])
        elif word.startswith("@"):  # `@instrumentles`: each of the class with an ending
            name = max((each for each in classes if word[1:].startswith(each)), key=len, default="")
            if not name:
                raise ValueError(f"there is no {word}")
            ending = word[1 + len(name) :]
            yield Item(members=frozenset((root("".join(each) + ending),) for each in classes[name]))
        elif word.endswith("*"):
            yield Item(beginning=folded(word[:-1]))
        elif word.startswith("*"):
            yield Item(end=folded(word[1:]))
        else:
            for part in tokens(word):
                yield Item(root=root(part))


@cache
def shipped() -> Kinds:
    """The kinds of help that come with the program."""
    return Kinds(tuple(parse(data.read(FILE))))


@cache
def heads() -> frozenset[str]:
    """Roots behind which, in a compound, the activity stands: `zwemmaatje`, `tuinklussen`."""
    return frozenset(each[0] for each in _classes(data.read(FILE))["achter"])


@cache
def pale() -> frozenset[str]:
    """Roots of words that do not tell what somebody is after."""
    return frozenset(each[0] for each in _classes(data.read(FILE))["zegtweinig"])
