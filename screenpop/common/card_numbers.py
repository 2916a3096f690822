"""Numbers of payment cards in free text, which are masked before they are stored.

A card number has 13 to 19 digits with the check digit of Luhn (ISO/IEC 7812-1), in any script, with
single spaces, hyphens or dots between them. Lengths and first digits are those of the issuers:
Visa 13, 16 or 19 from 4; Diners 14 from 30, 36, 38 or 39; American Express 15 from 34 or 37;
others, with the banks of Iran, 16 to 19 from 2 to 6 or from 9919.

Left alone: digits after a plus or beside a Latin capital letter, as in phone numbers, IBANs and
references; IBANs without their letters; days; amounts in groups of three digits.
"""

import re
import unicodedata
from collections.abc import Iterator

MASK = "•"
VISIBLE = 4
"""Digits at the end that stay, by which a customer recognises the card."""
FEWEST, MOST = 13, 19
"""Digits of a card number."""
_SEPARATOR = r"[ .\-\u00a0\u2009\u200b-\u200f\u202a-\u202f\u2010-\u2015\u2060-\u2069]"
_RUN = re.compile(rf"\d(?:{_SEPARATOR}{{0,3}}\d){{{FEWEST - 1},}}")
_GROUP = re.compile(r"\d+")
_DAY = re.compile(
    r"(?<!\d)\d{4}[-.]\d{1,2}[-.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}[-.]\d{1,2}[-.]\d{4}(?!\d)"
)
_AMOUNT = re.compile(r"(?<!\d)\d{1,3}(?:\.\d{3})+(?!\d)|(?<!\d)\d{1,3}(?: \d{3}){2,}(?!\d)")
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]){11,30}", re.ASCII | re.IGNORECASE)
_IRANIAN_IBAN_DIGITS = 24

Span = tuple[int, int]


def mask_card_numbers(text: str) -> str:
    """Return the text with all but the last four digits of each card number as ``•``.

    Everything else stays as it is, and masking twice changes nothing more.
    """
    if _RUN.search(text) is None:
        return text
    plain = "".join(map(_ascii_digit, text))
    kept = [*_ibans(plain), *(match.span() for match in _DAY.finditer(plain))]
    letters = list(text)
    for run in _RUN.finditer(plain):
        for span in _cards(plain, run.span(), kept):
            _mask(letters, plain, span)
    return "".join(letters)


def passes_luhn(digits: str) -> bool:
    """Return whether the last digit is the check digit of those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number  # the sum of its two digits
    return total % 10 == 0


def is_card_number(digits: str) -> bool:
    """Return whether digits without separators have the form of a card number."""
    length = len(digits)
    match length:
        case 13:
            is_issued = digits[0] == "4"
        case 14:
            is_issued = digits.startswith(("30", "36", "38", "39"))
        case 15:
            is_issued = digits.startswith(("34", "37"))
        case _:
            known = digits[0] in "23456" or digits.startswith("9919")
            is_issued = 16 <= length <= MOST and known
    return is_issued and len(set(digits)) > 1 and passes_luhn(digits)


def _cards(plain: str, run: Span, kept: list[Span]) -> Iterator[Span]:
    """Yield the card numbers of a run of digits and separators, from left to right."""
    start, end = run
    groups = [match.span() for match in _GROUP.finditer(plain, start, end)]
    after_sign = _follows_a_sign(plain, start)
    if _AMOUNT.fullmatch(plain, start, end) or _is_iban_without_letters(plain, groups):
        return
    first = 0
    while first < len(groups):
        last = None if after_sign and first == 0 else _card_from(plain, groups, first, kept)
        if last is None:
            first += 1
            continue
        yield groups[first][0], groups[last][1]
        first = last + 1


def _card_from(plain: str, groups: list[Span], first: int, kept: list[Span]) -> int | None:
    """Return the last group of the card number that begins with this one; the longest wins."""
    found, digits = None, ""
    for last in range(first, len(groups)):
        digits += plain[slice(*groups[last])]
        if len(digits) > MOST:
            break
        span = groups[first][0], groups[last][1]
        is_whole = first == 0 and last == len(groups) - 1
        if len(digits) >= FEWEST and (is_whole or _is_grouped(groups[first : last + 1])):
            touches = any(span[0] < end and start < span[1] for start, end in kept)
            if not touches and is_card_number(digits) and not _precedes_a_letter(plain, span[1]):
                found = last
    return found


def _is_grouped(groups: list[Span]) -> bool:
    """Return whether digits stand as on a card: together, by four, or 4-6-4 and 4-6-5."""
    lengths = [end - start for start, end in groups]
    by_four = all(length == 4 for length in lengths[:-1]) and lengths[-1] <= 4
    return len(lengths) == 1 or by_four or lengths in ([4, 6, 4], [4, 6, 5])


def _follows_a_sign(plain: str, start: int) -> bool:
    before = plain[:start].rstrip()[-1:]
    touching = plain[start - 1 : start]
    return before == "+" or touching in {"_", "/", "#"} or "A" <= touching <= "Z"


def _precedes_a_letter(plain: str, end: int) -> bool:
    after = plain[end : end + 1]
    return after == "_" or "A" <= after <= "Z"


def _ibans(plain: str) -> Iterator[Span]:
    for match in _IBAN.finditer(plain):
        # Words may follow the number; it is the longest part that has the right check digits.
        for end in range(match.end(), match.start() + 14, -1):
            if _is_iban(plain[match.start() : end]):
                yield match.start(), end
                break


def _is_iban_without_letters(plain: str, groups: list[Span]) -> bool:
    digits = "".join(plain[slice(*group)] for group in groups)
    return len(digits) == _IRANIAN_IBAN_DIGITS and _is_iban(f"IR{digits}")


def _is_iban(text: str) -> bool:
    """Return whether the check digits of ISO 13616 are right."""
    letters = text.replace(" ", "").replace("-", "").upper()
    turned = letters[4:] + letters[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _mask(letters: list[str], plain: str, span: Span) -> None:
    places = [place for place in range(*span) if plain[place].isdigit()]
    for place in places[:-VISIBLE]:
        letters[place] = MASK


def _ascii_digit(char: str) -> str:
    digit = None if char.isascii() else unicodedata.decimal(char, None)
    return char if digit is None else str(digit)
