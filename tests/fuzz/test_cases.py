"""What `scripts/fuzz` sends can be made again, and written down so that it can be sent again."""

from __future__ import annotations

import json
from collections import Counter

from tests.fuzz import corpus
from tests.fuzz.cases import Case, Maker
from tests.fuzz.stranger import Loopback
from tests.journeys.strangers import Stranger

LOOPBACK = Loopback(40_000, "evil", "pilot")
BASES = {name: server.base for name, server in LOOPBACK.servers.items()}
BASE = "http://wester.localhost:40001"
NAMES = {
    "base": BASE,
    "group": f"{BASE}/b/wester",
    "application": f"{BASE}/actor",
    "question": f"{BASE}/q/01k2m700000000000000000000",
    "answer": f"{BASE}/a/01k2m700000000000000000000",
}
EXAMPLES = corpus.load(corpus.EXAMPLES, BASES)
NUMBERS = range(1, 300)


def made(number: int, seed: int = 1) -> Case:
    return Maker(seed, EXAMPLES, NAMES, BASES).case(number)


def test_the_same_seed_makes_the_same_cases():
    """What was found can be found again; another seed looks elsewhere."""
    first = [made(number).written() for number in NUMBERS]
    assert first == [made(number).written() for number in NUMBERS]
    assert first != [made(number, seed=2).written() for number in NUMBERS]


def test_a_case_that_was_written_down_is_the_same_case():
    """Byte for byte, and with other names in it where the servers have other names now."""
    for number in NUMBERS:
        case = made(number)
        written = json.loads(json.dumps(case.written()))
        again = Case.read(written, {}, number)
        assert again.written() == case.written()
        moved = Case.read(written, {BASE: "http://wester.localhost:50001"}, number + 7)
        assert BASE.encode() not in b"".join(each.body for each in moved.said)
        assert moved.mark != case.mark


def test_every_case_can_be_sent():
    """Each of its requests is bytes that begin with a line of HTTP, whoever sends it; nobody outside is named."""
    for number in NUMBERS:
        for each in made(number).said:
            server, handle = each.sender.split("/", 1)
            request = each.on_the_wire(Stranger(LOOPBACK.servers[server], handle), "wester.localhost:40001")
            assert request.split(b"\r\n")[0].endswith(b" HTTP/1.1")


def test_cases_are_of_every_kind():
    """Signed rightly and wrongly, in one request and in many, with pages behind them and without."""
    cases = [made(number) for number in NUMBERS]
    said = [each for case in cases for each in case.said]
    assert Counter(each.method for each in said).keys() >= {"POST", "GET"}
    assert {each.scheme for each in said} == {"draft-cavage-12", "rfc9421"}
    assert {len(case.said) for case in cases} >= {1, 6}
    for some in (
        [case for case in cases if case.pages],
        [case for case in cases if case.at_once],
        [each for each in said if each.flipped],
        [each for each in said if each.late],
        [each for each in said if each.how],
        [each for each in said if each.as_sent or each.after or each.besides],
    ):
        assert some
        assert len(some) < len(said) / 2


def test_documents_of_others_are_brought_home():
    """No address in a document leads to a server outside this machine, but for those of vocabularies."""
    doc = {"id": "https://lemmy.example/post/1", "@context": "https://www.w3.org/ns/activitystreams"}
    home = corpus.at_home(doc, BASES)
    assert home["@context"] == doc["@context"]
    assert home["id"] in {f"{base}/post/1" for base in BASES.values()}
