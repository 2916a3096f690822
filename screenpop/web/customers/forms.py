"""Parses and checks the customer forms; errors are shown at their fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from screenpop.accounts.departments import Section
from screenpop.common.amounts import MARKS, plain_number
from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits, visible_or_empty
from screenpop.customers.contact_input import is_email, is_placeholder, phone_draft
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.detail import CustomerDetail
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import (
    LANGUAGES,
    CaseKind,
    CaseState,
    CustomerId,
    Gender,
    PersonName,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.customers.own_fields import OwnSubject
from screenpop.store.customers.trips_edit import TravellerInput
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.customers.consent_forms import consent_fields, read_consent_form
from screenpop.web.own_fields.record_forms import own_form

LONGEST_LINE = 200
LONGEST_TEXT = 10_000
LARGEST_AMOUNT = 10**15
WISHES = ("seat", "meals", "season", "budget", "destinations", "other")
LABELS = ("mobile", "home", "work", "other")
_MOST_PARTS = 30

Form = Mapping[str, str]
Errors = dict[str, str]
"""Field to its error code."""


@dataclass(slots=True)
class FormReader:
    """``values`` for the store, ``errors`` for the page."""

    form: Form
    values: dict[str, Any] = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)

    def text(self, name: str, longest: int = LONGEST_LINE) -> str:
        text = visible_or_empty(self.form.get(name, "").strip()).replace("\r\n", "\n")
        if len(text) > longest:
            self.errors[name] = "too_long"
        return text[:longest]

    def day(self, name: str, today: date | None = None, stored: date | None = None) -> date | None:
        """Read a day; ``stored`` stays where the form has it as it was shown on that day."""
        text = self.text(name)
        if stored is not None and text == format_date(stored, "fa", today):
            return stored
        try:
            return parse_date(text, today)
        except InvalidDateError:
            self.errors[name] = "not_a_day"
            return None

    def amount(self, name: str) -> int:
        """Read an amount in whole units; thousands separators and Persian digits are accepted.

        An amount with cents is an error: nothing is rounded.
        """
        text = fold_digits(self.text(name).translate(MARKS)).strip()
        if not text:
            return 0
        value = plain_number(text.removeprefix("-"))
        if value is None or value > LARGEST_AMOUNT:
            self.errors[name] = "not_an_amount"
            return 0
        if value != int(value):
            self.errors[name] = "amount_cents"
            return 0
        return -int(value) if text.startswith("-") else int(value)

    def count(self, name: str, otherwise: int) -> int:
        text = fold(self.text(name)) or str(otherwise)
        if not text.isdigit() or len(text) > 3:
            self.errors[name] = "not_a_count"
            return otherwise
        return int(text)

    def choice(self, name: str, kind: type[Any], otherwise: Any) -> Any:
        text = self.text(name)
        known = {member.value: member for member in kind}
        if text and text not in known:
            self.errors[name] = "not_a_choice"
        return known.get(text, otherwise)

    def several(self, name: str) -> tuple[str, ...]:
        parts = re.split(r"[\n,،;]", self.text(name, LONGEST_TEXT))
        found = (visible_or_empty(part.strip()) for part in parts)
        return tuple(dict.fromkeys(filter(None, found)))[:_MOST_PARTS]

    def person(self, name: str) -> int | None:
        text = fold(self.text(name)).lstrip("#")
        if not text:
            return None
        if not text.isdigit() or len(text) > 18:
            self.errors[name] = "not_a_customer"
            return None
        return int(text)


def read_customer(
    form: Form,
    sections: frozenset[Section],
    file: CustomerDetail | None,
    today: date,
    user_id: str,
) -> FormReader:
    """Read the form of a customer; ignores fields that the user's department may not see.

    ``by``: the name of the user who filled the form, for consents.
    """
    reading = FormReader(form)
    values = reading.values
    values["names"] = _names(reading, file)
    values["title"] = reading.choice("title", Title, Title.NONE)
    values["gender"] = reading.choice("gender", Gender, Gender.UNSAID)
    values["language"] = reading.text("language", 10)
    values["tier"] = reading.choice("tier", Tier, Tier.NONE)
    values["vip"] = "vip" in form
    values["customer_since"] = reading.day("customer_since")
    values["tags"] = reading.several("tags")
    values["emails"] = _emails(reading)
    values["household"] = reading.text("household")
    values["company"] = reading.text("company")
    values["city"] = reading.text("city")
    values["heard_from"] = reading.text("heard_from")
    values["code"] = fold_digits(reading.text("code", 60))
    values["owner"] = reading.person("owner")
    if "branch" in form:
        values["branch"] = reading.person("branch")
    values["referred_by"] = reading.person("referred_by")
    if Section.PERSONAL in sections:
        _personal(reading, file, today)
        kept = file.consents if file is not None else {}
        values["consents"], errors = read_consent_form(form, kept, today, user_id)
        reading.errors |= errors
    if Section.BALANCE in sections:
        values["balance"] = reading.amount("balance")
        values["currency"] = _currency(reading)
    return reading


def _names(reading: FormReader, file: CustomerDetail | None) -> dict[str, PersonName]:
    """Return the names in their original order; names in other languages stay."""
    kept = dict(file.customer.names) if file is not None else {}
    for code in LANGUAGES:
        given, family, called = (
            reading.text(f"name_{code}_{part}") for part in ("given", "family", "called")
        )
        if given or family:
            kept[code] = PersonName(given, family, called)
        else:
            kept.pop(code, None)
    if not kept:
        reading.errors["names"] = "no_name"
    return kept


def _emails(reading: FormReader) -> tuple[str, ...]:
    emails = reading.several("emails")
    if not all(map(is_email, emails)):
        reading.errors["emails"] = "not_an_email"
    return emails


def _currency(reading: FormReader) -> str:
    currency = reading.text("currency", 3).upper()
    if currency and (len(currency) != 3 or not currency.isascii() or not currency.isalpha()):
        reading.errors["currency"] = "not_a_currency"
    return currency


def _personal(reading: FormReader, file: CustomerDetail | None, today: date) -> None:
    values = reading.values
    birthday = file.customer.birthday if file is not None else None
    anniversary = file.anniversary if file is not None else None
    values["birthday"] = reading.day("birthday", today, birthday)
    values["anniversary"] = reading.day("anniversary", today, anniversary)
    values["notes"] = reading.text("notes", LONGEST_TEXT)
    wishes = {subject: reading.text(f"wish_{subject}") for subject in WISHES}
    values["wishes"] = {subject: wish for subject, wish in wishes.items() if wish}
    values["preferences"] = "; ".join(values["wishes"].values())


def read_number(form: Form, plan: NumberPlan, today: date) -> tuple[PhoneDraft | None, Errors]:
    """Read a phone number; one that cannot be parsed is kept as typed and marked."""
    reading = FormReader(form)
    raw = reading.text("number", 80)
    label = reading.text("label", 40)
    if is_placeholder(raw, plan) or not any(char.isdigit() for char in raw):
        reading.errors["number"] = "not_a_number"
    if reading.errors:
        return None, reading.errors
    return phone_draft(raw, plan, label, today if "verified" in form else None), {}


def read_trip(form: Form, sections: frozenset[Section]) -> FormReader:
    reading = FormReader(form)
    values = reading.values
    values["destination"] = reading.text("destination")
    values["country"] = reading.text("country", 2).upper()
    values["product"] = reading.choice("product", Product, Product.OTHER)
    values["status"] = reading.choice("status", TripStatus, TripStatus.ASKED)
    values["departs"], values["returns"] = reading.day("departs"), reading.day("returns")
    values["adults"] = reading.count("adults", 1)
    values["children"] = reading.count("children", 0)
    values["visa"] = reading.choice("visa", VisaState, VisaState.NOT_NEEDED)
    values["note"] = reading.text("note", LONGEST_TEXT)
    values["feedback"] = reading.text("feedback", LONGEST_TEXT)
    values["feedback_asked"] = reading.day("feedback_asked")
    values["rating"] = _rating(reading)
    if Section.PRICES in sections:
        for name in ("price", "paid", "margin"):
            values[name] = reading.amount(name)
        values["currency"] = _currency(reading)
        values["supplier"] = reading.text("supplier")
    if not values["destination"]:
        reading.errors["destination"] = "no_destination"
    country = values["country"]
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        reading.errors["country"] = "not_a_country"
    departs, returns = values["departs"], values["returns"]
    if departs and returns and returns < departs:
        reading.errors["returns"] = "returns_before"
    return reading


def _rating(reading: FormReader) -> int | None:
    text = fold(reading.text("rating"))
    if text and text not in {"1", "2", "3", "4", "5"}:
        reading.errors["rating"] = "not_a_choice"
        return None
    return int(text) if text else None


def read_travellers(form: Form) -> tuple[list[TravellerInput], Errors]:
    """Read one traveller per line: customer id (``#12``) or name; a final ``*`` marks a child."""
    reading = FormReader(form)
    found = []
    for line in reading.text("travellers", LONGEST_TEXT).split("\n")[:_MOST_PARTS]:
        name = line.strip().rstrip("*").strip()
        child = line.strip().endswith("*")
        number = fold(name.split()[0]).lstrip("#") if name.startswith("#") else ""
        if number.isdigit() and len(number) <= 18:
            found.append(TravellerInput(CustomerId(int(number)), "", child))
        elif name:
            found.append(TravellerInput(None, name[:LONGEST_LINE], child))
    return found, reading.errors


def read_case(form: Form, today: date) -> FormReader:
    reading = FormReader(form)
    values = reading.values
    values["kind"] = reading.choice("kind", CaseKind, CaseKind.QUESTION)
    values["state"] = reading.choice("state", CaseState, CaseState.OPEN)
    values["subject"] = reading.text("subject")
    values["opened"] = reading.day("opened") or today
    values["promised_by"] = reading.text("promised_by")
    values["promised_for"] = reading.day("promised_for")
    if not values["subject"]:
        reading.errors["subject"] = "no_subject"
    return reading


_SCRIPTS = (("en", "English", "ltr"), ("fa", "فارسی", "rtl"), ("el", "Ελληνικά", "ltr"))


def name_scripts(form: Form, language: str) -> dict[str, object]:
    """Return the languages of names that the form opens, the reader's first, and the others.

    Where the reader's language has no name, the first one with a name is open too.
    """
    filled = [
        one[0]
        for one in _SCRIPTS
        if any(form.get(f"name_{one[0]}_{part}") for part in ("given", "family", "called"))
    ]
    opened = {language} if language in filled else {language, *filled[:1]}
    ordered = sorted(_SCRIPTS, key=lambda one: one[0] != language)
    return {
        "open": [one for one in ordered if one[0] in opened],
        "folded": [one for one in _SCRIPTS if one[0] not in opened],
    }


def form_moment(text: str) -> float | None:
    """Return the ``changed_at`` that a form carries; None for anything else."""
    try:
        return float(text)
    except ValueError:
        return None


def script_language(name: str) -> str:
    """Return the language of a name from the network, by its script."""
    if any("\u0600" <= char <= "\u06ff" for char in name):
        return "fa"
    if any("\u0370" <= char <= "\u03ff" or "\u1f00" <= char <= "\u1fff" for char in name):
        return "el"
    return "en" if any(char.isascii() and char.isalpha() for char in name) else ""


def form_values(file: CustomerDetail, language: str, today: date) -> dict[str, str]:
    """Return the initial values of the form."""
    customer = file.customer
    form = {
        "title": customer.title.value,
        "gender": customer.gender.value,
        "language": customer.language,
        "tier": customer.tier.value,
        "customer_since": format_date(customer.customer_since, language),
        "birthday": format_date(customer.birthday, language, today),
        "anniversary": format_date(file.anniversary, language, today),
        "tags": ", ".join(file.tags),
        "emails": "\n".join(file.emails),
        "household": file.household.name if file.household else "",
        "company": file.company.name if file.company else "",
        "city": file.city,
        "heard_from": file.heard_from,
        "code": file.code,
        "owner": str(file.owner[0]) if file.owner else "",
        "branch": str(file.branch[0]) if file.branch else "",
        "referred_by": str(file.referred_by.id) if file.referred_by else "",
        "notes": customer.notes,
        "balance": str(customer.balance) if customer.balance else "",
        "currency": customer.currency,
        "version": repr(file.changed_at),
    }
    for code in LANGUAGES:
        name = customer.names.get(code, PersonName("", ""))
        form |= {
            f"name_{code}_given": name.given,
            f"name_{code}_family": name.family,
            f"name_{code}_called": name.called,
        }
    # Preferences imported as one line are shown for sorting by hand.
    wishes = file.wishes or ({"other": customer.preferences} if customer.preferences else {})
    form |= {f"wish_{subject}": wish for subject, wish in wishes.items()}
    form |= consent_fields(file.consents, language)
    form |= own_form(file.own_fields, OwnSubject.CUSTOMER, file.own, language)
    return form | ({"vip": "on"} if customer.vip else {})
