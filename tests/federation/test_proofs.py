"""Object integrity proofs: the published example, our own round trip, and everything that is no proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from federation.documents import AS, PROOFS, PUBLIC, is_said_publicly, parse
from federation.keys import (
    ED25519,
    RSA,
    KeyRing,
    PrivateKey,
    Sealer,
    make_rsa,
    multibase,
    multikey,
    of_multibase,
)
from federation.proofs import holds, prove, read_proof
from federation.signatures import FoundKey

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VERA = "https://good.example/u/vera"
KEY_ID = f"{VERA}#ed25519-key"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = PrivateKey(KEY_ID, ED25519, PRIVATE)
FOUND = FoundKey(KEY_ID, VERA, ED25519, multikey(PRIVATE.public_key().public_bytes_raw()))
RING = KeyRing(Sealer(b"s" * 32))
SAID = {
    "@context": [AS, {"vb": "https://vraagbaak.example/ns#"}],
    "id": "https://good.example/act/1",
    "type": "Create",
    "actor": VERA,
    "to": [PUBLIC],
    "object": {"type": "Note", "content": "Hallo é 1.0", "vb:number": 1.0},
}


def is_proven(doc: dict[str, Any], key: FoundKey = FOUND, author: str = VERA, now: datetime = AT) -> bool:
    proof = read_proof(doc, now)
    return proof is not None and holds(proof, key, author, RING)


def test_the_example_of_fep_8b32() -> None:
    """The document in the FEP's own feature file is proven by the key that stands beside it."""
    secret = of_multibase("z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", 34)[2:]
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
    alice = "https://server.example/users/alice"
    doc = {
        "@context": [AS, PROOFS],
        "type": "Create",
        "actor": alice,
        "object": {"type": "Note", "content": "Hello world"},
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": f"{alice}#ed25519-key",
            "proofPurpose": "assertionMethod",
            "proofValue": "z3sXaxjKs4M3BRicwWA9peyNPJvJqxtGsDmpt1jjoHCjgeUf71TRFz56osPSfDErszyLp5Ks1EhYSgpDaNM977Rg2",
            "created": "2023-02-24T23:36:38Z",
        },
    }
    found = FoundKey(f"{alice}#ed25519-key", alice, ED25519, multikey(public))
    then = datetime(2023, 2, 25, tzinfo=UTC)
    assert is_proven(doc, found, alice, then)
    assert not is_proven(doc, found, alice, then + timedelta(days=29))
    doc["object"]["content"] = "Hello moon"
    assert not is_proven(doc, found, alice, then)


def test_what_we_prove_holds() -> None:
    """What is written holds, also after a trip as JSON, and changes nothing but context and proof."""
    doc = prove(SAID, KEY, AT)
    assert is_proven(doc)
    assert doc["@context"][:2] == [AS, PROOFS]
    assert {name: doc[name] for name in SAID if name != "@context"} == {
        name: SAID[name] for name in SAID if name != "@context"
    }
    import json

    assert is_proven(parse(json.dumps(doc, indent=1).encode()))
    assert prove(SAID, KEY, AT) == doc


def test_fedify_signs_the_context_without_repeating_it() -> None:
    """A proof that does not repeat the context may have signed it, or not (Fedify does, the FEP's example does not)."""
    doc = prove(SAID, KEY, AT)
    del doc["proof"]["@context"]
    assert is_proven(doc)


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "DataIntegrityProof2"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"proofPurpose": "authentication"},
        {"proofPurpose": ["assertionMethod"]},
        {"verificationMethod": "https://evil.example/u/vera#ed25519-key"},
        {"verificationMethod": None},
        {"verificationMethod": {"id": 5}},
        {"proofValue": "z0OIl"},
        {"proofValue": ""},
        {"proofValue": None},
        {"proofValue": "z" + "1" * 100},
        {"proofValue": "z" + "2" * 100_000},
        {"proofValue": "u" + "A" * 86},
        {"created": "2026-11-23T09:00:00Z"},
        {"created": None},
        {"created": "yesterday"},
        {"expires": "2026-11-22T08:59:59Z"},
        {"expires": "soon"},
        {"@context": [AS]},
        {"@context": ["https://evil.example/context"]},
        {"nonce": "added"},
    ],
    ids=lambda changed: "A36-" + "-".join(changed),
)
def test_a36_is_no_proof(changed: dict[str, Any]) -> None:
    """A proof of another kind, key, time or purpose, or with rubbish in it, is none."""
    doc = prove(SAID, KEY, AT)
    doc["proof"] = doc["proof"] | changed
    assert not is_proven(doc)


@pytest.mark.parametrize(
    "key",
    [
        FoundKey(KEY_ID, "https://good.example/u/eve", ED25519, FOUND.public),
        FoundKey("https://evil.example/k", VERA, ED25519, FOUND.public),
        FoundKey(KEY_ID, VERA, RSA, make_rsa().public),
        FoundKey(KEY_ID, VERA, ED25519, "z6Mk"),
    ],
    ids=["A36-another-owner", "A36-another-host", "A20-an-rsa-key", "A20-no-key"],
)
def test_a_key_that_proves_nothing(key: FoundKey) -> None:
    """Only the author's own Ed25519 key on the author's own host counts."""
    assert not is_proven(prove(SAID, KEY, AT), key)


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ('{"a":1.0}', '{"a":1}'),
        ('{"a":1e0,"b":"\\u00e9"}', '{"b":"é","a":1}'),
        ('{"a":0.1}', '{"a":1e-1}'),
    ],
)
def test_a37_the_same_document_in_other_spelling(written: str, again: str) -> None:
    """The proof is of what a document says: order, spelling of numbers and escapes do not matter."""
    proven = prove(parse(written.encode()) | {"@context": AS}, KEY, AT)
    respelled = parse(again.encode()) | {name: proven[name] for name in ("@context", "proof")}
    assert is_proven(respelled)


@pytest.mark.parametrize("value", [2**53, -(2**53), 2**60])
def test_a37_numbers_that_readers_see_differently(value: int) -> None:
    """What JavaScript would round is not provable: it is no proof, and no fault."""
    doc = prove(SAID, KEY, AT) | {"vb:number": value}
    assert not is_proven(doc)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=8,
    )
)
def test_a36_whatever_stands_there(value: Any) -> None:
    """Whatever stands where a proof should be is read without a fault and proves nothing."""
    assert not is_proven(SAID | {"proof": value})
    doc = prove(SAID, KEY, AT)
    for name in doc["proof"]:
        twisted = doc | {"proof": doc["proof"] | {name: value}}
        assert not is_proven(twisted) or doc["proof"][name] == value


def test_several_proofs() -> None:
    """The one of a kind that we know is found among others."""
    doc = prove(SAID, KEY, AT)
    doc["proof"] = [{"type": "DataIntegrityProof", "cryptosuite": "mldsa44-jcs-2024"}, "x", doc["proof"]]
    assert is_proven(doc)


def test_expiry_is_looked_at() -> None:
    """A proof with an end holds until then."""
    doc = {**SAID, "@context": [AS, PROOFS]}
    until = (AT + timedelta(hours=1)).isoformat()
    proven = prove(doc, KEY, AT)
    assert not is_proven(
        proven | {"proof": proven["proof"] | {"expires": until}}
    )  # it was not signed with it


@pytest.mark.parametrize(
    ("addressed", "public"),
    [
        ({"to": [PUBLIC]}, True),
        ({"to": [], "cc": ["as:Public"]}, True),
        ({"to": ["https://good.example/circles/samenbeter"]}, False),
        ({}, False),
    ],
)
def test_only_what_is_public_is_proven(addressed: dict[str, Any], public: bool) -> None:
    """A proof of anything else would make a leak provable."""
    assert is_said_publicly(addressed) is public


def test_proofs_are_made_with_ed25519() -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        prove(SAID, PrivateKey(KEY_ID, RSA, PRIVATE), AT)


@given(st.binary(min_size=1, max_size=64))
def test_multibase_round_trip(raw: bytes) -> None:
    assert of_multibase(multibase(raw), len(raw)) == raw
