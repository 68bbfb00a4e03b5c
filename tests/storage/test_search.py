"""Similar questions: found by meaning, only by who may see them, the same on both databases, gone when they are gone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from storage import reindexing, search
from storage.tables import terms
from tests.storage.things import actor, add, answer, offer, question
from vraagbaak.audience import PASSER_BY, Viewer
from vraagbaak.model import Actor, Answer, Offer, Question, QuestionStatus, ReplyStatus, Scope, Standing
from vraagbaak.thesaurus import Thesaurus, parse

PILOT = Viewer(standing=Standing.PILOT)
REFUSED = Viewer(standing=Standing.REFUSED)

ASKED = {
    "slapen": ("Ik lig elke nacht wakker", "Pillen wil ik niet."),
    "huisarts": ("Hoe vind ik een huisarts die nieuwe mensen aanneemt?", ""),
    "toeslag": ("Wie helpt mij met de kinderopvangtoeslag?", "Ik snap het formulier niet."),
    "fiets": ("Mijn fietsband is lek", "Wie heeft plakspullen?"),
    "schuld": ("De deurwaarder stond voor de deur", "Ik durf mijn post niet te openen."),
}


HOSTILE = [
    "",
    " ",
    "😀😀😀",
    "de het een",
    "%_\\",
    "' OR 1=1 --",
    '"huisarts" NEAR(AND OR NOT *)',
    "huisarts\x00\ud800\udfff",
    "a" * 10_000,
    "huisarts " * 1_100,
    " ".join(f"woord{number}" for number in range(2_000)),
    "طبيب الأسرة",
    "家庭医生",
    "ß" * 5_000,
    "\u0301" * 5_000,
    "?fts =fiets ^fiets #vervoer ~fiets",
]


@pytest.fixture
def asked(store):
    store.run_now(add, actor())
    for key, (title, body) in ASKED.items():
        store.run_now(add, question(key, title=title, body=body))
    return store


def found(store, query, viewer=PASSER_BY, limit=5):
    return [hit.id for hit in store.read_now(search.similar_questions, viewer, query, limit)]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("huisarts vinden", "huisarts"),
        ("dokter gezocht", "huisarts"),
        ("toeslag voor de opvang van mijn kinderen", "toeslag"),
        ("kinderopfangtoeslach", "toeslag"),
        ("slapeloosheid", "slapen"),
        ("lekke band van mijn fiets", "fiets"),
        ("schulden en incasso", "schuld"),
    ],
)
def test_a_question_is_found_by_other_words(asked, query, key):
    """By stems, parts of compounds, slips of the pen and words that mean the same."""
    assert found(asked, query)[0] == key


@pytest.mark.postgres
def test_both_databases_give_the_same_answer(store_factory, postgres_url):
    """The same questions in the same order with the same scores, whatever is asked."""
    stores = [store_factory(), store_factory(postgres_url)]
    for each in stores:
        each.run_now(add, actor())
        for key, (title, body) in ASKED.items():
            each.run_now(add, question(key, title=title, body=body))
            each.run_now(add, question(f"{key}-2", title=body or title, body=title))
    queries = [
        *(title for title, _ in ASKED.values()),
        *HOSTILE,
        "dokter, toeslag en geld",
        "slaap kind werk",
    ]
    for query in queries:
        one, other = (each.read_now(search.similar_questions, PASSER_BY, query, 10) for each in stores)
        assert one == other


def test_g11_only_what_a_viewer_may_see_is_found_or_counted(asked):
    """Neither the list nor a score changes for a passer-by when others ask among themselves."""
    before = asked.read_now(search.similar_questions, PASSER_BY, "huisarts", 5)
    asked.run_now(add, question("buurt", title="Huisarts gezocht", scope=Scope.NEIGHBOURHOOD))
    asked.run_now(add, question("kring", title="Huisarts gevraagd", scope=Scope.PILOTS))
    asked.run_now(add, question("wacht", title="Huisarts en nog eens huisarts", status=QuestionStatus.HELD))
    asked.run_now(add, question("weg", title="Huisarts nodig", status=QuestionStatus.HIDDEN))
    assert asked.read_now(search.similar_questions, PASSER_BY, "huisarts", 5) == before
    assert set(found(asked, "huisarts", PILOT)[:2]) == {"huisarts", "kring"}
    assert found(asked, "huisarts", REFUSED) == []


def count(store, kind):
    return store.read_now(
        lambda reading: reading.execute(select(func.count()).select_from(terms[kind])).scalar()
    )


def test_g20_no_term_outlives_what_it_stands_for(asked):
    """Hidden, withdrawn or gone with its author: no trace of a word remains in the index."""
    asked.run_now(add, answer(question_id="fiets"), offer(question_id="fiets"))
    assert count(asked, Answer) > 0 < count(asked, Offer)
    hidden = replace(asked.run_now(lambda tx: tx.get(Question, "huisarts")), status=QuestionStatus.HIDDEN)
    asked.run_now(lambda tx: tx.save(hidden))
    assert "huisarts" not in found(asked, "huisarts")
    asked.run_now(lambda tx: tx.save(replace(tx.get(Answer, "answer"), status=ReplyStatus.HIDDEN)))
    assert count(asked, Answer) == 0
    asked.run_now(lambda tx: tx.remove(tx.get(Question, "toeslag")))
    assert "toeslag" not in found(asked, "kinderopvangtoeslag")
    asked.run_now(lambda tx: tx.remove(tx.get(Actor, "actor")))
    assert (count(asked, Question), count(asked, Offer)) == (0, 0)


def test_other_words_and_other_people_count_from_the_same_moment(asked):
    """An edit is found by its new words only; a narrower question by fewer people."""
    asked.run_now(
        lambda tx: tx.save(replace(tx.get(Question, "fiets"), title="Wie leent mij een boormachine?"))
    )
    assert found(asked, "boor lenen")[0] == "fiets"
    asked.run_now(lambda tx: tx.save(replace(tx.get(Question, "schuld"), scope=Scope.PILOTS)))
    assert "schuld" not in found(asked, "deurwaarder")
    assert found(asked, "deurwaarder", PILOT)[0] == "schuld"


def test_a_unit_that_fails_leaves_no_terms(asked):
    """The index is part of the transaction."""
    before = count(asked, Question)

    def broken(tx):
        tx.add(question("nieuw", title="Wie kent een tandarts?"))
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        asked.run_now(broken)
    assert count(asked, Question) == before


@pytest.mark.parametrize("query", HOSTILE)
def test_d26_whatever_is_asked_gets_a_list(asked, query):
    """Empty, huge, in other scripts, or full of what some database might read as its own: a list, and the right one."""
    expected = [key for key in ("huisarts", "fiets") if key in query]
    assert found(asked, query)[:1] == expected


def test_other_scripts_are_found_too(store):
    """A question in other scripts is found by its own words."""
    store.run_now(add, actor(), question("arabisch", title="طبيب الأسرة"))
    assert found(store, "طبيب") == ["arabisch"]


def test_another_thesaurus_makes_the_index_anew(asked, store_factory, url, clock):
    """After an edit of the file everything is found by its new groups, and once is enough."""
    assert found(asked, "zwiep") == []
    said = []
    assert reindexing.refresh(asked, lambda done, total: said.append((done, total))) == len(ASKED)
    assert said == [(0, len(ASKED)), (len(ASKED), len(ASKED))]
    assert reindexing.refresh(asked, lambda done, total: said.append((done, total))) == 0
    asked.close()
    other = store_factory(url, clock=clock, known=Thesaurus(tuple(parse("zwiep, fietsband"))))
    assert reindexing.refresh(other, lambda *_: None) == len(ASKED)
    assert found(other, "zwiep") == ["fiets"]
