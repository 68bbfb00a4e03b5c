"""Other servers: one spelling for each, and how we stand to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vraagbaak.village import Village
from vraagbaak import peers
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.events import PeerDropped, PeerRefused, PeerTrusted
from vraagbaak.model import Peer, Pilot, Standing

SAME = [
    "evil.example",
    "EVIL.Example",
    " evil.example\n",
    "evil.example.",
    "evil.example:443",
    "evil.example:0443",
    "evil.example:80",
    "evil.example:",
    "https://evil.example",
    "HTTPS://EVIL.EXAMPLE/",
    "http://evil.example.:443/",
    "user:secret@evil.example",
    "@evil.example",
    "ｅｖｉｌ.example",
    "evil。example",
    "evil.example。",
    "ev\u00adil.example",
    "ev\u200bil.example",
]
NO_DOMAIN = [
    "",
    " ",
    ".",
    "@",
    ":443",
    ".evil.example",
    "evil..example",
    "-evil.example",
    "evil-.example",
    "evil example",
    "evil\texample",
    "evil.example/path",
    "https://evil.example/@noor",
    "https://good.example/@evil.example",
    "evil.example?x",
    "evil.example#x",
    "evil.example\\x",
    "evil.example／x",
    "evil.example：443",
    "evil.example:４４３",
    "evil.example:0",
    "evil.example:65536",
    "evil.example:123456",
    "evil.example:80a",
    "ftp://evil.example",
    "javascript:alert(1)",
    "<script>",
    "evil.example\0",
    "evil\ud83d.example",
    "127.1",
    "0x7f.1",
    "2130706433",
    "256.1.1.1",
    "[::1]",
    "::1",
    "a" * 64 + ".example",
    "a." * 130 + "example",
]


# one spelling


def test_f01_a_server_has_one_spelling():
    """Case, dots, default ports, schemes, names before an @ and odd alphabets all mean the one server (F01)."""
    for written in SAME:
        assert peers.canonical(written) == "evil.example", written


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("MÜNCHEN.example", "xn--mnchen-3ya.example"),
        ("xn--MNCHEN-3ya.example", "xn--mnchen-3ya.example"),
        ("еvil.example", "xn--vil-qdd.example"),
        ("wester.localhost:8001", "wester.localhost:8001"),
        ("127.0.0.1:05001", "127.0.0.1:5001"),
        ("localhost", "localhost"),
        ("a_b.example", "a_b.example"),
    ],
)
def test_other_alphabets_are_seen_for_what_they_are(written, canonical):
    """A Cyrillic look-alike is another server and reads like one (threat E08); laboratories keep their ports."""
    assert peers.canonical(written) == canonical


def test_what_is_no_domain_is_refused():
    """Paths, pages of people, half addresses and numbers that only look like a name are not guessed at."""
    for written in NO_DOMAIN:
        with pytest.raises(Invalid) as refusal:
            peers.canonical(written)
        assert (refusal.value.field, refusal.value.code) == ("domain", "bad-domain"), written


@settings(max_examples=40, deadline=None)
@given(written=st.text(max_size=20) | st.text("aZ09.:@/_-", max_size=12))
def test_a_spelling_is_refused_or_final(written):
    """Whatever is typed: it is no domain, or its one spelling stays the same when it is looked at again."""
    try:
        found = peers.canonical(written)
    except Invalid:
        return
    assert peers.canonical(found) == found
    assert found.isascii()
    assert found == found.lower()


# standing


def test_a_server_nobody_decided_about_is_open(village):
    """Neither trusted nor refused."""
    assert village.do(peers.standing, "unknown.example") is Standing.OPEN


@pytest.mark.parametrize(
    ("refused", "also"),
    [
        (
            "evil.example",
            ["a.evil.example", "a.b.c.evil.example", "evil.example:8443", "a.evil.example:8443"],
        ),
        ("a.evil.example", ["b.a.evil.example"]),
        ("onion", ["abc.onion", "x.abc.onion"]),
    ],
)
def test_f01_a_refused_domain_refuses_what_is_below_it(village, refused, also):
    """Every sub-domain and port, also of a whole top-level domain."""
    village.peer(refused, Standing.REFUSED)
    assert {village.do(peers.standing, domain) for domain in (refused, *also)} == {Standing.REFUSED}


@pytest.mark.parametrize(
    "other", ["example", "notevil.example", "evil.example.org", "evilexample", "evil", "xevil.example:8443"]
)
def test_a_refused_domain_refuses_nobody_else(village, other):
    """What only looks alike, or stands above it, is not touched."""
    village.peer("evil.example", Standing.REFUSED)
    assert village.do(peers.standing, other) is Standing.OPEN


@pytest.mark.parametrize("standing", [Standing.PILOT, Standing.OPEN])
def test_trust_is_not_inherited(village, standing):
    """Trust is given to one server, not to whoever can make a sub-domain of it."""
    village.peer("good.example", standing)
    for domain in ("a.good.example", "good.example:8443"):
        assert village.do(peers.standing, domain) is Standing.OPEN


@pytest.mark.parametrize("standing", [Standing.LIMITED, Standing.REFUSED])
def test_f01_distrust_is_inherited_the_strictest_first(village, standing):
    """Nobody gets out of being limited or refused by another name below their own, or another port."""
    village.peer("slecht.example", standing)
    village.peer("example", Standing.LIMITED)
    for domain in ("a.slecht.example", "b.a.slecht.example", "slecht.example:8443"):
        assert village.do(peers.standing, domain) is standing


def test_what_was_decided_about_a_sub_domain_stands(village):
    """The steward may trust one server under a refused domain, by its own name."""
    village.peer("hosting.example", Standing.REFUSED)
    village.peer("pilot.hosting.example", Standing.PILOT)
    assert village.do(peers.standing, "pilot.hosting.example") is Standing.PILOT
    assert village.do(peers.standing, "other.hosting.example") is Standing.REFUSED


# deciding


@pytest.mark.parametrize("written", ["wester.example", "WESTER.example.", "https://wester.example:443/"])
def test_a_server_does_not_decide_about_itself(village, written):
    """However its own name is written."""
    village.refuses(Invalid, "own-domain", peers.decide, written, Standing.REFUSED)


def test_f01_every_spelling_is_the_same_decision(village):
    """However a server is written, there is one row for it, and the last decision counts."""
    for written in SAME:
        village.peer(written, Standing.LIMITED)
    village.do(peers.decide, "EVIL.example.", Standing.REFUSED, "spam")
    assert [(peer.id, peer.standing, peer.reason) for peer in village.all(Peer)] == [
        ("evil.example", Standing.REFUSED, "spam")
    ]


def test_trust_is_told_when_it_begins_and_when_it_ends(village):
    """A new pilot is met; an old one is dropped; between other standings there is nothing to tell."""
    steps = [Standing.OPEN, Standing.PILOT, Standing.PILOT, Standing.REFUSED, Standing.LIMITED, Standing.OPEN]
    for standing in steps:
        village.peer("nieuwland.example", standing)
    assert village.happened() == [
        PeerTrusted(domain="nieuwland.example"),
        PeerTrusted(domain="nieuwland.example"),
        PeerDropped(domain="nieuwland.example"),
        PeerRefused(domain="nieuwland.example"),
    ]


# meeting


def said(village, **more):
    """What a pilot tells about itself: application, group and profile."""
    application, group = village.stranger("actor"), village.stranger("nieuwland")
    given = {
        "id": "0" * 26,
        "actor_id": group.id,
        "uri": group.uri,
        "domain": "nieuwland.example",
        "slug": "nieuwland",
        "name": "Nieuwland",
        "local": False,
    }
    return application, group, Pilot(**given | more)


def test_a_server_that_was_forgotten_meanwhile_is_not_met(village):
    """Nothing is kept of a pilot that is no peer any more."""
    village.refuses(Unknown, "unknown", peers.met, "nieuwland.example", *said(village))


def test_meeting_a_pilot_remembers_it_once(village):
    """Its addresses and profile are kept; meeting again brings them up to date under the same id."""
    village.peer("nieuwland.example")
    village.do(peers.met, "nieuwland.example", *said(village))
    village.clock.tick(days=1)
    again = village.do(peers.met, "nieuwland.example", *said(village, id="1" * 26, city="Enschede"))
    assert (again.id, again.city, again.local) == ("0" * 26, "Enschede", False)
    assert village.all(Pilot, domain="nieuwland.example") == [again]
    peer = village.all(Peer)[0]
    assert (peer.inbox, peer.met_at) == ("https://nieuwland.example/u/actor/inbox", village.clock.moment)
    assert peer.group_uri == "https://nieuwland.example/u/nieuwland"


def test_meeting_does_not_bring_trust_back(village):
    """Whoever was refused while being met stays refused."""
    for standing in (Standing.PILOT, Standing.REFUSED):
        village.peer("nieuwland.example", standing)
    village.do(peers.met, "nieuwland.example", *said(village))
    assert village.do(peers.standing, "nieuwland.example") is Standing.REFUSED


@settings(max_examples=25, deadline=None)
@given(
    decisions=st.lists(
        st.tuples(st.sampled_from(["example", "evil.example", "a.evil.example"]), st.sampled_from(Standing)),
        max_size=6,
    )
)
def test_what_was_decided_last_counts(decisions):
    """After any row of decisions a server stands as was said last of it, or is refused with what is above it."""
    village = Village()
    last = {}
    for domain, standing in decisions:
        village.peer(domain, standing)
        last[domain] = standing
    above = ["evil.example", "example"]
    inherited = [last[domain] for domain in above if last.get(domain) in {Standing.REFUSED, Standing.LIMITED}]
    strictest = Standing.REFUSED if Standing.REFUSED in inherited else [*inherited, Standing.OPEN][0]
    expected = last.get("a.evil.example") or strictest
    assert village.do(peers.standing, "a.evil.example") is expected
