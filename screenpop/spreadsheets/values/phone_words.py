"""Numbers among words: ``0912 345 6789 همراه``, ``021 88776655 (home)``, ``εσωτ. 12``."""

import re
from dataclasses import dataclass

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits

_NUMBER = re.compile(r"(?:\+\s?|00)?\(?\d(?:[\d\s().-]*\d)?\)?")
_EXTENSION = re.compile(
    r"\b(?:ext(?:ension)?|int|dakheli)\b[\s.:]*\d{1,5}"
    r"|(?:داخلی|داخلي|εσωτ(?:ερικό|\.)?)[\s.:]*\d{1,5}",
    re.IGNORECASE,
)
_HOURS = re.compile(
    r"\(?\s*(?:بعد از|قبل از|از ساعت|تا ساعت|after|before|until|from|μετά τις|πριν τις|μετα τις)"
    r"\s*\d{1,2}(?::\d\d)?(?:\s*(?:تا|to|-|έως)\s*\d{1,2}(?::\d\d)?)?\s*(?:am|pm)?\s*\)?",
    re.IGNORECASE,
)
_TWO_NUMBERS = re.compile(r"(?<=\d{7})\s*[-–—]\s*(?=[+0]?\d{7})")
_MOST_DIGITS = 15
"""Of a number (E.164)."""
_FEWEST_LEFT, _FEWEST_RIGHT = 8, 7
"""Digits of two numbers with a dash between them."""
_RUN = re.compile(r"[\d\s().+–—-]+")
_ENDING = re.compile(r"(?<=\d)\s*[/-]\s*(\d{1,3})(?!\d)(?!\s*[-(.]?\s*\d)")
_MARKS_FROM = 0xE000
"""Characters of private use, which stand for endings while a text is split."""
_FEWEST_DIGITS = 5
_LONGEST_TEXT = 800
_LABELS = {
    "mobile": "همراه|موبایل|mobile|mob|cell|hamrah|κινητο|κιν|واتساپ|whatsapp|viber|تلگرام",
    "home": "منزل|خانه|ثابت|home|house|manzel|σπιτι|οικια|οικιας|οικ|σταθερο",
    "work": "محل کار|کار|دفتر|شرکت|اداره|work|office|business|daftar|sherkat|εργασια|εργ|γραφειο",
}
_WORDS = {fold(word): label for label, words in _LABELS.items() for word in words.split("|")}

_NO_MEANING = frozenset(
    map(
        fold,
        (
            "tel",
            "phone",
            "no",
            "number",
            "and",
            "or",
            "none",
            "تلفن",
            "شماره",
            "یا",
            "ندارد",
            "τηλ",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class NumberPiece:
    digits: str
    """The number as written; of an ending only the digits that replace the last ones."""
    label: str = ""
    """``mobile``, ``home`` or ``work`` as a word beside it means; else empty."""
    is_ending: bool = False


def split_numbers(text: str) -> list[NumberPiece]:
    """Return the numbers of a text; empty when other digits are among them."""
    plain = fold_digits(text)
    if len(plain) != len(text) or len(text) > _LONGEST_TEXT:
        return []
    # Each replacement is as long as what it replaces, so that places are the same in ``text``.
    for pattern in (_EXTENSION, _HOURS):
        plain = pattern.sub(lambda found: " " * len(found[0]), plain)
    plain = _TWO_NUMBERS.sub(lambda found: ";".ljust(len(found[0])), plain)
    plain = _part_at_dashes(plain)
    endings: list[str] = []
    plain = _ENDING.sub(lambda found: _mark(endings, found), plain)
    spans = [
        found.span()
        for part in re.finditer(r"[^;،,/|:\n]+", plain)
        for found in _NUMBER.finditer(plain, *part.span())
        if sum(map(str.isdigit, found[0])) >= _FEWEST_DIGITS
    ]
    pieces: list[NumberPiece] = []
    rest_from = 0
    for start, end in spans:
        before = plain[rest_from:start]
        after = re.split(r"\d", plain[end:], maxsplit=1)[0]
        if any(map(str.isdigit, before)):
            return []
        label = _label(before, after, is_first=not pieces)
        pieces.append(NumberPiece(text[start:end].strip(), label))
        pieces += [
            NumberPiece(endings[ord(mark) - _MARKS_FROM], is_ending=True)
            for mark in re.findall("[\ue000-\ue0ff]", after)
        ]
        rest_from = end
    return [] if any(map(str.isdigit, plain[rest_from:])) else pieces


def _part_at_dashes(text: str) -> str:
    """Return the text with ``;`` for each dash between two numbers that are written in blocks.

    ``0912 345 6789-22334455`` has more digits than any one number.
    """
    for run in _RUN.finditer(text):
        if sum(map(str.isdigit, run[0])) <= _MOST_DIGITS:
            continue
        for dash in re.finditer("[-–—]", run[0]):
            at = run.start() + dash.start()
            left = sum(map(str.isdigit, text[run.start() : at].rpartition(";")[2]))
            right = sum(map(str.isdigit, text[at : run.end()]))
            if left >= _FEWEST_LEFT and right >= _FEWEST_RIGHT:
                text = f"{text[:at]};{text[at + 1 :]}"
    return text


def has_more_words(text: str) -> bool:
    """Return whether a cell has words beside its numbers that are no label of a phone."""
    words = re.findall(r"[^\W\d_]{2,}", fold(text))
    labels = {part for word in _WORDS for part in word.split()}
    return any(word not in labels and word not in _NO_MEANING for word in words)


def _mark(endings: list[str], found: re.Match[str]) -> str:
    endings.append(found[1])
    return chr(_MARKS_FROM + min(len(endings) - 1, 0xFF)).ljust(len(found[0]))


def _label(before: str, after: str, *, is_first: bool) -> str:
    """Return the label of the word directly behind a number, else of the one before it."""
    behind = _first_label(re.split(r"[;،,/|\n]", after)[0])
    is_headed = ":" in before
    ahead = _first_label(re.split(r"[;،,/|\n]", before)[-1]) if is_headed or is_first else ""
    return ahead if is_headed and ahead else behind or ahead


def _first_label(text: str) -> str:
    words = fold(re.sub(r"[^\w\s]", " ", text))
    for known, label in _WORDS.items():
        if re.search(rf"(?<!\w){re.escape(known)}(?!\w)", words):
            return label
    return ""
