"""Which route a path means, without trying all of them: there are more than two hundred, and Starlette tries one by one.

That was a sixth of what a home timeline costs, and twice that for every page that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

DEPTH = 3
"""How many words at the beginning of a path are looked at."""
_FOUND = "vraagbaak.route"


class Directory(BaseRoute):
    """Routes by the words that their paths begin with, tried in the order in which they were given."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._by_start: dict[str, list[tuple[int, BaseRoute]]] = {}
        for number, route in enumerate(routes):
            path: str = getattr(route, "path", "")
            self._by_start.setdefault(_fixed_start(path), []).append((number, route))

    def _candidates(self, path: str) -> list[tuple[int, BaseRoute]]:
        words = path.split("/", DEPTH + 1)[1 : DEPTH + 1]
        starts = {"", *("/".join(words[:depth]) for depth in range(1, len(words) + 1))}
        found = [self._by_start[start] for start in starts if start in self._by_start]
        return found[0] if len(found) == 1 else sorted(chain(*found), key=_number)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The route that takes this request, or else the first that would take it by another method."""
        best: tuple[Match, Scope] = (Match.NONE, {})
        for _, route in self._candidates(scope["path"]):
            match, found = route.matches(scope)
            if match is Match.FULL or (match is Match.PARTIAL and best[0] is Match.NONE):
                best = match, {**found, _FOUND: route}
            if match is Match.FULL:
                break
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """By the route that was found."""
        await scope[_FOUND].handle(scope, receive, send)


def _fixed_start(path: str) -> str:
    """The first words of a path, as far as they stand fast; none when it begins with a parameter."""
    words = path.partition("{")[0].split("/", DEPTH + 1)[1 : DEPTH + 1]
    if "{" in path and len(words) <= DEPTH:
        words = words[:-1]  # what stands before a parameter in its own word
    return "/".join(words)


def _number(candidate: tuple[int, BaseRoute]) -> int:
    return candidate[0]
