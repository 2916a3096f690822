"""One cell at a time: nothing that stands in one makes the reading fail."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.records import PersonName
from screenpop.spreadsheets.cells import (
    Amount,
    Wrong,
    understand_amount,
    understand_birthday,
    understand_language,
    understand_name,
    understand_phones,
    understand_tier,
    understand_title,
)
from screenpop.spreadsheets.problems import REMEDIES
from screenpop.telephony.identifiers import Region
from screenpop.telephony.plan import NumberPlan

PLAN = NumberPlan(Region("GR"), "210")
TODAY = date(2026, 11, 22)

anything = st.text(max_size=40) | st.text("0123456789۰۱۹.,/-+()E €", max_size=20)


@given(anything)
def test_any_text_is_understood_or_wrong_with_a_remedy(text: str) -> None:
    for value in (
        understand_title(text),
        understand_tier(text),
        understand_language(text),
        understand_name(text, text),
        understand_phones(text, "home", PLAN),
        understand_birthday(text, TODAY),
        understand_amount(text),
    ):
        if isinstance(value, Wrong):
            assert value.code in REMEDIES


@given(st.integers(-(10**15), 10**15))
def test_an_amount_reads_the_same_plain_and_with_separators(units: int) -> None:
    assert understand_amount(str(units)) == Amount(units, "")
    assert understand_amount(f"{units:,}") == Amount(units, "")
    assert understand_amount(f"{units:,}".replace(",", ".")) == Amount(units, "")


def test_nobody_who_calls_was_born_in_the_century_before_the_last() -> None:
    assert understand_birthday("1899-01-01", TODAY) == Wrong("impossible_date")
    assert understand_birthday("1986-08-03 00:00:00", TODAY) == date(1986, 8, 3)


def test_a_name_is_filed_under_the_language_of_its_script() -> None:
    assert understand_name("Νίκος", "Παπαδόπουλος") == {"el": PersonName("Νίκος", "Παπαδόπουλος")}
    assert understand_name("", "کریمی") == {"fa": PersonName("", "کریمی")}
    assert understand_name("123", "---") == Wrong("no_name")
