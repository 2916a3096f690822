"""What is kept of a sheet that stays in its folder."""

import pytest

from screenpop.store.database import Database
from screenpop.store.watched import keep_marks, marks_of, note_sheet, sheets_on_watch

pytestmark = pytest.mark.anyio
PATH = "/sheets/customers.xlsx"


async def test_marks_come_and_go_with_the_rows(database: Database) -> None:
    sheet = await note_sheet(database, PATH, now=1.0)
    await keep_marks(database, sheet, {f"m{n}": n for n in range(900)}, ())
    await keep_marks(database, sheet, {"new": 5}, {f"m{n}" for n in range(899)})

    assert await marks_of(database, PATH) == {"m899", "new"}
    assert await marks_of(database, "/sheets/another.xlsx") == set()


async def test_a_problem_is_told_until_the_sheet_is_read_well(database: Database) -> None:
    problem = {"code": "too_big", "params": {"limit": 128}}
    first = await note_sheet(database, PATH, now=1.0, sha256="a", problem=problem)
    [told] = await sheets_on_watch(database)
    assert (told.sha256, told.problem, told.read_at) == ("a", problem, 1.0)

    assert await note_sheet(database, PATH, now=2.0) == first
    [told] = await sheets_on_watch(database)
    assert (told.sha256, told.problem, told.read_at) == ("a", None, 2.0)
