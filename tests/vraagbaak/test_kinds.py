"""The kinds of help: a file that a steward can add to, and that says what is wrong with it."""

from __future__ import annotations

import pytest

from vraagbaak import kinds
from vraagbaak.kinds import Kinds, Manner, Side, parse

FILE = """
@dier: hond, kat
@al: @dier, vis
[dieren verzorgen]   # een opmerking
soort: samen
per: @al
beide: @al + voer/eten geven, oppas*
niet: te koop
"""


def test_a_file_is_read():
    """Classes may hold classes, a remark is left out, phrases keep their side."""
    (kind,) = parse(FILE)
    assert (kind.name, kind.manner) == ("dieren verzorgen", Manner.TOGETHER)
    assert kind.per == {("hond",), ("kat",), ("vis",)}
    assert [len(kind.phrases[side]) for side in (Side.BOTH, Side.NOT)] == [2, 1]
    found = Kinds([kind])
    assert found.knows("hond")
    assert not found.knows("paard")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("beide: hond", "line 1"),
        ("[x]\nzomaar iets", "line 2"),
        ("[x]\nbeide:", "line 2"),
        ("[x]\nvreemd: hond", "vreemd"),
        ("[x]\nper: @weg\nbeide: hond", "@weg"),
        ("[x]\nsoort: vliegen\nbeide: hond", "vliegen"),
        ("[x]\nbeide: hond + /", "hond"),
    ],
)
def test_what_cannot_be_read_is_named(text, fault):
    """Whoever changed the file hears where to look."""
    with pytest.raises(ValueError, match=fault):
        list(parse(text))


def test_the_shipped_kinds_hold_together():
    """Every kind that would also help exists, no name stands twice, and every kind is known by some phrase."""
    found = list(parse(kinds.data.read(kinds.FILE)))
    names = [kind.name for kind in found]
    assert len(names) == len(set(names))
    assert {other for kind in found for other in kind.also} <= set(names)
    assert all(set(kind.phrases) - {Side.NOT} for kind in found)


@pytest.mark.parametrize(
    ("one", "other"), [("brengt", "brengen"), ("monteer", "monteren"), ("loopt", "lopen"), ("honden", "hond")]
)
def test_forms_of_a_word_have_one_root(one, other):
    """Also those of verbs, which the stemmer alone keeps apart."""
    assert kinds.root(one) == kinds.root(other)


def test_a_small_thing_is_no_preposition():
    """`uitje` is not `uit`, `ommetje` not `om`: else every second sentence would be about an outing."""
    assert kinds.root("uitje") != kinds.root("uit")
    assert kinds.root("ommetje") != kinds.root("om")
