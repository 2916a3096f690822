"""Rows of each schema since the first, brought to the schema of today."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from screenpop.store.engine.migrate import MigrationStep, migrate, newest_revision, steps_after
from tests.store.conftest import KINDS
from tests.store.engine.test_migrate import differences
from tests.store.old_schema import on_database, place_for
from tests.store.schema_rows import Columns, add_rows, changed_values, columns_of, leave_ids_free


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with place_for(request.param, tmp_path, request) as place:
        yield place


HIGHEST = 1_000
"""Above the keys of all rows that the test adds; what steps add is numbered from here."""


def key_in(schema: str) -> int:
    return HIGHEST - int(schema)


class RowsOfEachSchema:
    """Adds one row to each table after each step, all with the key of that schema."""

    def __init__(self) -> None:
        self.columns: dict[str, Columns] = {}

    def add(self, *, ctx: Any, step: Any, **_: object) -> None:
        connection: Connection = ctx.connection
        columns = columns_of(connection)
        known = self.columns[max(self.columns)] if self.columns else {}
        leave_ids_free(connection, [name for name in columns if name not in known], HIGHEST)
        add_rows(connection, columns, {name: [key_in(step.up_revision_id)] for name in columns})
        self.columns[step.up_revision_id] = columns


def changed_by_steps(
    schemas: Sequence[str], last_offer: int
) -> dict[tuple[str, str], dict[int, object]]:
    """Return what steps change on purpose: by column and row, the value after all of them.

    ``last_offer``: the highest id in ``offers`` before the step that adds some.
    """

    def rows(before: str, value: Callable[[int], object], since: str = "") -> dict[int, object]:
        return {key_in(each): value(key_in(each)) for each in schemas if since <= each < before}

    def words(k: int) -> str:
        number = f"3069{k:08d}"
        return " ".join(["laleh", "karimi", number, *(number[-n:] for n in (10, 9, 8, 7, 4))])

    names = rows("0015", lambda k: [{"script": "latin", "given": "Laleh", "family": f"Karimi {k}"}])
    quiet = rows("0041", lambda _: {f"offer:{last_offer + 2}": "2030-01-01"}, since="0022")
    yes = rows("0017", lambda _: None)
    return {
        ("calls", "folded"): rows("0068", words),
        ("customers", "names"): {k: value for k, value in names.items() if k % 7 == 0},
        ("customers", "consents"): rows("0017", lambda _: {}, since="0003"),
        ("customers", "marketing_consent"): {k: value for k, value in yes.items() if k % 2 == 0},
        ("customers", "quiet_offers"): quiet,
    }


@pytest.mark.slow
def test_rows_of_each_schema_since_the_first_are_there_after_the_upgrade(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, upgrade = RowsOfEachSchema(), command.upgrade

    def upgrade_with_rows(config: Config, head: str) -> None:
        config.attributes["on_version_apply"] = rows.add
        upgrade(config, head)

    monkeypatch.setattr(command, "upgrade", upgrade_with_rows)
    migrate(url)

    assert list(rows.columns) == [step.revision for step in steps_after(None)]
    changed: defaultdict[tuple[str, str], dict[int, object]] = defaultdict(dict)
    counted: dict[str, int] = {}

    def compare(connection: Connection) -> None:
        assert differences(connection) == []
        now = columns_of(connection)
        for schema, columns in rows.columns.items():
            mine = {name: [key_in(schema)] for name in columns}
            for table, column, k, value in changed_values(connection, columns, now, mine):
                changed[table, column][k] = value
        for name in now:
            count = sa.select(sa.func.count()).select_from(sa.table(name))
            counted[name] = connection.execute(count).scalar_one()

    on_database(url, compare)
    last_offer = HIGHEST if url.startswith("postgresql") else key_in("0038")
    assert changed == changed_by_steps(list(rows.columns), last_offer)
    added = Counter(name for columns in rows.columns.values() for name in columns)
    from_traces = sum(key_in(each) % 5 == 0 for each in rows.columns if each < "0012")
    metas = 2 if url.startswith("postgresql") else 1  # from when on calls are missed; the tables
    added.update({"offer_answers": from_traces, "call_purposes": 7 + 6, "offers": 6, "meta": metas})
    assert {name: count for name, count in counted.items() if count != added[name]} == {}


def test_an_upgrade_names_each_step_that_the_database_lacks(tmp_path: Path) -> None:
    steps: list[MigrationStep] = []
    migrate(f"sqlite:///{tmp_path}/x.db", steps.append)
    assert tuple(steps) == steps_after(None)
    assert steps[0] == MigrationStep("0001", "first tables", 1, len(steps))
    assert steps[-1].revision == newest_revision()

    steps.clear()
    migrate(f"sqlite:///{tmp_path}/x.db", steps.append)
    assert steps == []
