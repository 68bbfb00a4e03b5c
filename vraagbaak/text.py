"""Text from people and from other servers, made safe: Markdown and foreign HTML to the same small set of HTML.

Nothing that comes out of here can run, load, track or imitate the page around it; what is cut is cut silently.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

from vraagbaak.errors import Invalid

TITLE_LENGTH = 200
BODY_LENGTH = 10_000

_ALLOWED_TAGS = {"p", "br", "a", "strong", "em", "b", "i", "u", "s", "del", "ul", "ol", "li"} | {
    "blockquote",
    "code",
    "pre",
}
_BLOCKS = {"p", "br", "li", "blockquote", "pre", "ul", "ol", "div", "h1", "h2", "h3", "h4", "h5", "h6"}
# Bidirectional overrides and zero-width marks let a text show something else than it says (threat E07).
_INVISIBLE = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0000-\u0008\u000b-\u001f\u007f]"
)
_COMBINING_RUN = re.compile(
    r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]{3})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff]+"
)
_DEEP = 50

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True}).enable(
    ["linkify", "strikethrough"]
)
_markdown.disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"])


def line(given: str, length: int = TITLE_LENGTH) -> str:
    """One line of plain text: no breaks, no invisible or stacked marks, NFC, at most `length` characters."""
    text = unicodedata.normalize(
        "NFC", _COMBINING_RUN.sub(r"\1", _INVISIBLE.sub("", given.replace("\n", " ")))
    )
    return " ".join(text.split())[:length].rstrip()


def block(given: str, length: int = BODY_LENGTH) -> str:
    """Several lines of plain text, cleaned like `line`, at most `length` characters."""
    text = given.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _COMBINING_RUN.sub(r"\1", _INVISIBLE.sub("", text)))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:length].rstrip()


def required_line(field: str, given: str, shortest: int = 3, length: int = TITLE_LENGTH) -> str:
    """`line`, refused when it says too little or is too long. Raises Invalid."""
    text = line(given, length + 1)
    if len(text) < shortest:
        raise Invalid(field, "Please write a little more here.", "too-short")
    if len(text) > length:
        raise Invalid(field, "This is too long. At most %(length)d characters.", "too-long", length=length)
    return text


def required_block(field: str, given: str, shortest: int = 2, length: int = BODY_LENGTH) -> str:
    """`block`, refused when it says too little or is too long. Raises Invalid."""
    text = optional_block(field, given, length)
    if len(text) < shortest:
        raise Invalid(field, "Please write a little more here.", "too-short")
    return text


def optional_block(field: str, given: str, length: int = BODY_LENGTH) -> str:
    """`block`, which may be empty but not too long. Raises Invalid."""
    text = block(given, length + 1)
    if len(text) > length:
        raise Invalid(field, "This is too long. At most %(length)d characters.", "too-long", length=length)
    return text


def from_markdown(source: str) -> str:
    """Safe HTML of what somebody wrote."""
    return _clean(_markdown.render(source))


def from_foreign_html(source: str) -> str:
    """Safe HTML of what another server sent; headings become paragraphs in bold."""
    source = re.sub(
        r"<(/?)h[1-6][^<>]*>", lambda found: "</strong></p>" if found[1] else "<p><strong>", source
    )
    return _clean(_flattened(source))


def _clean(source: str) -> str:
    return nh3.clean(
        source,
        tags=_ALLOWED_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer ugc",
        strip_comments=True,
        clean_content_tags={"script", "style", "template", "noscript", "svg", "math", "iframe", "object"},
    ).strip()


def _flattened(source: str) -> str:
    """The text alone, when the nesting is deeper than any real post (threat D21)."""
    depth = deepest = 0
    for found in re.finditer(r"<(/?)[a-zA-Z]", source):
        depth = depth - 1 if found[1] else depth + 1
        deepest = max(deepest, depth)
    return source if deepest <= _DEEP * 20 else f"<p>{html.escape(to_plain(source))}</p>"


class _Plain(HTMLParser):
    """Collects text; a block starts a new line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in {"script", "style"}:
            self.silent += 1
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self.silent = max(0, self.silent - 1)
        elif tag in _BLOCKS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(data)


def to_plain(source: str) -> str:
    """The words of some HTML, a line per block."""
    parser = _Plain()
    parser.feed(source)
    parser.close()
    lines = (" ".join(part.split()) for part in "".join(parser.parts).split("\n"))
    return "\n".join(part for part in lines if part)


def escaped(plain: str) -> str:
    """Plain text as HTML paragraphs."""
    paragraphs = (html.escape(part, quote=False).replace("\n", "<br>") for part in plain.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs if part)


def slug(name: str) -> str:
    """A topic's name as it stands in links: `geld en schulden` is `geld-en-schulden`; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
