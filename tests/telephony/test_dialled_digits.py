"""The digits by which an office's phone dials a stored number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.telephony.dialled_digits import dialled_digits
from screenpop.telephony.identifiers import E164, Region


@pytest.mark.parametrize(
    ("number", "region", "digits"),
    [
        ("+989123456789", "IR", "09123456789"),
        ("+982188776655", "IR", "02188776655"),
        ("+302101234567", "IR", "00302101234567"),
        ("+302101234567", "GR", "2101234567"),
        ("+989123456789", "GR", "00989123456789"),
        ("+12125550123", "US", "2125550123"),
        ("+302101234567", "US", "011302101234567"),
        ("", "IR", ""),
        ("withheld", "IR", ""),
    ],
)
def test_number_is_dialled_as_in_its_country(number: str, region: str, digits: str) -> None:
    assert dialled_digits(E164(number), Region(region)) == digits


@given(st.text(max_size=30))
def test_any_text_is_digits_or_cannot_be_dialled(text: str) -> None:
    digits = dialled_digits(E164(text), Region("IR"))
    assert digits == "" or (digits.isascii() and digits.isdigit())
