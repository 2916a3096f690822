"""Keys that two files of one person share: a name in any script with a number, e-mail or birthday.

A name is reduced to a skeleton that Persian, Greek and Latin spellings have in common:
``Noori``, ``Nouri`` and ``نوری`` give the same. Increment ``MATCH_VERSION`` with any change.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

from screenpop.common.search_normalization import fold

MATCH_VERSION = "1"

_KIND_BITS = 60
_HASH_MASK = (1 << _KIND_BITS) - 1


class MatchKind(IntEnum):
    """What two customers share beside the name; the most telling first."""

    NUMBER = 1
    EMAIL = 2
    BIRTHDAY = 3


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """The facts of a customer that keys are made of."""

    names: tuple[str, ...]
    last_nines: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    birthday: date | None = None


def match_keys(facts: MatchFacts) -> frozenset[int]:
    """Return the keys, positive 63-bit numbers that sort by kind."""
    names = {skeleton for name in facts.names if (skeleton := name_skeleton(name))}
    shared = {(MatchKind.NUMBER, number) for number in facts.last_nines if number}
    shared |= {(MatchKind.EMAIL, email) for one in facts.emails if (email := fold(one))}
    if facts.birthday is not None:
        shared.add((MatchKind.BIRTHDAY, facts.birthday.isoformat()))
    return frozenset(_key(kind, value, name) for kind, value in shared for name in names)


def kind_of(key: int) -> MatchKind:
    return MatchKind(key >> _KIND_BITS)


def first_key_after(kind: MatchKind) -> int:
    """Return the number above all keys of this kind and of those before it."""
    return (kind + 1) << _KIND_BITS


def _key(kind: MatchKind, value: str, name: str) -> int:
    digest = blake2b(f"{value}|{name}".encode(), digest_size=8).digest()
    return (kind << _KIND_BITS) | (int.from_bytes(digest) & _HASH_MASK)


@lru_cache(maxsize=32_768)
def name_skeleton(name: str) -> str:
    """Return what all spellings of a name share; empty for a name without letters or digits."""
    return " ".join(sorted(filter(None, map(_word_skeleton, fold(name).split()))))


_SOUNDS: tuple[tuple[str, str], ...] = (
    # Latin
    ("kh", "h"), ("sh", "S"), ("ch(?=[rl])", "h"), ("ch", "C"), ("zh", "z"), ("gh", "q"),
    ("ph", "f"), ("th", "t"), ("ck", "k"), ("oo|ou|ow", "u"), ("ee|ie|ei|ey", "i"),
    # Greek
    ("ου", "u"), ("ει|οι", "i"), ("αι", ""), ("[αε]υ", "u"), ("^μπ", "b"), ("^ντ", "d"),
    ("γκ|γγ", "g"), ("τζ", "z"),
)  # fmt: skip
"""Spellings of one sound with several letters; the first alternative that fits counts."""
_LETTERS = {
    **dict.fromkeys("aeoαεοωاع", ""),
    **dict.fromkeys("iyηιυی", "i"),
    **dict.fromkeys("uvwβو", "u"),
    **dict.fromkeys("bπبپp", "p"),
    **dict.fromkeys("dδد", "d"),
    **dict.fromkeys("fφف", "f"),
    **dict.fromkeys("gγگ", "g"),
    **dict.fromkeys("hχهحخ", "h"),
    **dict.fromkeys("jجچ", "j"),
    **dict.fromkeys("kcκک", "k"),
    **dict.fromkeys("lλل", "l"),
    **dict.fromkeys("mμم", "m"),
    **dict.fromkeys("nνن", "n"),
    **dict.fromkeys("qقغ", "q"),
    **dict.fromkeys("rρر", "r"),
    **dict.fromkeys("sσسصث", "s"),
    **dict.fromkeys("tτتطθ", "t"),
    **dict.fromkeys("zζزذضظژ", "z"),
    "x": "ks",
    "ξ": "ks",
    "ψ": "ps",
    "ش": "S",
    "C": "j",
    "S": "S",
}
_SOUND = re.compile("|".join(f"({spelling})" for spelling, _ in _SOUNDS))
_VOWELS = frozenset("aeiouyαεηιουωاعی")
_REPEATED = re.compile(r"(.)\1+")


def _word_skeleton(word: str) -> str:
    letters = "".join(char for char in word if char.isalnum())
    if not letters:
        return ""
    joined = _SOUND.sub(lambda found: _SOUNDS[(found.lastindex or 1) - 1][1], letters)
    sounds = "".join(_LETTERS.get(char, char) for char in joined)
    # Short vowels are not written in Persian, nor is a last h always written in Latin.
    body = _REPEATED.sub(r"\1", sounds)
    body = body[:-1] if len(body) > 1 and body.endswith("h") else body
    begins = "a" if letters[0] in _VOWELS and not body.startswith(("i", "u")) else ""
    return (begins + body) or letters


def are_close(one: str, other: str) -> bool:
    """Return whether two names differ by a letter, or by two when they are long."""
    first, second = "".join(sorted(fold(one).split())), "".join(sorted(fold(other).split()))
    most = 1 if min(len(first), len(second)) < _LONG_NAME else 2
    return bool(first and second) and _distance(first, second, most) <= most


_LONG_NAME = 9


def _distance(one: str, other: str, most: int) -> int:
    """Return the edit distance, or any larger number when it is above ``most``."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for place, char in enumerate(one, 1):
        diagonal, row[0] = row[0], place
        for column, counterpart in enumerate(other, 1):
            diagonal, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, diagonal + (char != counterpart)),
            )
    return row[-1]


def close_names(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether any name of the one is close to any of the other, in any script."""
    these = list(others)
    return any(
        are_close(one, other) or (name_skeleton(one) == name_skeleton(other) != "")
        for one in some
        for other in these
    )
