"""The order of what is found, and what an index looks up for it."""

from __future__ import annotations

import pytest

from vraagbaak import similar
from vraagbaak.similar import Candidate
from vraagbaak.words import stem


def test_the_title_counts_more_than_the_body():
    """For the same word."""
    root = stem("rollator")
    assert similar.terms_of("Rollator", "")[root] > similar.terms_of("Iets", "rollator")[root] > 0


def test_terms_of_one_word_have_one_slot():
    """A stem, its guess and its meanings stand for one word of the query: only the best of them counts."""
    slots = {each.term: each.slot for each in similar.terms_for("huisarts tandarts")}
    assert slots[stem("huisarts")] == slots["=huisarts"] != slots[stem("tandarts")]


@pytest.mark.parametrize("query", ["a" * 10_000, "woord " * 5_000, " ".join(f"x{n}yz" for n in range(900))])
def test_a_query_never_becomes_too_many_terms(query):
    """However long it is."""
    assert len(similar.terms_for(query)) <= similar.MOST_TERMS


def test_rare_terms_tell_more_than_common_ones():
    """And one that stands everywhere tells nearly nothing."""
    rare, common, everywhere = (similar.idf(here, 1000) for here in (1, 100, 1000))
    assert rare > common > everywhere > 0
    assert similar.idf(0, 1000) == 0


def test_what_would_cost_too_much_is_left_out_from_the_commonest_on():
    """At least one term is always looked up; what stands nowhere is not."""
    most = similar.MOST_POSTINGS
    assert set(similar.affordable({"a": 5, "b": most, "c": 0}, most * 2)) == {"a"}
    assert set(similar.affordable({"a": most * 2}, most * 2)) == {"a"}
    assert set(similar.affordable({"a": 5, "b": 7}, 10)) == {"a", "b"}


def test_letters_decide_between_what_shares_the_same_terms():
    """Two orders are put together by rank; without likeness letter by letter the terms decide alone."""
    one = Candidate("1", 100, "Een rollator lenen", "")
    two = Candidate("2", 100, "Wie leent mij een rollator voor de buurt uit?", "")
    assert similar.ordered("rollator lenen", [two, one]) == [one, two]
    far = Candidate("3", 90, "Iets heel anders", "")
    assert similar.ordered("wandelstok", [far, two]) == [two, far]


def test_the_order_does_not_depend_on_the_order_of_asking():
    """Two databases may give the candidates in any order."""
    found = [Candidate(str(number), 100 - number % 3, f"Vraag {number}", "") for number in range(20)]
    assert similar.ordered("vraag over iets", found) == similar.ordered("vraag over iets", found[::-1])


def test_every_word_of_a_search_has_its_wordings():
    """Itself, what was meant, and what means the same; never a part of it."""
    (doctor, bike) = similar.wordings("de huisardts en fietsen")
    assert {stem("huisarts"), "=huisarts"} <= set(doctor)
    assert stem("fiets") in bike
    assert stem("arts") not in doctor
    assert similar.wordings("de het een") == ()
