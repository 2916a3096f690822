"""Rules against toll fraud: which stored numbers a page may dial.

A number on file may come from a stranger: who rings once and hangs up from an expensive number
waits to be called back, and a stolen session would dial such numbers all night.
"""

from collections.abc import Collection
from typing import Final

from phonenumbers import (
    NumberParseException,
    PhoneNumberType,
    number_type,
    parse,
    region_code_for_number,
)

from screenpop.telephony.identifiers import E164, Region

EVERY_COUNTRY: Final = "*"
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})


def toll_refusal(number: E164, home: Region, countries: Collection[str]) -> str:
    """Return an empty text for a number that may be dialled, else the code of the reason.

    ``home``: the country of the office, always allowed. ``countries``: ISO 3166 codes of others, or
    ``*`` for every one, which also lets numbers of no country be dialled (satellites).
    Codes: ``not_dialable``, ``premium_number``, ``country_not_allowed``.
    """
    try:
        parsed = parse(number)
    except NumberParseException:
        return "not_dialable"
    if number_type(parsed) in _COSTLY:
        return "premium_number"
    if EVERY_COUNTRY in countries or region_code_for_number(parsed) in {home, *countries}:
        return ""
    return "country_not_allowed"
