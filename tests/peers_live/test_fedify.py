"""What a server on Fedify does that others do not: signatures of both kinds, proofs, Linked Data signatures, and more.

What it shares with others stands in test_journeys.py.
"""

from __future__ import annotations

import json

import httpx
import pytest

from tests.peers_live import neighbours
from tests.peers_live.neighbours import (
    CAVAGE,
    GROUPS,
    PUBLIC,
    RFC9421,
    Peer,
    Person,
)
from tests.web.commanding import PASSWORD, done, found_in
from tests.web.on_loopback import ACTIVITY, Pilot
from vraagbaak.model import Answer, ReplyStatus

pytestmark = pytest.mark.peers


@pytest.fixture
def peer(fedify):
    """A server on Fedify."""
    return fedify


def test_a_follow_is_accepted(pilot, somebody):
    """Fedify finds the neighbourhood, follows it, and gets an Accept with its own Follow inside."""
    femke = somebody("femke")
    named = femke.do("webfinger", uri=pilot.group)  # by account it asks over https only
    assert named["subject"] == f"acct:wester@{pilot.base.removeprefix('http://')}"
    assert {"rel": "self", "href": pilot.group, "type": ACTIVITY} in named["links"]
    found = femke.do("look", uri=pilot.group)
    assert (found["type"], found["id"], found["title"]) == ("Group", pilot.group, "Wester")
    femke.follow(pilot.group)
    (asked,) = femke.sent()
    assert (asked["dialect"], asked["status"]) == (RFC9421, 202)
    assert asked["document"]["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    (accept,) = femke.knocks()
    assert (accept["dialect"], accept["status"]) == (CAVAGE, 202)


def test_what_can_be_asked_is_read(pilot, somebody):
    """Fedify takes our keys and our NodeInfo, and walks through a thread and an outbox of ours to the end."""
    femke = somebody("femke")
    keys = femke.do("keys", uri=f"{pilot.base}/u/noor")
    assert keys == {
        f"{pilot.base}/u/noor#main-key": "RSASSA-PKCS1-v1_5",
        f"{pilot.base}/u/noor#ed25519-key": "Ed25519",
    }
    told = femke.do("nodeinfo", document=pilot.ask("GET", "/nodeinfo/2.1").json())
    assert (told["software"]["name"], told["protocols"]) == ("vraagbaak", ["activitypub"])

    asked = pilot.ask_question("Wie zegt er wat?")
    said = {"question": asked["id"], "body": "Ik niet.", "perspective": "resident"}
    ours = pilot.tell("POST", "/answers", **said)["uri"]
    note = femke.do("post", content="<p>Ik wel.</p>", inReplyTo=asked["uri"], to=[pilot.group])
    pilot.until(lambda: len(pilot.answers(asked)) == 2, "their answer")
    thread = femke.do("items", uri=f"{asked['uri']}/context")
    assert thread == [["Note", asked["uri"]], ["Note", ours], ["Note", note]]
    assert femke.do("items", uri=f"{asked['uri']}/replies") == thread[1:]
    outbox = femke.do("items", uri=f"{pilot.group}/outbox")
    assert {kind for kind, _ in outbox} == {"Announce"}
    said = {f"{pilot.group}/outbox#{each['id']}" for each in (asked, *pilot.answers(asked))}
    assert said <= {uri for _, uri in outbox}


def test_what_waits_for_review_is_passed_on_as_it_came(peer, careful, somebody):
    """A reply from a server that is no pilot is seen by nobody before a moderator shows it; then its proof still holds."""
    group, femke = somebody("group", kind="Group", more=GROUPS), somebody("femke")
    group.follow(careful.group)
    asked = careful.ask_question("Wie kan er breien?")
    femke.do("post", content="<p>Ik brei.</p>", inReplyTo=asked["uri"], to=[careful.group])
    (held,) = careful.until(lambda: found_in(careful.folder, Answer), "their answer")
    careful.settle()
    assert (held.status, careful.answers(asked)) == (ReplyStatus.HELD, [])
    assert group.heard(type="Announce", object={"object": {"id": held.uri}}) == []

    ours = {"Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=careful.address, headers=ours, trust_env=False) as browser:
        browser.post("/aanmelden", data={"handle": "noor", "password": PASSWORD})
        assert "Ik brei." in browser.get("/nakijken").text
        browser.post("/nakijken", data={"do": "show", "kind": "answer", "id": held.id})
    assert [each["body"] for each in careful.answers(asked)] == ["Ik brei."]
    group.hears(type="Announce", object={"type": "Create", "object": {"id": held.uri}})
    passed_on = group.knocks()[-1]["document"]["object"]
    assert [passed_on] == [each["document"] for each in femke.sent()]
    assert {"proof", "signature"} < passed_on.keys()
    assert peer.do("proven", document=passed_on) is True
    passed_on["object"]["content"] = "<p>Ik brei niet.</p>"
    assert peer.do("proven", document=passed_on) is False


def test_a_pilot_on_other_software_is_met_and_followed(peer, careful, somebody):
    """Trusted as a pilot, its neighbourhood is followed and heard, and it gets what is for pilots; after that nothing."""
    group = somebody("group", kind="Group", more=GROUPS)
    server = somebody("server", kind="Application", more={"vb:neighbourhood": group.uri})
    femke = somebody("femke")

    def announced(content):
        note = femke.do("post", content=content, to=[])
        group.do("announce", activity=femke.do("said", kind="Create", about=note))
        return note

    before = announced("<p>Was dit er al?</p>")
    trust(careful, peer, "pilot")
    follow = group.hears(type="Follow", actor=f"{careful.base}/actor")
    careful.until(lambda: has_met(careful), "the meeting")
    server.follow(careful.group)  # only who trusts us too is a pilot
    asked = careful.ask_question("Alleen voor ons?", scope="pilots")
    heard = server.hears(type="Create", object={"id": asked["uri"]})["object"]
    assert (heard["title"], heard["vb"]["privacy"]) == ("Alleen voor ons?", ["pilots"])
    assert PUBLIC not in heard["to"]
    assert server.uri in heard["to"]
    assert careful.document(asked["uri"]).status_code == 404
    assert server.do("look", uri=asked["uri"])["vb"] == heard["vb"]

    early = careful.until(lambda: careful.known(before), "what was in its outbox")
    after = announced("<p>Wie heeft er soep?</p>")
    late = careful.until(lambda: careful.known(after), "what its neighbourhood passed on")
    assert (early["title"], late["title"]) == ("Was dit er al?", "Wie heeft er soep?")
    assert late["domain"] == peer.host

    trust(careful, peer, "open")
    gone = group.hears(type="Undo", actor=f"{careful.base}/actor")
    assert gone["object"]["id"] == follow["id"]
    careful.ask_question("Wie hoort dit?", scope="pilots")
    careful.settle()
    assert len(server.heard(type="Create")) == 1


def trust(pilot: Pilot, peer: Peer, standing: str) -> None:
    """On SQLite the pilot hears of it as soon as there is something else to do."""
    done("peer", "add", peer.host, "--as", standing, "--data", pilot.folder)
    pilot.ask_question("Iets om te doen", scope="neighbourhood")


def has_met(pilot: Pilot) -> bool:
    return all(each["met"] for each in json.loads(done("peer", "list", "--json", "--data", pilot.folder)))


def test_each_verifies_the_other_signature_too(careful, tmp_path):
    """Fedify proves itself by draft-cavage when told to, and believes us by RFC 9421 when it refuses the former."""
    with neighbours.fedify(tmp_path / "log", CAVAGE) as other:
        femke = Person(other, "femke")
        other.do("refuse", dialect=CAVAGE)
        femke.follow(careful.group)
        assert [(each["dialect"], each["status"]) for each in other.do("sent")] == [(CAVAGE, 202)]
        knocks = [(each["dialect"], each["status"]) for each in other.do("knocks")]
        assert knocks == [(CAVAGE, 401), (RFC9421, 202)]
        asked = careful.ask_question("Weet je het nog?")
        femke.hears(type="Announce", object={"id": asked["uri"]})
        assert [each["dialect"] for each in other.do("knocks")[2:]] == [RFC9421]
