"""The sheet for the notice board holds what may hang there, and nothing else; the same for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.visiting import Page, Village
from vraagbaak.model import Scope, Topic


@pytest.fixture
def village(store_factory):
    return Village(store_factory, lab_limits="off")


async def sheet(village, member=None):
    async with village.as_member(member) if member else village.browser() as browser:
        answer = await browser.get("/week")
    assert answer.status_code == 200
    return Page(answer)


async def test_g04_the_sheet_holds_the_public_questions_of_seven_days(village):
    """Ours first, then those of other pilots; nothing older, narrower or delicate, also for a member."""
    noor = village.member("noor")
    pilot = village.neighbour()
    village.store.run_now(lambda tx: tx.add(Topic(id="drank", name="drank", sensitive=True)))
    village.ask(noor, "Van vorige maand")
    village.later(timedelta(days=7))
    village.ask(noor, "Van hier")
    village.arrived(village.stranger("Piet"), "Van de buren", pilot)
    village.arrived(village.stranger("Mallory", "elders.example"), "Van buiten")
    village.ask(noor, "Alleen buurt", Scope.NEIGHBOURHOOD)
    village.ask(noor, "Alleen proeftuinen", Scope.PILOTS)
    village.ask(noor, "Heel persoonlijk", sensitive=True)
    village.ask(noor, "Over drank", topics=("drank",))
    page = await sheet(village)
    assert page.words.index("Van hier") < page.words.index("Van de buren")
    for word in (
        "vorige maand",
        "Van buiten",
        "Alleen buurt",
        "Alleen proeftuinen",
        "Heel persoonlijk",
        "drank",
    ):
        assert word not in page.words
    member = (await sheet(village, noor)).words
    assert member[member.index("Wat vroegen") :] == page.words[page.words.index("Wat vroegen") :]
    assert "noor" not in page.words.lower()


async def test_an_empty_week_says_so_and_a_full_one_is_one_sheet(village):
    """Nobody asked; or so many that the latest forty stand on it."""
    assert "Niemand stelde deze week een openbare vraag." in (await sheet(village)).words
    noor = village.member("noor")
    for number in range(45):
        village.ask(noor, f"Vraag nummer {number}.")
    words = (await sheet(village)).words
    assert words.count("Vraag nummer") == 40
    assert "Vraag nummer 44." in words
    assert "Vraag nummer 4." not in words
