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
    following,
    home,
    introductions,
    joining,
    lists,
    mail,
    offers,
    returned,
    searching,
    servers,
    statics,
    thread,
    week,
)
from web.pages.lists import group_page
from web.pages.people import person_page
from web.pages.thread import question_page

ROUTES: list[Route] = [
    *home.ROUTES,
    *lists.ROUTES,
    *week.ROUTES,
    *searching.ROUTES,
    *asking.ROUTES,
    *returned.ROUTES,
    *thread.ROUTES,
    *following.ROUTES,
    *answering.ROUTES,
    *offers.ROUTES,
    *introductions.ROUTES,
    *joining.ROUTES,
    *account.ROUTES,
    *mail.ROUTES,
    *apps.ROUTES,
    *desk.ROUTES,
    *servers.ROUTES,
    *about.ROUTES,
    *statics.ROUTES,
]

__all__ = ["ROUTES", "group_page", "person_page", "question_page"]
