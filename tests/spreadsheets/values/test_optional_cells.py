"""Owners and stars, as people write them."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.optional_cells import parse_owner, parse_rating

OWNERS = {"مریم رضایی": 3, "eleni": 4}


@pytest.mark.parametrize(("text", "owner"), [("مريم  رضايي", 3), ("ELENI", 4)])
def test_an_owner_is_known_in_any_spelling(text: str, owner: int) -> None:
    person = RowBuilder()
    parse_owner(5, OWNERS, person, text)
    assert (person.fields, person.wrong) == ({"owner": owner}, [])


@pytest.mark.parametrize(
    ("text", "stars"), [("4", 4), ("۵", 5), ("3/5", 3), ("2.0", 2), ("★★★", 3), ("⭐", 1)]
)
def test_stars_are_read_as_people_give_them(text: str, stars: int) -> None:
    person = RowBuilder()
    parse_rating(1, person, text)
    assert (person.trip, person.wrong) == ({"rating": stars}, [])


@pytest.mark.parametrize("text", ["0", "6", "4.5", "good", "★★★★★★", "-1", "5/4"])
def test_other_stars_are_reported(text: str) -> None:
    person = RowBuilder()
    parse_rating(1, person, text)
    assert (person.trip, person.wrong) == ({}, [(1, "bad_rating")])


@given(st.text(min_size=1))
def test_any_text_is_taken_or_reported(text: str) -> None:
    takers: tuple[Callable[[RowBuilder, str], None], ...] = (
        partial(parse_owner, 0, OWNERS),
        partial(parse_rating, 0),
    )
    for take in takers:
        person = RowBuilder()
        take(person, text)
        assert person.fields or person.trip or person.wrong or is_empty_list(text)


def is_empty_list(text: str) -> bool:
    return not any(part.strip() for part in re.split("[,;،؛|]", text))
