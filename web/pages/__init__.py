"""The pages for people: every address below answers with HTML made on the server, and works without JavaScript.

`ROUTES` is what app.py mounts; the pages of things that also have an ActivityPub form are exported as functions.
"""

from starlette.routing import Route

from web.pages import (
    about,
    account,
    answering,
    apps,
    asking,
    desk,
    home,
    joining,
    lists,
    offers,
    searching,
    servers,
    statics,
    thread,
)
from web.pages.lists import group_page
from web.pages.people import person_page
from web.pages.thread import question_page

ROUTES: list[Route] = [
    *home.ROUTES,
    *lists.ROUTES,
    *searching.ROUTES,
    *asking.ROUTES,
    *thread.ROUTES,
    *answering.ROUTES,
    *offers.ROUTES,
    *joining.ROUTES,
    *account.ROUTES,
    *apps.ROUTES,
    *desk.ROUTES,
    *servers.ROUTES,
    *about.ROUTES,
    *statics.ROUTES,
]

__all__ = ["ROUTES", "group_page", "person_page", "question_page"]
