"""Offers for programs: list, make and withdraw what people can do for others.

An offer in reply to a question is listed only for who may see that question.
"""

from __future__ import annotations

from storage import listings
from storage.listings import OfferCard
from storage.reading import Reading
from vraagbaak import offers, pilots
from vraagbaak.audience import Viewer
from vraagbaak.offers import Draft
from web.api import shapes
from web.api.drafts import NewOffer
from web.api.operations import Access, Answered, Call, Operation, one_page, our_pilot
from web.api.questions import pilot_id, topic_in
from web.keys import checked_key


async def _list(call: Call) -> Answered:
    question = call.query("question")
    found = await call.site.store.read(
        _cards,
        call.viewer,
        topic=topic_in(call),
        pilot=call.query("pilot"),
        question=checked_key(question) if question else "",
        cursor=call.cursor,
        limit=call.limit + 1,
    )
    return one_page(call, found, shapes.offer, lambda card: card.offer.id)


def _cards(
    reading: Reading, viewer: Viewer, *, topic: str, pilot: str, question: str, cursor: str, limit: int
) -> tuple[OfferCard, ...]:
    if question:
        listings.question_page(reading, viewer, question)  # raises Unknown for who may not see it
    return listings.offer_cards(
        reading,
        viewer,
        topic=topic,
        pilot_id=pilot_id(reading, pilot),
        question_id=question,
        before=cursor,
        limit=limit,
    )


async def _make(call: Call) -> shapes.Offer:
    member, _ = call.writer
    given: NewOffer = call.given
    draft = Draft(
        body=given.body,
        topics=given.topics,
        availability=given.availability,
        times=given.times,
        distance=given.distance,
        channel=given.channel,
        capacity=given.capacity,
        paused=given.paused,
        scope=given.scope,
        question_id=checked_key(given.question) if given.question else None,
        language=given.language,
    )
    made = await call.site.store.run(offers.offer, member, draft)
    persona = await call.site.store.read(pilots.persona)
    return shapes.offer(OfferCard(offer=made, author=persona, pilot=await our_pilot(call)))


async def _withdraw(call: Call) -> None:
    _, actor = call.writer
    await call.site.store.run(offers.withdraw, actor, call.key)


OPERATIONS = (
    Operation(
        method="GET",
        path="/offers",
        summary="Offers, newest first.",
        do=_list,
        gives=list[shapes.Offer],
        queries=("topic", "pilot", "question", "cursor", "limit"),
    ),
    Operation(
        method="POST",
        path="/offers",
        summary="Offer to do something for others, standing or in reply to a question.",
        do=_make,
        access=Access.WRITE,
        takes=NewOffer,
        gives=shapes.Offer,
        status=201,
    ),
    Operation(
        method="DELETE",
        path="/offers/{id}",
        summary="Withdraw your own offer, here and wherever it went.",
        do=_withdraw,
        access=Access.WRITE,
    ),
)
