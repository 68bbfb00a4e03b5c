"""HTML of other servers, read piece by piece: only tags that we know, each closed, and none deeper than a real post.

It makes nothing safe, that is for text.py; it makes reading take as long as the text is long, whatever that holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

INLINE = frozenset({"a", "strong", "em", "b", "i", "u", "s", "del", "code"})
BLOCKS = frozenset({"p", "ul", "ol", "li", "blockquote", "pre"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# What stands inside these is no text for people.
SILENT = frozenset({"script", "style", "template", "noscript", "svg", "math", "iframe", "object"})
BREAKS = BLOCKS | HEADINGS | {"br", "div"}
DEEPEST = 50

# A tag holds no `<` in its attributes. No pattern looks beyond the next one or tries a piece twice (threats D20, D21).
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/<>"']*+)((?:[^<>"']|"[^"<]*"|'[^'<]*')*+|[^<>]*+)>|<!--|<[!?/][^<>]*+>"""
)
_HREF = re.compile(r"""[\s"'/]href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ENDS = {tag: re.compile(f"(?=</{tag})", re.IGNORECASE) for tag in SILENT} | {"": re.compile("-->")}


def pieces(source: str) -> Iterator[tuple[str, str, str]]:
    """HTML in order: ("text", "", words), ("open", tag, attributes) and ("close", tag, "").

    Comments, and what stands in scripts and the like, are no pieces.
    """
    at = 0
    while found := _TAG.search(source, at):
        yield "text", "", source[at : found.start()]
        at = found.end()
        tag = (found[2] or "").lower()
        if found[0] == "<!--" or (tag in SILENT and not found[1]):
            end = _ENDS[tag].search(source, at)
            at = end.end() if end else len(source)
        elif tag:
            yield ("close", tag, "") if found[1] else ("open", tag, found[3])
    yield "text", "", source[at:]


def well_formed(source: str) -> str:
    """The same in known tags only, each closed where it must be; headings are paragraphs in bold.

    As it came, a browser's rules for what is not closed make a thousand times more of it (threat D21).
    """
    made = _Made()
    for kind, tag, inside in pieces(source):
        if kind == "text":
            made.parts.append(inside.replace("<", "&lt;").replace(">", "&gt;"))
        elif kind == "open":
            made.open(tag, inside)
        else:
            made.close(tag)
    made.close_to(0)
    return "".join(made.parts)


class _Made:
    """HTML in the making, and the tags that are open in it: blocks around inline ones, never the other way."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.opened: list[str] = []

    def open(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self.parts.append("<br>")
        elif tag in INLINE:
            self._open_inline(tag, attributes)
        elif tag in BREAKS:
            self._end_line(tag)
            if tag in HEADINGS:
                self._put("p", "<p>")
                self._put("strong", "<strong>")
            elif tag in BLOCKS:
                self._put(tag, f"<{tag}>")

    def _open_inline(self, tag: str, attributes: str) -> None:
        if tag != "a":
            self._put(tag, f"<{tag}>")
            return
        self.close("a")
        found = _HREF.search(attributes)
        address = html.escape(html.unescape(found[found.lastindex or 0])) if found else ""
        self._put("a", f'<a href="{address}">')

    def close(self, tag: str) -> None:
        tag = "p" if tag in HEADINGS else tag
        if tag == "div":
            self._end_line(tag)
        elif tag in self.opened:
            self.close_to(len(self.opened) - 1 - self.opened[::-1].index(tag))

    def close_to(self, kept: int) -> None:
        """Close everything but the outermost `kept`."""
        while len(self.opened) > kept:
            self.parts.append(f"</{self.opened.pop()}>")

    def _put(self, tag: str, written: str) -> None:
        if len(self.opened) < DEEPEST:
            self.parts.append(written)
            self.opened.append(tag)

    def _end_line(self, tag: str) -> None:
        """A block begins: what is inline ends and so does a paragraph; an item ends the one before it."""
        while self.opened and self.opened[-1] in INLINE | {"p", "pre"}:
            self.close_to(len(self.opened) - 1)
        if tag == "li" and self.opened[-1:] == ["li"]:
            self.close_to(len(self.opened) - 1)
        if tag == "div":
            self.parts.append("\n")
