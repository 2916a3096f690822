"""The call log for the pages."""

import sqlite3

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects import sqlite

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.queries import call_detail, list_calls, page_statement
from screenpop.store.engine.database import Database
from screenpop.telephony.identifiers import SIMULATED, BootId, CallId, PbxId
from tests.store.samples import (
    LALEH,
    NIKOS,
    add_customer,
    add_user,
    changed,
    find_call,
    finished_call,
)

pytestmark = pytest.mark.anyio

EIGHT = 1_700_000_000.0


async def keep(database: Database, *records: LoggedCall) -> None:
    database.log.start()
    for record in records:
        database.log.keep(record)
    await database.log.flush()


async def names(database: Database, wanted: CallFilter) -> list[str]:
    return [call.call for call in (await list_calls(database, wanted)).calls]


async def test_pages_follow_each_other_newest_first_without_gap_or_repeat(
    database: Database,
) -> None:
    # Several calls of one moment: the position between pages must be exact.
    await keep(
        database,
        *(finished_call(f"{n}.1", arrived_at=EIGHT + n // 3) for n in range(10)),
    )

    seen: list[str] = []
    after: CallCursor | None = None
    while True:
        page = await list_calls(database, after=after, limit=4)
        seen += [call.call for call in page.calls]
        after = page.after
        if after is None:
            break

    assert len(seen) == len(set(seen)) == 10
    assert seen[0] == "9.1"
    assert set(seen[-3:]) == {"0.1", "1.1", "2.1"}


async def test_a_call_that_comes_in_while_one_turns_pages_shifts_nothing(
    database: Database,
) -> None:
    await keep(database, *(finished_call(f"{n}.1", arrived_at=EIGHT + n) for n in range(4)))
    first = await list_calls(database, limit=2)
    await keep(database, finished_call("new.1", arrived_at=EIGHT + 99))

    second = await list_calls(database, after=first.after, limit=2)

    assert [call.call for call in (*first.calls, *second.calls)] == ["3.1", "2.1", "1.1", "0.1"]


async def test_filters_narrow_and_go_together(database: Database) -> None:
    maryam = await add_user(database, "maryam", "101")
    customer_id = await add_customer(database, "Karimi", LALEH)
    await keep(
        database,
        finished_call(
            "1.1", arrived_at=EIGHT, customer=customer_id, agent=maryam.id, queue="sales"
        ),
        changed(
            finished_call("1.2", arrived_at=EIGHT + 10, queue="support"),
            disposition=Disposition.ABANDONED,
            answered_by=(),
        ),
        changed(
            finished_call("1.3", arrived_at=EIGHT + 20, caller=NIKOS),
            direction=Direction.OUTBOUND,
            pbx=SIMULATED,
        ),
    )

    assert await names(database, CallFilter()) == ["1.3", "1.2", "1.1"]
    assert await names(database, CallFilter(since=EIGHT + 10, until=EIGHT + 20)) == ["1.2"]
    assert await names(database, CallFilter(direction="outbound")) == ["1.3"]
    assert await names(database, CallFilter(disposition="abandoned")) == ["1.2"]
    assert await names(database, CallFilter(queue="support")) == ["1.2"]
    assert await names(database, CallFilter(agent=maryam.id)) == ["1.3", "1.1"]
    assert await names(database, CallFilter(agent=UserId(99))) == []
    assert await names(database, CallFilter(customer=customer_id)) == ["1.1"]
    assert await names(database, CallFilter(simulated=True)) == ["1.3"]
    assert await names(database, CallFilter(simulated=False, queue="sales")) == ["1.1"]


@pytest.mark.parametrize("typed", ["كريمى", "KARIMI laleh", "0912 345", "+98912", "LALEH K", " "])
async def test_a_call_is_found_by_name_or_number_however_typed(
    database: Database, typed: str
) -> None:
    customer_id = await add_customer(database, "Karimi کریمی", LALEH, folded="karimi کریمی laleh")
    await keep(database, finished_call("1.1", customer=customer_id))

    assert await names(database, CallFilter(search=typed)) == ["1.1"]
    assert await names(database, CallFilter(search=f"{typed} nobody")) == []


async def test_a_call_that_is_not_there_is_none(database: Database) -> None:
    assert await call_detail(database, 404) is None
    assert await find_call(database, PbxId("lab"), CallId("1.1")) is None


async def test_the_newest_of_several_calls_of_one_id_is_found(database: Database) -> None:
    await keep(
        database,
        finished_call("1.1", boot="old", arrived_at=EIGHT),
        finished_call("1.1", boot="new", arrived_at=EIGHT + 5),
    )

    newest = await find_call(database, PbxId("lab"), CallId("1.1"))
    older = await find_call(database, PbxId("lab"), CallId("1.1"), BootId("old"))

    assert newest is not None
    assert older is not None
    for found, boot in ((newest, "new"), (older, "old")):
        detail = await call_detail(database, found)
        assert detail is not None
        assert detail.call.boot == boot


async def test_an_erased_customer_leaves_the_call_without_a_name(database: Database) -> None:
    await keep(database, finished_call("1.1", customer=CustomerId(5)))

    [call] = (await list_calls(database)).calls
    assert (call.customer, call.customer_names, call.customer_title) == (None, {}, "none")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_turning_pages_walks_the_index(database: Database, url: str) -> None:
    statement = page_statement(CallFilter(until=EIGHT), CallCursor(EIGHT, 5), 50)
    sql = statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    connection = sqlite3.connect(make_url(url).database or "")
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    connection.close()

    assert plan[0] == "SEARCH calls USING INDEX ix_calls_arrived_at_id (arrived_at<?)"
    assert not [step for step in plan if "SCAN" in step or "B-TREE" in step]
