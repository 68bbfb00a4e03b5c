"""The four Dutch words with which somebody without an account comes back to their question.

The words themselves are never kept, only what a slow hash makes of them: whoever loses them has lost them. The list
in data/woorden.txt is made so that no two words differ in one letter, so one slip of the pen can be told.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import re
import unicodedata

from vraagbaak import data
from vraagbaak.errors import Invalid

WORDS_PER_CODE = 4
# 32 MiB and about 70 ms: more than the least that OWASP's password storage cheat sheet (2025) asks of scrypt,
# for these are 44 bits that chance chose.
COST, BLOCK, LANES = 2**15, 8, 1
_ROOM = 64 * 1024 * 1024
LONGEST = 200
_WORD = re.compile(r"[a-z]+")


@functools.cache
def words() -> tuple[str, ...]:
    """All words that a code can have, in the order of the file."""
    return tuple(data.read("woorden.txt").split())


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(words())


def made_from(secret: bytes, key: str) -> str:
    """The code that belongs to a key: the same for the same key, and nobody who lacks the secret can tell which."""
    number = int.from_bytes(hmac.digest(secret, key.encode("utf-8", "replace"), "sha512"))
    chosen = []
    for _ in range(WORDS_PER_CODE):
        number, at = divmod(number, len(words()))  # of 512 bits: no word comes noticeably more often
        chosen.append(words()[at])
    return " ".join(chosen)


def read(given: str) -> str:
    """The code that somebody typed, however they wrote it: capitals, commas, lines. Raises Invalid (field `code`)."""
    plain = unicodedata.normalize("NFKD", given[:LONGEST]).casefold()
    found = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    for word in found:
        if word not in _known():
            raise _unknown(word)
    if len(found) != WORDS_PER_CODE:
        raise Invalid("code", "A code is four words. Look at them once more.", "four-words")
    return " ".join(found)


def _unknown(word: str) -> Invalid:
    """That this word is in no code; with the one that was probably meant. It tells nothing: the list is public."""
    meant = next((each for each in words() if _is_slip(word, each)), None)
    if meant:
        return Invalid(
            "code",
            "The word '%(word)s' is in no code. Did you mean '%(meant)s'?",
            "unknown-word",
            word=word[:20],
            meant=meant,
        )
    return Invalid(
        "code", "The word '%(word)s' is in no code. Look once more.", "unknown-word", word=word[:20]
    )


def _is_slip(typed: str, word: str) -> bool:
    """Whether one letter too many, too few or another, or two in the wrong order, make one of the other."""
    if abs(len(typed) - len(word)) > 1:
        return False
    at = next((at for at, (one, two) in enumerate(zip(typed, word, strict=False)) if one != two), len(word))
    left, right = typed[at:], word[at:]
    turned = left[:2] == right[1::-1] and left[2:] == right[2:]
    return left[1:] == right[1:] or left[1:] == right or left == right[1:] or turned


def lock_of(code: str, pepper: bytes) -> str:
    """What is kept of a code, as hex: slow to make, and worth nothing without the pepper, which no database holds.

    It is the same for the same code, so that the right one is found without trying all that are kept.
    """
    made = hashlib.scrypt(code.encode(), salt=pepper, n=COST, r=BLOCK, p=LANES, maxmem=_ROOM, dklen=32)
    return made.hex()
