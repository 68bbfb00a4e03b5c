"""Who: what each viewer may see, where things go, and that nothing ever widens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vraagbaak.village import Village
from vraagbaak import audience, follows, peers, questions
from vraagbaak.audience import PASSER_BY, Recipients, Viewer
from vraagbaak.errors import NotYours, Unknown
from vraagbaak.model import Actor, Perspective, Question, QuestionStatus, ReplyStatus, Scope, Standing

STAGE = Village()
QUESTION = STAGE.ask()
ANSWER = STAGE.answer(QUESTION)
OFFER = STAGE.offer()
STATUSES = {QUESTION: QuestionStatus, ANSWER: ReplyStatus, OFFER: ReplyStatus}
few = settings(max_examples=25, deadline=None)
VIEWERS = {
    "passer-by": PASSER_BY,
    "author": Viewer(member=STAGE.noor),
    "other author": Viewer(member=STAGE.sam),
    "moderator": Viewer(member=STAGE.mo),
    **{standing.value: Viewer(standing=standing) for standing in Standing},
}
viewers = st.sampled_from(sorted(VIEWERS)).map(VIEWERS.get)
things = st.sampled_from([QUESTION, ANSWER, OFFER]).flatmap(
    lambda thing: st.builds(
        lambda scope, status: replace(thing, scope=scope, status=status),
        st.sampled_from(Scope),
        st.sampled_from(STATUSES[thing]),
    )
)


@few
@given(viewer=viewers, thing=things, other=st.sampled_from(Scope))
def test_narrowing_never_shows_a_thing_to_more(viewer, thing, other):
    """Whoever sees a thing in a narrow scope sees it in every wider one, never the other way round only."""
    narrow = replace(thing, scope=thing.scope.within(other))
    assert audience.may_see(viewer, thing) or not audience.may_see(viewer, narrow)


@few
@given(thing=things)
def test_a_passer_by_sees_what_is_public_and_past_review_and_nothing_else(thing):
    """Without an account there is no other way to any thing, whatever its kind, scope and state."""
    seen = audience.may_see(PASSER_BY, thing)
    assert seen == (thing.scope is Scope.PUBLIC and audience.is_readable(thing))


@few
@given(thing=things)
def test_a_refused_server_sees_nothing(thing):
    """Not even what is public is shown to a server that proves to be refused."""
    assert not audience.may_see(Viewer(standing=Standing.REFUSED), thing)


@few
@given(thing=things, standing=st.sampled_from([Standing.OPEN, Standing.LIMITED]))
def test_a_server_that_is_no_pilot_sees_no_more_than_a_passer_by(thing, standing):
    """Signing a request opens nothing by itself."""
    assert audience.may_see(Viewer(standing=standing), thing) == audience.may_see(PASSER_BY, thing)


@few
@given(thing=things)
def test_nothing_of_the_neighbourhood_is_seen_by_another_server(thing):
    """What is for the neighbourhood stays there, also for pilots."""
    narrow = replace(thing, scope=Scope.NEIGHBOURHOOD)
    assert not any(audience.may_see(Viewer(standing=standing), narrow) for standing in Standing)


@few
@given(thing=things)
def test_what_waits_or_is_hidden_is_for_its_author_and_the_reviewers(thing):
    """Every member sees every scope, but only the author and reviewers see past review."""
    readable = audience.is_readable(thing)
    for member in (STAGE.noor, STAGE.sam, STAGE.mo):
        allowed = readable or member.moderates or thing.author_id == member.actor_id
        assert audience.may_see(Viewer(member=member), thing) == allowed


def test_the_shared_persona_opens_nothing(village):
    """What the persona asked and waits is seen by no member, for nobody is its author."""
    held = village.ask(village.persona, Scope.NEIGHBOURHOOD)
    assert held.status is QuestionStatus.HELD
    assert not audience.may_see(Viewer(member=village.noor), held)
    assert audience.may_see(Viewer(member=village.mo), held)


def test_a_refusal_tells_no_more_than_a_page_does(village):
    """Who reaches for another's thing hears "not yours" only where everybody may read it (threat G05)."""
    question = village.ask()
    answer = village.answer(question)
    for scope in Scope:
        for status in QuestionStatus:
            question = village.set(question, scope=scope, status=status)
            answer = village.set(answer, scope=scope)
            expected = NotYours if audience.may_see(PASSER_BY, question) else Unknown
            assert {type(village.do(audience.refusal, thing)) for thing in (question, answer)} == {expected}


@few
@given(
    scope=st.sampled_from(Scope),
    status=st.sampled_from(QuestionStatus),
    standings=st.lists(st.sampled_from(Standing), max_size=4),
)
def test_a_thing_goes_to_nobody_who_may_not_see_it(scope, status, standings):
    """Of every receiver, whatever the standing of the servers around: `may_see` says yes to each."""
    village = Village()
    for number, standing in enumerate(standings):
        village.peer(f"p{number}.example", standing)
    question = village.set(village.ask(), scope=scope, status=status)
    found = village.do(audience.recipients, question)
    for peer in found.pilots:
        assert audience.may_see(Viewer(standing=peer.standing), question)
    assert audience.may_see(PASSER_BY, question) or not (found.everyone or found.actors)
    pilots = {f"p{number}.example" for number, each in enumerate(standings) if each is Standing.PILOT}
    assert {peer.id for peer in found.pilots} <= pilots


def test_what_is_for_the_neighbourhood_goes_nowhere(village, henk):
    """Nothing leaves, not even to the asker elsewhere or to pilots."""
    question = village.ask(scope=Scope.NEIGHBOURHOOD)
    for thing in (question, village.answer(question), village.offer(scope=Scope.NEIGHBOURHOOD)):
        assert village.do(audience.recipients, thing) == Recipients()
        assert village.do(audience.recipients, thing).nobody


def test_what_waits_or_is_hidden_goes_nowhere(village, henk):
    """Before release, and after hiding, nothing leaves."""
    held = village.ask(village.persona)
    hidden = village.set(village.offer(), status=ReplyStatus.HIDDEN)
    assert village.do(audience.recipients, held).nobody
    assert village.do(audience.recipients, hidden).nobody


def test_an_answer_under_a_hidden_question_goes_nowhere(village, henk):
    """With a question all that was said to it is out of sight, also for other servers."""
    question = village.ask()
    answer, offer = village.answer(question), village.offer(question_id=question.id)
    assert not village.do(audience.recipients, answer).nobody
    village.set(question, status=QuestionStatus.HIDDEN)
    assert village.do(audience.recipients, answer).nobody
    assert village.do(audience.recipients, offer).nobody


def test_pilots_are_asked_for_again_at_every_send(village, henk):
    """Once trust ends on either side, nothing more goes there; what is for pilots then goes to nobody."""
    village.circle("nieuwland.example")
    question = village.ask(scope=Scope.PILOTS)
    assert [peer.id for peer in village.do(audience.recipients, question).pilots] == ["nieuwland.example"]
    for standing in (Standing.LIMITED, Standing.OPEN, Standing.REFUSED):
        village.peer("nieuwland.example", standing)
        assert village.do(audience.recipients, question).nobody
    village.peer("nieuwland.example", Standing.PILOT)
    assert village.do(audience.recipients, question).pilots
    village.do(no_longer_followed)
    assert village.do(audience.recipients, question).nobody
    assert village.do(audience.server, "nieuwland.example").standing is Standing.OPEN


def no_longer_followed(tx):
    """The pilot stops following our neighbourhood: it trusts us no more."""
    application = tx.one(Actor, uri="https://nieuwland.example/actor")
    follows.receive_undo(tx, application, tx.one(Actor, uri=tx.home.group_uri))


def test_a_reply_elsewhere_goes_to_the_home_of_its_thread_only(village, henk):
    """Only the home knows who is in its circle; other pilots of ours are not told."""
    village.circle("third.example")
    village.circle("nieuwland.example")
    question = village.take(village.question_by(henk, scope=Scope.PILOTS))
    found = village.do(audience.recipients, village.answer(question))
    assert [peer.id for peer in found.pilots] == ["nieuwland.example"]
    assert (found.everyone, found.actors) == (False, ())


def test_a_reply_to_a_home_that_lost_our_trust_goes_nowhere(village, henk):
    """What was for pilots stays here when the home of the thread is no pilot any more, or forgotten."""
    question = village.take(village.question_by(henk, scope=Scope.PILOTS))
    answer = village.answer(question)
    village.peer("nieuwland.example", Standing.OPEN)
    assert village.do(audience.recipients, answer).nobody
    village.do(lambda tx: tx.remove(peers.decide(tx, "nieuwland.example", Standing.OPEN)))
    assert village.do(audience.recipients, answer).nobody


def test_whom_an_answer_concerns_hears_of_it_when_it_is_public(village, henk, eve):
    """The asker elsewhere and who wrote the answer commented on receive it, each once, and nobody of ours."""
    question = village.take(village.question_by(henk))
    first = village.take(village.answer_by(henk, question, perspective=Perspective.FAMILY))
    comment = village.answer(question, parent_id=first.id)
    found = village.do(audience.recipients, comment)
    assert (found.everyone, found.actors) == (True, (henk,))
    own = village.answer(question, village.noor, parent_id=comment.id)
    assert village.do(audience.recipients, own).actors == (henk,)


def test_whom_a_narrow_comment_answers_is_not_told_past_the_circle(village, henk, eve):
    """A comment for pilots goes to pilots, also when what it comments on came from somebody else."""
    question = village.ask(scope=Scope.PILOTS)
    parent = village.take(village.answer_by(henk, question, scope=Scope.PILOTS))
    village.set(parent, author_id=eve.id)
    found = village.do(audience.recipients, village.answer(question, parent_id=parent.id))
    assert (found.everyone, found.actors) == (False, ())


@pytest.mark.parametrize("standing", Standing)
def test_a_server_reaches_what_it_may_know_of(village, standing, henk):
    """Its people may reply to what its standing shows; what waits here may have been read at its own home."""
    reached = {scope for scope in Scope if audience.within_reach(standing, replace(QUESTION, scope=scope))}
    assert reached == Viewer(standing=standing).scopes
    ours = village.ask(village.persona)
    theirs = village.set(village.take(village.question_by(henk)), status=QuestionStatus.HELD)
    assert not audience.within_reach(standing, ours)
    assert audience.within_reach(standing, theirs) == (standing is not Standing.REFUSED)


def test_a_standing_offer_has_no_thread(village):
    """Only what replies to a question belongs to one."""
    question = village.ask()
    assert village.do(audience.thread_of, village.offer()) is None
    assert village.do(audience.thread_of, village.offer(question_id=question.id)) == question
    village.do(questions.withdraw, village.actor(village.noor), question.id)
    assert village.all(Question) == []
