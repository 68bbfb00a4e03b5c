"""What a few Dutch sentences ask for or offer: which kinds of help, in which manner, for whom, and what not.

It understands by phrases of kinds.py and by a handful of turns of Dutch; what it does not understand it leaves out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from vraagbaak import kinds, lexicon, thesaurus
from vraagbaak.kinds import Evidence, Item, Kinds, Manner, Side, has_shape, root
from vraagbaak.words import NOT, folded, is_empty, stem, tokens

LONGEST = 2_000
"""Characters of one text that are looked at."""

_SENTENCE = re.compile(r"(?<=[.!?;:\n])\s+|\n|;|\s+(?=maar\b)|,\s*(?=maar\b|want\b|omdat\b|alleen\b|dus\b)")
_STRONG = frozenset(
    ["wie", "iemand", "gezocht", "gevraagd", "zoek", "zoeken", "zoekt", "welke", "nodig", "hulp", "help"]
)
_ASKING = re.compile(r"\b(gezocht|gevraagd|(?:zoek|zoekt|zoeken)\b(?![^.!?]*\buit\b))")
_GIVING = re.compile(
    r"\b(ik (help|geef|kan|doe|maak|kom|breng|leer|speel|ga|neem|pas|bied|heb|ben|rijd|rij|kook|wil|vind|verzorg|leg|lees)"
    r"|om (te|in|mee|voor|bij|samen|tegen|met|mee)\b|wij |we |aangeboden|neem .* mee|bij mij|mag )"
)
_TEACHING = re.compile(
    r"\b(cursus|workshop|lezing|leer (je|jou|jullie|mensen|kinderen|iemand|u|anderen)|leert (je|jou)|instructeur|"
    r"voorlichting|training)\b"
)
_LEARNING = re.compile(
    r"\b(leert|leren|leer|cursus|snap\w*|beginner|uitleg\w*|leg\w* .*uit|onder de knie|bijles|les (?:geven|krijgen|nemen)|"
    r"lessen)\b"
)
_LESSON = root("les")
_TRADE = re.compile(
    r"\b(voor bedrijven|betaald|entree|tarief|per uur|bruiloften|bedrijfsfeesten|tegen betaling|klanten)\b"
)
_NO = re.compile(r"\b(geen|niet (?:naar|met|voor|bij|op|in)|behalve|allergisch voor)\s+((?:\w+\s*){1,4})")
_GOODS = re.compile(
    r"\b(te koop|te geef|te leen|te huur|weg te geven|gratis af|maat \d+|over(?=[,.!]|$)|gratis ophalen|mag weg|"
    r"verkoop|koop .* op|nestje|in goede staat|bijna nieuw|zo goed als nieuw|tweedehands)|^(?!.*\b(?:ik|wij|we)\b).*\bgratis\W*$"
)
_RATHER = re.compile(
    r"\b(liever geen|liefst geen|graag geen|allergisch voor|bang voor|zonder|liever niet met)\s+((?:\w+\s*){1,3})"
)
_SELF = re.compile(r"\b(ik|wij|we|mij|me)\b")
_OTHERS = re.compile(r"\b(die|wie|als|wanneer|mensen|ook|geen probleem|niet erg|niet bang|jij|je)\b")

_SMALL, _CHILD, _TEEN, _ADULT, _OLD = "small", "child", "teen", "adult", "old"
_AGES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("kleuter", "peuter", "baby", "kleuters"), frozenset({_SMALL})),
    **dict.fromkeys(("kind", "kinder", "neefje", "nichtje"), frozenset({_SMALL, _CHILD, _TEEN})),
    **dict.fromkeys(("zoon", "dochter", "kleinkind", "kleinzoon"), frozenset({_SMALL, _CHILD, _TEEN})),
    **dict.fromkeys(("basisschool", "schoolkind"), frozenset({_CHILD})),
    **dict.fromkeys(("scholier", "leerling"), frozenset({_CHILD, _TEEN})),
    **dict.fromkeys(
        ("tiener", "puber", "jongere", "vmbo", "havo", "vwo", "mavo", "middelbaar"), frozenset({_TEEN})
    ),
    **dict.fromkeys(("student",), frozenset({_TEEN, _ADULT})),
    **dict.fromkeys(("volwassen", "volwassene"), frozenset({_ADULT, _OLD})),
    **dict.fromkeys(("man", "vrouw", "partner", "broer", "zus"), frozenset({_ADULT, _OLD})),
    **dict.fromkeys(("moeder", "vader", "oom", "tante"), frozenset({_ADULT, _OLD})),
    **dict.fromkeys(
        ("oma", "opa", "oudere", "senior", "bejaarde", "schoonmoeder", "schoonvader"), frozenset({_OLD})
    ),
}
_AGE_BY_ROOT = {root(word): ages for word, ages in _AGES.items()}
_FOR = re.compile(
    r"\b(aan|voor|met|bij|van|tussen|alleen|geef|leer|help|begeleid|train|fluit)\s+((?:\w+\s+){0,2}?)(\w+)"
)
_NUMBER_OF_YEARS = re.compile(
    r"\b(?:ben|is|van|hij is|zij is|ze is)\s+(\d{1,3})\b|\b(\d{1,3})\s*(?:jaar|jarige|jr)\b|(\d{1,3})-jarige"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its folded words, and of each the roots by which it can be found."""

    words: tuple[str, ...]
    roots: tuple[frozenset[str], ...]
    strong: bool
    """Whether it is where somebody says what they want."""
    negated: tuple[bool, ...] = ()
    """Of each word whether the speaker says that this is not so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a text was understood to say."""

    clear: frozenset[str] = frozenset()
    """Kinds of help that it is about."""
    hinted: frozenset[str] = frozenset()
    """Kinds of help that it may be about, from what surrounds the question."""
    likely: Mapping[str, float] = field(default_factory=dict)
    """Kinds of help of which only single words tell."""
    particulars: Mapping[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    """By kind of help, which language, instrument or animal."""
    content: Mapping[str, float] = field(default_factory=dict)
    """What else it speaks of, with how much that says."""
    things: frozenset[str] = frozenset()
    learns: bool = False
    teaches: bool = False
    trade: bool = False
    """Whether it is for businesses or for money."""
    words: tuple[frozenset[str], ...] = ()
    """The roots of each word that says something."""
    thing: bool = False
    """Whether a thing is wanted, or given away, lent or sold."""
    asks: bool = False
    """Whether it is somebody's question, also where offers are."""
    ages: frozenset[str] = frozenset()
    """For whom; empty when it does not say."""
    barred: frozenset[str] = frozenset()
    """What it must have nothing to do with."""


def of_need(text: str) -> Meaning:
    """What somebody asks for."""
    return _understood(text[:LONGEST], Side.ASKS)


def of_offer(text: str) -> Meaning:
    """What somebody offers."""
    return _understood(text[:LONGEST], Side.OFFERS)


THINGS = "dingen lenen of krijgen"


@lru_cache(maxsize=8_192)
def _understood(text: str, side: Side) -> Meaning:
    known = kinds.shipped()
    sentences = tuple(_sentences(text, side))
    plain = folded(text)
    found = _found(sentences, known, side)
    clear, hinted = _sorted_out(found, sentences, side)
    everything = frozenset(each for sentence in sentences for roots in sentence.roots for each in roots)
    thing = THINGS in clear or (side is Side.OFFERS and bool(_GOODS.search(plain)))
    if thing and side is Side.OFFERS:
        clear = frozenset(name for name in clear if known.named[name].manner in {Manner.THING, Manner.PLACE})
    content = _content(sentences)
    return Meaning(
        clear=clear,
        hinted=hinted - clear,
        likely={} if thing or clear else _likely(content, known),
        particulars={
            name: _particulars(known.named[name].per, sentences)
            for name in _and_also(clear | hinted, known)
            if known.named[name].per
        },
        content=content,
        things=frozenset(each for each in everything if each in content),
        learns=bool(_LEARNING.search(plain)),
        teaches=bool(_TEACHING.search(plain)) or any(map(_is_lesson, tokens(text))),
        trade=bool(_TRADE.search(plain)),
        words=tuple(_inside(word) for word in dict.fromkeys(tokens(text)) if _tells(word)),
        thing=thing and (side is Side.OFFERS or len(clear) == 1),
        asks=_asks(plain),
        ages=_ages_of_need(plain, everything) if side is Side.ASKS else _ages_of_offer(plain),
        barred=_barred(plain, side),
    )


def _is_lesson(word: str) -> bool:
    return root((lexicon.parts(word) or (word,))[-1]) == _LESSON or word in {"rijles", "zwemles", "lessen"}


def _sentences(text: str, side: Side) -> Iterator[Sentence]:
    for piece in _SENTENCE.split(text):
        words = tuple(tokens(piece))
        if words:
            strong = "?" in piece or bool(_STRONG & set(words)) or _wants(words)
            negated = tuple(_negated(piece)) if side is Side.OFFERS else ()
            yield Sentence(words, tuple(map(_keys, words)), strong, negated)


def _wants(words: Sequence[str]) -> bool:
    """`ik wil graag leren`, but not `ik wil terug naar`."""
    return ("wil" in words or "willen" in words) and "graag" in words


@lru_cache(maxsize=65_536)
def _keys(word: str) -> frozenset[str]:
    """The roots by which a word is found in phrases: of itself when it stands in one, else of what it is made of."""
    whole = root(word)
    return frozenset({whole}) if kinds.shipped().knows(whole) else _inside(word)


@lru_cache(maxsize=65_536)
def _inside(word: str) -> frozenset[str]:
    """The roots of a word and of the parts of a compound that tell what it is."""
    parts = lexicon.parts(word)
    if not parts:
        return frozenset({root(word)})
    head = root(parts[-1])
    front = {root(part) for part in parts[:-1]} if head in kinds.heads() else set()
    return frozenset({root(word), head, *front})


def _negated(piece: str) -> Iterator[bool]:
    """Of each word whether it stands in a clause in which the speaker says no."""
    for clause in piece.split(","):
        words = tuple(tokens(clause))
        plain = " ".join(words)
        no = bool(NOT & set(words)) and bool(_SELF.search(plain) or words[0] in NOT | {"maar"})
        for _ in words:
            yield no and not _OTHERS.search(plain)


Found = list[tuple[Evidence, frozenset[int]]]


def _found(sentences: Sequence[Sentence], known: Kinds, side: Side) -> Found:
    """The phrases that are there, and of each in which sentences."""
    roots = frozenset(each for sentence in sentences for keys in sentence.roots for each in keys)
    words = [word for sentence in sentences for word in sentence.words]
    wanted = {Side.BOTH, side, Side.NOT} | ({Side.HINT} if side is Side.ASKS else set())
    found = []
    for evidence in known.candidates(roots, words):
        if evidence.side not in wanted:
            continue
        places = [_place(part, sentences) for part in evidence.phrase.parts]
        if all(place is not None for place in places):
            found.append((evidence, frozenset(place for place in places if place is not None)))
    return found


def _place(part: Sequence[Sequence[Item]], sentences: Sequence[Sentence]) -> int | None:
    """In which sentence one of these rows of words stands; a strong one if possible."""
    places = [at for at, sentence in enumerate(sentences) for row in part if _stands(row, sentence)]
    return min(places, key=lambda at: (not sentences[at].strong, at)) if places else None


def _stands(row: Sequence[Item], sentence: Sentence) -> bool:
    taken: set[int] = set()
    for item in row:
        at = next(
            (at for at in range(len(sentence.words)) if at not in taken and _is(item, sentence, at)), None
        )
        if at is None:
            return False
        taken.add(at)
    return not sentence.negated or not all(sentence.negated[at] for at in taken)


def _is(item: Item, sentence: Sentence, at: int) -> bool:
    keys = sentence.roots[at]
    if item.root:
        return item.root in keys
    if item.members:
        return any(
            member[0] in keys and all(_has(sentence, each) for each in member[1:]) for member in item.members
        )
    return has_shape(item, sentence.words[at])


def _has(sentence: Sentence, key: str) -> bool:
    return any(key in keys for keys in sentence.roots)


def _sorted_out(
    found: Found, sentences: Sequence[Sentence], side: Side
) -> tuple[frozenset[str], frozenset[str]]:
    """What it is about, and what surrounds it: where somebody says what they want, the rest is only around it."""
    barred = {
        (evidence.kind, place) for evidence, places in found if evidence.side is Side.NOT for place in places
    }
    strong, weak, hints = set(), set(), set()
    for evidence, places in found:
        if evidence.side is Side.NOT or any((evidence.kind, place) in barred for place in places):
            continue
        if evidence.side is Side.HINT:
            hints.add(evidence.kind)
        elif side is Side.OFFERS or any(sentences[place].strong for place in places):
            strong.add(evidence.kind)
        else:
            weak.add(evidence.kind)
    if strong:
        return frozenset(strong), frozenset()
    return frozenset(weak), frozenset() if weak else frozenset(hints)


def _likely(content: Mapping[str, float], known: Kinds) -> dict[str, float]:
    """The kinds of which the words tell most."""
    found = known.speaks_of(each for each in content if each.isalnum())
    best = max(found.values(), default=0.0)
    return {name: worth for name, worth in found.items() if worth >= max(0.3, 0.6 * best)}


def _and_also(names: frozenset[str], known: Kinds) -> frozenset[str]:
    return names.union(*(known.named[name].also for name in names))


def _particulars(
    members: frozenset[tuple[str, ...]], sentences: Sequence[Sentence]
) -> frozenset[tuple[str, ...]]:
    return frozenset(
        member for member in members for sentence in sentences if all(_has(sentence, each) for each in member)
    )


def _tells(word: str) -> bool:
    return not (is_empty(word) or root(word) in kinds.pale() or word.isdigit())


def _content(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Roots of words that say something, by how rare they are; and what the thesaurus calls them."""
    found: dict[str, float] = {}
    for sentence in sentences:
        for word in sentence.words:
            if not _tells(word):
                continue
            worth = lexicon.rarity(word)
            for key in _inside(word) - kinds.pale():
                found[key] = max(found.get(key, 0.0), worth if key == root(word) else worth * 0.8)
            for concept in thesaurus.shipped().of(stem(word)):
                if not concept.loose:
                    found[concept.key] = max(found.get(concept.key, 0.0), worth * 0.6)
    return found


def _asks(plain: str) -> bool:
    """Whether somebody only asks: `Zwemmaatje gevraagd!`, but not `ik zoek een tuin om in te werken`."""
    asking = bool(_ASKING.search(plain)) or plain.startswith(
        ("wie ", "kan iemand", "weet iemand", "is er iemand")
    )
    return asking and not _GIVING.search(plain)


def _ages_of_need(plain: str, roots: frozenset[str]) -> frozenset[str]:
    for groups in _NUMBER_OF_YEARS.findall(plain):
        years = next((int(each) for each in groups if each), 0)
        if 0 < years <= 110:
            return _age(years)
    narrowest: frozenset[str] = frozenset()
    for each in roots & _AGE_BY_ROOT.keys():
        ages = _AGE_BY_ROOT[each]
        narrowest = ages if not narrowest else (narrowest & ages or narrowest)
    return narrowest


def _age(years: int) -> frozenset[str]:
    if years < 6:
        return frozenset({_SMALL})
    if years < 12:
        return frozenset({_CHILD})
    if years < 18:
        return frozenset({_TEEN})
    return frozenset({_ADULT, _OLD} if years >= 55 else {_ADULT})


def _ages_of_offer(plain: str) -> frozenset[str]:
    """For whom it is meant: only behind `aan`, `voor`, `met` and the like."""
    found: set[str] = set()
    for _, between, word in _FOR.findall(plain):
        for each in (*between.split(), word):
            if each in {"ouder", "ouders"}:
                continue  # `ouderen` have the same root
            found |= _AGE_BY_ROOT.get(root(each), frozenset())
    return frozenset(found)


def _barred(plain: str, side: Side) -> frozenset[str]:
    pattern = _RATHER if side is Side.ASKS else _NO
    found = set[str]()
    for _, words in pattern.findall(plain):
        for word in words.split():
            if word in {"maar", "en", "of", "want", "wel"}:
                break
            if not is_empty(word) and root(word) not in kinds.pale():
                found.add(root(word))
    return frozenset(found)
