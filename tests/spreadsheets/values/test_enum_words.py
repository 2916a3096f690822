"""Words for one of a few values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.models import Gender, Product, Tier, Title, TripStatus
from screenpop.spreadsheets.values.enum_words import (
    GENDERS,
    LANGUAGES,
    PRODUCTS,
    STATUSES,
    TIERS,
    VISAS,
    YES_NO,
    CellError,
    parse_title,
    split_titles,
)

ALL = (TIERS, GENDERS, PRODUCTS, STATUSES, VISAS, LANGUAGES, YES_NO)


@pytest.mark.parametrize(
    ("words", "text", "meaning"),
    [
        (TIERS, "GOLD", Tier.GOLD),
        (TIERS, "طلائي", Tier.GOLD),
        (TIERS, "ΧΡΥΣΟ", Tier.GOLD),
        (STATUSES, "Κράτηση", TripStatus.BOOKED),
        (STATUSES, "لغو شد", TripStatus.CANCELLED),
        (PRODUCTS, "بلیط و هتل", Product.FLIGHT_HOTEL),
        (GENDERS, "γυναίκα", Gender.WOMAN),
        (YES_NO, "όχι", False),
        (YES_NO, "✓", True),
        (LANGUAGES, "یونانی", "el"),
    ],
)
def test_a_word_means_the_same_in_three_languages(
    words: object, text: str, meaning: object
) -> None:
    assert words.understand(text) == meaning  # type: ignore[attr-defined]


@given(st.text(max_size=20))
def test_any_text_has_a_meaning_or_is_wrong(text: str) -> None:
    for words in ALL:
        found = words.understand(text)
        assert isinstance(found, CellError) != words.knows(text)


@pytest.mark.parametrize(
    ("text", "title", "gender"),
    [
        ("", Title.NONE, Gender.UNSAID),
        ("Mrs Dr.", Title.DR, Gender.WOMAN),
        ("آقای مهندس", Title.ENG, Gender.MAN),
        ("κα", Title.MS, Gender.WOMAN),
    ],
)
def test_titles_are_understood_together(text: str, title: Title, gender: Gender) -> None:
    assert parse_title(text) == (title, gender)


def test_an_unknown_title_is_reported() -> None:
    assert parse_title("Baron") == CellError("unknown_title")


@pytest.mark.parametrize("name", ["K Jones", "Dr", "Sir"])
def test_a_name_of_nothing_but_a_title_stays_a_name(name: str) -> None:
    assert split_titles(name) == (None, name)


@given(st.text(max_size=30))
def test_titles_before_any_text_leave_its_end(text: str) -> None:
    title, rest = split_titles(text)

    assert text.endswith(rest)
    assert title is not None or rest == text
