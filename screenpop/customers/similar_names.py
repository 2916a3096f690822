"""Names that are written differently: misspelt, or in Latin, Persian or Greek letters.

A stored word is found by its keys and then compared. Keys of two kinds: the word with up to two
letters left out (symmetric deletes, as in SymSpell, on the first seven letters), and its consonants
in Latin letters, for another script or spelling (``Noori``, ``Nouri``, ``نوری``).
https://github.com/wolfgarbe/SymSpell
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

KEY_LETTERS = 7
"""Letters of a word from which letters are left out; as they are, they are a key of it too."""
_LONG = 8
_SHORT = 4
_CONSONANTS = "="
"""Begins a key that holds consonants; no word begins with it."""

_PERSIAN = {
    **dict(zip("ابپتثجچحخدذرزژسشصضطظغ", "abptsjChXdzrzZsSsztzq", strict=True)),
    **dict(zip("فقکگلمنوهیع", ["f", "q", "k", "g", "l", "m", "n", "u", "h", "i", ""], strict=True)),
    "ء": "",
}
_GREEK = {
    **dict(
        zip(
            "αβγδεζηθικλμνξοπρσςτυφχψω",
            [*"avgdezitiklmn", "ks", *"oprsstifX", "ps", "o"],
            strict=True,
        )
    ),
    "ου": "u",
    "αι": "e",
    "ει": "i",
    "οι": "i",
    "γγ": "ng",
    "γκ": "g",
    "τζ": "j",
}
_LATIN = {
    "tch": "C",
    "sh": "S",
    "ch": "C",
    "kh": "X",
    "zh": "Z",
    "gh": "q",
    "th": "t",
    "ph": "f",
    "oo": "u",
    "ou": "u",
    "ow": "u",
    "ee": "i",
    "ei": "i",
    "ey": "i",
    "dj": "j",
    "ck": "k",
    "c": "k",
    "w": "v",
    "x": "ks",
    "y": "i",
}
_VOWELS = frozenset("aeiou")
_COARSE = str.maketrans("CXqSZ", "kkgsz", "hv")
_ALIKE = frozenset(
    frozenset(pair)
    for group in ("CXkh", "qgk", "zZj", "sS", "vb", "yi", "yg", "vu", "vo", "ie", "ae", "ao", "uo")
    for pair in combinations(group, 2)
)


def allowed_edits(word: str) -> int:
    """Return how many letters of a typed word may be wrong."""
    return 0 if len(word) < _SHORT else 1 if len(word) < _LONG else 2


@lru_cache(maxsize=32_768)
def similarity_keys(word: str) -> frozenset[str]:
    """Return the keys of a folded word; words that are alike share at least one."""
    keys = {word[:KEY_LETTERS], *_deletes(word[:KEY_LETTERS], allowed_edits(word))}
    for form in _romanised(word):
        consonants = _consonants(form)
        if not consonants:
            continue
        keys.add(_CONSONANTS + consonants)
        if len(consonants) >= _SHORT:
            keys.update(_CONSONANTS + less for less in _deletes(consonants, 1))
    return frozenset(keys)


def difference(typed: str, stored: str) -> float | None:
    """Return how much two folded words differ: 0 is the same sound; None when they are not alike.

    One letter more, less, exchanged or wrong counts 1, a vowel less.
    """
    if typed == stored:
        return 0.0
    found: list[float] = []
    same_script = _script(typed) == _script(stored)
    if same_script:
        edits = _edits(typed, stored, allowed_edits(typed))
        if edits is not None:
            found.append(float(edits))
    vowel = 0.25 if _is_persian(typed) == _is_persian(stored) else 0.1
    for form in _romanised(typed):
        limit = _limit(typed, form)
        for other in _romanised(stored):
            if same_script and _consonants(form) != _consonants(other):
                continue
            if len(typed) > len(stored) + 1 and _VOWELS.issuperset(form):
                continue  # all words of vowels would be alike
            cost = _sound_difference(form, other, vowel, limit)
            if cost <= limit:
                found.append(cost)
    return min(found, default=None)


def _limit(typed: str, form: str) -> float:
    if len(typed) < _SHORT:
        return 0.3
    consonants = len(_consonants(form))
    if consonants < _SHORT:
        return 0.6 if consonants < _SHORT - 1 else 1.0
    return 0.35 + allowed_edits(typed)


def _deletes(word: str, most: int) -> Iterator[str]:
    for count in range(1, min(most, len(word) - 1) + 1):
        for kept in combinations(word, len(word) - count):
            yield "".join(kept)


def _is_persian(word: str) -> bool:
    return "\u0600" <= word[:1] <= "\u06ff"


def _script(word: str) -> str:
    return "fa" if _is_persian(word) else "el" if _is_greek(word) else "en"


def _is_greek(word: str) -> bool:
    return "\u0370" <= word[:1] <= "\u03ff"


@lru_cache(maxsize=32_768)
def _romanised(word: str) -> tuple[str, ...]:
    """Return the sounds of a word in Latin letters; capitals are the sounds of two letters."""
    if _is_persian(word):
        return (_persian_form(word),)
    if _is_greek(word):
        return _greek_forms(word)
    return (_latin_form(word),)


def _persian_form(word: str) -> str:
    first = {"ی": "y", "و": "v", "ع": "a"}.get(word[0], "")
    form = first + _replaced(word[1:] if first else word, _PERSIAN, 1)
    # A final he is written for a vowel.
    return _once_each(f"{form[:-1]}e" if len(word) > 1 and word.endswith("ه") else form)


def _greek_forms(word: str) -> tuple[str, ...]:
    start, rest = "", word
    for digraph, sound in (("μπ", "b"), ("ντ", "d")):
        if word.startswith(digraph):
            start, rest = sound, word[2:]
    for vowel in "αε":
        rest = _voiced(rest, vowel)
    form = _once_each(start + _replaced(rest, _GREEK, 2))
    if form[0:1] == "g" and form[1:2] in ("i", "e"):
        soft = form[2:] if form[1] == "i" and form[2:3] in _VOWELS else form[1:]
        return form, "y" + soft
    return (form,)


def _voiced(word: str, vowel: str) -> str:
    """Return a word with ``αυ`` or ``ευ`` as spoken: v, or f before an unvoiced consonant."""
    parts = word.split(f"{vowel}υ")
    joined = parts[0]
    for part in parts[1:]:
        joined += vowel + ("φ" if part[:1] in tuple("θκξπσςτφχψ") else "β") + part
    return joined


def _latin_form(word: str) -> str:
    first = {"x": "X", "y": "y"}.get(word[:1], "")
    if word.startswith("gi") and word[2:3] in _VOWELS:
        first, word = "y", word[1:]
    form = _once_each(first + _replaced(word[1:] if first else word, _LATIN, 3))
    return form[:-1] if len(form) > 1 and form[-1] == "h" and form[-2] in _VOWELS else form


def _replaced(word: str, table: dict[str, str], longest: int) -> str:
    parts, at = [], 0
    while at < len(word):
        size = next((size for size in range(longest, 1, -1) if word[at : at + size] in table), 1)
        piece = word[at : at + size]
        parts.append(table.get(piece, piece))
        at += size
    return "".join(parts)


def _once_each(form: str) -> str:
    """Return a form without doubled letters."""
    return "".join(char for at, char in enumerate(form) if form[at - 1 : at] != char)


@lru_cache(maxsize=32_768)
def _consonants(form: str) -> str:
    if not form:
        return ""
    start = "a" if form[0] in _VOWELS or form[0] == "y" else "v" if form[0] == "v" else ""
    rest = "".join(char for char in form[len(start) :] if char not in _VOWELS and char != "y")
    return _once_each(start + rest.translate(_COARSE))


def _edits(one: str, other: str, most: int) -> int | None:
    """Return the number of edits between two words, exchanged neighbours as one; None over most."""
    if abs(len(one) - len(other)) > most:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, 1):
        new = [at]
        for to, wanted in enumerate(other, 1):
            cost = min(row[to] + 1, new[-1] + 1, row[to - 1] + (char != wanted))
            if at > 1 and to > 1 and char == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, before[to - 2] + 1)
            new.append(cost)
        if min(new) > most:
            return None
        before, row = row, new
    return row[-1] if row[-1] <= most else None


def _sound_difference(one: str, other: str, short_vowel: float, most: float) -> float:
    """Return how much two forms differ; more than ``most`` is not exact."""
    row = [0.0]
    for char in other:
        row.append(row[-1] + _weight(char, short_vowel))
    for char in one:
        gone = _weight(char, short_vowel)
        new = [row[0] + gone]
        for to, wanted in enumerate(other, 1):
            new.append(
                min(
                    row[to] + gone,
                    new[-1] + _weight(wanted, short_vowel),
                    row[to - 1] + _exchange(char, wanted),
                )
            )
        row = new
        if min(row) > most:
            break
    return min(row) if min(row) > most else row[-1]


def _weight(char: str, short_vowel: float) -> float:
    return short_vowel if char in "aeo" else 0.5 if char in "iuyvh" else 1.0


def _exchange(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if frozenset((one, other)) in _ALIKE:
        return 0.2
    return 0.5 if one in _VOWELS and other in _VOWELS else 1.0
