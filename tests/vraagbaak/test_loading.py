"""Content out of a file: taken in by the same rules as what is written here, or refused with a place."""

from __future__ import annotations

import json

import pytest

from vraagbaak import loading
from vraagbaak.errors import Invalid
from vraagbaak.loading import GivenAnswer, GivenOffer, GivenQuestion, Neighbourhood, Person
from vraagbaak.model import (
    Answer,
    Helped,
    Mark,
    Member,
    Offer,
    Perspective,
    Question,
    QuestionStatus,
    Scope,
)


def encoded(given):
    return json.dumps(given).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"x",
        b"{}",
        b"[1]",
        b'[{"body": "zonder titel"}]',
        b'[{"title": 5}]',
        b'{"pilots": 1}',
        b'[{"title": "\xff"}]',
        b"[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content):
    """In one sentence, whatever is wrong with it."""
    with pytest.raises(Invalid) as refusal:
        loading.read(content, "wester")
    assert (refusal.value.field, refusal.value.code) == ("file", "bad-file")


def test_a_plain_list_holds_questions():
    """The simplest file there is: titles, with or without more."""
    found = loading.read(encoded([{"title": "Wie helpt?"}, {"title": "Wie nog?", "unknown": 1}]), "")
    assert [question.title for question in found.questions] == ["Wie helpt?", "Wie nog?"]


def test_of_several_pilots_the_one_that_is_asked_for_is_taken():
    """Without its name nothing is guessed; a file of one pilot is that pilot."""
    two = encoded({"pilots": [{"slug": "wester"}, {"slug": "oost", "menu": [1], "events": []}]})
    assert loading.read(two, "oost").left_out == {"menu": 1}
    with pytest.raises(Invalid) as refusal:
        loading.read(two, "west")
    assert refusal.value.values == {"slug": "west", "known": "wester, oost"}
    assert loading.read(encoded({"pilots": [{"slug": "oost"}]}), "west").slug == "oost"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (GivenQuestion(title="x"), "title"),
        (GivenQuestion(title="Vraag", scope="iedereen"), "scope"),
        (GivenQuestion(title="Vraag", topics=("?",)), "topics"),
        (GivenQuestion(title="Vraag", answers=(GivenAnswer(text=""),)), "body"),
        (
            GivenQuestion(title="Vraag", answers=(GivenAnswer(text="Ja", perspective="dokter"),)),
            "perspective",
        ),
        (GivenQuestion(title="Vraag", answers=(GivenAnswer(text="Ja", helped="misschien"),)), "helped"),
        (GivenOffer(by="Sam", text=""), "body"),
        (GivenOffer(by="Sam", text="Klussen", scope="wijd"), "scope"),
    ],
)
def test_one_thing_at_fault_leaves_nothing_of_it_behind(village, given, field):
    """A file is held to the rules of asking, answering and offering; the place at fault is named."""
    before = {kind: dict(rows) for kind, rows in village.store.rows.items()}
    with pytest.raises(Invalid) as refusal:
        village.do(loading.load, given)
    assert refusal.value.field == field
    assert village.store.rows == before


def test_what_has_no_name_is_said_by_the_persona_and_open(village):
    """It was read by whoever made the file, so it does not wait."""
    village.do(loading.load, GivenQuestion(title="Wie helpt?", topic="slapen", scope="proeftuinen"))
    (question,) = village.all(Question)
    assert (question.author_id, question.status) == (village.persona.id, QuestionStatus.OPEN)
    assert (question.scope, question.topics) == (Scope.PILOTS, ("slapen",))


def test_answers_keep_their_perspective_and_what_the_asker_said(village):
    """In Dutch or in the words of the API; a mark is the asker's."""
    said = GivenAnswer(text="Ja", by=Person(name="Ilse", role="ervaringsdeskundige"), helped="geholpen")
    village.do(loading.load, GivenQuestion(title="Wie helpt?", answers=(said,)))
    (answer,) = village.all(Answer)
    assert answer.perspective is Perspective.EXPERIENCE_EXPERT
    assert [mark.value for mark in village.all(Mark)] == [Helped.HELPED]
    assert village.all(Question)[0].status is QuestionStatus.ANSWERED


@pytest.mark.parametrize("name", ["Beheer", "Huisarts", "X", "<script>", "é"])
def test_people_out_of_a_file_pose_as_nobody(village, name):
    """A name that cannot be a handle gets another handle; nobody can sign in with it, and it has no power."""
    for _ in range(2):
        village.do(loading.load, GivenOffer(by=name, text="Klussen"))
    offers = village.all(Offer)
    made = village.do(lambda tx: tx.one(Member, actor_id=offers[0].helper_id))
    assert {offer.helper_id for offer in offers} == {made.actor_id}
    assert (made.password_hash, made.moderates) == ("", False)
    assert made.handle != name.lower()


def test_a_neighbourhood_is_gone_through_in_the_order_of_its_file():
    """Questions first, then offers; nothing twice."""
    question, offer = GivenQuestion(title="Vraag"), GivenOffer(by="Sam", text="Klussen")
    given = Neighbourhood(questions=(question,), offers=(offer,))
    assert list(given.items()) == [question, offer]
    assert len(given) == 2
