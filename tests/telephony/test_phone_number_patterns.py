"""Everyday numbers, read quickly."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_number_patterns import build_number_matcher
from screenpop.telephony.phone_numbers import resolve

TEHRAN = NumberPlan(Region("IR"), "21", extensions=("1XX", "8XXXXXXX"))
ATHENS = NumberPlan(Region("GR"), "210")
PLANS = (
    TEHRAN,
    ATHENS,
    *(NumberPlan(Region(region)) for region in ("CY", "DE", "TR", "AE", "FR", "NL", "US", "IT")),
)

numbers = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "+", "00", "0", "+98", "0098", "+30", "98", "30", "+49", "069"]),
        st.sampled_from(["", "0", "9", "912", "69", "21", "210", "800", "9 1", "(21) ", "5", "70"]),
        st.text("0123456789 -", min_size=3, max_size=12),
    ),
)


@pytest.mark.slow
@settings(max_examples=1500)
@given(st.sampled_from(PLANS), numbers | st.text("+0123456789 ()-.x", max_size=18))
@example(TEHRAN, "09123456789")
@example(TEHRAN, "81234567")
@example(ATHENS, "6912345678")
@example(ATHENS, "8001234567")
def test_whatever_is_answered_is_what_the_whole_reading_answers(
    plan: NumberPlan, text: str
) -> None:
    quick = build_number_matcher(plan)(text)

    if quick is not None:
        caller = resolve(text, plan=plan)
        assert caller.kind is CallerIdKind.NUMBER
        assert quick == (caller.e164, caller.last_nine, caller.line_type)


@pytest.mark.parametrize(
    ("plan", "text", "e164"),
    [
        (TEHRAN, "09123456789", "+989123456789"),
        (TEHRAN, "9123456789", "+989123456789"),
        (TEHRAN, "+98 912 345 6789", "+989123456789"),
        (TEHRAN, "00989123456789", "+989123456789"),
        (TEHRAN, "(021) 8877-6655", "+982188776655"),
        (ATHENS, "6912345678", "+306912345678"),
        (ATHENS, "210 123 4567", "+302101234567"),
    ],
)
def test_everyday_spellings_are_answered(plan: NumberPlan, text: str, e164: str) -> None:
    quick = build_number_matcher(plan)(text)

    assert quick is not None
    assert quick.e164 == e164


@pytest.mark.parametrize("text", ["", "101", "+306912345678", "0912345678", "1-800-FLOWER", "۰۹۱"])
def test_what_is_not_certain_is_left_to_the_whole_reading(text: str) -> None:
    assert build_number_matcher(TEHRAN)(text) is None


def test_a_plan_that_knows_numbers_as_words_has_no_quick_reading() -> None:
    plan = NumberPlan(Region("IR"), withheld_words=("09120000000",))

    assert build_number_matcher(plan)("09120000000") is None
