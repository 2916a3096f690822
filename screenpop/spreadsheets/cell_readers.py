"""What to do with the cells of each column of a sheet: put together once, used for every row."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

from screenpop.spreadsheets.columns import Choice
from screenpop.spreadsheets.countries import country_in, understand_country
from screenpop.spreadsheets.days import Days
from screenpop.spreadsheets.export_cells import unmarked
from screenpop.spreadsheets.fields import AMOUNTS, DAYS, PHONES, TRIP, Field
from screenpop.spreadsheets.headings import read_heading
from screenpop.spreadsheets.meanings import (
    GENDERS,
    LANGUAGES,
    PRODUCTS,
    STATUSES,
    TIERS,
    VISAS,
    YES_NO,
    Words,
    Wrong,
    titles_before,
    understand_title,
)
from screenpop.spreadsheets.money import Amount, understand_amount, understand_currency
from screenpop.spreadsheets.names import parted
from screenpop.spreadsheets.person import Person
from screenpop.spreadsheets.phones import phone_reader
from screenpop.telephony.plan import NumberPlan
from screenpop.telephony.text import fold_digits, shown

Taker = Callable[[Person, str], None]
"""Takes one cell that holds something."""

LONGEST = 200
LONGEST_NOTE = 4000
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
    Field.CONSENT: "marketing_consent",
}
_WORDS: dict[Field, Words[Any]] = {
    Field.TIER: TIERS,
    Field.GENDER: GENDERS,
    Field.LANGUAGE: LANGUAGES,
    Field.VIP: YES_NO,
    Field.CONSENT: YES_NO,
    Field.PRODUCT: PRODUCTS,
    Field.STATUS: STATUSES,
    Field.VISA: VISAS,
}
_LONG = frozenset({Field.NOTES, Field.TRIP_NOTE, Field.PREFERENCES})
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}")
_NO_RESULT = re.compile(r"^(?:#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3})$")
_BETWEEN = re.compile(r"[,;،؛|\n]+")
_COUNT = re.compile(r"^(\d{1,3})(?:\s*\+\s*(\d{1,3}))?(?:\s+[^\W\d]+)?$")


def takers(choice: Choice, plan: NumberPlan, today: date) -> Iterator[tuple[int, Taker]]:
    """The columns that are read, in order, each with what takes its cells."""
    days = Days(today, choice.day_first, plan.region == "IR")
    phones = phone_reader(plan)
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
        else:
            take = _other(place, field, choice.headings[place])
        yield place, _guarded(place, field, take)


def _guarded(place: int, field: Field, take: Taker) -> Taker:
    """First of all: no endless texts, and nothing that a spreadsheet would calculate."""
    longest = LONGEST_NOTE if field in _LONG else LONGEST

    def guarded(person: Person, text: str) -> None:
        if len(text) > longest:
            person.wrong.append((place, "too_long"))
        elif text[0] == "'" and (as_typed := unmarked(text)) is not None:
            take(person, as_typed)
        elif text[0] in "=@+-" and is_formula(field, text):
            person.wrong.append((place, "formula"))
        elif text[0] in "#E" and _NO_RESULT.match(text):
            person.wrong.append((place, "formula_without_result"))
        else:
            take(person, text)

    return guarded


def is_formula(field: Field, text: str) -> bool:
    """What a spreadsheet would calculate (or run) instead of showing it.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    if field in PHONES:
        # ="0912..." is how people keep the zero of a number, and +30 is no sum.
        return text.startswith(("=", "@")) and not text.removeprefix("=").lstrip().startswith('"')
    if text.startswith(("=", "@")):
        return True
    return field not in AMOUNTS and text[0] in "+-" and any(char in text for char in "(|!")


def _phones(place: int, label: str, read: Callable[[str, str], Any]) -> Taker:
    def take(person: Person, text: str) -> None:
        phones = read(text, label)
        if isinstance(phones, Wrong):
            person.wrong.append((place, phones.code))
        else:
            person.phones.extend(phones)

    return take


def _remembering(understand: Callable[[str], Any]) -> Callable[[str], Any]:
    """The same few texts come again and again."""
    known: dict[str, Any] = {}

    def understood(text: str) -> Any:
        value = known.get(text)
        if value is None:
            value = understand(text)
            if len(known) < _MOST_REMEMBERED:
                known[text] = value
        return value

    return understood


def _word(place: int, field: Field) -> Taker:
    words, name = _WORDS[field], _NAMES_OF_FIELDS.get(field, field.value)
    understood = _remembering(words.understand)

    def take(person: Person, text: str) -> None:
        value = understood(text)
        if isinstance(value, Wrong):
            person.wrong.append((place, value.code))
            return
        target = person.trip if field in TRIP else person.said
        target[name] = value.value if isinstance(value, Enum) else value

    return take


def _day(place: int, field: Field, days: Days) -> Taker:
    name = _NAMES_OF_FIELDS[field]
    read = days.trip if field in TRIP else days.past
    if field in {Field.BIRTHDAY, Field.ANNIVERSARY}:
        read = days.birthday
    understood = _remembering(lambda text: _iso(read(text)))

    def take(person: Person, text: str) -> None:
        day = understood(text)
        if isinstance(day, Wrong):
            person.wrong.append((place, day.code))
        else:
            (person.trip if field in TRIP else person.said)[name] = day

    return take


def _iso(day: date | Wrong) -> str | Wrong:
    return day if isinstance(day, Wrong) else day.isoformat()


def _amount(place: int, field: Field) -> Taker:
    def take(person: Person, text: str) -> None:
        amount = understand_amount(text)
        if isinstance(amount, Amount):
            target = person.said if field is Field.BALANCE else person.trip
            target[field.value] = amount.units
            if amount.currency:
                target["currency"] = amount.currency
            return
        paid = YES_NO.understand(text) if field is Field.PAID else amount
        if isinstance(paid, Wrong):
            person.wrong.append((place, amount.code))
        else:
            person.paid_all = paid

    return take


def _other(place: int, field: Field, heading: str) -> Taker:
    match field:
        case Field.GIVEN | Field.FAMILY:
            return partial(_part_of_name, field)
        case Field.NAME | Field.FAMILY_FIRST:
            return partial(_whole_name, field is Field.FAMILY_FIRST)
        case Field.ALSO_NAMED:
            return _also_named
        case Field.TITLE:
            return partial(_title, place, _remembering(understand_title))
        case Field.ADULTS | Field.CHILDREN:
            return partial(_count, place, field)
        case Field.DESTINATION | Field.COUNTRY:
            return partial(_place_of_trip, place, field)
        case Field.NOTES:
            known = read_heading(heading)
            own = known is not None and known[0] is Field.NOTES
            return partial(_note, "" if own or heading == Field.NOTES else heading)
        case _:
            return _plain_text(place, field)


def _plain_text(place: int, field: Field) -> Taker:
    match field:
        case Field.EMAIL:
            return partial(_emails, place)
        case Field.CURRENCY:
            return partial(_currency, place)
        case Field.TAGS:
            return _tags
        case Field.TRIP_NOTE:
            return _trip_note
        case _:
            return partial(_text, field)


def _tidy(text: str) -> str:
    """One line without anything unseen; most cells are so already."""
    return text if text.isprintable() and "  " not in text else shown(text, LONGEST)


def _part_of_name(field: Field, person: Person, text: str) -> None:
    name = _tidy(text)
    if " " in name:
        title, name = titles_before(name)
        if title is not None:
            person.titles.append(title)
    if field is Field.GIVEN:
        person.given = name
    else:
        person.family = name


def _whole_name(family_first: bool, person: Person, text: str) -> None:
    name, title = parted(_tidy(text), family_first=family_first)
    person.given, person.family = name.given, name.family
    if title is not None:
        person.titles.append(title)


def _also_named(person: Person, text: str) -> None:
    for part in text.split(";"):
        name, _ = parted(_tidy(part.strip()), family_first=False)
        if any(map(str.isalpha, name.full)):
            person.also.append(name)


def _title(place: int, understood: Callable[[str], Any], person: Person, text: str) -> None:
    title = understood(text)
    if isinstance(title, Wrong):
        person.wrong.append((place, title.code))
    else:
        person.titles.append(title)


def _emails(place: int, person: Person, text: str) -> None:
    found = _EMAIL.findall(text.removeprefix("mailto:"))
    if found:
        person.emails += found
    else:
        person.wrong.append((place, "bad_email"))


def _tags(person: Person, text: str) -> None:
    person.tags += [tag for part in _BETWEEN.split(text) if (tag := shown(part, LONGEST))]


def _note(heading: str, person: Person, text: str) -> None:
    person.keep_in_notes(heading, _lines(text))


def _trip_note(person: Person, text: str) -> None:
    before = person.trip.get("note")
    person.trip["note"] = f"{before}\n{_lines(text)}" if before else _lines(text)


def _lines(text: str) -> str:
    if text.isprintable():
        return text
    return "\n".join(shown(line, LONGEST_NOTE) for line in text.splitlines()).strip()


def _currency(place: int, person: Person, text: str) -> None:
    code = understand_currency(text)
    if isinstance(code, Wrong):
        person.wrong.append((place, code.code))
    else:
        person.currency = code


def _count(place: int, field: Field, person: Person, text: str) -> None:
    """``2``, ``2+1`` (the second are children), ``2 persons``."""
    found = _COUNT.match(fold_digits(text).strip())
    if found is None or int(found[1]) > _MOST_PEOPLE:
        person.wrong.append((place, "bad_count"))
        return
    person.trip[field.value] = int(found[1])
    if found[2] and field is Field.ADULTS:
        person.trip["children"] = int(found[2])


def _place_of_trip(place: int, field: Field, person: Person, text: str) -> None:
    if field is Field.DESTINATION:
        person.trip["destination"] = _tidy(text)
        if country := country_in(text):
            person.trip.setdefault("country", country)
        return
    country_said = understand_country(text)
    if isinstance(country_said, Wrong):
        person.wrong.append((place, country_said.code))
    else:
        person.trip["country"] = country_said


def _text(field: Field, person: Person, text: str) -> None:
    person.said[field.value] = _lines(text) if field in _LONG else _tidy(text)
