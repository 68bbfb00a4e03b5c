"""What a server on bovine does that others do not: accounts over plain http, and our members by their full names.

What it shares with others stands in test_journeys.py. Another library for the same, apkit 0.3.8, was tried and left: it
refuses every Note with `inReplyTo`, `replies` or `likes` as a link, which is how all servers write them.
"""

from __future__ import annotations

import pytest

from tests.peers_live.neighbours import CAVAGE

pytestmark = pytest.mark.peers


@pytest.fixture
def peer(bovine):
    """A server on bovine."""
    return bovine


def test_an_account_is_found_and_followed(pilot, somebody):
    """Bovine finds the neighbourhood by its account, follows it, and believes our signature as we believe its."""
    femke = somebody("femke")
    account = f"acct:wester@{pilot.base.removeprefix('http://')}"
    assert femke.do("webfinger", account=account, at=pilot.base) == pilot.group
    assert femke.do("look", uri=pilot.group)["title"] == "Wester"
    femke.follow(pilot.group)
    (asked,) = femke.sent()
    assert asked["status"] == 202
    assert asked["document"]["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert [(each["dialect"], each["status"]) for each in femke.knocks()] == [(CAVAGE, 202)]


def test_our_members_are_read_by_their_full_names(pilot, somebody):
    """Without our context JSON-LD leaves full IRIs for names; an answer written so keeps its perspective and its text."""
    asked = pilot.ask_question("Wie heeft dit meegemaakt?")
    ours = {
        "@context": ["https://www.w3.org/ns/activitystreams", {"vb": "https://vraagbaak.example/ns#"}],
        "vb:kind": "answer",
        "vb:body": "Ik, met mijn **vader**.",
        "vb:perspective": "family",
    }
    femke = somebody("femke")
    femke.do("post", content="<p>Ik.</p>", inReplyTo=asked["uri"], to=[pilot.group], more=ours)
    (said,) = femke.sent()
    assert said["document"]["object"]["https://vraagbaak.example/ns#perspective"] == "family"
    assert not [name for name in said["document"]["object"] if name.startswith("vb:")]
    (answer,) = pilot.until(lambda: pilot.answers(asked), "their answer")
    assert (answer["body"], answer["perspective"]) == ("Ik, met mijn **vader**.", "family")
