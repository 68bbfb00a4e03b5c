"""What others put beside their words: links that can be followed, each once, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from federation import attaching
from federation.attaching import read_attachments
from federation.documents import host_of, parse
from tests.federation.test_vocabulary import JSON, PATIENT, WRONG
from vraagbaak import text
from vraagbaak.media import DESCRIPTION_LENGTH
from vraagbaak.model import Attachment, AttachmentKind

URL = "https://media.example/1.jpg"
MEMBERS = ("type", "url", "href", "mediaType", "name", "nameMap", "summary", "id", "width")


def read(attachment: Any) -> tuple[Attachment, ...]:
    found = read_attachments({"id": "https://forum.example/1", "attachment": attachment}, "nl")
    check(found)
    return found


def check(found: tuple[Attachment, ...]) -> None:
    """Each is a link on the web, to the host that it says, with one line of plain words."""
    assert len(found) <= attaching.MOST
    assert len({each.url for each in found}) == len(found)
    for each in found:
        assert each.url.lower().startswith(("https://", "http://"))
        assert host_of(each.url) == each.host
        assert each.description == text.line(each.description, DESCRIPTION_LENGTH)
        assert isinstance(each.kind, AttachmentKind)


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        ({"type": "Document", "mediaType": "image/jpeg", "url": URL}, "picture"),  # Mastodon, GoToSocial
        ({"type": "Image", "url": URL}, "picture"),
        ({"type": "Image", "mediaType": 5, "url": URL}, "picture"),
        ({"type": "as:Image", "url": URL}, "picture"),
        ({"type": ["Custom", "Image"], "url": URL}, "picture"),
        (
            {"type": "Document", "url": [{"type": "Link", "href": URL, "mediaType": "video/mp4"}]},
            "video",
        ),  # Pleroma
        ({"type": "Video", "url": {"href": URL}}, "video"),
        ({"type": "Audio", "mediaType": "audio/ogg", "url": URL}, "sound"),
        (
            {"type": "Document", "mediaType": "IMAGE/webp", "url": [URL, "https://media.example/2.jpg"]},
            "picture",
        ),
        ({"type": "Document", "mediaType": "application/pdf", "url": URL}, "file"),
        ({"type": "Link", "href": URL, "mediaType": "text/html; charset=utf-8"}, "link"),  # Lemmy
        ({"type": "Link", "href": [URL]}, "link"),
        ({"type": "Page", "url": URL}, "link"),
        ({"href": URL}, "link"),
        (URL, "link"),
        ([[], None, {"type": "Image"}, {"type": "Image", "url": URL}], "picture"),
    ],
)
def test_the_forms_of_other_software(attachment: Any, kind: str) -> None:
    """An attachment is found in every form in which it is written, with what kind of thing it is."""
    (found,) = read(attachment)
    assert (found.kind.value, found.url, found.host) == (kind, URL, "media.example")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"name": "Een brug"}, "Een brug"),
        ({"summary": "Een brug", "name": "IMG_1.jpg"}, "Een brug"),
        ({"nameMap": {"nl": "Een brug", "en": "A bridge"}}, "Een brug"),
        ({"name": ["Een brug"]}, "Een brug"),
        ({"name": "Een\n\u202e brug"}, "Een brug"),
        ({"name": "x" * 9000}, "x" * DESCRIPTION_LENGTH),
        ({"name": None}, ""),
        ({"name": {"a": 1}}, ""),
        ({"name": 5}, ""),
    ],
)
def test_descriptions(members: dict, said: str) -> None:
    """What is to be seen on a picture is kept for who cannot see it: plain words on one line."""
    (found,) = read({"type": "Image", "url": URL, **members})
    assert found.description == said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "file:///etc/passwd",
        "ftp://media.example/1",
        "//media.example/1",
        "/uitloggen",
        "1.jpg",
        "https://media.example@evil.example/1",
        'https://media.example/"onclick="alert(1)',
        "https://media.example/a b",
        "https://media.example/\u0000",
        "https://media.example\\@evil.example/",
        "https://" + "x" * 3000,
        "blob:https://media.example/1",
        "magnet:?xt=urn:btih:1",
        "",
        5,
        True,
        None,
        {"href": "javascript:alert(1)"},
        {"href": {"href": URL}},
        [[[URL]]],
    ],
)
def test_e03_what_is_no_link_on_the_web_is_not_there(url: Any) -> None:
    """An address that runs something, leads into this site or could be two hosts is not shown."""
    for each in ({"type": "Image", "url": url}, {"type": "Link", "href": url}, {"url": url}):
        assert read(each) == ()
        assert read([each, {"type": "Image", "url": URL}])[0].url == URL


@pytest.mark.parametrize("kind", ["PropertyValue", "Emoji", "Person", "Create", "Custom", ["Custom"]])
def test_what_is_no_attachment_to_a_reader(kind: Any) -> None:
    """Settings, people and what nobody knows are no links, whatever address they name."""
    assert read({"type": kind, "url": URL, "href": URL, "name": "x", "value": "y"}) == ()


def test_d07_huge_lists() -> None:
    """Of ten thousand the first sixteen addresses are read, each once."""
    many = [{"type": "Image", "url": f"https://media.example/{number}"} for number in range(10_000)]
    assert [each.url for each in read(many)] == [each["url"] for each in many[:16]]
    assert len(read([many[0]] * 10_000)) == 1
    assert read([5] * 10_000 + many) == ()
    assert len(read({"type": "Image", "url": [each["url"] for each in many]})) == 1
    assert read({"type": "Image", "url": ["x"] * 10_000 + [URL]}) == ()


@PATIENT
@given(JSON)
def test_any_json(value: Any) -> None:
    """Whatever stands there is read, or is not there; nothing is raised."""
    read(value)
    for member in MEMBERS:
        read({"type": "Image", "url": URL} | {member: value})
        read({"type": "Link", "href": URL} | {member: value})


@pytest.mark.parametrize("member", MEMBERS)
def test_wrong_types(member: str) -> None:
    """A member of a wrong type is as if it were not there."""
    for value in WRONG:
        read([{"type": "Image", "url": URL} | {member: value}, value])


def test_software() -> None:
    """Pixelfed's and Lemmy's own documents."""
    doc = parse(
        b'{"attachment":[{"type":"Image","mediaType":"image/jpeg","url":"https://pix.example/a.jpg",'
        b'"name":null,"blurhash":"x","width":0},{"type":"Link","href":"https://krant.example/plein",'
        b'"mediaType":"text/html; charset=utf-8"}]}'
    )
    assert [(each.kind.value, each.host) for each in read(doc["attachment"])] == [
        ("picture", "pix.example"),
        ("link", "krant.example"),
    ]
