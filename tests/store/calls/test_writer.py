"""Calls in the call log: what is kept, and which record replaces which."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import LegOutcome
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import CallLog, CardDelivery, LoggedCall
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, legs, meta
from screenpop.telephony.identifiers import CallId, Endpoint, LegId
from tests.store.calls.written_calls import Flaky, count, kept, sqlite_only, the_call, writer
from tests.store.samples import (
    LALEH,
    WITHHELD,
    add_customer,
    add_user,
    changed,
    finished_call,
)

pytestmark = pytest.mark.anyio


async def test_it_is_the_port(database: Database) -> None:
    port: CallLog = database.log
    assert port is database.log


async def test_a_call_is_kept_with_all_that_happened(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = await add_user(database, "maryam", "101")
    other = await add_user(database, "eleni", "102")

    await kept(database, finished_call(customer=customer_id, agent=agent.id))
    detail = await the_call(database)

    call = detail.call
    assert (call.pbx, call.boot, call.call) == ("lab", "b1", "1700000000.1")
    assert (call.caller_raw, call.caller_name, call.e164) == (
        "09123456789",
        "LALEH K",
        "+989123456789",
    )
    assert (call.disposition, call.answered_by, call.queue) == ("answered", ("101",), "sales")
    assert (call.wait_s, call.talk_s, call.before_pickup) == (5.0, 60.0, True)
    assert (call.customer, call.customer_names["en"].family) == (customer_id, "Karimi")
    assert (call.agent, call.agent_name, call.simulated) == (agent.id, "Maryam", False)
    assert [(leg.endpoint, leg.outcome, leg.agent_name) for leg in detail.legs] == [
        ("101", "answered", "Maryam"),
        ("102", "answered_elsewhere", other.display_name),
    ]
    assert [(t.origin, t.target, t.kind) for t in detail.transfers] == [("101", "103", "blind")]
    assert [(r.agent_name, r.painted_at, r.before_pickup) for r in detail.receipts] == [
        ("Maryam", 1_700_000_000.2, True)
    ]
    assert detail.trace == ({"at": 1_700_000_000.0, "step": "matched", "why": "number_on_file"},)


async def test_a_withheld_call_is_kept_as_such(database: Database) -> None:
    record = finished_call(caller=WITHHELD)
    entry = replace(record.entry, caller=CallerInfo("anonymous", withheld=True))
    await kept(database, replace(record, entry=entry))

    call = (await the_call(database)).call
    assert (call.caller_kind, call.withheld, call.e164) == ("withheld", True, None)


async def test_the_same_call_twice_is_one_row_a_call_and_one_a_leg(database: Database) -> None:
    record = finished_call()
    await kept(database, record, record)
    await kept(database, record)

    assert (await count(database, calls), await count(database, legs)) == (1, 2)
    assert len((await the_call(database)).transfers) == 1


async def test_the_same_linkedid_in_another_boot_is_another_call(database: Database) -> None:
    await kept(database, finished_call(boot="b1"), finished_call(boot="b2"))

    assert (await count(database, calls), await count(database, legs)) == (2, 4)


async def test_what_was_seen_is_not_overwritten_by_an_estimate_but_the_other_way_round(
    database: Database,
) -> None:
    seen, guess = finished_call(queue="seen"), finished_call(queue="guess", estimated=True)

    await kept(database, seen, guess)
    await kept(database, guess)
    assert (await the_call(database)).call.queue == "seen"

    await kept(database, finished_call("2.1", queue="guess", estimated=True))
    await kept(database, finished_call("2.1", queue="seen"))
    call = (await the_call(database, "2.1")).call
    assert (call.queue, call.estimated) == ("seen", False)


async def test_a_later_record_replaces_all_that_hangs_on_the_call(database: Database) -> None:
    first = finished_call()
    entry = replace(first.entry, legs=first.entry.legs[:1], transfers=())
    await kept(database, first)
    await kept(database, replace(first, entry=entry, trace=()))

    detail = await the_call(database)
    assert (len(detail.legs), detail.transfers, detail.trace) == (1, (), ())


async def test_people_erased_while_the_call_went_on_do_not_keep_it_from_the_log(
    database: Database,
) -> None:
    ghost = CardDelivery(UserId(77), "102", 1.0, None, None, None, None)
    record = replace(finished_call(customer=CustomerId(88)), painted=(ghost,))
    await kept(database, record)

    detail = await the_call(database)
    assert (detail.call.customer, detail.receipts[0].agent_name) == (None, "")
    assert database.log.state.set_aside == 0


async def test_a_deleted_user_leaves_the_calls_behind(database: Database) -> None:
    agent = await add_user(database, "maryam", "101")
    await kept(database, finished_call(agent=agent.id))
    async with database.writing() as connection:
        await connection.execute(delete(users))

    assert (await the_call(database)).call.agent is None


async def test_the_agent_at_a_phone_then_has_the_call_whosever_phone_it_is(
    database: Database,
) -> None:
    guest = await add_user(database, "maryam", "103")
    await add_user(database, "eleni", "101")
    card = CardDelivery(guest.id, "103", 1.0, None, None, None, True, frozenset({"101", "103"}))
    await kept(database, replace(finished_call(), painted=(card,)))

    detail = await the_call(database)
    assert (detail.call.agent, detail.call.before_pickup) == (guest.id, True)
    assert detail.legs[0].agent == guest.id
    assert detail.receipts[0].agent == guest.id


async def test_an_own_call_is_of_the_dialling_agent_until_a_colleague_has_it(
    database: Database,
) -> None:
    dialler = await add_user(database, "maryam", "101")
    colleague = await add_user(database, "eleni", "102")
    card = CardDelivery(dialler.id, "105", 1.0, None, None, None, None)
    theirs = CardDelivery(colleague.id, "102", 1.0, None, None, None, None)
    entry = replace(
        finished_call("3.1").entry,
        direction=Direction.OUTBOUND,
        answered_by=(Endpoint("trunk"),),
        legs=(),
    )
    made = replace(finished_call(), entry=entry, painted=(card,), dialled_from="105")
    passed = replace(entry, call=CallId("3.2"), answered_by=(Endpoint("trunk"), Endpoint("102")))
    await kept(database, made, replace(made, entry=passed, painted=(card, theirs)))

    assert (await the_call(database, "3.1")).call.agent == dialler.id
    assert (await the_call(database, "3.2")).call.agent == colleague.id


@pytest.mark.defends("text-is-text")
async def test_text_of_strangers_is_kept_as_text(database: Database) -> None:
    evil = "a\0b\ud800'; DROP TABLE calls; --\u202e<script>"
    record = finished_call(name=evil, queue=evil)
    entry = replace(record.entry, did=evil, called=evil, answered_by=())
    trace = ({"at": 1.0, "step": "x", "what": evil, "big": 1 << 80, "odd": {1, 2}},)
    await kept(database, replace(record, entry=entry, trace=trace))

    detail = await the_call(database)
    assert detail.call.caller_name == "a\ufffdb\ufffd'; DROP TABLE calls; --\u202e<script>"
    assert detail.trace[0]["step"] == "x"


@sqlite_only
@given(
    order=st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["b1", "b2"]), st.booleans()),
        min_size=1,
        max_size=30,
    ),
    pauses=st.sets(st.integers(0, 29)),
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
async def test_any_order_any_doubling_gives_one_row_a_call_and_one_a_leg(
    database: Database, order: list[tuple[int, str, bool]], pauses: set[int]
) -> None:
    async with database.writing() as connection:
        await connection.execute(delete(calls))
    flaky = Flaky(database)
    log = writer(database, flaky)
    log.start()
    for place, (number, boot, estimated) in enumerate(order):
        flaky.fails_at_commit = place in pauses
        log.keep(finished_call(f"{number}.1", boot=boot, estimated=estimated))
        if place in pauses:
            await log.flush()
    await log.close()

    rows = {(str(call.call), str(call.boot)): call for call in (await list_calls(database)).calls}
    wanted = {(f"{number}.1", boot) for number, boot, _ in order}
    assert set(rows) == wanted
    assert await count(database, calls) == len(wanted)
    assert await count(database, legs) == 2 * len(wanted)
    for name, row in rows.items():
        only_estimates = all(
            guess for number, boot, guess in order if (f"{number}.1", boot) == name
        )
        assert row.estimated is only_estimates


async def test_a_leg_that_moved_to_another_call_is_that_calls_only(database: Database) -> None:
    first = finished_call("1.1")
    moved = replace(first.entry.legs[0], leg=LegId("shared"))
    one = replace(first, entry=replace(first.entry, legs=(moved,)))
    other = finished_call("1.2")
    two = replace(
        other,
        entry=replace(other.entry, legs=(moved,), disposition=Disposition.NO_ANSWER),
    )

    await kept(database, one, two)

    assert await count(database, legs) == 1
    assert len((await the_call(database, "1.2")).legs) == 1


CLOCKS: dict[str, Callable[[], float]] = {"wall": lambda: 42.0}


async def test_the_moment_of_writing_is_the_clocks(database: Database) -> None:
    log = CallLogWriter(database.kind, database.write, clock=CLOCKS["wall"])
    log.start()
    log.keep(finished_call())
    await log.close()

    async with database.reading() as connection:
        assert (await connection.execute(select(calls.c.kept_at))).scalar_one() == 42.0


def to_a_mobile() -> LoggedCall:
    """A customer's call that a mobile behind the trunk took; 101 and 102 rang beside it."""
    record = finished_call()
    first, second = record.entry.legs
    mobile = replace(first, leg=LegId("m"), endpoint=Endpoint("trunk"), dialled="09121112233")
    losers = [
        replace(
            leg,
            answered_at=None,
            outcome=LegOutcome.ANSWERED_ELSEWHERE,
            by=Endpoint("trunk"),
        )
        for leg in (first, second)
    ]
    return changed(record, legs=(mobile, *losers), answered_by=(Endpoint("trunk"),))


async def test_a_mobile_behind_a_trunk_is_kept_with_the_number_dialled(database: Database) -> None:
    await kept(database, to_a_mobile())
    detail = await the_call(database)
    assert detail.call.answered_by == ("09121112233",)
    assert {(leg.endpoint, leg.dialled, leg.stopped_by) for leg in detail.legs} == {
        ("trunk", "09121112233", ""),
        ("101", "", "09121112233"),
        ("102", "", "09121112233"),
    }


async def test_a_call_that_a_voicemail_took_is_found_by_that(database: Database) -> None:
    voicemail = changed(finished_call("1700000000.7"), disposition=Disposition.VOICEMAIL)
    await kept(database, finished_call(), voicemail)
    page = await list_calls(database, CallFilter(disposition="voicemail"))
    assert [call.call for call in page.calls] == ["1700000000.7"]


async def test_the_call_log_is_written_off_the_loop_while_all_threads_for_pages_are_busy(
    database: Database,
) -> None:
    loop_thread, ended, written_in = threading.get_ident(), threading.Event(), [0]

    def write(connection: Connection) -> None:
        written_in[0] = threading.get_ident()
        connection.execute(insert(meta).values(key="written", value="yes"))

    pages = [asyncio.create_task(asyncio.to_thread(ended.wait)) for _ in range(64)]
    try:
        async with asyncio.timeout(20):
            await database.write(write)
        async with database.reading() as connection:
            found = select(meta.c.value).where(meta.c.key == "written")
            assert await connection.scalar(found) == "yes"
    finally:
        ended.set()
        await asyncio.gather(*pages)
    assert (written_in[0] != loop_thread) is (database.kind == "sqlite")
