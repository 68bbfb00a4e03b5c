"""The Mastodon API, for the apps that people have already: what such an app asks for first is signing in."""

from starlette.routing import Route

from web.mastodon import apps, consent, discovery, tokens

ROUTES: list[Route] = [*apps.ROUTES, *consent.ROUTES, *tokens.ROUTES, *discovery.ROUTES]
