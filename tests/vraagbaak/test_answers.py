"""Answering and commenting, each time from one perspective; and answers from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.vraagbaak.village import MISSING, Village
from vraagbaak import answers, audience, questions
from vraagbaak.answers import Draft
from vraagbaak.audience import PASSER_BY
from vraagbaak.caution import Caution
from vraagbaak.errors import Invalid, NeedsMember, NotYours, Unknown
from vraagbaak.events import (
    AnswerChanged,
    Answered,
    Held,
    QuestionChanged,
    Received,
    ReceivedChange,
    ReplyReceived,
    Withdrawn,
)
from vraagbaak.model import (
    Answer,
    Helped,
    Mark,
    Perspective,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
    Tombstone,
)

DRAFT = Draft(body="Die op de hoek.", perspective=Perspective.RESIDENT)
ACTS = {
    "own": lambda actor, key: (answers.own, actor, key),
    "edit": lambda actor, key: (answers.edit, actor, key, "Van mij nu", Perspective.FAMILY),
    "withdraw": lambda actor, key: (answers.withdraw, actor, key),
}


# answering


@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.HIDDEN])
def test_a_question_out_of_sight_cannot_be_answered(village, status):
    """Trying it is answered as for an id that nobody has."""
    asked = village.set(village.ask(), status=status)
    hidden = village.refuses(Unknown, "unknown", answers.answer, village.sam, asked.id, DRAFT)
    missing = village.refuses(Unknown, "unknown", answers.answer, village.sam, MISSING, DRAFT)
    assert str(hidden) == str(missing)


def test_nobody_answers_a_closed_question(village):
    """Klaar, bedankt means no more answers; not from the asker, and no comments either."""
    asked = village.ask()
    first = village.answer(asked)
    village.do(questions.close, village.actor(village.noor), asked.id)
    for who in (village.sam, village.noor, village.mo):
        village.refuses(Invalid, "closed", answers.answer, who, asked.id, DRAFT)
    village.refuses(
        Invalid, "closed", answers.answer, village.sam, asked.id, replace(DRAFT, parent_id=first.id)
    )


def test_what_waits_is_not_answered_even_by_who_reviews_it(village):
    """A moderator who sees a held question releases it first."""
    asked = village.ask(village.persona)
    village.refuses(Invalid, "closed", answers.answer, village.mo, asked.id, DRAFT)


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "too-short"), (" \n ", "too-short"), ("\u200b\u202e", "too-short"), ("x" * 10_001, "too-long")],
)
def test_an_answer_says_something_and_not_too_much(village, body, code):
    """Nothing, marks that nobody sees, and more than ten thousand characters are refused."""
    asked = village.ask()
    draft = replace(DRAFT, body=body)
    assert village.refuses(Invalid, code, answers.answer, village.sam, asked.id, draft).field == "body"


@pytest.mark.parametrize("scope", Scope)
def test_an_answer_is_for_whom_the_question_is_for(village, scope):
    """Its scope is that of the question; nobody can choose a wider one."""
    asked = village.ask(scope=scope)
    village.happened()
    made = village.answer(asked, perspective=Perspective.EXPERIENCE_EXPERT, body="*Ja*", language="de")
    assert (made.scope, made.status, made.perspective) == (
        scope,
        ReplyStatus.SHOWN,
        Perspective.EXPERIENCE_EXPERT,
    )
    assert (made.html, made.language, made.author_id) == ("<p><em>Ja</em></p>", "nl", village.sam.actor_id)
    assert village.happened() == [Answered(answer_id=made.id)]


@pytest.mark.parametrize("perspective", Perspective)
def test_every_perspective_weighs_the_same(village, perspective):
    """Whoever answers, from wherever, gets the same answer: nothing is decided by perspective or role."""
    made = village.answer(village.ask(), perspective=perspective)
    assert (made.status, made.scope) == (ReplyStatus.SHOWN, Scope.PUBLIC)


# commenting


@pytest.mark.parametrize("status", [ReplyStatus.HELD, ReplyStatus.HIDDEN])
def test_nobody_comments_on_an_answer_out_of_sight(village, status):
    """An answer that waits or was hidden cannot be told from one that is not there (threat G05)."""
    asked = village.ask()
    hidden = village.set(village.answer(asked), status=status)
    other = village.answer(village.ask(title="Iets anders"))
    for key in (hidden.id, other.id, MISSING, ""):
        draft = replace(DRAFT, parent_id=key)
        village.refuses(Unknown, "unknown", answers.answer, village.noor, asked.id, draft)


def test_a_comment_is_never_wider_than_the_answer_it_is_on(village, henk):
    """Under a public question, what is said to an answer for pilots is for pilots."""
    asked = village.ask()
    narrow = village.take(village.answer_by(henk, asked, scope=Scope.PILOTS))
    comment = village.answer(asked, village.noor, parent_id=narrow.id)
    assert comment.scope is Scope.PILOTS
    assert village.answer(asked, parent_id=comment.id).scope is Scope.PILOTS
    assert not audience.may_see(PASSER_BY, comment)


# somebody else's


def test_nobody_else_touches_an_answer(village, henk):
    """Of an answer that everybody may read, others hear that it is not theirs; the asker and moderators too."""
    answer = village.answer(village.ask())
    for who in (village.noor, village.mo, henk):
        for act in ACTS.values():
            village.refuses(NotYours, "not-yours", *act(village.actor(who), answer.id))


@pytest.mark.parametrize(
    ("answered", "asked"),
    [
        ({"scope": Scope.NEIGHBOURHOOD}, {}),
        ({"scope": Scope.PILOTS}, {}),
        ({"status": ReplyStatus.HELD}, {}),
        ({"status": ReplyStatus.HIDDEN}, {}),
        ({}, {"status": QuestionStatus.HIDDEN}),
        ({}, {"scope": Scope.NEIGHBOURHOOD}),
    ],
)
def test_an_answer_that_is_not_for_all_cannot_be_told_from_one_that_is_not_there(village, answered, asked):
    """Trying to change it is answered as for an id that nobody has; so is one under a question out of sight."""
    question = village.ask()
    answer = village.set(village.answer(question), **answered)
    village.set(question, **asked)
    noor = village.actor(village.noor)
    for act in ACTS.values():
        there = village.refuses(Unknown, "unknown", *act(noor, answer.id))
        assert str(there) == str(village.refuses(Unknown, "unknown", *act(noor, MISSING)))


def test_the_persona_answers_nothing_and_so_changes_nothing(village):
    """Without an account there is one answer for every id, so that none is learned from it."""
    answer = village.answer(village.ask())
    for key in (answer.id, MISSING):
        for act in ACTS.values():
            village.refuses(NeedsMember, "needs-member", *act(village.persona, key))


def test_an_answer_from_elsewhere_is_changed_at_its_own_home_only(village, henk):
    """Not even with its author in hand does this server change what another server keeps."""
    theirs = village.take(village.answer_by(henk, village.ask()))
    for act in ACTS.values():
        village.refuses(NotYours, "not-yours", *act(henk, theirs.id))


# editing and withdrawing


def test_an_answer_in_other_words_stays_where_it_was(village):
    """Body and perspective change; question, scope and author do not, and others hear of it."""
    answer = village.answer(village.ask(scope=Scope.PILOTS))
    village.happened()
    village.clock.tick(minutes=1)
    sam = village.actor(village.sam)
    changed = village.do(answers.edit, sam, answer.id, "**Nieuw**", Perspective.FAMILY)
    assert changed == replace(
        answer,
        body="**Nieuw**",
        html="<p><strong>Nieuw</strong></p>",
        perspective=Perspective.FAMILY,
        edited_at=village.clock.moment,
    )
    assert village.now(answer) == changed
    assert village.happened() == [AnswerChanged(answer_id=answer.id)]


def test_a_change_of_a_hidden_answer_tells_nobody(village):
    """Its author may mend it; it stays hidden and nothing leaves."""
    answer = village.set(village.answer(village.ask()), status=ReplyStatus.HIDDEN)
    village.happened()
    sam = village.actor(village.sam)
    changed = village.do(answers.edit, sam, answer.id, "Netter", Perspective.RESIDENT)
    assert changed.status is ReplyStatus.HIDDEN
    assert village.happened() == []


def test_an_edit_is_judged_like_a_new_answer(village):
    """What could not be answered cannot be edited in."""
    answer = village.answer(village.ask())
    given = (answers.edit, village.actor(village.sam), answer.id, "\u200b", Perspective.RESIDENT)
    village.refuses(Invalid, "too-short", *given)


def test_a_withdrawn_answer_leaves_the_comments_of_others(village):
    """What others said to it moves one up, in the same thread; its mark goes with it."""
    asked = village.ask()
    answer = village.answer(asked)
    comment = village.answer(asked, village.noor, parent_id=answer.id)
    deeper = village.answer(asked, village.mo, parent_id=comment.id)
    village.do(questions.mark, village.actor(village.noor), asked.id, answer.id, Helped.HELPED)
    village.happened()
    village.do(answers.withdraw, village.actor(village.sam), answer.id)
    assert village.now(answer) is None
    assert village.now(comment) == replace(comment, parent_id=None)
    assert village.now(deeper) == deeper
    assert village.all(Mark) == []
    sam = village.sam.actor_id
    assert village.happened() == [
        Withdrawn(uri=answer.uri, author_id=sam, thread_uri=asked.uri, public=True),
        QuestionChanged(question_id=asked.id),
    ]
    assert village.now(asked).status is QuestionStatus.OPEN  # nothing that is there helped


@pytest.mark.parametrize("scope", Scope)
def test_outsiders_hear_of_a_withdrawal_only_when_it_was_public(village, scope):
    """What was for fewer people leaves no trace for others."""
    answer = village.answer(village.ask(scope=scope))
    village.happened()
    village.do(answers.withdraw, village.actor(village.sam), answer.id)
    assert [event.public for event in village.happened()] == [scope is Scope.PUBLIC]
    assert [grave.public for grave in village.all(Tombstone)] == [scope is Scope.PUBLIC]


# from elsewhere


def test_an_answer_to_what_is_not_here_is_refused(village, henk):
    """Also when it replies to itself, to an offer, or to nothing."""
    offer = village.offer()
    arrived = village.answer_by(henk, offer)
    for uri in (offer.uri, arrived.uri, "", "https://wester.example/q/none", henk.uri):
        village.refuses(Unknown, "unknown", answers.receive, replace(arrived, parent_uri=uri))


@pytest.mark.parametrize(
    ("asked", "standing"),
    [
        ({"scope": Scope.NEIGHBOURHOOD}, Standing.PILOT),
        ({"scope": Scope.NEIGHBOURHOOD}, Standing.OPEN),
        ({"scope": Scope.PILOTS}, Standing.OPEN),
        ({"scope": Scope.PILOTS}, Standing.LIMITED),
        ({"status": QuestionStatus.HELD}, Standing.PILOT),
        ({"status": QuestionStatus.HIDDEN}, Standing.PILOT),
    ],
)
def test_nobody_elsewhere_answers_what_is_not_for_them(village, henk, asked, standing):
    """A question that their server may not know of cannot be told from none, though they kept its address (G05)."""
    village.peer("nieuwland.example", standing)
    question = village.set(village.ask(), **asked)
    village.refuses(Unknown, "unknown", answers.receive, village.answer_by(henk, question))


def test_who_fell_outside_when_a_question_was_narrowed_adds_nothing_to_it(village, eve):
    """Public yesterday, for the pilots today: a stranger who read it then does not answer it now."""
    question = village.ask()
    village.do(questions.narrow, village.actor(village.noor), question.id, Scope.PILOTS)
    village.refuses(Unknown, "unknown", answers.receive, village.answer_by(eve, question))


def test_a_closed_question_takes_no_answers_from_elsewhere_either(village, henk):
    """Klaar, bedankt holds for everybody; what was answered before may still be edited."""
    question = village.ask()
    early = village.take(village.answer_by(henk, question))
    village.do(questions.close, village.actor(village.noor), question.id)
    village.refuses(NotYours, "closed", answers.receive, village.answer_by(henk, question, "a2"))
    village.refuses(NotYours, "closed", answers.receive, village.answer_by(henk, early, "a3"))
    assert village.take(village.edited(village.answer_by(henk, question))).body == "Anders"


def test_a_thread_elsewhere_is_closed_by_its_own_home(village, henk):
    """Answers that its home took in before closing reach us after; we do not judge them."""
    theirs = village.take(village.question_by(henk, status="closed"))
    assert village.take(village.answer_by(henk, theirs)).status is ReplyStatus.SHOWN


def test_answers_to_what_waits_here_are_kept_for_when_it_is_released(village, eve, henk):
    """A question of a stranger that waits for review was readable at its home, and answered there."""
    theirs = village.take(village.question_by(eve))
    assert theirs.status is QuestionStatus.HELD
    assert village.take(village.answer_by(henk, theirs)).question_id == theirs.id


@pytest.mark.parametrize("claimed", [Scope.PILOTS, Scope.PUBLIC])
def test_an_answer_that_claims_more_people_than_its_question_gets_no_more(village, henk, claimed):
    """Whatever it says, it is for no more people than the question (threat G07)."""
    question = village.ask(scope=Scope.PILOTS)
    known = village.take(village.answer_by(henk, question, scope=claimed))
    assert known.scope is Scope.PILOTS


def test_a_comment_that_claims_more_people_than_its_answer_gets_no_more(village, henk):
    """Nor for more than the answer it is on, wherever both come from."""
    question = village.ask()
    narrow = village.take(village.answer_by(henk, question, scope=Scope.PILOTS))
    comment = village.take(village.answer_by(henk, narrow, "a2"))
    assert (comment.scope, comment.parent_id) == (Scope.PILOTS, narrow.id)


def test_a_comment_on_what_its_server_may_not_know_of_is_refused(village, henk, eve):
    """A stranger cannot comment on an answer for pilots, nor anybody on a hidden one of ours."""
    question = village.ask()
    narrow = village.take(village.answer_by(henk, question, scope=Scope.PILOTS))
    village.refuses(Unknown, "unknown", answers.receive, village.answer_by(eve, narrow))
    hidden = village.set(village.answer(question), status=ReplyStatus.HIDDEN)
    village.refuses(Unknown, "unknown", answers.receive, village.answer_by(henk, hidden, "a2"))


def test_an_answer_narrowed_elsewhere_narrows_the_comments_on_it(village, henk):
    """What was said to it, however deep, is for no more people than the answer is now."""
    question = village.ask()
    known = village.take(village.answer_by(henk, question))
    comment = village.answer(question, parent_id=known.id)
    deeper = village.answer(question, village.noor, parent_id=comment.id)
    beside = village.answer(question)
    village.take(village.edited(village.answer_by(henk, question, scope=Scope.PILOTS)))
    assert [village.now(each).scope for each in (known, comment, deeper)] == [Scope.PILOTS] * 3
    assert village.now(beside) == beside


def test_a_long_chain_of_comments_is_narrowed_to_its_end(village, henk):
    """Replies to replies to replies, as many as there are (threat D12)."""
    question = village.ask()
    above = village.take(village.answer_by(henk, question))
    for _ in range(40):
        above = village.answer(question, parent_id=above.id)
    village.take(village.edited(village.answer_by(henk, question, scope=Scope.PILOTS)))
    assert {answer.scope for answer in village.all(Answer)} == {Scope.PILOTS}


def test_an_edit_does_not_move_an_answer(village, henk):
    """A version that replies to something else, or for more people, stays where it was (threat B08)."""
    first, second = village.ask(), village.ask(title="Iets anders")
    known = village.take(village.answer_by(henk, first, scope=Scope.PILOTS))
    moved = village.edited(village.answer_by(henk, second), perspective=Perspective.FAMILY)
    changed = village.take(moved)
    assert (changed.question_id, changed.parent_id, changed.scope) == (first.id, None, Scope.PILOTS)
    assert (changed.id, changed.body, changed.perspective) == (known.id, "Anders", Perspective.FAMILY)


def test_an_answer_of_a_pilot_in_our_thread_is_passed_on(village, henk):
    """In a thread of ours others hear of it through us; elsewhere that is for the home of the thread."""
    question, theirs = village.ask(), village.take(village.question_by(henk))
    village.happened()
    arrived = village.answer_by(henk, question)
    known = village.take(arrived)
    assert village.happened() == [ReplyReceived(answer_id=known.id, activity_uri=arrived.activity_uri)]
    other = village.answer_by(henk, theirs, "a2")
    known = village.take(other)
    assert village.happened() == [Received(kind="answer", thing_id=known.id, activity_uri=other.activity_uri)]


def test_an_answer_of_a_stranger_waits_and_is_passed_on_to_nobody(village, eve):
    """Nor is its change, or its end, while it waits."""
    question = village.ask()
    village.happened()
    known = village.take(village.answer_by(eve, question))
    assert known.status is ReplyStatus.HELD
    assert village.happened() == [Held(kind="answer", thing_id=known.id)]
    changed = village.take(village.edited(village.answer_by(eve, question)))
    assert (changed.body, changed.status) == ("Anders", ReplyStatus.HELD)
    village.do(answers.receive_withdrawal, eve, changed, "https://elsewhere.example/delete")
    assert village.happened() == []


def test_changes_and_ends_go_where_the_answer_went(village, henk):
    """Whoever heard of an answer through us hears of its edit and deletion the same way."""
    question = village.ask()
    known = village.take(village.answer_by(henk, question))
    village.happened()
    edit = village.edited(village.answer_by(henk, question))
    village.take(edit)
    village.do(answers.receive_withdrawal, henk, known, "https://nieuwland.example/delete")
    told = [(event.verb, event.uri, event.activity_uri) for event in village.happened()]
    assert told == [
        ("Update", known.uri, edit.activity_uri),
        ("Delete", known.uri, "https://nieuwland.example/delete"),
    ]


def test_only_its_author_deletes_an_answer_elsewhere(village, henk):
    """Not its neighbour, not the asker; and nobody elsewhere deletes ours (threats B10, B12)."""
    question = village.ask()
    theirs, ours = village.take(village.answer_by(henk, question)), village.answer(question)
    for who in (village.stranger("mallory"), village.actor(village.noor)):
        village.refuses(NotYours, "not-yours", answers.receive_withdrawal, who, theirs, "x")
    for who in (henk, village.actor(village.sam)):
        village.refuses(NotYours, "not-yours", answers.receive_withdrawal, who, ours, "x")


def test_an_answer_deleted_elsewhere_stays_away(village, henk):
    """It does not come back, and what others said to it stays (threat B13)."""
    question = village.ask()
    arrived = village.answer_by(henk, question)
    known = village.take(arrived)
    comment = village.answer(question, parent_id=known.id)
    village.do(answers.receive_withdrawal, henk, known, "x")
    village.refuses(NotYours, "deleted", answers.receive, arrived)
    assert village.now(comment).parent_id is None


def test_a_reply_belongs_to_the_question_above_it(village, henk):
    """Found from a question, an answer or a comment; nothing else is a thread."""
    question = village.ask()
    answer = village.answer(question)
    comment = village.answer(question, parent_id=answer.id)
    assert village.do(answers.thread, question.uri) == (question, None)
    assert village.do(answers.thread, answer.uri) == (question, answer)
    assert village.do(answers.thread, comment.uri) == (question, comment)
    for uri in (village.offer().uri, henk.uri, "", "javascript:alert(1)"):
        assert village.do(answers.thread, uri) is None


def test_posts_of_strangers_are_shown_at_once_where_the_pilot_wants_that():
    """Only the pilot's own setting lets strangers in without review, and never those it limited."""
    village = Village(moderate_outside=False)
    eve = village.stranger("eve", "elsewhere.example")
    question = village.ask()
    assert village.take(village.answer_by(eve, question)).status is ReplyStatus.SHOWN
    village.peer("elsewhere.example", Standing.LIMITED)
    assert village.take(village.answer_by(eve, question, "a2")).status is ReplyStatus.HELD
    assert ReceivedChange not in {type(event) for event in village.happened()}


def test_a_warning_is_the_answers_own_only_when_its_question_does_not_say_it() -> None:
    """Words that stand before the question already are not said twice; the same words with another warning are new."""
    village = Village(moderate_outside=False)
    joep = village.stranger("joep", "mastodon.example")
    asked = village.take(village.question_by(joep, caution=Caution(words="Over rouw", sensitive=True)))
    drafts = ["", "re: iets anders", "Re: Over rouw", "Bloed"]
    made = [village.answer(asked, caution=Caution(words=words)) for words in drafts]
    assert [found.warning for found in made] == ["", "re: iets anders", "", "Bloed"]
    assert len({found.id for found in made}) == 3
    with pytest.raises(Invalid):
        village.answer(asked, caution=Caution(words="x" * 201))
