"""What is older than it is to be kept goes; what is younger stays."""

import pytest
from anyio import create_task_group, fail_after
from anyio.lowlevel import checkpoint
from sqlalchemy import func, select, update

from screenpop.app.retention import apply_retention, forget_notes_in_time
from screenpop.app.task_times import TaskTimes
from screenpop.store.calls.retention import BATCH_SIZE, delete_old_notes
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import call_note_changes
from screenpop.store.schema.tables import call_notes, call_traces, calls, legs
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio

DAY = 86_400.0
NOW = 1_795_300_000.0
OLD, YOUNG = BATCH_SIZE + 30, 5


async def count(database: Database, table: object) -> int:
    async with database.reading() as connection:
        found = await connection.execute(select(func.count()).select_from(table))  # type: ignore[arg-type]
        return int(found.scalar_one())


@pytest.fixture
async def office(database: Database) -> Database:
    agent = (await add_user(database, "maryam", "101")).id
    database.log.start()
    for number in range(OLD + YOUNG):
        at = NOW - (100 * DAY if number < OLD else 10 * DAY) + number
        record = finished_call(f"{at}.{number}", arrived_at=at)
        database.log.keep(record)
        _ = database.log.keep_note(record.entry.call, record.entry.pbx, agent, "a note")
    await database.log.close(20)
    assert await count(database, calls) == OLD + YOUNG
    return database


async def test_old_calls_go_with_all_that_hangs_on_them(office: Database) -> None:
    gone = await apply_retention(office, 30, 0, NOW)
    assert gone == (OLD, 0)
    assert await count(office, calls) == YOUNG
    assert await count(office, call_traces) == YOUNG
    assert await count(office, call_notes) == YOUNG
    assert await count(office, legs) == 2 * YOUNG
    assert await apply_retention(office, 30, 0, NOW) == (0, 0)


async def test_old_traces_go_and_their_calls_stay(office: Database) -> None:
    assert await apply_retention(office, 0, 30, NOW) == (0, OLD)
    assert await count(office, calls) == OLD + YOUNG
    assert await count(office, call_traces) == YOUNG


async def test_notes_go_a_second_after_their_days_and_their_calls_stay(office: Database) -> None:
    async with office.writing() as connection:
        ages = select(call_notes.c.id, calls.c.arrived_at).join(calls)
        for note, arrived_at in (await connection.execute(ages)).all():
            at = NOW - 30 * DAY - (arrived_at < NOW - 50 * DAY)
            changed = update(call_notes).where(call_notes.c.id == note).values(changed_at=at)
            await connection.execute(changed)
    assert [await delete_old_notes(office, NOW - 30 * DAY) for _ in range(3)] == [200, 30, 0]
    assert await count(office, call_notes) == YOUNG
    assert await count(office, call_note_changes) <= YOUNG
    assert await count(office, calls) == OLD + YOUNG


async def test_without_a_limit_everything_stays(office: Database) -> None:
    assert await apply_retention(office, 0, 0, NOW) == (0, 0)
    assert await count(office, call_traces) == OLD + YOUNG


async def test_old_notes_go_while_the_server_runs_and_stay_without_a_limit(
    office: Database,
) -> None:
    await forget_notes_in_time(office, 0, lambda: NOW * 2)
    assert await count(office, call_notes) == OLD + YOUNG
    async with create_task_group() as tasks:
        times = TaskTimes(lambda: NOW)
        succeeded = times.expect("forget_notes")
        assert times.last_success == {"forget_notes": 0.0}
        tasks.start_soon(forget_notes_in_time, office, 30, lambda: NOW * 2, succeeded)
        with fail_after(20):
            while not times.last_success["forget_notes"]:
                await checkpoint()
        assert await count(office, call_notes) == 0
        assert times.last_success == {"forget_notes": NOW}
        tasks.cancel_scope.cancel()
    assert await count(office, calls) == OLD + YOUNG
