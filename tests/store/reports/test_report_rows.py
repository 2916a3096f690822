"""Rows of the reports, held against a count in Python of the same calls."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select, update

from screenpop.accounts.users import UserId
from screenpop.agents.availability import AgentState
from screenpop.calls.events import Direction, Disposition
from screenpop.customers.models import CustomerId, TripStatus
from screenpop.follow_ups.models import FollowUpState
from screenpop.follow_ups.work_list import MIN_TALK_S
from screenpop.reports.agents import CALLED_BACK_DAYS
from screenpop.reports.callers import Recognition
from screenpop.reports.periods import Period
from screenpop.service.ports import LoggedCall
from screenpop.store.engine.database import Database
from screenpop.store.reports.agent_rows import agent_work
from screenpop.store.reports.caller_rows import recognised_calls
from screenpop.store.reports.customer_rows import customer_groups
from screenpop.store.reports.line_rows import line_calls
from screenpop.store.reports.purpose_rows import purpose_calls
from screenpop.store.reports.trip_rows import booked_trips
from screenpop.store.schema.customer_tables import (
    agent_states,
    call_labels,
    call_purposes,
    follow_ups,
    missed_calls_done,
)
from screenpop.store.schema.tables import calls, customers, legs, trips
from screenpop.store.schema.trip_board_tables import trip_progress
from screenpop.store.schema.value_tables import customer_values
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import E164
from tests.store.calls.written_calls import kept
from tests.store.samples import (
    LALEH,
    NIKOS,
    WITHHELD,
    add_customer,
    add_user,
    changed,
    finished_call,
)

pytestmark = pytest.mark.anyio

ATHENS = ZoneInfo("Europe/Athens")
DAY = date(2026, 3, 29)
"""On this day the clocks of Athens change: it has 23 hours."""
SINCE, UNTIL = Period(DAY, DAY).bounds(ATHENS)
WEEK_S = 7 * 86_400.0


def call(n: int, at: float, *, agent: UserId | None = None, **entry: object) -> LoggedCall:
    """Return one call."""
    return changed(finished_call(f"{n}.1", arrived_at=at, agent=agent), **entry)


def named(_pbx: str, did: str) -> str:
    return did


async def test_a_day_of_a_change_of_clocks_has_the_calls_of_23_hours(database: Database) -> None:
    assert UNTIL - SINCE == 23 * 3600
    await kept(database, call(1, SINCE - 1), call(2, SINCE), call(3, UNTIL - 1), call(4, UNTIL))
    found = await line_calls(database, SINCE, UNTIL, ATHENS, named, agents=None, simulated=False)
    assert sum(one.calls for one in found) == 2


async def test_calls_by_recognition_and_line_equal_a_recount(database: Database) -> None:
    rng = random.Random(7)
    known = await add_customer(database, "Karimi", LALEH)
    kinds = {
        Recognition.CUSTOMER: {"customer": known},
        Recognition.SHARED: {},
        Recognition.WITHHELD: {"caller": WITHHELD},
        Recognition.UNKNOWN: {"caller": replace(LALEH, e164=E164("+302101234567"))},
        Recognition.UNREADABLE: {"caller": replace(LALEH, e164=None)},
    }
    wanted: Counter[tuple[str, Recognition]] = Counter()
    records = []
    for n in range(60):
        kind, did = rng.choice(list(kinds)), rng.choice(("210", "211"))
        at = rng.uniform(SINCE - 3600, UNTIL + 3600)
        options = kinds[kind]
        made = finished_call(f"{n}.1", arrived_at=at, **options)  # type: ignore[arg-type]
        inbound = rng.random() < 0.8
        direction = Direction.INBOUND if inbound else Direction.OUTBOUND
        records.append(changed(made, did=did, direction=direction))
        wanted[did, kind] += inbound and SINCE <= at < UNTIL
    await kept(database, *records)
    found = await recognised_calls(database, SINCE, UNTIL, named, agents=None, simulated=False)
    assert {(one.line, one.recognition): one.calls for one in found} == {
        key: count for key, count in wanted.items() if count
    }


async def test_one_call_is_enough_without_another_one_of_the_caller_within_a_week(
    database: Database,
) -> None:
    first, second = [await add_customer(database, name) for name in ("A", "B")]
    now = UNTIL + 30 * 86_400
    records = [
        finished_call("1.1", customer=first, arrived_at=SINCE),
        finished_call("2.1", customer=first, arrived_at=SINCE + WEEK_S),  # a repeat, at the limit
        finished_call("3.1", customer=second, arrived_at=SINCE + 1),
        finished_call("4.1", customer=second, arrived_at=SINCE + 1 + WEEK_S + 1),  # none any more
        finished_call("5.1", caller=WITHHELD, arrived_at=SINCE + 2),  # not to be recognised
    ]
    await kept(database, *records)
    rows = (SINCE, UNTIL)
    [found] = await purpose_calls(database, *rows, now, "en", agents=None, simulated=False)
    assert (found.name, found.calls, found.counted, found.resolved) == ("", 3, 2, 1)
    # At the end of the week of the first call it counts; the second one's is not over.
    at = SINCE + WEEK_S
    [found] = await purpose_calls(database, *rows, at, "en", agents=None, simulated=False)
    assert (found.counted, found.resolved) == (1, 0)
    async with database.writing() as connection:
        await connection.execute(
            insert(call_purposes).values(id=77, names={"en": "Visa"}, position=9, active=True)
        )
        first_call = select(calls.c.id).where(calls.c.linkedid == "1.1").scalar_subquery()
        await connection.execute(insert(call_labels).values(call_id=first_call, purpose_id=77))
    found_rows = await purpose_calls(database, *rows, now, "en", agents=None, simulated=False)
    assert sorted((one.name, one.calls) for one in found_rows) == [("", 2), ("Visa", 1)]
    # Calls of no agent are everyone's; those of another one are not.
    maryam, nikos = [(await add_user(database, name)).id for name in ("maryam", "nikos")]
    async with database.writing() as connection:
        await connection.execute(
            update(calls).where(calls.c.linkedid == "1.1").values(agent_id=nikos)
        )
    [found] = await purpose_calls(database, *rows, now, "en", agents={maryam}, simulated=False)
    assert (found.name, found.calls) == ("", 2)


async def test_a_line_has_the_bookings_of_those_whose_first_call_it_was(
    database: Database,
) -> None:
    anna, basil = [await add_customer(database, name) for name in ("A", "B")]

    def of(n: int, customer: CustomerId, at: float, did: str) -> LoggedCall:
        return changed(finished_call(f"{n}.1", customer=customer, arrived_at=at), did=did)

    await kept(
        database,
        of(1, anna, SINCE, "210"),
        of(2, anna, SINCE + 9, "211"),
        of(3, basil, SINCE + 5, "211"),
    )
    month_s = 30 * 86_400.0
    async with database.writing() as connection:
        for number, (customer, booked, status, departs) in enumerate(
            [
                (anna, SINCE, TripStatus.BOOKED, DAY),
                (anna, SINCE + month_s - 1, TripStatus.BOOKED, DAY + timedelta(90)),
                (anna, SINCE + month_s, TripStatus.BOOKED, None),  # too late
                (anna, SINCE + 1, TripStatus.QUOTED, None),  # no booking
                (basil, SINCE + 4, TripStatus.BOOKED, None),  # before the call
                (basil, SINCE + 6, TripStatus.BOOKED, DAY - timedelta(1)),  # a past trip
            ],
            start=1,
        ):
            await connection.execute(
                insert(trips).values(
                    id=number,
                    customer_id=customer,
                    status=status.value,
                    departs=departs,
                    adults=2,
                    margin=100,
                    currency="EUR",
                )
            )
            await connection.execute(
                insert(trip_progress).values(trip_id=number, ticked=[], booked=booked, version=1)
            )
    found = await line_calls(database, SINCE, UNTIL, ATHENS, named, agents=None, simulated=False)
    lines = {one.name: one for one in found}
    assert (lines["210"].customers, lines["210"].booked, lines["210"].bookings) == (1, 1, 2)
    assert (lines["210"].passengers, lines["210"].profit) == (4, {"EUR": 200})
    assert (lines["211"].calls, lines["211"].customers, lines["211"].booked) == (2, 1, 0)


async def test_the_work_of_agents_is_cut_at_the_ends_of_the_period(database: Database) -> None:
    maryam, nikos = [(await add_user(database, name)).id for name in ("maryam", "nikos")]
    await kept(
        database,
        finished_call("1.1", agent=maryam, arrived_at=SINCE),
        changed(
            finished_call("2.1", agent=maryam, arrived_at=SINCE + 60),
            direction=Direction.OUTBOUND,
            talk_s=40.0,
        ),
        changed(
            finished_call("3.1", agent=nikos, arrived_at=SINCE + 90),
            disposition=Disposition.NO_ANSWER,
            answered_at=None,
            direction=Direction.OUTBOUND,
        ),
    )
    noon = datetime(2026, 3, 29, 12, tzinfo=ATHENS).timestamp()
    spans = [
        (maryam, AgentState.AVAILABLE, "", SINCE - 100, SINCE + 50),
        (maryam, AgentState.PAUSED, "lunch", SINCE + 50, SINCE + 110),
        (maryam, AgentState.WRAP_UP, "", SINCE + 110, SINCE + 140),
        (maryam, AgentState.OFFLINE, "", SINCE + 140, UNTIL - 10),
        (maryam, AgentState.PAUSED, "break", UNTIL - 10, UNTIL + 99),
        (nikos, AgentState.AVAILABLE, "", SINCE - 900, SINCE - 800),
        (nikos, AgentState.AVAILABLE, "", noon - 30, None),
    ]
    async with database.writing() as connection:
        await connection.execute(
            update(legs).where(legs.c.endpoint == "101").values(user_id=maryam)
        )
        await connection.execute(update(legs).values(hold_s=7.0))
        for user, state, reason, begun, ended in spans:
            row: dict[str, object] = {"user_id": user, "state": state.value, "reason": reason}
            row |= {"begun_at": begun, "ended_at": ended}
            await connection.execute(insert(agent_states).values(**row))
        for due, outcome, closed in (
            (DAY, FollowUpState.DONE, UNTIL - 1),
            (DAY, FollowUpState.DONE, UNTIL),  # a day late
            (DAY, FollowUpState.CANCELLED, UNTIL - 1),
            (DAY, FollowUpState.OPEN, None),
            (DAY + timedelta(1), FollowUpState.DONE, UNTIL - 1),
        ):
            await connection.execute(
                insert(follow_ups).values(
                    customer_id=await _any_customer(connection),
                    due=due,
                    promise="",
                    source="manual",
                    state=outcome.value,
                    made_by_id=nikos,
                    made_at=1.0,
                    closed_at=closed,
                )
            )
    period = Period(DAY, DAY)
    found = {
        one.name: one
        for one in await agent_work(database, period, ATHENS, noon, agents=None, simulated=False)
    }
    one, other = found["Maryam"], found["Nikos"]
    assert (one.handled, one.inbound_talk_s) == (1, 60.0)
    assert (one.made, one.outbound_talk_s) == (1, 40.0)
    assert one.hold_s == 7.0 + 2 * 7.0  # of the second call both legs
    assert one.pauses_s == {"lunch": 60.0, "break": 10.0}
    assert (one.wrap_up_s, one.online_s) == (30.0, 50.0 + 60.0 + 30.0 + 10.0)
    assert (other.made, other.online_s) == (0, 30.0)
    assert (other.promises_due, other.promises_kept) == (3, 1)
    only = await agent_work(database, period, ATHENS, noon, agents={nikos}, simulated=False)
    assert [one.name for one in only] == ["Nikos"]


async def _any_customer(connection: object) -> int:
    row = await connection.execute(  # type: ignore[attr-defined]
        insert(customers)
        .values(names=[], tags=[], folded="", created_at=1.0, changed_at=1.0)
        .returning(customers.c.id)
    )
    return int(row.scalar_one())


async def test_trips_are_booked_ones_by_day_and_place(database: Database) -> None:
    customer = await add_customer(database, "A")
    async with database.writing() as connection:
        for departs, status, place in (
            (DAY, TripStatus.BOOKED, "Paris"),
            (DAY, TripStatus.TRAVELLED, "پاریس"),
            (DAY, TripStatus.CANCELLED, "Paris"),
            (DAY + timedelta(1), TripStatus.BOOKED, "Paris"),
        ):
            await connection.execute(
                insert(trips).values(
                    customer_id=customer,
                    destination=place,
                    departs=departs,
                    status=status.value,
                    adults=2,
                    children=1,
                    price=500,
                    currency="EUR",
                )
            )
    found = await booked_trips(database, DAY, DAY, "en")
    assert {one.destination for one in found} == {"Paris"}
    assert [sum(getattr(one, name) for one in found) for name in ("trips", "passengers")] == [2, 6]


async def test_customers_lapse_and_come_back_on_their_own_days(database: Database) -> None:
    async def scored(stage: str, **values: object) -> None:
        row = {"scored_on": DAY, "stage": stage, "chance_word": "none", "reasons": [], "card": ""}
        customer = await add_customer(database, stage)
        async with database.writing() as connection:
            await connection.execute(
                insert(customer_values).values(customer_id=customer, **row, **values)
            )

    first = DAY - timedelta(2000)
    await scored("lapsed", lapsed_from=DAY, first_trip=first, last_trip=first, trips=5)
    await scored("lapsed", lapsed_from=DAY - timedelta(1), first_trip=first, last_trip=first)
    once = DAY - timedelta(549)
    await scored("lapsed", first_trip=once, last_trip=once, trips=1)
    twice = DAY - timedelta(730)
    await scored("lapsed", first_trip=twice - timedelta(9), last_trip=twice, trips=2)
    await scored("won_back", first_trip=first, last_trip=DAY, trips=3, percentile=1, margin=900)
    await scored("won_back", first_trip=first, last_trip=DAY - timedelta(1), trips=3)
    await scored("active", first_trip=first, last_trip=DAY, percentile=90, margin=100, is_top=True)
    found = await customer_groups(database, DAY, DAY)
    assert (found.lapsed, found.won_back, found.top) == (3, 1, 1)
    assert found.stages == {"active": 1, "lapsed": 4, "won_back": 2}
    assert [(one.percentile, one.profit) for one in found.best] == [(1, 900), (90, 100)]
    assert sum(one.customers for one in found.coming if one.stays) == 3
    assert sum(one.customers for one in found.tiers) == 7


async def test_a_callback_is_an_outbound_talk_after_a_missed_call(
    database: Database,
) -> None:
    agent = (await add_user(database, "maryam")).id
    customer = await add_customer(database, "A")
    other = replace(LALEH, e164=E164("+302101234567"))

    def missed(n: int, at: float) -> LoggedCall:
        made = finished_call(f"{n}.1", customer=customer, arrived_at=at)
        none = {"answered_at": None, "talk_s": None, "disposition": Disposition.NO_ANSWER}
        return changed(made, **none)

    def made(
        n: int,
        at: float,
        talk_s: float = MIN_TALK_S,
        caller: CallerId = LALEH,
        of: CustomerId | None = customer,
    ) -> LoggedCall:
        call = finished_call(f"{n}.1", agent=agent, customer=of, caller=caller, arrived_at=at)
        return changed(call, direction=Direction.OUTBOUND, answered_at=at + 1, talk_s=talk_s)

    month_s = CALLED_BACK_DAYS * 86_400.0
    late, other_late = [replace(LALEH, e164=E164(f"+98210000000{n}")) for n in (1, 2)]
    await kept(
        database,
        made(1, SINCE),  # before the missed call
        missed(2, SINCE + 100),
        made(3, SINCE + 200, MIN_TALK_S - 0.1),  # too short to be a talk
        made(4, SINCE + 300, caller=other),  # by another number of the same customer
        made(5, SINCE + 400),  # they were talked to already
        missed(6, SINCE + 500),
        made(7, SINCE + 600),
        *(
            changed(one, answered_at=None, talk_s=None, disposition=Disposition.NO_ANSWER)
            for one in (
                finished_call("8.1", caller=late, arrived_at=SINCE + 701 - month_s),
                finished_call("9.1", caller=other_late, arrived_at=SINCE + 700 - month_s),
                finished_call("13.1", caller=NIKOS, arrived_at=SINCE + 700),
            )
        ),
        made(10, SINCE + 700, caller=late, of=None),
        made(11, SINCE + 700, caller=other_late, of=None),  # too late
        made(12, SINCE + 900, caller=NIKOS, of=None),  # marked as done before
    )
    async with database.writing() as connection:
        number = await connection.scalar(select(calls.c.id).where(calls.c.linkedid == "13.1"))
        await connection.execute(
            insert(missed_calls_done).values(
                call_id=number, with_call_id=number, done_at=SINCE + 800
            )
        )
    period = Period(DAY, DAY)
    [found] = await agent_work(database, period, ATHENS, UNTIL, agents=None, simulated=False)
    assert (found.made, found.callbacks) == (8, 3)
