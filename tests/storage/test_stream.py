"""Every part of the stream that apps ask for is found on both databases, and nothing beside it."""

from __future__ import annotations

import pytest

from storage import stream
from storage.stream import Place, Wanted
from tests.storage.test_listings import Village
from vraagbaak import liking
from vraagbaak.audience import Viewer
from vraagbaak.model import Answer, Offer, Question
from vraagbaak.similar import wordings

ALL = (Question, Answer, Offer)


@pytest.fixture
def village(store, clock):
    return Village(store, clock)


@pytest.fixture
def things(village):
    """A question on care with an answer, one on gardens of another member, and an offer."""
    care = village.ask("Wie weet een fysio?", topics=("zorg",))
    garden = village.ask("Wie snoeit 100% mee?", member=village.sam, topics=("tuin",))
    answer, offer = village.answer(care), village.offer()
    village.store.run_now(liking.like, village.sam, care)
    village.store.run_now(liking.keep, village.sam, answer)
    return {"care": care, "garden": garden, "answer": answer, "offer": offer}


def wants(village, things):
    """By what is asked for, and what has to be found."""
    noor, sam = village.noor, village.sam
    return {
        "all": (Wanted(kinds=ALL), {"care", "garden", "answer", "offer"}),
        "local": (Wanted(kinds=ALL, local=True), {"care", "garden", "answer", "offer"}),
        "remote": (Wanted(kinds=ALL, remote=True), set()),
        "topic": (Wanted(kinds=ALL, topic="zorg"), {"care", "answer"}),
        "author": (Wanted(kinds=ALL, author_id=noor.actor_id), {"care"}),
        "word": (Wanted(kinds=ALL, words=wordings("FYSIO")), {"care"}),
        "words": (Wanted(kinds=ALL, words=wordings("het snoeien, 100%")), {"garden"}),
        "words that are not together": (Wanted(kinds=ALL, words=wordings("fysio snoeit")), set()),
        "no wildcard": (Wanted(kinds=ALL, words=(("%", "fys%"),)), set()),
        "nothing that says anything": (Wanted(kinds=ALL, words=wordings("de het")), set()),
        "uris": (Wanted(kinds=ALL, uris=(things["care"].uri, "x")), {"care"}),
        "no uris": (Wanted(kinds=ALL, uris=()), set()),
        "liked": (Wanted(kinds=ALL, liked_by=sam.actor_id), {"care"}),
        "kept": (Wanted(kinds=ALL, kept_by=sam.id), {"answer"}),
        "media": (Wanted(kinds=ALL, with_media=True), set()),
        "alone": (Wanted(kinds=ALL, without_replies=True), {"care", "garden", "answer", "offer"}),
        "home": (
            Wanted(kinds=ALL, of_member=noor.actor_id, interests=("tuin", "zorg"), at_rest=noor.id),
            {"care", "garden", "answer", "offer"},
        ),
    }


def test_each_filter_finds_its_own(village, things):
    """One by one, with the places around them, and for one thing alone."""
    viewer = Viewer(member=village.sam)
    names = {thing.id: name for name, thing in things.items()}
    for what, (wanted, expected) in wants(village, things).items():
        for place in (Place(), Place(since_id="0"), Place(min_id="0"), Place(max_id="z")):
            found = village.read(stream.keys, viewer, wanted, place)
            assert {names[key] for key, _ in found} == expected, (what, place)
        held = {name for name, thing in things.items() if village.read(stream.holds, viewer, wanted, thing)}
        assert held == expected, what


def test_a_topic_that_somebody_follows_stands_at_home(village):
    """Of another pilot too, and only when it is about that."""
    henk = village.stranger()
    village.neighbour(henk)
    theirs = village.moved(village.ask("Van elders", topics=("tuin",)), local=False, author_id=henk.id)
    viewer = Viewer(member=village.noor)
    for topics, expected in (((), []), (("tuin", "zorg"), [theirs.id]), (("zorg",), [])):
        wanted = Wanted(kinds=ALL, of_member=village.sam.actor_id, interests=topics)
        assert [key for key, _ in village.read(stream.keys, viewer, wanted, Place())] == expected
