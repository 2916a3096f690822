"""The place of a number's prefix, in words; optional, because the data takes about 100 MB."""

from phonenumbers import NumberParseException, parse

from screenpop.telephony.identifiers import E164


def place_of(e164: E164, language: str = "en") -> str:
    """Return the town or country of a number's first digits; empty if not known.

    Imports the library's geocoder on first use: half a second and about 100 MB.
    """
    from phonenumbers.geocoder import description_for_number

    try:
        return description_for_number(parse(e164), language)
    except NumberParseException:
        return ""
