"""What people said of the columns of their sheets."""

import pytest

from screenpop.store.database import Database
from screenpop.store.sheet_choices import remember_choice, remembered_choices

pytestmark = pytest.mark.anyio


async def test_the_last_word_on_the_same_headings_counts(database: Database) -> None:
    await remember_choice(database, "abc", {"fields": ["name"]}, 1.0)
    await remember_choice(database, "abc", {"fields": ["family_first"]}, 2.0)
    await remember_choice(database, "xyz", {"fields": []}, 3.0)

    assert await remembered_choices(database) == {
        "abc": {"fields": ["family_first"]},
        "xyz": {"fields": []},
    }


async def test_the_oldest_of_very_many_are_forgotten(database: Database) -> None:
    for number in range(205):
        await remember_choice(database, f"k{number}", {}, float(number))
    kept = await remembered_choices(database)
    assert len(kept) == 200
    assert "k4" not in kept
    assert "k5" in kept
