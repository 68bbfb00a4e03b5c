"""Object integrity proofs: what was said carries the signature of who said it, whoever brings it (FEP-8b32).

Made on what is public only: a proof on anything else would make a leak provable. A proof that does not hold is no
proof, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785

from federation.documents import AS, PROOFS, Document, as_list, id_of, same_origin
from federation.keys import ED25519, BadKey, KeyRing, PrivateKey, multibase, of_multibase
from federation.signatures import AHEAD, FoundKey
from federation.vocabulary import moment, read_moment

SUITE = "eddsa-jcs-2022"
_TYPE = "DataIntegrityProof"
_PURPOSE = "assertionMethod"
_SIGNATURE = 64
_MOST = 5  # proofs of one document that are looked at


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as a document carries it, with everything checked that needs no key."""

    key_id: str
    signature: bytes = field(repr=False)
    messages: tuple[bytes, ...] = field(repr=False)
    """What may have been signed: peers differ in whether the document's context is part of it."""


def prove(doc: Document, key: PrivateKey, at: datetime) -> Document:
    """The document with the proof of whoever holds `key`; `at` is the moment that the proof tells.

    The proof repeats the context: so it is right for who reads it as W3C's vc-di-eddsa 3.3.1 says, and for Fedify,
    which puts the context of the document there. Raises ValueError for a key that is not Ed25519.
    """
    if key.algorithm != ED25519:
        raise ValueError("proofs are made with Ed25519")
    doc = {**doc, "@context": _with_terms(doc.get("@context"))}
    options: Document = {
        "@context": doc["@context"],
        "type": _TYPE,
        "cryptosuite": SUITE,
        "verificationMethod": key.id,
        "proofPurpose": _PURPOSE,
        "created": moment(at),
    }
    return doc | {"proof": options | {"proofValue": multibase(key.sign(_message(options, doc)))}}


def _with_terms(context: Any) -> list[Any]:
    """The context, with the one in which `proof` has a meaning right behind that of ActivityStreams."""
    rest = [entry for entry in as_list(context) if entry not in (AS, PROOFS)]
    return [AS, PROOFS, *rest]


def _message(options: Document, doc: Document) -> bytes:
    return sha256(rfc8785.dumps(options)).digest() + sha256(rfc8785.dumps(doc)).digest()


BELIEVED_FOR = timedelta(days=29)
"""A day less than the ids of what came in are kept."""


def read_proof(doc: Document, now: datetime) -> Proof | None:
    """The first proof of a kind that we know; None when there is none, or it is expired or not to be read (A36)."""
    for given in as_list(doc.get("proof"))[:_MOST]:
        found = _read(given, doc, now) if isinstance(given, dict) else None
        if found:
            return found
    return None


def _read(given: Document, doc: Document, now: datetime) -> Proof | None:
    key_id, value = id_of(given.get("verificationMethod")), given.get("proofValue")
    if (
        given.get("type") != _TYPE
        or given.get("cryptosuite") != SUITE
        or given.get("proofPurpose") != _PURPOSE
        or not isinstance(value, str)
        or key_id is None
        or not _is_current(given, now)
    ):
        return None
    unsigned = {name: member for name, member in doc.items() if name != "proof"}
    options = {name: member for name, member in given.items() if name != "proofValue"}
    variants = [options]
    if "@context" in options:
        if not _begins_with(doc.get("@context"), options["@context"]):
            return None
        unsigned["@context"] = options["@context"]
    elif "@context" in doc:
        variants.append(options | {"@context": doc["@context"]})
    try:
        messages = tuple(_message(variant, unsigned) for variant in variants)
        return Proof(key_id, of_multibase(value, _SIGNATURE), messages)
    except (BadKey, rfc8785.CanonicalizationError, RecursionError):
        return None


def _is_current(given: Document, now: datetime) -> bool:
    """Whether it says when it was made, not in the future, not longer ago than we know what we heard, and is valid still.

    An older one could be brought again by anybody who kept it: we would not know that it came before (threat I04).
    """
    created = read_moment(given.get("created"))
    expires = read_moment(given.get("expires"))
    if created is None or created > now + AHEAD or created < now - BELIEVED_FOR:
        return False
    return given.get("expires") is None or (expires is not None and expires > now)


def _begins_with(context: Any, start: Any) -> bool:
    """Whether a document's context is that of its proof, perhaps with more behind it (vc-di-eddsa 3.3.2)."""
    whole, first = as_list(context), as_list(start)
    return whole[: len(first)] == first


def holds(proof: Proof, key: FoundKey, author_uri: str, ring: KeyRing) -> bool:
    """Whether the proof was made with this key, and the key is the author's own on the author's own host."""
    if key.id != proof.key_id or key.owner != author_uri or not same_origin(key.id, author_uri):
        return False
    if key.algorithm != ED25519:
        return False
    try:
        public = ring.public(key.algorithm, key.public)
    except BadKey:
        return False
    return any(public.verify(proof.signature, message) for message in proof.messages)
