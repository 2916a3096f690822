"""The callbacks of the office: order, taking, what closes them; on both databases."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import insert, update

from screenpop.accounts.users import UserId
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.models import CustomerId, Tier
from screenpop.follow_ups.callbacks import AttemptKind, rank_key
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.missed_calls import mark_caller_done, undo_caller_done
from screenpop.store.calls.open_callbacks import LONGEST_TALK_S
from screenpop.store.calls.taken_callbacks import (
    CallbackProblem,
    CallbackRefusedError,
    release_callback,
    take_callback,
)
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.callback_times import list_callback_times
from screenpop.store.follow_ups.callbacks import (
    MOST_ATTEMPTS,
    Callback,
    CallbackPage,
    Whose,
    list_callbacks,
    still_open,
)
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.schema.customer_tables import trip_travellers
from screenpop.store.schema.tables import customers, trips
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from tests.store.follow_ups.missed_samples import AT, HIDDEN, keep, missed_call, number, talk
from tests.store.samples import add_customer, add_user, changed, set_active

pytestmark = pytest.mark.anyio

TODAY = datetime.fromtimestamp(AT, UTC).date()
NOW = AT + 1000
LALEH, REZA = number("+989121112233"), number("+989127778899")


@pytest.fixture
async def log(database: Database) -> Database:
    database.log.start()
    return database


async def listed(
    database: Database, *, now: float = NOW, user: UserId | None = None, whose: Whose = Whose.ALL
) -> CallbackPage:
    return await list_callbacks(database, now, TODAY, user=user, whose=whose)


async def only_row(database: Database) -> Callback:
    [row] = (await listed(database)).rows
    return row


async def refused(action: object) -> tuple[CallbackProblem, str]:
    with pytest.raises(CallbackRefusedError) as problem:
        await action  # type: ignore[misc]
    return problem.value.code, problem.value.taken.name if problem.value.taken else ""


async def add_trip(database: Database, customer_id: CustomerId, departs: date) -> int:
    async with database.writing() as connection:
        row = await connection.execute(
            insert(trips)
            .values(
                customer_id=customer_id,
                destination="Rome",
                departs=departs,
                returns=departs + timedelta(days=5),
                status="ticketed",
            )
            .returning(trips.c.id)
        )
        return int(row.scalar_one())


async def promise(database: Database, customer_id: CustomerId, due: date, words: str = "") -> None:
    new = NewFollowUp(customer_id, due, words, FollowUpSource.MANUAL, None, None)
    await insert_follow_up(database, new, today=min(due, TODAY), now=AT)


async def test_the_order_in_sql_is_that_of_the_rank_for_any_office(log: Database) -> None:
    rng = Random(7)
    records = []
    for place in range(60):
        caller = number(f"+98912{place:07}")
        customer = await add_customer(log, f"f{place}", caller) if rng.random() < 0.8 else None
        records.append(
            missed_call(f"{place}.1", caller, AT + rng.randrange(500), customer=customer)
        )
        if customer is None:
            continue
        if rng.random() < 0.3:
            await promise(log, customer, TODAY + timedelta(days=rng.choice([0, 0, 1, 4])))
        if rng.random() < 0.5:
            await add_trip(
                log, customer, TODAY + timedelta(days=rng.choice([-6, -3, 0, 9, 14, 15]))
            )
        async with log.writing() as connection:
            await connection.execute(
                update(customers)
                .where(customers.c.id == customer)
                .values(tier=rng.choice(list(Tier)).value, vip=rng.random() < 0.2)
            )
    await keep(log, *records)
    found: list[Callback] = []
    page = await list_callbacks(log, NOW, TODAY, limit=7)
    while True:
        assert page.total == 60
        found += page.rows
        if page.after is None:
            break
        page = await list_callbacks(log, NOW, TODAY, limit=7, after=page.after)
    ranks = [rank_key(row.facts, TODAY) for row in found]
    assert ranks == sorted(ranks)
    assert len({row.attempts[0].call.id for row in found}) == 60
    assert {rank[0] for rank in ranks} == {0, 1}
    assert len({rank[1] for rank in ranks}) == 4  # today (or under way), in 9 and 14 days, none


async def test_a_row_has_the_promise_and_the_trip_that_rank_it(log: Database) -> None:
    buyer = await add_customer(log, "Buyer", REZA)
    laleh = await add_customer(log, "Karimi", LALEH)
    trip = await add_trip(log, buyer, TODAY + timedelta(days=3))
    async with log.writing() as connection:
        await connection.execute(
            insert(trip_travellers).values(trip_id=trip, customer_id=laleh, name="")
        )
    await promise(log, laleh, TODAY, "send the price")
    await promise(log, laleh, TODAY + timedelta(days=9), "later")
    await keep(log, missed_call("1.1", LALEH, AT))
    row = await only_row(log)
    assert (row.promise, row.destination) == ("send the price", "Rome")
    assert (row.facts.promise_due, row.facts.departs) == (TODAY, TODAY + timedelta(days=3))
    assert row.customer is not None
    assert row.customer.ref.id == laleh  # by the number: the call was logged without a customer


@pytest.mark.parametrize(("seconds", "is_open"), [(9.9, True), (10.0, False)])
@pytest.mark.parametrize("direction", [Direction.INBOUND, Direction.OUTBOUND])
async def test_a_talk_of_ten_seconds_closes_a_callback_and_a_missed_call_opens_a_new_one(
    log: Database, direction: Direction, seconds: float, is_open: bool
) -> None:
    await keep(log, missed_call("1.1", LALEH, AT), missed_call("2.1", LALEH, AT + 5))
    await keep(log, talk("3.1", LALEH, AT + 100, seconds=seconds, direction=direction))
    assert ((await listed(log)).total == 1) is is_open
    await keep(log, missed_call("4.1", LALEH, AT + 300))
    row = await only_row(log)
    assert (row.times, row.facts.first_at) == ((3, AT) if is_open else (1, AT + 300))


@pytest.mark.parametrize(("after_s", "is_open"), [(9.9, True), (10.0, False)])
async def test_a_talk_in_progress_closes_a_callback_after_ten_seconds(
    log: Database, after_s: float, is_open: bool
) -> None:
    await keep(log, missed_call("1.1", LALEH, AT))
    record = changed(
        talk("2.1", LALEH, AT + 100), disposition=None, ended_at=None, talk_s=None, legs=()
    )
    log.log.keep_open((record.entry.pbx, record.entry.boot, record.entry.call), lambda: record)
    await log.log.flush()
    assert ((await listed(log, now=AT + 100 + after_s)).total == 1) is is_open


@pytest.mark.parametrize(("over_s", "is_open"), [(0.0, False), (0.1, True)])
async def test_calls_in_progress_are_looked_for_in_one_day(
    log: Database, over_s: float, is_open: bool
) -> None:
    await keep(log, missed_call("1.1", LALEH, AT))
    record = talk("2.1", LALEH, AT + 100)
    record = changed(record, disposition=None, ended_at=None, talk_s=None, legs=())
    log.log.keep_open((record.entry.pbx, record.entry.boot, record.entry.call), lambda: record)
    await log.log.flush()
    now = AT + 100 + LONGEST_TALK_S + over_s
    assert ((await listed(log, now=now)).total == 1) is is_open


@pytest.mark.parametrize("times", [5, 6])
async def test_the_newest_five_attempts_of_a_callback_are_loaded(log: Database, times: int) -> None:
    assert MOST_ATTEMPTS == 5
    await keep(log, *(missed_call(f"{n}.1", LALEH, AT + n) for n in range(times)))
    row = await only_row(log)
    assert row.times == times
    at = [attempt.call.arrived_at - AT for attempt in row.attempts]
    assert at == list(range(times - 1, times - 6, -1))


async def test_a_talk_that_began_before_the_missed_call_closes_nothing(log: Database) -> None:
    await keep(log, talk("1.1", LALEH, AT), missed_call("2.1", LALEH, AT))
    assert (await listed(log)).total == 1


async def test_each_hidden_number_is_a_callback_that_only_a_user_closes(log: Database) -> None:
    maryam = (await add_user(log)).id
    await keep(log, *(missed_call(f"{n}.1", HIDDEN, AT + n) for n in (1, 2)))
    await keep(log, talk("3.1", HIDDEN, AT + 50))
    rows = (await listed(log)).rows
    assert [row.facts.first_at for row in rows] == [AT + 1, AT + 2]
    newest = rows[1].attempts[0].call.id
    assert await mark_caller_done(log, newest, maryam, NOW, only_own=False) == 1
    assert (await listed(log)).total == 1


async def test_nothing_leaves_by_age(log: Database) -> None:
    await keep(log, missed_call("1.1", LALEH, AT))
    assert (await listed(log, now=AT + 3 * 365 * 86_400)).total == 1


async def test_after_hours_calls_are_callbacks_of_their_own_kind(log: Database) -> None:
    closed = missed_call(
        "1.1", LALEH, AT, queue="", disposition=Disposition.ABANDONED, dialled=False
    )
    voicemail = missed_call(
        "2.1", LALEH, AT + 1, queue="", disposition=Disposition.VOICEMAIL, dialled=False
    )
    await keep(log, closed, voicemail, missed_call("3.1", LALEH, AT + 2))
    kinds = [attempt.kind for attempt in (await only_row(log)).attempts]
    assert kinds == [AttemptKind.NO_ANSWER, AttemptKind.VOICEMAIL, AttemptKind.CLOSED]


async def test_a_number_of_two_customers_is_a_callback_of_its_own(log: Database) -> None:
    for family in ("Karimi", "Ahmadi"):
        await add_customer(log, family, LALEH)
    await keep(log, missed_call("1.1", LALEH, AT), missed_call("2.1", LALEH, AT + 1))
    row = await only_row(log)
    assert (row.customer, row.times) == (None, 2)


async def test_one_agent_has_a_callback_until_it_is_returned(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    taken = await take_callback(log, call, maryam, by=maryam, now=NOW)
    assert (taken.user_id, taken.name, taken.at) == (maryam, "Maryam", NOW)
    by_other = (CallbackProblem.TAKEN_BY_OTHER, "Maryam")
    assert await refused(take_callback(log, call, eleni, by=eleni, now=NOW)) == by_other
    assert await refused(release_callback(log, call, by=eleni, now=NOW)) == by_other
    assert await refused(mark_caller_done(log, call, eleni, NOW, only_own=False)) == by_other
    # Taking it again changes nothing, and a later attempt is of the same callback.
    await keep(log, missed_call("2.1", LALEH, AT + 1))
    assert (await take_callback(log, call, maryam, by=maryam, now=NOW + 9)).at == NOW
    row = await only_row(log)
    assert (row.times, row.taken) == (2, taken)
    await release_callback(log, call, by=maryam, now=NOW)
    assert (await take_callback(log, call, eleni, by=eleni, now=NOW)).user_id == eleni


async def test_of_two_agents_at_once_one_takes_a_callback(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    results = await asyncio.gather(
        *(take_callback(log, call, user, by=user, now=NOW) for user in (maryam, eleni)),
        return_exceptions=True,
    )
    refusals = [one for one in results if isinstance(one, CallbackRefusedError)]
    assert [one.code for one in refusals] == [CallbackProblem.TAKEN_BY_OTHER]
    taken = (await only_row(log)).taken
    assert taken in results


async def test_a_supervisor_gives_a_taken_callback_to_another_user(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    sara = (await add_user(log, "sara")).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    await take_callback(log, call, maryam, by=maryam, now=NOW)
    await take_callback(log, call, eleni, by=sara, now=NOW, may_act_for_others=True)
    row = await only_row(log)
    assert row.taken is not None
    assert row.taken.user_id == eleni
    unknown = take_callback(log, call, UserId(999), by=sara, now=NOW, may_act_for_others=True)
    assert await refused(unknown) == (CallbackProblem.UNKNOWN_USER, "")


async def test_a_callback_of_a_disabled_user_is_free(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    await take_callback(log, call, maryam, by=maryam, now=NOW)
    await set_active(log, maryam, active=False)
    assert (await only_row(log)).taken is None
    assert (await take_callback(log, call, eleni, by=eleni, now=NOW)).name == "Eleni"


async def test_a_closed_callback_cannot_be_taken_and_a_new_one_is_free(log: Database) -> None:
    maryam = (await add_user(log)).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    await take_callback(log, call, maryam, by=maryam, now=NOW)
    await keep(log, talk("2.1", LALEH, AT + 50))
    unknown = (CallbackProblem.UNKNOWN_CALLBACK, "")
    assert await refused(take_callback(log, call, maryam, by=maryam, now=NOW)) == unknown
    assert await refused(release_callback(log, call, by=maryam, now=NOW)) == unknown
    await keep(log, missed_call("3.1", LALEH, AT + 99))
    assert (await only_row(log)).taken is None


async def test_rows_are_filtered_by_the_user_that_has_taken_them(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, *(missed_call(f"{n}.1", number(f"+98912000000{n}"), AT + n) for n in range(3)))
    ids = [row.attempts[0].call.id for row in (await listed(log)).rows]
    await take_callback(log, ids[0], maryam, by=maryam, now=NOW)
    await take_callback(log, ids[1], eleni, by=eleni, now=NOW)

    async def seen(whose: Whose) -> list[int]:
        page = await listed(log, user=maryam, whose=whose)
        assert page.total == len(page.rows)
        return [row.attempts[0].call.id for row in page.rows]

    assert await seen(Whose.ALL) == ids
    assert await seen(Whose.FREE) == [ids[0], ids[2]]
    assert await seen(Whose.MINE) == [ids[0]]


async def test_done_and_undo_concern_the_attempts_that_were_listed(log: Database) -> None:
    maryam = (await add_user(log)).id
    await keep(log, missed_call("1.1", LALEH, AT))
    call = (await only_row(log)).attempts[0].call.id
    await keep(log, missed_call("2.1", LALEH, AT + 9))
    assert await mark_caller_done(log, call, maryam, NOW, only_own=False) == 1
    assert (await only_row(log)).times == 1
    assert await undo_caller_done(log, call, maryam) == 1
    assert (await only_row(log)).times == 2


async def test_open_rows_have_their_newest_attempt_and_the_user_with_the_claim(
    log: Database,
) -> None:
    maryam = (await add_user(log)).id
    raw = CallerId("55512", CallerIdKind.RAW, "raw")
    assert await still_open(log, [], NOW) == ({}, 0.0)
    await keep(log, missed_call("1.1", LALEH, AT), missed_call("2.1", REZA, AT + 1))
    await keep(log, missed_call("3.1", raw, AT + 2))
    calls = [row.attempts[0].call for row in (await listed(log)).rows]
    ids = {str(call.call): call.id for call in calls}
    await take_callback(log, ids["1.1"], maryam, by=maryam, now=NOW)
    back = replace(
        talk("4.1", raw, AT + 50), entry=replace(talk("4.1", raw, AT + 50).entry, called="55512")
    )
    await keep(log, changed(back, caller=CallerInfo("101", "")), missed_call("5.1", LALEH, AT + 3))
    states, newest_at = await still_open(log, [*ids.values(), 999], NOW)
    assert (set(states), newest_at) == ({ids["1.1"], ids["2.1"]}, AT + 3)
    assert (states[ids["1.1"]].times, states[ids["2.1"]].times) == (2, 1)
    assert states[ids["1.1"]].newest_id > ids["3.1"]
    taken = states[ids["1.1"]].taken
    assert taken is not None
    assert taken.name == "Maryam"


def talks_at(seconds: float, log_id: str, caller: CallerId = LALEH) -> LoggedCall:
    return talk(log_id, caller, AT + seconds)


async def test_the_time_to_callback_is_from_the_first_attempt_to_the_talk(log: Database) -> None:
    await keep(log, missed_call("1.1", LALEH, AT), missed_call("2.1", LALEH, AT + 40))
    await keep(log, talks_at(100, "3.1"), talks_at(200, "4.1"))
    await keep(log, missed_call("5.1", LALEH, AT + 300), talks_at(390, "6.1"))
    found = await list_callback_times(log, AT, NOW)
    assert [(one.seconds, one.attempts) for one in found] == [(100.0, 2), (90.0, 1)]
    assert await list_callback_times(log, AT + 100.001, AT + 390) == ()
    [first] = await list_callback_times(log, AT + 100, AT + 390)
    assert first.seconds == 100.0


async def test_callers_marked_as_done_before_the_talk_are_not_measured(log: Database) -> None:
    maryam = (await add_user(log)).id
    await keep(log, missed_call("1.1", LALEH, AT), missed_call("2.1", REZA, AT))
    for row in (await listed(log)).rows:
        if row.attempts[0].call.e164 == LALEH.e164:
            await mark_caller_done(log, row.attempts[0].call.id, maryam, AT + 10, only_own=False)
    await keep(log, talks_at(100, "3.1"), talks_at(120, "4.1", REZA))
    assert [one.seconds for one in await list_callback_times(log, AT, NOW)] == [120.0]
