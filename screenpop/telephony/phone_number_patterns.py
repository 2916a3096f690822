"""Matches common spellings of common numbers, forty times as fast as ``phone_numbers.resolve``.

A sheet can have a hundred thousand numbers. Only certain matches are returned: a mobile or landline
of the plan's own country, written with its trunk zero, its country code, or neither, and no other
text. All other text is left to ``resolve``, which gives the same result for these.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

from screenpop.telephony.identifiers import E164
from screenpop.telephony.number_plan import NumberPlan


class MatchedNumber(NamedTuple):
    e164: E164
    last_nine: str
    line_type: str
    """``mobile`` or ``fixed``."""


NumberMatcher = Callable[[str], MatchedNumber | None]

_BETWEEN = str.maketrans("", "", " -()")
_RARE_TYPES = (
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_FEWEST, _MOST = 4, 14
"""Digits of a national number."""
_SHORTEST = 9
"""Digits with country code; a shorter number has no ``last_nine``."""


def build_number_matcher(plan: NumberPlan) -> NumberMatcher:
    """Return a function from ASCII digits to a number, or to None if ``resolve`` must decide."""
    metadata = PhoneMetadata.metadata_for_region(plan.region, None)
    if metadata is None or not _is_simple(plan, metadata):
        return _match_nothing
    code = str(metadata.country_code)
    before = f"(?:(?:\\+|00){code}|{metadata.national_prefix or '(?!)'})?"
    spelt = re.compile(f"{before}([1-9][0-9]{{{_FEWEST - 1},{_MOST - 1}}})")
    rare = tuple(_pattern(getattr(metadata, name)) for name in _RARE_TYPES)
    mobile, fixed = _pattern(metadata.mobile), _pattern(metadata.fixed_line)
    kinds = (
        ("mobile", _any_of(mobile), _any_of(fixed, *rare), _lengths(metadata.mobile)),
        ("fixed", _any_of(fixed), _any_of(mobile, *rare), _lengths(metadata.fixed_line)),
    )

    def read(text: str) -> MatchedNumber | None:
        digits = text.translate(_BETWEEN)
        found = spelt.fullmatch(digits)
        if found is None:
            return None
        national = found[1]
        if national is not None and len(national) == len(digits) and digits.startswith(code):
            return None  # Either with or without its country code: not certain.
        if digits[0] != "+" and plan.is_extension(digits):
            return None
        for kind, pattern, others, lengths in kinds:
            if len(national) in lengths and pattern.fullmatch(national):
                if others.fullmatch(national) or len(code) + len(national) < _SHORTEST:
                    return None
                whole = code + national
                if whole.endswith(national[-1] * 7):
                    return None  # Possibly a placeholder of one repeated digit.
                return MatchedNumber(E164("+" + whole), whole[-9:], kind)
        return None

    return read


def _match_nothing(_text: str) -> None:
    return None


def _is_simple(plan: NumberPlan, metadata: PhoneMetadata) -> bool:
    """Return whether the plan's country has its own code, no prefix but zero and no digits in
    words."""
    words = (*plan.withheld_words, *plan.unknown_words)
    return (
        COUNTRY_CODE_TO_REGION_CODE.get(metadata.country_code or 0) == (plan.region,)
        and metadata.national_prefix in (None, "0")
        and metadata.national_prefix_for_parsing in (None, "0")
        and metadata.national_prefix_transform_rule is None
        and metadata.international_prefix == "00"
        and not any(char.isdigit() for word in words for char in word)
    )


def _pattern(desc: PhoneNumberDesc | None) -> str:
    pattern = None if desc is None else desc.national_number_pattern
    return f"(?:{pattern})" if pattern else "(?!)"


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def _lengths(desc: PhoneNumberDesc | None) -> frozenset[int]:
    return frozenset() if desc is None else frozenset(desc.possible_length)
