"""Refusals: each with a status, a code that stays, and a text that tells a stranger nothing."""

from __future__ import annotations

import re

import pytest

from vraagbaak import errors
from vraagbaak.errors import Invalid, NeedsMember, NotYours, Refused, TooFast, Unknown

MADE = [Unknown(), NotYours(), NeedsMember(), Invalid("title", "Too short."), TooFast(30)]


@pytest.mark.parametrize("refusal", MADE, ids=lambda refusal: refusal.code)
def test_every_refusal_stands_in_the_tree_with_its_status(refusal):
    """The drawing in the docstring and the classes agree, and each is caught as a refusal."""
    assert isinstance(refusal, Refused)
    drawn = dict(re.findall(r"── (\w+) +(\d{3}) ", errors.__doc__))
    assert drawn.pop(type(refusal).__name__) == str(refusal.status)
    assert set(drawn) | {type(refusal).__name__} == {type(each).__name__ for each in MADE}


def test_a_refusal_can_be_more_exact():
    """A code and a text of its own change neither the status nor the class."""
    refusal = NotYours("scope", "This server is not trusted with that.")
    assert (refusal.status, refusal.code) == (403, "scope")
    assert NotYours.code == "not-yours"


def test_values_are_kept_apart_for_the_translation():
    """The text stays a msgid; what is filled in travels beside it."""
    refusal = Invalid("title", "At most %(length)d characters.", "too-long", length=200)
    assert refusal.text == "At most %(length)d characters."
    assert refusal.values == {"length": 200}
    assert str(refusal) == "too-long: At most 200 characters."


def test_a_text_without_values_may_hold_a_per_cent_sign():
    """Nothing is filled in where there is nothing to fill in."""
    assert str(Refused("full", "100% full, %s and %(x)s.")) == "full: 100% full, %s and %(x)s."


def test_an_invalid_value_is_named():
    """The field at fault is said, so that a form can point at it."""
    assert (Invalid("body", "No.").field, Invalid("body", "No.").code) == ("body", "invalid")


def test_too_fast_says_how_long_to_wait():
    """A caller hears in seconds when to come back."""
    assert (TooFast(30).retry_after, TooFast(30).status) == (30, 429)
