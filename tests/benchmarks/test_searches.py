"""What is typed is taken from those on file, so each search finds somebody."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from benchmarks.searches import NotFoundError, search


def test_each_kind_of_search_finds_somebody_and_is_held_against_the_plain_page(
    database: Path,
) -> None:
    searches = search(database, 10, 7)

    assert searches.plain.calls == 10
    assert {latency.calls for latency in searches.found.values()} == {10}
    assert all(searches.ratio(typed) > 0 for typed in searches.found)


def test_a_search_that_finds_nobody_is_no_figure(database: Path) -> None:
    with closing(connect(database)) as connection, connection:
        connection.execute("INSERT INTO customers_found(customers_found) VALUES('delete-all')")

    with pytest.raises(NotFoundError):
        search(database, 3, 7)
