"""What is pointed out before posting: seen where it is, left alone where it is not, and never slow."""

from __future__ import annotations

import time

import pytest

from vraagbaak.disclosing import Telling, sounds_like_danger, tells


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Mijn naam is fatima en ik zoek hulp.", [Telling.NAME]),
        ("Ik ben Jan, wie loopt er mee?", [Telling.NAME]),
        ("Mijn zoon Daan slaapt slecht.", [Telling.NAME]),
        ("Mevrouw Jansen van boven heeft hulp nodig.", [Telling.NAME]),
        ("Vraag maar naar Piet van der Berg.", [Telling.NAME]),
        ("Bel mij op 06-12345678.", [Telling.PHONE]),
        ("Bel mij op 06 12 34 56 78", [Telling.PHONE]),
        ("Bel +31 6 1234 5678", [Telling.PHONE]),
        ("Mijn nummer: 020-1234567", [Telling.PHONE]),
        ("Mail naar jan.jansen@voorbeeld.nl graag", [Telling.MAIL]),
        ("Ik woon op Dorpsstraat 12b", [Telling.ADDRESS]),
        ("Het is Lange Nieuwe Gracht 4.", [Telling.ADDRESS]),
        ("Ik woon op 1054 AB", [Telling.ADDRESS]),
        (
            "Ik heet Noor, 0612345678, Kerkweg 3, noor@voorbeeld.nl",
            [Telling.NAME, Telling.PHONE, Telling.MAIL, Telling.ADDRESS],
        ),
    ],
)
def test_what_leads_to_a_person_is_seen(text, kinds):
    """Names, numbers, addresses of both kinds; each once."""
    assert list(tells(text)) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "Wie helpt mij slapen? Ik lig al 3 weken wakker.",
        "Ik ben moe en alleen. Sinds 2026 is het erger.",
        "Mijn moeder is 82 en woont alleen.",
        "Onderweg 3 keer gestopt, de weg 2 keer overgestoken.",
        "Hoeveel kost dat? 1250 euro, 0,75 per stuk.",
        "Wat doet de huisarts in Westerpark? En de gemeente Den Haag?",
        "Ik slik 20 mg per dag, om 08.00 en 20.00 uur.",
        "",
    ],
)
def test_an_ordinary_question_is_left_alone(text):
    """Who is warned about nothing does not read the next warning."""
    assert tells(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Ik denk aan zelfmoord",
        "Ik denk vaak aan suïcide.",
        "ik wil niet meer leven",
        "Ik wil  DOOD",
        "Soms wil ik er een eind aan maken",
        "Mijn man slaat mij",
        "Mijn buurman mishandelt zijn hond",
        "Mijn ex bedreigt me",
    ],
)
def test_words_that_sound_like_danger_are_heard(text):
    """However they are written."""
    assert sounds_like_danger(text)


@pytest.mark.parametrize(
    "text",
    [
        "Wie helpt mij slapen?",
        "Mijn fietsband is dood en ik wil leren plakken",
        "Wie weet een leuke film over het leven?",
        "Waar kan ik met mijn dode plant naartoe?",
        "",
    ],
)
def test_other_words_are_not(text):
    """A bar that is always there says nothing."""
    assert not sounds_like_danger(text)


@pytest.mark.parametrize(
    "part",
    ["a", "A", "0", "0 ", "@", "a.", "a@", "Jan van ", "1", "straat ", "wil ", "er een ", "Mijn zoon ", "- "],
)
def test_nothing_takes_long(part):
    """Whatever somebody pastes a hundred thousand times."""
    began = time.perf_counter()
    tells(part * 100_000)
    sounds_like_danger(part * 100_000)
    assert time.perf_counter() - began < 0.5
