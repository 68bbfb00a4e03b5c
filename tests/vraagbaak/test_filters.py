"""Filters are made, changed and taken back by their owner, within bounds, and by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.vraagbaak.village import MISSING
from vraagbaak import filters
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.filters import Lasts, Phrase, Wish
from vraagbaak.model import Filter, FilterAction, FilterContext

HOME = (FilterContext.HOME,)


@pytest.fixture
def own(village):
    wish = Wish(title="Vallen", contexts=HOME, phrases=(Phrase(phrase="val"), Phrase(phrase="heup")))
    return village.do(filters.make, village.noor, wish)


def test_a_filter_needs_a_title_and_a_place(village):
    """Without either nothing is made; phrases are cleaned, and not empty or endless."""
    make = filters.make
    refuse = village.refuses
    refuse(Invalid, "too-short", make, village.noor, Wish(contexts=HOME))
    refuse(Invalid, "missing", make, village.noor, Wish(title="x"))
    for phrase, code in ((" ", "too-short"), (None, "too-short"), ("x" * 513, "too-long")):
        wish = Wish(title="x", contexts=HOME, phrases=(Phrase(phrase=phrase),))
        refuse(Invalid, code, make, village.noor, wish)
    for seconds in (0, -5, 10**12):
        wish = Wish(title="x", contexts=HOME, lasts=Lasts(seconds=seconds))
        refuse(Invalid, "bad-value", make, village.noor, wish)


def test_it_changes_by_parts(village, own):
    """What is not said stays; phrases change, go and come by their ids; an end can be set and taken away."""
    val, heup = own.keywords
    wish = Wish(
        action=FilterAction.HIDE,
        lasts=Lasts(seconds=60),
        phrases=(Phrase(id=val.id, whole_word=False), Phrase(id=heup.id, gone=True), Phrase(phrase="knie")),
    )
    changed = village.do(filters.change, village.noor, own.id, wish)
    assert (changed.title, changed.contexts, changed.action) == ("Vallen", HOME, FilterAction.HIDE)
    assert [(each.phrase, each.whole_word) for each in changed.keywords] == [("val", False), ("knie", True)]
    assert changed.expires_at == village.clock.moment + timedelta(seconds=60)
    assert village.do(filters.change, village.noor, own.id, Wish(title="Anders")).expires_at is not None
    assert village.do(filters.change, village.noor, own.id, Wish(lasts=Lasts())).expires_at is None
    wrong = Wish(phrases=(Phrase(id=heup.id, phrase="x"),))
    village.refuses(Unknown, "unknown", filters.change, village.noor, own.id, wrong)


def test_phrases_and_things_come_and_go_one_by_one(village, own):
    """Each has an id of its own; the same thing twice is refused."""
    made = village.do(filters.add_phrase, village.noor, own.id, Phrase(phrase="rug", whole_word=False))
    assert village.do(filters.with_phrase, village.noor, made.id)[1] == made
    changed = village.do(filters.change_phrase, village.noor, made.id, Phrase(whole_word=True))
    assert (changed.phrase, changed.whole_word) == ("rug", True)
    village.do(filters.take_phrase, village.noor, made.id)
    village.refuses(Unknown, "unknown", filters.with_phrase, village.noor, made.id)
    named = village.do(filters.name, village.noor, own.id, "thing")
    village.refuses(Invalid, "exists", filters.name, village.noor, own.id, "thing")
    assert village.do(filters.with_thing, village.noor, named.id)[1] == named
    village.do(filters.take_thing, village.noor, named.id)
    assert village.now(own) == own


def test_another_s_filter_is_as_none(village, own):
    """Reading, changing and deleting it or its parts: 404 (threat G23)."""
    named = village.do(filters.name, village.noor, own.id, "thing")
    for act, key, *more in (
        (filters.own, own.id),
        (filters.change, own.id, Wish()),
        (filters.delete, own.id),
        (filters.add_phrase, own.id, Phrase(phrase="x")),
        (filters.name, own.id, "x"),
        (filters.with_phrase, own.keywords[0].id),
        (filters.change_phrase, own.keywords[0].id, Phrase(phrase="x")),
        (filters.take_phrase, own.keywords[0].id),
        (filters.with_thing, named.id),
        (filters.take_thing, named.id),
        (filters.own, MISSING),
    ):
        village.refuses(Unknown, "unknown", act, village.sam, key, *more)


def test_there_is_a_bound_for_each_member(village, monkeypatch):
    """So many filters, phrases and things in all, and no more; another member has room of their own."""
    for name in ("MOST_FILTERS", "MOST_PHRASES", "MOST_THINGS"):
        monkeypatch.setattr(filters, name, 2)
    wish = Wish(title="x", contexts=HOME, phrases=(Phrase(phrase="a"),))
    first, second = (village.do(filters.make, village.noor, wish) for _ in range(2))
    village.refuses(Invalid, "too-many", filters.make, village.noor, wish)
    village.refuses(Invalid, "too-many", filters.add_phrase, village.noor, first.id, Phrase(phrase="b"))
    for key, each in ((first.id, "one"), (second.id, "two")):
        village.do(filters.name, village.noor, key, each)
    village.refuses(Invalid, "too-many", filters.name, village.noor, first.id, "three")
    village.do(filters.make, village.sam, wish)
    village.do(filters.delete, village.noor, first.id)
    assert [each.id for each in village.all(Filter, member_id=village.noor.id)] == [second.id]
