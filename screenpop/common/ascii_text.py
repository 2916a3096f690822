"""Text in ASCII, for displays of phones that have no Greek or Persian letters.

Greek by the table of ELOT 743 (ISO 843), which passports use. Persian letter by letter: short
vowels are not written, so they are missing (``کریمی`` becomes ``Krimi``). Letters of other scripts
are left out.
"""

import re
import unicodedata

_GREEK = {
    **dict(zip("αβγδεζηικλμνξοπρστυφω", "avgdeziiklmnxoprstyfo", strict=True)),
    "θ": "th",
    "χ": "ch",
    "ψ": "ps",
    "ς": "s",
}
_GREEK_PAIRS = {"ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch"}
_GREEK_UPSILON = {"αυ": "a", "ευ": "e", "ηυ": "i"}
_VOICELESS = frozenset("θκξπστφχψς")
"""Before these, and at the end, ``αυ`` is ``af``; else ``av``."""
_PERSIAN = {
    **dict(zip("ابپتجدرزسفکگلمنثحذصضطظ", "abptjdrzsfkglmnshzsztz", strict=True)),
    **dict(zip("آأإكيیى", "aaakiii", strict=True)),
    "چ": "ch",
    "خ": "kh",
    "ژ": "zh",
    "ش": "sh",
    "غ": "gh",
    "ق": "gh",
    "ئ": "i",
    "ؤ": "o",
    "ع": "a",
    "ه": "h",
    "ة": "eh",
    "ۀ": "eh",
    "و": "u",
    "ء": "",
}
_FIRST = {"و": "v", "ی": "y", "ي": "y"}
_OTHERS = {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "ı": "i"}
_OTHERS |= {"·": "-", "–": "-", "—": "-", "…": "...", "’": "'", "‘": "'", "“": '"', "”": '"'}
_JOINERS = {0x200C: None, 0x200D: None}
_WORD = re.compile(r"[^\s-]+")


def to_ascii(text: str) -> str:
    """Return the text in printable ASCII and in one line; empty if nothing of it can be written."""
    if text.isascii() and text.isprintable():
        return text
    joined = "".join(
        char for char in unicodedata.normalize("NFC", text) if char not in "\u200c\u200d"
    )
    spelt = _WORD.sub(lambda found: _word(found[0]), joined)
    plain = "".join(_OTHERS.get(char, char) for char in spelt)
    decomposed = unicodedata.normalize("NFKD", plain)
    kept = "".join(char if char.isprintable() else " " for char in decomposed if char.isascii())
    return " ".join(kept.split())


def _word(word: str) -> str:
    plain = _without_marks(word)
    lower = plain.lower()
    if any(char in _GREEK for char in lower):
        written = _greek(lower)
    elif any(char in _PERSIAN for char in word):
        return _persian(word).capitalize()
    else:
        return word
    return written.upper() if plain.isupper() and len(plain) > 1 else _like(plain, written)


def _like(original: str, written: str) -> str:
    return written[:1].upper() + written[1:] if original[:1].isupper() else written


def _without_marks(word: str) -> str:
    parts = unicodedata.normalize("NFD", word)
    return "".join(char for char in parts if unicodedata.category(char) != "Mn")


def _greek(word: str) -> str:
    written, place = "", 0
    while place < len(word):
        pair = word[place : place + 2]
        if place == 0 and pair == "μπ":
            written, place = "b", 2
        elif pair in _GREEK_PAIRS:
            written, place = written + _GREEK_PAIRS[pair], place + 2
        elif pair in _GREEK_UPSILON:
            after = word[place + 2 : place + 3]
            sound = "f" if not after or after in _VOICELESS else "v"
            written, place = written + _GREEK_UPSILON[pair] + sound, place + 2
        else:
            written, place = written + _GREEK.get(word[place], word[place]), place + 1
    return written


def _persian(word: str) -> str:
    letters = [_PERSIAN.get(char, char) for char in word]
    letters[0] = _FIRST.get(word[0], letters[0])
    if len(word) > 2 and word[-1] == "ه":
        letters[-1] = "eh"
    return "".join(letters)
