"""For whom a document is meant: never read as wider than it certainly is, never written wider than it was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.addressing import Addressing, address, followers_of, scope_of
from federation.documents import AS, CAPS, PUBLIC, PUBLIC_SPELLINGS
from tests.federation.sent import CIRCLE, EVERYONE, FATMA, HENK, NOORD, PASSER, WEST, WEST_PEER
from vraagbaak.audience import Recipients
from vraagbaak.model import Scope

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["Public", PUBLIC]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("id"), inner, max_size=4),
)
WRONG = (None, True, 0, 1.5, "", "x", [], {}, ["public"], {"id": "public"}, [[]], "PUBLIC", "everybody")


# Read


@PATIENT
@given(st.dictionaries(st.sampled_from(["to", "cc", "bto", "bcc", "audience", "vb:privacy"]), JSON))
def test_any_json(doc: dict) -> None:
    """Whatever the addressing holds, it is a scope or none; nothing is raised."""
    found = scope_of(doc)
    assert found is None or isinstance(found, Scope)


@pytest.mark.parametrize("privacy", WRONG)
def test_forged_privacy(privacy: Any) -> None:
    """A `vb:privacy` that is none of our three scopes says nothing, whatever its type."""
    assert scope_of({"to": PUBLIC, "vb:privacy": privacy}) is Scope.PUBLIC
    assert scope_of({"to": "https://noord.example/b/noord", "vb:privacy": privacy}) is None


@pytest.mark.parametrize(
    "addressing",
    [
        {},
        {"to": None, "cc": None},
        {"to": [], "cc": []},
        {"to": "https://noord.example/u/fatma"},
        {"to": ["https://noord.example/b/noord"], "cc": ["https://noord.example/b/noord/followers"]},
        {"to": [[PUBLIC]]},
        {"to": {"type": PUBLIC}},
        {"to": {"id": [PUBLIC]}},
        {"to": {PUBLIC: PUBLIC}},
        {"to": [5, True, None]},
        {"to": PUBLIC.upper()},
        {"to": "public"},
        {"to": "as:public"},
        {"to": f"{PUBLIC} "},
        {"to": f"{AS}#public"},
        {"to": f"{AS}/Public"},
        {"to": f"http://{AS.removeprefix('https://')}#Public"},
        {"to": "https://evil.example/ns#Public"},
        {"audience": PUBLIC},
        {"bto": PUBLIC, "bcc": PUBLIC},
        {"to": [*[f"https://a.example/{n}" for n in range(CAPS.recipients)], PUBLIC]},
    ],
)
def test_for_nobody_in_particular(addressing: dict) -> None:
    """What does not certainly name Public, and has no scope of ours, is for named people only: it is not taken in."""
    assert scope_of(addressing) is None


@pytest.mark.parametrize("spelling", sorted(PUBLIC_SPELLINGS))
@pytest.mark.parametrize("member", ["to", "cc"])
def test_public_spellings(spelling: str, member: str) -> None:
    """Public counts in each of its three spellings, alone, in a list or embedded, in `to` or `cc`."""
    for form in (spelling, [spelling], {"id": spelling}, ["https://a.example/u", {"id": spelling}, 5]):
        assert scope_of({member: form}) is Scope.PUBLIC


@pytest.mark.parametrize("stated", Scope)
def test_the_narrower_counts(stated: Scope) -> None:
    """Of what the addressing says and what `vb:privacy` says the narrower counts, whoever wrote it."""
    assert scope_of({"to": PUBLIC, "vb:privacy": stated.value}) is stated
    assert scope_of({"to": "https://a.example/c", "vb:privacy": stated.value}) is stated.within(Scope.PILOTS)


def test_privacy_cannot_widen() -> None:
    """A post to named people is not public because it says so."""
    assert scope_of({"to": ["https://noord.example/u/fatma"], "vb:privacy": "public"}) is Scope.PILOTS
    assert (
        scope_of({"https://vraagbaak.example/ns#privacy": "neighbourhood", "to": PUBLIC})
        is Scope.NEIGHBOURHOOD
    )


# Written


@pytest.mark.parametrize("who", [Recipients(), EVERYONE, CIRCLE, Recipients(actors=(HENK,))])
def test_the_neighbourhood_stays_home(who: Recipients) -> None:
    """What is for the neighbourhood alone is never addressed to anybody, whoever would receive it."""
    with pytest.raises(ValueError, match="never written"):
        address(Scope.NEIGHBOURHOOD, who, FATMA, NOORD, NOORD.group_uri)


def test_pilots_are_named() -> None:
    """What is for the pilots names the circle and each server; not Public, not anybody's followers."""
    unmet = replace(WEST_PEER, id="new.example", application_uri="")
    found = address(Scope.PILOTS, Recipients(pilots=(WEST_PEER, unmet)), FATMA, NOORD, NOORD.group_uri)
    assert found == Addressing(to=(NOORD.circle_uri, WEST.application_uri), audience=NOORD.group_uri)


def test_pilots_never_reach_the_public() -> None:
    """Even if somebody would have everybody receive it, a document for the pilots does not say Public."""
    found = address(Scope.PILOTS, EVERYONE, FATMA, NOORD, NOORD.group_uri)
    assert PUBLIC_SPELLINGS.isdisjoint({*found.to, *found.cc})
    assert not [uri for uri in (*found.to, *found.cc) if uri.endswith("/followers")]


def test_public_is_addressed() -> None:
    """What is public is to Public, the neighbourhood and whom it answers, with a copy for the author's followers."""
    found = address(Scope.PUBLIC, replace(EVERYONE, actors=(HENK, PASSER)), FATMA, NOORD, WEST.group_uri)
    assert found.to == (PUBLIC, WEST.group_uri, HENK.uri, PASSER.uri)
    assert found.cc == ("https://noord.example/u/fatma/followers",)
    assert found.audience == WEST.group_uri


def test_without_a_neighbourhood() -> None:
    """In a thread that stands in no neighbourhood nothing is addressed to one, and there is no audience."""
    for scope in (Scope.PUBLIC, Scope.PILOTS):
        found = address(scope, EVERYONE, FATMA, NOORD, "")
        assert "" not in found.to
        assert "audience" not in found.members


@pytest.mark.parametrize("scope", [Scope.PUBLIC, Scope.PILOTS])
@pytest.mark.parametrize("group_uri", ["", NOORD.group_uri, WEST.group_uri])
@pytest.mark.parametrize("actors", [(), (HENK,)])
def test_scope_comes_back(scope: Scope, group_uri: str, actors: tuple) -> None:
    """What we address is read on the other side as the scope that it has; without our own member never as wider."""
    who = Recipients(everyone=scope is Scope.PUBLIC, pilots=(WEST_PEER,), actors=actors)
    members = address(scope, who, FATMA, NOORD, group_uri).members
    assert scope_of(members | {"vb:privacy": scope.value}) is scope
    assert scope_of(members) is (Scope.PUBLIC if scope is Scope.PUBLIC else None)


def test_members() -> None:
    """The addressing stands in a document as lists, `cc` also when it is empty."""
    assert Addressing(to=("a", "b")).members == {"to": ["a", "b"], "cc": []}
    assert Addressing(to=("a",), cc=("b",), audience="c").members == {
        "to": ["a"],
        "cc": ["b"],
        "audience": "c",
    }


def test_followers() -> None:
    """The followers of one of ours are under its own id."""
    assert followers_of(FATMA.uri) == "https://noord.example/u/fatma/followers"
