"""What comes in from elsewhere: questions, answers and offers are let in, or kept out, by the same rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vraagbaak.village import MISSING, RECEIVE, Village
from vraagbaak import arrivals, graves
from vraagbaak.errors import NotYours, Unknown
from vraagbaak.model import Question, Scope, Standing, Tombstone

MOMENTS = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 12, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


def keeps_out(village, code, arrived, kind=NotYours):
    """The arrival is refused, and everything is as it was."""
    village.refuses(kind, code, RECEIVE[type(arrived)], arrived)


# who


def test_a_refused_server_brings_nothing_in(village, henk):
    """Not something new, and not an edit of what it brought before (threat F02)."""
    for arrived in village.three_arrivals(henk):
        village.peer("nieuwland.example")
        village.take(arrived)
        village.peer("nieuwland.example", Standing.REFUSED)
        keeps_out(village, "refused-peer", village.edited(arrived))
        keeps_out(village, "refused-peer", replace(arrived, uri=f"{arrived.uri}2"))


@pytest.mark.parametrize(
    "domain", ["evil.example", "a.evil.example", "a.b.evil.example", "evil.example:8443"]
)
def test_a_refused_server_has_no_other_door(village, domain):
    """Its sub-domains, however deep, and its other ports are refused with it (threat F01)."""
    village.peer("evil.example", Standing.REFUSED)
    for arrived in village.three_arrivals(village.stranger("eve", domain)):
        keeps_out(village, "refused-peer", arrived)


def test_a_suspended_author_brings_nothing_in(village):
    """Also from a pilot, and also when it was suspended while the post was on its way."""
    village.peer("nieuwland.example")
    late = village.stranger("late")
    on_the_way = village.three_arrivals(late)
    village.set(late, suspended=True)
    for arrived in (*on_the_way, *village.three_arrivals(village.stranger("gone", suspended=True))):
        keeps_out(village, "refused-peer", arrived)


def test_nobody_comes_in_as_one_of_ours(village):
    """A post that claims a member or the persona as its author did not come from elsewhere (threat B40)."""
    for who in (village.noor, village.persona):
        for arrived in village.three_arrivals(village.actor(who)):
            keeps_out(village, "refused-peer", arrived)


def test_an_author_that_is_not_known_here_is_refused(village, henk):
    """Nothing is taken in for somebody who is gone meanwhile."""
    for arrived in village.three_arrivals(henk):
        keeps_out(village, "unknown", replace(arrived, author=replace(henk, id=MISSING)), Unknown)


# for whom


@pytest.mark.parametrize("standing", Standing)
def test_a_scope_comes_in_only_from_a_server_trusted_with_it(village, standing):
    """What is for pilots comes from pilots; what is for another neighbourhood comes from nobody."""
    village.peer("nieuwland.example", standing)
    for scope in Scope:
        for arrived in village.three_arrivals(village.stranger(), scope.value, scope=scope):
            if standing is Standing.REFUSED:
                keeps_out(village, "refused-peer", arrived)
            elif scope is Scope.PUBLIC or (scope is Scope.PILOTS and standing is Standing.PILOT):
                assert village.take(arrived).scope is scope
            else:
                keeps_out(village, "scope", arrived)


@given(scopes=st.lists(st.sampled_from([Scope.PILOTS, Scope.PUBLIC]), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_no_row_of_edits_ever_widens_a_thing(scopes):
    """From the first version on, the scope only stays or becomes narrower."""
    village = Village()
    village.peer("nieuwland.example")
    for arrived in village.three_arrivals(village.stranger()):
        width = Scope.PUBLIC.width
        for number, scope in enumerate(scopes):
            edited_at = arrived.published_at + timedelta(seconds=number)
            known = village.take(replace(arrived, scope=scope, edited_at=edited_at))
            assert known.scope.width <= min(width, scope.width)
            width = known.scope.width


# once


def test_the_same_thing_twice_is_there_once(village, henk):
    """Repeating a Create changes nothing and tells nobody again (threat I01)."""
    for arrived in village.three_arrivals(henk):
        known = village.take(arrived)
        village.happened()
        village.clock.tick(minutes=10)
        assert village.take(arrived) == known == village.now(known)
        assert village.take(replace(arrived, body="Stiekem anders")) == known
        assert village.happened() == []


def test_the_same_edit_twice_is_one_edit(village, henk):
    """Also when it says that it is from the year 9999."""
    for edited_at in (village.clock.moment + timedelta(minutes=1), MOMENTS[-1]):
        for arrived in village.three_arrivals(henk):
            village.take(arrived)
            edit = village.edited(arrived, edited_at=edited_at)
            known = village.take(edit)
            village.happened()
            assert village.take(edit) == known
            assert village.happened() == []


def test_a_thing_never_becomes_one_of_another_kind(village, henk):
    """A uri that is known as a question, answer or offer stays that: its Delete must find it (threat B08)."""
    known = village.three_arrivals(henk)
    for each in known:
        village.take(each)
    for one in known:
        for other in known:
            if one is not other:
                keeps_out(village, "kind", replace(other, uri=one.uri))
                keeps_out(village, "kind", village.edited(replace(other, uri=one.uri)))


def test_a_uri_of_ours_is_never_taken(village, henk):
    """Neither as the same kind nor as another (threat B40)."""
    ours = [village.ask(), village.answer(village.ask()), village.offer()]
    for number, arrived in enumerate(village.three_arrivals(henk)):
        for each in ours:
            code = "not-yours" if each is ours[number] else "kind"
            keeps_out(village, code, village.edited(replace(arrived, uri=each.uri)))


# when


@pytest.mark.parametrize("moment", MOMENTS)
def test_nothing_was_published_in_the_future(village, henk, moment):
    """A moment ahead of us becomes now, so that no post stands on top for ever; ids sort by it (threat B09)."""
    for arrived in village.three_arrivals(henk, published_at=moment):
        known = village.take(arrived)
        assert known.published_at == min(moment, village.clock.moment)
        assert known.id[:10] == village.store.ids.new(known.published_at)[:10]


@pytest.mark.parametrize("edited", MOMENTS)
def test_an_edit_moment_stays_between_publication_and_a_little_after_now(village, henk, edited):
    """Whether it comes with the first version or a later one; a true edit after it still wins (threat B09)."""
    for arrived in village.three_arrivals(henk):
        first = village.take(replace(arrived, uri=f"{arrived.uri}2", edited_at=edited))
        village.take(arrived)
        later = village.take(village.edited(arrived, edited_at=edited))
        for known in (first, later):
            moment = known.edited_at or known.published_at
            assert known.published_at <= moment <= village.clock.moment + timedelta(minutes=5)
        village.clock.tick(minutes=6)
        true = village.take(village.edited(arrived, edited_at=village.clock.moment, body="Echt"))
        assert true.body == "Echt"


def test_an_older_edit_does_not_undo_a_newer_one(village, henk):
    """Edits that overtake each other on the way end in the newest; one without a moment of its own is none."""
    for arrived in village.three_arrivals(henk):
        village.take(arrived)
        at = arrived.published_at
        newest = village.take(village.edited(arrived, edited_at=at + timedelta(minutes=3), body="Derde"))
        for minutes in (3, 2, 0, -60):
            older = village.edited(arrived, edited_at=at + timedelta(minutes=minutes), body="Eerder")
            assert village.take(older) == newest
        assert village.take(village.edited(arrived, edited_at=None, body="Zonder")) == newest


@settings(max_examples=24, deadline=None)
@given(st.permutations(range(1, 5)))
def test_edits_end_the_same_in_whatever_order_they_come(order):
    """Every order of the same edits gives the same words."""
    village = Village()
    village.peer("nieuwland.example")
    arrived = village.question_by(village.stranger())
    village.take(arrived)
    for minutes in order:
        moment = arrived.published_at + timedelta(minutes=minutes)
        village.take(village.edited(arrived, edited_at=moment, body=str(minutes)))
    assert village.all(Question)[0].body == "4"


# never again


def buried(village, uri, actor_uri):
    """A Delete of this uri by this actor came in."""
    village.do(graves.dig, uri, actor_uri)


def test_a_delete_that_came_first_keeps_the_create_out(village, henk):
    """What its author deleted before it ever came never comes, however often it is sent (threat B14)."""
    for arrived in village.three_arrivals(henk):
        buried(village, arrived.uri, henk.uri)
        village.clock.tick(days=400)
        keeps_out(village, "deleted", arrived)
        keeps_out(village, "deleted", village.edited(arrived))


def test_somebody_elses_delete_keeps_nothing_out(village, henk):
    """A Delete of a thing that was not theirs does not silence its author, and does not spoil the author's own."""
    for arrived in village.three_arrivals(henk):
        buried(village, arrived.uri, "https://nieuwland.example/u/mallory")
        assert village.take(arrived)
        other = replace(arrived, uri=f"{arrived.uri}2")
        buried(village, other.uri, "https://nieuwland.example/u/mallory")
        buried(village, other.uri, henk.uri)
        keeps_out(village, "deleted", other)


def test_a_thing_is_buried_once(village):
    """Burying again changes nothing: the first Delete is remembered with its moment."""
    question, noor = village.ask(), village.actor(village.noor)
    village.do(arrivals.bury, question, noor)
    village.clock.tick(days=1)
    village.do(arrivals.bury, question, noor)
    assert [grave.deleted_at for grave in village.all(Tombstone)] == [
        village.clock.moment - timedelta(days=1)
    ]


# review


@pytest.mark.parametrize(
    ("standing", "asks_review", "waits"),
    [
        (Standing.PILOT, True, False),
        (Standing.PILOT, False, False),
        (Standing.OPEN, True, True),
        (Standing.OPEN, False, False),
        (Standing.LIMITED, True, True),
        (Standing.LIMITED, False, True),
    ],
)
def test_who_is_read_first(standing, asks_review, waits):
    """Pilots never, limited servers always, others as the pilot wants it."""
    village = Village(moderate_outside=asks_review)
    assert village.do(arrivals.waits_for_review, standing) == waits
