"""Columns and rows of an exported customer list.

One row a customer, with the first trip and the first case; each further one is in a row without a
name, as our own import reads it. Headings and words are in the reader's language
(``ExportWords``), and all columns but customer id, referrer,
customers sent, stage, chance and place by value are known to the import.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import zip_longest

from screenpop.accounts.departments import Section
from screenpop.customers.consent import CHANNELS, OFFERS, SEPARATOR, SOURCES, Consent
from screenpop.customers.draft import (
    CaseDraft,
    CustomerDraft,
    PhoneDraft,
    TravellerDraft,
    TripDraft,
)
from screenpop.customers.export_record import CustomerExportRecord
from screenpop.customers.import_columns import WISHES
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.customers.own_fields import OwnSubject
from screenpop.customers.preferences import join_preferences
from screenpop.customers.travellers import CHILD_MARK, traveller_text
from screenpop.customers.yearless_days import NO_YEAR, persian_text
from screenpop.spreadsheets.values.names import split_name
from screenpop.spreadsheets.writing.document_columns import DOCUMENT_COLUMNS, document_rows
from screenpop.spreadsheets.writing.own_columns import own_cells, own_columns
from screenpop.spreadsheets.writing.sheet_words import (
    Cell,
    Column,
    ExportWords,
    PhoneCell,
    Sections,
    country_name,
)

__all__ = [
    "CASE_COLUMNS",
    "Cell",
    "Column",
    "ExportWords",
    "PhoneCell",
    "Sections",
    "case_rows_of",
    "columns_for",
    "country_name",
    "rows_of",
]


def _consent_code(channel: str) -> str:
    return "consent" if channel == OFFERS else f"consent_{channel}"


_PERSON = (
    Column("number", width=8),
    Column("code", width=10),
    Column("title", width=10),
    Column("given", width=16),
    Column("family", width=20),
    Column("mobile", width=20),
    Column("home_phone", width=20),
    Column("work_phone", width=20),
    Column("phone", width=20),
    Column("email", width=26),
    Column("gender", width=9),
    Column("language", width=10),
    Column("tier", width=10),
    Column("vip", width=6),
    Column("birthday", Section.PERSONAL, 12),
    Column("anniversary", Section.PERSONAL, 12),
    Column("since", width=12),
    Column("household", width=16),
    Column("city", width=16),
    Column("heard_from", width=16),
    Column("company", width=16),
    Column("tags", width=16),
    *(Column(_consent_code(channel), Section.PERSONAL, 24) for channel in CHANNELS),
    Column("preferences", Section.PERSONAL, 28),
    *(Column(f"wish_{subject}", Section.PERSONAL, 16) for subject in WISHES.values()),
    Column("notes", Section.PERSONAL, 36),
    Column("balance", Section.BALANCE, 14),
)
_MONEY = Column("currency", width=9)
_TRIP = (
    Column("destination", Section.TRIPS, 18),
    Column("country", Section.TRIPS, 14),
    Column("product", Section.TRIPS, 16),
    Column("departs", Section.TRIPS, 12),
    Column("returns", Section.TRIPS, 12),
    Column("status", Section.TRIPS, 12),
    Column("visa", Section.TRIPS, 14),
    Column("adults", Section.TRIPS, 9),
    Column("children", Section.TRIPS, 9),
    Column("price", Section.PRICES, 14),
    Column("paid", Section.PRICES, 14),
    Column("travellers", Section.TRIPS, 30),
    Column("trip_note", Section.TRIPS, 28),
    Column("bought_from", Section.PRICES, 18),
    Column("margin", Section.PRICES, 12),
    Column("stars", Section.TRIPS, 8),
    Column("how_it_was", Section.TRIPS, 28),
    Column("asked_how_it_was", Section.TRIPS, 12),
)
_CASE = tuple(
    Column(code, Section.CASES, width)
    for code, width in (
        ("case_kind", 14),
        ("case_state", 12),
        ("subject", 40),
        ("opened", 12),
        ("promised_by", 18),
        ("promised_for", 12),
        ("closed", 12),
    )
)
_MORE = (
    Column("also_named", width=30),
    Column("called", width=16),
    Column("looked_after", width=18),
    Column("branch", width=16),
    Column("sent_by", width=18),
    Column("stage", Section.TRIPS, 18),
    Column("chance", Section.TRIPS, 10),
    Column("customers_sent", width=10),
    Column("top_customer", Section.PRICES, 10),
    Column("best_percent", Section.PRICES, 10),
)
CASE_COLUMNS = (
    Column("number", Section.CASES, 8),
    Column("whole_name", Section.CASES, 26),
    *_CASE,
)
"""Columns of the sheet that has a row for each case."""


def columns_for(
    sections: Sections, words: ExportWords, *, documents: bool = False
) -> tuple[Column, ...]:
    """Return the columns that these permissions allow; ``documents``: with their numbers."""
    money = _MONEY if sections & {Section.BALANCE, Section.PRICES} else None
    papers = DOCUMENT_COLUMNS if documents else ()
    moneys = (money,) if money else ()
    built_in = (*_PERSON, *papers, *moneys, *_TRIP, *_MORE, *_CASE)
    of_customers = own_columns(words, OwnSubject.CUSTOMER, built_in)
    of_trips = own_columns(words, OwnSubject.TRIP, built_in)
    every = (*_PERSON, *of_customers, *papers, *moneys, *_TRIP, *of_trips, *_MORE, *_CASE)
    return tuple(one for one in every if one.section is None or one.section in sections)


def rows_of(
    one: CustomerExportRecord, columns: Sequence[Column], words: ExportWords, sections: Sections
) -> Iterator[list[Cell]]:
    """Yield the rows of one customer, a cell for each column."""
    person = _person(one, words) | own_cells(words, OwnSubject.CUSTOMER, one.draft.own)
    trips = one.draft.trips if Section.TRIPS in sections else ()
    cases = one.draft.cases if Section.CASES in sections else ()
    if Section.BALANCE in sections and one.draft.balance:
        person |= _owed(one.draft)
        if trips and _another_currency(one.draft, trips[0]):
            yield _in_order(person, columns)
            person = {}
    papers = document_rows(one.draft.documents, words) if Section.PERSONAL in sections else []
    for trip, case, document in zip_longest(trips, cases, papers):
        cells = _trip(trip, words, sections) if trip is not None else {}
        cells |= _case(case, words) if case is not None else {}
        cells |= document or {}
        yield _in_order(cells | person, columns)
        person = {}
    if person:
        yield _in_order(person, columns)


def case_rows_of(one: CustomerExportRecord, words: ExportWords) -> Iterator[list[Cell]]:
    for case in one.draft.cases:
        person: dict[str, Cell] = {
            "number": int(one.id),
            "whole_name": _first_name(one.draft).full,
        }
        yield _in_order(person | _case(case, words), CASE_COLUMNS)


def _in_order(cells: dict[str, Cell], columns: Sequence[Column]) -> list[Cell]:
    return [cells.get(column.code) for column in columns]


def _another_currency(draft: CustomerDraft, trip: TripDraft) -> bool:
    return _has_amounts(trip) and trip.currency != draft.currency


def _has_amounts(trip: TripDraft) -> bool:
    return bool(trip.price or trip.paid or trip.margin)


def _owed(draft: CustomerDraft) -> dict[str, Cell]:
    return {"balance": draft.balance, "currency": draft.currency}


def _person(one: CustomerExportRecord, words: ExportWords) -> dict[str, Cell]:
    draft = one.draft
    name = _first_name(draft)
    return {
        "number": int(one.id),
        "code": draft.code,
        "title": _word(words, "title", draft.title.value),
        "given": name.given,
        "family": name.family,
        **_phones(draft.phones),
        "email": ", ".join(draft.emails),
        "gender": _gender(draft, words),
        "language": draft.language,
        "tier": _word(words, "tier", draft.tier.value),
        "vip": words("Yes") if draft.vip else None,
        "birthday": _day(draft.birthday, words),
        "anniversary": _day(draft.anniversary, words),
        "since": draft.customer_since,
        "household": draft.household,
        "city": draft.city,
        "heard_from": draft.heard_from,
        "company": draft.company,
        "tags": ", ".join(draft.tags),
        **{
            _consent_code(channel): _consent(consent, words)
            for channel, consent in draft.consents.items()
        },
        "preferences": draft.preferences or join_preferences(draft.wishes),
        **{f"wish_{subject}": draft.wishes.get(subject) for subject in WISHES.values()},
        "notes": draft.notes,
        "also_named": "; ".join(_whole(name) for name in list(draft.names.values())[1:]),
        "called": "\n".join(name.called for name in draft.names.values()).rstrip("\n"),
        "looked_after": one.owner,
        "branch": one.branch,
        "sent_by": one.sent_by.full if one.sent_by else None,
        "stage": _word(words, "stage", one.stage),
        "chance": one.chance,
        "customers_sent": one.sent or None,
        "top_customer": words("Yes") if one.is_top else None,
        "best_percent": one.best_percent,
    }


def _consent(consent: Consent, words: ExportWords) -> str:
    """Return ``Yes · 2026-01-31 · Phone call · Maryam``, as the import reads it."""
    source = consent.source
    parts = (
        words("Yes" if consent.given else "No"),
        consent.day.isoformat() if consent.day else "",
        words(f"consent_source.{source}") if source in SOURCES else source,
        consent.by,
    )
    return f" {SEPARATOR} ".join(parts).rstrip(f" {SEPARATOR}")


_OF_A_GENDER = frozenset({Title.MR, Title.MS})


def _gender(draft: CustomerDraft, words: ExportWords) -> str | None:
    """Return the gender; also the unknown one, where the title alone would imply another."""
    if draft.gender is Gender.UNSAID and draft.title in _OF_A_GENDER:
        return words("gender.unsaid")
    return _word(words, "gender", draft.gender.value)


def _first_name(draft: CustomerDraft) -> PersonName:
    return next(iter(draft.names.values()), PersonName("", ""))


def _whole(name: PersonName) -> str:
    """Return the name in one cell, so that the import splits it the same way."""
    again, title = split_name(name.full, family_first=False)
    same = title is None and (again.given, again.family) == (name.given, name.family)
    return name.full if same else f"{name.family}, {name.given}"


_PLACES = {"mobile": "mobile", "home": "home_phone", "work": "work_phone"}


def _phones(phones: Sequence[PhoneDraft]) -> dict[str, Cell]:
    found: dict[str, tuple[PhoneDraft, ...]] = {}
    for phone in phones:
        place = _PLACES.get(phone.label, "phone")
        found[place] = (*found.get(place, ()), phone)
    return {place: PhoneCell(numbers) for place, numbers in found.items()}


def _case(case: CaseDraft, words: ExportWords) -> dict[str, Cell]:
    return {
        "case_kind": words(f"case_kind.{case.kind}"),
        "case_state": words(f"case_state.{case.state}"),
        "subject": case.subject,
        "opened": case.opened,
        "promised_by": case.promised_by,
        "promised_for": case.promised_for,
        "closed": case.closed,
    }


def _trip(trip: TripDraft, words: ExportWords, sections: Sections) -> dict[str, Cell]:
    seen = Section.PRICES in sections and _has_amounts(trip)
    cells: dict[str, Cell] = {
        "destination": trip.destination,
        "country": country_name(trip.country, words.language),
        "product": words(f"product.{trip.product}"),
        "departs": trip.departs,
        "returns": trip.returns,
        "status": words(f"trip_status.{trip.status}"),
        "visa": _word(words, "visa_state", trip.visa.value, nothing="not_needed"),
        "adults": trip.adults,
        "children": trip.children or None,
        "price": trip.price or None,
        "paid": trip.paid or None,
        "travellers": _travellers(trip.travellers),
        "trip_note": trip.note,
        "bought_from": trip.supplier,
        "margin": trip.margin or None,
        "stars": trip.rating,
        "how_it_was": trip.feedback,
        "asked_how_it_was": trip.feedback_asked,
    }
    if seen:
        cells["currency"] = trip.currency
    return cells | own_cells(words, OwnSubject.TRIP, trip.own)


def _travellers(travellers: Sequence[TravellerDraft]) -> str | None:
    """Return the travellers in one cell, as ``parse_travellers`` reads them again.

    Without the customer number: it is each office's own. With a closing semicolon a comma
    or the word "and" in a name does not separate names.
    """
    texts = [_traveller(one) for one in travellers]
    return f"{texts[0]};" if len(texts) == 1 else "; ".join(texts) or None


def _traveller(one: TravellerDraft) -> str:
    name = one.name.replace(";", ",").replace("|", "/")
    text = traveller_text(TravellerDraft(name, one.numbers[:1]))
    return f"{text} {CHILD_MARK}" if one.child else text


_NOTHING_SAID = frozenset({"none", "unsaid"})


def _word(words: ExportWords, kind: str, code: str, nothing: str = "") -> str | None:
    return None if code in _NOTHING_SAID or code == nothing else words(f"{kind}.{code}")


_LEAP_DAY = date(NO_YEAR, 2, 29)


def _day(day: date | None, words: ExportWords) -> Cell:
    """Return the day; a birthday without a year is no calendar day, so it stays text.

    29 February is the same Persian day as the 28th where it is celebrated on that, so it stays
    Gregorian.
    """
    if day is None or day.year != NO_YEAR:
        return day
    persian = words.language == "fa" and words.today is not None and day != _LEAP_DAY
    return persian_text(day, words.today) if persian and words.today else day.strftime("%d/%m")
