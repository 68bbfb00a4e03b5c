"""Zich aanbieden: standing or in reply to a question; and offers from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.vraagbaak.village import MISSING
from vraagbaak import offers, questions
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import Held, OfferChanged, Offered, Received, Withdrawn
from vraagbaak.model import Offer, QuestionStatus, ReplyStatus, Scope, Standing, Tombstone
from vraagbaak.offers import Draft

DRAFT = Draft(body="Ik kan klussen.")
ACTS = {
    "own": lambda actor, key: (offers.own, actor, key),
    "edit": lambda actor, key: (offers.edit, actor, key, Draft(body="Van mij nu")),
    "withdraw": lambda actor, key: (offers.withdraw, actor, key),
}


# offering


@pytest.mark.parametrize(
    ("draft", "field", "code"),
    [
        (Draft(body=""), "body", "too-short"),
        (Draft(body="\u200b\u3164"), "body", "too-short"),
        (Draft(body="x" * 2001), "body", "too-long"),
        (Draft(body="x" * 2000 + " en meer"), "body", "too-long"),
        (Draft(body="Goed", topics=("?",)), "topics", "bad-topic"),
        (Draft(body="Goed", topics=tuple("abcdef")), "topics", "too-many-topics"),
    ],
)
def test_an_offer_says_something_and_not_too_much(village, draft, field, code):
    """Nothing, marks that nobody sees, too much, and what is no topic are refused by name."""
    assert village.refuses(Invalid, code, offers.offer, village.sam, draft).field == field


@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.HIDDEN])
def test_nobody_offers_to_a_question_out_of_sight(village, status):
    """It cannot be told from one that is not there (threat G05)."""
    asked = village.set(village.ask(), status=status)
    for key in (asked.id, MISSING):
        draft = replace(DRAFT, question_id=key)
        village.refuses(Unknown, "unknown", offers.offer, village.sam, draft)


@pytest.mark.parametrize("scope", Scope)
def test_an_offer_to_a_question_is_for_no_more_people_than_the_question(village, scope):
    """Whatever is chosen, the narrower of the two counts."""
    asked = village.ask(scope=scope)
    for wanted in Scope:
        assert village.offer(scope=wanted, question_id=asked.id).scope is wanted.within(scope)


def test_an_offer_is_for_the_neighbourhood_unless_somebody_says_otherwise(village):
    """Private by default."""
    assert village.do(offers.offer, village.sam, DRAFT).scope is Scope.NEIGHBOURHOOD


def test_what_was_offered_is_kept_and_told(village):
    """As text and as safe HTML, with topics and when; others hear of it."""
    made = village.offer(
        body="<img src=x onerror=alert(1)> *Klussen*",
        topics=("wonen",),
        availability="di\u202e en do" + "x" * 200,
        language="de",
    )
    assert village.now(made) == made
    assert "<img" not in made.html
    assert (made.availability[:8], len(made.availability)) == ("di en do", offers.AVAILABILITY_LENGTH)
    assert (made.topics, made.language, made.status) == (("wonen",), "nl", ReplyStatus.SHOWN)
    assert village.happened() == [Offered(offer_id=made.id)]


# somebody else's


def test_nobody_else_touches_an_offer(village, henk):
    """Of an offer that everybody may read, others hear that it is not theirs; a moderator and the persona too."""
    made = village.offer()
    for who in (village.noor, village.mo, henk, village.persona):
        for act in ACTS.values():
            village.refuses(NotYours, "not-yours", *act(village.actor(who), made.id))


@pytest.mark.parametrize(
    "changes",
    [
        {"scope": Scope.NEIGHBOURHOOD},
        {"scope": Scope.PILOTS},
        {"status": ReplyStatus.HELD},
        {"status": ReplyStatus.HIDDEN},
    ],
)
def test_an_offer_that_is_not_for_all_cannot_be_told_from_one_that_is_not_there(village, changes):
    """Trying to change it is answered as for an id that nobody has."""
    made = village.set(village.offer(), **changes)
    noor = village.actor(village.noor)
    for act in ACTS.values():
        there = village.refuses(Unknown, "unknown", *act(noor, made.id))
        assert str(there) == str(village.refuses(Unknown, "unknown", *act(noor, MISSING)))


def test_an_offer_from_elsewhere_is_changed_at_its_own_home_only(village, henk):
    """Not even with its author in hand."""
    theirs = village.take(village.offer_by(henk))
    for act in ACTS.values():
        village.refuses(NotYours, "not-yours", *act(henk, theirs.id))


# editing and withdrawing


def test_an_offer_in_other_words_keeps_its_scope_and_its_question(village):
    """Whatever the draft says of either."""
    asked, other = village.ask(scope=Scope.PILOTS), village.ask()
    made = village.offer(question_id=asked.id)
    village.happened()
    village.clock.tick(minutes=1)
    draft = Draft(body="Anders", scope=Scope.PUBLIC, question_id=other.id, availability="zo")
    changed = village.do(offers.edit, village.actor(village.sam), made.id, draft)
    assert (changed.body, changed.availability, changed.edited_at) == ("Anders", "zo", village.clock.moment)
    assert (changed.scope, changed.question_id) == (Scope.PILOTS, asked.id)
    assert village.happened() == [OfferChanged(offer_id=made.id)]


def test_a_change_of_a_hidden_offer_tells_nobody(village):
    """Its author may mend it; it stays hidden."""
    made = village.set(village.offer(), status=ReplyStatus.HIDDEN)
    village.happened()
    changed = village.do(offers.edit, village.actor(village.sam), made.id, Draft(body="Netter"))
    assert changed.status is ReplyStatus.HIDDEN
    assert village.happened() == []


@pytest.mark.parametrize("scope", Scope)
def test_a_withdrawn_offer_is_gone_and_told(village, scope):
    """Under the question it was made to, or under its own name; outsiders hear only of what was public."""
    asked = village.ask()
    made = [village.offer(scope=scope), village.offer(scope=scope, question_id=asked.id)]
    village.happened()
    for each in made:
        village.do(offers.withdraw, village.actor(village.sam), each.id)
    public = scope is Scope.PUBLIC
    persona = village.persona.id
    assert village.happened() == [
        Withdrawn(uri=made[0].uri, author_id=persona, thread_uri=made[0].uri, public=public),
        Withdrawn(uri=made[1].uri, author_id=persona, thread_uri=asked.uri, public=public),
    ]
    assert village.all(Offer) == []
    assert {grave.public for grave in village.all(Tombstone)} == {public}


# from elsewhere


@pytest.mark.parametrize(
    ("asked", "standing"),
    [
        ({"scope": Scope.NEIGHBOURHOOD}, Standing.PILOT),
        ({"scope": Scope.PILOTS}, Standing.OPEN),
        ({"status": QuestionStatus.HELD}, Standing.PILOT),
        ({"status": QuestionStatus.HIDDEN}, Standing.OPEN),
    ],
)
def test_nobody_elsewhere_offers_to_what_is_not_for_them(village, henk, asked, standing):
    """A question that their server may not know of cannot be told from none, though they kept its address."""
    village.peer("nieuwland.example", standing)
    question = village.set(village.ask(), **asked)
    village.refuses(Unknown, "unknown", offers.receive, village.offer_by(henk, question))


def test_an_offer_from_a_pilot_is_for_no_more_people_than_the_question(village, henk):
    """Whatever it claims; and it is there to be read at once."""
    question = village.ask(scope=Scope.PILOTS)
    village.happened()
    arrived = village.offer_by(henk, question)
    known = village.take(arrived)
    assert (known.scope, known.question_id, known.status) == (
        Scope.PILOTS,
        question.id,
        ReplyStatus.SHOWN,
    )
    assert village.happened() == [
        Received(kind="offer", thing_id=known.id, activity_uri=arrived.activity_uri)
    ]


def test_an_offer_of_a_stranger_waits(village, eve):
    """It is held, and stays so when it is edited."""
    known = village.take(village.offer_by(eve))
    assert known.status is ReplyStatus.HELD
    assert village.happened() == [Held(kind="offer", thing_id=known.id)]
    assert village.take(village.edited(village.offer_by(eve))).status is ReplyStatus.HELD
    assert village.happened() == []


def test_an_edit_changes_words_and_nothing_else(village, henk):
    """Body, topics, times and language are taken over; question and a wider scope are not."""
    question = village.ask()
    known = village.take(village.offer_by(henk, scope=Scope.PILOTS))
    edit = village.edited(
        village.offer_by(henk, question), topics=("wonen",), availability="zo", language="en"
    )
    changed = village.take(edit)
    assert (changed.id, changed.question_id, changed.scope) == (known.id, None, Scope.PILOTS)
    assert (changed.body, changed.topics, changed.availability) == ("Anders", ("wonen",), "zo")
    assert changed.language == "en"


def test_somebody_else_does_not_change_or_delete_an_offer(village, henk):
    """Not a neighbour of its author, and nobody elsewhere an offer of ours."""
    known, ours = village.take(village.offer_by(henk)), village.offer()
    mallory = village.stranger("mallory")
    forged = replace(village.edited(village.offer_by(henk)), author=mallory)
    village.refuses(NotYours, "not-yours", offers.receive, forged)
    village.refuses(NotYours, "not-yours", offers.receive_withdrawal, mallory, known)
    for who in (henk, village.actor(village.sam)):
        village.refuses(NotYours, "not-yours", offers.receive_withdrawal, who, ours)
    village.refuses(
        NotYours, "not-yours", offers.receive, village.edited(village.offer_by(henk, uri=ours.uri))
    )


def test_an_offer_deleted_elsewhere_stays_away(village, henk):
    """It does not come back (threat B13)."""
    arrived = village.offer_by(henk)
    village.do(offers.receive_withdrawal, henk, village.take(arrived))
    assert village.all(Offer) == []
    village.refuses(NotYours, "deleted", offers.receive, arrived)


def test_an_offer_to_a_question_that_is_not_here_stands_by_itself(village, henk):
    """Nothing is lost because a question was never sent to us or is gone."""
    question = village.ask()
    village.do(questions.withdraw, village.actor(village.noor), question.id)
    assert village.take(village.offer_by(henk, question)).question_id is None
