"""Destinations in the reader's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.place_names import place_name


@pytest.mark.parametrize("written", ["Istanbul", "استانبول", "istanbul", "Κωνσταντινουπολη"])
def test_a_known_destination_reads_in_each_language(written: str) -> None:
    assert place_name(written, "en") == "Istanbul"
    assert place_name(written, "fa") == "استانبول"
    assert place_name(written, "el") == "Κωνσταντινούπολη"


def test_an_arabic_keyboard_writes_the_same_place() -> None:
    assert place_name("دبي", "en") == "Dubai"


@given(st.text(max_size=80), st.sampled_from(["en", "fa", "el", "xx", ""]))
def test_what_is_not_known_stays_as_written(written: str, language: str) -> None:
    assert place_name(f"zz{written}", language) == f"zz{written}"
