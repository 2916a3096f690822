"""Destinations in the reader's language."""

import unicodedata
from zoneinfo import available_timezones

import pytest
from babel.dates import get_timezone_location
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.place_names import _NAMES, place_key, place_name
from tests.each import each


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


CITIES = {
    get_timezone_location(zone, locale="en", return_city=True): zone
    for zone in available_timezones()
    if "/" in zone
}
"""City to the time zone that is named after it."""
MISSPELT_IN_CLDR = {"Beirut"}


def test_destinations_are_written_as_in_the_locale_data_of_unicode() -> None:
    compared = {names[0]: names for names in _NAMES if names[0] in CITIES.keys() - MISSPELT_IN_CLDR}
    assert len(compared) >= 35
    assert compared == {
        city: tuple(
            get_timezone_location(CITIES[city], locale=language, return_city=True)
            for language in ("en", "fa", "el")
        )
        for city in compared
    }


@each(_NAMES)
def test_a_destination_is_written_in_the_letters_of_each_language(
    names: tuple[str, str, str],
) -> None:
    english, persian, greek = (name.replace(" ", "").replace("\u200c", "") for name in names)
    assert english.isascii()
    assert english.isalpha()
    assert all("\u0621" <= letter <= "\u06cc" for letter in persian)
    assert all(unicodedata.name(letter).startswith("GREEK") for letter in greek)


@pytest.mark.parametrize(
    ("written", "key"),
    [("Κων/πολη", "istanbul"), ("ΘΕΣ/ΝΙΚΗ", "thessaloniki"), ("Esfahan", "isfahan")],
)
def test_short_and_other_spellings_are_of_the_same_place(written: str, key: str) -> None:
    assert place_key(written) == key
