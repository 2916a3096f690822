"""The digits by which a phone of an office dials a number."""

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    format_out_of_country_calling_number,
    parse,
    region_code_for_number,
)

from screenpop.common.text import ascii_digits
from screenpop.telephony.identifiers import E164, Region


def dialled_digits(number: E164, region: Region) -> str:
    """Return a number as dialled in a country: ``09123456789`` in Iran, ``0030…`` for Greece.

    Returns an empty text for a number that cannot be dialled.
    """
    try:
        parsed = parse(number)
    except NumberParseException:
        return ""
    if region_code_for_number(parsed) == region:
        return ascii_digits(format_number(parsed, PhoneNumberFormat.NATIONAL))
    return ascii_digits(format_out_of_country_calling_number(parsed, region))
