"""The remembered columns of sheets."""

import pytest

from screenpop.store.engine.database import Database
from screenpop.store.imports.column_mappings import load_column_mappings, save_column_mapping

pytestmark = pytest.mark.anyio


async def test_the_last_word_on_the_same_headings_counts(database: Database) -> None:
    await save_column_mapping(database, "abc", {"fields": ["name"]}, 1.0)
    await save_column_mapping(database, "abc", {"fields": ["family_first"]}, 2.0)
    await save_column_mapping(database, "xyz", {"fields": []}, 3.0)

    assert await load_column_mappings(database) == {
        "abc": {"fields": ["family_first"]},
        "xyz": {"fields": []},
    }


async def test_the_oldest_of_very_many_are_forgotten(database: Database) -> None:
    for number in range(205):
        await save_column_mapping(database, f"k{number}", {}, float(number))
    kept = await load_column_mappings(database)
    assert len(kept) == 200
    assert "k4" not in kept
    assert "k5" in kept
