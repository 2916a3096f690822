"""The company of a caller on the card."""

from dataclasses import replace

import pytest

from screenpop.cards.person import person_for_certain_match
from tests.customers.samples import customer


@pytest.mark.parametrize(
    ("household", "company", "on_card"),
    [
        ("Karimi", "Aria Ltd", "Karimi · Aria Ltd"),
        ("Aria Ltd", "Aria Ltd", "Aria Ltd"),  # the lookup gives the company where no household is
        ("Karimi", "", "Karimi"),
        ("", "", ""),
    ],
)
def test_a_card_names_the_household_and_the_company_once_each(
    household: str, company: str, on_card: str
) -> None:
    caller = replace(customer(1), household=household, company=company)
    assert person_for_certain_match(caller, frozenset()).household == on_card
