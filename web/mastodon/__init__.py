"""The Mastodon API (4.5): questions, answers and people for the apps that residents already have."""

from __future__ import annotations

from web.mastodon import (
    accounts,
    apps,
    consent,
    describing,
    discovery,
    embedding,
    filters,
    instance,
    lists,
    media,
    nothing,
    notifications,
    preferences,
    profile,
    scheduled,
    searching,
    statuses,
    streaming,
    subscriptions,
    timelines,
    tokens,
)
from web.mastodon.calls import routes

_DONE = (
    *accounts.ENDPOINTS,
    *statuses.ENDPOINTS,
    *timelines.ENDPOINTS,
    *notifications.ENDPOINTS,
    *preferences.ENDPOINTS,
    *lists.ENDPOINTS,
    *scheduled.ENDPOINTS,
    *filters.ENDPOINTS,
    *profile.ENDPOINTS,
    *media.ENDPOINTS,
    *embedding.ENDPOINTS,
    *searching.ENDPOINTS,
    *subscriptions.ENDPOINTS,
    *instance.ENDPOINTS,
    *nothing.ENDPOINTS,
)
ENDPOINTS = (*_DONE, describing.endpoint(_DONE))
ROUTES = [
    *routes(ENDPOINTS),
    *streaming.ROUTES,
    *apps.ROUTES,
    *consent.ROUTES,
    *tokens.ROUTES,
    *discovery.ROUTES,
]
