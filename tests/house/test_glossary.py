"""One word for one thing: every noun of the domain stands in the glossary."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def nouns():
    """The public classes and aliases of the model."""
    for node in ast.parse((ROOT / "vraagbaak" / "model.py").read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and node.targets[0].id[0].isupper():
            yield node.targets[0].id


def enum_values():
    for node in ast.parse((ROOT / "vraagbaak" / "model.py").read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name in {
            "Perspective",
            "Role",
            "Scope",
            "Standing",
            "ActorKind",
        }:
            yield from (line.value.value for line in node.body if isinstance(line, ast.Assign))


@pytest.mark.parametrize("noun", list(nouns()))
def test_every_noun_of_the_model_is_explained(noun):
    """Who reads a name in the code finds its Dutch word."""
    assert f"`{noun}`" in (ROOT / "docs" / "glossary.md").read_text()


@pytest.mark.parametrize("value", list(enum_values()))
def test_every_choice_people_see_is_named(value):
    """The values of the choices that people make stand there too."""
    assert value in (ROOT / "docs" / "glossary.md").read_text()
