"""What an app may do, in words for the people whose account it is. Every scope has a sentence; a test sees to it."""

from __future__ import annotations

from collections.abc import Iterable

from vraagbaak import app_scopes
from web.language import msgid

WORDS = {
    "profile": msgid("See your name."),
    "read": msgid("Read everything that you can read here."),
    "read:accounts": msgid("See your account and those of others."),
    "read:blocks": msgid("See whom you block."),
    "read:bookmarks": msgid("See what you keep for later."),
    "read:favourites": msgid("See what you thank others for."),
    "read:filters": msgid("See which words you do not want to read."),
    "read:follows": msgid("See whom you follow."),
    "read:lists": msgid("See your lists."),
    "read:mutes": msgid("See whom you do not want to hear."),
    "read:notifications": msgid("See what is new for you."),
    "read:search": msgid("Search for you."),
    "read:statuses": msgid("Read the questions and answers that you can read."),
    "write": msgid("Ask, answer, change and delete in your name."),
    "write:accounts": msgid("Change what others see of your account."),
    "write:blocks": msgid("Block people for you, and stop that."),
    "write:bookmarks": msgid("Keep things for later, and stop that."),
    "write:conversations": msgid("Clear away conversations of yours."),
    "write:favourites": msgid("Thank others in your name, and say that an answer helped."),
    "write:filters": msgid("Change which words you do not want to read."),
    "write:follows": msgid("Follow in your name, and stop that."),
    "write:lists": msgid("Change your lists."),
    "write:media": msgid("Upload pictures and files in your name."),
    "write:mutes": msgid("Choose for you whom you do not want to hear."),
    "write:notifications": msgid("Clear away what is new for you."),
    "write:reports": msgid("Report in your name what is wrong."),
    "write:statuses": msgid("Write questions and answers in your name, and change and delete them."),
    "follow": msgid("Follow and block in your name, and see whom you follow and block."),
    "push": msgid("Let you know when there is something new."),
}


def in_words(scopes: Iterable[str]) -> list[str]:
    """One sentence for each thing that these scopes allow; what another of them includes is not said again."""
    return [WORDS[scope] for scope in app_scopes.widest(scopes)]
