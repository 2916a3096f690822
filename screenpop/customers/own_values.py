"""Values of own fields: read from text in any digits and calendar, written in three languages."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import isfinite

from screenpop.calls.labels import label_name
from screenpop.common.search_normalization import fold
from screenpop.common.text import display_text, fold_digits
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.own_fields import OwnField, OwnKind, OwnValue, OwnValues
from screenpop.customers.yearless_days import NO_YEAR

MAX_TEXT = 200
"""Characters of a text."""
MAX_DIGITS = 15
"""Digits of a number: so many survive a floating-point number of JSON."""
MAX_DECIMALS = 6
FIRST_YEAR, LAST_YEAR = 1600, 2200
"""Years of a date; outside of them a year of one calendar reads as one of the other."""

_WORDS = {
    "en": ("Yes", "No"),
    "fa": ("بله", "خیر"),
    "el": ("Ναι", "Όχι"),
}
_YES = frozenset(map(fold, ("yes", "y", "true", "1", "x", "✓", "✔", "on", "+")))
_YES |= frozenset(map(fold, ("بله", "بلی", "آری", "دارد", "هست", "ναι", "ν", "αληθές")))
_NO = frozenset(map(fold, ("no", "n", "false", "0", "-", "✗", "✘", "off")))
_NO |= frozenset(map(fold, ("خیر", "نه", "ندارد", "نیست", "όχι", "ο", "ψευδές")))

_PERSIAN = str.maketrans("0123456789.,", "۰۱۲۳۴۵۶۷۸۹٫٬")
_GREEK = str.maketrans(".,", ",.")
_MINUSES = str.maketrans(dict.fromkeys("−–‐‑﹣－", "-"))
_GROUPING = re.compile(r"[\s'’_٬\u00a0\u202f\u2009]")
_NUMBER = re.compile(r"([-+]?)([0-9][0-9.,]*)")
_PERSIAN_POINT = "٫"
_FEWEST_GROUPED = 5
"""Digits from which thousands are separated; 2026 may be a year."""


class OwnValueProblem(StrEnum):
    TOO_LONG = "own_too_long"
    NOT_A_NUMBER = "own_not_a_number"
    NUMBER_TOO_LONG = "own_number_too_long"
    NOT_A_DAY = "own_not_a_day"
    NOT_A_CHOICE = "own_not_a_choice"
    NOT_YES_NO = "own_not_yes_no"


class InvalidOwnValueError(ValueError):
    """A text is no value of its field."""

    def __init__(self, problem: OwnValueProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def parse_value(field: OwnField, text: str, language: str) -> OwnValue | None:
    """Return the value of a text; None for an empty one. Raises ``InvalidOwnValueError``.

    ``language``: of the separators of numbers; ``1.250`` is a thousand in Greek only.
    """
    text = text.strip()
    if not text:
        return None
    match field.kind:
        case OwnKind.TEXT:
            return _text(text) or None
        case OwnKind.NUMBER:
            return _number(text, language)
        case OwnKind.DATE:
            return _day(text)
        case OwnKind.CHOICE:
            return _choice(field, text)
        case OwnKind.YES_NO:
            return _yes_no(text)


def parse_form_value(
    field: OwnField, text: str, language: str, stored: OwnValue | None = None
) -> OwnValue | None:
    """As ``parse_value``, with the id of a choice; the stored choice may be inactive."""
    text = text.strip()
    if field.kind is not OwnKind.CHOICE or not text:
        return parse_value(field, text, language)
    chosen = next((one for one in field.choices if str(one.id) == text and not one.gone), None)
    if chosen is None or not (chosen.active or chosen.id == stored):
        raise InvalidOwnValueError(OwnValueProblem.NOT_A_CHOICE)
    return chosen.id


def form_value(field: OwnField, value: OwnValue | None, language: str) -> str:
    """Return a value as ``parse_form_value`` reads it again."""
    if value is None:
        return ""
    if field.kind is OwnKind.YES_NO and isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if field.kind is OwnKind.CHOICE else format_value(field, value, language)


def format_value(field: OwnField, value: OwnValue, language: str) -> str:
    """Return a value as it is shown in a language; one that is not of the kind as it is."""
    match field.kind:
        case OwnKind.NUMBER if _is_number(value):
            return _format_number(value, language)
        case OwnKind.DATE:
            day = day_of(value)
            return str(value) if day is None else format_date(day, language)
        case OwnKind.CHOICE:
            chosen = field.choice(value)
            return str(value) if chosen is None else chosen.name(language)
        case OwnKind.YES_NO if isinstance(value, bool):
            return _WORDS.get(language, _WORDS["en"])[0 if value else 1]
        case _:
            return str(value)


def day_of(value: OwnValue | None) -> date | None:
    """Return the day of a date's value; None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def is_valid(field: OwnField, value: object) -> bool:
    """Return whether a JSON value is one of this field."""
    match field.kind:
        case OwnKind.TEXT:
            return isinstance(value, str) and 0 < len(value) <= MAX_TEXT
        case OwnKind.NUMBER:
            return _is_number(value) and _fits(Decimal(str(value)))
        case OwnKind.DATE:
            return isinstance(value, str) and day_of(value) is not None
        case OwnKind.CHOICE:
            chosen = field.choice(value) if type(value) is int else None
            return chosen is not None and not chosen.gone
        case OwnKind.YES_NO:
            return isinstance(value, bool)


def own_from_json(plain: object) -> dict[str, OwnValue]:
    """Return the values of a record; anything that is no value is left out."""
    if not isinstance(plain, Mapping):
        return {}
    return {str(key): value for key, value in plain.items() if isinstance(value, str | int | float)}


def set_value(own: OwnValues, key: str, value: OwnValue | None) -> dict[str, OwnValue]:
    """Return the values with one changed; None removes it. Keys are in order."""
    changed = {**own, **({} if value is None else {key: value})}
    if value is None:
        changed.pop(key, None)
    return in_order(changed)


def in_order(own: OwnValues) -> dict[str, OwnValue]:
    return {key: own[key] for key in sorted(own, key=lambda one: (len(one), one))}


def search_texts(fields: Iterable[OwnField], own: OwnValues) -> list[str]:
    """Return the texts, and the names of the choices, by which a search finds a record."""
    found: list[str] = []
    for field in fields:
        value = own.get(field.key)
        if value is None or not field.active:
            continue
        if field.kind is OwnKind.TEXT:
            found.append(str(value))
        elif field.kind is OwnKind.CHOICE and (chosen := field.choice(value)) is not None:
            found += chosen.names.values()
    return found


def named_values(fields: Iterable[OwnField], own: OwnValues) -> list[dict[str, object]]:
    """Return the values with the names of their fields, as JSON holds them, in the fields' order.

    A choice is given by its names. Values of fields that are switched off are among them.
    """
    return [
        {
            "id": field.id,
            "field": dict(field.names),
            "kind": field.kind.value,
            "value": _logged(field, own[field.key]),
        }
        for field in fields
        if field.key in own
    ]


def changed_values(
    fields: Iterable[OwnField], before: OwnValues, after: OwnValues
) -> dict[str, tuple[object, object]]:
    """Return the values that differ as the entries of a change: ``own:7``, before and after.

    A choice is entered by its names, which stay true when it is renamed or removed.
    """
    known = {field.key: field for field in fields}
    keys = [key for key in in_order({**before, **after}) if before.get(key) != after.get(key)]
    return {
        f"own:{key}": (
            _logged(known.get(key), before.get(key)),
            _logged(known.get(key), after.get(key)),
        )
        for key in keys
    }


def format_logged(field: OwnField | None, value: object, language: str) -> str:
    """Return a value of a change's entry as it is shown in a language."""
    if isinstance(value, Mapping):
        return label_name({str(code): str(name) for code, name in value.items()}, language)
    if value is None or not isinstance(value, str | int | float):
        return ""
    if field is None or field.kind is OwnKind.CHOICE:
        field = OwnField(kind=OwnKind.YES_NO if isinstance(value, bool) else OwnKind.TEXT)
    return format_value(field, value, language)


def _logged(field: OwnField | None, value: OwnValue | None) -> object:
    chosen = field.choice(value) if field is not None and field.kind is OwnKind.CHOICE else None
    return value if chosen is None else dict(chosen.names)


def _text(text: str) -> str:
    line = display_text(text, max(len(text), 1))
    if len(line) > MAX_TEXT:
        raise InvalidOwnValueError(OwnValueProblem.TOO_LONG)
    return line


def _number(text: str, language: str) -> int | float:
    bare = _GROUPING.sub("", fold_digits(text).translate(_MINUSES)).replace("،", ",")
    found = _NUMBER.fullmatch(bare.replace(_PERSIAN_POINT, "."))
    has_mark = _PERSIAN_POINT in bare
    digits = None if found is None else _plain_digits(found[2], language, has_mark=has_mark)
    if found is None or digits is None:
        raise InvalidOwnValueError(OwnValueProblem.NOT_A_NUMBER)
    try:
        number = Decimal(found[1] + digits)
    except InvalidOperation as error:
        raise InvalidOwnValueError(OwnValueProblem.NOT_A_NUMBER) from error
    if not _fits(number):
        raise InvalidOwnValueError(OwnValueProblem.NUMBER_TOO_LONG)
    return int(number) if number == number.to_integral_value() else float(number)


def _plain_digits(text: str, language: str, *, has_mark: bool) -> str | None:
    """Return digits with a decimal point, without thousands separators; None for neither.

    ``has_mark``: the Persian decimal mark was written, so the point is it.
    """
    marks = [char for char in text if char in ".,"]
    if not marks:
        return text
    last = marks[-1]
    if has_mark:
        point = "."
    elif len(set(marks)) > 1:
        point = last
    elif len(marks) > 1 or _is_grouping(text, last, language):
        point = ""
    else:
        point = last
    whole, _, fraction = text.rpartition(point) if point else (text, "", "")
    other = {".": ",", ",": "."}.get(point, last)
    if (point and point in whole) or (fraction and not fraction.isdigit()):
        return None
    groups = whole.split(other)
    if len(groups) > 1 and not _are_thousands(groups):
        return None
    return "".join(groups) + (f".{fraction}" if fraction else "")


def _is_grouping(text: str, mark: str, language: str) -> bool:
    """Return whether one mark before three digits separates thousands in this language."""
    whole, _, rest = text.partition(mark)
    if len(rest) != len("000") or len(whole) > len("000") or whole in {"", "0"}:
        return False
    return mark == ("." if language == "el" else ",")


def _are_thousands(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= len("000") and all(len(one) == len("000") for one in groups[1:])


def _fits(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    exponent = number.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    whole = len(str(abs(int(number)))) if abs(number) >= 1 else 0
    return decimals <= MAX_DECIMALS and whole + decimals <= MAX_DIGITS


def _is_number(value: object) -> bool:
    """Return whether a stored value is a number; JSON can also have ``NaN`` and ``Infinity``."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _format_number(value: OwnValue, language: str) -> str:
    number = Decimal(str(value))
    grouped = len(str(abs(int(number)))) >= _FEWEST_GROUPED
    text = f"{number:,f}" if grouped else f"{number:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    match language:
        case "fa":
            return text.translate(_PERSIAN)
        case "el":
            return text.translate(_GREEK)
        case _:
            return text


def _day(text: str) -> str:
    try:
        day = parse_date(text)
    except InvalidDateError as error:
        raise InvalidOwnValueError(OwnValueProblem.NOT_A_DAY) from error
    if day is None or day.year == NO_YEAR or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidOwnValueError(OwnValueProblem.NOT_A_DAY)
    return day.isoformat()


def _choice(field: OwnField, text: str) -> int:
    wanted = fold(text)
    for one in field.choices:
        if not one.gone and wanted in map(fold, one.names.values()):
            return one.id
    raise InvalidOwnValueError(OwnValueProblem.NOT_A_CHOICE)


def _yes_no(text: str) -> bool:
    word = fold(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidOwnValueError(OwnValueProblem.NOT_YES_NO)
