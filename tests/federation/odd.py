"""What a stranger might send, as strategies: documents that look like ActivityPub, addresses, headers, bytes.

The names of members are right, what stands in them seldom is: another type, nested, in a list, without end, in
characters that hide, turn around or become others when they are put in order.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from federation.documents import ACTIVITY_JSON, AS, JRD_JSON, LD_JSON, PUBLIC

Strategy = st.SearchStrategy[Any]

STRANGE = (
    "",
    " ",
    "\r\n",
    "\t\v\f",
    "\0",
    "\x1b[31m",
    "\x7f\x9f",
    "\u202eedoc",
    "\u2066\u2069",
    "a\u200bb\ufeffc",
    "\u200d",
    "\U0001f469\u200d\U0001f467",
    "\U000e0041",
    "e\u0301\u0327\u0301\u0327\u0301",
    "\u0301",
    "\u0344\u0344\u0344",
    "\u1100\u1161\u11a8",
    "\ufdfa",
    "ﬀ ß İ ı ſ K",
    "․ … ⒈com ℀",
    "Ａ１",
    "\u2028\u2029\x85",
    "\U0010ffff\ufffe",
    "&#x202e;&zwj;&NewLine;&lt;script&gt;",
    "&#0;&#xd800;&#x110000;&#99999999999;",
    "<script>alert(1)</script>",
    "<a href='java\tscript:alert(1)' onclick=x>",
    "<img src=x onerror=alert(1)><svg/onload=x><math><mtext><style><a title='</style><img src=x onerror=x>'>",
    "<p>Wie <b>weet <i>een</b> ladder</i>?",
    "[x](javascript:alert(1)) ![](https://evil.example/p.png) <https://a.example>",
    "' OR 1=1 --",
    "%s %(x)s {0} {x}",
    "2026-11-22T09:00:00Z ERROR vraagbaak: \nsomething",
    "https://a.example/\nERROR vraagbaak.web: fault",
)
LONG = tuple(
    piece * times
    for piece, times in (
        ("x", 3000),
        ("é", 1100),
        ("<b>", 1500),
        ("<p><a href='https://a.example/'>", 200),
        ("&amp;", 1000),
        ("[", 800),
        ("> ", 800),
        ("*a_`", 400),
        ("https://a.example/ ", 150),
        ("\u0301", 2500),
        ("\u0301\u0327", 1200),
        ("\u0344", 1000),
        ("\ufdfa", 500),
        ("\u202e", 2500),
        ("\n", 2500),
        ("#", 2500),
        (".", 2500),
        ("@", 2500),
        ("1", 2500),
        ("\\", 2500),
    )
)
STRANGE_TEXTS = st.sampled_from(STRANGE) | st.sampled_from(LONG)
TEXTS: Strategy = st.text(max_size=30) | STRANGE_TEXTS
PIECES = st.lists(st.text(max_size=8) | st.sampled_from(STRANGE), max_size=6).map("".join)
"""Texts in which strange pieces stand beside each other."""


# Addresses

_SCHEMES = (
    "https://",
    "https://",
    "https://",
    "http://",
    "HTTPS://",
    "//",
    "",
    "javascript:",
    "ftp://",
    "https:/",
)
_USERS = ("", "", "", "", "", "forum.example@", "user:word@", "@", "%40")
HOSTS = (
    *(
        "forum.example",
        "forum.example",
        "forum.example",
        "FORUM.example",
        "forum.example.",
        "forum.example..",
    ),
    *("noord.example", "a.forum.example", "a_b.example", "-a.example", "a-.example", ".example", "localhost"),
    *("xn--bcher-kva.example", "xn--ls8h.example", "xn--a.example", "xn--.example", "bücher.example"),
    *("💩.example", "ｆorum.example", "forum。example", "⒈example", "ß.example", "faß.example", "İ.example"),
    *(
        "\u0301.example",
        "a\u200db.example",
        "١٢.example",
        "1.2.3-4",
        "1.2.3.4",
        "127.1",
        "0x7f.1",
        "1.2.3.4.5",
    ),
    *("[::1]", "[::ffff:1.2.3.4]", "[fe80::1%25eth0]", "[", "[]", "[::1", "999.1.1.1", "0", ""),
    *("a" * 64 + ".example", ".".join(["a" * 60] * 5), "é" * 60 + ".example", "forum.example\\@evil.example"),
)
PORTS = (
    "",
    "",
    "",
    "",
    ":443",
    ":80",
    ":8443",
    ":0",
    ":65536",
    ":",
    ":x",
    ":００",
    ":١",
    ":443:443",
    ":000443",
)
TAILS = (
    *(
        "",
        "/",
        "/u/joep",
        "/u/joep#main-key",
        "/q/1?x=1&y",
        "?x",
        "#",
        "/#",
        "//",
        "/../a",
        "/./",
        "/%2e%2e/",
    ),
    *(
        "/%",
        "/%zz",
        "/%c3%a9",
        "/é",
        "/\u0301",
        "/a b",
        "/\\",
        '/"',
        "/[",
        "/a;b=c",
        "/a?b?c#d#e",
        "/?#",
        "/{x}",
    ),
    *("/" + "x" * 2100, "/" + "é" * 700, "/" + "é" * 1000, "?" + "é" * 400, "/" + "%41" * 680),
)
URLS: Strategy = st.tuples(
    st.sampled_from(_SCHEMES),
    st.sampled_from(_USERS),
    st.sampled_from(HOSTS) | st.text(max_size=12),
    st.sampled_from(PORTS),
    st.sampled_from(TAILS) | st.text(max_size=12),
).map("".join)
URLS |= st.builds("https://{}{}{}".format, *map(st.sampled_from, (HOSTS, PORTS, TAILS)))
GOOD_URLS = st.builds(
    "https://forum.example{}".format, st.sampled_from(("", "/", "/u/joep", "/post/1", "/é", "/x#y", "?q"))
)
ACCOUNTS: Strategy = st.tuples(
    st.sampled_from(("", "acct:", "ACCT:", "@", "acct:@", "acct://")),
    st.sampled_from(("noor", "Noor.b-c_d", "", ".", "a" * 201, "é", "no or", "noor@x")) | st.text(max_size=8),
    st.sampled_from(("@", "@", "", "@@", "%40")),
    st.sampled_from(HOSTS),
    st.sampled_from(PORTS),
).map("".join)


# JSON

KINDS = st.sampled_from(
    (
        *(
            "Note",
            "Article",
            "Question",
            "Page",
            "as:Note",
            f"{AS}#Note",
            "Event",
            "Tombstone",
            "Custom",
            "note",
        ),
        *("Person", "Group", "Application", "Service", "Mention", "Hashtag", "Link", "Create", "Delete", ""),
        *("OrderedCollection", "OrderedCollectionPage", "Add\nERROR x: y"),
    )
)
MOMENTS: Strategy = st.sampled_from(
    (
        *("2026-11-22T09:00:00Z", "2026-11-22T09:00:00.123456789Z", "2026-11-22", "2026-11-22t09:00z", "now"),
        *(
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "99999-01-01T00:00Z",
        ),
        *(
            "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:59:60Z",
            "2026-11-22T09:00:00+99:99",
        ),
        *(
            "2026-11-22T09:00:00+24:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+01:00",
            "２０２６-11-22T09:00:00Z",
        ),
        *(" 2026-11-22T09:00:00Z\n", "-2026-11-22T09:00:00Z", "2026-W47-1T09:00:00Z", "P1D", "1e9"),
    )
)
PUBLICS = st.sampled_from((PUBLIC, "as:Public", "Public", "public", f"{PUBLIC}/", f"{PUBLIC} "))
LEAVES: Strategy = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    URLS,
    KINDS,
    PUBLICS,
    MOMENTS,
)
_KEYS: Strategy = st.sampled_from(
    ("id", "@id", "type", "@type", "href", "name", "@value", "object", "nl", "en-GB", "owner", "rel", "")
)
JSON: Strategy = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(_KEYS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def _wrapped(value: Strategy) -> Strategy:
    """A value as others write it: alone, in a list, embedded, doubly nested, or something else altogether."""
    return st.one_of(
        value,
        value,
        value,
        st.lists(value, max_size=4),
        st.builds(lambda inner, kind: {"id": inner, "type": kind}, value, KINDS),
        st.builds(lambda name, inner: {name: inner}, _KEYS, value),
        st.builds(lambda inner: [[inner]], value),
        st.builds(lambda inner: [inner] * (1000 if len(str(inner)) < 100 else 20), value),
        JSON,
    )


def _members(values: Mapping[str, Strategy], most: int) -> Strategy:
    """A few members out of these, each with an odd value."""
    one = st.one_of([st.tuples(st.just(name), _wrapped(value)) for name, value in values.items()])
    return st.lists(one, max_size=most).map(dict)


_ADDRESSES: Strategy = GOOD_URLS | URLS
_RECIPIENTS: Strategy = PUBLICS | _ADDRESSES
_MAPS: Strategy = st.dictionaries(
    st.sampled_from(("nl", "NL", "en-GB", "", "x" * 20, "\u202e", "nl-")), TEXTS | JSON, max_size=3
)
_TAGS: Strategy = st.fixed_dictionaries(
    {"type": st.sampled_from(("Mention", "Hashtag", ["Hashtag"], "as:Mention", None))},
    optional={"href": _ADDRESSES, "name": TEXTS | JSON},
)
SAID: Mapping[str, Strategy] = {
    "@context": JSON,
    "id": _ADDRESSES,
    "@id": _ADDRESSES,
    "type": KINDS,
    "@type": KINDS,
    "attributedTo": _ADDRESSES,
    "to": _RECIPIENTS,
    "cc": _RECIPIENTS,
    "audience": _ADDRESSES,
    "inReplyTo": _ADDRESSES,
    "url": _ADDRESSES,
    "name": TEXTS,
    "nameMap": _MAPS,
    "content": TEXTS,
    "contentMap": _MAPS,
    "summary": TEXTS,
    "source": JSON,
    "tag": _TAGS,
    "published": MOMENTS,
    "updated": MOMENTS,
    "sensitive": st.booleans(),
    "replies": _ADDRESSES,
    "context": _ADDRESSES,
    "purpose": st.sampled_from(("offer", "request")),
    "vb:kind": st.sampled_from(("question", "answer", "offer")),
    "vb:title": TEXTS,
    "vb:body": TEXTS,
    "vb:topics": TEXTS,
    "vb:privacy": st.sampled_from(("public", "pilots", "neighbourhood", "everybody")),
    "vb:status": st.sampled_from(("open", "answered", "closed", "held")),
    "vb:perspective": st.sampled_from(("family", "professional", "admin")),
    "vb:availability": TEXTS,
    "vb:helpful": _ADDRESSES,
    "vb:neighbourhood": _ADDRESSES,
    "https://other.example/ns#kind": st.sampled_from(("offer", "x")),
    "https://other.example/ns#privacy": st.sampled_from(("public", "pilots")),
}
_PEMS: Strategy = st.sampled_from(
    (
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nMA==\n-----END PUBLIC KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + "A" * 3000,
        "z6Mk",
        "z" + "1" * 48,
        "zé",
    )
)
_KEY_ENTRIES: Strategy = st.fixed_dictionaries(
    {},
    optional={
        "id": _ADDRESSES,
        "owner": _ADDRESSES,
        "controller": _ADDRESSES,
        "publicKeyPem": _PEMS | TEXTS,
        "publicKeyMultibase": _PEMS | TEXTS,
    },
)
DESCRIBED: Mapping[str, Strategy] = {
    "@context": JSON,
    "id": _ADDRESSES,
    "type": KINDS,
    "preferredUsername": TEXTS,
    "name": TEXTS,
    "nameMap": _MAPS,
    "summary": TEXTS,
    "summaryMap": _MAPS,
    "inbox": _ADDRESSES,
    "outbox": _ADDRESSES,
    "url": _ADDRESSES,
    "endpoints": st.fixed_dictionaries({"sharedInbox": _ADDRESSES | JSON}),
    "implements": _ADDRESSES,
    "publicKey": _KEY_ENTRIES,
    "assertionMethod": _KEY_ENTRIES,
    "vb:city": TEXTS,
    "vb:focus": TEXTS,
    "vb:meetingPlace": TEXTS,
    "vb:hours": TEXTS,
    "vb:neighbourhood": _ADDRESSES,
}
_LINKS: Strategy = st.fixed_dictionaries(
    {},
    optional={
        "rel": st.sampled_from(
            (
                "self",
                "http://nodeinfo.diaspora.software/ns/schema/2.1",
                "http://nodeinfo.diaspora.software/ns/schema/2.0",
                "https://www.w3.org/ns/activitystreams#Application",
            )
        )
        | JSON,
        "type": st.sampled_from((ACTIVITY_JSON, LD_JSON, "text/html")) | JSON,
        "href": _ADDRESSES | JSON,
    },
)
JRDS: Strategy = _members({"subject": ACCOUNTS, "aliases": URLS, "links": _LINKS, "software": JSON}, 4)
"""WebFinger and NodeInfo answers."""


def posts(base: Mapping[str, Any]) -> Strategy:
    """A post of which up to eight members are odd."""
    return _members(SAID, 8).map(lambda members: {**base, **members})


def actors(base: Mapping[str, Any]) -> Strategy:
    """An actor of which up to six members are odd."""
    return _members(DESCRIBED, 6).map(lambda members: {**base, **members})


ANYTHING: Strategy = _members({**SAID, **DESCRIBED}, 10) | st.dictionaries(
    st.text(max_size=10), JSON, max_size=5
)


# Bytes


def _spoiled(body: bytes, spots: list[tuple[float, bytes]]) -> bytes:
    """The body with pieces put in at some spots, over what stood there or before it."""
    made = bytearray(body)
    for where, piece in spots:
        at = int(where * len(made))
        made[at : at + len(piece) % 3] = piece
    return bytes(made)


CRUMBS: tuple[bytes, ...] = (
    *(
        b"\x00",
        b"\xff",
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"",
    ),
    *(
        b'"',
        b"\\",
        b"\\u0000",
        b"\\ud83d",
        b"\\u0061",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b"\n",
        b"/**/",
        b"'",
    ),
    *(b"NaN", b"-Infinity", b"1e400", b"-0", b"01", b"9223372036854775808", b"1e-400", b"0.1e1", b"9" * 25),
    *(
        b'"id":"x",',
        b'"\\u0069d":"x",',
        b'{"a":1,"a":2}',
        b"[" * 40 + b"]" * 40,
        b'{"":' * 40,
        b"null",
        b"true",
    ),
)
_ENCODINGS: tuple[Callable[[str], bytes], ...] = (
    lambda text: text.encode(),
    lambda text: text.encode(),
    lambda text: text.encode(),
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("utf-16-be"),
    lambda text: text.encode("utf-32-le"),
    lambda text: text.encode("utf-7"),
    lambda text: text.encode("latin-1", "replace"),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
)
BODIES: Strategy = st.binary(max_size=60) | st.builds(
    lambda doc, ascii_only, encode, spots: _spoiled(encode(json.dumps(doc, ensure_ascii=ascii_only)), spots),
    ANYTHING,
    st.booleans(),
    st.sampled_from(_ENCODINGS),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(CRUMBS)), max_size=3),
)


# Headers

CONTENT_TYPES: Strategy = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.sampled_from(
            (
                *(
                    "application/activity+json",
                    "application/ld+json",
                    "application/json",
                    JRD_JSON,
                    "text/html",
                    ";",
                ),
                *(
                    "; ",
                    " ",
                    "profile=",
                    f'profile="{AS}"',
                    f"profile={AS}",
                    "PROFILE",
                    "=",
                    '"',
                    "charset=utf-8",
                    "\\",
                ),
                *(
                    AS,
                    ",",
                    "\t",
                    "é",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data; boundary=x",
                    "x" * 900,
                ),
            )
        ),
        max_size=6,
    ).map("".join),
)
RETRY_AFTERS: Strategy = st.one_of(
    st.text(max_size=30),
    st.integers().map(str),
    st.sampled_from(
        (
            *("", "0", "-1", "+5", "1.5", "1e3", "inf", "nan", "9" * 400, "٣", "１", "5, 6", "120 "),
            *(
                "Tue, 24 Nov 2026 09:00:00 GMT",
                "Tue, 24 Nov 2026 09:00:00",
                "Tue, 24 Nov 2026 09:00:00 +9999",
            ),
            *(
                "Tue, 24 Nov 99999999999999999999 09:00:00 GMT",
                "Tue, 99 Nov 2026 99:99:99 GMT",
                "Tue, 24 Nov",
            ),
            *("Tue, 24 Nov 2026 09:00:00 -99999999999999999999", "24 Nov 0000 00:00:00 GMT", "1 2 3 4 5 6 7"),
            *(
                "Tue, 24 Nov 2026 99999999999999999999:00:00 GMT",
                "Tuesday, 24-Nov-26 09:00:00 GMT",
                ",,,",
                "::",
            ),
        )
    ),
)
_COMPONENTS = (
    *(
        '"@method"',
        '"@target-uri"',
        '"content-digest"',
        '"@authority"',
        '"@path"',
        '"@query"',
        '"host"',
        '"date"',
    ),
    *(
        '"@query-param"',
        '"@query-param";name="x"',
        '"@status"',
        '"@request-target"',
        '"@x"',
        '""',
        '"Host"',
        "@x",
    ),
    *(
        '"signature"',
        '"signature-input"',
        '"@signature-params"',
        '"content-digest";sf',
        '"x";bs',
        "5",
        "tok",
        '"é"',
    ),
)
_SF_VALUES = (
    *(
        "1764000000",
        "-1",
        "1.5",
        "9" * 15,
        "9" * 16,
        '"x"',
        "tok",
        ":AAAA:",
        ":=:",
        "?1",
        "@1764000000",
        "@" + "9" * 15,
    ),
    *(
        '%"%c3%a9"',
        '%"%ff"',
        '"https://west.example/u/henk#main-key"',
        '"rsa-v1_5-sha256"',
        '"ed25519"',
        "()",
        "(",
    ),
)
_SF_NAMES = ("created", "expires", "keyid", "alg", "nonce", "tag", "x", "*", "Created", "")


@st.composite
def _signature_inputs(draw: st.DrawFn, honest: str) -> str:
    """A Signature-Input that is honest but for a component or parameter here and there, or no such thing at all."""
    components = draw(st.lists(st.sampled_from(_COMPONENTS), max_size=4))
    whole = ['"@method"', '"@target-uri"', '"content-digest"'] if draw(st.booleans()) else []
    parameters = draw(
        st.lists(st.tuples(st.sampled_from(_SF_NAMES), st.sampled_from(_SF_VALUES)), max_size=3)
    )
    written = "".join(f";{name}={value}" if value else f";{name}" for name, value in parameters)
    label = draw(st.sampled_from(("sig1", "sig1", "sig1", "*a", "A", "")))
    tail = draw(st.sampled_from(("", "", "", ", sig2=()", ",", ";", " x", "=")))
    return (
        f"{label}=({' '.join([*whole, *components])}){honest if draw(st.booleans()) else ''}{written}{tail}"
    )


@st.composite
def _cavage(draw: st.DrawFn, key_id: str) -> str:
    """A Signature header of the draft with parameters in any order, some twice, some cut off."""
    values = {
        "keyId": st.just(key_id) | URLS,
        "algorithm": st.sampled_from(("rsa-sha256", "hs2019", "ed25519", "none", "", "é")),
        "headers": st.lists(
            st.sampled_from(
                (
                    *("(request-target)", "host", "date", "digest", "(created)", "(expires)", "content-type"),
                    *("signature", "x", "Host", "", "(x)", "é"),
                )
            ),
            max_size=8,
        ).map(" ".join)
        | st.sampled_from(("(request-target) host date digest", "(request-target) host (created) digest")),
        "signature": st.sampled_from(("AAAA", "", "=", "A", "é", "AAAA AAAA", "x" * 400)),
        "created": st.sampled_from(("1764000000", "0", "-1", "9" * 20, "x", "1764000000.5")),
        "expires": st.sampled_from(("1764000000", "0", "9" * 15, "")),
    }
    names = draw(st.lists(st.sampled_from(list(values)), max_size=3))
    written = []
    for name in draw(st.permutations(["keyId", "headers", "signature", *names])):
        value = draw(values[name])
        quote = draw(st.sampled_from(('"', '"', '"', "", "'")))
        written.append(f"{name}={quote}{value}{quote}")
    return draw(st.sampled_from((",", ",", ",", ", ", ";", " ", ",,"))).join(written)


def signed_headers(honest: Mapping[str, str], key_id: str, parameters: str, body: bytes) -> Strategy:
    """Headers of a request that claims a signature: honest ones, of which some are odd, missing or there twice."""
    sums = {
        name: base64.b64encode(hashlib.new(name, body).digest()).decode()
        for name in ("sha256", "sha512", "md5")
    }
    values: Mapping[str, Strategy] = {
        "host": st.sampled_from(
            (honest["host"], honest["host"].upper(), "evil.example", "noord.example:443", "")
        ),
        "date": st.sampled_from(
            (honest["date"], "Tue, 24 Nov 2026 09:00:00 CET", "Tue, 31 Feb 2026 09:00:00 GMT")
        )
        | RETRY_AFTERS,
        "digest": st.sampled_from(
            (
                *(
                    f"SHA-256={sums['sha256']}",
                    f"sha-256={sums['sha256']}",
                    f"MD5={sums['md5']}",
                    "SHA-256=",
                    "=",
                ),
                *(
                    f"SHA-256={sums['sha256']},SHA-256={sums['sha256']}",
                    f"SHA-512={sums['sha512']}",
                    ",,,",
                    "SHA-256",
                ),
            )
        ),
        "content-digest": st.sampled_from(
            (
                *(
                    f"sha-256=:{sums['sha256']}:",
                    f"sha-512=:{sums['sha512']}:",
                    "sha-256",
                    "sha-256=?1",
                    "sha-256=1",
                ),
                *(f"sha-256=:{sums['sha256']}:, sha-256=:AAAA:", "sha-256=(:AAAA:)", "sha-256=:A:", ""),
            )
        ),
        "signature": _cavage(key_id)
        | st.sampled_from(("sig1=:AAAA:", "sig1=:A", "sig1=AAAA", "sig1", "sig2=:AAAA:")),
        "signature-input": _signature_inputs(parameters),
        "x": st.text(max_size=10),
    }
    one = st.one_of(
        [
            st.tuples(st.sampled_from((name, name.title())), value | st.text(max_size=10))
            for name, value in values.items()
        ]
    )

    def mixed(odd: list[tuple[str, str]], kept: bool) -> list[tuple[str, str]]:
        changed = {name.lower() for name, _ in odd} if not kept else set()
        return [*((name, value) for name, value in honest.items() if name not in changed), *odd]

    return st.builds(
        mixed, st.lists(one, min_size=1, max_size=4), st.sampled_from((False, False, False, True))
    )
