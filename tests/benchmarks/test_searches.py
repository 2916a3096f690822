"""What is typed is taken from those on file, so each search finds a customer."""

from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from benchmarks.postgres import on_postgres
from benchmarks.searches import NotFoundError, search
from tests.store.needed_postgres import ensure_for_tests


def test_each_kind_of_search_finds_a_customer_and_is_held_against_the_plain_page(
    database: Path,
) -> None:
    searches = search(database, 10, 7)

    assert searches.plain.calls == 10
    assert {latency.calls for latency in searches.found.values()} == {10}
    assert all(searches.ratio(typed) > 0 for typed in searches.found)


@pytest.mark.postgres
def test_the_same_customers_are_found_on_postgresql(database: Path) -> None:
    ensure_for_tests()
    with on_postgres(database) as url:
        assert search(database, 5, 7, url).plain.calls == 5


def test_a_search_without_results_is_no_figure(database: Path) -> None:
    with closing(connect(database)) as connection, connection:
        connection.execute("INSERT INTO customers_found(customers_found) VALUES('delete-all')")

    with pytest.raises(NotFoundError):
        search(database, 3, 7)
