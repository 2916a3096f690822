"""Cell parsers of a sheet's columns: built once, used for every row."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from screenpop.common.text import display_text, fold_digits
from screenpop.customers.import_columns import (
    AMOUNTS,
    CASE,
    CONSENTS,
    DAYS,
    OPT_OUTS,
    PHONES,
    TRIP,
    WISHES,
    ColumnMapping,
    Field,
)
from screenpop.spreadsheets.columns.header_aliases import match_heading
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.consent_cells import consent_parser
from screenpop.spreadsheets.values.countries import country_of_destination, parse_country
from screenpop.spreadsheets.values.dates import DateParser
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
    split_titles,
)
from screenpop.spreadsheets.values.money import Amount, parse_amount, parse_currency
from screenpop.spreadsheets.values.names import split_name
from screenpop.spreadsheets.values.optional_cells import parse_owner, parse_rating
from screenpop.spreadsheets.values.phones import phone_parser
from screenpop.spreadsheets.values.travellers import (
    ReadPhones,
    parse_travellers,
    plain_traveller,
)
from screenpop.spreadsheets.writing.cells import unescape_cell
from screenpop.telephony.number_plan import NumberPlan

CellParser = Callable[[RowBuilder, str], None]
"""Parses one non-empty cell."""

LONGEST = 200
LONGEST_NOTE = 10_000
_LONGEST_EMAIL = 320
_MOST_REMEMBERED = 20_000
_MOST_PEOPLE = 999

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
_CONSENTS = frozenset({*CONSENTS, *OPT_OUTS, Field.ALLOWS})
_LONG = frozenset({Field.NOTES, Field.TRIP_NOTE, Field.PREFERENCES, Field.FEEDBACK})
_SEVERAL_IN_ONE = frozenset(
    {*PHONES, Field.EMAIL, Field.TAGS, Field.ALSO_NAMED, Field.CALLED, Field.TRAVELLERS}
)
"""Characters; a cell with many values may be long though each of them is short."""
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}")
_BETWEEN_EMAILS = re.compile(r"[\s<>,;]+")
_NO_RESULT = re.compile(r"^(?:#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3})$")
_BETWEEN = re.compile(r"[,;،؛|\n]+")
_COUNT = re.compile(r"^(\d{1,3})(?:\s*\+\s*(\d{1,3}))?(?:\s+[^\W\d]+)?$")


def cell_parsers(
    choice: ColumnMapping, plan: NumberPlan, today: date, owners: Mapping[str, int]
) -> Iterator[tuple[int, CellParser]]:
    """Yield the columns that are read, in order, each with its parser.

    ``owners``: user ids by folded name.
    """
    days = DateParser(today, choice.day_first, plan.region == "IR")
    phones = phone_parser(plan)
    for place, field in enumerate(choice.fields):
        if field is Field.IGNORED:
            continue
        if field in PHONES:
            take = _phones(place, LABELS[field], phones)
        elif field in DAYS:
            take = _day(place, field, days)
        elif field in AMOUNTS:
            take = _amount(place, field)
        elif field in _WORDS:
            take = _word(place, field)
        elif field is Field.OWNER:
            take = partial(parse_owner, place, owners)
        elif field is Field.TRAVELLERS:
            take = partial(_travellers, phones)
        elif field in _CONSENTS:
            take = consent_parser(place, field, days)
        else:
            take = _other(place, field, choice.headings[place])
        yield place, _guarded(place, field, take)


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


def _phones(place: int, label: str, read: Callable[[str, str], Any]) -> CellParser:
    def take(person: RowBuilder, text: str) -> None:
        phones = read(text, label)
        if isinstance(phones, CellError):
            person.wrong.append((place, phones.code))
        else:
            person.phones.extend(phones)

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

    return take


def _target(person: RowBuilder, field: Field) -> dict[str, Any]:
    if field in TRIP:
        return person.trip
    return person.case if field in CASE else person.fields


def _iso(day: date | CellError) -> str | CellError:
    return day if isinstance(day, CellError) else day.isoformat()


def _amount(place: int, field: Field) -> CellParser:
    def take(person: RowBuilder, text: str) -> None:
        amount = parse_amount(text)
        if isinstance(amount, Amount):
            target = person.fields if field is Field.BALANCE else person.trip
            target[field.value] = amount.units
            if amount.currency:
                target["currency"] = amount.currency
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
            return partial(_part_of_name, field)
        case Field.NAME | Field.FAMILY_FIRST:
            return partial(_whole_name, field is Field.FAMILY_FIRST)
        case Field.ALSO_NAMED:
            return _also_named
        case Field.TITLE:
            return partial(_title, place, _remembering(parse_title))
        case Field.ADULTS | Field.CHILDREN:
            return partial(_count, place, field)
        case Field.DESTINATION | Field.COUNTRY:
            return partial(_place_of_trip, place, field)
        case Field.RATING:
            return partial(parse_rating, place)
        case Field.NOTES:
            known = match_heading(heading)
            own = known is not None and known[0] is Field.NOTES
            return partial(_note, "" if own or heading == Field.NOTES else heading)
        case _:
            return _plain_text(place, field)


def _plain_text(place: int, field: Field) -> CellParser:
    match field:
        case Field.EMAIL:
            return partial(_emails, place)
        case Field.CURRENCY:
            return partial(_currency, place)
        case Field.TAGS:
            return _tags
        case Field.TRIP_NOTE:
            return _trip_note
        case Field.CALLED:
            return _called
        case _:
            return _wish_or_text(field)


def _wish_or_text(field: Field) -> CellParser:
    subject = WISHES.get(field)
    return partial(_text, field) if subject is None else partial(_wish, subject)


def _tidy(text: str) -> str:
    """Return one line without invisible characters; most cells are so already."""
    return text if text.isprintable() and "  " not in text else display_text(text, LONGEST)


def _part_of_name(field: Field, person: RowBuilder, text: str) -> None:
    name = _tidy(text)
    if " " in name:
        title, name = split_titles(name)
        if title is not None:
            person.titles.append(title)
    if field is Field.GIVEN:
        person.given = name
    else:
        person.family = name


def _whole_name(family_first: bool, person: RowBuilder, text: str) -> None:
    name, title = split_name(_tidy(text), family_first=family_first)
    person.given, person.family = name.given, name.family
    if title is not None:
        person.titles.append(title)


def _also_named(person: RowBuilder, text: str) -> None:
    for part in text.split(";"):
        name, _ = split_name(_tidy(part.strip()), family_first=False)
        if any(map(str.isalpha, name.full)):
            person.also.append(name)


def _called(person: RowBuilder, text: str) -> None:
    """Set forms of address: one line for each name, in the order of the names."""
    person.called = [_tidy(part) for part in text.splitlines()]


def _title(place: int, understood: Callable[[str], Any], person: RowBuilder, text: str) -> None:
    title = understood(text)
    if isinstance(title, CellError):
        person.wrong.append((place, title.code))
    else:
        person.titles.append(title)


def _emails(place: int, person: RowBuilder, text: str) -> None:
    parts = _BETWEEN_EMAILS.split(text.removeprefix("mailto:"))
    found = [part for part in parts if len(part) <= _LONGEST_EMAIL and _EMAIL.fullmatch(part)]
    if found:
        person.emails += found
    else:
        person.wrong.append((place, "bad_email"))


def _tags(person: RowBuilder, text: str) -> None:
    person.tags += [tag for part in _BETWEEN.split(text) if (tag := display_text(part, LONGEST))]


def _note(heading: str, person: RowBuilder, text: str) -> None:
    person.keep_in_notes(heading, _lines(text))


def _trip_note(person: RowBuilder, text: str) -> None:
    before = person.trip.get("note")
    person.trip["note"] = f"{before}\n{_lines(text)}" if before else _lines(text)


def _lines(text: str) -> str:
    if text.isprintable():
        return text
    return "\n".join(display_text(line, LONGEST_NOTE) for line in text.splitlines()).strip()


def _currency(place: int, person: RowBuilder, text: str) -> None:
    code = parse_currency(text)
    if isinstance(code, CellError):
        person.wrong.append((place, code.code))
    else:
        person.currency = code


def _count(place: int, field: Field, person: RowBuilder, text: str) -> None:
    """Set a count: ``2``, ``2+1`` (the second are children), ``2 persons``."""
    found = _COUNT.match(fold_digits(text).strip())
    if found is None or int(found[1]) > _MOST_PEOPLE:
        person.wrong.append((place, "bad_count"))
        return
    person.trip[field.value] = int(found[1])
    if found[2] and field is Field.ADULTS:
        person.trip["children"] = int(found[2])


def is_count(text: str) -> bool:
    """Return whether a cell has the number of travellers, not their names."""
    return _COUNT.match(fold_digits(text).strip()) is not None


def _travellers(phones: ReadPhones, person: RowBuilder, text: str) -> None:
    """Add the travellers of a cell; a number of people counts the adults."""
    if is_count(text):
        found = _COUNT.match(fold_digits(text).strip())
        if found and "adults" not in person.trip:
            person.trip["adults"] = int(found[1])
            if found[2]:
                person.trip.setdefault("children", int(found[2]))
        return
    travellers = [plain_traveller(one) for one in parse_travellers(text, phones)]
    if travellers:
        person.trip.setdefault("travellers", []).extend(travellers)


def _place_of_trip(place: int, field: Field, person: RowBuilder, text: str) -> None:
    if field is Field.DESTINATION:
        person.trip["destination"] = _tidy(text)
        if country := country_of_destination(text):
            person.trip.setdefault("country", country)
        return
    parsed = parse_country(text)
    if isinstance(parsed, CellError):
        person.wrong.append((place, parsed.code))
    else:
        person.trip["country"] = parsed


def _wish(subject: str, person: RowBuilder, text: str) -> None:
    person.wishes[subject] = _tidy(text)


def _text(field: Field, person: RowBuilder, text: str) -> None:
    name = _NAMES_OF_FIELDS.get(field, field.value)
    _target(person, field)[name] = _lines(text) if field in _LONG else _tidy(text)
