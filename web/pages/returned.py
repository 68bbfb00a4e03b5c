"""`/k`: coming back to a question with its four words, on any device, without an account and without a cookie.

Everything is posted to this one address, with a signed note instead of the words: no code ever stands in an address.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage import circulation, listings, receipts
from storage.listings import QuestionPage
from storage.reading import Reading
from storage.receipts import Receipt
from vraagbaak import audience, codes, disclosing, questions, returning
from vraagbaak.errors import Invalid, Refused
from vraagbaak.model import Helped, Question, ReturnCode, Scope
from vraagbaak.ports import Tx
from vraagbaak.returning import NoSuchCode
from web import render, sessions, tickets
from web.keys import checked_key
from web.language import msgid
from web.limits import limits_of
from web.pages import forms
from web.pages.forms import Fault, Form
from web.pages.thread import grouped
from web.pages.unnamed import VISIT
from web.site import Visitor, site_of

HAND_OVER = "hand-over"
OVER = Invalid("code", "This page was open for long. Type your four words once more.", "visit-over")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the words open: the question, or who confirmed that it is gone."""

    code: ReturnCode
    page: QuestionPage | None
    receipts: list[Receipt]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who came back, on this page."""

    request: Request
    visitor: Visitor
    lock: str
    form: Form

    async def run(self, act: Callable[..., Any], *args: Any) -> Any:
        """One act of the asker on their question, in one unit of work."""
        return await site_of(self.request).store.run(act, *args)


async def come_back(request: Request) -> Response:
    """`/k`: the door, and everything behind it."""
    visitor = await sessions.visitor_of(request)
    if request.method != "POST":
        return _door(request, visitor, Form())
    form = await forms.read(request)
    try:
        lock = await _lock_of(request, form)
        visit = Visit(request=request, visitor=visitor, lock=lock, form=form)
        return await _ACTS.get(form.text("do"), show)(visit)
    except (NoSuchCode, Invalid) as refused:
        return _door(request, visitor, form, refused)


async def _lock_of(request: Request, form: Form) -> str:
    """What was proven to be known. Raises Invalid, or TooFast for who tries too often."""
    site = site_of(request)
    note = form.text("visit")
    if note:
        lock = site.tickets.read(VISIT, note)
        if lock is None:
            raise OVER
        return lock
    code = codes.read(form.text("code"))
    try:
        limits_of(request).come_back(request)
    except Refused as refused:
        raise TooOften(refused) from None
    return await site.codes.lock_of(code)


class TooOften(Invalid):
    """Tried too often: told at the door, with what was typed."""

    status = 429
    text = "You tried this often. Wait a minute, and look at your words."

    def __init__(self, refused: Refused) -> None:
        super().__init__("code", self.text, "too-fast")
        self.retry_after = getattr(refused, "retry_after", 60)


def _door(request: Request, visitor: Visitor, form: Form, refused: Refused | None = None) -> Response:
    """Where one types the words; what was typed on a page that had its time comes along."""
    fault = Fault(field="code", text=refused.text, values=dict(refused.values)) if refused else None
    typed = {name: [form.text(name)] for name in ("do", "answer", "body") if form.text(name)}
    kept = typed | forms.kept_in(form)
    shown = {"form": form, "fault": fault, "kept": kept, "noindex": True}
    answer = render.page(request, visitor, "code.html", shown, status=refused.status if refused else 200)
    return _with_wait(answer, refused)


def _view(reading: Reading, lock: str) -> View:
    code = returning.opened(reading, lock)
    if code.ended_at:
        uri = f"{reading.home.base_url}/q/{code.question_id}"
        told = receipts.of(reading, uri, code.ended_at)
        return View(code=code, page=None, receipts=told, others=())
    page = listings.returned_page(reading, code.question_id)
    return View(code=code, page=page, receipts=[], others=listings.circle(reading))


async def show(visit: Visit, done: str = "", refused: Refused | None = None) -> Response:
    """The question with all that was said to it, and what its asker may do."""
    site = site_of(visit.request)
    view = await site.store.read(_view, visit.lock)
    shown: dict[str, Any] = {
        "view": view,
        "visit": site.tickets.write(VISIT, visit.lock, tickets.VISIT),
        "noindex": True,
        "done": done,
    }
    if view.page is None:
        return render.page(visit.request, visit.visitor, "gone.html", shown)
    question = view.page.question
    kept = forms.kept_in(visit.form)
    typed = Form(fields=kept) if kept else visit.form if refused else Form()
    shown |= {
        "page": view.page,
        "question": question,
        "groups": grouped(view.page.answers),
        "readable": audience.is_readable(question),
        "narrower": [scope for scope in Scope if scope.width < question.scope.width],
        "others": view.others,
        "key": site.tickets.fresh(HAND_OVER, tickets.VISIT),
        "form": typed,
        "fault": forms.fault_of(refused) if refused else None,
        "danger": disclosing.sounds_like_danger(f"{question.title}\n{question.body}"),
    }
    status = refused.status if refused else 200
    answer = render.page(visit.request, visit.visitor, "returned.html", shown, status=status)
    return _with_wait(answer, refused)


def _with_wait(answer: Response, refused: Refused | None) -> Response:
    """With how long to wait, for who is too fast."""
    if (wait := getattr(refused, "retry_after", None)) is not None:
        answer.headers["Retry-After"] = str(wait)
    return answer


async def _mark(visit: Visit) -> Response:
    """'Dit hielp mij', 'deels', 'nu niet', or the word taken back."""
    answer_id, value = checked_key(visit.form.text("answer")), visit.form.choice("mark", Helped)
    if value is None and visit.form.text("mark"):
        return await show(visit, refused=Invalid("mark", "Choose one of the three."))

    def mark(tx: Tx) -> None:
        code = returning.opened(tx, visit.lock)
        questions.mark(tx, code, code.question_id, answer_id, value)

    return await _done(visit, msgid("It is noted. Thank you."), mark)


async def _ask_back(visit: Visit) -> Response:
    answer_id = checked_key(visit.form.text("answer"))
    try:
        limits_of(visit.request).ask(visit.request)
    except Refused as refused:
        return await show(visit, refused=refused)
    said = msgid("Your words are placed.")
    if site_of(visit.request).config.moderate_anonymous:
        said = msgid("Your words are reviewed first. Usually within 1 day.")
    return await _done(visit, said, returning.ask_back, visit.lock, answer_id, visit.form.text("body"))


async def _narrow(visit: Visit) -> Response:
    scope = visit.form.choice("scope", Scope)
    if scope is None:
        return await show(visit, refused=Invalid("scope", "Choose who may see this."))
    done = msgid("From now on fewer people see this.")
    return await _done(visit, done, _on_question, visit.lock, questions.narrow, scope)


async def _close(visit: Visit) -> Response:
    return await _done(visit, msgid("Your question is closed."), _on_question, visit.lock, questions.close)


async def _reopen(visit: Visit) -> Response:
    done = msgid("Your question is open again.")
    return await _done(visit, done, _on_question, visit.lock, questions.reopen)


def _on_question(tx: Tx, lock: str, act: Callable[..., Question], *args: Any) -> None:
    code = returning.opened(tx, lock)
    act(tx, code, code.question_id, *args)


async def _done(visit: Visit, done: str, act: Callable[..., Any], *args: Any) -> Response:
    """The page after an act, or with what was wrong with it and all that was typed."""
    try:
        await visit.run(act, *args)
    except NoSuchCode:
        raise
    except Refused as refused:
        return await show(visit, refused=refused)
    return await show(visit, done)


async def _hand_over(visit: Visit) -> Response:
    """Four other words for the same question; those that were used to come here open nothing any more."""
    site = site_of(visit.request)
    key = site.tickets.read(HAND_OVER, visit.form.text("key"))
    if key is None:
        return await show(visit, refused=OVER)
    code = site.codes.made_from(key)
    try:
        limits_of(visit.request).come_back(visit.request)
        lock = await site.codes.lock_of(code)
    except Refused as refused:
        return await show(visit, refused=refused)
    await visit.run(returning.hand_over, visit.lock, lock)
    shown = {
        "code": code,
        "handed": True,
        "for_another": False,
        "held": False,
        "gone": False,
        "visit": "",
        "danger": False,
        "noindex": True,
    }
    return render.page(visit.request, visit.visitor, "asked.html", shown)


async def _delete(visit: Visit) -> Response:
    """First what it means; then it is gone everywhere, and this page tells who confirmed that."""
    site = site_of(visit.request)
    if visit.form.text("sure"):
        await visit.run(returning.withdraw, visit.lock)
        return await show(visit)
    view = await site.store.read(_view, visit.lock)
    if view.page is None:
        return await show(visit)
    shown = {
        "view": view,
        "question": view.page.question,
        "sent": await site.store.read(circulation.was_sent, view.page.question.uri),
        "visit": site.tickets.write(VISIT, visit.lock, tickets.VISIT),
        "noindex": True,
    }
    return render.page(visit.request, visit.visitor, "returned_delete.html", shown)


_ACTS: dict[str, Callable[[Visit], Awaitable[Response]]] = {
    "mark": _mark,
    "back": _ask_back,
    "narrow": _narrow,
    "close": _close,
    "reopen": _reopen,
    "hand-over": _hand_over,
    "delete": _delete,
}

ROUTES = [Route("/k", come_back, methods=["GET", "POST"])]
