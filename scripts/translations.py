"""Collects what the interface says, brings the catalogues in web/locale up to date and compiles them.

Without arguments it writes; with --check it changes nothing and fails when a text has no translation or a .mo is not
current.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "web" / "locale"
REFUSALS = {"Refused", "Unknown", "NotYours", "NeedsMember", "Invalid", "TooFast", "Gone", "BadWish"}
Text = str | tuple[str | None, ...]
Said = tuple[Text, tuple[str, int]]
SPEAKING = {"say", "say_count", "msgid"}


def texts_of_templates() -> Iterator[Said]:
    """Every text in a template, with where it stands; a pair for one that counts."""
    environment = Environment(
        autoescape=True, extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True
    )
    for path in sorted((ROOT / "web" / "templates").glob("*.*")):
        for line, function, message in environment.extract_translations(path.read_text(encoding="utf-8")):
            given = message if isinstance(message, tuple) else (message,)
            if given[0] is not None:
                text = tuple(given[:2]) if function == "ngettext" else given[0]
                yield text, (str(path.relative_to(ROOT)), line)


def texts_of_code() -> Iterator[Said]:
    """Every text that a refusal carries or the code says, also when it stands in a constant of the module."""
    for room in ("vraagbaak", "storage", "federation", "web"):
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for text, line in texts_of_module(tree):
                yield text, (str(path.relative_to(ROOT)), line)


def texts_of_module(tree: ast.Module) -> Iterator[tuple[Text, int]]:
    """The texts of one module."""
    constants = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }

    def string(node: ast.AST) -> str | None:
        node = constants.get(node.id, node) if isinstance(node, ast.Name) else node
        return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Tuple) and len(node.elts) == 2
        ):  # a code with its sentence, as in tables of refusals
            code, sentence = (string(element) for element in node.elts)
            if code and sentence and sentence.endswith(".") and " " in sentence:
                yield sentence, node.lineno
        if isinstance(node, ast.ClassDef) and any(
            getattr(base, "id", "") in {*REFUSALS, "Exception"} for base in node.bases
        ):
            for line in node.body:
                if isinstance(line, ast.Assign) and line.targets[0].id == "text":
                    yield string(line.value), line.lineno
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        given = [keyword.value for keyword in node.keywords if keyword.arg == "text"]
        if name in REFUSALS:
            given += node.args[1:2]
        elif name == "say_count":
            one, many = (string(argument) for argument in node.args[:2])
            yield (one, many), node.lineno
            continue
        elif name in SPEAKING:
            given += node.args[:1]
        elif name != "Fault":
            continue
        for argument in given:
            if text := string(argument):
                yield text, node.lineno


def wanted() -> Catalog:
    """A catalogue of everything that is said."""
    catalog = Catalog(project="Vraagbaak", charset="utf-8", fuzzy=False)
    for text, place in (*texts_of_templates(), *texts_of_code()):
        catalog.add(text, locations=[place])
    return catalog


def catalogues() -> Iterator[tuple[str, Path, Path]]:
    """The catalogues there are: language, .po and .mo."""
    for folder in sorted(LOCALE.glob("*/LC_MESSAGES")):
        yield folder.parent.name, folder / "messages.po", folder / "messages.mo"


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue."""
    target = io.BytesIO()
    write_mo(target, catalog)
    return target.getvalue()


def is_translated(message: Message) -> bool:
    """Whether every form of a message says something."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(forms) and not message.fuzzy


def read(path: Path, language: str) -> Catalog:
    """A catalogue from its file."""
    with path.open("rb") as source:
        return read_po(source, locale=language)


def update() -> list[str]:
    """Bring every .po and .mo up to date. Returns the texts that have no translation yet."""
    missing = []
    for language, po, mo in catalogues():
        catalog = read(po, language)
        catalog.update(wanted(), no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with po.open("wb") as target:
            write_po(target, catalog, sort_output=True, include_lineno=False, width=100)
        mo.write_bytes(compiled(read(po, language)))
        missing += [
            f"{language}: {message.id}" for message in catalog if message.id and not is_translated(message)
        ]
    return missing


def faults() -> list[str]:
    """What is not in order, in one sentence each."""
    found = []
    for language, po, mo in catalogues():
        catalog = read(po, language)
        for message in wanted():
            known = catalog.get(message.id) if message.id else message
            if message.id and (known is None or not is_translated(known)):
                found.append(f"{language}: no translation for {message.id!r}")
        if not mo.exists() or mo.read_bytes() != compiled(catalog):
            found.append(f"{language}: {mo.name} is not current; run scripts/translations")
    return found


if __name__ == "__main__":
    left = faults() if "--check" in sys.argv else update()
    for sentence in left:
        sys.stderr.write(f"{sentence}\n")
    sys.exit(1 if left else 0)
