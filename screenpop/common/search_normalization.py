"""One spelling for text that is searched: the same function for what is kept and what is asked.

Keep ``FOLD_VERSION`` beside every folded column and fold the column anew when it differs.
"""

import unicodedata

FOLD_VERSION = 1

_ONE_LETTER = str.maketrans(
    {
        **dict.fromkeys("يىئ", "ی"),
        "ك": "ک",
        **dict.fromkeys("ةۀ", "ه"),
        **dict.fromkeys("أإآ", "ا"),
        "ؤ": "و",
        "\N{ZERO WIDTH NON-JOINER}": " ",
        "\N{ARABIC TATWEEL}": "",
    }
)
"""Letters that Persian and Arabic keyboards write differently, after NFKC; it leaves them apart."""

_LAST_CODE_POINT_KEPT = 0xFFFF


class _CharacterFolding(dict[int, str]):
    """What becomes of each character of decomposed text: asked once a character, then kept."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = _fold_character(char)
        # Beyond the first plane there are a million characters and no names.
        if code <= _LAST_CODE_POINT_KEPT:
            self[code] = plain
        return plain


def _fold_character(char: str) -> str:
    if unicodedata.category(char) in {"Mn", "Cf"}:
        return ""
    digit = unicodedata.decimal(char, None)
    return "σ" if char == "ς" else char if digit is None else str(digit)


_FOLDED = _CharacterFolding()


def fold(text: str) -> str:
    """Text without case, accents, unseen characters, differing letters and digits of its script.

    ``علي كريمي`` and ``علی کریمی``, ``Νίκος`` and ``ΝΙΚΟΣ``, ``۱۲`` and ``12`` fold to the same.
    """
    if text.isascii():
        return " ".join(text.casefold().split())
    unified = unicodedata.normalize("NFKC", text).translate(_ONE_LETTER).casefold()
    return " ".join(unicodedata.normalize("NFKD", unified).translate(_FOLDED).split())
