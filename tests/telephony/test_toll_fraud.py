"""Which stored numbers may be dialled from a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.toll_fraud import toll_refusal

IRAN = Region("IR")


@pytest.mark.defends("toll-fraud")
@pytest.mark.parametrize(
    ("number", "countries", "refusal"),
    [
        ("+989123456789", (), ""),
        ("+982188776655", (), ""),
        ("+302101234567", (), "country_not_allowed"),
        ("+302101234567", ("GR",), ""),
        ("+302101234567", ("DE", "CY"), "country_not_allowed"),
        ("+302101234567", ("*",), ""),
        ("+18765550123", ("US",), "country_not_allowed"),  # Jamaica shares the code of the USA
        ("+881612345678", ("GR",), "country_not_allowed"),  # a satellite network
        ("+881612345678", ("*",), ""),
        ("+499001234567", ("*",), "premium_number"),
        ("+449098790123", ("GB",), "premium_number"),
        ("+448431234567", ("GB",), "premium_number"),
        ("", ("*",), "not_dialable"),
        ("withheld", ("*",), "not_dialable"),
    ],
)
def test_number_of_another_country_or_of_premium_rate_is_refused(
    number: str, countries: tuple[str, ...], refusal: str
) -> None:
    assert toll_refusal(E164(number), IRAN, countries) == refusal


@given(st.from_regex(r"\+[1-9][0-9]{1,15}", fullmatch=True))
def test_no_number_of_another_country_code_is_allowed(number: str) -> None:
    if not number.startswith("+98"):
        assert toll_refusal(E164(number), IRAN, ()) != ""
