"""Everything else that each client can ask for: it gets an answer that it can read, be it an empty one."""

from __future__ import annotations

import pytest

from tests.clients_live.masto import Masto
from tests.clients_live.mastodon_py import MastodonPy
from tests.clients_live.toot import Toot

pytestmark = pytest.mark.clients

OF_MASTODON_PY = (
    *(
        "instance_v1",
        "instance_v2",
        "instance_activity",
        "instance_peers",
        "instance_health",
        "instance_rules",
    ),
    *("instance_nodeinfo", "instance_extended_description", "instance_domain_blocks", "instance_languages"),
    *("instance_translation_languages", "instance_terms_of_service", "oauth_authorization_server_info"),
    *(
        "directory",
        "custom_emojis",
        "announcements",
        "app_verify_credentials",
        "preferences",
        "featured_tags",
    ),
    *("timeline_home", "timeline_local", "timeline_public", "notifications", "notifications_unread_count"),
    *("notifications_policy", "notification_requests", "conversations", "favourites", "bookmarks", "mutes"),
    *("blocks", "domain_blocks", "follow_requests", "lists", "filters", "filters_v2", "scheduled_statuses"),
    *("suggestions", "trending_tags", "trending_statuses", "trending_links", "followed_tags", "endorsements"),
    "featured_tag_suggestions",
)
OF_MASTO = (
    *("v1.accounts.verifyCredentials", "v1.apps.verifyCredentials", "v1.instance.fetch", "v2.instance.fetch"),
    *(
        "v1.instance.peers.list",
        "v1.instance.activity.list",
        "v1.instance.rules.list",
        "v1.preferences.fetch",
    ),
    *(
        "v1.instance.extendedDescription.fetch",
        "v1.instance.languages.list",
        "v1.instance.privacyPolicy.fetch",
    ),
    *(
        "v1.customEmojis.list",
        "v1.announcements.list",
        "v1.bookmarks.list",
        "v1.favourites.list",
        "v1.mutes.list",
    ),
    *("v1.blocks.list", "v1.domainBlocks.list", "v1.followRequests.list", "v1.lists.list", "v1.filters.list"),
    *("v2.filters.list", "v1.scheduledStatuses.list", "v2.suggestions.list", "v1.trends.tags.list"),
    *("v1.trends.statuses.list", "v1.trends.links.list", "v1.followedTags.list", "v1.endorsements.list"),
    *("v1.featuredTags.list", "v1.conversations.list", "v1.notifications.list", "v2.notifications.list"),
    *("v1.notifications.unreadCount.fetch", "v2.notifications.unreadCount.fetch", "v1.directory.list"),
    *(
        "v1.timelines.home.list",
        "v1.timelines.public.list",
        "v1.markers.fetch",
        "v2.notifications.policy.fetch",
    ),
    *("v1.notifications.requests.list", "v1.annualReports.list", "v1.featuredTags.suggestions.list"),
)
OF_TOOT = (
    *("whoami", "instance", "following", "followers", "muted", "blocked", "tags followed", "tags featured"),
    *("lists list", "follow-requests list", "timelines home --no-pager", "timelines public --no-pager"),
    *(
        "timelines public --local --no-pager",
        "timelines tag zorg --no-pager",
        "timelines trending --no-pager",
    ),
    *(
        "timelines favourites --no-pager",
        "timelines account noor --no-pager",
        "bookmarks --once",
        "notifications",
    ),
    *("timeline --once", "search zorg --resolve", "tags info zorg", "diag"),
)


@pytest.mark.parametrize("method", OF_MASTODON_PY)
def test_mastodon_py_reads(signed_in, method):
    """Its methods without arguments."""
    assert signed_in(MastodonPy.name).call(method) is not False


@pytest.mark.parametrize("path", OF_MASTO)
def test_masto_reads(signed_in, path):
    """What it can fetch and list."""
    signed_in(Masto.name).call(path)


@pytest.mark.parametrize("words", OF_TOOT)
def test_toot_shows(signed_in, words):
    """What it prints for people."""
    signed_in(Toot.name).run(*words.split())
