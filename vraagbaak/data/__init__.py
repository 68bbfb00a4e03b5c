"""Word lists that come with the program: plain text, each with its source and licence in its first lines."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def read(name: str) -> str:
    """The text of a file in this folder."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")


def words(name: str) -> frozenset[str]:
    """The words of a file in this folder, without its remarks."""
    lines = (line.partition("#")[0] for line in read(name).splitlines())
    return frozenset(word for line in lines for word in line.split())
