"""Asking a question, and what its asker may do with it afterwards: change, show to fewer, close, delete.

Nobody else can, and a question is never shown to more people than its asker chose.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import circulation, search
from storage.search import Found
from vraagbaak import questions
from vraagbaak.errors import Invalid
from vraagbaak.model import Actor, Question, Scope
from vraagbaak.text import BODY_LENGTH, TITLE_LENGTH
from web import render, sessions
from web.limits import limits_of
from web.pages import forms, unnamed
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of

OWN = "own"
"""What the button sends of who saw what others asked, and asks all the same."""
SHOWN = 5
SHOWN_WHILE_TYPING = 3


async def ask(request: Request) -> Response:
    """`/vraag`: what others asked already, then the form, with what was typed in it; and a new question."""
    if request.method != "POST":
        return await _begin(request, forms.draft_of(request) or Form())
    form = await forms.read(request)
    if not form.text("begin"):
        return await _ask(request, form)
    return await _others_asked(request, form) if form.text("begin") != OWN else await _begin(request, form)


async def _others_asked(request: Request, form: Form) -> Response:
    """What others asked that may mean the same; at once the form when nobody did."""
    visitor = await sessions.visitor_of(request)
    found = await _similar(request, visitor, form, SHOWN)
    if not found:
        return await _begin(request, form)
    shown = {"found": found, "title": form.text("title")[:TITLE_LENGTH], "own": OWN, "noindex": True}
    return render.page(request, visitor, "ask_similar.html", shown)


async def similar(request: Request) -> Response:
    """`/vraag/lijkt-op`: the same as a piece of a page, for the script that asks while somebody types."""
    if request.method != "POST":
        return render.redirect(request, "/vraag")
    visitor = await sessions.visitor_of(request)
    limits_of(request).api(request, visitor.member.id if visitor.member else "")
    found = await _similar(request, visitor, await forms.read(request), SHOWN_WHILE_TYPING)
    return render.page(request, visitor, "similar.html", {"found": found})


async def _similar(request: Request, visitor: Visitor, form: Form, most: int) -> tuple[Found, ...]:
    return await site_of(request).store.read(
        search.alike, visitor.viewer, f"{form.text('title')} {form.text('body')}", most
    )


async def _begin(request: Request, form: Form) -> Response:
    """The form, for a member or for who has no account."""
    visitor = await sessions.visitor_of(request)
    if visitor.member is not None:
        return await _form(request, visitor, form)
    return await unnamed.show(request, visitor, form)


async def _ask(request: Request, form: Form) -> Response:
    visitor = await sessions.visitor_of(request)
    if visitor.member is None and form.text("key"):
        return await unnamed.ask(request, visitor, form)
    visitor, _, actor = await forms.member_of(request)
    draft = unnamed.draft_of(request, visitor, form)
    try:
        made = await site_of(request).store.run(questions.ask, actor, draft)
    except Invalid as refused:
        return await _form(request, visitor, form, fault=forms.fault_of(refused))
    return render.redirect(request, f"/v/{made.id}", gedaan="gevraagd")


async def _form(
    request: Request,
    visitor: Visitor,
    form: Form,
    *,
    fault: Fault | None = None,
    question: Question | None = None,
) -> Response:
    choices = await site_of(request).store.read(unnamed.choices)
    shown = {
        "form": form,
        "fault": fault,
        "question": question,
        "body_length": BODY_LENGTH,
        "key": "",
        "telling": (),
        "danger": False,
        **choices,
    }
    return render.page(request, visitor, "ask.html", shown, status=422 if fault else 200)


async def edit(request: Request) -> Response:
    """`/v/{id}/aanpassen`: the asker's question in other words."""
    visitor, question, actor = await _own(request)
    if request.method == "GET":
        form = forms.draft_of(request) or _as_form(question)
        return await _form(request, visitor, form, question=question)
    form = await forms.read(request)
    try:
        await site_of(request).store.run(
            questions.edit, actor, question.id, unnamed.draft_of(request, visitor, form)
        )
    except Invalid as refused:
        return await _form(request, visitor, form, fault=forms.fault_of(refused), question=question)
    return render.redirect(request, f"/v/{question.id}", gedaan="aangepast")


def _as_form(question: Question) -> Form:
    return Form(
        fields={
            "title": [question.title],
            "body": [question.body],
            "topics": list(question.topics),
            "wanted": [wanted.value for wanted in question.wanted],
            "language": [question.language],
            "sensitive": ["on"] if question.sensitive else [],
        }
    )


async def _own(request: Request) -> tuple[Visitor, Question, Actor]:
    """The asker and their question. Raises Refused as the domain does."""
    visitor, _, actor = await forms.member_of(request)
    question = await site_of(request).store.run(questions.own, actor, forms.key_of(request))
    return visitor, question, actor


async def narrow(request: Request) -> Response:
    """`/v/{id}/minder`: for fewer people from now on."""
    visitor, question, actor = await _own(request)
    fault = None
    if request.method == "POST":
        scope = (await forms.read(request)).choice("scope", Scope)
        if scope is not None:
            await site_of(request).store.run(questions.narrow, actor, question.id, scope)
            return render.redirect(request, f"/v/{question.id}", gedaan="minder")
        fault = Fault(field="scope", text="Choose who may see this.")
    choices = await site_of(request).store.read(unnamed.choices)
    narrower = [scope for scope in Scope if scope.width < question.scope.width]
    shown = {"question": question, "narrower": narrower, "fault": fault, **choices}
    return render.page(request, visitor, "narrow.html", shown, status=422 if fault else 200)


async def close(request: Request) -> Response:
    """`/v/{id}/klaar`: no more answers."""
    if request.method == "POST":
        _, question, actor = await _own(request)
        await site_of(request).store.run(questions.close, actor, question.id)
        return render.redirect(request, f"/v/{question.id}", gedaan="klaar")
    return render.redirect(request, f"/v/{forms.key_of(request)}")


async def reopen(request: Request) -> Response:
    """`/v/{id}/heropen`: answers are welcome again."""
    if request.method == "POST":
        _, question, actor = await _own(request)
        await site_of(request).store.run(questions.reopen, actor, question.id)
        return render.redirect(request, f"/v/{question.id}", gedaan="heropend")
    return render.redirect(request, f"/v/{forms.key_of(request)}")


async def withdraw(request: Request) -> Response:
    """`/v/{id}/verwijderen`: first what it means, then it is gone."""
    visitor, question, actor = await _own(request)
    if request.method == "POST":
        await site_of(request).store.run(questions.withdraw, actor, question.id)
        return render.redirect(request, "/mij", gedaan="verwijderd")
    sent = await site_of(request).store.read(circulation.was_sent, question.uri)
    shown = {"kind": "question", "question": question, "thing": question, "sent": sent}
    return render.page(request, visitor, "delete.html", shown)


BOTH = ["GET", "POST"]
ROUTES = [
    Route("/vraag", ask, methods=BOTH),
    Route("/vraag/lijkt-op", similar, methods=BOTH),
    Route("/v/{id}/aanpassen", edit, methods=BOTH),
    Route("/v/{id}/minder", narrow, methods=BOTH),
    Route("/v/{id}/klaar", close, methods=BOTH),
    Route("/v/{id}/heropen", reopen, methods=BOTH),
    Route("/v/{id}/verwijderen", withdraw, methods=BOTH),
]
