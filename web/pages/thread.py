"""A question with its answers, side by side from six perspectives, and the asker's word on each.

No perspective stands above another because of a role: lived experience comes first, a professional never.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from federation import threads
from storage import listings
from storage.listings import AnswerCard, QuestionPage
from vraagbaak import audience, preferring, questions
from vraagbaak.errors import Invalid
from vraagbaak.model import Helped, Perspective, Scope
from web import render, sessions
from web.keys import checked_key
from web.pages import forms, introductions
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of

ORDER = (
    Perspective.EXPERIENCE_EXPERT,
    Perspective.FAMILY,
    Perspective.RESIDENT,
    Perspective.INITIATIVE,
    Perspective.ENTREPRENEUR,
    Perspective.PROFESSIONAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer with the comments under it."""

    card: AnswerCard
    comments: tuple[AnswerCard, ...]


def grouped(cards: tuple[AnswerCard, ...]) -> dict[Perspective, list[Said]]:
    """Answers by perspective in the fixed order, oldest first; every perspective is there, also without answers.

    A comment stands under the answer that its line of comments began with; without that answer it is not shown.
    """
    parents = {card.answer.id: card.answer.parent_id for card in cards}
    under: dict[str, list[AnswerCard]] = {}
    for card in cards:
        root = card.answer.parent_id
        while root and parents.get(root):
            root = parents[root]
        if root:
            under.setdefault(root, []).append(card)
    groups: dict[Perspective, list[Said]] = {perspective: [] for perspective in ORDER}
    for card in cards:
        if card.answer.parent_id is None:
            said = Said(card=card, comments=tuple(under.get(card.answer.id, ())))
            groups[card.answer.perspective].append(said)
    return groups


async def question_page(request: Request, question_id: str) -> Response:
    """`/v/{id}`, and `/q/{id}` for who wants a page. Raises Unknown."""
    visitor = await sessions.visitor_of(request)
    return await show(request, visitor, checked_key(question_id))


async def show(
    request: Request,
    visitor: Visitor,
    question_id: str,
    *,
    form: Form | None = None,
    fault: Fault | None = None,
) -> Response:
    """The page, with what was typed and what is wrong with it when an answer was refused. Raises Unknown."""
    site = site_of(request)
    page = await site.store.read(listings.question_page, visitor.viewer, question_id)
    if site.showing and _speaks_elsewhere(page) and threads.has_rested(page.question, site.clock.now()):
        await site.store.run(threads.look_again, question_id)
    follows = False
    if visitor.member:
        follows = await site.store.read(preferring.shares_question, visitor.member, question_id)
    shown = _shown(page, visitor) | {"follows": follows, "form": form or Form(), "fault": fault}
    shown["fits"] = await site.store.read(introductions.for_question, visitor.viewer, page.question)
    shown["because"] = introductions.because_in(request, visitor)
    return render.page(request, visitor, "question.html", shown, status=422 if fault else 200)


def _speaks_elsewhere(page: QuestionPage) -> bool:
    """Whether people on other servers take part, so that there may be more than was sent here."""
    elsewhere = not page.question.local or any(not card.answer.local for card in page.answers)
    return page.question.scope is Scope.PUBLIC and elsewhere


def _shown(page: QuestionPage, visitor: Visitor) -> dict[str, Any]:
    found = page.question
    readable = audience.is_readable(found)
    public = found.scope is Scope.PUBLIC and readable
    return {
        "page": page,
        "question": found,
        "groups": grouped(page.answers),
        "mine": bool(visitor.actor and found.local and found.author_id == visitor.actor.id),
        "answerable": visitor.member is not None and found.status in questions.STILL_ANSWERABLE,
        "readable": readable,
        "noindex": page.sensitive or not public or not found.local,
        "alternate": found.uri if public and found.local else None,
        "feed": f"/v/{found.id}.atom" if public and not page.sensitive else None,
    }


async def mark(request: Request) -> Response:
    """`/v/{id}/hielp`: the asker's word on an answer; without a word an earlier one is taken back."""
    key = forms.key_of(request)
    if request.method != "POST":
        return render.redirect(request, f"/v/{key}")
    _, _, actor = await forms.member_of(request)
    form = await forms.read(request)
    answer_id = checked_key(form.text("answer"))
    value = form.choice("mark", Helped)
    if value is None and form.text("mark"):
        raise Invalid("mark", "Choose one of the three.")
    await site_of(request).store.run(questions.mark, actor, key, answer_id, value)
    return render.redirect(request, f"/v/{key}#a-{answer_id}")


ROUTES = [
    Route("/v/{id}/hielp", mark, methods=["GET", "POST"]),
]
