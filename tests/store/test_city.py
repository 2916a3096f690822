"""The city of customers who were stored before customers had one."""

from pathlib import Path

import pytest

from screenpop.store.engine.database import migrate
from tests.store.old_schema import (
    migrate_to,
    place_for,
    read_column,
    revision_before,
    run_statements,
)


def test_the_migration_gives_stored_customers_an_empty_city_and_keeps_the_search(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = (
        "INSERT INTO customers (id, names, tags, created_at, changed_at, folded)"
        " VALUES (1, '[]', '[]', 1, 1, 'laleh')"
    )
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("city"), monkeypatch)
        run_statements(url, row)
        migrate(url)
        assert read_column(url, "SELECT city FROM customers") == [""]
        # The search index of SQLite follows the table by triggers.
        run_statements(url, "UPDATE customers SET city = 'Yazd', folded = 'laleh yazd'")
        if kind == "sqlite":
            search = "SELECT rowid FROM customers_found WHERE customers_found MATCH 'yazd'"
            assert read_column(url, search) == [1]
