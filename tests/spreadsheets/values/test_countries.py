"""Countries by their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.values.countries import country_of_destination, parse_country
from screenpop.spreadsheets.values.enum_words import CellError


@pytest.mark.parametrize(
    ("text", "code"),
    [("Greece", "GR"), ("ΕΛΛΑΔΑ", "GR"), ("یونان", "GR"), ("gr", "GR"), ("انگلستان", "GB")],
)
def test_a_country_has_its_code_in_three_languages(text: str, code: str) -> None:
    assert parse_country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("Istanbul, Turkey", "TR"), ("استانبول، ترکیه", "TR"), ("Rome", ""), ("Κύπρος", "CY")],
)
def test_a_destination_may_name_its_country(text: str, code: str) -> None:
    assert country_of_destination(text) == code


@given(st.text(max_size=20))
def test_any_text_is_a_country_or_wrong(text: str) -> None:
    found = parse_country(text)

    assert isinstance(found, CellError) or len(found) == 2
    assert len(country_of_destination(text)) in {0, 2}
