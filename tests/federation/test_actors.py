"""What is read of an actor by whatever software, from the worst input to the best, and how ours are written."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.actors import (
    FEP_1B12,
    ActorReading,
    application_document,
    group_document,
    person_document,
    read_actor,
)
from federation.documents import AS, CAPS, IMPLEMENTS, same_origin
from tests.federation.sent import (
    APPLICATION,
    ED25519_PUBLIC,
    FATMA,
    GROUP,
    NOORD,
    NOORD_PILOT,
    PERSONA,
    RSA_PUBLIC,
    keys_of,
)
from tests.federation.test_vocabulary import HUGE, JSON, SCRIPTS, WRONG, check_html
from vraagbaak.model import ActorKind

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

JOEP: dict[str, Any] = {
    "id": "https://forum.example/u/joep",
    "type": "Person",
    "preferredUsername": "joep",
    "name": "Joep",
    "inbox": "https://forum.example/u/joep/inbox",
    "outbox": "https://forum.example/u/joep/outbox",
    "url": "https://forum.example/@joep",
    "endpoints": {"sharedInbox": "https://forum.example/inbox"},
    "publicKey": {
        "id": "https://forum.example/u/joep#main-key",
        "owner": "https://forum.example/u/joep",
        "publicKeyPem": RSA_PUBLIC,
    },
}
MEMBERS = (
    *("@context", "@type", "assertionMethod", "endpoints", "followers", "icon", "id", "implements", "inbox"),
    *("name", "nameMap", "outbox", "preferredUsername", "publicKey", "summary", "summaryMap", "type", "url"),
    *("vb:city", "vb:focus", "vb:hours", "vb:meetingPlace", "vb:neighbourhood", "webfinger"),
)


def read(**members: Any) -> ActorReading:
    """What is read of Joep with these members; one that is `...` is left out."""
    found = read_actor({name: value for name, value in (JOEP | members).items() if value is not ...})
    assert found is not None
    return found


def check_cleaned(found: ActorReading) -> None:
    """Every field is of the type that it says, cleaned, and speaks for no other host than that of the actor."""
    assert isinstance(found.kind, ActorKind)
    for link in (found.inbox, found.url):
        assert same_origin(link, found.uri)
    for link in (found.shared_inbox, found.outbox, found.neighbourhood):
        assert link == "" or same_origin(link, found.uri)
    assert found.uri.split("/")[2].lower().startswith(found.domain.split(":")[0])
    assert re.fullmatch(r"[^\s@/?#<>]{1,253}", found.handle)
    assert 0 < len(found.name) <= 100
    assert set(found.profile) == {"city", "focus", "meeting_place", "hours"}
    for line in (found.name, *found.profile.values()):
        assert isinstance(line, str)
        assert len(line) <= 200
        assert "\n" not in line
    check_html(found.summary)
    assert len(found.keys) <= 2 * CAPS.keys
    for name, algorithm, public in found.keys:
        assert same_origin(name, found.uri)
        assert algorithm in {"rsa", "ed25519"}
        assert isinstance(public, str)
    assert isinstance(found.announces, bool)


# Any JSON


@PATIENT
@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
def test_any_json_in_a_whole_actor(members: dict) -> None:
    """An actor with any JSON in any of its members is read, cleaned, or is no actor; nothing is raised (threat D07)."""
    found = read_actor(JOEP | members)
    if found is not None:
        check_cleaned(found)


@PATIENT
@given(st.dictionaries(st.sampled_from(MEMBERS) | st.text(), JSON))
def test_any_json_at_all(doc: dict) -> None:
    """Whatever JSON object comes in, it is read or it is no actor; nothing is raised."""
    found = read_actor(doc)
    if found is not None:
        check_cleaned(found)


@pytest.mark.parametrize("member", MEMBERS)
def test_wrong_type_in_each_member(member: str) -> None:
    """A member of a wrong type, empty or nested, is as if it were not there, or the actor is no actor."""
    for value in WRONG:
        for form in (value, [value, value], {"id": value}, {"sharedInbox": value}, {"publicKeyPem": value}):
            found = read_actor(JOEP | {member: form})
            if found is not None:
                check_cleaned(found)


@pytest.mark.parametrize("member", ["id", "type", "inbox"])
@pytest.mark.parametrize("value", [..., None, 5, "", "x", [], {}, [[]], "javascript:alert(1)", ["Note"]])
def test_not_an_actor(member: str, value: Any) -> None:
    """Without an id, a kind or an inbox that can be read there is no actor (threat B31)."""
    doc = JOEP | {member: value}
    assert read_actor({name: kept for name, kept in doc.items() if kept is not ...}) is None


@pytest.mark.parametrize(
    "kind", ["Note", "Create", "person", "Actor", "Bot", ["Note", "Custom"], {"id": "Person"}]
)
def test_other_types(kind: Any) -> None:
    """What is none of the five kinds of actor is no actor."""
    assert read_actor(JOEP | {"type": kind}) is None


@pytest.mark.parametrize("kind", ActorKind)
def test_kinds(kind: ActorKind) -> None:
    """The five kinds of actor are read, in every spelling and in a list."""
    for form in (kind.value, f"as:{kind}", f"{AS}#{kind}", [kind.value], ["Custom", kind.value]):
        assert read(type=form).kind is kind


# Other hosts


@pytest.mark.parametrize(
    "inbox",
    [
        "https://evil.example/inbox",
        "http://forum.example/u/joep/inbox",
        "https://forum.example:8443/inbox",
        "https://forum.example@evil.example/inbox",
        "https://sub.forum.example/inbox",
        "https://forum.example.evil.example/inbox",
        "//forum.example/inbox",
        "/inbox",
    ],
)
def test_inbox_elsewhere(inbox: str) -> None:
    """An actor whose inbox is on another host is no actor; a shared inbox there is left out."""
    assert read_actor(JOEP | {"inbox": inbox}) is None
    assert read(endpoints={"sharedInbox": inbox}).shared_inbox == ""
    assert read(outbox=inbox).outbox == ""
    assert read(**{"vb:neighbourhood": inbox}).neighbourhood == ""


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://evil.example/@joep",
        'https://forum.example/"onclick="alert(1)',
        {"type": "Link", "href": "https://evil.example/"},
        {"type": "Link", "href": {"href": "https://forum.example/"}},
        ["javascript:alert(1)", 5, None],
        [*["https://evil.example/"] * 100_000, "https://forum.example/"],
    ],
)
def test_url_elsewhere(url: Any) -> None:
    """A link to a script or to another host is not shown: the id stands in for it (threat E03)."""
    assert read(url=url).url == JOEP["id"]


def test_id_of_another_spelling() -> None:
    """The domain is the canonical one of the id, however it is spelled (threats B05, F01)."""
    found = read(id="https://FORUM.example.:443/u/joep")
    assert found.domain == "forum.example"
    assert read(id="https://forum.example:8443/u/joep", inbox="https://forum.example:8443/i").domain == (
        "forum.example:8443"
    )


# Keys


@pytest.mark.parametrize(
    "key",
    [
        {"owner": "https://forum.example/u/sara"},
        {"owner": "https://evil.example/u/joep"},
        {"owner": ["https://forum.example/u/joep"]},
        {"owner": {"id": "https://forum.example/u/joep"}},
        {"owner": None},
        {"owner": "HTTPS://forum.example/u/joep"},
        {"id": "https://evil.example/u/joep#main-key"},
        {"id": None},
        {"id": 5},
        {"id": ""},
        {"id": "#main-key"},
        {"publicKeyPem": None},
        {"publicKeyPem": [RSA_PUBLIC]},
        {"publicKeyPem": {"@value": RSA_PUBLIC}},
    ],
)
def test_a26_keys_of_others(key: dict) -> None:
    """A key that names another owner or stands on another host is no key of this actor (threats A21, A26)."""
    assert read(publicKey=JOEP["publicKey"] | key).keys == ()
    assert len(read(publicKey=[JOEP["publicKey"] | key, JOEP["publicKey"]]).keys) == 1


def test_key_only_named() -> None:
    """A key that is only named, not shown, is not guessed."""
    assert read(publicKey="https://forum.example/u/joep#main-key").keys == ()
    assert read(assertionMethod=["https://forum.example/u/joep#ed25519-key"], publicKey=...).keys == ()


def test_keys_of_both_kinds() -> None:
    """RSA and Ed25519 keys are read where each kind is listed, several of each, ten at most."""
    method = {
        "id": "https://forum.example/u/joep#ed",
        "type": "Multikey",
        "controller": JOEP["id"],
        "publicKeyMultibase": ED25519_PUBLIC,
    }
    assert read(assertionMethod=method).keys == (
        ("https://forum.example/u/joep#main-key", "rsa", RSA_PUBLIC),
        ("https://forum.example/u/joep#ed", "ed25519", ED25519_PUBLIC),
    )
    assert (
        read(assertionMethod=[method | {"controller": "https://forum.example/u/sara"}], publicKey=...).keys
        == ()
    )
    assert (
        len(read(publicKey=[JOEP["publicKey"]] * 100, assertionMethod=[method] * 100).keys) == 2 * CAPS.keys
    )


def test_key_in_the_wrong_place() -> None:
    """A key of one kind where the other kind is listed is not read as the other (threat A20)."""
    assert (
        read(publicKey={"id": f"{JOEP['id']}#a", "owner": JOEP["id"], "publicKeyMultibase": "z6Mk"}).keys
        == ()
    )
    method = {"id": f"{JOEP['id']}#a", "controller": JOEP["id"], "publicKeyPem": RSA_PUBLIC}
    assert read(publicKey=..., assertionMethod=[method]).keys == ()


# Names


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts(script: str) -> None:
    """No script comes out of an actor's profile; in a name it is text (threats E01, E02)."""
    for members in (
        {"summary": script},
        {"summary": ..., "summaryMap": {"nl": script}},
        {"name": script},
        {"name": ..., "nameMap": {"nl": script}},
        {"preferredUsername": script},
        {"vb:city": script, "vb:focus": script, "vb:hours": script, "vb:meetingPlace": script},
    ):
        check_cleaned(read(**members))


@pytest.mark.parametrize(
    "handle",
    [
        *(..., *WRONG[:5], " \u200b", [], {}, {"@value": "x"}, "x" * 201),
        *("fatma@noord.example", "@fatma", "a b", "a\nb", "../admin", "a?b", "a#b", "<b>", "joep\t"),
    ],
)
def test_no_handle(handle: Any) -> None:
    """A handle that is none, or that would pass for somebody on another server, gives way to the end of the id (E09)."""
    assert read(preferredUsername=handle).handle == "joep"


def test_handles() -> None:
    """A handle is what the actor says, in any script; when even the id ends in none it is the domain."""
    for handle in ("dbzer0.com", "Joep_1-x", "洪兔", "noord.example:8001", ["joep"]):
        assert read(preferredUsername=handle).handle == (handle if isinstance(handle, str) else "joep")
    assert read(preferredUsername=..., id="https://forum.example/?author=1").handle == "forum.example"
    assert read(preferredUsername=..., id="https://forum.example/").handle == "forum.example"


def test_names() -> None:
    """A name is one clean line, in a map too; without any it is the handle."""
    assert read(name="Joep\u202e\nde  Boer\u200b").name == "Joep de Boer"
    assert read(name=..., nameMap={"nl": "Joep"}).name == "Joep"
    for name in (..., None, "", " \u200b", 5, [], {}):
        assert read(name=name, preferredUsername="boer").name == "boer"


@pytest.mark.parametrize(
    "members",
    [
        {"name": HUGE},
        {"name": "a" + "\u05b1\u05b0" * 250_000},
        {"nameMap": {f"x{n}": "y" for n in range(100_000)}, "name": ...},
        {"preferredUsername": HUGE},
        {"preferredUsername": "a" + "\u05b1\u05b0" * 250_000},
        {"summary": HUGE},
        {"summary": "<a " * 300_000},
        {"summary": "<b>" * 300_000},
        {"vb:city": "a" + "\u05b1\u05b0" * 250_000, "vb:focus": HUGE},
        {"publicKey": [JOEP["publicKey"]] * 10_000},
        {"implements": [{"href": f"https://a.example/{n}"} for n in range(100_000)]},
        {"url": ["https://a.example/"] * 100_000},
        {"type": ["Custom"] * 100_000},
        {"endpoints": [{"sharedInbox": "x"}] * 100_000},
        {"attachment": [{"type": "PropertyValue", "name": "x", "value": HUGE[:100]}] * 10_000},
        {"alsoKnownAs": ["https://a.example/"] * 100_000},
    ],
    ids=" ".join,
)
def test_d09_too_much(members: dict) -> None:
    """An actor with too much in it costs no more than a moment, whatever it is too much of (threats D05, D09, D21)."""
    doc = {name: value for name, value in (JOEP | members).items() if value is not ...}
    start = time.process_time()
    found = read_actor(doc)
    assert time.process_time() - start < 2
    if found is not None:
        check_cleaned(found)


# What is read


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("inbox", "https://forum.example/in"),
        ("outbox", "https://forum.example/out"),
        ("url", "https://forum.example/x"),
        ("name", "Sara"),
        ("preferredUsername", "sara"),
        ("summary", "<p>Hallo</p>"),
        ("endpoints", {"sharedInbox": "https://forum.example/all"}),
        ("publicKey", JOEP["publicKey"] | {"id": "https://forum.example/u/joep#2"}),
        ("vb:neighbourhood", "https://forum.example/b/x"),
    ],
)
def test_values_in_a_list(member: str, value: Any) -> None:
    """A value in a list of one is that value, in every member."""
    assert read(**{member: value}) != read()
    assert read(**{member: [value]}) == read(**{member: value})


def test_embedded_collections() -> None:
    """Collections that are embedded instead of named are found by their id."""
    found = read(
        inbox={"id": "https://forum.example/in"}, outbox={"id": "https://forum.example/out", "type": "x"}
    )
    assert (found.inbox, found.outbox) == ("https://forum.example/in", "https://forum.example/out")


@pytest.mark.parametrize(
    ("implements", "announces"),
    [
        ([{"href": FEP_1B12}], True),
        ({"href": FEP_1B12, "name": "x"}, True),
        ([{"id": FEP_1B12}], True),
        (FEP_1B12, True),
        ([5, None, {}, FEP_1B12], True),
        ([{"href": f"{FEP_1B12}0"}], False),
        ([{"name": FEP_1B12}], False),
        ([{"href": [FEP_1B12]}], False),
        ("FEP-1b12", False),
        (None, False),
        ([*[{}] * 100, FEP_1B12], False),
    ],
)
def test_what_it_implements(implements: Any, announces: bool) -> None:
    """An actor reads inner activities when it says so with FEP-1b12 itself (FEP-844e)."""
    assert read(implements=implements).announces is announces


def test_profile() -> None:
    """The profile of a neighbourhood is read as short lines, what is not text as nothing."""
    found = read(
        **{"vb:city": "Amsterdam\n", "vb:focus": 5, "vb:hours": ["ma"], "vb:meetingPlace": "x" * 300}
    )
    assert found.profile == {"city": "Amsterdam", "focus": "", "meeting_place": "x" * 200, "hours": ""}


# What is written


def test_application_says_what_it_speaks() -> None:
    """The instance's own actor lists what it implements and which neighbourhood it serves (FEP-844e)."""
    doc = application_document(NOORD, APPLICATION, keys_of(APPLICATION))
    assert [entry["href"] for entry in doc["implements"]] == list(IMPLEMENTS)
    found = read_actor(doc)
    assert found is not None
    assert found.announces
    assert found.neighbourhood == NOORD.group_uri


@pytest.mark.parametrize("keys", [[], keys_of(FATMA)[:1], keys_of(FATMA)[1:]])
def test_only_the_keys_there_are(keys: list) -> None:
    """An actor lists the keys that it has, and of a stored key never more than the public half."""
    sealed = [replace(key, sealed="geheim") for key in keys]
    doc = person_document(FATMA, sealed)
    assert ("publicKey" in doc, "assertionMethod" in doc) == (
        any(key.algorithm == "rsa" for key in keys),
        any(key.algorithm == "ed25519" for key in keys),
    )
    assert "geheim" not in repr(doc)


def test_nothing_of_a_member_but_the_name() -> None:
    """A member's document has nothing personal but name, handle and what they wrote of themselves."""
    doc = person_document(FATMA, keys_of(FATMA))
    assert set(doc) == {
        *(
            "@context",
            "id",
            "type",
            "preferredUsername",
            "name",
            "summary",
            "url",
            "inbox",
            "outbox",
            "followers",
            "following",
        ),
        *("endpoints", "webfinger", "manuallyApprovesFollowers", "discoverable", "indexable", "searchableBy"),
        "featured",
        *("publicKey", "assertionMethod"),
    }


def test_neighbourhood_in_words() -> None:
    """A neighbourhood's profile is shown by other software as text, whatever is in it."""
    pilot = replace(NOORD_PILOT, focus="<script>alert(1)</script>", meeting_place="A & B\n\nC")
    doc = group_document(pilot, GROUP, [])
    assert doc["summary"] == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><p>A &amp; B</p><p>C</p>"
    assert group_document(replace(NOORD_PILOT, focus="", meeting_place=""), GROUP, [])["summary"] == ""


def test_only_the_shared_actor_says_that_it_is_shared() -> None:
    """The words about several residents stand in the shared actor's profile and in no member's."""
    assert "Several residents" in person_document(PERSONA, [])["summary"]
    assert person_document(replace(FATMA, summary="<p>Hoi</p>"), [])["summary"] == "<p>Hoi</p>"
