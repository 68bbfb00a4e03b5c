"""`/oauth/authorize`: an app asks a member to act for them, and the member says yes or no.

The page says in plain words what the app may do and where it is. Its form may end at the app's own address and
nowhere else, by the page's own policy.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from vraagbaak import redirects
from vraagbaak.errors import Invalid
from web import language, reading_body, render, scope_words, security, sessions
from web.mastodon import given, wishes
from web.mastodon.wishes import BadWish, Said
from web.pages.joining import LONGEST_ONWARD
from web.reading_body import Fields
from web.site import Visitor, site_of

HERE = "/oauth/authorize"
ASKED = (
    *("response_type", "client_id", "redirect_uri", "scope", "state"),
    *("code_challenge", "code_challenge_method"),
)
_YES = frozenset({"1", "t", "true", "on", "yes"})


async def authorize(request: Request) -> Response:
    """The page, and what comes of it. Raises BadWish."""
    visitor = await sessions.visitor_of(request)
    if request.method == "POST":
        return await _decide(request, visitor)
    query = request.query_params
    fields = {name: query.getlist(name) for name in ASKED if name in query}
    wish = await site_of(request).store.read(wishes.wish, fields)
    if "lang" in query:
        return _in_language(request, fields)
    if visitor.member is None or query.get("force_login", "").lower() in _YES:
        return _sign_in_first(request, fields)
    shown = {
        "wish": wish,
        "fields": fields,
        "may": scope_words.in_words(wish.scopes),
        "place": redirects.place_of(wish.redirect_uri),
        "other": _as_path(fields),
        "noindex": True,
    }
    page = render.page(request, visitor, "consent.html", shown)
    source = redirects.source_of(wish.redirect_uri)
    page.headers["content-security-policy"] = security.policy_sending_to(*filter(None, [source]))
    return page


def _in_language(request: Request, fields: Fields) -> Response:
    """The same page once more, with the language that the app asks for as ours are asked for."""
    kept = {name: value for name, value in request.query_params.items() if name not in {*ASKED, "lang"}}
    wanted = request.query_params["lang"].lower().partition("-")[0]
    if wanted in site_of(request).config.languages:
        kept[language.QUERY] = wanted
    query = urlencode(fields | {name: [value] for name, value in kept.items()}, doseq=True)
    return RedirectResponse(f"{HERE}?{query}", status_code=303, headers={"Cache-Control": "no-store"})


def _as_path(fields: Fields) -> str:
    return f"{HERE}?{urlencode(fields, doseq=True)}"


def _sign_in_first(request: Request, fields: Fields) -> Response:
    onward = _as_path(fields)
    if len(onward) > LONGEST_ONWARD:
        raise BadWish("too-long", BadWish.text, fault="too-long")
    return render.redirect(request, "/aanmelden", verder=onward)


async def _decide(request: Request, visitor: Visitor) -> Response:
    form = await reading_body.form(request)
    fields = {name: form[name] for name in ASKED if name in form}
    store = site_of(request).store
    await store.read(wishes.wish, fields)
    if visitor.member is None:
        return _sign_in_first(request, fields)
    decision = given.last(form, "decision")
    if decision == "allow":
        said = await store.run(wishes.agree, fields, visitor.member.id)
    elif decision == "deny":
        said = await store.run(wishes.decline, fields)
    else:
        raise Invalid("decision", "Say yes or no.")
    return _told(request, visitor, said)


def _told(request: Request, visitor: Visitor, said: Said) -> Response:
    """Back to the app, or a page with the code to copy."""
    if not said.address:
        return render.page(request, visitor, "consent_said.html", {"said": said, "noindex": True})
    # 303: the browser does not send the form along to the app (RFC 9700 section 4.12)
    return RedirectResponse(said.address, status_code=303, headers={"Cache-Control": "no-store"})


ROUTES = [Route(HERE, authorize, methods=["GET", "POST"])]
