"""Filters stand beside what their owner reads, on both databases."""

from __future__ import annotations

import pytest

from storage import filters as stored
from storage import statuses
from storage.changes import FiltersChanged, Unheard
from storage.stream import Place, Wanted
from tests.storage.test_listings import Village
from vraagbaak import filters
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.filters import Phrase, Wish
from vraagbaak.model import Filter, FilterContext

WISH = Wish(
    title="Vallen",
    contexts=(FilterContext.HOME, FilterContext.THREAD),
    phrases=(Phrase(phrase='val "\\ é \u2028'), Phrase(phrase="fysio", whole_word=False)),
)


@pytest.fixture
def village(store, clock):
    return Village(store, clock)


def test_a_filter_is_found_back_as_it_was_made(village):
    """With all its phrases and names, whatever characters they hold."""
    made = village.store.run_now(filters.make, village.noor, WISH)
    village.store.run_now(filters.name, village.noor, made.id, "thing")
    (found,) = village.store.read_now(lambda reading: reading.find(Filter, member_id=village.noor.id))
    assert (found.contexts, found.keywords) == (made.contexts, made.keywords)
    assert [each.thing_id for each in found.things] == ["thing"]
    assert village.store.read_now(stored.owners) == {village.noor.id}


def test_a_page_says_what_falls_under_the_reader_s_filters(village):
    """For its owner alone."""
    village.ask("Wie weet een fysiotherapeut?")
    village.store.run_now(filters.make, village.noor, WISH)
    for viewer, phrases in (
        (Viewer(member=village.noor), [("fysio",)]),
        (Viewer(member=village.sam), []),
        (PASSER_BY, []),
    ):
        (view,) = village.store.read_now(statuses.listed, viewer, Wanted(), Place())
        assert [each.phrases for each in view.filtered] == phrases


def test_a_change_of_filters_is_heard_once(village):
    """Made, changed and deleted within one unit of work: whose they are, and nothing else."""
    heard = []
    with village.store.signals.changes.listen(heard.extend):

        def work(tx):
            made = filters.make(tx, village.noor, WISH)
            filters.change(tx, village.noor, made.id, Wish(title="Anders"))
            filters.delete(tx, village.noor, made.id)

        village.store.run_now(work)
    assert [each for each in heard if not isinstance(each, Unheard)] == [
        FiltersChanged(member_id=village.noor.id)
    ]
