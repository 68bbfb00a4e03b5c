"""What somebody wrote in an app, as a question or an answer: the title is the first line, the perspective a hashtag.

An app knows neither; ours may say both in the member `vraagbaak`. Nothing becomes visible to more people than asked.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec

from federation.vocabulary import PERSPECTIVE_WORDS
from vraagbaak import answers, caution, questions, text
from vraagbaak.caution import Caution
from vraagbaak.errors import Invalid
from vraagbaak.media import Words
from vraagbaak.model import Actor, Answer, Home, Perspective, Question, Scope
from web.mastodon.entities import SCOPE

PERSPECTIVES = {
    "bewoner": Perspective.RESIDENT,
    "ervaringsdeskundige": Perspective.EXPERIENCE_EXPERT,
    "naaste": Perspective.FAMILY,
    "hulpverlener": Perspective.PROFESSIONAL,
    "initiatief": Perspective.INITIATIVE,
    "ondernemer": Perspective.ENTREPRENEUR,
}
"""The hashtag that closes an answer, and from where it is then given."""
TOPICS_READ = 20
_HASHTAG = re.compile(r"(?<![\w&/#])#(\w{1,100})")
_TAG = re.compile(r"#(\w{1,100})[.,;!]?")
_SAID = {
    words: perspective for language in PERSPECTIVE_WORDS.values() for perspective, words in language.items()
}
_LONGEST_SAID = max(map(len, _SAID)) + len("()") + 1
LONGEST = text.BODY_LENGTH + 2 * text.TITLE_LENGTH
"""What is longer is refused before anything in it is looked for: text, title, mentions and hashtags."""
_SAID_LAST = re.compile(rf"(?<!\S)\(({'|'.join(map(re.escape, _SAID))})\)\Z")


class Wished(msgspec.Struct, kw_only=True):
    """What an app that knows a Vraagbaak may add."""

    title: str = ""
    scope: str = ""
    perspective: str = ""
    topics: list[str] = msgspec.field(default_factory=list)
    wanted: list[str] = msgspec.field(default_factory=list)


class MediaWords(msgspec.Struct, kw_only=True):
    """What is said of one picture of a status."""

    id: str
    description: str | None = None
    focus: str | None = None


class NewStatus(msgspec.Struct, kw_only=True):
    """A status as an app sends it."""

    status: str = ""
    in_reply_to_id: str | None = None
    visibility: str | None = None
    sensitive: bool = False
    spoiler_text: str = ""
    language: str | None = None
    media_ids: list[str] = msgspec.field(default_factory=list)
    media_attributes: list[MediaWords] = msgspec.field(default_factory=list)
    poll: dict[str, Any] | None = None
    scheduled_at: str | None = None
    quoted_status_id: str | None = None
    vraagbaak: Wished | None = None


class ChangedStatus(msgspec.Struct, kw_only=True):
    """The same for a change; what is not there stays."""

    status: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: list[str] | None = None
    media_attributes: list[MediaWords] = msgspec.field(default_factory=list)
    poll: dict[str, Any] | None = None
    vraagbaak: Wished | None = None


def require_no_poll(given: dict[str, Any] | None) -> None:
    """Raises Invalid: a question of many choices is not asked here, and words that belong to one are not said without it."""
    if given:
        raise Invalid("poll", "There are no polls here. Ask it as a question.", "no-polls")


def moment_from(given: str) -> datetime:
    """A moment as an app writes it (ISO 8601); in UTC when it names no zone. Raises Invalid."""
    try:
        found = datetime.fromisoformat(given)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        name = "scheduled_at"
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name) from None


def question_from(home: Home, given: NewStatus | ChangedStatus, scope: Scope) -> questions.Draft:
    """A question: title first, then the rest; with a content warning that is its title, and it is delicate.

    Raises Invalid.
    """
    wished = given.vraagbaak or Wished()
    written = _without_neighbourhood(home, given.status or "")
    title, body = wished.title.strip() or _warning(given), written
    if not title:
        first, _, rest = written.partition("\n")
        title, body = _as_title(first), rest.strip()
        if len(title) > text.TITLE_LENGTH:
            title, body = text.line(title, text.TITLE_LENGTH - 1) + "…", written
    return questions.Draft(
        title=title,
        body=body,
        topics=tuple(wished.topics or _HASHTAG.findall(written))[:TOPICS_READ],
        wanted=tuple(_perspective("wanted", each) for each in wished.wanted),
        scope=scope,
        language=given.language or home.languages[0],
        sensitive=bool(given.sensitive) or bool((given.spoiler_text or "").strip()),
        media=media_of(given),
    )


def answer_from(
    home: Home,
    given: NewStatus | ChangedStatus,
    parent: Answer | None,
    scope: Scope,
    spoken_to: tuple[Actor, ...] = (),
) -> answers.Draft:
    """An answer to a question, or a comment on an answer; `spoken_to` wrote what it replies to. Raises Invalid."""
    wished = given.vraagbaak or Wished()
    body, perspective = _closing(_without_greeting(home, given.status or "", spoken_to))
    if wished.perspective:
        perspective = _perspective("perspective", wished.perspective)
    warning = _warning(given)
    if not body:  # as Mastodon does with nothing but a warning
        body, warning = warning, ""
    return answers.Draft(
        body=body,
        perspective=perspective or Perspective.RESIDENT,
        parent_id=parent.id if parent else None,
        scope=scope,
        language=given.language or home.languages[0],
        media=media_of(given) or (),
        caution=Caution(words=warning, sensitive=bool(given.sensitive)),
    )


def media_of(given: NewStatus | ChangedStatus) -> tuple[str, ...] | None:
    """The pictures that are to stand with it; None when nothing is said of them, so that they stay as they are."""
    return None if given.media_ids is None else tuple(key for key in given.media_ids if key)


def words_of(given: MediaWords) -> Words:
    """What is said of a picture. Raises Invalid."""
    return Words(description=given.description, focus=focus_of(given.focus))


def focus_of(given: str | None) -> tuple[float, float] | None:
    """`x,y`, as apps write it; None when it is not said. Raises Invalid."""
    if not given:
        return None
    try:
        across, up = (float(part) for part in given.split(","))
    except ValueError:
        raise Invalid("focus", "This cannot be the value of '%(name)s'.", "bad-value", name="focus") from None
    return across, up


def said_from(given: ChangedStatus) -> Perspective | None:
    """From where a changed answer is given, if the change says so. Raises Invalid."""
    if given.vraagbaak and given.vraagbaak.perspective:
        return _perspective("perspective", given.vraagbaak.perspective)
    return _closing(given.status or "")[1]


def language_of(home: Home, given: ChangedStatus, thing: Question | Answer) -> str:
    """The language of a changed text: the one that the change names, when we know it; else the one it has."""
    return given.language if given.language and given.language in home.languages else thing.language


def says_caution(given: ChangedStatus) -> bool:
    """Whether a change says anything of how delicate it is."""
    return given.spoiler_text is not None or given.sensitive is not None


def scope_of(given: NewStatus, usual: Scope) -> Scope:
    """For whom it is meant: the narrower of what the app says in both words. Raises Invalid."""
    wished = given.vraagbaak.scope if given.vraagbaak else ""
    if wished and wished not in set(Scope):
        raise Invalid("vraagbaak", "This cannot be the value of '%(name)s'.", "bad-value", name="scope")
    if given.visibility is None:
        return Scope(wished) if wished else usual
    scope = SCOPE.get(given.visibility)
    if scope is None:
        raise Invalid(
            "visibility",
            "Choose public (everybody), unlisted (all pilots) or private (this neighbourhood).",
            "bad-visibility",
        )
    return scope.within(Scope(wished)) if wished else scope


def source_of(thing: Question | Answer) -> str:
    """The text as its writer gets it back to change it."""
    if isinstance(thing, Question):
        return f"{thing.title}\n\n{thing.body}".strip()
    tag = next(tag for tag, perspective in PERSPECTIVES.items() if perspective is thing.perspective)
    return f"{thing.body}\n\n#{tag}".strip()


def _warning(given: NewStatus | ChangedStatus) -> str:
    """The content warning, unless it is the one that we show for everything delicate."""
    warning = (given.spoiler_text or "").strip()
    return "" if warning in caution.NEUTRAL.values() else warning


def _without_neighbourhood(home: Home, given: str) -> str:
    """The mention that says to whom it is written is no part of the question."""
    if len(given) > LONGEST:
        raise Invalid(
            "status",
            "This is too long. At most %(length)d characters.",
            "too-long",
            length=text.BODY_LENGTH,
        )
    mention = re.compile(
        rf"(?<!\w)@{re.escape(home.slug)}(?:@{re.escape(home.domain)})?(?![\w@])", re.IGNORECASE
    )
    *before, last = mention.split(given)
    words = "".join([*(part.rstrip(" \t") for part in before), last])
    return "\n".join(line.strip() for line in words.strip().split("\n"))


def _without_greeting(home: Home, given: str, spoken_to: tuple[Actor, ...]) -> str:
    """Apps put before a reply to whom it is; here it stands below their words already."""
    names = {name.lower() for actor in spoken_to for name in (actor.handle, f"{actor.handle}@{actor.domain}")}
    names |= {f"{actor.handle}@{home.domain}".lower() for actor in spoken_to if actor.local}
    words = _without_neighbourhood(home, given)
    while words.startswith("@"):
        first = words.split(maxsplit=1)[0]
        if first[1:].rstrip(",:").lower() not in names:
            break
        words = words[len(first) :].lstrip()
    return words


def _as_title(first: str) -> str:
    return first.strip().removeprefix("#").strip().strip("*").strip()


def _closing(given: str) -> tuple[str, Perspective | None]:
    """The words without what closes them to say from where they are given, and what that is; a hashtag before words."""
    words, said = _without_said(given.strip())
    words, tagged = _without_tag(words)
    return (_without_said(words)[0], tagged) if tagged else (words, said)


def _without_said(given: str) -> tuple[str, Perspective | None]:
    """Our own last line, which an app that starts from what it shows sends back (observed with one web client)."""
    said = None
    while found := _SAID_LAST.search(given, max(0, len(given) - _LONGEST_SAID)):
        said = said or _SAID[found[1]]
        given = given[: found.start()].rstrip()
    return given, said


def _without_tag(given: str) -> tuple[str, Perspective | None]:
    """Without the last hashtag that is a perspective, among those that close the words."""
    for word in reversed(list(re.finditer(r"\S+", given))):
        tag = _TAG.fullmatch(word[0])
        if tag is None:
            break
        perspective = PERSPECTIVES.get(tag[1].lower())
        if perspective:
            return (given[: word.start()] + given[word.end() :].lstrip()).strip(), perspective
    return given, None


def _perspective(name: str, given: str) -> Perspective:
    found = PERSPECTIVES.get(given.lower())
    if found is None and given not in set(Perspective):
        raise Invalid(name, "This cannot be the value of '%(name)s'.", "bad-value", name=name)
    return found or Perspective(given)
