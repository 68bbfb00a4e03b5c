"""What a question of other software is called: most have no title of their own, and lists here show nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from federation.documents import CAPS, Document, as_list, types_of
from vraagbaak import text
from vraagbaak.caution import Caution
from vraagbaak.model import Attachment

_ADDRESSED = re.compile(r"[@!]([\w.-]{1,200})(?:@[\w.:-]{1,255})?(?=[\s,:;]|$)[\s,:;]*")


def titled(
    doc: Document, body: str, html: str, warned: Caution, beside: Sequence[Attachment]
) -> tuple[str, str, str]:
    """Title, and what is left of text and HTML: its warning, else its first block, else what stands beside it.

    A warning comes first, as it does for who asks from an app: the first words are what it hides. Whom a post begins to
    address (`@noord`, as Mastodon must) is no part of the question.
    """
    if warned.words:
        return warned.words, body, html
    names = _mentioned(doc)
    first, rest = "", body
    while rest and not first:
        line, _, rest = rest.partition("\n")
        first = _unaddressed(line, names)
    if not first:
        return text.line(next((each.description for each in beside), "")), body, html
    if len(first) <= text.TITLE_LENGTH:
        return text.line(first), text.block(rest), text.escaped(text.block(rest))
    return text.line(first, text.TITLE_LENGTH - 1) + "…", body, html


def _unaddressed(line: str, names: frozenset[str]) -> str:
    found = _ADDRESSED.match(line)
    while found and found[1].lower() in names:
        line = line[found.end() :]
        found = _ADDRESSED.match(line)
    return line.strip()


def _mentioned(doc: Document) -> frozenset[str]:
    """The first part of every name that the post mentions."""
    tags = (tag for tag in as_list(doc.get("tag"))[: CAPS.tags] if isinstance(tag, dict))
    names = (tag.get("name") for tag in tags if "Mention" in types_of(tag))
    return frozenset(name.lstrip("@!").split("@")[0].lower() for name in names if isinstance(name, str))
