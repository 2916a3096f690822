"""Consents in forms and in the JSON API: only the channels that change."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from screenpop.customers.consent import (
    API_SOURCE,
    CHANNELS,
    LONGEST_SOURCE,
    OFFERS,
    Consent,
    Consents,
    source_code,
)
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.yearless_days import NO_YEAR

Errors = dict[str, str]
ConsentChanges = dict[str, Consent | None]
"""Channel to its new consent; None: back to never asked."""

_STATES = {"": None, "yes": True, "no": False}


def consent_fields(consents: Consents, language: str) -> dict[str, str]:
    """Return the initial values of the form."""
    return {
        name: value
        for channel, consent in consents.items()
        for name, value in (
            (f"consent_{channel}", "yes" if consent.given else "no"),
            (f"consent_{channel}_day", format_date(consent.day, language)),
            (f"consent_{channel}_source", consent.source),
        )
    }


def read_consent_form(
    form: Mapping[str, str], kept: Consents, today: date, user_id: str
) -> tuple[ConsentChanges, Errors]:
    """Return the changes of a form, and its errors by field.

    A channel that the form does not have stays as it is. An unchanged one keeps its user.
    """
    changes: ConsentChanges = {}
    errors: Errors = {}
    for channel in CHANNELS:
        name = f"consent_{channel}"
        state = form.get(name, "missing").strip()
        if state == "missing":
            continue
        if state not in _STATES:
            errors[name] = "not_a_choice"
            continue
        given, before = _STATES[state], kept.get(channel)
        if given is None:
            changes |= {channel: None} if before else {}
            continue
        consent = _read_consent(form, name, given, today, before, errors)
        if before is None or _without_user(before) != consent:
            changes[channel] = Consent(given, consent.day, consent.source, user_id)
    return changes, errors


def _read_consent(
    form: Mapping[str, str],
    name: str,
    given: bool,
    today: date,
    before: Consent | None,
    errors: Errors,
) -> Consent:
    source = source_code(form.get(f"{name}_source", ""))
    if len(form.get(f"{name}_source", "").strip()) > LONGEST_SOURCE:
        errors[f"{name}_source"] = "too_long"
    elif given and not source:
        errors[f"{name}_source"] = "no_source"
    text = form.get(f"{name}_day", "").strip()
    unknown = before is not None and before.given is given and before.day is None
    day = None if unknown and not text else today
    if text:
        try:
            day = past_day(text, today)
        except InvalidDateError as error:
            errors[f"{name}_day"] = str(error)
    return Consent(given, day, source)


def _without_user(consent: Consent) -> Consent:
    return Consent(consent.given, consent.day, consent.source)


def past_day(text: str, today: date) -> date | None:
    """Return a full day up to today; None for an empty text. Raises ``InvalidDateError``."""
    try:
        day = parse_date(text)
    except InvalidDateError as error:
        raise InvalidDateError("not_a_day") from error
    if day is not None and day.year == NO_YEAR:
        raise InvalidDateError("not_a_day")
    if day is not None and day > today:
        raise InvalidDateError("in_the_future")
    return day


class ConsentInput(BaseModel):
    """One channel. ``day`` is today if it is missing, ``source`` is ``api``."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["yes", "no", "never_asked"]
    day: Annotated[str, Field(max_length=20, examples=["2026-01-31"])] | None = None
    source: Annotated[str, Field(max_length=LONGEST_SOURCE, examples=["phone"])] = ""
    """``phone``, ``in_person``, ``email``, ``website``, ``paper``, ``api``, or other text."""


class ConsentsInput(BaseModel):
    """Channels to set; missing ones stay as they are."""

    model_config = ConfigDict(extra="forbid")

    offers: ConsentInput | None = None
    email: ConsentInput | None = None
    sms: ConsentInput | None = None
    phone: ConsentInput | None = None
    recording: ConsentInput | None = None
    data: ConsentInput | None = None


def changes_of_api(
    consents: ConsentsInput | None, offers: bool | None, today: date, user_id: str
) -> ConsentChanges:
    """Return the changes of a request. Raises ``InvalidDateError``.

    ``offers``: ``marketing_consent`` of the request, used where ``consents`` does not name offers.
    """
    changes: ConsentChanges = {}
    if offers is not None:
        changes[OFFERS] = Consent(offers, today, API_SOURCE, user_id)
    for channel in CHANNELS:
        given: ConsentInput | None = getattr(consents, channel, None)
        if given is None:
            continue
        if given.state == "never_asked":
            changes[channel] = None
            continue
        day = past_day(given.day or "", today) or today
        source = given.source.strip() or API_SOURCE
        changes[channel] = Consent(given.state == "yes", day, source, user_id)
    return changes
