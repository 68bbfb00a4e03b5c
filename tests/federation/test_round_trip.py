"""What one Vraagbaak writes, another reads back as it was: nothing of a question, answer or offer is lost between them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.actors import group_document, person_document, read_actor
from federation.addressing import address
from federation.documents import Document, parse
from federation.vocabulary import NoteReading, answer_note, offer_note, question_note, read_note
from tests.federation.sent import (
    AT,
    CIRCLE,
    EVERYONE,
    FATMA,
    GROUP,
    HENK,
    NOORD,
    NOORD_PILOT,
    THREAD_IN_WEST,
    answer,
    documents,
    keys_of,
    offer,
    question,
)
from vraagbaak import text
from vraagbaak.audience import Recipients
from vraagbaak.caution import Caution
from vraagbaak.model import Perspective, Question, QuestionStatus, Scope

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

NOW = datetime(2026, 12, 1, tzinfo=UTC)
PIECES = st.sampled_from(
    [
        *(
            "**vet**",
            "- een\n- twee",
            "> zei zij",
            "`code`",
            "```\nblok",
            "1. eerst",
            "[klik](https://a.example/b?c=d&e)",
        ),
        *(
            "<b>",
            "&amp;",
            "<script>",
            "\n\n",
            "\n",
            "  ",
            "\\",
            "é",
            "e\u0301",
            "日本",
            "👩‍👩‍👧",
            "\u202e",
            "\u200b",
            "#kop",
        ),
        *(
            "https://a.example/x_y_z",
            "www.a.example",
            "mail@a.example",
            "'\"",
            "(als bewoner)",
            "\r\n",
            "\t",
            "{{x}}",
        ),
    ]
)
WRITTEN = st.lists(PIECES | st.text(max_size=12), max_size=12).map(" ".join)
TITLES = WRITTEN.map(text.line).filter(lambda title: len(title) >= 3)
BODIES = WRITTEN.map(text.block)
SAID = BODIES.filter(lambda body: len(body) >= 2)
TOPICS = st.lists(st.text(max_size=30).map(text.slug).filter(bool), max_size=5, unique=True).map(tuple)
SCOPES = st.sampled_from([Scope.PUBLIC, Scope.PILOTS])
LANGUAGES = st.sampled_from(["nl", "en"])
MOMENTS = st.integers(0, 10**9).map(lambda spent: AT + timedelta(milliseconds=spent))


def sent(doc: Document) -> Document:
    """The document after a journey as bytes; our own members are the same to the last character."""
    received = parse(json.dumps(doc).encode())
    assert received == doc
    own = {name: value for name, value in doc.items() if name.startswith("vb:")}
    assert own
    for name, value in own.items():
        assert json.dumps(received[name]) == json.dumps(value)
    return received


def reading(doc: Document) -> NoteReading:
    found = read_note(sent(doc), NOW)
    assert found is not None
    return found


def addressed_to(scope: Scope, group_uri: str = NOORD.group_uri) -> Any:
    return address(scope, EVERYONE if scope is Scope.PUBLIC else CIRCLE, FATMA, NOORD, group_uri)


@PATIENT
@given(
    title=TITLES,
    body=BODIES,
    topics=TOPICS,
    scope=SCOPES,
    language=LANGUAGES,
    sensitive=st.booleans(),
    status=st.sampled_from([QuestionStatus.OPEN, QuestionStatus.ANSWERED, QuestionStatus.CLOSED]),
    edited_at=st.none() | MOMENTS,
)
def test_question(edited_at: datetime | None, **written: Any) -> None:
    """A question comes back with its title, text, topics, scope, status, language and sensitivity."""
    asked = question(edited_at=edited_at, **written)
    found = reading(question_note(asked, FATMA, NOORD_PILOT, addressed_to(asked.scope)))
    assert found.kind == "question"
    for name in ("uri", "url", "title", "body", "html", "topics", "scope", "language"):
        assert getattr(found, name) == getattr(asked, name)
    assert found.caution == Caution(sensitive=asked.sensitive)
    for name in ("helpful_uri", "replies_uri", "context_uri", "published_at", "edited_at"):
        assert getattr(found, name) == getattr(asked, name)
    assert found.status == asked.status.value
    assert found.pilot_uri == NOORD_PILOT.uri
    assert (found.author_uri, found.parent_uri) == (FATMA.uri, "")


@PATIENT
@given(
    body=SAID,
    perspective=st.sampled_from(list(Perspective)),
    scope=SCOPES,
    language=LANGUAGES,
    warning=st.just("") | TITLES,
    edited_at=st.none() | MOMENTS.map(lambda at: at + timedelta(hours=2)),
)
def test_answer(edited_at: datetime | None, **written: Any) -> None:
    """An answer comes back with its text, perspective, scope, language and warning, without the words added for others."""
    said = answer(edited_at=edited_at, sensitive=bool(written["warning"]), **written)
    parent = "https://west.example/a/01k2s5"
    found = reading(answer_note(said, FATMA, THREAD_IN_WEST, parent, HENK, addressed_to(said.scope)))
    assert found.kind == "answer"
    for name in ("uri", "url", "body", "html", "perspective", "scope", "language"):
        assert getattr(found, name) == getattr(said, name)
    assert (found.published_at, found.edited_at) == (said.published_at, said.edited_at)
    assert (found.author_uri, found.parent_uri, found.title) == (FATMA.uri, parent, "")
    assert found.caution == Caution(words=said.warning, sensitive=said.sensitive)


@PATIENT
@given(
    body=SAID,
    topics=TOPICS,
    availability=WRITTEN.map(lambda when: text.line(when, 120)),
    scope=SCOPES,
    language=LANGUAGES,
    thread=st.sampled_from([None, THREAD_IN_WEST]),
)
def test_offer(thread: Question | None, **written: Any) -> None:
    """An offer comes back with its text, topics, availability, scope and language, standing or on a question."""
    offered = offer(**written)
    found = reading(offer_note(offered, FATMA, NOORD_PILOT, addressed_to(offered.scope), thread))
    assert found.kind == "offer"
    for name in ("uri", "url", "body", "html", "topics", "availability", "scope", "language"):
        assert getattr(found, name) == getattr(offered, name)
    assert (found.author_uri, found.parent_uri) == (FATMA.uri, thread.uri if thread else "")
    assert found.pilot_uri == NOORD_PILOT.uri


@PATIENT
@given(title=TITLES, body=BODIES)
def test_question_for_other_software(title: str, body: str) -> None:
    """Who does not know our members reads the same title from the first block, exactly once, and then the text."""
    doc = question_note(question(title=title, body=body), FATMA, NOORD_PILOT, addressed_to(Scope.PUBLIC))
    others = {name: value for name, value in doc.items() if not name.startswith(("vb:", "nameMap"))}
    found = read_note(others, NOW)
    assert found is not None
    assert found.title == title
    assert found.body == text.block(text.to_plain(text.from_markdown(body)))


@PATIENT
@given(scope=SCOPES, asker_is_told=st.booleans())
def test_whom_it_concerns(scope: Scope, asker_is_told: bool) -> None:
    """Everybody that a post is addressed to or mentions is seen on the other side, and nobody else."""
    who = Recipients(
        everyone=scope is Scope.PUBLIC, pilots=CIRCLE.pilots, actors=(HENK,) if asker_is_told else ()
    )
    addressing = address(scope, who, FATMA, NOORD, NOORD.group_uri)
    found = reading(answer_note(answer(scope=scope), FATMA, question(), question().uri, HENK, addressing))
    assert found.concerns == {*addressing.to, *addressing.cc, NOORD.group_uri, HENK.uri}
    assert NOORD.group_uri in found.concerns


@pytest.mark.parametrize(
    "name", [name for name, doc in documents().items() if doc["type"] in {"Create", "Update"}]
)
def test_inside_an_activity(name: str) -> None:
    """A post inside an activity reads as the post alone, though its context stands outside."""
    doc = documents()[name]
    if doc["object"]["type"] == "Note":
        alone = read_note({"@context": doc["@context"], **doc["object"]}, NOW)
        assert alone is not None
        assert read_note(parse(json.dumps(doc).encode())["object"], NOW) == alone


@PATIENT
@given(focus=WRITTEN, place=WRITTEN, hours=WRITTEN, city=WRITTEN)
def test_neighbourhood(focus: str, place: str, hours: str, city: str) -> None:
    """A neighbourhood comes back with its name, keys and profile."""
    cut = lambda words: text.line(words, 200)
    pilot = replace(NOORD_PILOT, focus=cut(focus), meeting_place=cut(place), hours=cut(hours), city=cut(city))
    found = read_actor(sent(group_document(pilot, GROUP, keys_of(GROUP))))
    assert found is not None
    for name in ("uri", "kind", "handle", "domain", "name", "url", "inbox", "shared_inbox"):
        assert getattr(found, name) == getattr(GROUP, name)
    assert found.keys == tuple((key.id, key.algorithm, key.public) for key in keys_of(GROUP))
    assert found.profile == {
        "city": pilot.city,
        "focus": pilot.focus,
        "meeting_place": pilot.meeting_place,
        "hours": pilot.hours,
    }


@PATIENT
@given(WRITTEN.map(lambda name: text.line(name, 100)).filter(bool))
def test_person(name: str) -> None:
    """A member comes back with the name that others see, whatever it is."""
    renamed = replace(FATMA, name=name)
    found = read_actor(parse(json.dumps(person_document(renamed, keys_of(FATMA))).encode()))
    assert found is not None
    assert (found.name, found.handle, found.announces) == (name, "fatma", False)
