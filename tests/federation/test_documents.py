"""What is read of others' JSON, and what is refused before anybody reads it."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.documents import (
    AS,
    CAPS,
    PUBLIC,
    Malformed,
    addressed,
    as_list,
    host_of,
    id_of,
    ids_of,
    is_activity_json,
    is_public,
    one_type,
    origin,
    parse,
    same_origin,
    same_url,
    split_url,
    text_of,
    types_of,
    vb,
    without_secrets,
)

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
RECORDED = sorted(CORPUS.rglob("*.json")) + sorted(CORPUS.rglob("*.jsonld"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-json"),
        (b"null", "not-an-object"),
        (b"[]", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b"{", "not-json"),
        (b"{}{}", "not-json"),
        (b"<html>", "not-json"),
        (b"\xef\xbb\xbf{}", "not-json"),
        ('{"a":1}'.encode("utf-16"), "encoding"),
        ('{"a":1}'.encode("utf-16-le"), "not-json"),
        (b'{"a":"\xff"}', "encoding"),
        (b'{"a":"\xed\xa0\x80"}', "encoding"),
        (b'{"a":"\\ud800"}', "surrogate"),
        (b'{"a":{"\\uDfFf":1}}', "surrogate"),
        (b'{"a":"\\ud83d"}', "surrogate"),
        (b'{"a":"x\\u0000y"}', "nul"),
        (b'{"\\u0000":1}', "nul"),
        (b'{"a":"\x00"}', "not-json"),
        (b'{"actor":"a","actor":"b"}', "duplicate-key"),
        (b'{"object":[{"id":"a","id":"b"}]}', "duplicate-key"),
        (b'{"actor":"a","\\u0061ctor":"b"}', "duplicate-key"),
        (b'{"a":NaN}', "number"),
        (b'{"a":Infinity}', "number"),
        (b'{"a":-Infinity}', "number"),
        (b'{"a":1e400}', "number"),
        (b'{"a":-1e400}', "number"),
        (b'{"a":9223372036854775808}', "number"),
        (b'{"a":-0}', "number"),
        (b'{"a":[-0.0]}', "number"),
        (b'{"a":-0e5}', "number"),
        (b'{"a":-1e-400}', "number"),
        (b'{"a":' + b"9" * 5000 + b"}", "number"),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "depth"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "depth"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b"[" * 200_000 + b"]" * 200_000, "too-many"),
        (b'{"a":[' + b"[]," * 131_071 + b"1]}", "too-many"),
        (b'{"a":[' + b"{}," * 131_071 + b"1]}", "too-many"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "depth"),
        (b'{"a":"' + b"x" * CAPS.body + b'"}', "too-big"),
        (b'{"' + b"k" * 600 + b'":1}', "long-key"),
    ],
)
def test_refused(body: bytes, code: str) -> None:
    """A document that two readers could understand differently, or that costs too much to read, is refused."""
    with pytest.raises(Malformed) as refusal:
        parse(body)
    assert refusal.value.code == code
    assert refusal.value.status == 400


def test_accepted() -> None:
    """What is unusual but unambiguous is read: emoji escapes, an escaped backslash, depth 32, 64-bit numbers."""
    assert parse(b'{"a":"\\ud83d\\ude00"}') == {"a": "😀"}
    assert parse(b'{"a":"\\\\u0000"}') == {"a": "\\u0000"}
    assert parse(b' {"a":-1, "b":9223372036854775807} ')["b"] == 2**63 - 1
    assert parse(b'{"a":' + b"[" * 31 + b"]" * 31 + b"}")
    assert len(parse(b'{"tag":[' + b",".join([b"{}"] * 131_070) + b"]}")["tag"]) == 131_070


@PATIENT
@given(st.binary(max_size=300))
def test_any_bytes(body: bytes) -> None:
    """Whatever bytes come in, parse answers with an object or with Malformed."""
    with suppress(Malformed):
        assert isinstance(parse(body), dict)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
)
MEMBERS = st.sampled_from(
    ["id", "type", "to", "cc", "name", "nameMap", "vb:kind", "actor", "@type", "object"]
)


def read_everything(doc: dict) -> None:
    for name in ("object", "actor", "tag", "attributedTo", "items"):
        id_of(doc.get(name))
        ids_of(doc.get(name))
        as_list(doc.get(name))
    id_of(doc)
    types_of(doc)
    one_type(doc)
    for name in ("name", "content", "summary"):
        assert isinstance(text_of(doc, name, "nl"), str)
    vb(doc, "kind")
    to, cc = addressed(doc)
    is_public(to | cc)
    for value in doc.values():
        origin(value)
        host_of(value)
        same_origin(value, doc.get("id"))
        same_url(value, value)
        for inner in as_list(value):
            if isinstance(inner, dict):
                read_everything(inner)


@PATIENT
@given(st.dictionaries(MEMBERS, JSON))
def test_d07_readers_never_raise(doc: dict) -> None:
    """The readers answer for any JSON in any member: nothing, rather than an exception (threat D07)."""
    read_everything(doc)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: str(path.relative_to(CORPUS)))
def test_recorded(path: Path) -> None:
    """Every recorded document of other software is read without an exception other than Malformed."""
    try:
        doc = parse(path.read_bytes())
    except Malformed:
        return
    read_everything(doc)
    assert parse(json.dumps(doc).encode()) == doc


@pytest.mark.parametrize(
    "url",
    [
        "",
        5,
        None,
        {},
        "not a url",
        "//host/path",
        "https:///path",
        "ftp://host.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://good.example@evil.example/",
        "https://user:word@evil.example/",
        "https://host.example:0/",
        "https://host.example:65536/",
        "https://host.example:abc/",
        "https://host.example:/",
        "https://host.example:443:443/",
        "https://host.example\\@evil.example/",
        "https://host .example/",
        "https://host.example/\r\nX: y",
        "https://host.example/\x00",
        "https://host%2eexample/",
        "https://.example/",
        "https://a..example/",
        "https://-/",
        "https://127.1/",
        "https://0/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://1.2.3.4.5/",
        "https://[::1/",
        "https://[::ffff:1.2.3]/",
        "https://[fe80::1%25eth0]/",
        "https://host.example/" + "x" * 2100,
        "https://host.example/" + "é" * 700,  # 721 characters, but 4221 as they go over the wire
    ],
)
def test_b05_no_origin(url: object) -> None:
    """A URL that two readers could take for different hosts has no origin at all."""
    assert origin(url) is None
    assert host_of(url) is None
    assert not same_origin(url, url)
    assert not same_url(url, url)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://EXAMPLE.org/A", "https://example.org"),
        ("HTTPS://example.org", "https://example.org"),
        ("https://example.org.:443/", "https://example.org"),
        ("http://example.org:80/", "http://example.org"),
        ("https://example.org:8443/", "https://example.org:8443"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
        ("https://ｌocalhost/", "https://localhost"),
        ("http://westerpark.localhost:8001/u/noor", "http://westerpark.localhost:8001"),
        ("https://127.0.0.1/", "https://127.0.0.1"),
        ("http://[::0001]:8001/", "http://[::1]:8001"),
    ],
)
def test_origin(url: str, canonical: str) -> None:
    """The same server has one origin, however it is written."""
    assert str(origin(url)) == canonical


def test_same_url() -> None:
    """Ids are the same when canonical origin and all the rest are; another case, query or fragment is another id."""
    assert same_url("https://A.example/u/x", "https://a.example:443/u/x")
    assert not same_url("https://a.example/u/x", "https://a.example/u/X")
    assert not same_url("https://a.example/u/x", "https://a.example/u/x#main-key")
    assert not same_url("https://a.example/u/x", "https://a.example/u/x?y")
    assert not same_origin("https://a.example/", "http://a.example/")
    assert not same_origin("https://a.example/", "https://a.example:444/")


def test_split_url() -> None:
    """The target is what goes on the wire: query kept, fragment gone, escapes as written, other bytes escaped."""
    for url, target in {
        "https://a.example": "/",
        "https://a.example?x=1": "/?x=1",
        "https://a.example/é?q=%7e#f": "/%C3%A9?q=%7e",
        "https://a.example/@noor/1?page=true&min_id=0": "/@noor/1?page=true&min_id=0",
    }.items():
        found = split_url(url)
        assert found is not None
        assert found[1] == target


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/activity+json", True),
        ("Application/Activity+JSON; charset=utf-8", True),
        (f'application/ld+json; profile="{AS}"', True),
        (f'APPLICATION/LD+JSON ;  Profile = "{AS}" ; charset=utf-8', True),
        (f"application/ld+json;charset=utf-8;profile={AS}", True),
        (f'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted {AS}"', True),
        ("application/ld+json", False),
        ('application/ld+json; profile="https://evil.example/ns"', False),
        (f'application/ld+json; profile="{AS}x"', False),
        (f'application/ld+json; profile="{AS}"; profile="https://evil.example"', False),
        (f'application/ld+json; x="; profile={AS}"', False),
        ("application/json", False),
        ("text/html", False),
        ("text/plain", False),
        ("image/png", False),
        ("application/octet-stream", False),
        (f'text/html; profile="{AS}"', False),
        ("application/activity+json-evil", False),
        ("", False),
    ],
)
def test_c19_c20_content_types(content_type: str, expected: bool) -> None:
    """Only AS2's own content types promise AS2, in any case, spacing and order (threats C19, C20)."""
    assert is_activity_json(content_type) is expected


def test_public_spellings() -> None:
    """Public is Public in each of its three spellings."""
    for spelling in (PUBLIC, "as:Public", "Public"):
        to, cc = addressed({"to": spelling, "cc": [{"id": "https://a.example/g"}, 5, None]})
        assert is_public(to)
        assert cc == {"https://a.example/g"}
        assert not is_public(cc)


def test_d05_caps() -> None:
    """Of a list of 100,000 recipients or 1,000 types only the first are read, and an id of 3,000 characters is none."""
    assert len(ids_of([f"https://a.example/{n}" for n in range(100_000)])) == CAPS.recipients
    assert len(types_of({"type": [f"T{n}" for n in range(1000)]})) == CAPS.types
    assert id_of("x" * 3000) is None


def test_types_and_texts() -> None:
    """A type inside a list, texts by language in a map, and our own members under either name are found."""
    assert one_type({"type": ["Custom", "as:Note"]}) == "Note"
    assert one_type({"type": f"{AS}#Note"}) == "Note"
    assert one_type({"type": "Custom"}) == "Custom"
    assert one_type({"type": [5, None]}) is None
    doc = {"name": "plain", "nameMap": {"nl": "Vraag", "en-GB": "Question", "de": 5}}
    assert text_of(doc, "name", "nl-NL") == "Vraag"
    assert text_of(doc, "name", "EN-gb") == "Question"
    assert text_of(doc, "name", "de") == "plain"
    assert text_of({"nameMap": {"fr": "Q"}}, "name", "nl") == "Q"
    assert text_of({"name": [{"@value": "x"}]}, "name") == "x"
    assert text_of({"nameMap": "x", "name": 5}, "name") == ""
    assert vb({"vb:kind": "question"}, "kind") == "question"
    assert vb({"https://vraagbaak.example/ns#kind": "answer"}, "kind") == "answer"
    assert vb({"kind": "answer", "xns#kind": "y"}, "kind") is None


def test_e08_a_server_is_called_by_its_ascii_name():
    """A foreign letter in a domain shows, wherever the domain is shown: it is not the name it looks like."""
    assert host_of("https://nieuwl\u0430nd.example/u/henk") == "xn--nieuwlnd-66g.example"
    assert host_of("https://nieuwland.example/u/henk") == "nieuwland.example"


def test_what_was_sent_in_secret_goes_with_the_proof_of_it() -> None:
    """`bto` and `bcc` go however deep and however they are spelled; what has none of it stays the very same."""
    clean = {"type": "Create", "to": ["a"], "object": {"bccs": 1, "proof": {}}, "proof": {"x": [1, {}]}}
    assert without_secrets(clean) is clean
    dirty = {
        "type": "Create",
        "proof": {},
        "object": [{"id": "x", "bto": [], "proof": 1}],
        "tag": [{"proof": 1}],
    }
    assert without_secrets(dirty) == {"type": "Create", "object": [{"id": "x"}], "tag": [{"proof": 1}]}
    for name in ("bcc", "as:bto", f"{AS}#bcc"):
        assert without_secrets([{name: 1}, 2]) == [{}, 2]
