"""The limits of the search for similar names, at the limit and beside it."""

from datetime import date

import pytest

from screenpop.customers.similar_names import _LONG, _SHORT, allowed_edits
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.similar_search import (
    _LAST_DIGITS,
    _SHORTEST_PARTED,
    search_customers,
)
from screenpop.store.engine.database import Database
from screenpop.store.search.queries import _FIRST_JALALI_YEAR, trip_words
from screenpop.store.search.similar_words import _SHORTEST, _words_of_letters
from tests.store.customers.drafts import HERS, draft

pytestmark = pytest.mark.anyio


async def _finds(database: Database, typed: str) -> bool:
    return bool((await search_customers(database, typed)).rows)


def test_one_letter_may_be_wrong_from_four_letters_and_two_from_eight() -> None:
    lengths = (_SHORT - 1, _SHORT, _LONG - 1, _LONG)
    assert lengths == (3, 4, 7, 8)
    assert [allowed_edits("a" * length) for length in lengths] == [0, 1, 1, 2]


async def test_four_digits_are_an_ending_and_three_are_not(database: Database) -> None:
    await create_customer(database, draft("Karimi", HERS), 1.0)
    digits = str(HERS.e164)
    assert await _finds(database, digits[-_LAST_DIGITS:])
    assert not await _finds(database, digits[-_LAST_DIGITS + 1 :])


@pytest.mark.parametrize("more", [0, -1])
async def test_a_word_of_five_letters_is_parted_and_one_of_four_is_not(
    database: Database, more: int
) -> None:
    word = "bdfgk"[: _SHORTEST_PARTED + more]
    await create_customer(database, draft(f"{word[:2]} {word[2:]}"), 1.0)
    assert await _finds(database, word) == (more == 0)


def test_a_trip_has_a_persian_year_from_the_year_1000() -> None:
    assert len(trip_words("Rome", date(_FIRST_JALALI_YEAR, 1, 1)).split()) == 2
    assert len(trip_words("Rome", date(_FIRST_JALALI_YEAR - 1, 12, 31)).split()) == 1


def test_words_of_two_letters_are_kept_and_single_letters_are_not() -> None:
    assert _words_of_letters(["x" * (_SHORTEST - 1), "y" * _SHORTEST]) == {"y" * _SHORTEST}
