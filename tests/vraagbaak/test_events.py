"""Events: what happened, in ids and never in words."""

from __future__ import annotations

from dataclasses import fields

from vraagbaak import answers, events, members, offers, questions
from vraagbaak.events import Event
from vraagbaak.model import Helped, Perspective, Scope

KINDS = [kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, Event)]


def test_no_event_has_a_place_for_words():
    """Events name things, people and moments by id, uri and time, so that nothing deleted lives on in a queue."""
    names = {spec.name for kind in KINDS for spec in fields(kind)}
    plain = {"kind", "scope", "verb", "value", "before", "public", "domain", "uri", "due_at"}
    assert all(name in plain or name.endswith(("_id", "_uri")) for name in names)


def test_nothing_written_is_in_any_event(village, henk):
    """Whatever is asked, answered, offered, edited, narrowed and withdrawn, its words are in no event."""
    question = village.ask(title="Geheim", body="Geheim", topics=("geheim",))
    answer = village.answer(question, body="Geheim")
    village.do(answers.edit, village.actor(village.sam), answer.id, "Geheim 2", Perspective.FAMILY)
    village.do(questions.mark, village.actor(village.noor), question.id, answer.id, Helped.HELPED)
    offer = village.offer(body="Geheim", availability="Geheim")
    village.do(offers.withdraw, village.actor(village.sam), offer.id)
    village.take(village.answer_by(henk, question, body="Geheim"))
    village.do(questions.narrow, village.actor(village.noor), question.id, Scope.PILOTS)
    village.do(members.leave, village.noor)
    assert len(village.store.events) > 8
    assert "geheim" not in repr(village.store.events).lower()
