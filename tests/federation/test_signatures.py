"""Which requests are believed. The forged ones come first."""

from __future__ import annotations

import base64
import copy
import dataclasses
import hashlib
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import http_message_signatures
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.keys import ED25519, RSA, KeyRing, PrivateKey, Sealer, make_ed25519, make_rsa
from federation.signatures import (
    BadSignature,
    FoundKey,
    KeyUnavailable,
    RawRequest,
    Scheme,
    Verified,
    authenticate,
    read_claim,
    sign,
    verify,
)
from vraagbaak.model import ActorKey

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTS = {"noord.example"}
URL = "https://noord.example/inbox?x=1"
OWNER = "https://west.example/u/henk"
KEY_ID = f"{OWNER}#main-key"
BODY = b'{"type":"Create"}'
SCHEMES = list(Scheme)


class Signer:
    """An actor elsewhere with one key of either kind, and a ring to check it with."""

    def __init__(self, algorithm: str = RSA) -> None:
        pair = make_rsa() if algorithm == RSA else make_ed25519()
        sealer = Sealer(b"s" * 32)
        sealed = sealer.seal(pair.private, KEY_ID)
        key = ActorKey(id=KEY_ID, actor_id="1", algorithm=algorithm, public=pair.public, sealed=sealed)
        self.ring = KeyRing(sealer)
        self.private: PrivateKey = self.ring.private(key)
        self.found = FoundKey(KEY_ID, OWNER, algorithm, pair.public)

    def request(self, scheme: Scheme = Scheme.CAVAGE, **changes: object) -> RawRequest:
        given = {"method": "POST", "url": URL, "now": NOW, "body": BODY} | changes
        headers = sign(
            given["method"],
            given["url"],
            key=self.private,
            now=given["now"],
            scheme=scheme,
            body=given["body"],
        )
        host, _, target = given["url"].removeprefix("https://").removeprefix("http://").partition("/")
        return RawRequest(
            given["method"], f"/{target}", [("Host", host), *headers.items()], given["body"] or b""
        )

    def cavage(
        self,
        covered: str = "(request-target) host date digest",
        *,
        extra: str = "",
        algorithm: str | None = "rsa-sha256",
        values: dict[str, str] | None = None,
        headers: list[tuple[str, str]] | None = None,
        lines: Callable[[str], str] | None = None,
    ) -> RawRequest:
        """A request signed by hand over `covered`, honest in every way but the one under test."""
        known = {
            "(request-target)": "post /inbox?x=1",
            "host": "noord.example",
            "date": date(timedelta()),
            "digest": digest(BODY),
        } | (values or {})
        message = "\n".join(f"{name}: {known[name]}" for name in covered.split())
        signature = base64.b64encode(self.private.sign(message.encode())).decode()
        hint = f'algorithm="{algorithm}",' if algorithm else ""
        header = f'keyId="{KEY_ID}",{hint}headers="{covered}",{extra}signature="{signature}"'
        plain = [(name.title(), value) for name, value in known.items() if not name.startswith("(")]
        return RawRequest("POST", "/inbox?x=1", [*plain, *(headers or []), ("Signature", header)], BODY)

    def rfc9421(
        self, components: str, parameters: str, *, body: bytes = BODY, label: str = "sig1", more: str = ""
    ) -> RawRequest:
        """A request with this Signature-Input, honestly signed over it."""
        known = {
            "@method": "POST",
            "@target-uri": URL,
            "@authority": "noord.example",
            "@path": "/inbox",
            "@query": "?x=1",
            "content-digest": content_digest(BODY),
            "date": date(timedelta()),
        }
        names = components.split()
        quoted = " ".join(f'"{name}"' for name in names)
        base = [f'"{name}": {known[name]}' for name in names]
        base.append(f'"@signature-params": ({quoted}){parameters}')
        signature = base64.b64encode(self.private.sign("\n".join(base).encode())).decode()
        headers = [
            ("Host", "noord.example"),
            ("Date", known["date"]),
            ("Content-Digest", known["content-digest"]),
            ("Signature-Input", f"{label}=({quoted}){parameters}{more}"),
            ("Signature", f"{label}=:{signature}:"),
        ]
        return RawRequest("POST", "/inbox?x=1", headers, body)

    def check(self, request: RawRequest, *, now: datetime = NOW) -> Verified:
        return verify(read_claim(request, now=now, our_hosts=HOSTS), self.found, ring=self.ring)

    def refusal(self, request: RawRequest, *, now: datetime = NOW) -> BadSignature:
        with pytest.raises(BadSignature) as refusal:
            self.check(request, now=now)
        return refusal.value


@pytest.fixture(scope="module")
def henk() -> Signer:
    return Signer()


@pytest.fixture(scope="module")
def eve() -> Signer:
    return Signer()


def date(ago: timedelta) -> str:
    return format_datetime(NOW - ago, usegmt=True)


def digest(body: bytes, name: str = "SHA-256") -> str:
    return f"{name}={base64.b64encode(hashlib.sha256(body).digest()).decode()}"


def content_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def changed(request: RawRequest, name: str, value: str | None) -> RawRequest:
    """The request with one header changed, or without it."""
    kept = [
        (key, old if key != name else value)
        for key, old in request.headers
        if key != name or value is not None
    ]
    return dataclasses.replace(request, headers=kept)


def header(request: RawRequest, name: str) -> str:
    return dict(request.headers)[name]


CREATED = int(NOW.timestamp())
STRONG = "@method @target-uri content-digest"
FRESH = f';created={CREATED};keyid="{KEY_ID}"'


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a01_unsigned(henk: Signer, scheme: Scheme) -> None:
    """A request without a Signature is refused before anything else is read (A01)."""
    refusal = henk.refusal(changed(henk.request(scheme), "Signature", None))
    assert (refusal.status, refusal.code) == (401, "unsigned")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a02_flipped(henk: Signer, scheme: Scheme) -> None:
    """One changed letter in the signature, the body, the target or the method is enough to be refused (A02)."""
    good = henk.request(scheme)
    text = header(good, "Signature")
    spot = text.index("=:") + 12 if scheme is Scheme.RFC9421 else text.index("signature=") + 20
    flipped = text[:spot] + ("A" if text[spot] != "A" else "B") + text[spot + 1 :]
    assert henk.refusal(changed(good, "Signature", flipped)).code == "mismatch"
    assert henk.refusal(dataclasses.replace(good, target="/inbox?x=2")).code == "mismatch"
    assert henk.refusal(dataclasses.replace(good, target="/other")).code == "mismatch"
    assert henk.refusal(dataclasses.replace(good, method="PUT")).code == "mismatch"
    assert henk.refusal(dataclasses.replace(good, body=b"{}")).code == "digest"
    assert henk.refusal(dataclasses.replace(good, body=BODY + b" ")).code == "digest"


def test_a03_digest_of_another_body(henk: Signer) -> None:
    """A signed Digest of another body is refused (A03)."""
    assert henk.refusal(henk.cavage(values={"digest": digest(b"other")})).code == "digest"


def test_a04_digest_not_signed(henk: Signer) -> None:
    """A Digest that is right but not signed proves nothing (A04)."""
    assert henk.refusal(henk.cavage("(request-target) host date")).code == "not-covered"


def test_a05_no_digest(henk: Signer) -> None:
    """A POST without any Digest is refused, also when it claims to have signed one (A05)."""
    assert henk.refusal(changed(henk.request(), "Digest", None)).code == "missing-header"
    empty = dataclasses.replace(changed(henk.cavage("(request-target) host date"), "Digest", None), body=b"")
    assert henk.refusal(empty).code == "not-covered"


@pytest.mark.parametrize(
    "value",
    [
        f"MD5=abc,{digest(b'other')}",
        "SHA-512=abc",
        "MD5=1B2M2Y8AsgTpgAmY7PhCfg==",
        f"{digest(BODY)},{digest(b'other')}",
        f"{digest(BODY)},{digest(BODY)}",
        "SHA-256=",
        "SHA-256",
        "",
        digest(BODY)[:-4],
    ],
)
def test_a06_digests(henk: Signer, value: str) -> None:
    """Of several digests SHA-256 must be there, once and right; a shorter one is not right (A06)."""
    assert henk.refusal(henk.cavage(values={"digest": value})).code in {"digest", "base64"}


def test_a06_second_digest_is_fine(henk: Signer) -> None:
    """Another algorithm beside a right SHA-256 does no harm, nor does lower case."""
    assert henk.check(henk.cavage(values={"digest": f"md5=abc, {digest(BODY, 'sha-256')}"}))


def test_a07_unsigned_digest_is_ignored(henk: Signer) -> None:
    """Only the digest that is signed counts: a wrong unsigned one changes nothing, a right one helps nothing (A07)."""
    assert henk.check(henk.cavage(headers=[("Content-Digest", content_digest(b"other"))]))
    wrong = henk.cavage(values={"digest": digest(b"x")}, headers=[("Content-Digest", content_digest(BODY))])
    assert henk.refusal(wrong).code == "digest"
    modern = henk.rfc9421(STRONG, FRESH)
    assert henk.check(dataclasses.replace(modern, headers=[*modern.headers, ("Digest", digest(b"x"))]))


@pytest.mark.parametrize(
    "covered",
    [
        "host date digest",
        "(request-target) date digest",
        "(request-target) host digest",
        "(request-target) host date",
        "date",
        "digest",
        "",
    ],
    ids=[
        "A08 no target",
        "A09 no host",
        "A11 no moment",
        "A04 no digest",
        "A11 only the date",
        "A08 only the digest",
        "A12 nothing",
    ],
)
def test_too_little_signed(henk: Signer, covered: str) -> None:
    """Target, host, moment and digest must all be signed; one left out is enough to be refused (A08, A09, A11, A12)."""
    assert henk.refusal(henk.cavage(covered)).code == "not-covered"


def test_a12_no_headers_list(henk: Signer) -> None:
    """Without a list of headers only the date would be signed: refused (A12)."""
    text = f'keyId="{KEY_ID}",algorithm="rsa-sha256",signature="AAAA"'
    assert henk.refusal(changed(henk.cavage(), "Signature", text)).code == "not-covered"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a10_other_host(henk: Signer, scheme: Scheme) -> None:
    """A request signed for another host is refused, with its own Host header and with ours (A10)."""
    other = henk.request(scheme, url="https://zuid.example/inbox?x=1")
    assert henk.refusal(other).code == "host"
    assert henk.refusal(changed(other, "Host", "noord.example")).code == "mismatch"
    assert henk.refusal(changed(henk.request(scheme), "Host", None)).code == "missing-header"
    twice = henk.request(scheme)
    doubled = dataclasses.replace(twice, headers=[*twice.headers, ("host", "noord.example")])
    assert henk.refusal(doubled).code == "repeated-header"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("hours", [1.1, 2, 11, 13, 25, 9600])
def test_a13_old(henk: Signer, scheme: Scheme, hours: float) -> None:
    """What was signed more than 65 minutes ago is stale (A13)."""
    assert henk.refusal(henk.request(scheme, now=NOW - timedelta(hours=hours))).code == "stale"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("minutes", [6, 61, 120, 780])
def test_a14_future(henk: Signer, scheme: Scheme, minutes: int) -> None:
    """What is signed more than 5 minutes ahead is refused (A14)."""
    assert henk.refusal(henk.request(scheme, now=NOW + timedelta(minutes=minutes))).code == "future"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("minutes", [-64, -1, 0, 4])
def test_within_the_window(henk: Signer, scheme: Scheme, minutes: int) -> None:
    """Clocks that differ a little do not part neighbours."""
    assert henk.check(henk.request(scheme, now=NOW + timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "",
        "2026-11-24T09:00:00Z",
        "Tue, 24 Nov 2026 09:00:00 +0000",
        "Tue, 24 Xyz 2026 09:00:00 GMT",
        "Tue, 31 Feb 2026 09:00:00 GMT",
        "Tue, 24 Nov 0000 09:00:00 GMT",
        "Tue, 24 Nov 2026 99:00:00 GMT",
        "Tue, 24 Nov 99999 09:00:00 GMT",
    ],
)
def test_a13_unreadable_date(henk: Signer, text: str) -> None:
    """A date that is none is malformed, never an exception."""
    refusal = henk.refusal(henk.cavage(values={"date": text}))
    assert (refusal.status, refusal.code) == (400, "date")


WITH_CREATED = "(request-target) host (created) (expires) digest"


def created(henk: Signer, made: int, ends: int, **more: object) -> RawRequest:
    values = {"(created)": str(CREATED + made), "(expires)": str(CREATED + ends)}
    extra = f"created={CREATED + made},expires={CREATED + ends},"
    return henk.cavage(WITH_CREATED, extra=extra, values=values, **{"algorithm": "hs2019"} | more)


def test_a15_created_and_expires(henk: Signer) -> None:
    """(created) and (expires) are taken with hs2019 and judged like dates (A15)."""
    assert henk.check(created(henk, -60, 60))
    assert henk.check(created(henk, -60, 60, algorithm=None))
    assert henk.refusal(created(henk, -600, -1)).code == "stale"
    assert henk.refusal(created(henk, 600, 900)).code == "future"
    assert henk.refusal(created(henk, -60, 60, algorithm="rsa-sha256")).code == "created"


@pytest.mark.parametrize("text", ["soon", "-5", "1e9", "12.5", "9" * 16])
def test_a15_created_as_text(henk: Signer, text: str) -> None:
    """A created that is no number is malformed (A15)."""
    request = henk.cavage(
        "(request-target) host (created) digest",
        extra=f'created="{text}",',
        values={"(created)": text},
        algorithm="hs2019",
    )
    assert henk.refusal(request).status == 400


def test_a15_missing_created(henk: Signer) -> None:
    """(created) in the list without its parameter is refused."""
    request = henk.cavage(
        "(request-target) host (created) digest", values={"(created)": "1"}, algorithm="hs2019"
    )
    assert henk.refusal(request).code == "created"


def test_a16_long_expires(henk: Signer) -> None:
    """An expires ten years ahead holds for 12 hours after created, and an unsigned one for nothing at all (A16)."""
    ten_years = 10 * 365 * 86400
    assert henk.check(created(henk, -11 * 3600, ten_years))
    assert henk.refusal(created(henk, -13 * 3600, ten_years)).code == "stale"
    unsigned = henk.cavage(values={"date": date(timedelta(hours=2))}, extra=f"expires={CREATED + 3600},")
    assert henk.refusal(unsigned).code == "stale"
    narrowed = henk.cavage(extra=f"expires={CREATED - 1},")
    assert henk.refusal(narrowed).code == "expired"
    for ends in (-1, ten_years):
        modern = f';created={CREATED - 13 * 3600};expires={CREATED + ends};keyid="{KEY_ID}"'
        assert henk.refusal(henk.rfc9421(STRONG, modern)).code == "stale"


@pytest.mark.parametrize(
    "text",
    [
        'keyId="a",keyId="b",headers="date",signature="AA=="',
        'keyId="a",headers="date",signature="AA==",signature="AB=="',
        'keyId="a" headers="date"',
        'keyId="a',
        'keyId=a,headers="date"',
        'keyId="a\\"b"',
        "",
        ",",
        'keyId="a",',
        "x" * 9000,
    ],
)
def test_a17_signature_header(henk: Signer, text: str) -> None:
    """A Signature header with a parameter twice, or not to be read, is malformed (A17)."""
    assert henk.refusal(changed(henk.cavage(), "Signature", text)).status == 400


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a17_two_signature_headers(henk: Signer, scheme: Scheme) -> None:
    """Two Signature headers are not one."""
    good = henk.request(scheme)
    doubled = dataclasses.replace(good, headers=[*good.headers, ("signature", header(good, "Signature"))])
    assert henk.refusal(doubled).status == 400


def test_a17_two_dates(henk: Signer) -> None:
    """A second Date, of which two readers could each take another, is malformed."""
    request = henk.cavage(headers=[("date", date(timedelta()))])
    assert henk.refusal(request).code == "repeated-header"


@pytest.mark.parametrize("name", ["none", "hmac-sha256", "rsa-sha1", "rsa-sha512", "ecdsa-sha256", ""])
def test_a18_algorithms(henk: Signer, name: str) -> None:
    """Weak or foreign algorithms are refused by name (A18)."""
    parameters = f'{FRESH};alg="{name}"'
    assert henk.refusal(henk.rfc9421(STRONG, parameters)).code == "algorithm"
    if name:
        assert henk.refusal(henk.cavage(algorithm=name)).code == "algorithm"


def test_a18_missing_algorithm(henk: Signer) -> None:
    """hs2019 and no algorithm at all are taken: the key's type decides (A18)."""
    assert henk.check(henk.cavage(algorithm=None))
    assert henk.check(henk.cavage(algorithm="hs2019"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a20_type_confusion(henk: Signer, scheme: Scheme) -> None:
    """A key of the other type, or an algorithm named for the other type, is refused (A20)."""
    claim = read_claim(henk.request(scheme), now=NOW, our_hosts=HOSTS)
    for found in [
        FoundKey(KEY_ID, OWNER, ED25519, make_ed25519().public),
        FoundKey(KEY_ID, OWNER, ED25519, henk.found.public),
        FoundKey(KEY_ID, OWNER, "hmac-sha256", henk.found.public),
        FoundKey(KEY_ID, OWNER, RSA, make_ed25519().public),
    ]:
        with pytest.raises(BadSignature):
            verify(claim, found, ring=henk.ring)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a21_owner(henk: Signer, scheme: Scheme) -> None:
    """A key whose owner is of another origin, or that is another key than the claimed one, proves nothing (A21)."""
    claim = read_claim(henk.request(scheme), now=NOW, our_hosts=HOSTS)
    for found in [
        dataclasses.replace(henk.found, owner="https://noord.example/u/fatma"),
        dataclasses.replace(henk.found, owner=""),
        dataclasses.replace(henk.found, id="https://west.example/u/eve#main-key"),
    ]:
        with pytest.raises(BadSignature):
            verify(claim, found, ring=henk.ring)


@pytest.mark.parametrize(
    "key_id", ["", "main-key", "did:key:z6Mk", "javascript:x", "https://a@b/c", "https://a.b/" + "x" * 2100]
)
def test_key_ids(henk: Signer, key_id: str) -> None:
    """A keyId that is no web address is refused before anybody tries to fetch it."""
    text = header(henk.cavage(), "Signature").replace(KEY_ID, key_id)
    assert henk.refusal(changed(henk.cavage(), "Signature", text)).code == "key-id"


@pytest.mark.parametrize(
    "components",
    [
        "@target-uri content-digest",
        "@method content-digest",
        "@method @target-uri",
        "@method @authority @path content-digest",
        "@method @path @query content-digest",
        "content-digest",
        "",
    ],
)
def test_a32_too_little_covered(henk: Signer, components: str) -> None:
    """RFC 9421 too: method, whole target and digest must all be covered (A32)."""
    assert henk.refusal(henk.rfc9421(components, FRESH)).code == "not-covered"


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        (f';keyid="{KEY_ID}"', 401),
        (f';created={CREATED};keyid="{KEY_ID}";tag="web-bot-auth"', 401),
        (f';created={CREATED};keyid="{KEY_ID}";unknown=1', 401),
        (f';created={CREATED};keyid="{KEY_ID}";keyid="{KEY_ID}"', 400),
        (f";created={CREATED}", 401),
        (f';created="{CREATED}";keyid="{KEY_ID}"', 400),
        (f';created={CREATED}.5;keyid="{KEY_ID}"', 400),
        (f';created={CREATED};expires={CREATED - 1};keyid="{KEY_ID}"', 401),
        (f";created={CREATED};keyid=5", 401),
        (f';created={CREATED};keyid="{KEY_ID}";alg=5', 401),
        (f';created=999999999999999;keyid="{KEY_ID}"', 401),
    ],
)
def test_a32_parameters(henk: Signer, parameters: str, status: int) -> None:
    """No created, expired, another purpose, unknown or repeated parameters: refused (A32)."""
    assert henk.refusal(henk.rfc9421(STRONG, parameters)).status == status


def test_a32_two_signatures(henk: Signer) -> None:
    """Two signatures, or two names for one, are not one (A32)."""
    more = f', sig2=("@method"){FRESH}'
    two = henk.rfc9421(STRONG, FRESH, more=more)
    assert henk.refusal(two).code == "signature-count"
    both = changed(two, "Signature", header(two, "Signature") + ", sig2=:AAAA:")
    assert henk.refusal(both).code == "signature-count"
    other = henk.rfc9421(STRONG, FRESH)
    assert henk.refusal(changed(other, "Signature", "sig9=:AAAA:")).code == "signature-count"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sig1",
        "sig1=()",
        'sig1="x"',
        'sig1=("@method";req "@target-uri" "content-digest");created=1',
        "sig1=(1 2);created=1",
        'sig1=("@method"',
        'sig1=("@method" "@method" "@target-uri" "content-digest")' + FRESH,
        'sig1=("@method" "@target-uri" "content-digest" "@nonsense")' + FRESH,
        'sig1=("@method" "@target-uri" "content-digest" "x-absent")' + FRESH,
        'sig1=("@method" "@target-uri" "content-digest" "DATE")' + FRESH,
        'sig1=("@method" "@target-uri" "content-digest" "@status")' + FRESH,
        "é",
    ],
)
def test_a32_input_header(henk: Signer, text: str) -> None:
    """Any other Signature-Input is refused, never an exception."""
    assert henk.refusal(changed(henk.rfc9421(STRONG, FRESH), "Signature-Input", text)).status in {400, 401}


def test_a33_mixed_schemes(henk: Signer) -> None:
    """RFC 9421 announced and draft-cavage given, or the reverse, is refused without a second try (A33)."""
    old, new = henk.request(), henk.request(Scheme.RFC9421)
    announced = dataclasses.replace(
        old, headers=[*old.headers, ("Signature-Input", header(new, "Signature-Input"))]
    )
    assert henk.refusal(announced).status == 401
    assert henk.refusal(changed(new, "Signature-Input", None)).status == 400
    assert henk.refusal(changed(announced, "Signature-Input", "nonsense(")).status == 401


@pytest.mark.parametrize(
    "value", [content_digest(b"other"), "sha-512=:AAAA:", "sha-256=5", "sha-256", "", "(", "sha-256=:A:"]
)
def test_a03_content_digests(henk: Signer, value: str) -> None:
    """A Content-Digest of another body, without SHA-256 or not to be read is refused."""
    assert henk.refusal(changed(henk.rfc9421(STRONG, FRESH), "Content-Digest", value)).status in {400, 401}


def test_verified_is_only_made_by_verify(henk: Signer) -> None:
    """Nobody else can make, change, copy or store a Verified."""
    proven = henk.check(henk.request())
    values = {f.name: getattr(proven, f.name) for f in dataclasses.fields(Verified)}
    attempts = [
        lambda: Verified(**values),
        lambda: Verified(**values, proof=object()),
        lambda: Verified(**values, proof=None),
        lambda: dataclasses.replace(proven, actor_uri="https://west.example/u/eve"),
        lambda: dataclasses.replace(proven, body=b"x", proof=True),
        lambda: copy.copy(proven),
        lambda: copy.deepcopy(proven),
        lambda: pickle.dumps(proven),
        lambda: type("Forged", (Verified,), {"__post_init__": lambda self, proof: None}),
    ]
    for attempt in attempts:
        with pytest.raises((TypeError, ValueError)):
            attempt()
    with pytest.raises(dataclasses.FrozenInstanceError):
        proven.actor_uri = "https://west.example/u/eve"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("algorithm", [RSA, ED25519])
def test_round_trip(scheme: Scheme, algorithm: str) -> None:
    """What we sign, we believe: who, where, which target, which bytes."""
    signer = Signer(algorithm)
    proven = signer.check(signer.request(scheme))
    assert (proven.key_id, proven.actor_uri, proven.host) == (KEY_ID, OWNER, "noord.example")
    assert (proven.method, proven.target, proven.body) == ("POST", "/inbox?x=1", BODY)
    assert proven.scheme is scheme


@pytest.mark.parametrize("scheme", SCHEMES)
def test_signed_get(henk: Signer, scheme: Scheme) -> None:
    """A signed GET needs no digest, unless it carries a body."""
    request = henk.request(scheme, method="GET", url="https://noord.example/u/fatma?page=1", body=None)
    assert henk.check(request).target == "/u/fatma?page=1"
    assert henk.refusal(dataclasses.replace(request, body=b"x")).code == "not-covered"


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lab_host(henk: Signer, scheme: Scheme) -> None:
    """In a laboratory hosts have ports and speak http, and are believed all the same."""
    request = henk.request(scheme, url="http://noord.localhost:8001/inbox")
    claim = read_claim(request, now=NOW, our_hosts={"noord.localhost:8001"})
    assert verify(claim, henk.found, ring=henk.ring).host == "noord.localhost:8001"


def test_http_is_not_https(henk: Signer) -> None:
    """Outside the laboratory a signature for http:// is not one for https://."""
    request = henk.request(Scheme.RFC9421, url="http://noord.example/inbox?x=1")
    assert henk.refusal(request).code == "mismatch"


def test_cavage_as_peers_expect(henk: Signer) -> None:
    """Our draft-cavage headers are those that Mastodon and GoToSocial read, in their order."""
    headers = sign("POST", URL, key=henk.private, now=NOW, body=BODY)
    assert headers["Signature"].startswith(
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="'
    )
    assert headers["Date"] == "Tue, 24 Nov 2026 09:00:00 GMT"
    assert headers["Digest"] == digest(BODY)
    assert (
        'headers="(request-target) host date accept"'
        in sign("GET", URL, key=henk.private, now=NOW)["Signature"]
    )
    with pytest.raises(ValueError, match="url"):
        sign("GET", "javascript:x", key=henk.private, now=NOW)


def test_rfc9421_agrees_with_the_library(henk: Signer) -> None:
    """What we sign by RFC 9421 another verifier believes, with the parameters that Mastodon 4.5 asks for."""
    headers = sign("POST", URL, key=henk.private, now=datetime.now(UTC), scheme=Scheme.RFC9421, body=BODY)

    class Message:
        method, url = "POST", URL

    Message.headers = headers
    verifier = http_message_signatures.HTTPMessageVerifier(
        signature_algorithm=http_message_signatures.algorithms.RSA_V1_5_SHA256,
        key_resolver=http_message_signatures.MappingKeyResolver(
            public_keys={KEY_ID: henk.found.public.encode()}, private_keys={}
        ),
    )
    (result,) = verifier.verify(
        Message, require_components=("@method", "@target-uri", "content-digest"), body=BODY
    )
    assert result.parameters["keyid"] == KEY_ID
    assert result.parameters["alg"] == "rsa-v1_5-sha256"


class Keys:
    """Finds keys and counts how often it was asked."""

    def __init__(self, *answers: FoundKey | None) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, key_id: str) -> FoundKey | None:
        self.asked.append(key_id)
        return self.answers.pop(0)


async def proven(request: RawRequest, ring: KeyRing, find: Keys, refresh: Keys) -> Verified:
    return await authenticate(
        request, now=NOW, our_hosts=HOSTS, ring=ring, find_key=find, refresh_key=refresh
    )


async def test_known_key_is_not_refreshed(henk: Signer) -> None:
    """A key that fits is asked for once and never refreshed."""
    find, refresh = Keys(henk.found), Keys()
    assert (await proven(henk.request(), henk.ring, find, refresh)).actor_uri == OWNER
    assert find.asked == [KEY_ID]
    assert refresh.asked == []


async def test_a27_rotated_key(henk: Signer, eve: Signer) -> None:
    """A rotated key is fetched once; after that the old one is never believed (A27)."""
    refresh = Keys(henk.found)
    assert await proven(henk.request(), henk.ring, Keys(eve.found), refresh)
    assert refresh.asked == [KEY_ID]
    for signer, known, fresh in [
        (henk, eve.found, None),
        (eve, henk.found, henk.found),
        (henk, eve.found, eve.found),
    ]:
        refresh = Keys(fresh)
        with pytest.raises(BadSignature) as refusal:
            await proven(signer.request(), henk.ring, Keys(known), refresh)
        assert refusal.value.status == 401
        assert refresh.asked == [KEY_ID]


async def test_bad_claim_asks_nobody(henk: Signer) -> None:
    """A request that fails without a key costs no look-up at all (A01)."""
    find = Keys()
    with pytest.raises(BadSignature):
        await proven(henk.cavage("date"), henk.ring, find, Keys())
    assert find.asked == []


async def test_unknown_key(henk: Signer) -> None:
    """A key that does not exist is a 401 without a refresh; one that cannot be fetched now is KeyUnavailable."""
    with pytest.raises(BadSignature) as refusal:
        await proven(henk.request(), henk.ring, Keys(None), Keys())
    assert refusal.value.code == "unknown-key"

    async def later(_: str) -> FoundKey | None:
        raise KeyUnavailable

    with pytest.raises(KeyUnavailable):
        await authenticate(
            henk.request(), now=NOW, our_hosts=HOSTS, ring=henk.ring, find_key=later, refresh_key=later
        )


NAMES = st.sampled_from(["Host", "Date", "Digest", "Signature", "Signature-Input", "Content-Digest", "X"])
VALUES = st.text(max_size=80) | st.sampled_from(
    [
        "noord.example",
        "Tue, 24 Nov 2026 09:00:00 GMT",
        digest(BODY),
        content_digest(BODY),
        f'keyId="{KEY_ID}",headers="(request-target) host date digest",signature="AAAA"',
        f'sig1=("@method" "@target-uri" "content-digest"){FRESH}',
        "sig1=:AAAA:",
    ]
)


@settings(deadline=None, max_examples=400, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    st.sampled_from(["POST", "GET", "post", ""]) | st.text(max_size=5),
    st.sampled_from(["/inbox", "/", "*", ""]) | st.text(max_size=30),
    st.sampled_from([BODY, b""]) | st.binary(max_size=20),
)
def test_nothing_but_bad_signature_escapes(
    henk: Signer, headers: list[tuple[str, str]], method: str, target: str, body: bytes
) -> None:
    """Whatever comes in, the answer is BadSignature with a status and a safe word, and nothing is believed."""
    for given_headers in (headers, [("Host", "noord.example"), *headers]):
        refusal = henk.refusal(RawRequest(method, target, given_headers, body))
        assert refusal.status in {400, 401}
        assert refusal.code.replace("-", "").isalpha() or refusal.code == "base64"


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SCHEMES), st.data())
def test_any_change_is_noticed(henk: Signer, scheme: Scheme, data: st.DataObject) -> None:
    """Any one letter changed in any signed header is refused, and never raises anything else."""
    good = henk.request(scheme)
    name = data.draw(
        st.sampled_from([key for key, _ in good.headers if key not in {"Signature", "Content-Type", "Date"}])
    )
    text = header(good, name)
    spot = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(max_codepoint=255))
    bad = text[:spot] + letter + text[spot + 1 :]
    if bad.lower() != text.lower() and bad.strip() != text:
        henk.refusal(changed(good, name, bad))
