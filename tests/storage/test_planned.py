"""What is planned waits for its moment, and its pictures with it, on both databases and the dict twin."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from storage import media as files
from storage import upkeep
from storage.mapping import milliseconds
from storage.tables import jobs
from tests.storage.test_listings import Village
from vraagbaak import media, planning
from vraagbaak.events import PlanMade
from vraagbaak.media import Shot, Words
from vraagbaak.model import Actor, Media, Planned
from vraagbaak.planning import Later

SHOT = Shot(
    file="f" * 32,
    key="k",
    media_type="image/jpeg",
    size=1,
    width=1,
    height=1,
    small_width=1,
    small_height=1,
)


@pytest.fixture
def village(store, clock):
    store.reactions = {PlanMade: ("say-later",)}
    return Village(store, clock)


def planned(village, **span):
    def plan(tx):
        picture = media.take_in(tx, tx.get(Actor, village.noor.actor_id), SHOT, Words())
        later = Later(given="{}", due_at=tx.now + timedelta(**span), media=(picture.id,))
        return planning.plan(tx, village.noor, later)

    return village.store.run_now(plan)


def test_the_work_of_a_plan_is_due_at_its_moment_also_when_moved_to_an_earlier_one(village):
    """Each move is work of its own, that waits for no other."""
    made = planned(village, hours=3)
    moved = village.store.run_now(
        planning.move, village.noor, made.id, village.clock.moment + timedelta(hours=1)
    )
    found = village.store.read_now(
        lambda reading: reading.execute(
            select(jobs.c.run_at, jobs.c.sequence).where(jobs.c.kind == "say-later")
        ).all()
    )
    assert sorted(map(tuple, found)) == [(milliseconds(each.due_at), None) for each in (moved, made)]
    assert village.store.run_now(planning.take_up, made.id) is None
    village.clock.tick(hours=1)
    assert village.store.run_now(planning.take_up, made.id) == (moved, village.noor)
    assert village.store.run_now(planning.take_up, made.id) is None


def test_a_picture_waits_as_long_as_the_plan(village):
    """It is found with it, is not cleared away, and waits like any other once the plan is gone."""
    made = planned(village, days=30)
    village.clock.tick(days=20)
    village.store.run_now(upkeep.prune)
    found = village.store.read_now(files.promised, [made.id, "other"])
    assert [view.media.planned_id for view in found[made.id]] == [made.id]
    village.store.run_now(planning.call_off, village.noor, made.id)
    (picture,) = village.store.read_now(lambda reading: reading.find(Media, file=SHOT.file))
    assert (picture.planned_id, picture.removed) == (None, False)
    village.store.run_now(upkeep.prune)
    assert village.store.read_now(lambda reading: reading.get(Media, picture.id)).removed


def test_a_plan_goes_with_its_member(any_store, clock):
    """Whichever way an account is erased."""
    village = Village(any_store, clock)
    made = planned(village, days=1)
    any_store.run_now(lambda tx: tx.remove(village.noor))
    assert any_store.read_now(lambda tx: tx.one(Planned, id=made.id)) is None
    assert any_store.read_now(lambda tx: tx.find(Media, file=SHOT.file))[0].planned_id is None
