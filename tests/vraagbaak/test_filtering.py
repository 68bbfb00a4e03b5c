"""What a filter finds, and what not: pure, for any words."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.storage.things import AT, answer, offer, question
from vraagbaak import filtering
from vraagbaak.model import Attachment, AttachmentKind, Filter, FilterContext, FilteredThing, FilterKeyword


def made(*phrases, whole=True, things=(), **more):
    return Filter(
        id="f",
        member_id="m",
        title="t",
        contexts=(FilterContext.HOME,),
        keywords=tuple(
            FilterKeyword(id=str(number), phrase=phrase, whole_word=whole)
            for number, phrase in enumerate(phrases)
        ),
        things=tuple(FilteredThing(id=key, thing_id=key) for key in things),
        **more,
    )


def found(thing, *filters, descriptions=()):
    return [(each.phrases, each.things) for each in filtering.caught(filters, thing, descriptions)]


@pytest.mark.parametrize(
    ("phrase", "body", "whole", "part"),
    [
        ("val", "Na een VAL op straat", True, True),
        ("val", "De valkuil", False, True),
        ("val", "Een onderval.", False, True),
        ("val", "val_1", False, True),
        ("val", "(val)", True, True),
        ("val", "valval val", True, True),
        ("een  val", "een\n val", True, True),
        ("#zorg", "over #zorg.", True, True),
        ("#zorg", "over x#zorg", True, True),
        ("#zorg", "over #zorgen", False, True),
        ("c++", "c++11", True, True),
        ("É", "e\u0301 en zo", True, True),
        ("straße", "STRASSE", True, True),
        ("val", "", False, False),
        ("zus", "broer", False, False),
    ],
)
def test_a_phrase_is_found_whole_or_anywhere(phrase, body, whole, part):
    """Case, spaces and the way of writing an accent do not count; the ends of a word do."""
    thing = answer(body=body)
    assert bool(found(thing, made(phrase))) is whole
    assert bool(found(thing, made(phrase, whole=False))) is part


def test_it_says_what_was_found_of_which_filter():
    """Titles, texts, topics and what is on pictures count; every phrase that is there is named, no other."""
    asked = question(title="Vallen", body="Wie helpt?", topics=("wmo",))
    assert found(asked, made("vallen", "helpt", "nee"), made("nee")) == [(("vallen", "helpt"), ())]
    assert found(asked, made("#wmo")) == [(("#wmo",), ())]
    assert found(offer(topics=("wmo",)), made("#wmo")) == [(("#wmo",), ())]
    assert found(asked, made("rolstoel"), descriptions=["Een rolstoel"]) == [(("rolstoel",), ())]
    assert found(asked, made(things=("question", "other"))) == [((), ("question",))]
    assert found(answer(), made(things=("question",))) == []


def test_an_expired_filter_does_nothing():
    """Until that moment it holds, from then on not."""
    filters = [made("a"), made("b", expires_at=AT)]
    assert len(filtering.active(filters, AT - timedelta(seconds=1))) == 2
    assert filtering.active(filters, AT) == (filters[0],)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_what_is_whole_is_also_there_in_part(before, phrase, after):
    """Whatever the words: whole words are found by less strict filters too, and between spaces a phrase is whole."""
    thing = answer(body=before + phrase + after)
    if found(thing, made(phrase)):
        assert found(thing, made(phrase, whole=False))
    alone = answer(body=f"{before} {phrase} {after}")
    assert bool(found(alone, made(phrase))) is bool(phrase.split())


def test_many_phrases_take_no_time():
    """As many phrases as a member may have, in the longest text: well under a second."""
    thing = question(body="aab " * 2500)
    filters = [made(*(f"{'a' * (number % 40)}ab{number}" for number in range(100))) for _ in range(5)]
    began = time.process_time()
    assert found(thing, *filters) == []
    assert time.process_time() - began < 0.5


def test_warnings_and_descriptions_of_others_are_words_too():
    """What somebody warns for, and what is to be seen on what stands beside it, is found like the text itself."""
    shown = Attachment(
        kind=AttachmentKind.PICTURE, url="https://a.example/1", host="a.example", description="Een kat"
    )
    thing = answer(body="Kijk.", warning="Over schulden", attachments=(shown,))
    assert found(thing, made("schulden", "kat", "hond")) == [(("schulden", "kat"), ())]
