"""Who may use which page, route and socket is as docs/doors.md has it."""

from pathlib import Path

import pytest

from tests.doors import ACTORS, PAGE, Matrix, an_office, matrix_of, table_of

pytestmark = pytest.mark.anyio


def kept_matrix() -> Matrix:
    rows = [line.split("|")[1:-1] for line in PAGE.read_text().splitlines()]
    cells = [[cell.strip(" `") for cell in row] for row in rows]
    return {
        f"{method} {path}": tuple(rest)
        for method, path, *rest in (row for row in cells if len(row) == len(ACTORS) + 3)
        if path.startswith("/")
    }


@pytest.mark.slow
@pytest.mark.defends("roles")
@pytest.mark.timeout(300)  # two thousand requests
async def test_each_user_is_let_in_where_the_table_has_it(prepared: Path, tmp_path: Path) -> None:
    kept = kept_matrix()
    async with an_office(tmp_path, prepared) as office:
        found = await matrix_of(office, whole=False)
    assert found.keys() == kept.keys(), "run make doors, and read what it changes"
    changed = [
        f"{name} as {actor}: {now or 'no token'}, in the table {before or 'no token'}"
        for name, cells in found.items()
        for actor, now, before in zip((*ACTORS, "token"), cells, kept[name], strict=True)
        if now != before and (now or actor == "token")
    ]
    assert changed == []
    assert len(found) > 250


def test_the_table_is_read_back_as_it_is_written() -> None:
    cells = tuple("yes" for _ in ACTORS)
    matrix: Matrix = {"GET /b": (*cells, "calls:read"), "POST /a": (*cells, "")}
    lines = table_of(matrix).splitlines()
    assert lines[2] == "| POST | /a | " + " | ".join(cells) + " |  |"
    assert lines[3].endswith("| `calls:read` |")
