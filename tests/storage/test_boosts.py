"""What is passed on stands between everything else, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import statuses
from storage.stream import Place, Wanted
from tests.storage.test_listings import Village
from vraagbaak import follows, liking, lists
from vraagbaak.audience import Viewer
from vraagbaak.lists import Wish
from vraagbaak.model import Actor, Answer, Offer, Question
from vraagbaak.similar import wordings

EVERYTHING = (Question, Answer, Offer)


@pytest.fixture
def village(store, clock):
    made = Village(store, clock)
    store.run_now(
        lambda tx: follows.ask(tx, tx.get(Actor, made.noor.actor_id), tx.get(Actor, made.sam.actor_id))
    )
    return made


def shown(village, place=Place(), **wanted):  # noqa: B008 - a frozen value
    member = village.noor
    wanted = Wanted(kinds=EVERYTHING, of_member=member.actor_id, at_rest=member.id, **wanted)
    found = village.store.read_now(statuses.listed, Viewer(member=member), wanted, place)
    return [view.key for view in found]


def test_boosts_and_things_are_one_list(village):
    """Newest first, cut at the limit, upwards from a key."""
    asked, answered = village.ask(), village.answer(village.ask(title="Andere?"))
    offered = village.offer()
    keys = shown(village)
    for thing in (asked, answered, offered):
        village.clock.tick(seconds=1)
        keys.insert(0, village.store.run_now(liking.pass_on, village.sam, thing).id)
    village.store.run_now(liking.pass_on, village.mo, asked)
    assert shown(village) == keys
    assert shown(village, Place(limit=4)) == keys[:4]
    assert shown(village, Place(limit=2, max_id=keys[1])) == keys[2:4]
    assert shown(village, Place(limit=2, min_id=keys[4])) == keys[2:4]


def test_a_list_holds_those_of_its_people(village):
    """And home none of who is read apart."""
    asked = village.ask()
    boost = village.store.run_now(liking.pass_on, village.sam, asked)
    made = village.store.run_now(lists.make, village.noor, Wish(title="x"))
    assert shown(village, in_list=made.id) == []
    village.store.run_now(lists.put_in, village.noor, made.id, (village.sam.actor_id,))
    assert shown(village, in_list=made.id) == [boost.id]
    assert shown(village) == [boost.id, asked.id]
    village.store.run_now(lists.change, village.noor, made.id, Wish(exclusive=True))
    assert shown(village) == [asked.id]


def test_topics_together_and_without_each_other(village):
    """Any of them, all of them, none of them."""
    one, two, both = (village.ask(title=f"Over {t}?", topics=t) for t in (("a",), ("b",), ("a", "b")))

    def about(**wanted):
        found = village.store.read_now(
            statuses.listed, Viewer(member=village.noor), Wanted(topic="a", **wanted), Place()
        )
        return {view.thing.id for view in found}

    assert about() == {one.id, both.id}
    assert about(any_of=("b", "c")) == {one.id, two.id, both.id}
    assert about(all_of=("b", "a")) == {both.id}
    assert about(none_of=("c", "b")) == {one.id}


def test_followed_topics_and_words_are_found(village):
    """At home what is about them, wherever it is from; in a search what says all of the words."""
    far = village.ask(title="Van verre over fietsen", topics=("fiets",))
    village.store.run_now(lambda tx: tx.save(replace(tx.get(Question, far.id), local=False)))
    assert shown(village) == []
    assert shown(village, interests=("zorg", "fiets")) == [far.id]
    assert shown(village, interests=("fiets",), words=wordings("VERRE fietsen")) == [far.id]
    assert shown(village, interests=("fiets",), words=wordings("fiets zorg")) == []
