"""Asking without an account: one form, and then the four words with which one comes back.

Nothing of who asks is looked at but what slows down a flood, in memory. A form that is sent twice asks once.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from storage import listings
from storage.reading import Reading
from vraagbaak import disclosing, returning
from vraagbaak.disclosing import Telling
from vraagbaak.errors import Refused
from vraagbaak.model import Perspective, Question, QuestionStatus, ReturnCode, Scope
from vraagbaak.ports import Tx
from vraagbaak.questions import Draft
from vraagbaak.returning import Wish
from vraagbaak.text import BODY_LENGTH
from web import language, render, tickets
from web.limits import limits_of
from web.pages import forms
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of

NOTE = "ask"
VISIT = "visit"
TOO_OLD = Fault(field="", text="This page was open for long. Look at your question once more and send it.")


def draft_of(request: Request, visitor: Visitor, form: Form) -> Draft:
    """What was filled in. Without a choice a question goes to as few people as can be."""
    spoken = language.language_of(request, visitor.member, site_of(request).config.languages)
    return Draft(
        title=form.text("title"),
        body=form.text("body"),
        topics=(*form.many("topics"), *form.many("own_topic")),
        wanted=form.choices("wanted", Perspective),
        scope=form.choice("scope", Scope) or Scope.NEIGHBOURHOOD,
        language=form.text("language") or spoken.code,
        sensitive=bool(form.text("sensitive")),
    )


def choices(reading: Reading) -> dict[str, Any]:
    """What can be chosen from."""
    return {"topics": listings.topics(reading), "others": listings.circle(reading)}


async def show(
    request: Request,
    visitor: Visitor,
    form: Form,
    *,
    refused: Refused | None = None,
    fault: Fault | None = None,
    telling: tuple[Telling, ...] = (),
) -> Response:
    """The form with what was typed; with what is wrong, or what the asker may not have thought of."""
    site = site_of(request)
    key = form.text("key")
    if site.tickets.read(NOTE, key) is None:
        key = site.tickets.fresh(NOTE, tickets.ASKING)
    fault = forms.fault_of(refused) if refused else fault
    shown = {
        "form": form,
        "fault": fault,
        "question": None,
        "body_length": BODY_LENGTH,
        "key": key,
        "telling": telling,
        "danger": disclosing.sounds_like_danger(_words(form)),
        "kept": forms.without_secrets({"title": [form.text("title")], "body": [form.text("body")]}),
        "noindex": True,
        **await site.store.read(choices),
    }
    status = refused.status if refused else 422 if fault else 200
    answer = render.page(request, visitor, "ask.html", shown, status=status)
    answer.headers["Cache-Control"] = "private, no-store"  # the note in it is for this visitor alone
    if (wait := getattr(refused, "retry_after", None)) is not None:
        answer.headers["Retry-After"] = str(wait)
    return answer


def _words(form: Form) -> str:
    return f"{form.text('title')}\n{form.text('body')}"


async def ask(request: Request, visitor: Visitor, form: Form) -> Response:
    """The question is asked, and here are its four words."""
    site = site_of(request)
    key = site.tickets.read(NOTE, form.text("key"))
    if key is None:
        return await show(request, visitor, form, fault=TOO_OLD)
    telling = disclosing.tells(_words(form))
    if {kind.value for kind in telling} - set(form.many("warned")):
        return await show(request, visitor, form, telling=telling)
    try:
        limits_of(request).ask(request)
        code = site.codes.made_from(key)
        lock = await site.codes.lock_of(code)
        wish = Wish(
            months=_months(form),
            for_another=form.text("for") == "another",
            watched=limits_of(request).is_crowded(),
        )
        made, question = await site.store.run(_ask, lock, draft_of(request, visitor, form), wish)
    except Refused as refused:
        return await show(request, visitor, form, refused=refused)
    shown = {
        "code": code,
        "handed": False,
        "for_another": made.for_another,
        "held": question is not None and question.status is QuestionStatus.HELD,
        "gone": question is None,
        "visit": site.tickets.write(VISIT, lock, tickets.VISIT),
        "danger": disclosing.sounds_like_danger(_words(form)),
        "noindex": True,
    }
    return render.page(request, visitor, "asked.html", shown)


def _ask(tx: Tx, lock: str, draft: Draft, wish: Wish) -> tuple[ReturnCode, Question | None]:
    made = returning.ask(tx, lock, draft, wish)
    return made, tx.one(Question, id=made.question_id)


def _months(form: Form) -> int:
    given = form.text("months")
    return next((months for months in returning.KEPT if str(months) == given), max(returning.KEPT))
