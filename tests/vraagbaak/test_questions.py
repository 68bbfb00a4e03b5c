"""Asking and what the asker does next; and questions from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.vraagbaak.village import MISSING, Village
from vraagbaak import moderation, questions
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.events import Asked, Forgotten, Held, Marked, Narrowed, QuestionChanged, Received, Withdrawn
from vraagbaak.model import (
    Answer,
    Helped,
    Mark,
    Offer,
    Perspective,
    Pilot,
    Question,
    QuestionStatus,
    ReplyStatus,
    Scope,
    Standing,
    Tombstone,
    Topic,
)
from vraagbaak.questions import Draft

# everything that only the asker may do, as anybody might try it
ACTS = {
    "edit": lambda actor, key, _: (questions.edit, actor, key, Draft(title="Van mij nu")),
    "close": lambda actor, key, _: (questions.close, actor, key),
    "reopen": lambda actor, key, _: (questions.reopen, actor, key),
    "narrow": lambda actor, key, _: (questions.narrow, actor, key, Scope.NEIGHBOURHOOD),
    "withdraw": lambda actor, key, _: (questions.withdraw, actor, key),
    "mark": lambda actor, key, answer: (questions.mark, actor, key, answer, Helped.HELPED),
    "own": lambda actor, key, _: (questions.own, actor, key),
}


# asking


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("", "too-short"),
        ("   \n\t ", "too-short"),
        ("ab", "too-short"),
        ("\u200b\u200e\u202e\ufeff\u2060", "too-short"),
        ("\u200d\u200c\u200d\u200c", "too-short"),
        ("\u3164\u115f\u2800\uffa0", "too-short"),
        ("x" * 201, "too-long"),
        ("x" * 200 + " en nog een heleboel dat stil zou verdwijnen", "too-long"),
        ("é" * 201, "too-long"),
    ],
)
def test_a_title_that_says_too_little_or_too_much_is_refused(village, title, code):
    """A title of nothing, of marks that nobody sees, or of more than 200 characters is no question."""
    asker = village.actor(village.noor)
    assert village.refuses(Invalid, code, questions.ask, asker, Draft(title=title)).field == "title"


def test_a_body_that_is_too_long_is_refused_and_not_cut(village):
    """Ten thousand characters are taken as they are; one more is refused, also behind a break."""
    asker = village.actor(village.noor)
    for body in ("x" * 10_001, "x" * 10_000 + "\n\nen dit nog"):
        refusal = village.refuses(Invalid, "too-long", questions.ask, asker, Draft(title="Vraag", body=body))
        assert refusal.field == "body"
    assert len(village.ask(body="x" * 10_000).body) == 10_000


def test_half_a_character_does_not_break_asking(village):
    """Lone surrogates, which JSON can carry, are left out instead of failing somewhere else."""
    asked = village.ask(title="Vraag \ud83d hier", body="Tekst \udc00 hier")
    assert (asked.title, asked.body) == ("Vraag hier", "Tekst  hier")
    assert asked.html == "<p>Tekst  hier</p>"


@pytest.mark.parametrize("topics", [("",), ("!?",), ("x" * 41,), ("\u202e",), ("\ud83d",)])
def test_what_is_no_topic_is_refused(village, topics):
    """A topic is one or a few words that can stand in a link."""
    draft = Draft(title="Vraag", topics=topics)
    refusal = village.refuses(Invalid, "bad-topic", questions.ask, village.actor(village.noor), draft)
    assert refusal.field == "topics"


def test_a_question_has_five_topics_at_most(village):
    """A sixth is refused and none of them is made; the same one twice counts once."""
    six = tuple(f"onderwerp {number}" for number in range(6))
    draft = Draft(title="Vraag", topics=six)
    village.refuses(Invalid, "too-many-topics", questions.ask, village.actor(village.noor), draft)
    assert village.all(Topic, id="onderwerp-0") == []
    asked = village.ask(topics=("Slapen", "slapen ", "SLAPEN", "geld en schulden"))
    assert asked.topics == ("slapen", "geld-en-schulden")


def test_a_question_is_for_the_neighbourhood_unless_somebody_says_otherwise(village):
    """Private by default: nothing leaves because a field was left out."""
    asked = village.do(questions.ask, village.actor(village.noor), Draft(title="Wie helpt?"))
    assert asked.scope is Scope.NEIGHBOURHOOD


def test_what_was_asked_is_kept_and_told(village):
    """A question is open at once, in the name of its asker and pilot, as text and as safe HTML."""
    asked = village.ask(
        title="  Wie weet\u202e een   fysio? ",
        body="<b>Liefst</b> in de [buurt](javascript:alert(1))",
        wanted=(Perspective.FAMILY,),
        sensitive=True,
    )
    assert village.now(asked) == asked
    assert asked.title == "Wie weet een fysio?"
    assert "<b>" not in asked.html
    assert "href" not in asked.html
    assert (asked.author_id, asked.status) == (village.noor.actor_id, QuestionStatus.OPEN)
    assert (asked.local, asked.sensitive, asked.wanted) == (True, True, (Perspective.FAMILY,))
    assert asked.pilot_id == village.all(Pilot)[0].id
    assert asked.uri == f"https://wester.example/q/{asked.id}"
    assert village.happened() == [Asked(question_id=asked.id)]


@pytest.mark.parametrize(
    ("given", "kept"), [("en", "en"), ("nl", "nl"), ("de", "nl"), ("<script>", "nl"), ("", "nl")]
)
def test_a_language_that_is_not_ours_becomes_the_first_of_ours(village, given, kept):
    """Only the languages of the pilot are believed."""
    assert village.ask(language=given).language == kept


# without an account


def test_what_the_persona_asks_waits_for_review(village):
    """A question without an account is seen by nobody before a moderator has read it."""
    asked = village.ask(village.persona)
    assert asked.status is QuestionStatus.HELD
    assert village.happened() == [Held(kind="question", thing_id=asked.id)]


def test_a_pilot_may_let_the_persona_speak_at_once():
    """Where the pilot chose so, it is open at once."""
    village = Village(moderate_anonymous=False)
    asked = village.ask(village.persona)
    assert asked.status is QuestionStatus.OPEN
    assert village.happened() == [Asked(question_id=asked.id)]


def test_nothing_tells_when_exactly_the_persona_asked(village):
    """The moment, and the id that sorts by it, are of the whole hour (threat G12)."""
    village.clock.tick(minutes=47, seconds=11, milliseconds=13)
    asked = village.ask(village.persona)
    assert asked.published_at == datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    assert asked.edited_at is None
    on_the_hour = village.store.ids.new(asked.published_at)
    assert asked.id[:10] == on_the_hour[:10]
    assert village.ask().id[:10] > asked.id[:10]


def test_two_of_the_persona_in_one_hour_do_not_collide(village):
    """The same rounded moment gives different ids."""
    assert village.ask(village.persona).id != village.ask(village.persona).id


def test_the_persona_is_nobody_and_so_owns_nothing(village):
    """Whoever speaks through the shared persona cannot touch what another said through it."""
    asked = village.ask(village.persona)
    village.do(moderation.release, village.mo, Question, asked.id)
    answer = village.answer(asked)
    for act in ACTS.values():
        village.refuses(NotYours, "not-yours", *act(village.persona, asked.id, answer.id))


# somebody else's


def test_nobody_else_touches_a_question(village, henk):
    """Of a public question everybody but the asker hears that it is not theirs; a moderator too."""
    asked = village.ask()
    answer = village.answer(asked)
    for who in (village.sam, village.mo, henk, village.persona):
        for act in ACTS.values():
            village.refuses(NotYours, "not-yours", *act(village.actor(who), asked.id, answer.id))


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (Scope.NEIGHBOURHOOD, QuestionStatus.OPEN),
        (Scope.PILOTS, QuestionStatus.CLOSED),
        (Scope.PUBLIC, QuestionStatus.HELD),
        (Scope.PUBLIC, QuestionStatus.HIDDEN),
    ],
)
def test_a_question_that_is_not_for_all_cannot_be_told_from_one_that_is_not_there(village, scope, status):
    """Trying to change it is answered as for an id that nobody has: same kind, same code, same words."""
    asked = village.ask()
    answer = village.answer(asked)
    village.set(asked, scope=scope, status=status)
    sam = village.actor(village.sam)
    for act in ACTS.values():
        there = village.refuses(Unknown, "unknown", *act(sam, asked.id, answer.id))
        nowhere = village.refuses(Unknown, "unknown", *act(sam, MISSING, answer.id))
        assert (str(there), there.status) == (str(nowhere), nowhere.status)


def test_a_question_from_elsewhere_is_changed_at_its_own_home_only(village, henk):
    """Not even with its author in hand does this server change what another server keeps."""
    theirs = village.take(village.question_by(henk))
    answer = village.answer(theirs)
    for act in ACTS.values():
        village.refuses(NotYours, "not-yours", *act(henk, theirs.id, answer.id))


# editing, closing, opening again


def test_an_edit_changes_words_and_never_the_audience(village):
    """Other words, the same scope, whatever the draft says; and others hear of it."""
    asked = village.ask(scope=Scope.PILOTS)
    village.happened()
    village.clock.tick(minutes=5)
    draft = Draft(title="Anders", body="Nieuw", scope=Scope.PUBLIC, topics=("slapen",), sensitive=True)
    changed = village.do(questions.edit, village.actor(village.noor), asked.id, draft)
    assert village.now(asked) == changed
    assert (changed.title, changed.html, changed.scope) == ("Anders", "<p>Nieuw</p>", Scope.PILOTS)
    assert (changed.published_at, changed.edited_at) == (asked.published_at, village.clock.moment)
    assert village.happened() == [QuestionChanged(question_id=asked.id)]


def test_an_edit_is_judged_like_a_new_question(village):
    """What could not be asked cannot be edited in."""
    asked = village.ask()
    for draft in (
        Draft(title="x"),
        Draft(title="Goed", topics=("?",)),
        Draft(title="Goed", body="x" * 10_001),
    ):
        with pytest.raises(Invalid):
            village.do(questions.edit, village.actor(village.noor), asked.id, draft)
    assert village.now(asked) == asked


@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.HIDDEN])
def test_a_change_of_what_is_out_of_sight_tells_nobody(village, status):
    """The asker may mend a hidden question; until it is shown again nothing of it leaves."""
    asked = village.ask()
    village.set(asked, status=status)
    village.happened()
    changed = village.do(questions.edit, village.actor(village.noor), asked.id, Draft(title="Netter"))
    assert (changed.title, changed.status) == ("Netter", status)
    assert village.happened() == []


@pytest.mark.parametrize("act", [questions.close, questions.reopen])
@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.HIDDEN])
def test_the_asker_does_not_get_around_review(village, act, status):
    """What waits or was hidden is not the asker's to open or close."""
    asked = village.set(village.ask(), status=status)
    village.refuses(Invalid, "wrong-state", act, village.actor(village.noor), asked.id)


def test_closing_and_opening_again(village):
    """Klaar, bedankt; and answers welcome again. Each is told once, however often it is done."""
    asked, noor = village.ask(), village.actor(village.noor)
    village.happened()
    for _ in range(2):
        assert village.do(questions.close, noor, asked.id).status is QuestionStatus.CLOSED
    assert village.happened() == [QuestionChanged(question_id=asked.id)]
    for _ in range(2):
        assert village.do(questions.reopen, noor, asked.id).status is QuestionStatus.OPEN
    assert village.happened() == [QuestionChanged(question_id=asked.id)]


# narrowing


@pytest.mark.parametrize(
    ("scope", "wider"),
    [
        (Scope.NEIGHBOURHOOD, Scope.PILOTS),
        (Scope.NEIGHBOURHOOD, Scope.PUBLIC),
        (Scope.PILOTS, Scope.PUBLIC),
    ],
)
def test_a_question_is_never_widened(village, scope, wider):
    """More people than it was asked for is refused, also after it was wider before and also when closed."""
    noor = village.actor(village.noor)
    for asked in (village.ask(scope=scope), village.ask()):
        village.do(questions.narrow, noor, asked.id, scope)
        refusal = village.refuses(Invalid, "wider", questions.narrow, noor, asked.id, wider)
        assert refusal.field == "scope"
        village.do(questions.close, noor, asked.id)
        village.refuses(Invalid, "wider", questions.narrow, noor, asked.id, wider)


def test_with_a_question_all_that_was_said_becomes_narrower(village, henk, eve):
    """Answers, comments and offers, ours and others', shown or waiting, are for no more people than the question."""
    asked = village.ask()
    first = village.answer(asked)
    said = [
        first,
        village.answer(asked, parent_id=first.id),
        village.take(village.answer_by(henk, asked)),
        village.take(village.answer_by(eve, asked)),
        village.offer(question_id=asked.id),
        village.take(village.offer_by(henk, asked)),
    ]
    other = village.answer(village.ask(title="Iets anders"))
    village.happened()
    village.do(questions.narrow, village.actor(village.noor), asked.id, Scope.PILOTS)
    assert {village.now(each).scope for each in said} == {Scope.PILOTS}
    village.do(questions.narrow, village.actor(village.noor), asked.id, Scope.NEIGHBOURHOOD)
    assert {village.now(each).scope for each in said} == {Scope.NEIGHBOURHOOD}
    assert village.now(other) == other
    assert village.happened() == [Narrowed(question_id=asked.id)] * 2


def test_narrowing_widens_nothing_that_was_narrower_already(village):
    """A reply that was for fewer people stays so; choosing the same scope again does nothing."""
    asked = village.ask()
    answer = village.set(village.answer(asked), scope=Scope.NEIGHBOURHOOD)
    village.happened()
    village.do(questions.narrow, village.actor(village.noor), asked.id, Scope.PUBLIC)
    assert village.happened() == []
    village.do(questions.narrow, village.actor(village.noor), asked.id, Scope.PILOTS)
    assert village.now(answer).scope is Scope.NEIGHBOURHOOD


# withdrawing


def test_a_withdrawn_question_takes_everything_with_it(village, henk):
    """Question, answers, comments and marks are gone, and each of ours is told to whoever received it."""
    asked = village.ask()
    answer = village.answer(asked)
    comment = village.answer(asked, village.noor, parent_id=answer.id)
    elsewhere = village.answer_by(henk, asked)
    village.take(elsewhere)
    village.do(questions.mark, village.actor(village.noor), asked.id, answer.id, Helped.HELPED)
    village.happened()
    village.do(questions.withdraw, village.actor(village.noor), asked.id)
    assert [village.all(kind) for kind in (Question, Answer, Mark)] == [[], [], []]
    told = village.happened()
    withdrawn = [event for event in told if isinstance(event, Withdrawn)]
    assert {event.uri for event in withdrawn} == {asked.uri, answer.uri, comment.uri}
    assert {event.thread_uri for event in withdrawn} == {asked.uri}
    assert [event for event in told if event not in withdrawn] == [Forgotten(uri=elsewhere.uri)]
    assert {grave.uri for grave in village.all(Tombstone)} == {asked.uri, answer.uri, comment.uri}


@pytest.mark.parametrize("scope", Scope)
def test_outsiders_hear_of_a_withdrawal_only_when_it_was_public(village, scope):
    """What was for fewer people goes without a word to others; after narrowing too."""
    asked = village.ask()
    answer = village.answer(asked)
    village.do(questions.narrow, village.actor(village.noor), asked.id, scope)
    village.happened()
    village.do(questions.withdraw, village.actor(village.noor), asked.id)
    assert {event.public for event in village.happened()} == {scope is Scope.PUBLIC}
    graves = {grave.uri: grave.public for grave in village.all(Tombstone)}
    assert graves == {asked.uri: scope is Scope.PUBLIC, answer.uri: scope is Scope.PUBLIC}


def test_an_offer_to_a_question_goes_with_it(village):
    """'Verwijder overal' takes along what was offered to the question too, and whoever received it hears so."""
    asked = village.ask(scope=Scope.PILOTS)
    offer, standing = village.offer(question_id=asked.id), village.offer()
    village.happened()
    village.do(questions.withdraw, village.actor(village.noor), asked.id)
    assert (village.now(offer), village.now(standing)) == (None, standing)
    assert {event.uri for event in village.happened()} == {asked.uri, offer.uri}


def test_what_was_withdrawn_is_not_there_to_be_withdrawn_again(village):
    """A second time finds nothing."""
    asked = village.ask()
    village.do(questions.withdraw, village.actor(village.noor), asked.id)
    village.refuses(Unknown, "unknown", questions.withdraw, village.actor(village.noor), asked.id)


# what helped


def test_the_asker_says_what_helped_and_may_take_it_back(village):
    """The question is answered as soon as one answer helped and open again when none does."""
    asked, noor = village.ask(), village.actor(village.noor)
    first, second = village.answer(asked), village.answer(asked, body="Of die om de hoek.")
    status = lambda: village.now(asked).status
    village.do(questions.mark, noor, asked.id, first.id, Helped.PARTLY)
    assert status() is QuestionStatus.OPEN
    village.do(questions.mark, noor, asked.id, first.id, Helped.HELPED)
    village.do(questions.mark, noor, asked.id, second.id, Helped.HELPED)
    village.do(questions.mark, noor, asked.id, first.id, Helped.NOT_NOW)
    assert status() is QuestionStatus.ANSWERED
    village.do(questions.mark, noor, asked.id, second.id, None)
    assert status() is QuestionStatus.OPEN
    assert {mark.id: mark.value for mark in village.all(Mark)} == {first.id: Helped.NOT_NOW}


def test_a_mark_is_told_with_what_it_was_before_and_only_when_it_changed(village):
    """Saying the same again, or taking back nothing, tells nobody."""
    asked, noor = village.ask(), village.actor(village.noor)
    answer = village.answer(asked)
    village.happened()
    for value in (None, Helped.HELPED, Helped.HELPED, Helped.PARTLY, None, None):
        village.do(questions.mark, noor, asked.id, answer.id, value)
    told = [(event.value, event.before) for event in village.happened() if isinstance(event, Marked)]
    assert told == [("helped", ""), ("partly", "helped"), ("", "partly")]


def test_nobody_praises_their_own_answer(village):
    """The asker's own answer cannot be marked."""
    asked = village.ask()
    own = village.answer(asked, village.noor)
    noor = village.actor(village.noor)
    village.refuses(Invalid, "own-answer", questions.mark, noor, asked.id, own.id, Helped.HELPED)


@pytest.mark.parametrize("status", [ReplyStatus.HELD, ReplyStatus.HIDDEN])
def test_an_answer_out_of_sight_cannot_be_marked(village, status):
    """Trying it tells as little as an id that nobody has (threat G05)."""
    asked, noor = village.ask(), village.actor(village.noor)
    answer = village.set(village.answer(asked), status=status)
    other = village.answer(village.ask(title="Iets anders"))
    for key in (answer.id, other.id, MISSING):
        village.refuses(Unknown, "unknown", questions.mark, noor, asked.id, key, Helped.HELPED)


def test_a_mark_does_not_open_a_closed_question(village):
    """Whether an answer helped can be said after closing; the question stays closed."""
    asked, noor = village.ask(), village.actor(village.noor)
    answer = village.answer(asked)
    village.do(questions.close, noor, asked.id)
    for value in (Helped.HELPED, None):
        assert village.do(questions.mark, noor, asked.id, answer.id, value).status is QuestionStatus.CLOSED


# from elsewhere


def test_a_question_from_a_pilot_is_there_to_be_read(village, henk):
    """It comes in as its author's server tells it, and is told here."""
    arrived = village.question_by(henk, scope=Scope.PILOTS, topics=("slapen",), status="answered")
    known = village.take(arrived)
    assert (known.local, known.author_id, known.scope) == (False, henk.id, Scope.PILOTS)
    assert (known.status, known.topics) == (QuestionStatus.ANSWERED, ("slapen",))
    assert village.happened()[-1] == Received(
        kind="question", thing_id=known.id, activity_uri=arrived.activity_uri
    )


def test_a_question_from_a_server_nobody_decided_about_waits(village, eve):
    """It is held, whatever it says of its own state."""
    known = village.take(village.question_by(eve, status="answered"))
    assert known.status is QuestionStatus.HELD
    assert village.happened() == [Held(kind="question", thing_id=known.id)]


@pytest.mark.parametrize("status", ["held", "hidden", "open", "", "ANSWERED", "<script>"])
def test_a_state_that_makes_no_sense_means_open(village, henk, status):
    """Another server cannot put a question into a state of our review."""
    assert village.take(village.question_by(henk, status=status)).status is QuestionStatus.OPEN


def test_a_question_cannot_claim_a_pilot_we_do_not_know(village, henk):
    """An unknown neighbourhood is no neighbourhood."""
    assert village.take(village.question_by(henk, pilot_uri="https://x.example/b/x")).pilot_id is None


def test_somebody_else_does_not_change_a_question(village, henk):
    """An edit by another author, on the same or another server, is refused (threats B06, B07)."""
    known = village.take(village.question_by(henk))
    for other in (village.stranger("mallory"), village.stranger("mallory", "third.example")):
        forged = replace(village.edited(village.question_by(henk)), author=other)
        village.refuses(NotYours, "not-yours", questions.receive, forged)
    assert village.now(known) == known


def test_nobody_elsewhere_changes_a_question_of_ours(village, henk):
    """Whoever claims the uri of a local question is refused (threat B12)."""
    asked = village.ask()
    forged = village.edited(village.question_by(henk, uri=asked.uri))
    village.refuses(NotYours, "not-yours", questions.receive, forged)


def test_an_edit_moves_words_and_never_widens(village, henk):
    """Newer words are taken over; a wider scope is not (and stays so at the next edit)."""
    known = village.take(village.question_by(henk, scope=Scope.PILOTS))
    arrived = village.question_by(henk, scope=Scope.PUBLIC, title="Nieuw", status="closed")
    changed = village.take(village.edited(arrived))
    assert (changed.id, changed.title, changed.body) == (known.id, "Nieuw", "Anders")
    assert (changed.scope, changed.status) == (Scope.PILOTS, QuestionStatus.CLOSED)


def test_a_question_narrowed_elsewhere_narrows_what_was_said_to_it(village, henk):
    """Answers and offers of ours under it are for no more people than it is now."""
    known = village.take(village.question_by(henk))
    answer, offer = village.answer(known), village.offer(question_id=known.id)
    village.take(village.edited(village.question_by(henk, scope=Scope.PILOTS)))
    assert village.now(answer).scope is Scope.PILOTS
    assert village.now(offer).scope is Scope.PILOTS


@pytest.mark.parametrize("status", [QuestionStatus.HELD, QuestionStatus.HIDDEN])
def test_an_edit_does_not_get_around_review(village, eve, status):
    """What waits or was hidden stays so, whatever its author changes."""
    village.set(village.take(village.question_by(eve)), status=status)
    assert village.take(village.edited(village.question_by(eve, status="answered"))).status is status


def test_the_asker_elsewhere_says_what_helped(village, henk):
    """A mark by the author of the question counts, and does not travel on from here."""
    known = village.take(village.question_by(henk))
    answer = village.answer(known)
    village.happened()
    village.do(questions.receive_mark, henk, known.uri, answer.uri, Helped.HELPED)
    assert village.now(known).status is QuestionStatus.ANSWERED
    village.do(questions.receive_mark, henk, known.uri, answer.uri, None)
    assert village.now(known).status is QuestionStatus.OPEN
    assert village.all(Mark) == []
    assert village.happened() == []


def test_only_the_asker_elsewhere_says_what_helped(village, henk, eve):
    """Not the answerer, not a neighbour of the asker, not one of ours (threat B21)."""
    known = village.take(village.question_by(henk))
    answer = village.take(village.answer_by(eve, known))
    for who in (eve, village.stranger("mallory"), village.actor(village.sam), village.persona):
        given = (questions.receive_mark, who, known.uri, answer.uri, Helped.HELPED)
        village.refuses(NotYours, "not-yours", *given)


def test_nobody_elsewhere_marks_under_a_question_of_ours(village, henk):
    """Our askers say so here, however the activity is signed."""
    asked = village.ask()
    answer = village.answer(asked)
    for who in (henk, village.actor(village.noor)):
        given = (questions.receive_mark, who, asked.uri, answer.uri, Helped.HELPED)
        village.refuses(NotYours, "not-yours", *given)


def test_a_mark_from_elsewhere_is_on_an_answer_of_that_question(village, henk):
    """A mark that joins what does not belong together, or names nothing, finds nothing (threat B22)."""
    known, other = village.take(village.question_by(henk)), village.take(village.question_by(henk, "q2"))
    answer = village.answer(other)
    for pair in (
        (known.uri, answer.uri),
        (known.uri, known.uri),
        (other.uri, MISSING),
        (MISSING, answer.uri),
    ):
        village.refuses(Unknown, "unknown", questions.receive_mark, henk, *pair, Helped.HELPED)


def test_only_its_author_deletes_a_question_elsewhere(village, henk):
    """Others, also on the same server, delete nothing; and nobody elsewhere deletes ours (threats B10, B12)."""
    known, asked = village.take(village.question_by(henk)), village.ask()
    for who in (village.stranger("mallory"), village.actor(village.noor)):
        village.refuses(NotYours, "not-yours", questions.receive_withdrawal, who, known)
    for who in (henk, village.actor(village.noor)):
        village.refuses(NotYours, "not-yours", questions.receive_withdrawal, who, asked)


def test_a_question_deleted_elsewhere_is_gone_and_stays_away(village, henk):
    """Answers of ours go with it and are told; the question does not come back (threat B13)."""
    arrived = village.question_by(henk)
    known = village.take(arrived)
    answer = village.answer(known)
    village.happened()
    village.do(questions.receive_withdrawal, henk, known)
    assert [village.all(kind) for kind in (Question, Answer, Offer)] == [[], [], []]
    assert [event.uri for event in village.happened()] == [answer.uri]
    village.refuses(NotYours, "deleted", questions.receive, arrived)
    village.refuses(NotYours, "deleted", questions.receive, village.edited(arrived))


@pytest.mark.parametrize("standing", [Standing.OPEN, Standing.LIMITED])
def test_a_narrowed_version_from_a_server_without_trust_is_refused(village, eve, standing):
    """A scope that its server is not trusted with does not come in by way of an edit either."""
    village.peer("elsewhere.example", standing)
    known = village.take(village.question_by(eve))
    narrower = village.edited(village.question_by(eve, scope=Scope.PILOTS))
    village.refuses(NotYours, "scope", questions.receive, narrower)
    assert village.now(known) == known
