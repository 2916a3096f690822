"""Parsing of amounts, in whole units."""

import re
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from screenpop.common.amounts import MARKS, plain_number
from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.spreadsheets.values.enum_words import CellError

_MOST_MONEY = 10**15

_WORDS = {
    "EUR": "€ eur euro euros ευρώ یورو ευρω",
    "USD": "$ usd us$ dollar dollars δολάρια δολάριο دلار دلار‌آمریکا",
    "GBP": "£ gbp pound pounds λίρες λίρα پوند",
    "IRR": "ریال irr rial rials rls rls. ﷼ ριάλ",
    "IRT": "تومان تومن تومان‌ irt toman tomans tomaan t ت τομάν",
    "AED": "aed درهم dirham dirhams ντιρχάμ",
    "TRY": "₺ try tl لیر lira",
    "CHF": "chf fr. φράγκα فرانک",
    "CAD": "cad c$",
    "RUB": "rub ₽ روبل ρούβλια",
}
_TIMES = {
    "1000": "هزار hezar thousand k χιλ χιλιάδες χιλ.",
    "1000000": "میلیون ميليون م million mio mil m melyon milion milyon εκατ εκατομμύρια",
    "1000000000": "میلیارد milliard billion bn miliard δισ δισεκατομμύρια",
}
_MULTIPLIERS = {fold(word): int(times) for times, words in _TIMES.items() for word in words.split()}
_LONG_MULTIPLIERS = {word for word in _MULTIPLIERS if len(word) > len("mio") or not word.isascii()}
_LONG_MULTIPLIERS -= {fold("م")}
_CURRENCIES = {fold(word): code for code, words in _WORDS.items() for word in words.split()}
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "﷼": "IRR", "₺": "TRY"}
_AMOUNT = re.compile(r"^([-+(]?)\s*(\d[\d.,'\s/]*?)\s*([-)]?)$")
_AROUND = re.compile(r"^([^\d(+-]*)(.*?)([^\d)-]*)$", re.DOTALL)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in whole units (cents are rounded). ``currency`` may be empty."""

    units: int
    currency: str
    is_rounded: bool = field(default=False, compare=False)
    """The text has cents, which the units do not hold."""


def parse_amount(text: str, times: int = 1) -> Amount | CellError:
    """Return the amount: ``1.250,00 €``, ``(1,250)``, ``۱٬۲۵۰٬۰۰۰ ریال``.

    ``times``: of ``times_of_heading``, for amounts without a multiplier of their own.
    """
    if text.isdecimal() and text.isascii() and len(text) <= 15 and times == 1:
        return Amount(int(text), "")
    written = fold_digits(text.translate(MARKS)).strip()
    if not written:
        return Amount(0, "")
    read = _value(written, times)
    if isinstance(read, CellError):
        return read
    value, currency = read
    units = int(abs(value).quantize(Decimal(1), ROUND_HALF_UP))
    is_rounded = abs(abs(value) - units) >= _CENT
    return Amount(units if value >= 0 else -units, currency, is_rounded)


def parse_cents(text: str, times: int = 1) -> tuple[int, str] | CellError:
    """Return an amount in hundredths and its currency, as ``parse_amount`` reads it."""
    read = _value(fold_digits(text.translate(MARKS)).strip(), times)
    if isinstance(read, CellError):
        return read
    value, currency = read
    return int((value * 100).quantize(Decimal(1), ROUND_HALF_UP)), currency


def _value(written: str, of_heading: int) -> tuple[Decimal, str] | CellError:
    """Return the amount, negative for a credit, and its currency, which may be empty."""
    around = _AROUND.match(written)
    if around is None:
        return CellError("bad_amount")
    unit = _unit_of(f"{around[1]} {around[3]}")
    found = _AMOUNT.match(around[2].strip())
    value = None if found is None else plain_number(found[2])
    if found is None or unit is None or value is None:
        return CellError("bad_amount")
    times, currency = unit
    value *= of_heading if times == 1 else times
    if value > _MOST_MONEY:
        return CellError("bad_amount")
    owed_to_us = found[1] not in {"-", "("} and found[3] != "-"
    return (value if owed_to_us else -value), currency


def _unit_of(words: str) -> tuple[int, str] | None:
    """Return the multiplier and the currency of the words around a number; None for others."""
    times, currencies = 1, set[str]()
    if (whole := _CURRENCIES.get(fold(words))) is not None:
        return times, whole
    for word in fold(words).split():
        if word in _CURRENCIES:
            currencies.add(_CURRENCIES[word])
        elif word in _MULTIPLIERS and times == 1:
            times = _MULTIPLIERS[word]
        else:
            return None
    return (times, "".join(currencies)) if len(currencies) <= 1 else None


def currency_of_heading(heading: str) -> str:
    """Return the currency that a heading names: ``مبلغ (تومان)``, ``Total £``; else empty."""
    words = re.split(r"[\s()\[\]{}:/,.-]+", heading.translate(MARKS))
    found = {_CURRENCIES[word] for word in map(fold, words) if word in _CURRENCIES and word != "t"}
    found |= {code for sign, code in _SIGNS.items() if sign in heading}
    return found.pop() if len(found) == 1 else ""


def times_of_heading(heading: str) -> int:
    """Return what a heading multiplies its amounts by, or 1: ``(میلیون تومان)``, ``Fare (k€)``.

    A single letter counts beside a currency in the same brackets only.
    """
    plain = heading.translate(MARKS)
    words = re.split(r"[\s()\[\]{}:/,.-]+", plain)
    found = {_MULTIPLIERS[word] for word in map(_singular, words) if word in _LONG_MULTIPLIERS}
    for bracket in re.findall(r"[(\[]([^()\[\]]*)[)\]]", plain):
        unit = _unit_of(re.sub(r"([€£$₺])", r" \1 ", bracket).replace(".", " "))
        if unit is not None and unit[1]:
            found.add(unit[0])
    found -= {1}
    return found.pop() if len(found) == 1 else 1


def _singular(word: str) -> str:
    folded = fold(word)
    return folded.removesuffix("s") if folded.isascii() else folded


def parse_currency(text: str) -> str | CellError:
    """Return the currency: ``EUR``, ``€``, ``تومان``; three unknown letters are taken as a code."""
    if not text.strip():
        return ""
    code = _CURRENCIES.get(fold(text))
    if code is not None:
        return code
    letters = text.strip().upper()
    is_code = len(letters) == len("EUR") and letters.isascii() and letters.isalpha()
    return letters if is_code else CellError("unknown_currency")
