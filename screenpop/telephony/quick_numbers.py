"""The everyday spellings of everyday numbers, read forty times as fast as ``numbers.resolve``.

A sheet has a hundred thousand of them. Only what is certain is answered here: a mobile or a
landline of the plan's own country, written with its trunk zero, its country code, or neither, and
nothing else in the text. All other text is for ``resolve``, which gives the same answer for these.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

from screenpop.telephony.identifiers import E164
from screenpop.telephony.plan import NumberPlan


class QuickNumber(NamedTuple):
    e164: E164
    last_nine: str
    line_type: str
    """``mobile`` or ``fixed``."""


QuickReader = Callable[[str], QuickNumber | None]

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
_NEVER = re.compile(r"(?!)")
_SHORTEST, _LONGEST = 9, 17


def quick_reader(plan: NumberPlan) -> QuickReader:
    """A function from text (digits as ASCII) to the number, or None where ``resolve`` must say."""
    metadata = PhoneMetadata.metadata_for_region(plan.region, None)
    if metadata is None or not _is_simple(plan, metadata):
        return _nothing_is_certain
    code = str(metadata.country_code)
    rare = [_pattern(getattr(metadata, name)) for name in _RARE_TYPES]
    others = re.compile("|".join(part for part in rare if part) or "(?!)")
    types = (("mobile", metadata.mobile), ("fixed", metadata.fixed_line))
    kinds = tuple((kind, _compiled(desc), _lengths(desc)) for kind, desc in types)

    def read(text: str) -> QuickNumber | None:
        national = _national(text.translate(_BETWEEN), code, plan, metadata.national_prefix or "")
        if not national:
            return None
        length = len(national)
        found = [
            kind
            for kind, pattern, lengths in kinds
            if length in lengths and pattern.fullmatch(national)
        ]
        if len(found) != 1 or others.fullmatch(national):
            return None
        digits = code + national
        if len(digits) < _SHORTEST:
            return None
        return QuickNumber(E164("+" + digits), digits[-9:], found[0])

    return read


def _nothing_is_certain(_text: str) -> None:
    return None


def _is_simple(plan: NumberPlan, metadata: PhoneMetadata) -> bool:
    """One country to its code, no prefix that is more than a zero, no words that hold digits."""
    words = (*plan.withheld_words, *plan.unknown_words)
    return (
        COUNTRY_CODE_TO_REGION_CODE.get(metadata.country_code or 0) == (plan.region,)
        and metadata.national_prefix in (None, "0")
        and metadata.national_prefix_for_parsing in (None, "0")
        and metadata.national_prefix_transform_rule is None
        and metadata.international_prefix == "00"
        and not any(char.isdigit() for word in words for char in word)
    )


def _national(digits: str, code: str, plan: NumberPlan, trunk_prefix: str) -> str:
    """The number inside its country; empty where the text is not plainly one."""
    plus = digits.startswith("+")
    bare = digits[1:] if plus else digits
    if not (bare.isascii() and bare.isdecimal()) or len(bare) > _LONGEST:
        return ""
    if plus:
        return _without(bare, code)
    if plan.is_extension(bare):
        return ""
    if bare.startswith("00"):
        return _without(bare[2:], code)
    if bare.startswith("0"):
        return _without(bare, trunk_prefix)
    return "" if bare.startswith(code) else bare


def _without(digits: str, prefix: str) -> str:
    rest = digits[len(prefix) :]
    return rest if prefix and digits.startswith(prefix) and not rest.startswith("0") else ""


def _pattern(desc: PhoneNumberDesc | None) -> str:
    pattern = None if desc is None else desc.national_number_pattern
    return f"(?:{pattern})" if pattern else ""


def _compiled(desc: PhoneNumberDesc | None) -> re.Pattern[str]:
    pattern = _pattern(desc)
    return re.compile(pattern) if pattern else _NEVER


def _lengths(desc: PhoneNumberDesc | None) -> frozenset[int]:
    return frozenset() if desc is None else frozenset(desc.possible_length)
