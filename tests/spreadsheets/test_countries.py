"""Countries by their names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.countries import country_in, understand_country
from screenpop.spreadsheets.meanings import Wrong


@pytest.mark.parametrize(
    ("text", "code"),
    [("Greece", "GR"), ("ΕΛΛΑΔΑ", "GR"), ("یونان", "GR"), ("gr", "GR"), ("انگلستان", "GB")],
)
def test_a_country_has_its_code_in_three_languages(text: str, code: str) -> None:
    assert understand_country(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("Istanbul, Turkey", "TR"), ("استانبول، ترکیه", "TR"), ("Rome", ""), ("Κύπρος", "CY")],
)
def test_a_destination_may_name_its_country(text: str, code: str) -> None:
    assert country_in(text) == code


@given(st.text(max_size=20))
def test_any_text_is_a_country_or_wrong(text: str) -> None:
    found = understand_country(text)

    assert isinstance(found, Wrong) or len(found) == 2
    assert len(country_in(text)) in {0, 2}
