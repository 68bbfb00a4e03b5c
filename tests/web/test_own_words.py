"""A pilot's own words: added by a file in its folder, found after the next start, and refused with the line at fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage import search
from vraagbaak import members, questions
from vraagbaak.audience import PASSER_BY
from vraagbaak.config import BadSetting, Config
from vraagbaak.model import Actor, Role, Scope
from web import wiring

CONFIG = Config(base_url="http://localhost:8000", name="Wester", slug="wester")


def asked(tx):
    newcomer = members.Newcomer(handle="noor", name="Noor", password_hash="")
    author = tx.get(Actor, members.add(tx, newcomer, (Role.RESIDENT,)).actor_id)
    return questions.ask_anew(
        tx, author, questions.Draft(title="Wie gaat er mee naar de Wegwijzer?", scope=Scope.PUBLIC)
    )


def found(store, query):
    return [hit.id for hit in store.read_now(search.similar_questions, PASSER_BY, query, 5)]


def test_words_in_the_folder_count_after_the_next_start(tmp_path):
    """The index is made anew once, and whoever starts the server sees how far that is."""
    said = []
    with wiring.open_store(CONFIG, tmp_path, say=lambda *progress: said.append(progress)) as store:
        key = store.run_now(asked).id
        assert found(store, "zwiep") == []
    (tmp_path / "thesaurus.txt").write_text("[ontmoeten]\nde wegwijzer, zwiep\n")
    for expected in ([(0, 0), (0, 1), (1, 1)], [(0, 0), (0, 1), (1, 1)]):
        with wiring.open_store(CONFIG, tmp_path, say=lambda *progress: said.append(progress)) as store:
            assert found(store, "zwiep") == [key]
            assert found(store, "een buurthuis") == []
        assert said == expected


def test_a_file_with_a_mistake_is_refused_by_its_line(tmp_path):
    """In one sentence, before anything starts."""
    (tmp_path / "thesaurus.txt").write_text("[ontmoeten]\nalleen\n")
    with pytest.raises(BadSetting, match=r"thesaurus\.txt cannot be used: line 2: a group is two or more"):
        wiring.open_store(CONFIG, tmp_path)
    (tmp_path / "thesaurus.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(BadSetting, match="cannot be used"):
        wiring.open_store(CONFIG, tmp_path)


def test_a_folder_without_the_file_uses_what_comes_along(tmp_path):
    """Nothing has to be set up."""
    with wiring.open_store(replace(CONFIG), tmp_path) as store:
        key = store.run_now(asked).id
        assert found(store, "meegaan met wegwijzer") == [key]
