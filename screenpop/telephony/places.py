"""Where a number comes from, in words. Costs 100 MB, so only who has switched it on asks here."""

from phonenumbers import NumberParseException, parse

from screenpop.telephony.identifiers import E164


def place_of(e164: E164, language: str = "en") -> str:
    """The town or country of a number's first digits, empty when not known.

    Imports the library's geocoder on first use: half a second and about 100 MB.
    """
    from phonenumbers.geocoder import description_for_number

    try:
        return description_for_number(parse(e164), language)
    except NumberParseException:
        return ""
