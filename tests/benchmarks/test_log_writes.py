"""The cost of the call log is measured on rows that are really written."""

from pathlib import Path

import pytest

from benchmarks.log_writes import write_log
from screenpop.store.calls.queries import list_calls
from screenpop.store.engine.database import migrate, open_database

pytestmark = pytest.mark.anyio


async def test_each_measured_call_is_in_the_log_and_the_loop_has_a_part_of_its_cost(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'screenpop.db'}"
    migrate(url)
    database = open_database(url)
    database.log.start()
    try:
        cost = await write_log(database, calls=3, rounds=2)
        listed = await list_calls(database)
    finally:
        await database.log.close()
        await database.close()

    assert len(listed.calls) == 9
    assert 0 < cost.loop < cost.all_threads
