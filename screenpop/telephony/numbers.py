"""How a raw caller id is understood: one table of steps, the first that fits decides.

The library reads almost anything as some number (``101`` as ``+98101``, ``1-800-FLOWERS`` by its
letters), so a reading counts only when it is a *valid* number, and what is no number at all has
been sorted out before. The raw text is always kept: metadata changes between versions of the
library, and a number may be understood anew.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    number_type,
    parse,
    region_code_for_number,
)

from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.everyday import everyday
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.plan import NumberPlan
from screenpop.telephony.said import LONGEST, Said, unwrap
from screenpop.telephony.text import ascii_digits, is_repeated_digit, last_nine, shown
from screenpop.telephony.words import means_unknown, means_withheld, word
from screenpop.values import dataclass

__all__ = [
    "Explanation",
    "NumberPlan",
    "Reading",
    "explain",
    "format_for_people",
    "last_nine",
    "learn_all_countries",
    "resolve",
]

FEWEST_DIGITS, MOST_DIGITS = 4, 20
"""E.164 ends at 15 digits; a few more for the zeros that exchanges put before it."""

FEWEST_REPEATED = 7
"""From so many equal digits on a text is a placeholder, and no phone of ours that nobody set up."""

LONGEST_LOCAL = 8
"""Digits of a number dialled inside one town."""

LONGEST_SHOWN = 64
LONGEST_REMEMBERED = 64

_LINE_TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "uan",
    PhoneNumberType.VOICEMAIL: "voicemail",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One step that was tried. ``step`` is one of ``CallerId.how``'s codes."""

    step: str
    text: str
    """What was read: the text without its wrapping, or the number as spelt for this step."""
    fits: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A caller id, and every step on the way to it, in order."""

    caller: CallerId
    readings: tuple[Reading, ...]


def resolve(raw: str, *, plan: NumberPlan, withheld: bool = False) -> CallerId:
    """What a caller id means on a trunk with this plan.

    ``withheld``: the PBX says that the presentation is prohibited; the number stays unread then.
    Never raises, whatever is sent.
    """
    if len(raw) > LONGEST_REMEMBERED:
        return _understand(raw, plan, withheld).caller
    return _remembered(raw, plan, withheld)


def explain(raw: str, *, plan: NumberPlan, withheld: bool = False) -> Explanation:
    """The same with every step that was tried, for people who wonder."""
    return _understand(raw, plan, withheld)


def format_for_people(e164: E164) -> str:
    """``+98 912 345 6789`` for ``+989123456789``; the text itself if it is no number."""
    try:
        return _international(parse(e164))
    except NumberParseException:
        return shown(e164, LONGEST_SHOWN)


def learn_all_countries() -> None:
    """Loads the numbers of every country (75 ms), so that the first call from one need not."""
    PhoneMetadata.load_all()


@lru_cache(maxsize=8192)
def _remembered(raw: str, plan: NumberPlan, withheld: bool) -> CallerId:
    quick = None if withheld else everyday(raw, plan)
    return quick or _understand(raw, plan, withheld).caller


def _understand(raw: str, plan: NumberPlan, withheld: bool) -> Explanation:
    said = unwrap(raw, withheld=withheld)
    readings = []
    for step, read in _NO_NUMBERS:
        caller = read(said, plan)
        readings.append(Reading(step, said.text, caller is not None))
        if caller is not None:
            return Explanation(caller, tuple(readings))
    for step, spelling in _spellings(said, plan):
        caller = _valid_number(said, step, spelling, plan.region)
        readings.append(Reading(step, spelling, caller is not None))
        if caller is not None:
            return Explanation(caller, tuple(readings))
    caller = _kept_as_sent(said, "invalid", last_nine(said.digits))
    return Explanation(caller, (*readings, Reading("invalid", said.text, fits=True)))


# What is no number, in the order of asking.


def _withheld_presentation(said: Said, _plan: NumberPlan) -> CallerId | None:
    if not said.withheld:
        return None
    return CallerId(said.raw, CallerIdKind.WITHHELD, "withheld_presentation")


def _too_long(said: Said, _plan: NumberPlan) -> CallerId | None:
    return _kept_as_sent(said, "too_long") if len(said.raw) > LONGEST else None


def _empty(said: Said, _plan: NumberPlan) -> CallerId | None:
    if said.digits or any(char.isalpha() or char in "*#" for char in said.label + said.text):
        return None
    return CallerId(said.raw, CallerIdKind.UNKNOWN, "empty")


def _withheld_word(said: Said, plan: NumberPlan) -> CallerId | None:
    if _says(said, means_withheld, plan.withheld_words):
        return CallerId(said.raw, CallerIdKind.WITHHELD, "withheld_word")
    return None


def _unknown_word(said: Said, plan: NumberPlan) -> CallerId | None:
    if _says(said, means_unknown, plan.unknown_words):
        return CallerId(said.raw, CallerIdKind.UNKNOWN, "unknown_word")
    return None


def _says(said: Said, means: Callable[[str], bool], more: tuple[str, ...]) -> bool:
    if not (more or said.label or any(map(str.isalpha, said.text))):
        return False
    # The label too: "Private 0912…" names a caller who asked not to be named.
    spoken = {word(said.label), word(said.text)} - {""}
    return any(map(means, spoken)) or (bool(more) and not _words(more).isdisjoint(spoken))


@lru_cache(maxsize=64)
def _words(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(word, listed)) - {""}


def _letters(said: Said, _plan: NumberPlan) -> CallerId | None:
    if any(map(str.isalpha, said.text)) or not said.text:
        return _kept_as_sent(said, "letters")
    return None


def _service_code(said: Said, _plan: NumberPlan) -> CallerId | None:
    if "*" not in said.text and "#" not in said.text:
        return None
    code = "".join(said.text.split())
    if not set(code) <= set("0123456789*#-"):
        return None
    return CallerId(said.raw, CallerIdKind.SERVICE, "service_code", display=shown(code, 32))


def _extension(said: Said, plan: NumberPlan) -> CallerId | None:
    if said.plus or not plan.is_extension(said.digits):
        return None
    digits = said.digits
    return CallerId(said.raw, CallerIdKind.EXTENSION, "extension", extension=digits, display=digits)


def _repeated_digit(said: Said, _plan: NumberPlan) -> CallerId | None:
    """``0000000``, ``09999999999``: what people and exchanges put where they have no number."""
    digits = said.digits
    if len(digits) < FEWEST_DIGITS or not is_repeated_digit(digits.lstrip("0") or digits):
        return None
    if len(digits) < FEWEST_REPEATED:
        return _kept_as_sent(said, "repeated_digit")
    return CallerId(said.raw, CallerIdKind.UNKNOWN, "repeated_digit")


_NO_NUMBERS: tuple[tuple[str, Callable[[Said, NumberPlan], CallerId | None]], ...] = (
    ("withheld_presentation", _withheld_presentation),
    ("too_long", _too_long),
    ("empty", _empty),
    ("withheld_word", _withheld_word),
    ("unknown_word", _unknown_word),
    ("letters", _letters),
    ("service_code", _service_code),
    ("extension", _extension),
    ("repeated_digit", _repeated_digit),
)


# What may be a number, in the order of likelihood.


_OPTIONAL_ZERO = re.compile(r"(?<=[0-9)])\s*[(\[]\s*0\s*[)\]]")
"""The zero of ``+30 (0)210 …``: dialled inside the country only, and in some there not either."""


def _spellings(said: Said, plan: NumberPlan) -> Iterator[tuple[str, str]]:
    yield from _spellings_of(said, said.digits, plan)
    without, count = _OPTIONAL_ZERO.subn("", said.text, count=1)
    if count:
        digits = said.digits[: -len(ascii_digits(said.text))] + ascii_digits(without)
        yield from _spellings_of(said, digits, plan)


def _spellings_of(said: Said, digits: str, plan: NumberPlan) -> Iterator[tuple[str, str]]:
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or "+" in said.text.lstrip("(+ "):
        return
    bare = digits.lstrip("0")
    if said.plus:
        yield "international", "+" + digits
        if digits.startswith("0"):
            yield "extra_zeros", bare
        return
    yield "national", digits
    yield from _respellings(digits, bare, plan.area_code)


def _respellings(digits: str, bare: str, area_code: str) -> Iterator[tuple[str, str]]:
    """Two zeros stand before a country, one before a number of this country, a short number is of
    this town; asking in another order finds Micronesia in ``06919345678`` (Greece) and Germany in
    ``49301234`` (Tehran)."""
    if digits.startswith("00"):
        yield "international", "+" + bare
        yield "extra_zeros", bare
    elif digits.startswith("0"):
        yield "extra_zeros", bare
        yield "missing_plus", "+" + bare
    elif area_code and len(digits) <= LONGEST_LOCAL:
        yield "area_code", area_code + digits
        yield "missing_plus", "+" + digits
    else:
        yield "missing_plus", "+" + digits
        if area_code:
            yield "area_code", area_code + digits


def _valid_number(said: Said, step: str, spelling: str, region: Region) -> CallerId | None:
    try:
        number = parse(spelling, region, keep_raw_input=True)
    except NumberParseException:
        return None
    # Of no type is what is_valid_number calls invalid, at half the price of asking both.
    type_ = number_type(number)
    if type_ == PhoneNumberType.UNKNOWN:
        return None
    if number.national_number is not None and _is_placeholder(number.national_number):
        return None
    country = region_code_for_number(number) or ""
    e164 = format_number(number, PhoneNumberFormat.E164)
    return CallerId(
        raw=said.raw,
        kind=CallerIdKind.NUMBER,
        how=_how(step, number),
        e164=E164(e164),
        # Freephone and satellite numbers belong to no country; the library calls it "001".
        region=Region(country) if country.isalpha() else None,
        line_type=_LINE_TYPES.get(type_),
        display=_international(number),
        last_nine=last_nine(e164),
    )


def _is_placeholder(national: int) -> bool:
    """Nine or more equal digits. Shorter ones are some people's dear numbers (``+974 5555 5555``),
    where the country is given."""
    digits = str(national)
    return len(digits) >= 9 and is_repeated_digit(digits)


def _how(step: str, number: PhoneNumber) -> str:
    """In the trunk's own country the library also takes ``00`` and a missing plus for granted."""
    if step != "national":
        return step
    match number.country_code_source:
        case CountryCodeSource.FROM_NUMBER_WITH_IDD:
            return "international"
        case CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
            return "missing_plus"
        case _:
            return step


def _international(number: PhoneNumber) -> str:
    return format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _kept_as_sent(said: Said, how: str, nine: str | None = None) -> CallerId:
    display = shown(said.raw, LONGEST_SHOWN)
    return CallerId(said.raw, CallerIdKind.RAW, how, display=display, last_nine=nine)
