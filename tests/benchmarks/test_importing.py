"""A sheet is timed only when all of it came in, and can be found."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from benchmarks import importing
from benchmarks.importing import RowsLostError, import_sheet, import_speed
from screenpop.store.engine.database import migrate


def test_every_row_of_the_sheet_is_a_customer_found_by_a_search(tmp_path: Path) -> None:
    file = tmp_path / "screenpop.db"
    migrate(f"sqlite:///{file}")

    done = import_sheet(f"sqlite:///{file}", 1500, tmp_path)

    with closing(connect(file)) as connection:
        for count in (
            "SELECT count(*) FROM customers",
            "SELECT count(*) FROM customer_phones WHERE e164 IS NOT NULL",
            "SELECT count(*) FROM customers_found WHERE customers_found MATCH '98935*'",
        ):
            assert connection.execute(count).fetchone() == (1500,), count
    assert 0 < done.in_s < done.found_s
    assert done.cpu_s > 0


def test_rows_that_do_not_come_in_are_no_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(f"sqlite:///{tmp_path / 'screenpop.db'}")
    monkeypatch.setattr(importing, "write_sheet", lambda file, rows: write_twice(file))

    with pytest.raises(RowsLostError, match="1 of 2"):
        import_sheet(f"sqlite:///{tmp_path / 'screenpop.db'}", 2, tmp_path)


def write_twice(file: Path) -> None:
    file.write_text("Name,Mobile\nSara Karimi,09123456789\nSara Karimi,09123456789\n")


def test_a_speed_is_taken_anew_each_time() -> None:
    speed = import_speed(200, 2)

    assert 0 < speed.known.least <= speed.known.median <= speed.known.most
    assert speed.found.most < speed.known.most
    assert speed.cpu_s.least > 0
