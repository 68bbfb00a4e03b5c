"""Two pilots that answer each other's questions: the journey that everything else stands on."""

from __future__ import annotations

from vraagbaak.model import Helped, Peer, Perspective, Pilot, QuestionStatus, Scope


async def test_a_question_is_answered_from_the_other_pilot_and_the_answer_comes_home(world):
    """Asked in one pilot, answered in the other, seen in both; what helped travels too; no third party is involved."""
    west, east = world.pilots("Westerpark", "Nieuwland")
    fatma, henk = west.member("fatma"), east.member("henk")
    await world.settle()
    assert {pilot.name for pilot in west.all(Pilot)} == {"Westerpark", "Nieuwland"}
    assert all(peer.met_at for peer in [*west.all(Peer), *east.all(Peer)])

    question = west.ask(fatma, "Wie zoekt een biljartmaatje?", body="Mijn broer wil *weer* biljarten.")
    await world.settle()
    there = east.own(type(question), question)
    assert (there.title, there.body, there.scope) == (question.title, question.body, Scope.PILOTS)
    assert there.pilot_id is not None

    answer = east.answer(henk, question, "Dinsdag is er inloop.", perspective=Perspective.EXPERIENCE_EXPERT)
    await world.settle()
    home = west.own(type(answer), answer)
    assert (home.body, home.perspective) == ("Dinsdag is er inloop.", Perspective.EXPERIENCE_EXPERT)

    west.mark(fatma, answer)
    await world.settle()
    assert east.mark_of(answer) is Helped.HELPED
    assert east.own(type(question), question).status is QuestionStatus.ANSWERED
    assert {sent.host for sent in world.network.sent} == {west.host, east.host}
