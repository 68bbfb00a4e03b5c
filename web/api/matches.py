"""What fits: the offers for a question, or the questions for an offer, with the reasons. Never a name.

Both are only shown to who may see them anyway: without a token that is what is public.
"""

from __future__ import annotations

from collections.abc import Sequence

from storage import finding
from storage.reading import Reading
from vraagbaak import audience, fitting, matching
from vraagbaak.audience import Viewer
from vraagbaak.errors import Invalid
from vraagbaak.matching import Match
from vraagbaak.model import Offer, Question
from web import language, reasons
from web.api import shapes
from web.api.operations import Call, Operation
from web.keys import checked_key

Found = Sequence[tuple[Match, Offer | Question]]


async def _list(call: Call) -> list[shapes.Match]:
    question, offer = call.query("question"), call.query("offer")
    if bool(question) == bool(offer):
        raise Invalid("question", "Name one question or one offer.", "missing")
    found: Found
    if question:
        found = await call.site.store.read(offers_for, call.viewer, checked_key(question))
    else:
        found = await call.site.store.read(questions_for, call.viewer, checked_key(offer))
    spoken = language.language(call.site.config.languages[0])
    return [_shape(match, thing, spoken) for match, thing in found[: call.limit]]


def offers_for(reading: Reading, viewer: Viewer, key: str) -> list[tuple[Match, Offer]]:
    """The offers that fit a question and this viewer may see. Raises Unknown."""
    question = finding.found(reading, viewer, Question, key)
    seen = [each for each in fitting.standing_offers(reading) if audience.may_see(viewer, each)]
    return fitting.offers_for(reading, question, seen)


def questions_for(reading: Reading, viewer: Viewer, key: str) -> list[tuple[Match, Question]]:
    """The questions that an offer fits and this viewer may see. Raises Unknown."""
    offer = finding.found(reading, viewer, Offer, key)
    seen = [each for each in fitting.open_questions(reading) if audience.may_see(viewer, each)]
    return fitting.questions_for(reading, offer, seen)


def _shape(match: Match, thing: Offer | Question, spoken: language.Language) -> shapes.Match:
    return shapes.Match(
        id=thing.id,
        question=match.need_id,
        offer=match.helper_id,
        url=thing.url,
        title=thing.title if isinstance(thing, Question) else "",
        body=thing.body,
        topics=thing.topics,
        availability=thing.availability if isinstance(thing, Offer) else "",
        score=min(1.0, round(match.score, 3)),
        reasons=tuple(shapes.Reason(ground=each.ground, value=each.value) for each in match.reasons),
        because=reasons.because(spoken, match.reasons),
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/matches",
        summary=f"The offers that fit a question (at most {matching.MOST}), or the questions that an offer fits.",
        do=_list,
        gives=list[shapes.Match],
        queries=("question", "offer", "limit"),
    ),
)
