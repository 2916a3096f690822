"""Finds mentions of one person in text that was typed about others, and replaces them.

A mention is certain or likely. Certain are the whole name, the family name after a title, phone
numbers in their spellings, e-mail addresses, numbers of documents and the customer code, where no
one else has the same. Only likely are names that others have too, and a rare family name alone.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from screenpop.common.search_normalization import fold
from screenpop.customers.documents import normalize_number
from screenpop.customers.models import PersonName

FEWEST_NAME_LETTERS = 6
"""Letters of a whole name that may be certain; shorter ones are words of other languages too."""
FEWEST_FAMILY_LETTERS = 3
FEWEST_NUMBER_CHARACTERS = 6
"""Characters of a document's number or a customer code that may be certain."""
_MOST_WORDS = 8
"""Words of a name in text."""
_NINE = 9

_TITLES = frozenset(
    fold(word)
    for word in (
        *("mr", "mrs", "ms", "miss", "dr", "eng", "prof", "professor", "sir", "madam"),
        *("آقای", "آقا", "خانم", "دکتر", "مهندس", "استاد", "جناب", "سرکار"),
        *("κύριος", "κύριε", "κύριο", "κυρίου", "κυρία", "κυρίας", "κος", "κα", "κ", "δρ"),
        *("καθηγητής", "καθηγήτρια", "καθ"),
    )
)
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u064b-\u065f\u0670])+")
_BETWEEN_WORDS = re.compile(r"[\s.,+_\-–’'·\u200c-\u200f]{0,3}")
_PERCENT_RUN = re.compile(r"[\w.+~-]*(?:%[0-9A-Fa-f]{2}[\w.+~-]*)+")
_BETWEEN_DIGITS = frozenset(" \u00a0\u202f-–./()\t")
_ERASED = (("\u0370", "\u03ff", "[διαγράφηκε]"), ("\u0600", "\u06ff", "[حذف‌شده]"))
_ERASED_LATIN = "[erased]"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MentionKeys:
    """What a person is recognised by. Names are folded, without spaces."""

    certain: frozenset[str] = frozenset()
    """Whole names that no one else has."""
    likely: frozenset[str] = frozenset()
    """Whole names that others have too, or that are short."""
    rare_families: frozenset[str] = frozenset()
    """Family names that no one else has: certain after a title, likely alone."""
    common_families: frozenset[str] = frozenset()
    """Likely after a title."""
    numbers: frozenset[str] = frozenset()
    """Phone numbers as digits with their country code, of at least nine digits."""
    written: tuple[re.Pattern[str], ...] = ()
    """E-mail addresses, numbers of documents, customer codes."""


def squeezed(text: str) -> str:
    """Return the text folded, letters and digits only: as names are compared."""
    return "".join(char for char in fold(text) if char.isalnum())


def whole_names(names: Iterable[PersonName]) -> frozenset[str]:
    """Return the names, squeezed, the given name first and last; without names of one word."""
    found = set()
    for name in names:
        for full in (name.full, f"{name.family} {name.given}", name.called):
            if len(fold(full).split()) > 1:
                found.add(squeezed(full))
    return frozenset(found)


def family_names(names: Iterable[PersonName]) -> frozenset[str]:
    families = {squeezed(name.family) for name in names}
    return frozenset(one for one in families if len(one) >= FEWEST_FAMILY_LETTERS)


def is_certain_name(whole: str) -> bool:
    """Whether a whole name that no one else has is long enough to be certain."""
    return len(whole) >= FEWEST_NAME_LETTERS


def email_pattern(address: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def number_pattern(number: str) -> re.Pattern[str] | None:
    """Return a pattern of a document's number or a code in its spellings; None if too short.

    A code without a digit is a word, and None too.
    """
    plain = normalize_number(number)
    if len(plain) < FEWEST_NUMBER_CHARACTERS or not any(char.isdigit() for char in plain):
        return None
    inner = r"[\s\-/.]{0,2}".join(map(re.escape, plain))
    return re.compile(rf"(?<![^\W_]){inner}(?![^\W_])", re.IGNORECASE)


def cleaned_text(text: str, keys: MentionKeys) -> tuple[str, bool]:
    """Return the text with a neutral word for each certain mention, and whether likely ones remain.

    The word is in the language of the text's script.
    """
    spans, is_likely = _mentions(text, keys)
    for run in _PERCENT_RUN.finditer(text):
        inner, inner_likely = _mentions(unquote_plus(run.group()), keys)
        spans += [run.span()] if inner else []
        is_likely = is_likely or (inner_likely and not inner)
    if not spans:
        return text, is_likely
    word, parts, end = _neutral_word(text), [], 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += [text[end:start], word]
        end = max(end, stop)
    return "".join([*parts, text[end:]]), is_likely


def cleaned_value(value: Any, keys: MentionKeys) -> tuple[Any, bool]:
    """As ``cleaned_text`` for each text in a value as JSON holds it, also keys of objects."""
    if isinstance(value, str):
        return cleaned_text(value, keys)
    if isinstance(value, dict):
        parts = [
            (cleaned_text(str(key), keys), cleaned_value(one, keys)) for key, one in value.items()
        ]
        likely = any(key[1] or one[1] for key, one in parts)
        return {key[0]: one[0] for key, one in parts}, likely
    if isinstance(value, list | tuple):
        items = [cleaned_value(one, keys) for one in value]
        return [one for one, _ in items], any(is_likely for _, is_likely in items)
    return value, False


def _mentions(text: str, keys: MentionKeys) -> tuple[list[Span], bool]:
    spans, is_likely = _names(text, keys)
    digits = _ascii_digits(text)
    if keys.numbers:
        spans += _numbers(digits, keys.numbers)
    for pattern in keys.written:
        spans += [found.span() for found in pattern.finditer(digits)]
    return spans, is_likely


def _names(text: str, keys: MentionKeys) -> tuple[list[Span], bool]:
    whole = squeezed(text)
    every = keys.certain | keys.likely | keys.rare_families | keys.common_families
    if not any(key in whole for key in every):
        return [], False
    words = [(squeezed(found.group()), *found.span()) for found in _WORD.finditer(text)]
    spans: list[Span] = []
    is_likely, at = False, 0
    while at < len(words):
        found = _name_at(text, words, at, keys)
        if found is None:
            at += 1
            continue
        count, is_certain = found
        if is_certain:
            spans.append((words[at][1], words[at + count - 1][2]))
        is_likely = is_likely or not is_certain
        at += count
    return spans, is_likely


def _name_at(
    text: str, words: Sequence[tuple[str, int, int]], at: int, keys: MentionKeys
) -> tuple[int, bool] | None:
    """Return how many words the longest name at a place has, and whether it is certain."""
    is_titled = at > 0 and words[at - 1][0] in _TITLES
    best, joined = None, ""
    for count, (word, start, _) in enumerate(words[at : at + _MOST_WORDS], 1):
        if count > 1 and not _BETWEEN_WORDS.fullmatch(text, words[at + count - 2][2], start):
            break
        joined += word
        if joined in keys.certain or (is_titled and joined in keys.rare_families):
            best = count, True
        elif joined in keys.likely | keys.rare_families or (
            is_titled and joined in keys.common_families
        ):
            best = count, False
    return best


def _numbers(text: str, numbers: Iterable[str]) -> Iterator[Span]:
    places = [at for at, char in enumerate(text) if "0" <= char <= "9"]
    digits = "".join(text[at] for at in places)
    for number in numbers:
        nine, before = number[-_NINE:], number[:-_NINE]
        found = digits.find(nine)
        while found >= 0:
            first = found - max(
                len(one) for one in _prefixes(before) if digits[:found].endswith(one)
            )
            start, end = places[first], places[found + _NINE - 1] + 1
            if _is_one_number(text, start, end):
                yield (start - 1 if text[:start].endswith("+") else start), end
            found = digits.find(nine, found + 1)


def _prefixes(before: str) -> Iterator[str]:
    """Yield what may be before the last nine digits: zeros and the rest of the number, or less."""
    for at in range(len(before) + 1):
        yield from (zeros + before[at:] for zeros in ("", "0", "00"))


def _is_one_number(text: str, start: int, end: int) -> bool:
    """Whether only separators are between the digits, and no digit is directly beside them."""
    inner = all("0" <= char <= "9" or char in _BETWEEN_DIGITS for char in text[start:end])
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return inner and not any("0" <= char <= "9" for char in beside)


def _ascii_digits(text: str) -> str:
    """Return the text of the same length with digits of all scripts as ASCII."""
    if text.isascii():
        return text
    return "".join(
        char if (digit := unicodedata.decimal(char, None)) is None else str(digit) for char in text
    )


def _neutral_word(text: str) -> str:
    for first, last, word in reversed(_ERASED):
        if any(first <= char <= last for char in text):
            return word
    return _ERASED_LATIN
