"""Everyday numbers as caller ids."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_number_fast_path import resolve_common
from screenpop.telephony.phone_numbers import explain

TEHRAN = NumberPlan(Region("IR"), "21", extensions=("1XX", "8XXXXXXX"))
ATHENS = NumberPlan(Region("GR"), "210")
PLANS = (TEHRAN, ATHENS, *(NumberPlan(Region(r)) for r in ("DE", "TR", "US", "IT", "GB", "AE")))

regions = sorted(phonenumbers.SUPPORTED_REGIONS)
examples = [
    found
    for region in regions
    for kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    if (found := phonenumbers.example_number_for_type(region, kind)) is not None
]


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A real number of some country with its last digits thrown anew, as a trunk may send it."""
    number = draw(st.sampled_from(examples))
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    last = draw(st.text("0123456789", min_size=0, max_size=6))
    whole = e164[: len(e164) - len(last)] + last
    national = str(number.national_number)
    return draw(st.sampled_from((whole, whole[1:], "00" + whole[1:], national, "0" + national)))


@pytest.mark.slow
@settings(max_examples=2000)
@given(st.sampled_from(PLANS), numbers() | st.text("+0123456789", max_size=16))
def test_whatever_is_answered_is_what_the_whole_reading_answers(plan: NumberPlan, raw: str) -> None:
    quick = resolve_common(raw, plan)
    assert quick is None or quick == explain(raw, plan=plan).caller


@pytest.mark.parametrize(
    ("raw", "display", "how"),
    [
        ("+989123456789", "+98 912 345 6789", "international"),
        ("09123456789", "+98 912 345 6789", "national"),
        ("00989123456789", "+98 912 345 6789", "international"),
        ("+306912345678", "+30 691 234 5678", "international"),
        ("02188776655", "+98 21 8877 6655", "national"),
    ],
)
def test_everyday_callers_are_answered(raw: str, display: str, how: str) -> None:
    caller = resolve_common(raw, TEHRAN)
    assert caller is not None
    assert (caller.display, caller.how) == (display, how)


@pytest.mark.parametrize(
    "raw", ["", "101", "anonymous", "+98 912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "+12125550123", "*8"]
)
def test_all_else_is_left_to_the_whole_reading(raw: str) -> None:
    assert resolve_common(raw, TEHRAN) is None
