"""Somebody without an account, in front of the forms: what a browser would send with each button."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.web.visiting import Page, Village

TITLE = "Wie helpt mij weer slapen"


class Forms(HTMLParser):
    """The forms of a page with the fields that a browser would send, and its buttons."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = []
        self.area = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.found.append((given.get("action") or "", {}, []))
        if not self.found:
            return
        _, fields, buttons = self.found[-1]
        name = given.get("name") or ""
        if tag == "button":
            buttons.append((name, given.get("value") or ""))
        if tag == "textarea":
            self.area = name
        if tag == "input" and name and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            value = given.get("value") or ""
            fields[name] = [*fields[name], value] if isinstance(fields.get(name), list) else value
            if name == "warned":
                fields[name] = [value] if isinstance(fields[name], str) else fields[name]

    def handle_data(self, data):
        if self.area:
            self.found[-1][1][self.area] = data.removeprefix("\n")
            self.area = ""

    def with_button(self, name: str, value: str) -> dict[str, Any]:
        """What is sent when this button is pressed."""
        for _, fields, buttons in self.found:
            if (name, value) in buttons:
                return fields | {name: value}
        raise AssertionError(f"no button {name}={value}")

    def with_field(self, name: str) -> dict[str, Any]:
        """The fields of the form that has this one."""
        return next(fields for _, fields, _ in self.found if name in fields)


class Asker:
    """A browser of somebody without an account: it keeps nothing, and knows the page that it is on."""

    def __init__(self, village: Village, address: str = "192.0.2.1", **headers: str) -> None:
        self.client = village.client(address, **{"Sec-Fetch-Site": "same-origin", **headers})
        self.answer = None
        self.code = ""

    @property
    def words(self) -> str:
        return Page(self.answer).words

    @property
    def forms(self) -> Forms:
        return Forms(self.answer.text)

    async def begin(self, title: str = TITLE) -> Asker:
        self.answer = await self.client.post("/vraag", data={"begin": "1", "title": title})
        return self

    async def send(self, **fields) -> Asker:
        """Send the form for asking, with these fields filled in."""
        sent = self.forms.with_field("key") | fields
        self.answer = await self.client.post("/vraag", data=sent)
        self.code = self.shown_code()
        return self

    async def ask(self, title: str = TITLE, **fields) -> Asker:
        return await (await self.begin(title)).send(**fields)

    def shown_code(self) -> str:
        """The four words on this page, or nothing."""
        _, found, rest = self.answer.text.partition('class="words"')
        return rest.partition(">")[2].partition("<")[0] if found else ""

    async def come_back(self, code: str = "") -> Asker:
        self.answer = await self.client.post("/k", data={"code": code or self.code})
        return self

    async def press(self, button: str, value: str, **fields) -> Asker:
        """Press a button on this page."""
        sent = self.forms.with_button(button, value) | fields
        self.answer = await self.client.post("/k", data=sent)
        return self
