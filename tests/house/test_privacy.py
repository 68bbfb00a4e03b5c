"""What is kept about people is written down with its purpose and its time, and there is no room for more."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from storage import records
from storage.tables import metadata, tables, terms
from vraagbaak import apps, members, model

PRIVACY = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
PERSONAL = [
    f"{kind.__name__}.{spec.name}"
    for kind in [*vars(model).values(), *vars(records).values()]
    if isinstance(kind, type) and is_dataclass(kind)
    for spec in fields(kind)
    if spec.metadata.get("personal")
]
# What could tell from where, or with what, somebody came, or find them outside of here.
TELLING = {
    *("ip", "ip4", "ip6", "ipv4", "ipv6", "addr", "address", "addresses", "remote", "peername", "forwarded"),
    *("agent", "ua", "browser", "device", "referer", "referrer", "fingerprint", "cookie", "headers"),
    *("email", "mail", "phone", "tel", "mobile", "birth", "birthday", "dob", "bsn", "gender", "surname"),
    *("street", "postcode", "zip", "lat", "lon", "latitude", "longitude", "geo", "location"),
    *("views", "visits", "clicks", "seen_by", "last_seen", "last_login", "ip_hash"),
}


def rows() -> dict[str, list[str]]:
    """The lines about fields: what for, how long."""
    found = re.findall(r"(?m)^\| `([A-Z]\w+\.\w+)` \| (.*?) \| (.*?) \|$", PRIVACY)
    assert len(found) == len({name for name, _, _ in found})
    return {name: [purpose, time] for name, purpose, time in found}


@pytest.mark.parametrize("name", PERSONAL)
def test_every_personal_field_is_accounted_for(name):
    """Each field that is about a person has its line: what it is for, and how long it is kept."""
    purpose, time = rows()[name]
    assert len(purpose) > 5
    assert time == "the same" or re.search(r"until|while|at most", time)


def test_nothing_is_accounted_for_that_is_not_kept():
    """A field that is gone is gone from the document."""
    assert set(rows()) == set(PERSONAL)


def test_what_people_write_and_who_they_are_counts_as_personal():
    """Texts of people, and references to them from what they made or follow, are marked as personal in the model."""
    marked = set(PERSONAL)
    texts = {"title", "body", "html", "availability", "handle", "password_hash"}
    people = {"author_id", "member_id", "follower_id"}
    for kind in tables:
        if kind.__module__ == records.__name__:
            continue
        for spec in fields(kind):
            if spec.name in texts | people:
                assert f"{kind.__name__}.{spec.name}" in marked


def test_the_database_says_itself_which_columns_are_personal():
    """Whoever looks into a table sees at the column what is personal in it."""
    for name in PERSONAL:
        kind, field = name.split(".")
        column = tables[getattr(model, kind, None) or getattr(records, kind)].c[field]
        assert "personal: " in (column.comment or "")


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_no_table_has_room_for_addresses_or_browsers(table):
    """No column is named after an address, a browser, a way to reach somebody, or what they looked at."""
    for column in table.columns:
        parts = column.name.lower().split("_")
        assert not {*parts, column.name.lower()} & TELLING, f"{table.name}.{column.name}"


def test_every_table_is_declared():
    """There is no table beside those that are looked through here."""
    found_by = {
        table.name for table in terms.values()
    }  # the words of what stands in the tables, nothing more
    own = {table.name for table in tables.values()}
    assert own | found_by | {"jobs", "indexed_by"} == set(metadata.tables)
    for name in found_by:
        assert f"`{name}`" in PRIVACY


@pytest.mark.parametrize(
    "word",
    ["IP address", "user agent", "referrer", "page views", "Cookies", "Followers", "Backups", "before-NNNN"],
)
def test_it_says_what_is_not_kept_and_where_copies_remain(word):
    """What people ask about is answered, also when the answer is: nothing, or: not here alone."""
    assert word in PRIVACY


def test_how_long_a_code_for_an_app_lasts_is_told_as_it_is():
    """The time in the document is that of the code."""
    assert f"at most {apps.CODE_LASTS.seconds // 60} minutes" in rows()["AuthorizationCode.member_id"][1]


def test_how_long_a_session_lasts_is_told_as_it_is():
    """The time in the document is that of the code."""
    assert f"at most {members.SESSION_LENGTH.days} days" in rows()["Session.member_id"][1]
