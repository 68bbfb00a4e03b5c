"""Which offers fit which question, and why: same kind of help, time, distance, and never the wrong way round.

An empty list is better than a wrong one. Reasons are values, never sentences: the web says them in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from vraagbaak import hours, kinds, meaning
from vraagbaak.hours import Slots
from vraagbaak.kinds import Manner
from vraagbaak.meaning import THINGS, Meaning

ENOUGH = 0.5
"""Below this nothing is proposed."""
GUESS = 0.6
"""What is only guessed from single words is worth at most this, and shown only where nothing is clear."""
MOST = 5
"""Offers that one question is told of."""


class Ground(StrEnum):
    """Why two people fit."""

    KIND = "kind"
    WORD = "word"
    TOPIC = "topic"
    TIME = "time"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `value` is a kind of help, a word, a topic, a moment (`tue-evening`) or a number of kilometres."""

    ground: Ground
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What somebody asks, as far as it matters here."""

    id: str
    by: str
    text: str
    topics: tuple[str, ...] = ()
    when: Slots = hours.NEVER
    distance: float | None = None
    """Kilometres between the two, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """What somebody offers, as far as it matters here."""

    id: str
    by: str
    text: str
    topics: tuple[str, ...] = ()
    when: Slots = hours.NEVER
    reach: float | None = None
    """Kilometres they want to go."""
    paused: bool = False
    room: int | None = None
    """How many more people they can help this week; None when they set no bound."""
    asks: bool = False
    """Whether it is really a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An offer that fits a question."""

    need_id: str
    helper_id: str
    score: float
    reasons: tuple[Reason, ...] = field(default=())
    guessed: bool = False
    """Whether it rests on single words alone."""


def for_need(need: Need, helpers: Iterable[Helper], most: int = MOST) -> tuple[Match, ...]:
    """The offers that fit a question, best first."""
    return _best((match for helper in helpers if (match := pair(need, helper))), most)


def for_helper(helper: Helper, needs: Iterable[Need], most: int = 20) -> tuple[Match, ...]:
    """The questions that an offer fits, best first."""
    return _best((match for need in needs if (match := pair(need, helper))), most)


def alike(need: Need, others: Iterable[Need], most: int = MOST) -> tuple[Match, ...]:
    """Questions of others who want to do the same together: each could be the other's company."""
    wanted = _together(meaning.of_need(need.text).clear)
    found = []
    for other in others:
        shared = wanted & _together(meaning.of_need(other.text).clear)
        if shared and other.by != need.by and _moments(need.when or hours.read(need.text), other) is not None:
            reasons = tuple(Reason(Ground.KIND, name) for name in sorted(shared))
            found.append(Match(need_id=need.id, helper_id=other.id, score=1.0, reasons=reasons))
    return _best(found, most)


def _together(names: Iterable[str]) -> frozenset[str]:
    named = kinds.shipped().named
    return frozenset(name for name in names if named[name].manner is Manner.TOGETHER)


def _best(found: Iterable[Match], most: int) -> tuple[Match, ...]:
    ordered = sorted(found, key=lambda match: (-match.score, match.helper_id, match.need_id))
    clear = [match for match in ordered if not match.guessed]
    return tuple((clear or ordered)[:most])


def pair(need: Need, helper: Helper) -> Match | None:
    """How well an offer fits a question; None when it does not, or must not."""
    if need.by == helper.by or helper.paused or helper.asks or helper.room == 0:
        return None
    near = _distance(need, helper)
    if near is None:
        return None
    asked, offered = meaning.of_need(need.text), meaning.of_offer(helper.text)
    if offered.asks or _clash(asked, offered):
        return None
    moments = _moments(_wished(need), helper)
    if moments is None:
        return None
    score, grounds = _worth(asked, offered)
    if score < ENOUGH:
        return None
    topics = [Reason(Ground.TOPIC, topic) for topic in need.topics if topic in helper.topics]
    times = [Reason(Ground.TIME, code) for code in hours.coded(moments)]
    guessed = score <= GUESS + 0.05
    score += 0.05 * bool(topics) + 0.05 * bool(times)
    reasons = (*grounds, *topics, *times, *near)
    return Match(
        need_id=need.id, helper_id=helper.id, score=round(score, 4), reasons=reasons, guessed=guessed
    )


def _wished(need: Need) -> Slots:
    return need.when or hours.read(need.text)


def _moments(wished: Slots, other: Helper | Need) -> Slots | None:
    """When both can; None when they cannot, nothing when one of them did not say when."""
    possible = other.when or hours.read(other.text)
    if not wished or not possible:
        return hours.NEVER
    return wished & possible or None


def _distance(need: Need, helper: Helper) -> tuple[Reason, ...] | None:
    if need.distance is None:
        return ()
    if helper.reach is not None and need.distance > helper.reach:
        return None
    return (Reason(Ground.NEAR, f"{round(need.distance)}"),)


def _clash(asked: Meaning, offered: Meaning) -> bool:
    """Whether one says that it must not be what the other is."""
    if asked.ages and offered.ages and not asked.ages & offered.ages:
        return True
    return bool(offered.barred & asked.content.keys()) or bool(
        asked.barred & (offered.content.keys() - offered.barred)
    )


def _worth(asked: Meaning, offered: Meaning) -> tuple[float, list[Reason]]:
    shared = _shared(asked, offered)
    roots = [worth for word, worth in shared.items() if word.isalnum()]
    words = max(sum(roots), sum(worth for word, worth in shared.items() if not word.isalnum()))
    best, reasons = 0.0, list[Reason]()
    for name, weight in _kinds(asked, offered):
        worth = weight * _manner(name, asked, offered, words)
        if worth > best:
            best, reasons = worth, [Reason(Ground.KIND, name)]
    if best:
        return best + min(0.05 if best <= GUESS else 0.3, 0.1 * words), reasons
    if (asked.clear and offered.clear) or asked.thing != offered.thing:
        return 0.0, []
    if offered.teaches and not asked.learns:
        return 0.0, []
    if asked.clear and sum(bool(keys & offered.content.keys()) for keys in asked.words) < 2:
        return 0.0, []
    bound = 0.45 if asked.clear else 0.55
    top = max((word for word in shared if word.isalnum()), key=lambda word: shared[word], default="")
    return min(0.7, words * bound), [Reason(Ground.WORD, top)] if top else []


def _kinds(asked: Meaning, offered: Meaning) -> Iterator[tuple[str, float]]:
    """The kinds of help in which they meet, and how well."""
    named = kinds.shipped().named
    for wanted, weight in ((asked.clear, 1.0), (asked.hinted, 0.8)):
        for name in sorted(wanted):
            if name in offered.clear:
                yield name, weight
            for other in named[name].also:
                if other in offered.clear and other in named:
                    yield other, weight * 0.75
    for name in sorted(asked.clear & offered.likely.keys()):
        yield name, min(GUESS, 0.25 + offered.likely[name])
    for name in sorted(asked.likely.keys() & (offered.clear | offered.likely.keys())):
        yield name, min(GUESS, 0.25 + asked.likely[name])


def _manner(name: str, asked: Meaning, offered: Meaning, words: float) -> float:
    """How well what the one wants fits what the other does: company, a lesson, a thing, a hand."""
    kind = kinds.shipped().named[name]
    if kind.per:
        wanted, given = asked.particulars.get(name, frozenset()), offered.particulars.get(name, frozenset())
        if name not in asked.clear and not wanted:
            return 0.0  # only what would also help
        if wanted and given and not any(_same(one, other) for one in wanted for other in given):
            return 0.0
        if wanted and not given:
            return 0.7
    if name == THINGS:
        return min(1.0, 0.3 + words) if words >= 0.45 else 0.0
    if asked.thing != offered.thing and kind.manner is not Manner.PLACE:
        return 0.0
    if offered.trade:
        return 0.3
    if offered.teaches and not asked.learns and kind.manner in {Manner.DO, Manner.TOGETHER}:
        return 0.3
    return 1.0


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """`Pools` and `Poolse` are one."""
    short, long = sorted((one[0], other[0]), key=len)
    return one == other or (len(short) > 3 and long.startswith(short))


def _shared(asked: Meaning, offered: Meaning) -> dict[str, float]:
    return {
        word: min(worth, offered.content[word])
        for word, worth in asked.content.items()
        if word in offered.content
    }
