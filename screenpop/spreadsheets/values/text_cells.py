"""Parsers of cells with names, contacts, notes, and of the counts and places of trips."""

import re
from collections.abc import Callable
from typing import Any

from screenpop.common.text import display_text, fold_digits, visible_or_empty
from screenpop.customers.import_columns import (
    Field,
)
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.countries import country_of_destination, parse_country
from screenpop.spreadsheets.values.enum_words import (
    CellError,
    split_titles,
)
from screenpop.spreadsheets.values.money import parse_currency
from screenpop.spreadsheets.values.names import (
    couple_or_group,
    is_company,
    split_company_contact,
    split_name,
    title_within,
    without_remark,
)
from screenpop.spreadsheets.values.phone_words import has_more_words
from screenpop.spreadsheets.values.travellers import (
    ReadPhones,
    parse_travellers,
    plain_traveller,
)

LONGEST = 200
LONGEST_NOTE = 10_000
_LONGEST_EMAIL = 320
_MOST_PEOPLE = 999
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}")
_BETWEEN_EMAILS = re.compile(r"[\s<>,;]+")
_BETWEEN = re.compile(r"[,;،؛|\n]+")
_COUNT = re.compile(r"^(\d{1,3})(?:\s*\+\s*(\d{1,3}))?(?:\s+[^\W\d]+)?$")


def clean_line(text: str) -> str:
    """Return one line without invisible characters; most cells are so already."""
    if not text.isprintable() or "  " in text:
        return display_text(text, LONGEST)
    return text if text.isascii() else visible_or_empty(text)


def parse_name_part(field: Field, person: RowBuilder, text: str) -> None:
    name = clean_line(text)
    if " " in name:
        title, name = split_titles(name)
        if title is None:
            title, words = title_within(name.split())
            name = " ".join(words)
        if title is not None:
            person.titles.append(title)
    if field is Field.GIVEN:
        person.given = name
    else:
        person.family = name


def parse_whole_name(family_first: bool, person: RowBuilder, text: str) -> None:
    text = clean_line(text)
    if "(" in text and (bare := without_remark(text)) is not None:
        person.keep_in_notes("", text)
        text = bare
    if "," in text:
        text = _without_company(person, text)
    if is_company(text):
        company, contact = split_company_contact(text)
        person.family = company
        person.fields.setdefault("company", company)
        if contact:
            person.keep_in_notes("", text)
        return
    if (one := couple_or_group(text)) is not None:
        person.keep_in_notes("", text)
        name, title = split_name(one, family_first=family_first)
    else:
        name, title = split_name(text, family_first=family_first)
    person.given, person.family = name.given, name.family
    if title is not None:
        person.titles.append(title)


def _without_company(person: RowBuilder, text: str) -> str:
    """Return the person of ``Aegean Lines SA, Nikos Vlachos``, whose company is kept."""
    company, _, name = (part.strip() for part in text.partition(","))
    if not name or not is_company(company) or is_company(name):
        return text
    person.fields.setdefault("company", company)
    return name


def note_words_beside(heading: str, person: RowBuilder, text: str) -> None:
    """Keep the cell of a phone number in the notes when it has more words than labels."""
    if any(map(str.isalpha, text)) and has_more_words(text):
        person.keep_in_notes(heading, clean_line(text))


def parse_other_names(person: RowBuilder, text: str) -> None:
    for part in text.split(";"):
        name, _ = split_name(clean_line(part.strip()), family_first=False)
        if any(map(str.isalpha, name.full)):
            person.also.append(name)


def parse_forms_of_address(person: RowBuilder, text: str) -> None:
    """Set forms of address: one line for each name, in the order of the names."""
    person.called = [clean_line(part) for part in text.splitlines()]


def parse_title_cell(
    place: int, understood: Callable[[str], Any], person: RowBuilder, text: str
) -> None:
    title = understood(text)
    if isinstance(title, CellError):
        person.wrong.append((place, title.code))
    else:
        person.titles.append(title)


def parse_emails(place: int, person: RowBuilder, text: str) -> None:
    parts = _BETWEEN_EMAILS.split(text.removeprefix("mailto:"))
    found = [part for part in parts if len(part) <= _LONGEST_EMAIL and _EMAIL.fullmatch(part)]
    if found:
        person.emails += found
    else:
        person.wrong.append((place, "bad_email"))


def parse_tags(person: RowBuilder, text: str) -> None:
    parts = _BETWEEN.split(text.replace(":::", ";"))
    tags = [display_text(part, LONGEST) for part in parts]
    person.tags += [tag for tag in tags if tag and tag.casefold() not in _GROUPS_OF_ALL]


_GROUPS_OF_ALL = frozenset(("* mycontacts", "mycontacts", "* starred", "* friends", "* family"))
"""Groups that Google Contacts makes by itself."""


def parse_note(heading: str, person: RowBuilder, text: str) -> None:
    person.keep_in_notes(heading, clean_lines(text))


def parse_trip_note(person: RowBuilder, text: str) -> None:
    before = person.trip.get("note")
    person.trip["note"] = f"{before}\n{clean_lines(text)}" if before else clean_lines(text)


def clean_lines(text: str) -> str:
    if text.isprintable():
        return text
    return "\n".join(display_text(line, LONGEST_NOTE) for line in text.splitlines()).strip()


def parse_currency_cell(place: int, person: RowBuilder, text: str) -> None:
    code = parse_currency(text)
    if isinstance(code, CellError):
        person.wrong.append((place, code.code))
    else:
        person.currency = code


def parse_code(person: RowBuilder, text: str) -> None:
    """Set the office's own customer code; digits of any script are stored as ASCII."""
    person.fields["code"] = fold_digits(clean_line(text)).strip()


def parse_count(place: int, field: Field, person: RowBuilder, text: str) -> None:
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


def parse_traveller_cell(phones: ReadPhones, person: RowBuilder, text: str) -> None:
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


def parse_trip_place(place: int, field: Field, person: RowBuilder, text: str) -> None:
    if field is Field.DESTINATION:
        person.trip["destination"] = clean_line(text)
        if country := country_of_destination(text):
            person.trip.setdefault("country", country)
        return
    parsed = parse_country(text)
    if isinstance(parsed, CellError):
        person.wrong.append((place, parsed.code))
    else:
        person.trip["country"] = parsed


def parse_wish(subject: str, person: RowBuilder, text: str) -> None:
    person.wishes[subject] = clean_line(text)
