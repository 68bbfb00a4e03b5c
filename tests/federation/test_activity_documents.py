"""How each activity of ours is written: who says it, about what, and to whom; nothing more goes along."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from federation.activities import (
    accept,
    add,
    announce,
    create,
    delete,
    follow,
    like,
    reject,
    undo,
    update,
)
from federation.activities.envelope import addressing_of, envelope
from federation.actors import person_document
from federation.documents import ACTOR_CONTEXT, AS, OBJECT_CONTEXT, PUBLIC, parse
from tests.federation.sent import FATMA, GROUP, HENK, PASSER, documents, keys_of, question
from tests.federation.test_golden import load
from vraagbaak.model import Helped

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

URI = "https://noord.example/act/1"
SENT = documents()
NOTE = SENT["question-public"]
FOREIGN = {
    "@context": [AS, "https://forum.example/context.json", {"votes": "https://forum.example/ns#votes"}],
    "id": "https://forum.example/act/1",
    "type": "Create",
    "actor": "https://forum.example/u/joep",
    "to": PUBLIC,
    "object": {
        "id": "https://forum.example/post/1",
        "type": "Note",
        "attributedTo": "https://forum.example/u/joep",
        "inReplyTo": "https://noord.example/q/01k2m7",
        "content": "Ja.",
        "votes": 3,
        "custom": [1.5, None, {"@context": "https://forum.example/inner.json"}],
    },
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022", "proofValue": "z5"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


# The outside


@PATIENT
@given(st.dictionaries(st.text(), JSON) | st.text())
def test_the_inside_goes_along_as_it_is(inside: Any) -> None:
    """What an activity is about stands in it exactly as it was given, and is not changed by it."""
    before = json.dumps(inside)
    doc = envelope("Create", URI, FATMA.uri, inside)
    assert doc["object"] == inside
    assert json.dumps(inside) == before


def test_the_same_context_stands_once() -> None:
    """A document of ours inside an activity of ours does not repeat the context."""
    doc = envelope("Create", URI, FATMA.uri, NOTE)
    assert doc["@context"] == list(OBJECT_CONTEXT)
    assert "@context" not in doc["object"]
    assert {"@context": list(OBJECT_CONTEXT), **doc["object"]} == NOTE
    assert NOTE["@context"]


def test_an_actor_keeps_its_context() -> None:
    """An actor inside an activity keeps its own context: without it a JSON-LD reader finds no keys."""
    person = person_document(FATMA, keys_of(FATMA))
    assert update.build(URI, person, FATMA.uri)["object"] == person
    assert person["@context"] == list(ACTOR_CONTEXT)


def test_what_others_said_is_passed_on_exactly() -> None:
    """An activity of another server is passed on exactly as it came, so that its proof still holds (FEP-1b12, FEP-8b32)."""
    given_text = json.dumps(FOREIGN)
    doc = announce.build(URI, GROUP.uri, json.loads(given_text), public=True)
    assert json.dumps(doc["object"]) == given_text
    assert parse(json.dumps(doc).encode())["object"] == FOREIGN


def test_context_of_others_stays_inside() -> None:
    """The context of what is passed on says nothing about our own members around it."""
    renamed = {"@context": [AS, {"actor": "https://evil.example/ns#actor"}], "object": NOTE["id"]}
    inside = FOREIGN | renamed
    (found,) = jsonld.expand(announce.build(URI, GROUP.uri, inside, public=True), {"documentLoader": load})
    assert found[f"{AS}#actor"] == [{"@id": GROUP.uri}]
    (inner,) = found[f"{AS}#object"]
    assert "https://evil.example/ns#actor" in inner


@pytest.mark.parametrize("name", [name for name, doc in SENT.items() if "actor" in doc])
def test_who_says_it(name: str) -> None:
    """Every activity has an id and an actor of this server, one object and a context."""
    doc = SENT[name]
    assert list(doc)[:4] == ["@context", "id", "type", "actor"]
    for member in ("id", "actor"):
        assert doc[member].startswith("https://noord.example/")
    assert doc["object"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"to": ["a"], "cc": [], "audience": "b", "content": "x"}, {"to": ["a"], "cc": [], "audience": "b"}),
        ({"to": ["a"]}, {"to": ["a"]}),
        ({"bto": ["a"], "bcc": ["b"]}, {}),
        ({}, {}),
    ],
)
def test_addressing_is_shared(document: dict, expected: dict) -> None:
    """An activity takes over the open addressing of what is inside, and only that."""
    assert addressing_of(document) == expected


# Each of them


def test_create() -> None:
    """A Create is by the author, at the moment of the post, to whom the post is for."""
    doc = create.build(URI, NOTE)
    assert (doc["type"], doc["actor"], doc["published"]) == ("Create", FATMA.uri, NOTE["published"])
    assert addressing_of(doc) == addressing_of(NOTE)


def test_update() -> None:
    """An Update is to whom the post inside is for, and holds all of it."""
    edited = SENT["update"]["object"]
    doc = update.build(URI, edited, FATMA.uri)
    assert (doc["type"], doc["actor"], doc["object"]) == ("Update", FATMA.uri, edited)
    assert addressing_of(doc) == addressing_of(edited)


@pytest.mark.parametrize("public", [True, False])
def test_delete(public: bool) -> None:
    """A Delete names what is gone and says nothing of it; only what was public is deleted in public."""
    doc = delete.build(URI, FATMA.uri, NOTE["id"], public=public)
    assert doc["object"] == {"id": NOTE["id"], "type": "Tombstone"}
    assert addressing_of(doc) == ({"to": [PUBLIC]} if public else {})


def test_follow() -> None:
    """A Follow is to whom it is about, and to nobody else."""
    doc = follow.build(URI, GROUP.uri, HENK.uri)
    assert (doc["type"], doc["actor"], doc["object"]) == ("Follow", GROUP.uri, HENK.uri)
    assert addressing_of(doc) == {"to": [HENK.uri]}


@pytest.mark.parametrize(("activity", "kind"), [(accept, "Accept"), (reject, "Reject")])
def test_answer_to_a_follow(activity: Any, kind: str) -> None:
    """A yes or no holds the whole Follow with its id, and goes to who asked."""
    asked = follow.build("https://mastodon.example/follows/1", PASSER.uri, GROUP.uri)
    doc = activity.build(URI, GROUP.uri, asked)
    assert (doc["type"], doc["actor"]) == (kind, GROUP.uri)
    assert addressing_of(doc) == {"to": [PASSER.uri]}
    assert {"@context": asked["@context"], **doc["object"]} == asked


@pytest.mark.parametrize(
    "inner",
    [follow.build(URI, GROUP.uri, HENK.uri), like.build(URI, FATMA.uri, "https://a.example/1", HENK.uri)],
)
def test_undo(inner: dict) -> None:
    """An Undo is by who said the first thing, to whom it was said, and holds all of it."""
    doc = undo.build("https://noord.example/act/2", inner)
    assert (doc["type"], doc["actor"], doc["to"]) == ("Undo", inner["actor"], inner["to"])
    assert {"@context": inner["@context"], **doc["object"]} == inner


def test_undo_of_what_was_said_to_nobody() -> None:
    """An Undo of something without receivers has none either."""
    assert undo.build(URI, {"id": "x", "type": "Like", "actor": FATMA.uri})["to"] == []


@pytest.mark.parametrize("inside", [NOTE["id"], SENT["create"], FOREIGN])
def test_announce(inside: Any) -> None:
    """The neighbourhood passes on to everybody who follows it, or to named servers and nobody else."""
    doc = announce.build(URI, GROUP.uri, inside, public=True)
    assert (doc["to"], doc["cc"]) == ([PUBLIC], [f"{GROUP.uri}/followers"])
    doc = announce.build(URI, GROUP.uri, inside, public=False, servers=("https://west.example/actor",))
    assert addressing_of(doc) == {"to": ["https://west.example/actor"]}
    assert addressing_of(announce.build(URI, GROUP.uri, inside, public=False)) == {"to": []}


@pytest.mark.parametrize(("mark", "word"), [(Helped.HELPED, "accepted"), (Helped.PARTLY, "partly")])
def test_add(mark: Helped, word: str) -> None:
    """An Add puts the answer in the question's own `helpful` collection, with the asker's word."""
    doc = add.build(URI, FATMA.uri, "https://west.example/a/1", question(), mark, {"to": [PUBLIC]})
    assert (doc["type"], doc["object"], doc["target"]) == (
        "Add",
        "https://west.example/a/1",
        question().helpful_uri,
    )
    assert (doc["vb:mark"], doc["to"]) == (word, [PUBLIC])


def test_not_now_is_never_said() -> None:
    """There is no word on the wire for an answer that did not help: that stays between the asker and this server."""
    assert set(add.ON_THE_WIRE) == {Helped.HELPED, Helped.PARTLY}


def test_remove() -> None:
    """A Remove takes the answer out of the same collection, and tells no word."""
    elsewhere = replace(question(), helpful_uri="https://west.example/q/1/helpful")
    doc = add.build_removal(URI, FATMA.uri, "https://west.example/a/1", elsewhere, {"to": [PUBLIC]})
    assert (doc["type"], doc["object"], doc["target"]) == (
        "Remove",
        "https://west.example/a/1",
        "https://west.example/q/1/helpful",
    )
    assert "vb:mark" not in doc


def test_like() -> None:
    """A Like goes to who wrote what is liked, and to nobody else: likes are counted for nobody."""
    doc = like.build(URI, FATMA.uri, "https://west.example/a/1", HENK.uri)
    assert (doc["type"], doc["actor"], doc["object"]) == ("Like", FATMA.uri, "https://west.example/a/1")
    assert addressing_of(doc) == {"to": [HENK.uri]}
