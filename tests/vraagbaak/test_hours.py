"""When somebody can: read from the words that people use."""

from __future__ import annotations

import pytest

from vraagbaak import hours
from vraagbaak.hours import BY_DAY, DAYS, slots

WORK, WEEKEND = DAYS[:5], DAYS[5:]


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("dinsdag 's avonds", slots(["tue"], ["evening"])),
        ("dinsdagavond", slots(["tue"], ["evening"])),
        ("di en do avond", slots(["tue", "thu"], ["evening"])),
        ("maandag, woensdag 's ochtends", slots(["mon", "wed"], ["morning"])),
        (
            "vrijdag 's avonds; zondag 's middags",
            slots(["fri"], ["evening"]) | slots(["sun"], ["afternoon"]),
        ),
        (
            "dinsdag avond en zaterdag middag",
            slots(["tue"], ["evening"]) | slots(["sat"], ["afternoon"]),
        ),
        ("doordeweeks", slots(WORK, BY_DAY)),
        ("werkdagen 's ochtends", slots(WORK, ["morning"])),
        ("in het weekend", slots(WEEKEND, BY_DAY)),
        ("elke dag", slots(DAYS, BY_DAY)),
        ("ma t/m vr overdag", slots(WORK, ["morning", "afternoon"])),
        ("vrijdag, zaterdag 's nachts", slots(["fri", "sat"], ["night"])),
        ("elke avond, maar niet op dinsdag", slots([day for day in DAYS if day != "tue"], ["evening"])),
        ("Monday morning", slots(["mon"], ["morning"])),
        ("als het uitkomt", hours.NEVER),
        ("", hours.NEVER),
    ],
)
def test_the_words_of_a_field_about_time_are_understood(words, meant):
    """Days, parts of days, ranges, more of them, and what is left out."""
    assert hours.read(words, sure=True) == meant


@pytest.mark.parametrize(
    "text", ["Wat moet ik do en laten?", "Ik ga zo naar huis", "Wie di weet mag het zeggen"]
)
def test_small_words_in_a_story_are_no_days(text):
    """`do` and `zo` are days only where somebody was asked for days."""
    assert hours.read(text) == hours.NEVER


def test_what_is_kept_comes_back_and_nonsense_does_not():
    """Codes stand in the order of the week; another version's codes are left out."""
    some = slots(["sun", "mon"], ["night", "morning"])
    assert hours.coded(some) == ("mon-morning", "mon-night", "sun-morning", "sun-night")
    assert hours.decoded(hours.coded(some)) == some
    assert hours.decoded(["mon-noon", "x", "", "tue-evening-late"]) == hours.NEVER
