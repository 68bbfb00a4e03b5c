"""Whole documents, exactly as they leave: one golden file of each kind, and the rules that every one of them keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld

from federation.documents import (
    ACTOR_CONTEXT,
    AS,
    OBJECT_CONTEXT,
    PROOFS,
    PUBLIC,
    PUBLIC_SPELLINGS,
    VB,
    as_list,
    parse,
)
from federation.vocabulary import read_moment
from tests.federation.sent import GOLDEN, REWRITE, documents, written
from vraagbaak.caution import NEUTRAL

DOCUMENTS = documents()
CONTEXTS = {
    AS: "activitystreams",
    "https://w3id.org/security/v1": "security-v1",
    "https://w3id.org/security/multikey/v1": "multikey-v1",
    PROOFS: "data-integrity-v1",
}
ACTORS = ("application", "group", "person", "person-shared")
each_document = pytest.mark.parametrize("name", DOCUMENTS)


def inside(value: Any) -> Iterator[dict]:
    """The document and every document inside it, contexts left out."""
    if isinstance(value, dict):
        yield value
        for name, inner in value.items():
            if name != "@context":
                yield from inside(inner)
    for inner in value if isinstance(value, list) else ():
        yield from inside(inner)


def notes() -> list[dict]:
    return [node for doc in DOCUMENTS.values() for node in inside(doc) if node.get("type") == "Note"]


def activities() -> list[dict]:
    return [node for doc in DOCUMENTS.values() for node in inside(doc) if "actor" in node]


@each_document
def test_golden(name: str) -> None:
    """What is sent changes only when somebody meant it to."""
    assert (GOLDEN / f"{name}.json").read_text() == written(DOCUMENTS[name]), REWRITE


def test_no_golden_left_over() -> None:
    """Every golden file is of something that is still sent."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(DOCUMENTS), REWRITE


@each_document
def test_readable_for_ourselves(name: str) -> None:
    """What we send passes our own reader of documents, and comes out of it unchanged."""
    assert parse(json.dumps(DOCUMENTS[name]).encode()) == DOCUMENTS[name]


@each_document
def test_context(name: str) -> None:
    """The outermost context names ActivityStreams: Mastodon and GoToSocial drop a document without it."""
    assert DOCUMENTS[name]["@context"][0] == AS


@each_document
def test_ids(name: str) -> None:
    """Ids are lower case, https, without port, short and plain: PieFed and Lemmy refuse or change others."""
    for node in inside(DOCUMENTS[name]):
        found = node.get("id", "https://x.example/")
        assert found == found.lower()
        assert found.isascii()
        assert len(found) < 200
        assert found.startswith("https://")
        assert ":" not in found.removeprefix("https://")


@each_document
def test_one_type(name: str) -> None:
    """A type is one word: Lemmy, Akkoma and Misskey do not look into a list."""
    for node in inside(DOCUMENTS[name]):
        assert isinstance(node.get("type", ""), str)


@each_document
def test_links_of_one_host(name: str) -> None:
    """`url`, collections and inboxes are on the host of the id: Misskey refuses others (behaviour 20 of the twenty)."""
    for node in inside(DOCUMENTS[name]):
        host = "/".join(node.get("id", "").split("/")[:3])
        for member in (
            "url",
            "replies",
            "likes",
            "inbox",
            "outbox",
            "followers",
            "following",
            "featured",
            "vb:helpful",
        ):
            if "id" in node and member in node:
                assert node[member].startswith(f"{host}/")


@each_document
def test_nobody_in_secret(name: str) -> None:
    """Nothing is addressed to somebody that the other receivers cannot see (behaviour 18 of the twenty)."""
    for node in inside(DOCUMENTS[name]):
        assert not {"bto", "bcc"} & set(node)


@each_document
def test_moments(name: str) -> None:
    """Moments are whole xsd:dateTimes, and nothing is changed before it was published (GoToSocial refuses that)."""
    for node in inside(DOCUMENTS[name]):
        for member in ("published", "updated", "deleted"):
            assert member not in node or read_moment(node[member])
        if "updated" in node:
            assert read_moment(node["updated"]) >= read_moment(node["published"])


def test_no_name_on_a_note() -> None:
    """A post has no `name`: GoToSocial makes it the content warning, Akkoma shows it twice, in a reply it is a vote."""
    assert notes()
    assert not [note["id"] for note in notes() if "name" in note]


def test_title_once() -> None:
    """A question's title is the first bold paragraph, `nameMap` and `vb:title`, and stands in the text once."""
    for note in notes():
        if note["vb:kind"] == "question":
            ((language, title),) = note["nameMap"].items()
            assert note["vb:title"] == title
            assert note["content"].startswith(f"<p><strong>{title}</strong></p>")
            assert note["content"].count(title) == 1
            assert note["contentMap"] == {language: note["content"]}


def test_title_only_on_questions() -> None:
    """Answers and offers have no title, in any form."""
    for note in notes():
        if note["vb:kind"] != "question":
            assert not {"nameMap", "vb:title"} & set(note)


def test_content_warning() -> None:
    """Only what is sensitive hides behind a content warning: neutral words, or those that an answerer chose."""
    for note in notes():
        assert ("summary" in note) is note["sensitive"]
        assert note.get("summary") in {None, *NEUTRAL.values(), "Over een sterfgeval"}
    assert DOCUMENTS["answer-warned"]["summary"] == "Over een sterfgeval"
    assert DOCUMENTS["answer-warned"]["sensitive"] is True


def test_answers_in_their_place() -> None:
    """An answer tells what it replies to and in which conversation, and shows its perspective to all software."""
    for name in ("answer", "comment"):
        note = DOCUMENTS[name]
        assert note["inReplyTo"]
        assert note["context"].endswith("/context")
        assert note["content"].endswith(")</p>")
        assert note["source"]["content"].endswith(")")


def test_everything_in_a_neighbourhood_mentions_it() -> None:
    """Every post mentions its neighbourhood, so that replies by GoToSocial to it come home too."""
    for note in notes():
        assert note["audience"] in [tag["href"] for tag in note["tag"] if tag["type"] == "Mention"]


def test_activities_share_the_addressing() -> None:
    """A Create or Update is for exactly the people that the post inside is for (behaviour 18 of the twenty)."""
    for activity in activities():
        if activity["type"] in {"Create", "Update"} and activity["object"]["type"] == "Note":
            for member in ("to", "cc", "audience"):
                assert activity[member] == activity["object"][member]


@pytest.mark.parametrize("name", ["question-pilots", "create-pilots", "announce-pilots", "add-pilots"])
def test_pilots_only(name: str) -> None:
    """What is for the pilots names servers one by one: nothing in it is Public or goes to anybody's followers."""
    for node in inside(DOCUMENTS[name]):
        for receiver in [*as_list(node.get("to")), *as_list(node.get("cc"))]:
            assert receiver in {"https://noord.example/circles/samenbeter", "https://west.example/actor"}
        assert PUBLIC_SPELLINGS.isdisjoint(
            node.get("interactionPolicy", {}).get("canReply", {}).get("automaticApproval", [])
        )


def test_public_in_full() -> None:
    """Public is always written as its whole URI: not everybody knows the other spellings."""
    for doc in DOCUMENTS.values():
        for node in inside(doc):
            named = {*as_list(node.get("to")), *as_list(node.get("cc"))}
            assert named & PUBLIC_SPELLINGS <= {PUBLIC}


@pytest.mark.parametrize("name", ACTORS)
def test_actor_members(name: str) -> None:
    """An actor has all that Lemmy and Mastodon ask for, and keys with a fragment that name it as their owner."""
    doc = DOCUMENTS[name]
    for member in (
        "inbox",
        "outbox",
        "preferredUsername",
        "name",
        "url",
        "webfinger",
        "followers",
        "following",
    ):
        assert doc[member]
    assert doc["endpoints"]["sharedInbox"].startswith("https://noord.example/")
    assert doc["publicKey"]["owner"] == doc["id"]
    assert doc["publicKey"]["id"] == f"{doc['id']}#main-key"
    (method,) = doc["assertionMethod"]
    assert method["controller"] == doc["id"]
    assert method["id"] == f"{doc['id']}#ed25519-key"


@pytest.mark.parametrize("name", ACTORS)
def test_actor_privacy(name: str) -> None:
    """Nobody is found, indexed or searched who did not ask for it; only the neighbourhood can be discovered."""
    doc = DOCUMENTS[name]
    assert doc["discoverable"] is (doc["type"] == "Group")
    assert doc["indexable"] is False
    assert doc["searchableBy"] == []
    assert not {"published", "alsoKnownAs", "attachment"} & set(doc)


def test_the_shared_actor_is_a_person() -> None:
    """Who asks without an account does so through a Person whose profile says that there are several of them."""
    shared = DOCUMENTS["person-shared"]
    assert shared["type"] == "Person"
    assert "verschillende bewoners" in shared["summary"]
    assert shared["vb:shared"] is True
    assert "vb:shared" not in DOCUMENTS["person"]


def test_nothing_of_what_is_deleted() -> None:
    """A Delete and a Tombstone say nothing of what was there."""
    for name in ("delete", "tombstone"):
        for node in inside(DOCUMENTS[name]):
            assert not {"content", "source", "nameMap", "tag", "vb:title", "vb:body", "attributedTo"} & set(
                node
            )


# JSON-LD


def load(url: str, _options: dict) -> dict:
    """The parts of the three contexts that we use, from this folder; nothing else is loaded, from nowhere."""
    text = (Path(__file__).parent / "contexts" / f"{CONTEXTS[url]}.json").read_text()
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": json.loads(text),
    }


def expanded(doc: dict) -> dict:
    (found,) = jsonld.expand(doc, {"documentLoader": load})
    return found


def members(doc: Any) -> Iterator[str]:
    """The names of all members, at any depth."""
    if isinstance(doc, dict):
        yield from doc
        for inner in doc.values():
            yield from members(inner)
    for inner in doc if isinstance(doc, list) else ():
        yield from members(inner)


def plain(value: Any) -> Any:
    """Without contexts, and with the choices of a JSON-LD processor undone.

    These are lists of one, a short Public, and `formerType`, which the context of ActivityStreams takes for a link.
    """
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name != "@context"}
    if isinstance(value, list):
        return plain(value[0]) if len(value) == 1 else [plain(inner) for inner in value]
    return {"as:Public": PUBLIC, "http://example.org/base/Note": "Note"}.get(value, value)


@each_document
def test_json_ld_drops_nothing(name: str) -> None:
    """Who expands what we send and writes it down again has every member and value: all have an IRI."""
    doc = DOCUMENTS[name]
    found = expanded(doc)
    assert all(member.startswith(("@", "http://", "https://")) for member in members(found))
    context = [AS, PROOFS, *OBJECT_CONTEXT[1:], *ACTOR_CONTEXT[1:], *doc["@context"][2:]]
    assert plain(jsonld.compact(found, context, {"documentLoader": load})) == plain(doc)


@each_document
def test_json_ld_id_and_type(name: str) -> None:
    """Expanded, a document has the id and, as a full IRI, the type that it states."""
    doc = DOCUMENTS[name]
    assert expanded(doc)["@id"] == doc["id"]
    ours = doc["type"] == "ChooseAnswer"
    assert expanded(doc)["@type"] == [f"{VB if ours else f'{AS}#'}{doc['type']}"]


@pytest.mark.parametrize(
    "name", ["question-public", "question-sensitive", "answer", "offer-standing", "group"]
)
def test_json_ld_own_members(name: str) -> None:
    """Our own members survive expansion under their full IRI with the same values, empty ones too."""
    doc = DOCUMENTS[name]
    found = expanded(doc)
    own = {member: value for member, value in doc.items() if member.startswith("vb:")}
    assert own
    for member, value in own.items():
        assert [entry["@value"] for entry in found[f"{VB}{member[3:]}"]] == as_list(value)


def test_json_ld_keys() -> None:
    """An actor keeps its keys when it is expanded, alone and inside an Update (FEP-521a)."""
    for doc in (expanded(DOCUMENTS["person"]), expanded(DOCUMENTS["update-person"])[f"{AS}#object"][0]):
        (rsa,), (ed25519,) = (
            doc[f"https://w3id.org/security#{member}"] for member in ("publicKey", "assertionMethod")
        )
        assert rsa["@id"] == "https://noord.example/u/fatma#main-key"
        assert ed25519["@type"] == ["https://w3id.org/security#Multikey"]
        assert ed25519["https://w3id.org/security#controller"] == [{"@id": "https://noord.example/u/fatma"}]
