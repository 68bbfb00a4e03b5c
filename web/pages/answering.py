"""Answering a question, commenting on an answer, and changing or deleting what one said oneself.

From where somebody answers is asked each time; nothing is chosen for them.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import circulation, listings
from storage.reading import Reading
from vraagbaak import answers
from vraagbaak.answers import Draft
from vraagbaak.errors import Invalid
from vraagbaak.model import Actor, Answer, Perspective, Question
from vraagbaak.text import BODY_LENGTH
from web import language, render, sessions
from web.keys import checked_key
from web.pages import forms, thread
from web.pages.forms import Fault, Form
from web.site import Visitor, site_of

NO_PERSPECTIVE = "Choose from where you answer."


async def answer(request: Request) -> Response:
    """`/v/{id}/antwoord`: an answer, or with `parent` a comment on one."""
    key = forms.key_of(request)
    if typed := forms.draft_of(request):
        return await thread.show(request, await sessions.visitor_of(request), key, form=typed)
    if request.method != "POST":
        return render.redirect(request, f"/v/{key}#antwoord")
    visitor, member, _ = await forms.member_of(request)
    form = await forms.read(request)
    question = await site_of(request).store.read(_question, key)
    try:
        draft = _draft(request, visitor, form, question, form.text("parent"))
        made = await site_of(request).store.run(answers.answer, member, key, draft)
    except Invalid as refused:
        return await thread.show(request, visitor, key, form=form, fault=forms.fault_of(refused))
    return render.redirect(request, f"/v/{key}#a-{made.id}", gedaan="geantwoord")


def _question(reading: Reading, key: str) -> Question:
    return reading.get(Question, key)


def _draft(request: Request, visitor: Visitor, form: Form, question: Question, parent: str) -> Draft:
    """What was filled in. Raises Invalid without a perspective."""
    spoken = language.language_of(request, visitor.member, site_of(request).config.languages)
    return Draft(
        body=form.text("body"),
        perspective=_perspective(visitor, form, question, parent),
        parent_id=checked_key(parent) if parent else None,
        language=spoken.code,
    )


def _perspective(visitor: Visitor, form: Form, question: Question, parent: str) -> Perspective:
    """From where somebody speaks. Who replies under their own question speaks as its asker, and is not asked."""
    if is_askers_word(visitor, question, parent):
        return Perspective.RESIDENT
    chosen = form.choice("perspective", Perspective)
    if chosen is None:
        raise Invalid("perspective", NO_PERSPECTIVE)
    return chosen


def is_askers_word(visitor: Visitor, question: Question, parent: str | None) -> bool:
    """Whether this is a reply to an answer, by who asked the question."""
    return bool(parent and visitor.actor and visitor.actor.id == question.author_id)


async def edit(request: Request) -> Response:
    """`/a/{id}/aanpassen`: one's own answer in other words."""
    visitor, found, question, actor = await _own(request)
    if request.method != "POST":
        form = forms.draft_of(request) or _as_form(found)
        return _form(request, visitor, question, found, form, None)
    form = await forms.read(request)
    try:
        draft = _draft(request, visitor, form, question, found.parent_id or "")
        await site_of(request).store.run(answers.edit, actor, found.id, draft.body, draft.perspective)
    except Invalid as refused:
        return _form(request, visitor, question, found, form, forms.fault_of(refused))
    return render.redirect(request, f"/v/{found.question_id}#a-{found.id}", gedaan="aangepast")


def _as_form(found: Answer) -> Form:
    return Form(fields={"body": [found.body], "perspective": [found.perspective.value]})


def _form(
    request: Request, visitor: Visitor, question: Question, found: Answer, form: Form, fault: Fault | None
) -> Response:
    shown = {
        "question": question,
        "answer": found,
        "form": form,
        "fault": fault,
        "order": () if is_askers_word(visitor, question, found.parent_id) else thread.ORDER,
        "body_length": BODY_LENGTH,
    }
    return render.page(request, visitor, "answer_edit.html", shown, status=422 if fault else 200)


async def withdraw(request: Request) -> Response:
    """`/a/{id}/verwijderen`: first what it means, then it is gone."""
    visitor, found, question, actor = await _own(request)
    if request.method == "POST":
        await site_of(request).store.run(answers.withdraw, actor, found.id)
        return render.redirect(request, f"/v/{found.question_id}", gedaan="verwijderd")
    sent = await site_of(request).store.read(circulation.was_sent, found.uri)
    shown = {"kind": "answer", "question": question, "thing": found, "sent": sent}
    return render.page(request, visitor, "delete.html", shown)


async def _own(request: Request) -> tuple[Visitor, Answer, Question, Actor]:
    """The author, the answer and its question. Raises Unknown for an answer they may not know of, or NotYours."""
    visitor, _, actor = await forms.member_of(request)
    key = forms.key_of(request)
    store = site_of(request).store
    question = await store.read(listings.question_of, visitor.viewer, key)
    found = await store.run(answers.own, actor, key)
    return visitor, found, question, actor


ROUTES = [
    Route("/v/{id}/antwoord", answer, methods=["GET", "POST"]),
    Route("/a/{id}/aanpassen", edit, methods=["GET", "POST"]),
    Route("/a/{id}/verwijderen", withdraw, methods=["GET", "POST"]),
]
