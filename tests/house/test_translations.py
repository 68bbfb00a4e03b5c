"""What the interface says, it says in Dutch; and the compiled catalogue is that of the source."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def script():
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_text_is_translated_and_every_catalogue_compiled():
    """`scripts/translations` has nothing left to do, and nobody has a text left to translate."""
    assert script().faults() == []


def test_placeholders_survive_translation():
    """A translation fills exactly the places that its English text has, so that no page breaks on one."""
    module = script()
    for language, po, _ in module.catalogues():
        for message in module.read(po, language):
            faults = [str(fault) for fault in message.check(module.read(po, language))] if message.id else []
            assert not faults, (message.id, faults)
