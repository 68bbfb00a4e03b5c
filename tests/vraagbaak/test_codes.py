"""The four words: a list that people can read over the phone, and a lock that nobody opens without them."""

from __future__ import annotations

import itertools
import re

import pytest

from vraagbaak import codes
from vraagbaak.errors import Invalid

PEPPER = b"p" * 32
WORDS = codes.words()


def heard(word: str) -> str:
    """The word as it sounds: what people mix up when they write down what they hear."""
    same = [("ij", "ei"), ("au", "ou"), ("ch", "g"), ("ph", "f"), ("th", "t"), ("qu", "kw"), ("c", "k")]
    for one, other in [*same, ("x", "ks"), ("y", "i"), ("z", "s"), ("v", "f")]:
        word = word.replace(one, other)
    word = re.sub(r"(.)\1", r"\1", word)
    return word[:-1] + {"d": "t", "b": "p"}.get(word[-1], word[-1])


def test_the_list_is_long_enough_and_easy_to_type():
    """At least 2,048 words, so that four of them are 44 bits: of four to eight plain letters, in order, none twice."""
    assert len(WORDS) >= 2048
    assert list(WORDS) == sorted(set(WORDS))
    assert all(re.fullmatch("[a-z]{4,8}", word) for word in WORDS)


def test_no_two_words_sound_the_same():
    """Read aloud, every word is still another one."""
    assert len({heard(word) for word in WORDS}) == len(WORDS)


def test_no_word_is_one_letter_away_from_another():
    """A letter too many, too few or wrong never makes another word of the list."""
    known = set(WORDS)
    for word in WORDS:
        shorter = {word[:at] + word[at + 1 :] for at in range(len(word))}
        assert not shorter & known, word
    holes = [{word[:at] + "?" + word[at + 1 :] for at in range(len(word))} for word in WORDS]
    assert len(set().union(*holes)) == sum(map(len, holes))


def test_a_code_follows_from_its_key_alone():
    """The same key gives the same four words, another key or secret others."""
    code = codes.made_from(b"secret", "key")
    assert code == codes.made_from(b"secret", "key")
    assert len(set(code.split())) > 1
    assert set(code.split()) <= set(WORDS)
    others = [codes.made_from(b"secret", "key2"), codes.made_from(b"secret2", "key")]
    assert code not in others


def test_all_words_are_used():
    """Chance reaches the whole list, at each of the four places."""
    made = [codes.made_from(b"secret", str(number)).split() for number in range(12_000)]
    for place in zip(*made, strict=True):
        assert len(set(place)) > 0.98 * len(WORDS)


@pytest.mark.parametrize(
    "typed",
    [
        "fiets regenbui brood lampje",
        "  FIETS, Regenbui;\n brood - lampje. ",
        "fiets  regenbui\u00a0brood\tlampje",
        "f\u0069ets regenbui bro\u0301od lampje",
    ],
)
def test_a_code_is_read_however_it_is_written(typed):
    """Capitals, commas, lines and accents do not matter."""
    assert codes.read(typed) == "fiets regenbui brood lampje"


@pytest.mark.parametrize(
    ("typed", "code", "values"),
    [
        ("", "four-words", {}),
        ("fiets brood lampje", "four-words", {}),
        ("fiets fiets fiets fiets fiets", "four-words", {}),
        ("fites regenbui brood lampje", "unknown-word", {"word": "fites", "meant": "fiets"}),
        ("fietss regenbui brood lampje", "unknown-word", {"word": "fietss", "meant": "fiets"}),
        ("fits regenbui brood lampje", "unknown-word", {"word": "fits", "meant": "fiets"}),
        ("qqqq regenbui brood lampje", "unknown-word", {"word": "qqqq"}),
        ("x" * 100_000, "unknown-word", {"word": "x" * 20}),
    ],
)
def test_what_is_no_code_is_told_before_anything_is_looked_up(typed, code, values):
    """With the word at fault, and the one that was probably meant."""
    with pytest.raises(Invalid) as refused:
        codes.read(typed)
    assert (refused.value.code, refused.value.values) == (code, values)


def test_a_slip_is_told_for_every_word():
    """Whatever letter is left out of whatever word: the word itself is what was meant."""
    for word in itertools.islice(WORDS, 0, None, 97):
        for at in range(len(word)):
            slip = word[:at] + word[at + 1 :]
            with pytest.raises(Invalid) as refused:
                codes.read(f"{slip} brood brood brood")
            assert refused.value.code == "unknown-word"


def test_what_is_kept_is_slow_and_needs_the_pepper():
    """The lock is the same for the same words, another with another pepper, and costs 32 MiB to make."""
    lock = codes.lock_of("fiets regenbui brood lampje", PEPPER)
    assert lock == codes.lock_of("fiets regenbui brood lampje", PEPPER)
    assert re.fullmatch("[0-9a-f]{64}", lock)
    assert lock != codes.lock_of("fiets regenbui brood lampje", b"q" * 32)
    assert lock != codes.lock_of("fiets regenbui lampje brood", PEPPER)
    assert 128 * codes.COST * codes.BLOCK == 32 * 1024 * 1024
