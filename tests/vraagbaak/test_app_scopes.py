"""What an app may do follows from its scopes, and from nothing else."""

from __future__ import annotations

import pytest

from vraagbaak.app_scopes import ALL, covers, known, widest, within
from vraagbaak.errors import Invalid


@pytest.mark.parametrize(
    ("granted", "needed", "allowed"),
    [
        (("read",), "read:statuses", True),
        (("read",), "read", True),
        (("read:statuses",), "read:statuses", True),
        (("read:statuses",), "read", False),
        (("read:statuses",), "read:accounts", False),
        (("read",), "write:statuses", False),
        (("write",), "read:statuses", False),
        (("follow",), "write:follows", True),
        (("follow",), "read:mutes", True),
        (("follow",), "write:statuses", False),
        (("follow",), "read", False),
        (("read", "write"), "profile", False),
        (("profile",), "read:accounts", False),
        (("push",), "push", True),
        (("read", "write", "follow"), "push", False),
        (("read",), "read:nothing", False),
        (("read",), "admin:read", False),
        (("read", "write"), "*", False),
        (("read",), "", False),
        ((), "read", False),
        (("Read", "read ", "readwrite"), "read", False),
    ],
)
def test_h04_a_scope_covers_what_mastodon_says_and_no_more(granted, needed, allowed):
    """Wide scopes include their narrow ones; narrow ones never add up, and nothing includes what does not exist."""
    assert covers(granted, needed) is allowed
    assert within([needed], granted) is allowed


def test_all_narrow_scopes_together_are_not_the_wide_one():
    """Who was given every narrow scope was not given what comes later."""
    narrow = [one for one in ALL if one.startswith("read:")]
    assert not covers(narrow, "read")
    assert within(narrow, ("read",))


@pytest.mark.parametrize(
    "given",
    [
        *("", " ", "admin:read", "admin:write:accounts", "read admin:read", "everything", "*", "READ"),
        *("read,write", "read:", "read:reports", "write:*", "read\u00a0everything", "crypto", "read\x00"),
    ],
)
def test_h04_a_scope_that_is_not_there_is_refused(given):
    """Administration and what Mastodon does not know is given to nobody, also not beside what exists."""
    with pytest.raises(Invalid) as refusal:
        known(given)
    assert refusal.value.code == "invalid_scope"


def test_scopes_are_read_once_each_in_the_order_given():
    """Twice the same is once."""
    assert known(" write\tread  read:lists write ") == ("write", "read", "read:lists")
    assert known(" ".join(ALL)) == ALL


def test_the_fewest_words_say_the_same():
    """A narrow scope beside the wide one that has it need not be said to people."""
    assert widest(("read:lists", "read", "follow", "write:blocks", "write:media")) == (
        "read",
        "write:media",
        "follow",
    )
    assert widest(("push", "profile")) == ("profile", "push")
