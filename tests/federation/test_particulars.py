"""Events, polls, videos and sounds of other software: what is read of them beside their text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.particulars import particulars_of
from federation.vocabulary import read_note
from tests.federation.test_vocabulary import check_cleaned

NOW = datetime(2026, 12, 1, tzinfo=UTC)
EVENT = {
    "id": "https://mobilizon.example/events/1",
    "type": "Event",
    "attributedTo": "https://mobilizon.example/@buurt",
    "actor": "https://mobilizon.example/@anna",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "name": "Samen soep eten",
    "content": "<p>Neem een kom mee.</p>",
    "inLanguage": "nl",
    "startTime": "2026-12-11T17:30:00Z",
    "endTime": "2026-12-11T19:00:00Z",
    "timezone": "Europe/Amsterdam",
    "location": {
        "type": "Place",
        "name": "Huis van de Wijk",
        "address": {"type": "PostalAddress", "streetAddress": "Noordplein 1", "addressLocality": "Amsterdam"},
        "latitude": 52.3,
    },
    "published": "2026-11-20T09:00:00Z",
}
POLL = {
    "id": "https://mastodon.example/n/1",
    "type": "Question",
    "attributedTo": "https://mastodon.example/u/sanne",
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "content": "<p>Welke dag past?</p><p>Stem maar.</p>",
    "oneOf": [{"type": "Note", "name": "dinsdag"}, {"type": "Note", "name": "woensdag <b>"}, 5, {"name": ""}],
    "endTime": "2026-12-02T09:00:00Z",
}
VIDEO = {
    "id": "https://peertube.example/videos/watch/1",
    "type": "Video",
    "attributedTo": [
        {"type": "Person", "id": "https://peertube.example/accounts/joep"},
        {"type": "Group", "id": "https://peertube.example/video-channels/klussen"},
    ],
    "to": ["https://www.w3.org/ns/activitystreams#Public"],
    "name": "Een band plakken",
    "content": "**Zo** doe je dat.\n\n- pomp\n- lijm",
    "mediaType": "text/markdown",
    "language": {"identifier": "nl", "name": "Nederlands"},
    "url": [
        {"type": "Link", "mediaType": "video/mp4", "href": "https://peertube.example/1.mp4"},
        {"type": "Link", "mediaType": "text/html", "href": "https://evil.example/w/1"},
        {"type": "Link", "mediaType": "text/html", "href": "https://peertube.example/w/1"},
    ],
}


def test_an_event_says_when_and_where() -> None:
    found = read_note(EVENT, NOW)
    assert found
    check_cleaned(found)
    assert found.title == "Samen soep eten"
    assert found.body == (
        "Neem een kom mee.\n11-12-2026 18:30 - 20:00\nHuis van de Wijk, Noordplein 1, Amsterdam"
    )


def test_a_poll_is_a_question_with_what_can_be_chosen() -> None:
    found = read_note(POLL, NOW)
    assert found
    check_cleaned(found)
    assert (found.kind, found.title) == ("question", "Welke dag past?")
    assert found.body == "Stem maar.\n- dinsdag\n- woensdag <b>"


def test_a_video_leads_to_its_page_on_its_own_server() -> None:
    found = read_note(VIDEO, NOW)
    assert found
    check_cleaned(found)
    assert (found.title, found.author_uri) == ("Een band plakken", "https://peertube.example/accounts/joep")
    assert "<strong>Zo</strong>" in found.html
    assert 'href="https://peertube.example/w/1"' in found.html
    assert "evil.example" not in found.html


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"endTime": None}, "11-12-2026 18:30"),
        ({"endTime": "2026-12-12T01:00:00+01:00"}, "11-12-2026 18:30 - 12-12-2026 01:00"),
        ({"endTime": "2020-01-01T00:00:00Z"}, "11-12-2026 18:30"),
        ({"timezone": "Mars/Olympus"}, ""),
        ({"timezone": "../../etc/passwd"}, ""),
        ({"timezone": 5}, "11-12-2026 17:30 - 19:00"),
        ({"startTime": "morgen"}, ""),
        ({"startTime": "2026-12-11T17:30:00"}, ""),
        ({"startTime": "9" * 5000}, ""),
    ],
)
def test_when(changed: dict[str, Any], line: str) -> None:
    """A moment that cannot be read is left out, never guessed."""
    assert particulars_of(EVENT | {"location": None} | changed, "nl") == ([line] if line else [])


@given(
    st.sampled_from(["Event", "Question", "Video", "Audio"]),
    st.dictionaries(
        st.sampled_from(
            [
                "startTime",
                "endTime",
                "timezone",
                "location",
                "oneOf",
                "anyOf",
                "url",
                "name",
                "inLanguage",
                "language",
            ]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["name", "address", "href", "mediaType", "identifier"]), inner, max_size=3
                )
            ),
            max_leaves=8,
        ),
    ),
)
def test_whatever_stands_there(kind: str, members: dict[str, Any]) -> None:
    """Nothing that others write there is a fault, and every line is one line."""
    doc = {**EVENT, **members, "type": kind}
    assert all(line == " ".join(line.split()) for line in particulars_of(doc, "nl"))
    found = read_note(doc, NOW)
    assert found
    check_cleaned(found)
