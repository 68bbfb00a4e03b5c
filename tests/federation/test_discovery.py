"""How we are found, and whom a WebFinger or NodeInfo answer may speak for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.discovery import (
    APPLICATION_REL,
    INTENTS,
    SUBSCRIBE,
    account_of,
    actor_uri_from_jrd,
    application_uri,
    host_meta,
    is_jrd,
    jrd,
    nodeinfo,
    nodeinfo_links,
    subject_of,
    webfinger_url,
)
from vraagbaak.model import Actor, ActorKind, Home

HOME = Home(base_url="https://noord.example", name="Noord & <Zuid>", slug="noord")
FATMA = Actor(
    id="1",
    uri="https://noord.example/u/fatma",
    kind=ActorKind.PERSON,
    handle="fatma",
    domain="noord.example",
    name="Fatma",
    url="https://noord.example/mensen/fatma",
    local=True,
)

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first
WANTED = "acct:fatma@noord.example"
SELF = {"rel": "self", "type": "application/activity+json", "href": FATMA.uri}


@pytest.mark.parametrize(
    "doc",
    [
        {},
        {"subject": WANTED},
        {"subject": WANTED, "links": "x"},
        {"subject": WANTED, "links": [5, None, {}]},
        {"subject": "acct:fatma@evil.example", "links": [SELF]},
        {"subject": "acct:eve@noord.example", "links": [SELF]},
        {"subject": "fatma@noord.example.evil.example", "links": [SELF]},
        {"subject": FATMA.uri, "links": [SELF]},
        {"subject": [WANTED], "links": [SELF]},
        {"links": [SELF]},
        {"subject": WANTED, "links": [SELF, SELF | {"href": "https://evil.example/u/eve"}]},
        {"subject": WANTED, "links": [SELF | {"type": "text/html"}]},
        {"subject": WANTED, "links": [SELF | {"type": None}]},
        {"subject": WANTED, "links": [SELF | {"rel": "profile"}]},
        {"subject": WANTED, "links": [SELF | {"href": "javascript:x"}]},
        {"subject": WANTED, "links": [SELF | {"href": "https://good.example@evil.example/"}]},
        {"subject": WANTED, "links": [SELF | {"href": {"a": 1}}]},
    ],
)
def test_b30_refused(doc: dict) -> None:
    """An answer about another account, without or with more than one self link, names nobody (B30)."""
    assert actor_uri_from_jrd(doc, WANTED) is None


def test_b30_accepted() -> None:
    """The asked account with one self link, also when it is given twice, names its actor."""
    doc = {"subject": "ACCT:Fatma@NOORD.example", "links": [SELF, SELF, {"rel": "x"}]}
    assert actor_uri_from_jrd(doc, WANTED) == FATMA.uri
    assert actor_uri_from_jrd(doc, "@fatma@noord.example") == FATMA.uri
    assert subject_of({"subject": "acct:fatma@zuid.example"}) == ("fatma", "zuid.example")


def test_b30_actor_uri() -> None:
    """Asked about an actor uri, the self link has to be that uri: not another actor's."""
    doc = {"subject": WANTED, "links": [SELF]}
    assert actor_uri_from_jrd(doc, FATMA.uri) == FATMA.uri
    assert actor_uri_from_jrd(doc, "https://noord.example/u/eve") is None
    assert actor_uri_from_jrd({"links": [SELF]}, FATMA.uri) is None


ANY = st.recursive(
    st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
)


@PATIENT
@given(st.fixed_dictionaries({"subject": ANY, "links": ANY, "software": ANY}), st.text())
def test_readers_never_raise(doc: dict, wanted: str) -> None:
    """Whatever an answer holds, the readers say nothing rather than raise."""
    actor_uri_from_jrd(doc, wanted)
    actor_uri_from_jrd(doc, WANTED)
    subject_of(doc)
    application_uri(doc, HOME.base_url)
    webfinger_url(wanted)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/jrd+json; charset=utf-8", True),
        ("application/json", True),
        ("text/html", False),
        ("text/plain", False),
        ("", False),
    ],
)
def test_jrd_content_type(content_type: str, expected: bool) -> None:
    """A JRD served as HTML or text is none (B30)."""
    assert is_jrd(content_type) is expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("acct:Noor@Noord.Example", ("noor", "noord.example")),
        ("ACCT:Noor@NOORD.example", ("noor", "noord.example")),
        ("aCCt:@noor@noord.example", ("noor", "noord.example")),
        ("@noor@noord.example", ("noor", "noord.example")),
        ("noor@noord.localhost:8001", ("noor", "noord.localhost:8001")),
        ("noor@bücher.example", ("noor", "xn--bcher-kva.example")),
        ("noor", None),
        ("acct:@noord.example", None),
        ("acct:a@b@c.example", None),
        ("acct:noor@noord.example/../x", None),
        ("acct:no or@noord.example", None),
        ("acct:noor@", None),
        ("https://noord.example/u/noor", None),
        ("x" * 300 + "@noord.example", None),
        ("", None),
    ],
)
def test_accounts(resource: str, expected: tuple[str, str] | None) -> None:
    """An account is one handle at one host, in any of the ways people write it."""
    assert account_of(resource) == expected


def test_where_to_ask() -> None:
    """Everybody is asked about at their own host, with all of the resource escaped."""
    for resource in ("acct:noor@west.example", "https://west.example/u/noor?x=1&y=2"):
        parts = urlsplit(webfinger_url(resource))
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "west.example", "/.well-known/webfinger")
        assert parse_qs(parts.query) == {"resource": [resource]}
    assert webfinger_url("noor@west.localhost:8002", scheme="http").startswith("http://west.localhost:8002/")
    assert webfinger_url("noor") is None


def test_our_jrd() -> None:
    """What we say of our actors, a strict reader believes: for the account and for the uri."""
    doc = jrd(FATMA, HOME)
    assert doc["subject"] == WANTED
    assert doc["aliases"] == [FATMA.uri, FATMA.url]
    assert actor_uri_from_jrd(doc, WANTED) == FATMA.uri
    assert actor_uri_from_jrd(doc, FATMA.uri) == FATMA.uri
    template = next(link["template"] for link in doc["links"] if link["rel"] == SUBSCRIBE)
    assert template == "https://noord.example/authorize_interaction?uri={uri}"
    intents = {link["rel"]: link["template"] for link in doc["links"] if link["rel"].startswith(INTENTS)}
    assert intents == {
        f"{INTENTS}Object": "https://noord.example/authorize_interaction?uri={object}",
        f"{INTENTS}Follow": "https://noord.example/authorize_interaction?uri={object}&intent=follow",
        f"{INTENTS}Create": "https://noord.example/vraag",
    }


def test_our_nodeinfo() -> None:
    """Our NodeInfo names the software and the Application actor, and counts nobody."""
    links = nodeinfo_links(HOME)
    assert "https://noord.example/nodeinfo/2.1" in [link["href"] for link in links["links"]]
    assert application_uri(links, HOME.base_url) == HOME.application_uri
    for version in ("2.0", "2.1"):
        doc = nodeinfo(HOME, version, "0.1.0")
        assert doc["version"] == version
        assert doc["software"]["name"] == "vraagbaak"
        assert doc["protocols"] == ["activitypub"]
        assert doc["openRegistrations"] is False
        assert doc["usage"] == {"users": {}}
    with pytest.raises(ValueError, match="version"):
        nodeinfo(HOME, "1.0", "0.1.0")


@pytest.mark.parametrize(
    "href",
    ["http://127.0.0.1/", "https://evil.example/nodeinfo/2.1", "http://noord.example/", "data:x", 5, None],
)
def test_c11_nodeinfo_elsewhere(href: object) -> None:
    """An Application link to another origin is not followed (C11)."""
    assert application_uri({"links": [{"rel": APPLICATION_REL, "href": href}]}, HOME.base_url) is None


def test_host_meta() -> None:
    """Our host-meta is well-formed XML that leads to WebFinger."""
    root = ET.fromstring(host_meta(HOME))
    link = root.find("{http://docs.oasis-open.org/ns/xri/xrd-1.0}Link")
    assert link.get("template") == "https://noord.example/.well-known/webfinger?resource={uri}"
