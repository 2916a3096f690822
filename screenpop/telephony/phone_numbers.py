"""Resolves a raw caller id with an ordered table of steps; the first step that applies decides.

The library parses almost any text as some number (``101`` as ``+98101``, ``1-800-FLOWERS`` by its
letters), so a result counts only when it is a *valid* number, and text that is no number is sorted
out first. The raw text is always kept: metadata changes between versions of the library, and a
number may be resolved again.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
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

from screenpop.common.text import ascii_digits, display_text, is_repeated_digit, last_nine
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.caller_id_parser import LONGEST, RawCallerId, parse_caller_id
from screenpop.telephony.caller_id_words import means_unknown, means_withheld, normalize_word
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_number_fast_path import resolve_common

__all__ = [
    "Explanation",
    "NumberPlan",
    "ResolutionAttempt",
    "explain",
    "format_for_people",
    "last_nine",
    "preload_metadata",
    "resolve",
]

FEWEST_DIGITS, MOST_DIGITS = 4, 20
"""E.164 allows 15 digits; exchanges may add a few zeros in front."""

FEWEST_REPEATED = 7
"""A text of at least this many equal digits is a placeholder and no unassigned extension."""

MAX_LOCAL_DIGITS = 8
"""Digits of a number dialled inside one town."""

MAX_DISPLAY_LENGTH = 64
MAX_CACHED_LENGTH = 64

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
class ResolutionAttempt:
    """One step of the resolver. ``step`` is one of the codes of ``CallerId.how``."""

    step: str
    text: str
    """The input of this step: the text without address and label, or one spelling of the number."""
    fits: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """A caller id and every step that led to it, in order."""

    caller: CallerId
    readings: tuple[ResolutionAttempt, ...]


def resolve(raw: str, *, plan: NumberPlan, withheld: bool = False) -> CallerId:
    """Return what a caller id means on a trunk with this plan.

    ``withheld``: the PBX marks the presentation as prohibited; the number is not read then. Never
    raises for any text.
    """
    if len(raw) > MAX_CACHED_LENGTH:
        return _resolve(raw, plan, withheld).caller
    return _resolve_cached(raw, plan, withheld)


def explain(raw: str, *, plan: NumberPlan, withheld: bool = False) -> Explanation:
    """Return the same with every step that was tried, for the trace shown to users."""
    return _resolve(raw, plan, withheld)


@lru_cache(maxsize=8192)
def format_for_people(e164: E164) -> str:
    """Return ``+98 912 345 6789`` for ``+989123456789``; the text unchanged if it is no number."""
    try:
        return _international(parse(e164))
    except NumberParseException:
        return display_text(e164, MAX_DISPLAY_LENGTH)


def preload_metadata() -> None:
    """Load the metadata of every country (75 ms), so that the first foreign call need not."""
    PhoneMetadata.load_all()


@lru_cache(maxsize=8192)
def _resolve_cached(raw: str, plan: NumberPlan, withheld: bool) -> CallerId:
    quick = None if withheld else resolve_common(raw, plan)
    return quick or _resolve(raw, plan, withheld).caller


def _resolve(raw: str, plan: NumberPlan, withheld: bool) -> Explanation:
    parsed = parse_caller_id(raw, withheld=withheld)
    readings = []
    for step, read in _NON_NUMBER_RULES:
        caller = read(parsed, plan)
        readings.append(ResolutionAttempt(step, parsed.text, caller is not None))
        if caller is not None:
            return Explanation(caller, tuple(readings))
    for step, spelling in _candidate_spellings(parsed, plan):
        caller = _valid_number(parsed, step, spelling, plan.region)
        readings.append(ResolutionAttempt(step, spelling, caller is not None))
        if caller is not None:
            return Explanation(caller, tuple(readings))
    caller = _keep_raw(parsed, "invalid", last_nine(parsed.digits))
    return Explanation(caller, (*readings, ResolutionAttempt("invalid", parsed.text, fits=True)))


# Steps that recognise text which is no number, in order.


def _withheld_presentation(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    if not parsed.withheld:
        return None
    return CallerId(parsed.raw, CallerIdKind.WITHHELD, "withheld_presentation")


def _too_long(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    return _keep_raw(parsed, "too_long") if len(parsed.raw) > LONGEST else None


def _empty(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    if parsed.digits or any(char.isalpha() or char in "*#" for char in parsed.label + parsed.text):
        return None
    return CallerId(parsed.raw, CallerIdKind.UNKNOWN, "empty")


def _withheld_word(parsed: RawCallerId, plan: NumberPlan) -> CallerId | None:
    if _matches_words(parsed, means_withheld, plan.withheld_words):
        return CallerId(parsed.raw, CallerIdKind.WITHHELD, "withheld_word")
    return None


def _unknown_word(parsed: RawCallerId, plan: NumberPlan) -> CallerId | None:
    if _matches_words(parsed, means_unknown, plan.unknown_words):
        return CallerId(parsed.raw, CallerIdKind.UNKNOWN, "unknown_word")
    return None


def _matches_words(
    parsed: RawCallerId, means: Callable[[str], bool], more: tuple[str, ...]
) -> bool:
    if not (more or parsed.label or any(map(str.isalpha, parsed.text))):
        return False
    # The label too: "Private 0912…" is a caller who asked not to be named.
    words = {normalize_word(parsed.label), normalize_word(parsed.text)} - {""}
    return any(map(means, words)) or (bool(more) and not _words(more).isdisjoint(words))


@lru_cache(maxsize=64)
def _words(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalize_word, listed)) - {""}


def _has_letters(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    if any(map(str.isalpha, parsed.text)) or not parsed.text:
        return _keep_raw(parsed, "letters")
    return None


def _service_code(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    if "*" not in parsed.text and "#" not in parsed.text:
        return None
    code = "".join(parsed.text.split())
    if not set(code) <= set("0123456789*#-"):
        return None
    return CallerId(
        parsed.raw, CallerIdKind.SERVICE, "service_code", display=display_text(code, 32)
    )


def _extension(parsed: RawCallerId, plan: NumberPlan) -> CallerId | None:
    if parsed.plus or not plan.is_extension(parsed.digits):
        return None
    digits = parsed.digits
    return CallerId(
        parsed.raw, CallerIdKind.EXTENSION, "extension", extension=digits, display=digits
    )


def _repeated_digit(parsed: RawCallerId, _plan: NumberPlan) -> CallerId | None:
    """Match ``0000000`` or ``09999999999``: placeholders used in place of a number."""
    digits = parsed.digits
    if len(digits) < FEWEST_DIGITS or not is_repeated_digit(digits.lstrip("0") or digits):
        return None
    if len(digits) < FEWEST_REPEATED:
        return _keep_raw(parsed, "repeated_digit")
    return CallerId(parsed.raw, CallerIdKind.UNKNOWN, "repeated_digit")


_NON_NUMBER_RULES: tuple[tuple[str, Callable[[RawCallerId, NumberPlan], CallerId | None]], ...] = (
    ("withheld_presentation", _withheld_presentation),
    ("too_long", _too_long),
    ("empty", _empty),
    ("withheld_word", _withheld_word),
    ("unknown_word", _unknown_word),
    ("letters", _has_letters),
    ("service_code", _service_code),
    ("extension", _extension),
    ("repeated_digit", _repeated_digit),
)


# Steps that read a number, most likely first.


_OPTIONAL_ZERO = re.compile(r"(?<=[0-9)])\s*[(\[]\s*0\s*[)\]]")
"""The zero of ``+30 (0)210 …``: dialled only inside the country, and in some countries not even
there."""


def _candidate_spellings(parsed: RawCallerId, plan: NumberPlan) -> Iterator[tuple[str, str]]:
    yield from _spellings_of(parsed, parsed.digits, plan)
    without, count = _OPTIONAL_ZERO.subn("", parsed.text, count=1)
    if count:
        digits = parsed.digits[: -len(ascii_digits(parsed.text))] + ascii_digits(without)
        yield from _spellings_of(parsed, digits, plan)


def _spellings_of(parsed: RawCallerId, digits: str, plan: NumberPlan) -> Iterator[tuple[str, str]]:
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS or "+" in parsed.text.lstrip("(+ "):
        return
    bare = digits.lstrip("0")
    if parsed.plus:
        yield "international", "+" + digits
        if digits.startswith("0"):
            yield "extra_zeros", bare
        return
    yield "national", digits
    yield from _local_spellings(digits, bare, plan.area_code)


def _local_spellings(digits: str, bare: str, area_code: str) -> Iterator[tuple[str, str]]:
    """Return the spellings to try, in order.

    Two zeros precede a country code, one zero a national number; a short number is local. Another
    order would find Micronesia in ``06919345678`` (Greece) and Germany in ``49301234`` (Tehran).
    """
    if digits.startswith("00"):
        yield "international", "+" + bare
        yield "extra_zeros", bare
    elif digits.startswith("0"):
        yield "extra_zeros", bare
        yield "missing_plus", "+" + bare
    elif area_code and len(digits) <= MAX_LOCAL_DIGITS:
        yield "area_code", area_code + digits
        yield "missing_plus", "+" + digits
    else:
        yield "missing_plus", "+" + digits
        if area_code:
            yield "area_code", area_code + digits


def _valid_number(parsed: RawCallerId, step: str, spelling: str, region: Region) -> CallerId | None:
    try:
        number = parse(spelling, region, keep_raw_input=True)
    except NumberParseException:
        return None
    # A number without a type is what ``is_valid_number`` calls invalid, at half the cost of both
    # calls.
    type_ = number_type(number)
    if type_ == PhoneNumberType.UNKNOWN:
        return None
    if number.national_number is not None and _is_placeholder(number.national_number):
        return None
    country = region_code_for_number(number) or ""
    e164 = format_number(number, PhoneNumberFormat.E164)
    return CallerId(
        raw=parsed.raw,
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
    """Return whether a number has nine or more equal digits.

    Shorter repetitions are real numbers (``+974 5555 5555``) when a country code is given.
    """
    digits = str(national)
    return len(digits) >= 9 and is_repeated_digit(digits)


def _how(step: str, number: PhoneNumber) -> str:
    """Return the code of a successful step.

    In the trunk's own country the library also accepts ``00`` and a missing plus.
    """
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


def _keep_raw(parsed: RawCallerId, how: str, nine: str | None = None) -> CallerId:
    display = display_text(parsed.raw, MAX_DISPLAY_LENGTH)
    return CallerId(parsed.raw, CallerIdKind.RAW, how, display=display, last_nine=nine)
