"""The Mastodon API (4.5): questions, answers and people for the apps that residents already have."""

from __future__ import annotations

from web.mastodon import accounts, instance, nothing, notifications, preferences, searching, statuses, timelines
from web.mastodon.calls import routes

ENDPOINTS = (
    *accounts.ENDPOINTS,
    *statuses.ENDPOINTS,
    *timelines.ENDPOINTS,
    *notifications.ENDPOINTS,
    *preferences.ENDPOINTS,
    *searching.ENDPOINTS,
    *instance.ENDPOINTS,
    *nothing.ENDPOINTS,
)
ROUTES = routes(ENDPOINTS)
