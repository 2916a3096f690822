"""A name in one cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.models import Gender, PersonName, Title
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.names import language_of_name, split_name
from screenpop.spreadsheets.values.text_cells import parse_whole_name

words = st.lists(
    st.text(st.characters(categories=["L"]), min_size=2, max_size=8), min_size=1, max_size=4
)


@given(words, st.booleans())
def test_no_word_of_a_name_is_lost(parts: list[str], family_first: bool) -> None:
    name, title = split_name(" ".join(parts), family_first=family_first)

    if title is None:
        assert sorted((name.given + " " + name.family).split()) == sorted(" ".join(parts).split())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("James Albert Whitfield", PersonName("James Albert", "Whitfield")),
        ("Ludwig van Beethoven", PersonName("Ludwig", "van Beethoven")),
        ("Whitfield, James", PersonName("James", "Whitfield")),
        ("محمد رضا احمدی", PersonName("محمد رضا", "احمدی")),
        ("لاله کریمی تهرانی", PersonName("لاله", "کریمی تهرانی")),
        ("Madonna", PersonName("", "Madonna")),
    ],
)
def test_a_whole_name_is_parted_where_its_language_does(text: str, name: PersonName) -> None:
    assert split_name(text, family_first=False) == (name, None)


def test_titles_before_a_name_are_no_part_of_it() -> None:
    name, title = split_name("خانم دکتر لاله کریمی", family_first=False)

    assert (name, title) == (PersonName("لاله", "کریمی"), (Title.DR, Gender.WOMAN))


@pytest.mark.parametrize(("text", "language"), [("Νίκος", "el"), ("لاله", "fa"), ("Laleh", "en")])
def test_a_script_is_a_language(text: str, language: str) -> None:
    assert language_of_name(text) == language


@pytest.mark.parametrize(
    ("written", "given", "family"),
    [
        ("رضا و زهرا احمدی", "رضا و زهرا", "احمدی"),
        ("علی رضایی به همراه خانواده", "علی", "رضایی"),
        ("Tom Smith & family", "Tom", "Smith"),
        ("Νίκος Δήμου και οικογένεια", "Νίκος", "Δήμου"),
        ("Tom Smith (old number)", "Tom", "Smith"),
        ("Brown, Mr & Mrs A.", "A.", "Brown"),
        ("Mr John & Mrs Ann Lee", "John & Ann", "Lee"),
        ("Κος Δημήτρης & Κα Μαρία Νικολάου", "Δημήτρης & Μαρία", "Νικολάου"),
        ("آقای علی و خانم مریم کریمی", "علی و مریم", "کریمی"),
        ("كريمي، علي", "علي", "كريمي"),
        ("کریمی، محمد رضا", "محمد رضا", "کریمی"),
        ("John Smith Jr.", "John", "Smith Jr."),
        ("Sarah Connor-Smith MBE", "Sarah", "Connor-Smith MBE"),
        ("کریمی (خانم)", "", "کریمی"),
        ("Νίκος Βλάχος (κος)", "Νίκος", "Βλάχος"),
        ("Mary Ann Smith (Mrs)", "Mary Ann", "Smith"),
        ("Aegean Lines SA, Nikos Vlachos", "Nikos", "Vlachos"),
        ("شركت راه نو", "", "شركت راه نو"),
    ],
)
def test_what_is_no_part_of_a_name_is_not_in_it(written: str, given: str, family: str) -> None:
    person = RowBuilder()

    parse_whole_name(False, person, written)

    assert (person.given, person.family) == (given, family)
