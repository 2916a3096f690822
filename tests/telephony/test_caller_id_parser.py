"""Taking a caller id out of what is around it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.telephony.caller_id_parser import LONGEST, parse_caller_id


@pytest.mark.parametrize(
    ("raw", "label", "text", "digits", "plus"),
    [
        ("09123456789", "", "09123456789", "09123456789", False),
        ("+98 912", "", "+98 912", "98912", True),
        ("(+98) 912", "", "(+98) 912", "98912", True),
        ("Sales:0912", "Sales", "0912", "0912", False),
        ("VIP-0912", "VIP", "0912", "0912", False),
        ("1-800-FLOWERS", "", "1-800-FLOWERS", "1800", False),
        ("80-FLY 0912", "80-FLY", "0912", "0912", False),
        ("800-FLY 0912", "", "800-FLY 0912", "8000912", False),
        ("1-800-FLY 0912", "", "1-800-FLY 0912", "18000912", False),
        ("B2B: SUP 0912", "B2B: SUP", "0912", "0912", False),
        ("Sales:anonymous", "Sales", "anonymous", "", False),
        ("sip:a%2Bb@host", "", "a+b", "", False),
        ("tel:77;phone-context=+98-21", "", "77", "982177", True),
        ("tel:+77;phone-context=+98", "", "+77", "77", True),
        ("tel:77;ext=5;phone-context=pbx.example", "", "77", "77", False),
        ('"O\'Hara" <sip:0912@h>', "", "0912", "0912", False),
        ("0912 ext 4", "", "0912", "0912", False),
        (">0912<", "", ">0912<", "0912", False),
    ],
)
def test_the_number_is_taken_out(raw: str, label: str, text: str, digits: str, plus: bool) -> None:
    parsed = parse_caller_id(raw)
    assert (parsed.label, parsed.text, parsed.digits, parsed.plus) == (label, text, digits, plus)


def test_text_longer_than_any_caller_id_is_not_read() -> None:
    parsed = parse_caller_id("9" * (LONGEST + 1))
    assert (parsed.text, parsed.digits) == ("", "")


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_the_raw_text_is_kept_whatever_it_is(raw: str, withheld: bool) -> None:
    parsed = parse_caller_id(raw, withheld=withheld)
    assert parsed.raw == raw
    assert parsed.withheld is withheld
    assert parsed.digits.isdecimal() or not parsed.digits
