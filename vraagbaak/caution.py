"""What stands before a text that somebody may not want to read unprepared: its writer's own words, or neutral ones.

What is said to a delicate question stands behind the same words, so no reply gives away what it hides.
"""

from __future__ import annotations

from dataclasses import dataclass

from vraagbaak import text
from vraagbaak.model import Question, Thing

NEUTRAL = {"nl": "Vraag over iets persoonlijks", "en": "A question about something personal"}
LENGTH = text.TITLE_LENGTH
_AGAIN = "re:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """A warning in words, and whether the text and what stands with it is delicate."""

    words: str = ""
    sensitive: bool = False


def of(thing: Thing, thread: Question | None) -> Caution:
    """What other software and apps put before a thing; `thread` is the question that it is said to, or itself."""
    sensitive = thing.sensitive or (thread is not None and thread.sensitive)
    return Caution(words=thing.warning or (_before(thread) if thread else ""), sensitive=sensitive)


def _before(question: Question) -> str:
    neutral = NEUTRAL.get(question.language, NEUTRAL["nl"]) if question.sensitive else ""
    return question.warning or neutral


def own(given: Caution, question: Question) -> Caution:
    """The caution without words that the question says already: other software repeats them in every reply.

    Raises Invalid when they are too long.
    """
    words = text.required_line("spoiler_text", given.words, shortest=0, length=LENGTH)
    said = words[len(_AGAIN) :].strip() if words.lower().startswith(_AGAIN) else words
    repeated = said in {_before(question), *NEUTRAL.values()}
    return Caution(words="" if repeated else words, sensitive=given.sensitive or bool(words and not repeated))
