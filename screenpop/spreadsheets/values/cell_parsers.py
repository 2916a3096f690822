"""Cell parsers of a sheet's columns: built once, used for every row."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from screenpop.customers.import_columns import (
    AMOUNTS,
    CASE,
    CONSENTS,
    DAYS,
    DOCUMENTS,
    OPT_OUTS,
    PHONES,
    TRIP,
    WISHES,
    ColumnMapping,
    Field,
)
from screenpop.customers.own_fields import OwnField
from screenpop.spreadsheets.columns.header_aliases import is_notes_heading
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.consent_cells import consent_parser
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.document_cells import document_parser
from screenpop.spreadsheets.values.enum_words import (
    CASE_KINDS,
    CASE_STATES,
    GENDERS,
    LANGUAGES,
    PRODUCTS,
    STATUSES,
    TIERS,
    VISAS,
    YES_NO,
    CellError,
    EnumWords,
    parse_title,
)
from screenpop.spreadsheets.values.money import (
    Amount,
    currency_of_heading,
    parse_amount,
    times_of_heading,
)
from screenpop.spreadsheets.values.optional_cells import parse_branch, parse_owner, parse_rating
from screenpop.spreadsheets.values.own_cells import language_of_numbers, own_parser
from screenpop.spreadsheets.values.phones import phone_parser
from screenpop.spreadsheets.values.text_cells import (
    LONGEST,
    LONGEST_NOTE,
    clean_line,
    clean_lines,
    note_words_beside,
    parse_code,
    parse_count,
    parse_currency_cell,
    parse_emails,
    parse_forms_of_address,
    parse_name_part,
    parse_note,
    parse_other_names,
    parse_tags,
    parse_title_cell,
    parse_traveller_cell,
    parse_trip_note,
    parse_trip_place,
    parse_whole_name,
    parse_wish,
)
from screenpop.spreadsheets.writing.cells import unescape_cell
from screenpop.telephony.number_plan import NumberPlan

CellParser = Callable[[RowBuilder, str], None]
"""Parses one non-empty cell."""

_MOST_REMEMBERED = 20_000

LABELS = {
    Field.MOBILE: "mobile",
    Field.HOME_PHONE: "home",
    Field.WORK_PHONE: "work",
    Field.PHONE: "other",
}
_NAMES_OF_FIELDS = {
    Field.DEPARTS: "departs",
    Field.RETURNS: "returns",
    Field.BIRTHDAY: "birthday",
    Field.ANNIVERSARY: "anniversary",
    Field.SINCE: "customer_since",
    **CASE,
}
_WORDS: dict[Field, EnumWords[Any]] = {
    Field.TIER: TIERS,
    Field.GENDER: GENDERS,
    Field.LANGUAGE: LANGUAGES,
    Field.VIP: YES_NO,
    Field.PRODUCT: PRODUCTS,
    Field.STATUS: STATUSES,
    Field.VISA: VISAS,
    Field.CASE_KIND: CASE_KINDS,
    Field.CASE_STATE: CASE_STATES,
}
_WITH_DAYS = {
    **dict.fromkeys((*CONSENTS, *OPT_OUTS, Field.ALLOWS), consent_parser),
    **dict.fromkeys(DOCUMENTS, document_parser),
}
"""Parsers of cells that may hold a day beside other values."""
_LONG = frozenset({Field.NOTES, Field.TRIP_NOTE, Field.PREFERENCES, Field.FEEDBACK})
_SEVERAL_IN_ONE = frozenset(
    {*PHONES, Field.EMAIL, Field.TAGS, Field.ALSO_NAMED, Field.CALLED, Field.TRAVELLERS}
)
"""Characters; a cell with many values may be long though each of them is short."""
_NAMED = {Field.OWNER: parse_owner, Field.BRANCH: parse_branch}
"""Parsers of names of which the office has a list."""
_NO_BRANCHES: Mapping[str, int] = {}
_NO_RESULT = re.compile(r"^(?:#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3})$")


def cell_parsers(
    choice: ColumnMapping,
    plan: NumberPlan,
    today: date,
    owners: Mapping[str, int],
    own_fields: Sequence[OwnField] = (),
    branches: Mapping[str, int] = _NO_BRANCHES,
) -> Iterator[tuple[int, CellParser]]:
    """Yield the columns that are read, in order, each with its parser.

    ``owners``: user ids by folded name; ``branches``: their ids by ``branch_key``.
    """
    found = DateParser(today, choice.day_first, plan.region == "IR")
    orders = choice.days or ("",) * len(choice.fields)
    phones = phone_parser(plan)
    yield from _own_parsers(choice, own_fields, found, language_of_numbers(plan))
    for place, field in enumerate(choice.fields):
        if field in {Field.IGNORED, Field.OWN}:
            continue
        days = found.ordered_as(orders[place])
        if field in PHONES:
            take = _phones(place, LABELS[field], phones, choice.headings[place])
        elif field in DAYS:
            take = _day(place, field, days)
        elif field in AMOUNTS:
            take = _amount(place, field, choice.headings[place])
        elif field in _WORDS:
            take = _word(place, field)
        elif field in _NAMED:
            take = partial(_NAMED[field], place, branches if field is Field.BRANCH else owners)
        elif field is Field.TRAVELLERS:
            take = partial(parse_traveller_cell, phones)
        elif field in _WITH_DAYS:
            take = _WITH_DAYS[field](place, field, days)
        else:
            take = _other(place, field, choice.headings[place])
        yield place, _guarded(place, field, take)


def _own_parsers(
    choice: ColumnMapping, fields: Sequence[OwnField], days: DateParser, language: str
) -> Iterator[tuple[int, CellParser]]:
    known = {field.id: field for field in fields}
    for place, own in enumerate(choice.own):
        if choice.fields[place] is Field.OWN and (field := known.get(own)) is not None:
            ordered = days.ordered_as(choice.days[place] if choice.days else "")
            take = own_parser(place, choice.headings[place], field, ordered, language)
            yield place, _guarded(place, Field.OWN, take)


def _guarded(place: int, field: Field, take: CellParser) -> CellParser:
    """Return the parser behind checks for overlong texts and formulas."""
    longest = LONGEST_NOTE if field in _LONG | _SEVERAL_IN_ONE else LONGEST

    def guarded(person: RowBuilder, text: str) -> None:
        if len(text) > longest:
            person.wrong.append((place, "too_long"))
        elif text[0] == "'" and (as_typed := unescape_cell(text)) is not None:
            take(person, as_typed)
        elif text[0] in "=@+-" and is_formula(field, text):
            person.wrong.append((place, "formula"))
        elif text[0] in "#E" and _NO_RESULT.match(text):
            person.wrong.append((place, "formula_without_result"))
        else:
            take(person, text)

    return guarded


def is_formula(field: Field, text: str) -> bool:
    """Return whether a spreadsheet would calculate (or run) the text instead of showing it.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if field in PHONES:
        # ="0912..." is how people keep a number's leading zero, and +30 is no sum.
        return text.startswith(("=", "@")) and not text.removeprefix("=").lstrip().startswith('"')
    if text.startswith(("=", "@")):
        return True
    return field not in AMOUNTS and text[0] in "+-" and any(char in text for char in "(|!")


def _phones(place: int, label: str, read: Callable[[str, str], Any], heading: str) -> CellParser:
    def take(person: RowBuilder, text: str) -> None:
        phones = read(text, label)
        if isinstance(phones, CellError):
            person.wrong.append((place, phones.code))
        else:
            person.phones.extend(phones)
            note_words_beside(heading, person, text)

    return take


def _remembering(understand: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a cached parser: the same few texts come again and again."""
    known: dict[str, Any] = {}

    def understood(text: str) -> Any:
        value = known.get(text)
        if value is None:
            value = understand(text)
            if len(known) < _MOST_REMEMBERED:
                known[text] = value
        return value

    return understood


def _word(place: int, field: Field) -> CellParser:
    words, name = _WORDS[field], _NAMES_OF_FIELDS.get(field, field.value)
    understood = _remembering(words.understand)

    def take(person: RowBuilder, text: str) -> None:
        value = understood(text)
        if isinstance(value, CellError):
            person.wrong.append((place, value.code))
            return
        _target(person, field)[name] = value.value if isinstance(value, Enum) else value

    return take


def _day(place: int, field: Field, days: DateParser) -> CellParser:
    name = _NAMES_OF_FIELDS.get(field, field.value)
    read = days.trip if field in TRIP or field in CASE else days.past
    if field in {Field.BIRTHDAY, Field.ANNIVERSARY}:
        read = days.birthday
    understood = _remembering(lambda text: _iso(read(text)))

    def take(person: RowBuilder, text: str) -> None:
        day = understood(text)
        if isinstance(day, CellError):
            person.wrong.append((place, day.code))
        else:
            _target(person, field)[name] = day
            if days.is_guess(text):
                person.wrong.append((place, "short_year"))

    return take


def _target(person: RowBuilder, field: Field) -> dict[str, Any]:
    if field in TRIP:
        return person.trip
    return person.case if field in CASE else person.fields


def _iso(day: date | CellError) -> str | CellError:
    return day if isinstance(day, CellError) else day.isoformat()


def _amount(place: int, field: Field, heading: str) -> CellParser:
    """Return the parser of amounts; those without a unit have that of the heading."""
    unit, times = currency_of_heading(heading), times_of_heading(heading)

    def take(person: RowBuilder, text: str) -> None:
        amount = parse_amount(text, times)
        if isinstance(amount, Amount):
            target = person.fields if field is Field.BALANCE else person.trip
            target[field.value] = amount.units
            if currency := amount.currency or (unit if amount.units else ""):
                target["currency"] = currency
            if amount.is_rounded:
                # A balance changes, so it is reported only; a price stays, as written, in a note.
                code = "balance_cents" if field is Field.BALANCE else "cents_rounded"
                person.wrong.append((place, code))
            return
        paid = YES_NO.understand(text) if field is Field.PAID else amount
        if isinstance(paid, CellError):
            person.wrong.append((place, amount.code))
        else:
            person.paid_all = paid

    return take


def _other(place: int, field: Field, heading: str) -> CellParser:
    match field:
        case Field.GIVEN | Field.FAMILY:
            return partial(parse_name_part, field)
        case Field.NAME | Field.FAMILY_FIRST:
            return partial(parse_whole_name, field is Field.FAMILY_FIRST)
        case Field.ALSO_NAMED:
            return parse_other_names
        case Field.TITLE:
            return partial(parse_title_cell, place, _remembering(parse_title))
        case Field.ADULTS | Field.CHILDREN:
            return partial(parse_count, place, field)
        case Field.DESTINATION | Field.COUNTRY:
            return partial(parse_trip_place, place, field)
        case Field.RATING:
            return partial(parse_rating, place)
        case Field.CODE:
            return parse_code
        case Field.NOTES:
            own = is_notes_heading(heading) or heading == Field.NOTES
            return partial(parse_note, "" if own else heading)
        case _:
            return _plain_text(place, field)


def _plain_text(place: int, field: Field) -> CellParser:
    match field:
        case Field.EMAIL:
            return partial(parse_emails, place)
        case Field.CURRENCY:
            return partial(parse_currency_cell, place)
        case Field.TAGS:
            return parse_tags
        case Field.TRIP_NOTE:
            return parse_trip_note
        case Field.CALLED:
            return parse_forms_of_address
        case _:
            return _wish_or_text(field)


def _wish_or_text(field: Field) -> CellParser:
    subject = WISHES.get(field)
    return partial(_text, field) if subject is None else partial(parse_wish, subject)


def _text(field: Field, person: RowBuilder, text: str) -> None:
    name = _NAMES_OF_FIELDS.get(field, field.value)
    _target(person, field)[name] = clean_lines(text) if field in _LONG else clean_line(text)
