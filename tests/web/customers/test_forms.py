"""What is read from the form of a number."""

from datetime import date

import pytest

from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.customers.forms import FormReader, read_number

PLAN = NumberPlan(Region("GR"), "210")
TODAY = date(2026, 11, 29)


@pytest.mark.parametrize("written", ["0000000", "9999999999", "1111111", "06666666666", "۹۹۹۹۹۹۹"])
def test_one_repeated_digit_in_the_form_is_refused_as_no_number(written: str) -> None:
    phone, errors = read_number({"number": written}, PLAN, TODAY)
    assert phone is None
    assert errors == {"number": "not_a_number"}


def test_a_zero_in_brackets_after_the_country_code_in_the_form_is_understood() -> None:
    phone, errors = read_number({"number": "+30 (0)210 6412345"}, PLAN, TODAY)
    assert not errors
    assert phone is not None
    assert phone.e164 == "+302106412345"


@pytest.mark.parametrize("written", ["NaN", "-inf", "Infinity", "1e3", "1E999", "0x10", "1_000"])
def test_what_is_a_number_to_a_program_only_is_no_amount(written: str) -> None:
    reading = FormReader({"balance": written})
    assert reading.amount("balance") == 0
    assert reading.errors == {"balance": "not_an_amount"}


def test_what_shows_nothing_is_an_empty_field() -> None:
    reading = FormReader({"family": " \u200d", "tags": "vip, \u200c\n\u3164,tea"})
    assert (reading.text("family"), reading.several("tags")) == ("", ("vip", "tea"))
