"""Pages out of templates: everything a template can say is escaped, translated and linked in the page's language.

Nothing here reads or decides; what a template shows was fetched before. User HTML comes in already cleaned.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from vraagbaak import media
from vraagbaak.model import Actor, AttachmentKind, Helped, Perspective, Pilot, Role, Scope, Standing
from vraagbaak.questions import STILL_ANSWERABLE
from web import language, sessions
from web.site import Site, Visitor, site_of

HERE = Path(__file__).parent
STATIC = HERE / "static"

DONE = {
    "gevraagd": language.msgid("Your question is asked."),
    "geantwoord": language.msgid("Your answer is placed. Thank you."),
    "aangeboden": language.msgid("Your offer is placed. Thank you."),
    "aangepast": language.msgid("It is changed."),
    "minder": language.msgid("From now on fewer people see this."),
    "klaar": language.msgid("Your question is closed."),
    "heropend": language.msgid("Your question is open again."),
    "verwijderd": language.msgid("It is deleted."),
    "gevolgd": language.msgid("You follow this now. Only you see that."),
    "niet-gevolgd": language.msgid("You do not follow this any more."),
    "niets-gevolgd": language.msgid("You follow nothing any more."),
    "gezien": language.msgid("You have seen it."),
    "mail-gevraagd": language.msgid("We send you a letter. Press the button in it."),
    "mail-weg": language.msgid("Your mail address is forgotten."),
    "opgeruimd": language.msgid("Your messages are cleared."),
    "voorop": language.msgid("It stands first on the front page now."),
    "niet-voorop": language.msgid("It does not stand first any more."),
    "getoond": language.msgid("It can be seen again."),
    "verborgen": language.msgid("It is hidden."),
    "opnieuw": language.msgid("It is tried again."),
    "afgehandeld": language.msgid("That is dealt with."),
    "gemeld": language.msgid("It is reported to its server."),
    "welkom": language.msgid("Welcome! You can ask, answer and help now."),
    "beheerder": language.msgid("Welcome! You are the steward of this Vraagbaak now."),
    "taal": language.msgid("Your language is saved."),
    "wachtwoord": language.msgid("Your password is changed. You are signed out everywhere else."),
    "app-weg": language.msgid("That app can do nothing with your account any more."),
    "browser-weg": language.msgid("That browser is signed out."),
    "afgemeld": language.msgid("You are signed out."),
    "weg": language.msgid("Your account is deleted, with everything you wrote."),
}
"""What was done just now, by a fixed word in the address: it says nothing about whom or what, and needs no cookie."""
DONE_BY_LEAVING = frozenset({"afgemeld", "weg"})


@functools.cache
def static_version(name: str) -> str:
    """A mark that changes with the file, so that browsers may keep it for ever."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def link_in(code: str, path: str, **query: object) -> str:
    """`path` with a query; with `taal` when the visitor chose a language by address (`code` not empty)."""
    given = {name.replace("_", "-"): str(value) for name, value in query.items() if value not in {None, ""}}
    if code:
        given[language.QUERY] = code
    path, hash_mark, anchor = path.partition("#")
    joined = f"{path}{'&' if '?' in path else '?'}{urlencode(given)}" if given else path
    return f"{joined}{hash_mark}{anchor}"


@pass_context
def _link(context: Context, path: str, **query: object) -> str:
    return link_in(context["chosen_language"], path, **query)


def _topic_words(slug: str) -> str:
    return slug.replace("-", " ")


@functools.cache
def _environment(code: str) -> Environment:
    """The templates in one language; compiled once."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(disabled_extensions=("txt",), default=True),  # plain text is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.globals |= {
        "link": _link,
        "static_version": static_version,
        "media_path": media.path,
        "Scope": Scope,
        "Perspective": Perspective,
        "AttachmentKind": AttachmentKind,
        "Helped": Helped,
        "Role": Role,
        "Standing": Standing,
        "STILL_ANSWERABLE": STILL_ANSWERABLE,
        "language_names": language.NAMES,
    }
    # `safe` only ever meets HTML that vraagbaak.text cleaned; the name says so at the place of use.
    made.filters |= {"cleaned_html": Markup, "topic": _topic_words}
    made.install_gettext_translations(language.language(code).words, newstyle=True)  # type: ignore[attr-defined]
    return made


def _switches(request: Request, languages: tuple[str, ...]) -> dict[str, str]:
    """For each language the address of this same page in it."""
    path = request.url.path  # every form's address also answers GET
    kept = [(key, value) for key, value in request.query_params.multi_items() if key != language.QUERY]
    return {code: f"{path}?{urlencode([*kept, (language.QUERY, code)])}" for code in languages}


def _byline(site: Site, spoken: language.Language, author: Actor, pilot: Pilot | None) -> str:
    """From where somebody speaks, in words."""
    if pilot:
        return spoken.say("from %(pilot)s", pilot=pilot.name)
    if author.local:
        return spoken.say("from %(pilot)s", pilot=site.config.name)
    return spoken.say("From outside – %(server)s", server=author.shown_domain)


def _done(request: Request, visitor: Visitor) -> str:
    """What was done just now; who follows a link that somebody passed on did nothing."""
    word = request.query_params.get("gedaan", "")
    return DONE.get(word, "") if visitor.member or word in DONE_BY_LEAVING else ""


def _context(request: Request, visitor: Visitor) -> dict[str, Any]:
    site = site_of(request)
    languages = site.config.languages
    spoken = language.language_of(request, visitor.member, languages)
    now = site.clock.now()
    return {
        "request_path": request.url.path,
        "config": site.config,
        "visitor": visitor,
        "member": visitor.member,
        "spoken": spoken,
        "lang": spoken.code,
        "chosen_language": language.asked_for(request, languages),
        "switches": _switches(request, languages),
        "say": spoken.say,
        "ago": lambda moment: spoken.ago(moment, now),
        "byline": lambda author, pilot: _byline(site, spoken, author, pilot),
        "resumed": getattr(request.state, "resumed", False),
        "done": _done(request, visitor),
        "alternate": None,
        "feed": None,
        "noindex": visitor.member is not None,
    }


def page(
    request: Request,
    visitor: Visitor,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    """A whole page. What a member sees is never kept by a browser or anybody in between."""
    values = _context(request, visitor) | dict(context or {})
    if not site_of(request).config.federates:
        values["alternate"] = None  # nobody elsewhere can look for it yet
    body = _environment(values["lang"]).get_template(template).render(values)
    private = visitor.member is not None or request.method not in {"GET", "HEAD"}
    headers = {
        "Cache-Control": "private, no-store" if private else "no-cache",
        "Vary": "Accept, Accept-Language, Cookie",
    }
    return HTMLResponse(body, status_code=status, headers=headers)


def document(template: str, code: str, context: Mapping[str, Any]) -> str:
    """What is no page, in one language: a feed, a letter. It knows nothing of who asks but what is in `context`."""
    return _environment(code).get_template(template).render(dict(context)).lstrip()


def redirect(request: Request, path: str, **query: object) -> Response:
    """On to another page (303), in the same chosen language. `path` is always one of our own."""
    chosen = language.asked_for(request, site_of(request).config.languages)
    target = link_in(chosen, path, **query)
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})


def forget_language(path: str, **query: object) -> Response:
    """On to another page (303) in the member's own language, whatever the address asked for before."""
    return RedirectResponse(
        link_in("", path, **query), status_code=303, headers={"Cache-Control": "no-store"}
    )


def onward_of(request: Request) -> str:
    """Where to go on after signing in: this very page, by its path alone; not an invitation, which opens a door."""
    path = request.url.path
    return "/mij" if path.startswith(("/welkom/", "/aanmelden", "/afmelden")) else path


async def error_page(
    request: Request,
    status: int,
    text: str,
    values: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    kept: Mapping[str, list[str]] | None = None,
) -> Response:
    """What went wrong, as a page that says what to do now. `text` is a msgid, `values` fill its placeholders.

    `kept` is what was typed and is still to be sent once somebody signed in. The page depends on nothing but its arguments and the visitor, so that what is missing and what is not meant
    for this visitor look the same.
    """
    visitor = await sessions.visitor_of(request)
    answer = page(
        request,
        visitor,
        "error.html",
        {
            "status": status,
            "text": text,
            "values": dict(values or {}),
            "noindex": True,
            "resumed": False,
            "kept": dict(kept or {}),
            "onward": onward_of(request),
        },
        status=status,
    )
    answer.headers.update(headers or {})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
