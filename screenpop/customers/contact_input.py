"""Checks of typed contact data: e-mail addresses and phone numbers, for pages, API and cards."""

import re
from datetime import date

from screenpop.customers.draft import PhoneDraft
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

_EMAIL = re.compile(r"[^@\s,;<>]{1,64}@[^@\s,;<>]+\.[^@\s,;<>]{2,}")


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def is_placeholder(raw: str, plan: NumberPlan) -> bool:
    """Return whether it is one repeated digit (``0000000``), which is no real number."""
    return resolve(raw, plan=plan).how == "repeated_digit"


def phone_draft(
    raw: str, plan: NumberPlan, label: str = "", verified_on: date | None = None
) -> PhoneDraft:
    """Return a number as stored; one that cannot be parsed has no ``e164``."""
    resolved = resolve(raw, plan=plan)
    e164 = resolved.e164 if resolved.kind is CallerIdKind.NUMBER else None
    return PhoneDraft(raw, e164, resolved.last_nine, label, verified_on=verified_on)
