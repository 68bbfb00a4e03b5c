"""Reads what others wrote: AS2 JSON, ids, addresses and origins, tolerant of every known way to write the same thing.

It refuses (Malformed) whatever two readers could understand differently, and follows no reference: it does no I/O.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Never
from urllib.parse import quote

Document = dict[str, Any]

AS = "https://www.w3.org/ns/activitystreams"
SECURITY = "https://w3id.org/security/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"
PROOFS = "https://w3id.org/security/data-integrity/v1"
VB = "https://vraagbaak.example/ns#"
PUBLIC = f"{AS}#Public"
PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})

ACTIVITY_JSON = "application/activity+json"
LD_JSON = f'application/ld+json; profile="{AS}"'
ACCEPT = f"{ACTIVITY_JSON}, {LD_JSON}"
JRD_JSON = "application/jrd+json"

# Every member that we write has an IRI here: who expands JSON-LD (Fedify, Friendica) drops the others in silence.
OBJECT_CONTEXT: tuple[Any, ...] = (
    AS,
    {
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "gts": "https://gotosocial.org/ns#",
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canReply": {"@id": "gts:canReply", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
        "toot": "http://joinmastodon.org/ns#",
        "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
        "blurhash": "toot:blurhash",
        "vf": "https://w3id.org/valueflows/ont/vf#",
        "Intent": "vf:Intent",
        "purpose": "vf:purpose",
        "publishes": {"@id": "vf:publishes", "@type": "@id"},
        "action": "vf:action",
        "vb": VB,
    },
)
ACTOR_CONTEXT: tuple[Any, ...] = (
    AS,
    SECURITY,
    MULTIKEY,
    {
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "toot": "http://joinmastodon.org/ns#",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "searchableBy": {"@id": "http://fedibird.com/ns#searchableBy", "@type": "@id"},
        "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@list"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        # The multikey context knows the key, not the member that lists it (FEP-521a).
        "assertionMethod": {
            "@id": "https://w3id.org/security#assertionMethod",
            "@type": "@id",
            "@container": "@set",
        },
        "lemmy": "https://join-lemmy.org/ns#",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "vb": VB,
        # PieFed reads it as plain JSON and gave it no IRI that we know of.
        "questionAnswer": "vb:questionAnswer",
    },
)
IMPLEMENTS = {
    "https://datatracker.ietf.org/doc/html/draft-cavage-http-signatures-12": "draft-cavage HTTP Signatures",
    "https://datatracker.ietf.org/doc/html/rfc9421": "RFC-9421: HTTP Message Signatures",
    "https://w3id.org/fep/1b12": "FEP-1b12: Group federation",
    "https://w3id.org/fep/2677": "FEP-2677: Identifying the Application Actor",
    "https://w3id.org/fep/844e": "FEP-844e: Capability discovery",
    "https://w3id.org/fep/8b32": "FEP-8b32: Object Integrity Proofs",
    "https://w3id.org/fep/8fcf": "FEP-8fcf: Followers collection synchronization across servers",
}
"""What the Application actor lists under `implements` (FEP-844e)."""


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of a list or text is read; the rest is not there for us."""

    body: int = 1_048_576
    depth: int = 32
    containers: int = 131_072
    key: int = 512
    types: int = 10
    tags: int = 200
    mentions: int = 50
    recipients: int = 500
    keys: int = 10
    field: int = 2047
    aliases: int = 256
    uri: int = 2048
    handle: int = 200
    name: int = 2048
    bio: int = 20_000


CAPS = Caps()
_CORE_TYPES = frozenset(
    (
        *(
            "Accept",
            "Add",
            "Announce",
            "Block",
            "Create",
            "Delete",
            "Flag",
            "Follow",
            "Like",
            "Move",
            "Reject",
        ),
        *("Remove", "Undo", "Update", "Application", "Group", "Organization", "Person", "Service"),
        *("Article", "Audio", "Document", "Event", "Image", "Note", "Page", "Place", "Question", "Tombstone"),
        *("Video", "Collection", "CollectionPage", "OrderedCollection", "OrderedCollectionPage"),
    )
)
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_WEIRD = re.compile(r"[\x00-\x20\x7f\\<>\"^`{|}]|[\ud800-\udfff]")
_ANY = re.IGNORECASE | re.DOTALL
_URL = re.compile(r"(?P<scheme>https?)://(?P<place>[^/?#]*)(?P<target>[^#]*)(?:#(?P<fragment>.*))?", _ANY)
_PLACE = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:@%\s]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_PARAMETER = re.compile(r'\s*([\w-]+)\s*=\s*("[^"]*"|[^\s;"]+)\s*')


class Malformed(Exception):  # noqa: N818 - what the document is
    """Not a document that every reader would understand alike. `code` is one safe word."""

    status = 400

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def _once(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("duplicate-key")
    for name in found:
        if len(name) > CAPS.key:
            raise Malformed("long-key")
    return found


def _whole(text: str) -> int:
    # Within 64 bits: what SQLite keeps and what every other reader sees as the same number; "-0" is not.
    if len(text) > 20 or text == "-0" or not -(2**63) <= (number := int(text)) < 2**63:
        raise Malformed("number")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    # Neither an infinity nor below zero without being anything: RFC 8785 writes -0.0 as 0, so a proof covers both.
    if number - number != 0 or (number == 0 and text.startswith("-")):
        raise Malformed("number")
    return number


def _no_constant(_: str) -> Never:
    raise Malformed("number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant
)


def parse(body: bytes) -> Document:
    """The JSON object in `body`. Raises Malformed; never anything else.

    The standard library with hooks, not msgspec: msgspec takes the last of two equal keys in silence, and asking for
    both costs 10 us per activity, which is cheap enough.
    """
    if len(body) > CAPS.body:
        raise Malformed("too-big")
    # A mebibyte of nothing but empty lists takes half a second to take apart, and as long again in the worker.
    containers = body.count(b"{") + body.count(b"[")
    if containers > CAPS.containers:
        raise Malformed("too-many")
    try:
        text = body.decode("utf-8")
        document = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise Malformed("encoding") from None
    except RecursionError:
        raise Malformed("depth") from None
    except ValueError:
        raise Malformed("not-json") from None
    if type(document) is not dict:
        raise Malformed("not-an-object")
    if containers > CAPS.depth or _SUSPECT.search(text):
        _check_inside(document)
    return document


def _check_inside(document: Document) -> None:
    level: list[Any] = [document]
    for _ in range(CAPS.depth):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                below.extend(value)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
        if not below:
            return
        level = below
    if any(isinstance(value, (dict, list)) for value in level):
        raise Malformed("depth")
    for value in level:
        if isinstance(value, str):
            _check_text(value)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Malformed("nul")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed("surrogate") from None


def as_list(value: object) -> list[Any]:
    """The values of a member that may be absent, one value or a list (AS2 section 4: functional or not)."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def first_of(value: object) -> Any:
    """The value of a member that has only one, also when it stands in a list; None when there is none."""
    return next(iter(as_list(value)), None)


def only_of(value: Any) -> Any:
    """The value of a member, also when it stands in a list by itself.

    Several stay in their list, for none of them is the one; a list in a list stays too.
    """
    alone = isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list)
    return value[0] if alone else value


def id_of(value: object) -> str | None:
    """The id behind a string or an embedded object with `id` (or `@id`), alone in a list or not; None without one."""
    return _id_of(only_of(value))


def _id_of(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("id", value.get("@id"))
    return value if isinstance(value, str) and 0 < len(value) <= CAPS.uri else None


def ids_of(value: object, cap: int = CAPS.recipients) -> list[str]:
    """The distinct ids in a member, in order; those after the first `cap` values are not looked at."""
    return list(dict.fromkeys(found for entry in as_list(value)[:cap] if (found := _id_of(entry))))


def types_of(doc: Mapping[str, Any]) -> tuple[str, ...]:
    """The types as short names (`as:Note` and the full IRI become `Note`), at most ten."""
    stated = doc.get("type", doc.get("@type"))
    if isinstance(stated, str) and stated in _CORE_TYPES:
        return (stated,)
    found = (kind for kind in as_list(stated)[: CAPS.types] if isinstance(kind, str))
    return tuple(kind.removeprefix(f"{AS}#").removeprefix("as:") for kind in found if kind)


def one_type(doc: Mapping[str, Any]) -> str | None:
    """The type to act on: the first that AS2 knows, as Mastodon and GoToSocial do, else the first; None without."""
    types = types_of(doc)
    return next((kind for kind in types if kind in _CORE_TYPES), types[0] if types else None)


def text_of(doc: Mapping[str, Any], name: str, language: str = "") -> str:
    """The text of `name` in `language` if `nameMap` has it, else the plain one, else any of the map; else empty."""
    texts = doc.get(f"{name}Map")
    spoken = (
        {key.lower(): text for key, text in texts.items() if _filled(text)} if isinstance(texts, dict) else {}
    )
    wanted = language.lower()
    for key in (wanted, wanted.split("-")[0]):
        if key and key in spoken:
            return str(spoken[key])
    for value in as_list(doc.get(name)):
        plain = value.get("@value") if isinstance(value, dict) else value
        if _filled(plain):
            return str(plain)
    return str(next(iter(spoken.values()), ""))


def _filled(value: object) -> bool:
    return isinstance(value, str) and value != ""


def vb(doc: Mapping[str, Any], name: str) -> Any:
    """Our own member `vb:name`, also when a JSON-LD processor on the way wrote its full IRI; None when absent."""
    short = f"vb:{name}"
    if short in doc:
        return doc[short]
    ending = f"/ns#{name}"
    for key in doc:
        if key[:4] == "http" and key.endswith(ending) and key.startswith(("https://", "http://")):
            return doc[key]
    return None


def addressed(doc: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Whom the document is to, and whom it is a copy for: ids, as spelled."""
    return set(ids_of(doc.get("to"))), set(ids_of(doc.get("cc")))


_SECRET = frozenset(f"{prefix}{name}" for prefix in ("", "as:", f"{AS}#") for name in ("bto", "bcc"))


def without_secrets(value: Any) -> Any:
    """A document without `bto` and `bcc`, which nobody but its server should ever have seen, however deep (ActivityPub 6).

    Nor with a proof of what it was with them. The very same object when there is nothing of it.
    """
    if isinstance(value, list):
        entries = [without_secrets(entry) for entry in value]
        return value if all(one is other for one, other in zip(value, entries, strict=True)) else entries
    if not isinstance(value, dict):
        return value
    kept = {name: without_secrets(inside) for name, inside in value.items() if name not in _SECRET}
    if len(kept) == len(value) and all(kept[name] is value[name] for name in kept):
        return value
    kept.pop("proof", None)
    return kept


def is_public(recipients: Collection[str]) -> bool:
    """Whether Public is among them, in any of its three spellings (ActivityPub errata; Akkoma 2024.04)."""
    return not PUBLIC_SPELLINGS.isdisjoint(recipients)


def is_said_publicly(doc: Mapping[str, Any]) -> bool:
    """Whether the document is for everybody, by `to` or `cc`."""
    to, cc = addressed(doc)
    return is_public(to | cc)


def is_activity_json(content_type: str) -> bool:
    """Whether this Content-Type promises AS2 (ActivityPub section 3.2): activity+json, or ld+json with the AS profile."""
    kind, _, rest = content_type.partition(";")
    kind = kind.strip().lower()
    if kind == ACTIVITY_JSON:
        return True
    if kind != "application/ld+json":
        return False
    found = [match for part in _parts(rest) if (match := _PARAMETER.fullmatch(part))]
    profiles = [match[2].strip('"') for match in found if match[1].lower() == "profile"]
    return len(profiles) == 1 and AS in profiles[0].split()


def _parts(parameters: str) -> Iterable[str]:
    return re.findall(r'(?:"[^"]*"|[^;"])+', parameters[:1000])


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port in their one canonical spelling."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The host, with the port only when it is not the scheme's own."""
        return (
            self.host if self.port == (443 if self.scheme == "https" else 80) else f"{self.host}:{self.port}"
        )

    @property
    def is_address(self) -> bool:
        """Whether the host is a literal address: only a laboratory has those."""
        return self.host.startswith("[") or self.host.rpartition(".")[2].isdigit()

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def _host(given: str) -> str | None:
    host = given.lower()
    try:
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        if not host.isascii():
            host = host.encode("idna").decode("ascii").lower()
        host = host.removesuffix(".")
        labels = host.split(".")
        if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
            return None
        # As WHATWG does: a last label that is a number makes the whole an address, so 127.1 and 0x7f.1 are not names.
        if re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
            return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None
    return host


def _pieces(url: object) -> tuple[Origin, str, str | None] | None:
    return _taken_apart(url) if isinstance(url, str) and len(url) <= CAPS.uri else None


# One activity names the same few urls again and again: 11% of an inbox's CPU before this cache.
@lru_cache(maxsize=4096)
def _taken_apart(url: str) -> tuple[Origin, str, str | None] | None:
    if _WEIRD.search(url):
        return None
    whole = _URL.fullmatch(url)
    place = _PLACE.fullmatch(whole["place"]) if whole else None
    host = _host(place["host"]) if place else None
    if whole is None or place is None or host is None:
        return None
    scheme = whole["scheme"].lower()
    port = int(place["port"]) if place["port"] else 443 if scheme == "https" else 80
    if not 0 < port < 65536:
        return None
    target = whole["target"] if whole["target"].startswith("/") else f"/{whole['target']}"
    found, escaped = Origin(scheme, host, port), quote(target, safe="/?:@!$&'()*+,;=-._~%[]")
    # An escape is longer than what it stands for: what is not too long must not be so in its one spelling either.
    return (found, escaped, whole["fragment"]) if len(f"{found}{escaped}") <= CAPS.uri else None


def origin(url: object) -> Origin | None:
    """The canonical origin of an http(s) URL (lower case, punycode, no trailing dot, port filled in).

    None for anything that two readers could see as different hosts: userinfo, odd characters, bad ports, numbers that
    only look like a name.
    """
    pieces = _pieces(url)
    return pieces[0] if pieces else None


def split_url(url: object) -> tuple[Origin, str] | None:
    """Origin and request target (path and query, exactly as they go on the wire, so as they are signed)."""
    pieces = _pieces(url)
    return pieces[:2] if pieces else None


def host_of(url: object) -> str | None:
    """The canonical domain of a URL, with the port only when it is not the default."""
    found = origin(url)
    return found.netloc if found else None


def same_origin(one: object, other: object) -> bool:
    """Whether both are URLs of one origin; two unreadable ones are not."""
    found = origin(one)
    return found is not None and found == origin(other)


def same_url(one: object, other: object) -> bool:
    """Whether both name the same thing: canonical origin, and the same path, query and fragment."""
    found = _pieces(one)
    return found is not None and found == _pieces(other)
