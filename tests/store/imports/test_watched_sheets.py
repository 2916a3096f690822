"""What is kept of a sheet that stays in its folder."""

import pytest

from screenpop.store.engine.database import Database
from screenpop.store.imports.watched_sheets import (
    list_watched_sheets,
    load_row_digests,
    save_row_digests,
    save_watched_sheet,
)

pytestmark = pytest.mark.anyio
PATH = "/sheets/customers.xlsx"


async def test_marks_come_and_go_with_the_rows(database: Database) -> None:
    sheet = await save_watched_sheet(database, PATH, now=1.0)
    await save_row_digests(database, sheet, {f"m{n}": n for n in range(900)}, ())
    await save_row_digests(database, sheet, {"new": 5}, {f"m{n}" for n in range(899)})

    assert await load_row_digests(database, PATH) == {"m899", "new"}
    assert await load_row_digests(database, "/sheets/another.xlsx") == set()


async def test_a_problem_is_reported_until_the_sheet_is_read_well(database: Database) -> None:
    problem = {"code": "too_big", "params": {"limit": 128}}
    first = await save_watched_sheet(database, PATH, now=1.0, sha256="a", problem=problem)
    [reported] = await list_watched_sheets(database)
    assert (reported.sha256, reported.problem, reported.read_at) == ("a", problem, 1.0)

    assert await save_watched_sheet(database, PATH, now=2.0) == first
    [reported] = await list_watched_sheets(database)
    assert (reported.sha256, reported.problem, reported.read_at) == ("a", None, 2.0)
