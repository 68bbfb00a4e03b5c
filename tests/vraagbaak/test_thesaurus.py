"""The thesaurus: a file that anybody may edit, and what it does with what they write."""

from __future__ import annotations

from collections import Counter

import pytest

from vraagbaak import data, thesaurus
from vraagbaak.similar import terms_of
from vraagbaak.thesaurus import FILE, Thesaurus, parse

GROUPS = thesaurus.groups()


def test_there_are_enough_groups_and_no_doubles():
    """At least 1,500 groups; no group twice, no word twice in one, and each with a name of its own."""
    assert len(GROUPS) >= 1_500
    assert len([group for group in GROUPS if not group.loose]) >= 1_500
    names = Counter((group.loose, thesaurus._key(group.phrases[0])) for group in GROUPS)
    assert [name for name, count in names.items() if count > 1] == []
    for group in GROUPS:
        keys = [thesaurus._key(phrase) for phrase in group.phrases]
        assert len(set(keys)) == len(keys), f"line {group.line}: the same word twice"
        assert all(keys), f"line {group.line}: a phrase without a word"
    contents = Counter((group.loose, frozenset(map(thesaurus._key, group.phrases))) for group in GROUPS)
    assert [content for content, count in contents.items() if count > 1] == []


def test_the_file_is_as_its_remarks_say():
    """Plain lines, no tabs or spaces at the end, every group under a heading."""
    for number, line in enumerate(data.read(FILE).splitlines(), 1):
        assert line == line.strip(), number
        assert "\t" not in line, number
    assert all(group.theme for group in GROUPS)


@pytest.mark.parametrize("line", ["alleen", "a,", ",a", "a,,b", "~ a", "~"])
def test_a_line_that_is_no_group_is_refused_by_its_number(line):
    """Whoever edits the file hears where to look."""
    with pytest.raises(ValueError, match="line 3: a group is two or more"):
        list(parse(f"# mijn woorden\n[zorg]\n{line}\n"))


def test_remarks_headings_and_loose_groups_are_read():
    """The four kinds of line."""
    found = list(parse("# a, b\n[zorg]\ndokter, arts # hier\n\n~ dokter, wachten, bellen\n"))
    assert [(group.phrases, group.loose, group.theme, group.line) for group in found] == [
        (("dokter", "arts"), False, "zorg", 3),
        (("dokter", "wachten", "bellen"), True, "zorg", 5),
    ]


def known(*lines):
    return Thesaurus(tuple(parse("\n".join(lines))))


def shared(one, other, words):
    return {term for term in terms_of(one, known=words) if term in terms_of(other, known=words)}


def test_words_of_one_group_share_a_term():
    """In any form; words of other groups do not."""
    words = known("dokter, huisarts", "fiets, rijwiel")
    assert shared("De dokters", "Mijn huisarts", words) == {"=dokter"}
    assert shared("De dokters", "Mijn rijwiel", words) == set()


def test_a_phrase_must_stand_together():
    """All of it, close by; and `geen geld` is not `geld`."""
    words = known("arm, geen geld, krap zitten")
    assert "=arm" in terms_of("Wij hebben geen geld", known=words)
    assert "=arm" not in terms_of("Wie heeft geld over?", known=words)
    far = "Ik heb geen idee wie van de buren daar in de straat nog iets weet van geld"
    assert "=arm" not in terms_of(far, known=words)
    assert "=arm" in terms_of("Ik zit een beetje krap", known=words)


def test_a_loose_group_counts_from_two_words_on():
    """One word says nothing of what a text is about, three say more than two."""
    words = known("~ trap, knie, lift, boven")
    assert "~trap" not in terms_of("De trap is stuk", known=words)
    two = terms_of("De trap is slecht voor mijn knie", known=words)["~trap"]
    three = terms_of("De lift is stuk, de trap slecht voor mijn knie", known=words)["~trap"]
    assert 0 < two < three


def test_another_file_has_another_version():
    """By which the index notices that it is to be made anew."""
    assert known("dokter, arts").version != known("dokter, huisarts").version
    assert known("dokter, arts").version == known("dokter, arts").version
