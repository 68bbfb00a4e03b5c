"""The nouns: frozen values, and the few things that follow from them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vraagbaak.village import HOME
from vraagbaak import model
from vraagbaak.model import Answer, Home, Member, Offer, Question, Role, Scope

NOUNS = [kind for kind in vars(model).values() if is_dataclass(kind)]
SCOPES = st.sampled_from(Scope)


@given(one=SCOPES, other=SCOPES)
def test_of_two_scopes_the_narrower_counts(one, other):
    """Whichever way round two scopes meet, what comes out is one of them and not wider than either."""
    met = one.within(other)
    assert met is other.within(one)
    assert met in {one, other}
    assert met.width <= min(one.width, other.width)


def test_scopes_widen_from_neighbours_to_everybody():
    """The neighbourhood is the narrowest, then the pilots, then everybody."""
    assert sorted(Scope, key=lambda scope: scope.width) == [Scope.NEIGHBOURHOOD, Scope.PILOTS, Scope.PUBLIC]


def test_a_noun_cannot_be_changed_or_mixed_up():
    """Nothing changes a value once it is made, adds to it, or fills its fields by position."""
    for kind in NOUNS:
        thing = object.__new__(kind)
        for name in (fields(kind)[0].name, "something_new"):
            with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
                setattr(thing, name, "x")
        with pytest.raises(TypeError):
            kind("x")


@pytest.mark.parametrize("kind", [Question, Answer, Offer], ids=lambda kind: kind.__name__)
def test_what_people_write_is_marked_as_personal(kind):
    """Every text of a person, and who it is by, says what it is kept for and until when."""
    told = {spec.name: spec.metadata.get("personal", "") for spec in fields(kind)}
    for name in {"title", "body", "html", "availability", "author_id"} & set(told):
        assert len(told[name].split(";")) == 2, name


def test_no_noun_keeps_more_of_a_member_than_a_name_and_a_password():
    """There is no place for an address, number, birthday, e-mail address or IP address."""
    names = {spec.name for kind in NOUNS for spec in fields(kind)}
    assert not names & {"email", "mail", "phone", "address", "postcode", "birthday", "born_at", "ip", "agent"}
    assert {spec.name for spec in fields(Member)} == {
        "id",
        "actor_id",
        "handle",
        "roles",
        "password_hash",
        "language",
    }


@pytest.mark.parametrize("role", Role)
def test_only_moderators_and_the_steward_review(village, role):
    """No other role gives power over what others wrote, whatever it is called."""
    assert replace(village.noor, roles=(role,)).moderates == (role in {Role.MODERATOR, Role.STEWARD})


def test_nobody_reviews_without_a_role(village):
    """A member without any role has no power."""
    assert not replace(village.noor, roles=()).moderates


def test_an_actor_is_reached_at_the_shared_inbox_of_its_server(village):
    """Where a server has one inbox for all, that is used; else the actor's own."""
    alone = village.stranger("alone")
    assert alone.delivery_inbox == "https://nieuwland.example/u/alone/inbox"
    shared = replace(alone, shared_inbox="https://nieuwland.example/inbox")
    assert shared.delivery_inbox == "https://nieuwland.example/inbox"
    assert shared.address == "@alone@nieuwland.example"


def test_a_home_is_called_by_its_host_and_port():
    """Peers call us by host, with the port where a laboratory has one."""
    assert HOME.domain == "wester.example"
    assert Home(base_url="http://wester.localhost:8001", name="W", slug="w").domain == "wester.localhost:8001"


def test_addresses_of_a_home_are_its_own():
    """Everything we are on the network stands under our own address, and no two of them are the same."""
    uris = [HOME.application_uri, HOME.group_uri, HOME.circle_uri, f"{HOME.base_url}/u/{HOME.persona_handle}"]
    assert len(set(uris)) == 4
    assert all(uri.startswith("https://wester.example/") for uri in uris)
