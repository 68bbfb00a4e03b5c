"""What matches: folding, stems, parts of compounds, and the word that somebody meant to write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vraagbaak import lexicon, words
from vraagbaak.similar import terms_for


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'s Avonds CAFÉ", ["s", "avonds", "cafe"]),
        ("foto's en diëten", ["fotos", "en", "dieten"]),
        ("wmo-taxi, straks!", ["wmo", "taxi", "straks"]),
        ("ﬁets ＡＢＣ", ["fiets", "abc"]),
        ("a\x00b \ud800 😀", ["a", "b"]),
        ("طبيب", ["طبيب"]),
    ],
)
def test_text_becomes_folded_words(text, expected):
    """Accents, apostrophes, case and ligatures make no difference; signs and half characters are no words."""
    assert list(words.tokens(text)) == expected


@pytest.mark.parametrize(
    "forms",
    [
        ["huis", "huizen"],
        ["kind", "kinderen", "kids", "kindje"],
        ["leef", "leven", "leefde"],
        ["knie", "knieën"],
        ["idee", "ideeën"],
        ["betaal", "betalen", "betaalde"],
        ["schuld", "schulden"],
        ["fiets", "fietsen"],
        ["zondag", "zondagen"],
        ["verjaardag", "verjaardagen"],
        ["glas", "glazen"],
        ["snoei", "snoeien", "snoeit"],
        ["installeer", "installeren"],
        ["kans", "kansen"],
        ["bus", "bussen"],
        ["ouder", "ouders"],
    ],
)
def test_forms_of_a_word_have_one_stem(forms):
    """Singular and plural, present and past."""
    assert len({words.stem(next(words.tokens(form))) for form in forms}) == 1


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("zorgverzekeraar", ("zorg", "verzekeraar")),
        ("schermtijd", ("scherm", "tijd")),
        ("kinderopvangtoeslag", ("kinderopvang", "toeslag")),
        ("gezinsvoogd", ("gezin", "voogd")),
        ("bijstandsuitkering", ("bijstand", "uitkering")),
    ],
)
def test_compounds_are_cut_into_their_parts(compound, parts):
    """Also with a letter between the parts."""
    assert lexicon.parts(compound) == parts


@pytest.mark.parametrize(
    "word", ["voordeel", "verslaving", "eenzaamheid", "afspraak", "gemeente", "belasting", "lopen"]
)
def test_words_that_only_look_like_compounds_stay_whole(word):
    """Beginnings and endings are no parts."""
    assert lexicon.parts(word) == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("uitkeering", "uitkering"),
        ("kangker", "kanker"),
        ("volwasene", "volwassene"),
        ("huisardts", "huisarts"),
        ("psygoloog", "psycholoog"),
        ("verzeekering", "verzekering"),
        ("wonig", "woning"),
        ("eensaam", "eenzaam"),
        ("dwangedachtes", "dwang gedachtes"),
    ],
)
def test_the_word_that_was_meant_is_guessed(written, meant):
    """By how it sounds and how few letters differ."""
    assert not lexicon.is_known(written)
    assert lexicon.meant(written) == meant


@pytest.mark.parametrize("word", ["xqzvwk", "aaaaaaaaaaaa", "ab", "x" * 40, "été"])
def test_nothing_is_guessed_where_nothing_is_near(word):
    """A name or nonsense stays what it is."""
    assert lexicon.meant(word) == ""


@pytest.mark.parametrize(
    ("one", "other", "away"), [("kat", "kat", 0), ("kat", "kta", 1), ("kat", "ka", 1), ("kat", "hond", 3)]
)
def test_distance_counts_letters_up_to_a_most(one, other, away):
    """Added, dropped, changed, or swapped with a neighbour; beyond the most it only says: more."""
    assert lexicon.distance(one, other, 2) == away


@given(st.text(max_size=300))
def test_any_text_can_be_looked_for(text):
    """Whatever it is: terms without characters that a database could refuse, and never too many."""
    asked = terms_for(text)
    assert len(asked) <= 160
    for each in asked:
        each.term.encode()
        assert "\x00" not in each.term
        assert each.weight > 0
