"""Content warnings in documents, both directions: `summary` with `sensitive`, as every known server reads it."""

from __future__ import annotations

from federation.documents import CAPS, Document, first_of, one_type, text_of, vb
from vraagbaak import caution, text
from vraagbaak.caution import Caution
from vraagbaak.model import Question, Thing

_WARNED = frozenset({"Note", "Question"})


def caution_of(thing: Thing, thread: Question | None) -> Document:
    """The members that hide a delicate text; `thread` is the question that it is said to, or itself."""
    found = caution.of(thing, thread)
    return {"sensitive": found.sensitive} | ({"summary": found.words} if found.words else {})


def read_caution(doc: Document, language: str) -> Caution:
    """What the writer of a post warns for.

    Of a Note `summary` is a warning whatever `sensitive` says (Mastodon, GoToSocial, Misskey); of an article, event or
    video it only says what that is about, unless it is delicate too.
    """
    sensitive = first_of(doc.get("sensitive")) is True
    if one_type(doc) not in _WARNED and not sensitive:
        return Caution()
    stated = text_of(doc, "summary", language)[: CAPS.name]
    # HTML by ActivityStreams, plain text by Mastodon; ours is plain, whatever it looks like.
    words = text.line(stated if vb(doc, "kind") else text.to_plain(stated), caution.LENGTH)
    if words == text.line(text_of(doc, "name", language)[: CAPS.name]):
        words = ""  # lotide says its title twice
    # The neutral words are nobody's own: a Vraagbaak sends them with all that is delicate.
    own = "" if words in caution.NEUTRAL.values() else words
    return Caution(words=own, sensitive=sensitive or words != "")
