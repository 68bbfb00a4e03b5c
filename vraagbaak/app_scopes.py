"""What an app may do: the scopes that Mastodon 4.5 knows, and which of them include others.

Scopes for administrators are not among them: nobody moderates through an app here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vraagbaak.errors import Invalid

_READ = tuple(
    f"read:{what}"
    for what in (
        *("accounts", "blocks", "bookmarks", "favourites", "filters", "follows"),
        *("lists", "mutes", "notifications", "search", "statuses"),
    )
)
_WRITE = tuple(
    f"write:{what}"
    for what in (
        *("accounts", "blocks", "bookmarks", "conversations", "favourites", "filters", "follows"),
        *("lists", "media", "mutes", "notifications", "reports", "statuses"),
    )
)
_FOLLOW = tuple(f"{how}:{what}" for how in ("read", "write") for what in ("blocks", "follows", "mutes"))
_INCLUDED = {"read": frozenset(_READ), "write": frozenset(_WRITE), "follow": frozenset(_FOLLOW)}

DEFAULT = ("read",)
ALL = ("profile", "read", *_READ, "write", *_WRITE, "follow", "push")


def covers(granted: Collection[str], needed: str) -> bool:
    """Whether these scopes allow what `needed` names.

    `read` covers `read:statuses`, `follow` covers `write:follows`; no number of narrow scopes covers a wide one
    (docs.joinmastodon.org/api/oauth-scopes).
    """
    return any(one == needed or needed in _INCLUDED.get(one, ()) for one in granted)


def within(wanted: Iterable[str], granted: Collection[str]) -> bool:
    """Whether all of `wanted` is covered."""
    return all(covers(granted, one) for one in wanted)


def known(given: str) -> tuple[str, ...]:
    """The scopes in a text with spaces between them, each once. Raises Invalid for none, or one that does not exist."""
    wanted = tuple(dict.fromkeys(given.split()))
    wrong = [one for one in wanted if one not in ALL]
    if wrong or not wanted:
        raise Invalid("scopes", "These scopes do not exist, or are given to nobody here.", "invalid_scope")
    return wanted


def widest(scopes: Iterable[str]) -> tuple[str, ...]:
    """The same permission in the fewest words: without what another of them covers, in the order of `ALL`."""
    given = set(scopes)
    return tuple(
        one for one in ALL if one in given and not any(one in _INCLUDED.get(other, ()) for other in given)
    )
