"""The call log by its orders and by missed calls: pages, plans, and a count in Python."""

import random
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.follow_ups.work_list import MIN_TALK_S
from screenpop.service.ports import LoggedCall
from screenpop.store.accounts.teams import visible_calls
from screenpop.store.calls.call_filter import (
    CallFilter,
    CallSort,
    filter_from_json,
    filter_to_json,
)
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.queries import list_calls, page_statement
from screenpop.store.engine.database import Database
from screenpop.store.reports.conditions import of_period
from screenpop.store.schema.customer_tables import missed_calls_done
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import E164
from tests.store.calls.written_calls import kept
from tests.store.query_plans import plan_of as read_plan
from tests.store.samples import LALEH, add_customer, add_user, changed, find_call, finished_call

pytestmark = pytest.mark.anyio

EIGHT = 1_700_000_000.0
KEYS = {
    CallSort.NEWEST: lambda one: (-one.arrived_at, -one.id),
    CallSort.OLDEST: lambda one: (one.arrived_at, one.id),
    CallSort.LONGEST_WAIT: lambda one: (-one.wait_s, -one.id),
    CallSort.LONGEST_TALK: lambda one: (-one.talk_s, -one.id),
}


def call(n: int, at: float, number: str = "", **entry: object) -> LoggedCall:
    made = finished_call(f"{n}.1", arrived_at=at)
    if number:
        made = replace(made, caller=replace(LALEH, e164=E164(number)))
    return changed(made, **entry)


async def test_pages_of_each_order_have_each_call_once(database: Database) -> None:
    rng = random.Random(3)
    records = [
        call(
            n,
            EIGHT + rng.randrange(9),  # many at one time: the id decides
            wait_s=rng.choice((None, 1.0, 2.0, 2.5)),
            talk_s=rng.choice((None, 0.0, 60.0)),
        )
        for n in range(30)
    ]
    await kept(database, *records)
    for sort, key in KEYS.items():
        found: list[object] = []
        after: CallCursor | None = None
        while True:
            page = await list_calls(database, after=after, limit=7, sort=sort)
            found += page.calls
            after = page.after
            if after is None:
                break
        assert found == sorted(found, key=key), sort
        times = [one.entry.wait_s for one in records]
        if sort is CallSort.LONGEST_TALK:
            times = [one.entry.talk_s for one in records]
        is_timed = sort in {CallSort.LONGEST_WAIT, CallSort.LONGEST_TALK}
        wanted = len([one for one in times if one is not None]) if is_timed else len(records)
        assert len({one.id for one in found}) == len(found) == wanted  # type: ignore[attr-defined]


INDEXES = {
    CallSort.NEWEST: "ix_calls_arrived_at_id",
    CallSort.OLDEST: "ix_calls_arrived_at_id",
    CallSort.LONGEST_WAIT: "ix_calls_wait_s",
    CallSort.LONGEST_TALK: "ix_calls_talk_s",
}


async def test_pages_of_each_order_walk_an_index(database: Database) -> None:
    await kept(database, *(call(n, EIGHT + n) for n in range(3)))
    for sort, index in INDEXES.items():
        plan = await plan_of(database, CallFilter(), sort)
        assert index in plan, plan
        assert "B-TREE" not in plan, plan
        assert "Sort" not in plan, plan
    plan = await plan_of(database, CallFilter(no_callback=True), CallSort.NEWEST)
    assert "ix_calls_talked_e164" in plan, plan
    assert "ix_calls_talked_customer" in plan, plan
    if database.kind == "sqlite":  # PostgreSQL sorts a few calls rather than to walk an index
        assert "B-TREE" not in plan, plan


async def test_pages_of_calls_whose_card_was_late_walk_their_index(database: Database) -> None:
    await kept(database, *(call(n, EIGHT + n) for n in range(3)))
    for sort in (CallSort.NEWEST, CallSort.OLDEST):
        plan = await plan_of(database, CallFilter(late_card=True), sort)
        assert "ix_calls_late_card" in plan, plan
        assert "B-TREE" not in plan, plan
        assert "Sort" not in plan, plan


async def test_pages_and_reports_of_a_team_walk_the_index_of_the_log(database: Database) -> None:
    await kept(database, *(call(n, EIGHT + n) for n in range(3)))
    team = frozenset({UserId(1), UserId(2)})
    for sort, index in INDEXES.items():
        plan = await plan_of(database, CallFilter(visible=team), sort)
        assert index in plan, plan
        assert "hashed" not in plan, plan  # PostgreSQL would read all legs for it
        assert "B-TREE" not in plan, plan
        assert "Sort" not in plan, plan
    since, until = EIGHT - 10, EIGHT + 10
    counted = (
        select(func.count())
        .select_from(calls)
        .where(*of_period(since, until, simulated=False), *visible_calls(team))
    )
    found = await read_plan(database, counted)
    assert any("ix_calls_arrived_at" in step for step in found.steps), found
    assert [step for step in found.scans if "calls" in step.split()] == [], found


async def plan_of(database: Database, wanted: CallFilter, sort: CallSort) -> str:
    statement = page_statement(wanted, CallCursor(EIGHT, 5), 51, sort)
    dialect = sqlite.dialect() if database.kind == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]
    sql = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    # As exec_driver_sql would, text() takes a colon for a parameter.
    query = str(sql).replace(":", "\\:").replace("%%", "%")
    explain = "EXPLAIN QUERY PLAN " if database.kind == "sqlite" else "EXPLAIN "
    async with database.reading() as connection:
        if database.kind != "sqlite":
            # With three rows it would read them all.
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            await connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        rows = (await connection.execute(text(explain + query))).all()
    return "\n".join(str(row[-1]) for row in rows)


async def test_missed_calls_without_a_callback_equal_a_recount(database: Database) -> None:
    rng = random.Random(11)
    numbers = [f"+9821000000{n}" for n in range(4)]
    records = []
    for n in range(40):
        at, is_answered = EIGHT + 100.0 * n, rng.random() < 0.4
        records.append(
            call(
                n,
                at,
                rng.choice(numbers),
                disposition=Disposition.ANSWERED if is_answered else Disposition.ABANDONED,
                answered_at=at + 5 if is_answered else None,
                talk_s=rng.choice((MIN_TALK_S - 0.1, MIN_TALK_S, 60.0)) if is_answered else None,
            )
        )
    await kept(database, *records)
    done = next(one for one in records if one.entry.answered_at is None)
    done_id = await find_call(database, done.entry.pbx, done.entry.call)
    async with database.writing() as connection:
        await connection.execute(
            insert(missed_calls_done).values(call_id=done_id, with_call_id=done_id, done_at=1.0)
        )
    talks = [
        (one.caller.e164, one.entry.answered_at or 0.0)
        for one in records
        if (one.entry.talk_s or 0.0) >= MIN_TALK_S
    ]
    wanted = [
        one.entry.call
        for one in reversed(records)
        if one.entry.answered_at is None
        and one is not done
        and not any(number == one.caller.e164 and at > one.entry.arrived_at for number, at in talks)
    ]
    found = await list_calls(database, CallFilter(no_callback=True))
    assert [one.call for one in found.calls] == wanted
    assert wanted


async def test_a_missed_call_is_called_back_by_any_number_of_its_customer(
    database: Database,
) -> None:
    customer = await add_customer(database, "Karimi")
    missed = {"disposition": Disposition.NO_ANSWER, "answered_at": None, "talk_s": None}
    first = changed(finished_call("1.1", customer=customer, arrived_at=EIGHT), **missed)
    other = replace(LALEH, e164=E164("+302101234567"))
    talk = finished_call("2.1", customer=customer, caller=other, arrived_at=EIGHT + 9)
    await kept(database, first)
    assert len((await list_calls(database, CallFilter(no_callback=True))).calls) == 1
    await kept(database, talk)
    assert (await list_calls(database, CallFilter(no_callback=True))).calls == ()


async def test_a_supervisor_of_a_team_lists_its_calls_and_those_of_no_agent(
    database: Database,
) -> None:
    one, other = [(await add_user(database, name)).id for name in ("one", "other")]
    await kept(
        database,
        finished_call("1.1", agent=one, arrived_at=EIGHT),
        finished_call("2.1", agent=other, arrived_at=EIGHT + 1),
        finished_call("3.1", arrived_at=EIGHT + 2),
    )
    wanted = CallFilter(visible=frozenset({one}))
    assert filter_from_json(filter_to_json(wanted)) == wanted
    found = await list_calls(database, wanted)
    assert [call.call for call in found.calls] == ["3.1", "1.1"]
