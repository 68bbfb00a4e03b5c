"""Text from people and from other servers, made safe: Markdown and foreign HTML to the same small set of HTML.

Nothing that comes out of here can run, load, track or imitate the page around it; what is cut is cut silently.
"""

from __future__ import annotations

import html
import re
import unicodedata
from itertools import islice

import nh3
from markdown_it import MarkdownIt

from vraagbaak import markup
from vraagbaak.errors import Invalid

TITLE_LENGTH = 200
BODY_LENGTH = 10_000

# A link goes to another page by its whole address: a relative one would lead into our own pages (threat E14).
_ABSOLUTE = re.compile(r"https?://[^\s/?#\\]|(?:mailto|tel):", re.IGNORECASE)
# Controls, bidirectional overrides, zero-width and blank marks, tags and half characters let a text show something
# else than it says (threats E07, E16).
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
# The joiners stay where they shape something: between emoji, and in scripts that need them; never at an edge or in
# Latin, Greek or Cyrillic.
_SHAPED = "\u0590-\u1fff\u2010-\u2027\u2030-\u2fff\u3001-\U0010ffff"
_STRAY_JOINER = re.compile(f"(?<![{_SHAPED}])[\u200c\u200d]+|[\u200c\u200d]+(?![{_SHAPED}\u200c\u200d])")
_MOST_MARKS = 3

# Looking for bare addresses takes half of the time of a text without any, and much longer in a text of nothing else.
_MAY_BE_LINK = re.compile(r"\w\.\w|//|@")
MOST_LINKS = 100
# Most of what people write is lines and paragraphs only, and those are made in a hundredth of the time.
_MAY_BE_MARKUP = re.compile(
    r"[\\`*_\[\]<>&#~|@\u200c\u200d]|\w\.\w|//|[^\S \n]|\n{3}|\A\n|\n\Z|^ | $|^[-+=:]|^\d+[.)]", re.MULTILINE
)


def _renderer(*, linkify: bool) -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": linkify, "breaks": True})
    made.enable(["linkify", "strikethrough"] if linkify else ["strikethrough"])
    return made.disable(["image", "heading", "lheading", "hr", "html_block", "html_inline", "reference"])


_markdown, _markdown_without_links = _renderer(linkify=True), _renderer(linkify=False)


def line(given: str, length: int = TITLE_LENGTH) -> str:
    """One line of plain text: no breaks, no invisible or stacked marks, NFC, at most `length` characters."""
    return _cut(_one_line(given), length)


def block(given: str, length: int = BODY_LENGTH) -> str:
    """Several lines of plain text, cleaned like `line`, at most `length` characters."""
    return _cut(_lines(given), length)


def _one_line(given: str) -> str:
    return " ".join(_plain(re.sub(r"[\r\n]", " ", given)).split())


def _lines(given: str) -> str:
    text = _plain(given.replace("\r\n", "\n").replace("\r", "\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[:length].rstrip("\u200c\u200d").rstrip()


def _visible(text: str) -> str:
    """Without what is there but not seen."""
    return _STRAY_JOINER.sub("", _INVISIBLE.sub("", text))


def _plain(given: str) -> str:
    if given.isascii():
        return _INVISIBLE.sub("", given)
    # Unstacked first: ordering a tower of marks takes the square of its height. And after: some marks become two.
    low = _unstacked(_visible(given))
    text = unicodedata.normalize("NFC", low)
    return _STRAY_JOINER.sub("", text if text == low else _unstacked(text))


def _unstacked(text: str) -> str:
    """No more marks on one letter than a language needs: towers of them cover the lines around (threat E07)."""
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in {"Mn", "Me"}:
            marks += 1
        elif category != "Cf":
            marks = 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def required_line(field: str, given: str, shortest: int = 3, length: int = TITLE_LENGTH) -> str:
    """`line`, refused when it says too little or is too long. Raises Invalid."""
    text = _one_line(given)
    if len(text) < shortest:
        raise Invalid(field, "Please write a little more here.", "too-short")
    return _not_too_long(field, text, length)


def required_block(field: str, given: str, shortest: int = 2, length: int = BODY_LENGTH) -> str:
    """`block`, refused when it says too little or is too long. Raises Invalid."""
    text = optional_block(field, given, length)
    if len(text) < shortest:
        raise Invalid(field, "Please write a little more here.", "too-short")
    return text


def optional_block(field: str, given: str, length: int = BODY_LENGTH) -> str:
    """`block`, which may be empty but not too long. Raises Invalid."""
    return _not_too_long(field, _lines(given), length)


def _not_too_long(field: str, text: str, length: int) -> str:
    if len(text) > length:
        raise Invalid(field, "This is too long. At most %(length)d characters.", "too-long", length=length)
    return text


def from_markdown(source: str) -> str:
    """Safe HTML of what somebody wrote. With more than 100 addresses in it, none becomes a link."""
    if source and not _MAY_BE_MARKUP.search(source) and not _INVISIBLE.search(source):
        return "\n".join(f"<p>{part}</p>" for part in source.replace("\n", "<br>\n").split("<br>\n<br>\n"))
    found = sum(1 for _ in islice(_MAY_BE_LINK.finditer(source), MOST_LINKS + 1))
    written = _markdown if 0 < found <= MOST_LINKS else _markdown_without_links
    return _clean(written.render(source))


def from_foreign_html(source: str) -> str:
    """Safe HTML of what another server sent; headings become paragraphs in bold, nesting ends at 50."""
    return _clean(markup.well_formed(source))


def _clean(source: str) -> str:
    cleaned = _sanitized(source)
    # Entities became characters meanwhile. Taking some out can make a new word, so it is judged once more.
    seen = _visible(cleaned)
    return cleaned if seen == cleaned else _sanitized(seen)


def _sanitized(source: str) -> str:
    cleaned: str = nh3.clean(
        _INVISIBLE.sub("", source),
        tags={*markup.INLINE, *markup.BLOCKS, "br"},
        attributes={"a": {"href"}},
        attribute_filter=_link,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow noopener noreferrer ugc",
        strip_comments=True,
        clean_content_tags=set(markup.SILENT),
    )
    # A browser drops one line break after <pre> at each reading; without any, every reading is the same.
    return re.sub(r"<pre>\n+", "<pre>", cleaned).strip()


def _link(_tag: str, attribute: str, value: str) -> str | None:
    if attribute != "href":
        return value
    address = value.strip()
    return address if _ABSOLUTE.match(address) else None


def to_plain(source: str) -> str:
    """The words of some HTML, a line per block."""
    parts = [
        html.unescape(inside) if kind == "text" else "\n" * (tag in markup.BREAKS)
        for kind, tag, inside in markup.pieces(source)
    ]
    lines = (" ".join(part.split()) for part in "".join(parts).split("\n"))
    return "\n".join(part for part in lines if part)


def escaped(plain: str) -> str:
    """Plain text as HTML paragraphs."""
    paragraphs = (html.escape(part, quote=False).replace("\n", "<br>") for part in plain.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in paragraphs if part)


def slug(name: str) -> str:
    """A topic's name as it stands in links: `geld en schulden` is `geld-en-schulden`; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", _unstacked(name[:1000]).lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
