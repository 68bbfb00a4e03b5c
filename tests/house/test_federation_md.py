"""FEDERATION.md says what the code does: which FEPs, activities, kinds of post and members, and every number."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from federation import (
    attaching,
    delivery,
    gathering,
    looking,
    moderating,
    newcomers,
    paging,
    schemes,
    threads,
)
from federation.documents import CAPS, IMPLEMENTS
from federation.fetching import REDIRECTS, Budget
from federation.inbox import ACTIVITIES
from federation.meeting import PAGES
from federation.signatures import AHEAD, PAST
from federation.vocabulary import NOTE_TYPES
from storage import policy, upkeep
from tests.federation.sent import documents
from vraagbaak import caution, media, moves, reports, text

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "FEDERATION.md").read_text()
FLAT = " ".join(TEXT.split())


def section(title: str) -> str:
    """The words under a heading."""
    return TEXT.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_every_fep_that_we_announce_is_named() -> None:
    """What `implements` lists stands in the file, and FEPs are linked by their number."""
    feps = {uri.rsplit("/", 1)[-1] for uri in IMPLEMENTS if "/fep/" in uri}
    linked = re.findall(r"\[FEP-([0-9a-f]{4})\]\(https://w3id.org/fep/([0-9a-f]{4})\)", TEXT)
    assert feps <= {number for number, _ in linked}
    assert all(number == target for number, target in linked)
    assert "RFC 9421" in TEXT


def test_every_activity_that_we_understand_is_named_and_no_other() -> None:
    first = section("Activities we understand").split("Others are accepted and dropped.")[0]
    assert set(re.findall(r"`([A-Z]\w+)`", first)) == set(ACTIVITIES)


def test_what_is_not_spoken_is_not_understood() -> None:
    """Nothing that is said not to be spoken is understood after all."""
    named = set(re.findall(r"`([A-Z]\w+)`", section("Not spoken yet")))
    spoken_of = {"Note", "Update", "Undo", "Delete", "Block"}  # as parts of what is not
    assert named >= {"ChatMessage", "Dislike", "Read", "View", "Listen"}
    assert not (named - spoken_of) & (set(ACTIVITIES) | NOTE_TYPES)


def test_every_fep_of_the_code_is_named() -> None:
    """What a line of the code says it does for the sake of a FEP stands here too."""
    rooms = [
        path for room in ("federation", "vraagbaak", "storage", "web") for path in (ROOT / room).rglob("*.py")
    ]
    said = set(re.findall(r"FEP-([0-9a-f]{4})\b", "".join(path.read_text() for path in rooms)))
    assert said <= set(re.findall(r"FEP-([0-9a-f]{4})\b", TEXT))


def test_every_kind_of_post_that_we_read_is_named() -> None:
    sentence = re.search(r"Of other software (.*?) is read:", FLAT)
    assert sentence
    assert set(re.findall(r"`(\w+)`", sentence[1])) == set(NOTE_TYPES)


def test_every_member_of_ours_is_named() -> None:
    """Whatever we write under our own prefix has a word in the file."""
    written = set(re.findall(r'"(vb:\w+)"', json.dumps(documents())))
    contexts = {"vb:questionAnswer", "vb:ChooseAnswer"}  # words of PieFed that have no IRI of their own
    assert written - contexts <= set(re.findall(r"vb:\w+", TEXT))


NUMBERS = {
    "attachments": f"{attaching.MOST} attachments",
    "links of others": f"at most {attaching.MOST}, `http` and `https` only",
    "descriptions": f"a description of {media.DESCRIPTION_LENGTH:,} characters",
    "warnings": f"a warning and a title of {caution.LENGTH}",
    "text": f"{text.BODY_LENGTH:,} characters of text",
    "moderators": f"{moderating.LISTED} moderators of a Group",
    "other domains": f"no domain more than {newcomers.STRANGE} times an hour",
    "tags": f"{CAPS.tags} tags",
    "mentions": f"{CAPS.mentions} mentions",
    "recipients": f"{CAPS.recipients} recipients",
    "types": f"{CAPS.types} types",
    "pages": f"{paging.PAGES} pages of a collection",
    "pages of a thread": f"{paging.PAGES} pages a collection",
    "depth": f"depth {CAPS.depth}",
    "body": f"413 over {CAPS.body // 1024 // 1024} MiB",
    "redirects": f"{REDIRECTS} redirects",
    "redirects of letters": f"on the same host, {delivery.REDIRECTS} at most",
    "rest between knocks": f"one way only for {schemes.REST // policy.HOUR} hour;",
    "knocks": f"remembered for {upkeep.KNOCKS_KEPT.days} days",
    "refusing": "answers with 400, 401 or 403" if {400, 401, 403} == schemes.REFUSING else "",
    "newcomers": "ten new servers a day below one registered name"
    if (newcomers.MOST, newcomers.SPAN.days) == (10, 1)
    else "",
    "second looks": f"for another name, {looking.SPARE} times a minute for one server",
    "budget": f"{Budget().left} requests for one activity",
    "budget of a thread": f"at most {Budget().left} requests at a time",
    "posts of a thread": f"{threads.POSTS} posts a thread",
    "posts elsewhere": f"{newcomers.STRANGE} posts an hour of the servers of any third owner",
    "soon": f"{threads.SOON // timedelta(minutes=1)} minutes after a post came in",
    "cool down": f"every {threads.COOL_DOWN // timedelta(minutes=1)} minutes while people speak",
    "above a reply": f"{gathering.ABOVE} of them for what is missing above one reply",
    "outbox": "the hundred latest things" if PAGES == 5 else "",
    "past": f"{PAST // timedelta(minutes=1)} minutes old",
    "ahead": f"{AHEAD // timedelta(minutes=1)} ahead",
    "breaker": f"fails {policy.BREAKER_FAILURES} times in {policy.BREAKER_WINDOW // policy.MINUTE} minutes",
    "parked": f"left alone for {policy.PARKED // policy.MINUTE} minutes",
    "wish": f"up to {policy.LONGEST_WISH // policy.HOUR} hours",
    "patience": f"up to {policy.KEPT_TRYING.days} days",
    "ids": f"kept {upkeep.SEEN_KEPT.days} days",
    "moves": f"once in {moves.REST.days} days",
    "reports": f"{reports.MOST} things at most",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_is_the_one_of_the_code(name: str) -> None:
    assert NUMBERS[name]
    assert NUMBERS[name] in FLAT


def test_the_times_of_trying_again_are_those_of_the_code() -> None:
    hours = [delay / policy.HOUR for delay in policy.DELAYS]
    assert hours == [0, 1 / 60, 5 / 60, 15 / 60, 1, 3, 6, 12]
    assert "after 0, 1, 5, 15 minutes, 1, 3, 6, 12 hours, then every 12 hours" in FLAT
    assert policy.JITTER == 0.25
    assert "a quarter more or less" in FLAT
