"""Signs what we send and authenticates what we receive, by draft-cavage-12 and by RFC 9421.

A request is refused (BadSignature) unless one signature covers method, target, our host, a fresh moment and the bytes
of the body; only `verify` can make a `Verified`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Never, final

import http_sf
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, MappingKeyResolver
from http_message_signatures.algorithms import ED25519 as ED25519_9421
from http_message_signatures.algorithms import RSA_V1_5_SHA256, HTTPSignatureAlgorithm
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from federation.documents import ACCEPT, ACTIVITY_JSON, CAPS, origin, same_origin, split_url
from federation.keys import ED25519, RSA, BadKey, KeyRing, PrivateKey, PublicKey

PAST = timedelta(minutes=65)
AHEAD = timedelta(minutes=5)
LONGEST = timedelta(hours=12)
SYNCHRONIZATION = "collection-synchronization"
_LARGEST = 8192
_BODILESS = frozenset({"GET", "HEAD"})
_CAVAGE_HINTS = {None: None, "hs2019": None, "rsa-sha256": RSA, "ed25519": ED25519}
_RFC9421_HINTS = {None: None, "rsa-v1_5-sha256": RSA, "ed25519": ED25519}
_RFC9421_KNOWN = frozenset({"alg", "created", "expires", "keyid", "nonce"})
_ALGORITHMS: dict[str, type[HTTPSignatureAlgorithm]] = {RSA: RSA_V1_5_SHA256, ED25519: ED25519_9421}
_PARAMETER = re.compile(r'[ \t]*([A-Za-z]+)=(?:"([^"\\]*)"|([0-9]{1,20}))[ \t]*(,|\Z)')
_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Scheme(StrEnum):
    """How a request is signed."""

    CAVAGE = "draft-cavage-12"
    RFC9421 = "rfc9421"


class BadSignature(Exception):  # noqa: N818 - what the signature is
    """The request is not proven. `status` is 401, or 400 when it cannot even be read; `code` is one safe word."""

    def __init__(self, code: str, status: int = 401) -> None:
        self.code = code
        self.status = status
        super().__init__(code)


class KeyUnavailable(Exception):  # noqa: N818 - what the key is
    """The key could not be looked up just now: answer 503, or the sender drops the post for good (Mastodon 4.5.4)."""


class KeyInDoubt(KeyUnavailable):
    """What is known of the key does not prove the request, and whether that still holds cannot be asked just now."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it came: `target` is path and query exactly as on the wire, `headers` keep their duplicates."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A public key with the uri of the actor who lists it as theirs."""

    id: str
    owner: str
    algorithm: str
    public: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of itself, with everything checked that needs no key."""

    scheme: Scheme
    key_id: str
    host: str
    request: RawRequest
    algorithm: str | None
    """The key type that the signer named, if it did."""
    signature: bytes = field(repr=False)
    message: bytes = field(repr=False, default=b"")
    """What was signed; empty for RFC 9421, where the library builds it."""
    synchronization: str = ""
    """What the signer says of its followers (FEP-8fcf); empty when that is not signed."""


_PROOF = object()


@final
@dataclass(frozen=True, slots=True)
class Verified:
    """A request proven to come from whoever holds `key_id`, which `actor_uri` lists. Made by `verify` alone."""

    key_id: str
    actor_uri: str
    host: str
    method: str
    target: str
    body: bytes = field(repr=False)
    scheme: Scheme
    synchronization: str
    proof: InitVar[object]

    def __post_init__(self, proof: object) -> None:
        if proof is not _PROOF:
            raise TypeError("Only signatures.verify makes a Verified.")

    def __init_subclass__(cls) -> None:
        raise TypeError("Verified has no kinds.")

    def __reduce__(self) -> Never:
        raise TypeError("A Verified is neither copied nor stored.")


class _Fields:
    """Header fields by lower-case name, duplicates kept in order."""

    def __init__(self, headers: Sequence[tuple[str, str]]) -> None:
        self._lines: dict[str, list[str]] = {}
        for name, value in headers:
            # Raw bytes above 127 may stand in fields that nobody signs (a user agent), never in those that count.
            clean = value.isascii() and not re.search(r"[\r\n\0]", value)
            self._lines.setdefault(name.lower(), []).append(value.strip(" \t") if clean else "\0")

    def __contains__(self, name: str) -> bool:
        return name in self._lines

    def joined(self, name: str) -> str:
        """All lines of a field as one value. Raises BadSignature when it is absent or unreadable."""
        if name not in self._lines:
            raise BadSignature("missing-header")
        value = ", ".join(self._lines[name])
        if "\0" in value or len(value) > _LARGEST:
            raise BadSignature("bad-header", 400)
        return value

    def only(self, name: str) -> str:
        """The value of a field that may stand once."""
        value = self.joined(name)
        if len(self._lines[name]) != 1:
            raise BadSignature("repeated-header", 400)
        return value


def read_claim(request: RawRequest, *, now: datetime, our_hosts: Collection[str]) -> Claim:
    """Everything about a signature that needs no key: which key, what it covers, for which host, when, which body.

    With `Signature-Input` it is RFC 9421 and nothing else, without it draft-cavage-12: one scheme, never a second try.
    Raises BadSignature for whatever is missing, weak, stale, for another host or not to be read alike by two readers.
    """
    if not request.target.startswith("/") or not re.fullmatch(r"[A-Z]{1,20}", request.method):
        raise BadSignature("request-line", 400)
    fields = _Fields(request.headers)
    if "signature" not in fields:
        raise BadSignature("unsigned")
    host = fields.only("host").lower()
    if host not in our_hosts:
        raise BadSignature("host")
    if "signature-input" in fields:
        return _read_rfc9421(request, fields, host, now)
    return _read_cavage(request, fields, host, now)


def _read_cavage(request: RawRequest, fields: _Fields, host: str, now: datetime) -> Claim:
    given = _parameters(fields.only("signature"))
    algorithm = given.get("algorithm", "hs2019").lower()
    if algorithm not in _CAVAGE_HINTS:
        raise BadSignature("algorithm")
    covered = given.get("headers", "").lower().split()
    required = {"(request-target)", "host"} | (set() if _bodiless(request) else {"digest"})
    if not required.issubset(covered) or not {"date", "(created)"} & set(covered):
        raise BadSignature("not-covered")
    if len(set(covered)) != len(covered) or len(covered) > 50:
        raise BadSignature("repeated-component", 400)
    if algorithm != "hs2019" and {"(created)", "(expires)"} & set(covered):
        raise BadSignature("created")  # draft-cavage-12 section 2.3: only hs2019 knows these
    created, expires = _moment(given, "created"), _moment(given, "expires")
    if "(created)" in covered:
        _check_moment(created, expires if "(expires)" in covered else None, now)
    if "date" in covered:
        _check_moment(_http_date(fields.only("date")), expires if "(expires)" in covered else None, now)
    if expires is not None and expires < now.timestamp():
        raise BadSignature("expired")  # an `expires` that nobody signed may narrow, never widen
    if "digest" in covered:
        _check_digest(fields.joined("digest"), request.body)
    lines = [f"{name}: {_cavage_value(name, request, fields, given)}" for name in covered]
    return Claim(
        scheme=Scheme.CAVAGE,
        key_id=_key_id(given.get("keyId")),
        host=host,
        request=request,
        algorithm=_CAVAGE_HINTS[algorithm],
        signature=_base64(given.get("signature", "")),
        message="\n".join(lines).encode("ascii"),
        synchronization=_synchronization(fields, covered),
    )


def _synchronization(fields: _Fields, covered: Collection[str]) -> str:
    return fields.joined(SYNCHRONIZATION) if SYNCHRONIZATION in covered else ""


def _parameters(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(text) or not found:
        match = _PARAMETER.match(text, position)
        if match is None or match[1] in found or (match[4] == "," and match.end() == len(text)):
            raise BadSignature("signature-header", 400)
        found[match[1]] = match[2] if match[2] is not None else match[3]
        position = match.end()
    return found


def _cavage_value(name: str, request: RawRequest, fields: _Fields, given: Mapping[str, str]) -> str:
    if name == "(request-target)":
        if not request.target.isascii() or re.search(r"[\x00-\x20\x7f]", request.target):
            raise BadSignature("request-line", 400)
        return f"{request.method.lower()} {request.target}"
    if name in {"(created)", "(expires)"}:
        return given[name.strip("()")] if name.strip("()") in given else _missing()
    return fields.joined(name)


def _missing() -> Never:
    raise BadSignature("missing-header")


def _moment(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise BadSignature(name, 400)
    return int(text)


def _http_date(text: str) -> float:
    match = _DATE.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        raise BadSignature("date", 400)
    day, year, hour, minute, second = (int(match[n]) for n in (1, 3, 4, 5, 6))
    try:
        moment = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        raise BadSignature("date", 400) from None
    return moment.timestamp()


def _check_moment(signed: float | None, expires: int | None, now: datetime) -> None:
    """65 minutes past (Mastodon's margin) and 5 ahead; a signed `expires` moves the end, to 12 hours at most."""
    if signed is None:
        raise BadSignature("created")
    moment = now.timestamp()
    if signed > moment + AHEAD.total_seconds():
        raise BadSignature("future")
    end = signed + PAST.total_seconds() if expires is None else min(expires, signed + LONGEST.total_seconds())
    if moment > end:
        raise BadSignature("stale")


def _bodiless(request: RawRequest) -> bool:
    return request.method in _BODILESS and not request.body


def _check_digest(text: str, body: bytes) -> None:
    """RFC 3230 as Mastodon reads it: whatever else is offered, SHA-256 must be there and right."""
    found = [part.strip().split("=", 1) for part in text.split(",")]
    sums = [part[1] for part in found if len(part) == 2 and part[0].lower() == "sha-256"]
    if len(sums) != 1:
        raise BadSignature("digest")
    if not compare_digest(_base64(sums[0]), sha256(body).digest()):
        raise BadSignature("digest")


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise BadSignature("base64", 400) from None


def _key_id(text: object) -> str:
    if not isinstance(text, str) or len(text) > CAPS.uri or origin(text) is None:
        raise BadSignature("key-id")
    return text


def _read_rfc9421(request: RawRequest, fields: _Fields, host: str, now: datetime) -> Claim:
    inputs = _dictionary(fields.joined("signature-input"))
    signatures = _dictionary(fields.joined("signature"))
    if len(inputs) != 1 or inputs.keys() != signatures.keys():
        raise BadSignature("signature-count")
    (components, given), (signature, _) = *inputs.values(), *signatures.values()
    if not isinstance(components, list) or not isinstance(signature, bytes):
        raise BadSignature("signature-header", 400)
    if any(not isinstance(name, str) or parameters for name, parameters in components):
        raise BadSignature("component", 400)
    covered = {name for name, _ in components}
    whole = "@target-uri" in covered or {"@authority", "@path", "@query"} <= covered
    if "@method" not in covered or not whole or not (_bodiless(request) or "content-digest" in covered):
        raise BadSignature("not-covered")
    if not given.keys() <= _RFC9421_KNOWN:
        raise BadSignature("parameter")  # also any `tag`: it was signed for another purpose than federation
    if any(type(given.get(name, 0)) is not int for name in ("created", "expires")):
        raise BadSignature("created", 400)
    if given.get("alg") not in _RFC9421_HINTS:
        raise BadSignature("algorithm")
    _check_moment(given.get("created"), given.get("expires"), now)
    if "content-digest" in covered:
        _check_content_digest(fields.joined("content-digest"), request.body)
    return Claim(
        scheme=Scheme.RFC9421,
        key_id=_key_id(given.get("keyid")),
        host=host,
        request=request,
        algorithm=_RFC9421_HINTS[given.get("alg")],
        signature=signature,
        synchronization=_synchronization(fields, covered),
    )


def _dictionary(text: str) -> dict[str, Any]:
    def once(_key: str, _context: str) -> None:
        raise BadSignature("repeated-parameter", 400)

    try:
        found = http_sf.parse(text.encode("ascii"), tltype="dictionary", on_duplicate_key=once)
    except ValueError:
        # 401, not 400: a draft-cavage value beside a Signature-Input is unproven, not unreadable.
        raise BadSignature("signature-header") from None
    assert isinstance(found, dict)
    return found


def _check_content_digest(text: str, body: bytes) -> None:
    value, _ = _dictionary(text).get("sha-256", (None, None))
    if not isinstance(value, bytes) or not compare_digest(value, sha256(body).digest()):
        raise BadSignature("digest")


@dataclass(slots=True)
class _Message:
    """A request as http_message_signatures reads and completes it."""

    method: str
    url: str
    headers: dict[str, str]


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its own look at the clock: `read_claim` did that with ours."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Nothing more."""


def verify(claim: Claim, key: FoundKey, *, ring: KeyRing) -> Verified:
    """The proven request. Raises BadSignature when the key is not the claimed one, unfit, or did not sign this.

    The algorithm follows the key's type; an owner of another origin than the key is refused (FEP-fe34).
    """
    if key.id != claim.key_id:
        raise BadSignature("key-id")
    if not same_origin(key.id, key.owner):
        raise BadSignature("key-owner")
    if claim.algorithm not in {None, key.algorithm}:
        raise BadSignature("algorithm")
    try:
        public = ring.public(key.algorithm, key.public)
    except BadKey as fault:
        raise BadSignature("key") from fault
    if claim.scheme is Scheme.CAVAGE:
        proven = public.verify(claim.signature, claim.message)
    else:
        proven = any(_proven_rfc9421(claim, public, scheme) for scheme in _schemes(claim.host))
    if not proven:
        raise BadSignature("mismatch")
    request = claim.request
    return Verified(
        key_id=key.id,
        actor_uri=key.owner,
        host=claim.host,
        method=request.method,
        target=request.target,
        body=request.body,
        scheme=claim.scheme,
        synchronization=claim.synchronization,
        proof=_PROOF,
    )


def _schemes(host: str) -> tuple[str, ...]:
    # A port or *.localhost exists in a laboratory only, where peers may speak plain http.
    return ("https", "http") if ":" in host or host.endswith("localhost") else ("https",)


def _proven_rfc9421(claim: Claim, public: PublicKey, scheme: str) -> bool:
    fields: dict[str, str] = {}
    for name, value in claim.request.headers:
        folded = name.lower()
        fields[folded] = f"{fields[folded]}, {value}" if folded in fields else value
    message = _Message(claim.request.method, f"{scheme}://{claim.host}{claim.request.target}", fields)
    resolver = MappingKeyResolver(public_keys={claim.key_id: public.loaded}, private_keys={})
    verifier = _Verifier(signature_algorithm=_ALGORITHMS[public.algorithm], key_resolver=resolver)
    try:
        verifier.verify(message, max_age=None)
    except (HTTPMessageSignaturesException, ValueError):
        return False
    return True


async def authenticate(
    request: RawRequest,
    *,
    now: datetime,
    our_hosts: Collection[str],
    ring: KeyRing,
    find_key: Callable[[str], Awaitable[FoundKey | None]],
    refresh_key: Callable[[str], Awaitable[FoundKey | None]],
) -> Verified:
    """The proven request, with the key looked up and, if it does not fit, fetched anew once (a rotated key).

    `find_key` and `refresh_key` take a key id and give the key with its owner, or None when there is no such key; they
    may raise KeyUnavailable, which passes through. `refresh_key` has to limit how often it fetches one key: every
    forged request asks for it. Raises BadSignature.
    """
    claim = read_claim(request, now=now, our_hosts=our_hosts)
    found = await find_key(claim.key_id)
    if found is None:
        raise BadSignature("unknown-key")
    try:
        return verify(claim, found, ring=ring)
    except BadSignature as fault:
        fresh = await refresh_key(claim.key_id)
        if fresh is None or fresh == found:
            raise BadSignature(fault.code) from fault
    return verify(claim, fresh, ring=ring)


def sign(
    method: str,
    url: str,
    *,
    key: PrivateKey,
    now: datetime,
    scheme: Scheme = Scheme.CAVAGE,
    body: bytes | None = None,
    synchronization: str = "",
) -> dict[str, str]:
    """The headers to send with a request to `url`: Date, Signature and what it covers; the client adds Host itself.

    draft-cavage as Mastodon and GoToSocial read it: `(request-target) host date digest content-type`, without a body
    `(request-target) host date accept`; RFC 9421 as Mastodon 4.5 does: `@method @target-uri content-digest`.
    `synchronization` is the value of the header of FEP-8fcf, which has to be signed. Raises ValueError for a url that
    cannot be requested.
    """
    place = split_url(url)
    if place is None:
        raise ValueError("not a url to sign for")
    headers = {"Date": format_datetime(now.astimezone(UTC), usegmt=True)}
    headers |= {"Accept": ACCEPT} if body is None else {"Content-Type": ACTIVITY_JSON}
    if synchronization:
        headers["Collection-Synchronization"] = synchronization
    if scheme is Scheme.RFC9421:
        return _sign_rfc9421(_Message(method, f"{place[0]}{place[1]}", headers), key, now, body)
    if body is not None:
        headers["Digest"] = f"SHA-256={base64.b64encode(sha256(body).digest()).decode()}"
    covered = {"(request-target)": f"{method.lower()} {place[1]}", "host": place[0].netloc}
    order = ("Date", "Accept") if body is None else ("Date", "Digest", "Content-Type")
    covered |= {name.lower(): headers[name] for name in order}
    if synchronization:
        covered[SYNCHRONIZATION] = synchronization
    message = "\n".join(f"{name}: {value}" for name, value in covered.items())
    signature = base64.b64encode(key.sign(message.encode())).decode()
    algorithm = "rsa-sha256" if key.algorithm == RSA else "hs2019"
    headers["Signature"] = (
        f'keyId="{key.id}",algorithm="{algorithm}",headers="{" ".join(covered)}",signature="{signature}"'
    )
    return headers


def _sign_rfc9421(message: _Message, key: PrivateKey, now: datetime, body: bytes | None) -> dict[str, str]:
    resolver = MappingKeyResolver(public_keys={}, private_keys={key.id: key.loaded})
    signer = HTTPMessageSigner(signature_algorithm=_ALGORITHMS[key.algorithm], key_resolver=resolver)
    signer.sign(
        message,
        key_id=key.id,
        created=now,
        label="sig1",
        covered_component_ids=(
            "@method",
            "@target-uri",
            *(name for name in (SYNCHRONIZATION,) if "Collection-Synchronization" in message.headers),
        ),
        body=body,
    )
    return message.headers
