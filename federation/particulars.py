"""What posts of other kinds say beside their text, as lines to read: when and where, what to choose from, where to watch.

An event, a poll or a video of other software becomes a question with these lines below its text.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from federation.documents import CAPS, Document, as_list, first_of, one_type, same_origin, text_of
from vraagbaak import text

OPTIONS = 20
_LINE = 200
_MOMENT = 40


def particulars_of(doc: Document, language: str) -> list[str]:
    """The lines, in plain text; none for a post that is only text."""
    kind = one_type(doc)
    if kind == "Event":
        return [line for line in (_when(doc), _where(doc)) if line]
    if kind == "Question":
        return [f"- {option}" for option in _options(doc, language)]
    if kind in {"Video", "Audio"}:
        return [line for line in (_page(doc),) if line]
    return []


def _when(doc: Document) -> str:
    """`1-12-2026 19:00 - 21:00`, in the event's own time zone when it names one that exists."""
    zone = first_of(doc.get("timezone"))
    start, end = (_moment(first_of(doc.get(name)), zone) for name in ("startTime", "endTime"))
    if start is None:
        return ""
    shown = f"{start.day}-{start.month}-{start.year} {start:%H:%M}"
    if end is None or end <= start:
        return shown
    same_day = end.date() == start.date()
    return f"{shown} - {end:%H:%M}" if same_day else f"{shown} - {end.day}-{end.month}-{end.year} {end:%H:%M}"


def _moment(value: object, zone: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > _MOMENT:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        if isinstance(zone, str) and len(zone) <= _MOMENT and found.tzinfo is not None:
            found = found.astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError, ZoneInfoNotFoundError, OSError):
        return None
    return found if found.tzinfo is not None else None


def _where(doc: Document) -> str:
    """The name and street address of a Place."""
    place = first_of(doc.get("location"))
    if not isinstance(place, dict):
        return ""
    address = first_of(place.get("address"))
    parts: list[Any] = [text_of(place, "name")]
    if isinstance(address, dict):
        parts += [address.get(name) for name in ("streetAddress", "postalCode", "addressLocality")]
    else:
        parts.append(address)
    lines = [_line(part) for part in parts]
    return ", ".join(dict.fromkeys(line for line in lines if line))


def _options(doc: Document, language: str) -> list[str]:
    given = [*as_list(doc.get("oneOf")), *as_list(doc.get("anyOf"))][:OPTIONS]
    found = (_line(text_of(option, "name", language)) for option in given if isinstance(option, dict))
    return [option for option in found if option]


def _page(doc: Document) -> str:
    """The page of a video or sound on its own server."""
    for entry in as_list(doc.get("url"))[:50]:
        if isinstance(entry, str) and same_origin(entry, doc.get("id")):
            return entry
        if isinstance(entry, dict) and entry.get("mediaType") == "text/html":
            href = entry.get("href")
            if isinstance(href, str) and same_origin(href, doc.get("id")):
                return href
    return ""


def _line(value: object) -> str:
    return text.line(value[: CAPS.name], _LINE) if isinstance(value, str) else ""
