"""Numbers that some read as something else, or not at all, in every member of others' documents."""

from __future__ import annotations

import json
from typing import Any

import pytest

from federation import discovery, proofs
from federation.actors import read_actor
from federation.attaching import read_attachments
from federation.documents import Malformed, as_list, parse
from federation.particulars import particulars_of
from federation.vocabulary import read_note
from tests.federation.becoming import EXAMPLES, NOW

FITTING = (
    "0",
    "1",
    "-1",
    "1.0",
    "1e2",
    "0.5",
    "-0.5",
    "1e-400",
    "9223372036854775807",
    "-9223372036854775808",
)
NEVER = (
    *("-0", "-0.0", "-0e1", "-1e-400", "1e400", "-1e400", "NaN", "Infinity", "-Infinity"),
    *("9223372036854775808", "-9223372036854775809", "9" * 400, "9" * 5000, "1" + "0" * 400 + ".0"),
    *("01", "+1", "1.", ".1", "0x10", "1_000", "1e", "--1", "١"),
)
OTHERS = ("true", "false", '"1"', '"-0"', '"NaN"', "[1]", '{"@value":1}', "null")
MEMBERS = (
    *(
        "width",
        "height",
        "duration",
        "size",
        "latitude",
        "longitude",
        "accuracy",
        "altitude",
        "radius",
        "endTime",
    ),
    *("totalItems", "startIndex", "votersCount", "published", "updated", "name", "content", "summary", "url"),
    *("mediaType", "focalPoint", "blurhash", "sensitive", "to", "tag", "attachment", "oneOf", "location"),
    *(
        "replies",
        "likes",
        "context",
        "language",
        "vb:body",
        "vb:topics",
        "vb:kind",
        "id",
        "type",
        "attributedTo",
    ),
    *(
        "publicKey",
        "assertionMethod",
        "inbox",
        "endpoints",
        "preferredUsername",
        "webfinger",
        "proof",
        "created",
    ),
    *("items", "orderedItems", "first", "next", "subject", "links", "aliases", "timezone", "startTime"),
)


def readers(doc: dict[str, Any]) -> None:
    """Everything that reads documents of others."""
    read_note(doc, NOW)
    read_actor(doc)
    read_attachments(doc, "nl")
    particulars_of(doc, "nl")
    proofs.read_proof(doc, NOW)
    discovery.subject_of(doc)
    discovery.actor_uri_from_jrd(doc, "acct:a@forum.example")
    discovery.application_uri(doc, "https://forum.example")
    for member in MEMBERS:
        as_list(doc.get(member))


@pytest.mark.parametrize("number", [*FITTING, *OTHERS])
def test_d06_numbers_in_every_member(number: str) -> None:
    """A number, or a yes that some take for one, in any member of any document is read or is not there."""
    for path in EXAMPLES:
        doc = json.loads(path.read_text())
        for member in MEMBERS:
            for value in (number, f"[{number}]", f'{{"id":{number},"href":{number},"totalItems":{number}}}'):
                readers(doc | parse(f'{{"{member}":{value}}}'.encode()))


@pytest.mark.parametrize("number", NEVER)
@pytest.mark.parametrize("place", ['{{"width":{}}}', '{{"a":[{{"b":{}}}]}}', "[{}]", "{}"])
def test_d06_numbers_that_two_read_differently(number: str, place: str) -> None:
    """What has no one value that fits everywhere makes the document unreadable, wherever it stands."""
    with pytest.raises(Malformed):
        parse(place.format(number).encode())
