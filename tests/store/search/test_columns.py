"""The text a search looks through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, literal, select

from screenpop.store.search.columns import number_as_digits, search_condition, search_text

_engine = create_engine("sqlite://")
words = st.text(st.characters(categories=["L", "P", "Zs"]), min_size=1, max_size=20).filter(
    lambda name: any(map(str.isalpha, name))  # of signs only, there is nothing to search for
)


def found(text: str, typed: str) -> bool:
    with _engine.connect() as connection:
        return bool(connection.execute(select(search_condition(literal(text), typed))).scalar_one())


@given(st.lists(words, min_size=1, max_size=4))
def test_a_name_finds_itself_in_capitals_and_small_letters(names: list[str]) -> None:
    text = search_text(names, [])

    assert found(text, " ".join(names))
    assert found(text, search_text(names, []))


def test_numbers_are_found_by_their_beginning_and_by_their_last_digits() -> None:
    text = search_text(["Karimi"], [number_as_digits("0912 345 6789", "+989123456789")])

    for typed in ("0912345", "+98 912 345 6789", "3456789", "(0912) 345-67-89", "۰۹۱۲۳۴۵"):
        assert found(text, typed), typed
    assert found(text, "6789")
    for typed in ("0913", "5678", "789", "+"):
        assert not found(text, typed), typed


def test_a_number_that_was_not_understood_is_found_by_what_was_written() -> None:
    assert number_as_digits("۱۲-34 ext 5", None) == "12345"


@pytest.mark.defends("sql-values")
def test_words_are_found_by_their_beginning() -> None:
    for typed in ("%", "_", "k_rimi", "arimi"):
        assert not found("karimi", typed), typed
    assert found("100 sure", "100%")
    assert found("laleh karimi", "karim")
