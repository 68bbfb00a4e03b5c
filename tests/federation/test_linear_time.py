"""No text keeps a reader busy: twice as long takes about twice as long, and the longest that is read takes no time (D20)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from federation.actors import read_actor
from federation.discovery import account_of, actor_uri_from_jrd
from federation.documents import CAPS, Malformed, host_of, is_activity_json, parse, split_url
from federation.newcomers import owner_of
from federation.signatures import BadSignature, RawRequest, read_claim
from federation.vocabulary import read_note
from vraagbaak import peers
from vraagbaak.errors import Invalid

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
BUDGET = 0.05
ALLOWANCE = 6
"""How much slower than a quiet machine this one may be."""


def claim(name: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        headers = [
            ("host", "noord.example"),
            ("signature", text if name == "signature" else "x"),
            (name, text),
        ]
        if name == "signature":
            headers.pop()
        return read_claim(RawRequest("POST", "/inbox", headers, b""), now=NOW, our_hosts={"noord.example"})

    return read


def a_note(**members: object) -> dict[str, Any]:
    public = "https://www.w3.org/ns/activitystreams#Public"
    uri = "https://evil.example/n/1"
    return {
        "id": uri,
        "type": "Note",
        "attributedTo": "https://evil.example/u/x",
        "to": public,
        "content": "x",
    } | members


def note_with(make: Callable[[str], dict[str, object]]) -> Callable[[str], Any]:
    return lambda text: read_note(a_note(**make(text)), NOW)


def actor_with(make: Callable[[str], dict[str, object]]) -> Callable[[str], Any]:
    whole = {"id": "https://evil.example/u/x", "type": "Person", "inbox": "https://evil.example/u/x/inbox"}
    return lambda text: read_actor(whole | make(text))


READERS: dict[str, Callable[[str], Any]] = {
    "D20 address": split_url,
    "D20 domain": lambda text: host_of(f"https://{text}/"),
    "D20 domain of a peer": peers.canonical,
    "D20 owner of a domain": owner_of,
    "D20 account": account_of,
    "D20 account with an at sign": lambda text: account_of(f"{text}@evil.example"),
    "D20 WebFinger": lambda text: actor_uri_from_jrd({"subject": f"acct:{text}"}, text),
    "D20 content type": lambda text: is_activity_json(f"application/ld+json;{text}"),
    "D20 content type, profile": lambda text: is_activity_json(f'application/ld+json; profile="{text}'),
    "D20 signature": claim("signature"),
    "D20 signature of RFC 9421": claim("signature-input"),
    "D20 JSON": lambda text: parse(f'{{"a": "{text}"}}'.encode("utf-8", "replace")),
    "D20 JSON, names": lambda text: parse(
        b"{" + b",".join(b'"%d":1' % n for n in range(len(text) // 8)) + b"}"
    ),
    "D20 hashtag": note_with(lambda text: {"tag": [{"type": "Hashtag", "name": f"#{text}"}] * 50}),
    "D20 mention": note_with(
        lambda text: {"tag": [{"type": "Mention", "name": f"@{text}", "href": text}] * 50}
    ),
    "D20 topics": note_with(lambda text: {"vb:topics": [text] * 50}),
    "D20 title": note_with(lambda text: {"vb:title": text, "nameMap": {"nl": text}}),
    "D20 words": note_with(lambda text: {"vb:body": text}),
    "D20 HTML": note_with(lambda text: {"content": text}),
    "D20 moment": note_with(lambda text: {"published": text, "updated": text}),
    "D20 language": note_with(lambda text: {"contentMap": {text: "x"}, "nameMap": {text: "x"}}),
    "D20 name": actor_with(lambda text: {"name": text, "preferredUsername": text, "summary": text}),
    "D20 key": actor_with(lambda text: {"publicKey": {"id": text, "owner": text, "publicKeyPem": text}}),
}
PIECES = (
    "a",
    "a.",
    "xn--",
    "é",
    "@",
    "a@",
    "/",
    "%",
    ":",
    '"',
    ";",
    '="',
    ",",
    " ",
    "\t",
    "-",
    "<",
    "<a ",
    "&",
    "#",
    "[",
    "(",
    "0",
    "T0",
)


def seconds(reader: Callable[[str], Any], text: str) -> float:
    """The CPU time that it takes, at best of three."""
    taken = []
    for _ in range(3):
        before = time.process_time()
        with suppress(BadSignature, Invalid, Malformed):
            reader(text)
        taken.append(time.process_time() - before)
        if taken[-1] < BUDGET:
            break
    return min(taken)


@pytest.mark.parametrize("what", READERS)
def test_the_longest_text_of_any_kind_is_read_at_once(what):
    """Sixty thousand characters of whatever repeats, in whatever is read of others."""
    size = 60_000 if what not in {"D20 HTML", "D20 name"} else CAPS.bio
    worst = {piece: seconds(READERS[what], (piece * size)[:size] + "!") for piece in PIECES}
    slow = {piece: round(taken, 3) for piece, taken in worst.items() if taken > BUDGET * ALLOWANCE}
    assert slow == {}
