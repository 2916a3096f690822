"""Which name to show to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.display_name import NO_NAME, display_name, script_of
from screenpop.customers.models import PersonName

FA, EN, EL = (
    PersonName("لاله", "کریمی"),
    PersonName("Laleh", "Karimi"),
    PersonName("Λαλέ", "Καρίμι"),
)
AR, TR = PersonName("لالة", "كريمي"), PersonName("Lâle", "Karimi")


@pytest.mark.parametrize(
    ("names", "language", "shown"),
    [
        ({"fa": FA, "en": EN, "el": EL}, "el", EL),
        ({"fa": FA, "en": EN}, "el", EN),
        ({"fa": FA, "el": EL}, "en", FA),
        ({"en": EN, "ar": AR}, "fa", AR),
        ({"fa": FA, "tr": TR}, "en", TR),
        ({"el": EL}, "fa", EL),
        ({}, "en", NO_NAME),
    ],
)
def test_the_nearest_name_on_file_is_displayed(
    names: dict[str, PersonName], language: str, shown: PersonName
) -> None:
    assert display_name(names, language) == shown


@given(st.dictionaries(st.text(), st.builds(PersonName, st.text(), st.text())), st.text())
def test_no_name_is_ever_invented(names: dict[str, PersonName], language: str) -> None:
    assert display_name(names, language) in (*names.values(), *([] if names else [NO_NAME]))


def test_a_language_with_a_country_has_the_script_of_the_language() -> None:
    assert script_of("fa-AF") == script_of("FA") == "arabic"
    assert script_of("pt-BR") == "latin"
