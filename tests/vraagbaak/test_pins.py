"""What is put first, by whom, and that it shows nothing to anybody who could not see it before."""

from __future__ import annotations

import pytest

from vraagbaak import moderation, pilots, pins, questions
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import Pinned, Unpinned
from vraagbaak.model import Pin, Question, Scope


def test_only_who_carries_the_pilot_chooses_what_is_first(village):
    """A member hears the same whether there is such a question or not."""
    question = village.ask()
    for act in (pins.feature, pins.unfeature):
        village.refuses(NotYours, "not-moderator", act, village.sam, question.id)
        village.refuses(NotYours, "not-moderator", act, village.sam, "00000000000000000000000000")
        village.refuses(Unknown, "unknown", act, village.mo, "00000000000000000000000000")


@pytest.mark.parametrize("scope", Scope)
def test_a_question_is_first_until_it_is_taken_back(village, scope):
    """Doing either twice changes nothing, and others hear of each once."""
    question = village.ask(scope=scope)
    village.happened()
    group = village.do(pilots.ours).actor_id
    for _ in range(2):
        village.do(pins.feature, village.mo, question.id)
    assert village.do(pins.first_of, group) == [question]
    assert village.do(pins.is_first, group, question)
    for _ in range(2):
        village.do(pins.unfeature, village.mo, question.id)
    assert village.do(pins.first_of, group) == []
    assert village.happened() == [kind(actor_id=group, thing_uri=question.uri) for kind in (Pinned, Unpinned)]


def test_what_waits_is_hidden_or_comes_from_elsewhere_is_not_put_first(village, eve):
    """Nobody else would see why it stands there."""
    held = village.take(village.question_by(eve))
    hidden = village.ask()
    village.do(moderation.hide, village.mo, Question, hidden.id)
    for thing in (held, hidden):
        village.refuses(Invalid, "wrong-state", pins.feature, village.mo, thing.id)
    village.do(moderation.release, village.mo, Question, held.id)
    village.refuses(Invalid, "wrong-state", pins.feature, village.mo, held.id)


def test_five_things_are_first_and_no_more(village):
    """The sixth has to wait until one is taken away."""
    asked = [village.ask(title=f"Vraag {number}?") for number in range(pins.MOST + 1)]
    for question in asked[:-1]:
        village.do(pins.feature, village.mo, question.id)
    village.refuses(Invalid, "too-many", pins.feature, village.mo, asked[-1].id)
    village.do(pins.unfeature, village.mo, asked[0].id)
    village.do(pins.feature, village.mo, asked[-1].id)


def test_a_member_puts_only_their_own_public_things_first(village):
    """Another's is refused as it is everywhere; one for few people stays among few people."""
    public, quiet = village.ask(village.noor), village.ask(village.noor, Scope.PILOTS, "Fluister?")
    answer = village.answer(public, village.sam)
    village.refuses(NotYours, "not-yours", pins.pin, village.actor(village.sam), public)
    village.refuses(Unknown, "unknown", pins.pin, village.actor(village.sam), quiet)
    village.refuses(Invalid, "wrong-state", pins.pin, village.actor(village.noor), quiet)
    village.do(pins.pin, village.actor(village.sam), answer)
    assert village.do(pins.first_of, village.sam.actor_id) == [answer]
    village.refuses(NotYours, "not-yours", pins.unpin, village.actor(village.noor), answer)
    village.do(pins.unpin, village.actor(village.sam), answer)
    assert village.all(Pin, actor_id=village.sam.actor_id) == []


def test_what_is_gone_is_first_nowhere(village):
    """With a question also the answers to it."""
    question = village.ask(village.noor)
    answer = village.answer(question, village.sam)
    village.do(pins.feature, village.mo, question.id)
    village.do(pins.pin, village.actor(village.sam), answer)
    village.do(questions.withdraw, village.actor(village.noor), question.id)
    assert [*village.all(Pin, thing_uri=question.uri), *village.all(Pin, thing_uri=answer.uri)] == []
