"""What is older than it is to be kept goes; what is younger stays."""

import pytest
from sqlalchemy import func, select, update

from screenpop.customers.retention import RetentionRules
from screenpop.store.calls.retention import BATCH_SIZE, delete_old_notes
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import call_note_changes
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.tables import call_notes, call_traces, calls, legs
from tests.store.retention import DAY, delete_old
from tests.store.samples import NIKOS, add_customer, add_user, finished_call

pytestmark = pytest.mark.anyio

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
    thirty = RetentionRules(calls_days=30)
    assert await delete_old(office, thirty, NOW) == {"calls": OLD}
    assert await count(office, calls) == YOUNG
    assert await count(office, call_traces) == YOUNG
    assert await count(office, call_notes) == YOUNG
    assert await count(office, legs) == 2 * YOUNG
    assert await delete_old(office, thirty, NOW) == {}


async def test_old_traces_go_and_their_calls_stay(office: Database) -> None:
    assert await delete_old(office, RetentionRules(traces_days=30), NOW) == {"traces": OLD}
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
    assert await delete_old(office, RetentionRules(), NOW * 2) == {}
    assert await count(office, call_notes) == OLD + YOUNG
    assert await count(office, call_traces) == OLD + YOUNG


async def test_the_last_call_of_customers_is_kept_when_their_calls_go(database: Database) -> None:
    known, by_number = (
        await add_customer(database, "Karimi"),
        await add_customer(database, "P", NIKOS),
    )
    database.log.start()
    for number, at in enumerate((NOW - 200 * DAY, NOW - 100 * DAY)):
        database.log.keep(finished_call(f"k{number}", customer=known, arrived_at=at))
        database.log.keep(finished_call(f"n{number}", caller=NIKOS, arrived_at=at + 5))
    await database.log.close(20)
    for days in (150, 50):
        assert await delete_old(database, RetentionRules(calls_days=days), NOW) == {"calls": 2}
    async with database.reading() as connection:
        rows = (await connection.execute(select(deleted_calls).order_by("customer_id"))).all()
    last = NOW - 100 * DAY
    assert [(row.customer_id, row.last_at) for row in rows] == [
        (known, last),
        (by_number, last + 5),
    ]
