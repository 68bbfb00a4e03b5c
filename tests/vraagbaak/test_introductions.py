"""Kennismaken: no name before both said yes, a closed talk of two, and what ends it."""

from __future__ import annotations

import pytest

from vraagbaak import introductions, members, offers, questions
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.model import Introduction, Notice, NoticeKind, Remark, Role, Scope, Stage

NEED, CAN = "Wie wil er met mij biljarten?", "Ik biljart graag met een ander."


@pytest.fixture
def pair(village):
    """Noor's question and Sam's offer, which fit."""
    asked = village.ask(title=NEED, scope=Scope.NEIGHBOURHOOD)
    return asked, village.offer(body=CAN, scope=Scope.NEIGHBOURHOOD)


def both(village, pair):
    asked, offered = pair
    village.do(introductions.agree, village.noor, asked.id, offered.id)
    return village.do(introductions.agree, village.sam, asked.id, offered.id)


def told(village, member):
    return [
        (notice.actor_id, notice.thing_uri)
        for notice in village.all(Notice, member_id=member.id)
        if notice.kind is NoticeKind.MATCH
    ]


@pytest.mark.parametrize("order", ["question first", "offer first"])
def test_both_are_told_without_a_name(village, order):
    """Whichever comes second; in the name of the shared neighbour, once."""
    if order == "question first":
        asked = village.ask(title=NEED)
        offered = village.offer(body=CAN)
    else:
        offered = village.offer(body=CAN)
        asked = village.ask(title=NEED)
    assert told(village, village.sam) == [(village.persona.id, asked.uri)]
    assert told(village, village.noor) == [(village.persona.id, offered.uri)]
    assert (offered.author_id, offered.helper_id) == (village.persona.id, village.sam.actor_id)


def test_a_pause_tells_nobody_until_it_is_over(village):
    """Nothing is matched with a paused offer."""
    offered = village.offer(body=CAN, paused=True)
    asked = village.ask(title=NEED)
    assert told(village, village.sam) == []
    village.refuses(Invalid, "no-match", introductions.agree, village.noor, asked.id, offered.id)
    village.do(offers.go_on, village.actor(village.sam), offered.id)
    assert village.do(introductions.agree, village.noor, asked.id, offered.id).stage is Stage.ASKER_AGREED


@pytest.mark.parametrize("first", ["noor", "sam"])
def test_neither_learns_who_the_other_is_before_both_said_yes(village, pair, first):
    """One yes, also twice, shows nothing; the second yes opens the talk."""
    asked, offered = pair
    one = getattr(village, first)
    other = village.sam if one is village.noor else village.noor
    for _ in range(2):
        made = village.do(introductions.agree, one, asked.id, offered.id)
    for who in (one, other):
        assert village.do(introductions.other, made, who) is None
        village.refuses(Invalid, "wrong-state", introductions.say, who, made.id, "Hoi")
    assert introductions.waits_for(made, other.actor_id)
    assert not introductions.waits_for(made, one.actor_id)
    opened = village.do(introductions.agree, other, asked.id, offered.id)
    assert opened.stage is Stage.TALKING
    assert village.do(introductions.other, opened, one).id == other.actor_id


def test_a_talk_is_closed_to_everybody_else(village, pair):
    """Also to moderators and the steward: they hear the same as of a talk that is not there."""
    talk = both(village, pair)
    village.do(introductions.say, village.noor, talk.id, "Vrijdag?")
    steward = village.member("lien", Role.STEWARD)
    for who in (village.mo, steward):
        for act in (introductions.own, introductions.succeed, introductions.end):
            village.refuses(Unknown, "unknown", act, who, talk.id)
        village.refuses(Unknown, "unknown", introductions.say, who, talk.id, "Hoi")
        village.refuses(Unknown, "unknown", introductions.agree, who, *(each.id for each in pair))
        assert village.do(introductions.of_member, who) == []


def test_what_is_said_twice_is_said_once_and_nothing_is_said_after_the_end(village, pair):
    """A second tap, an empty word, a word too many, and a talk that is over."""
    talk = both(village, pair)
    said = [village.do(introductions.say, village.sam, talk.id, "Vrijdag?") for _ in range(2)]
    assert said[0] == said[1]
    assert [each.body for each in village.do(introductions.remarks, talk)] == ["Vrijdag?"]
    village.refuses(Invalid, "too-short", introductions.say, village.sam, talk.id, " \u200b")
    village.refuses(Invalid, "too-long", introductions.say, village.sam, talk.id, "x" * 2001)
    assert village.do(introductions.succeed, village.noor, talk.id).stage is Stage.SUCCEEDED
    village.refuses(Invalid, "wrong-state", introductions.say, village.sam, talk.id, "Nog iets")
    village.refuses(Invalid, "wrong-state", introductions.end, village.sam, talk.id)


@pytest.mark.parametrize("end", [introductions.succeed, introductions.end])
def test_what_worked_out_uses_a_place_of_the_week_and_what_stopped_frees_it(village, end):
    """Who helps one person a week is proposed to the next one only when the first did not go on."""
    offered = village.offer(body=CAN, capacity=1)
    first, second = village.ask(title=NEED), village.ask(village.mo, title="Wie speelt biljart met mij?")
    talk = both(village, (first, offered))
    village.refuses(Invalid, "no-match", introductions.agree, village.mo, second.id, offered.id)
    village.do(end, village.noor, talk.id)
    if end is introductions.succeed:
        village.refuses(Invalid, "no-match", introductions.agree, village.mo, second.id, offered.id)
        village.clock.tick(days=8)
    assert village.do(introductions.agree, village.mo, second.id, offered.id).stage is Stage.ASKER_AGREED


def test_two_that_do_not_fit_are_not_introduced(village):
    """Nobody can reach for the name behind an offer with any question."""
    asked, offered = village.ask(title="Wie repareert mijn fiets?"), village.offer(body=CAN)
    village.refuses(Invalid, "no-match", introductions.agree, village.noor, asked.id, offered.id)
    mine = village.offer(village.noor, body=CAN)
    own = village.ask(title=NEED)
    village.refuses(Unknown, "unknown", introductions.agree, village.noor, own.id, mine.id)


def test_who_asked_without_an_account_is_not_introduced_here(village):
    """The shared persona is nobody in particular."""
    asked = village.ask(village.persona, title=NEED)
    village.refuses(
        Unknown if asked.status == "held" else Invalid,
        "unknown" if asked.status == "held" else "elsewhere",
        introductions.agree,
        village.sam,
        asked.id,
        village.offer(body=CAN).id,
    )


@pytest.mark.parametrize("go", ["question", "offer", "asker", "helper"])
def test_it_goes_with_what_it_is_about_and_with_whoever_leaves(village, pair, go):
    """Nothing of a talk stays behind."""
    asked, offered = pair
    talk = both(village, pair)
    village.do(introductions.say, village.noor, talk.id, "Vrijdag?")
    if go == "question":
        village.do(questions.withdraw, village.actor(village.noor), asked.id)
    elif go == "offer":
        village.do(offers.withdraw, village.actor(village.sam), offered.id)
    else:
        village.do(members.leave, village.noor if go == "asker" else village.sam)
    assert (village.all(Introduction), village.all(Remark)) == ([], [])


def test_only_who_made_an_offer_pauses_it(village):
    """The shared persona that it speaks through may not, nor may anybody else."""
    offered = village.offer(body=CAN)
    for who in (village.noor, village.mo):
        village.refuses(NotYours, "not-yours", offers.pause, village.actor(who), offered.id)
    village.refuses(NotYours, "not-yours", offers.pause, village.persona, offered.id)


@pytest.mark.parametrize(("field", "value"), [("distance", -1), ("distance", 101), ("capacity", 21)])
def test_numbers_out_of_range_are_refused_by_name(village, field, value):
    """Nobody goes farther than a hundred kilometres or helps more than twenty people a week."""
    draft = offers.Draft(body=CAN, **{field: value})
    assert village.refuses(Invalid, "out-of-range", offers.offer, village.sam, draft).field == field
