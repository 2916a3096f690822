"""Cells of columns that are an office's own fields."""

from collections.abc import Callable
from datetime import date
from functools import partial

from screenpop.customers.own_fields import OwnField, OwnKind, OwnSubject, OwnValue
from screenpop.customers.own_values import (
    FIRST_YEAR,
    LAST_YEAR,
    InvalidOwnValueError,
    OwnValueProblem,
    parse_value,
)
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import CellError
from screenpop.telephony.number_plan import NumberPlan

_GREEK = frozenset({"GR", "CY"})


def language_of_numbers(plan: NumberPlan) -> str:
    """Return the language whose separators the numbers of the office's sheets have."""
    return "el" if plan.region in _GREEK else "en"


def own_parser(
    place: int, heading: str, field: OwnField, days: DateParser, language: str
) -> Callable[[RowBuilder, str], None]:
    if field.kind is OwnKind.DATE:
        return partial(_take_day, place, heading, field, days)
    return partial(_take, place, heading, field, language)


def _take(
    place: int, heading: str, field: OwnField, language: str, person: RowBuilder, text: str
) -> None:
    try:
        value = parse_value(field, text, language)
    except InvalidOwnValueError as error:
        person.wrong.append((place, error.problem.value))
        return
    if value is not None:
        _keep(person, heading, field, value, text)


def _take_day(
    place: int, heading: str, field: OwnField, days: DateParser, person: RowBuilder, text: str
) -> None:
    day: date | CellError = days.any_day(text)
    if isinstance(day, CellError) or not FIRST_YEAR <= day.year <= LAST_YEAR:
        person.wrong.append((place, OwnValueProblem.NOT_A_DAY.value))
        return
    _keep(person, heading, field, day.isoformat(), text)
    if days.is_guess(text):
        person.wrong.append((place, "short_year"))


def _keep(person: RowBuilder, heading: str, field: OwnField, value: OwnValue, text: str) -> None:
    if field.subject is OwnSubject.CUSTOMER:
        person.own[field.key] = value
    else:
        person.trip_own[field.key] = (value, heading, text)
