"""Missed calls stay on the list until a user has worked them off, on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import LegOutcome
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.calls.counts import list_queues
from screenpop.store.calls.missed_calls import (
    MissedPage,
    list_missed_callers,
    mark_caller_done,
    undo_caller_done,
)
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, open_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164, LegId, PbxId
from tests.store.samples import add_user, changed, finished_call

pytestmark = pytest.mark.anyio

AT = 1_700_000_000.0
YEAR_S = 365 * 24 * 3600


@pytest.fixture
async def log(database: Database) -> Database:
    database.log.start()
    return database


def caller(number: str) -> CallerId:
    return CallerId(number, CallerIdKind.NUMBER, "international", E164(number))


def missed(
    number: int, *, by: UserId | None, at: float = AT, caller_id: CallerId | None = None
) -> LoggedCall:
    """One call that rang at one phone, of ``by``, in vain; each number is another caller's."""
    parsed_caller = caller_id or caller(f"+98912{number:07}")
    record = finished_call(f"{number}.1", caller=parsed_caller, arrived_at=at)
    [leg, _] = record.entry.legs
    leg = replace(leg, answered_at=None, outcome=LegOutcome.NO_ANSWER)
    painted = () if by is None else (CardDelivery(by, "101", at, at, at, None, None),)
    record = changed(
        record,
        answered_at=None,
        disposition=Disposition.NO_ANSWER,
        answered_by=(),
        transfers=(),
        talk_s=None,
        legs=(leg,),
        caller=CallerInfo(parsed_caller.raw, "", parsed_caller.kind is CallerIdKind.WITHHELD),
    )
    return replace(record, painted=painted)


def talked(
    call: str, to: CallerId, at: float, direction: Direction = Direction.OUTBOUND
) -> LoggedCall:
    return changed(finished_call(call, caller=to, arrived_at=at), direction=direction)


async def keep(database: Database, *records: LoggedCall) -> None:
    for record in records:
        database.log.keep(record)
    await database.log.flush()


def linkedids(page: MissedPage) -> list[str]:
    return [str(one.call.call) for one in page.callers]


async def listed(database: Database, user: UserId, now: float = AT + 60) -> list[str]:
    return linkedids(await list_missed_callers(database, user, now))


async def id_of(database: Database, call: str) -> int:
    async with database.reading() as connection:
        found = await connection.scalar(select(calls.c.id).where(calls.c.linkedid == call))
    assert found is not None
    return int(found)


async def test_a_missed_call_of_three_years_ago_is_listed_until_it_is_worked_off(
    log: Database,
) -> None:
    maryam = (await add_user(log)).id
    await keep(log, missed(1, by=maryam), missed(2, by=maryam, at=AT + 3 * YEAR_S))
    assert await listed(log, maryam, AT + 3 * YEAR_S + 60) == ["2.1", "1.1"]


async def test_five_hundred_missed_callers_are_counted_and_all_come_page_by_page(
    log: Database,
) -> None:
    maryam = (await add_user(log)).id
    await keep(log, *(missed(number, by=maryam, at=AT + number // 2) for number in range(500)))
    found: list[str] = []
    page = await list_missed_callers(log, maryam, AT)
    pages = 1
    assert (page.total, len(page.callers)) == (500, 50)
    while page.after is not None:
        found += linkedids(page)
        page = await list_missed_callers(log, maryam, AT, after=page.after)
        pages += 1
    found += linkedids(page)
    assert (pages, len(found), len(set(found)), found[0]) == (10, 500, 500, "499.1")


async def test_one_caller_is_one_row_with_the_newest_call_and_how_often(log: Database) -> None:
    maryam, laleh = (await add_user(log)).id, caller("+989121112233")
    await keep(log, *(missed(n, by=maryam, at=AT + n, caller_id=laleh) for n in (1, 2, 3)))
    [row] = (await list_missed_callers(log, maryam, AT)).callers
    assert (row.call.call, row.times, row.first_at) == ("3.1", 3, AT + 1)


async def test_two_numbers_of_one_customer_are_one_row(log: Database) -> None:
    maryam = (await add_user(log)).id
    numbers = ("+989121112233", "+982188112233")
    phones = tuple(PhoneDraft(n, E164(n), n[-9:], "") for n in numbers)
    draft = CustomerDraft(names={"en": PersonName("Laleh", "Karimi")}, phones=phones)
    laleh = await create_customer(log, draft, AT)
    await keep(
        log,
        *(
            replace(missed(n, by=maryam, at=AT + n, caller_id=caller(number)), customer=laleh)
            for n, number in enumerate(numbers)
        ),
    )
    [row] = (await list_missed_callers(log, maryam, AT)).callers
    assert (row.call.customer, row.times) == (laleh, 2)
    # A talk with her other number closes the missed call.
    await keep(log, replace(talked("back.1", caller(numbers[1]), AT + 99), customer=laleh))
    assert await listed(log, maryam) == []


async def test_hidden_numbers_are_one_row_a_call(log: Database) -> None:
    maryam = (await add_user(log)).id
    hidden = CallerId("+989121112233", CallerIdKind.WITHHELD, "withheld_presentation")
    await keep(log, *(missed(n, by=maryam, at=AT + n, caller_id=hidden) for n in (1, 2)))
    assert await listed(log, maryam) == ["2.1", "1.1"]


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.INBOUND])
async def test_talking_to_the_caller_afterwards_works_it_off(
    log: Database, direction: Direction
) -> None:
    maryam, laleh = (await add_user(log)).id, caller("+989121112233")
    await keep(log, missed(1, by=maryam, caller_id=laleh), missed(2, by=maryam, at=AT + 1))
    await keep(log, talked("back.1", laleh, AT + 600, direction))
    assert await listed(log, maryam) == ["2.1"]
    # The next one they miss is a new one.
    await keep(log, missed(3, by=maryam, at=AT + 900, caller_id=laleh))
    [newest, _] = (await list_missed_callers(log, maryam, AT)).callers
    assert (newest.call.call, newest.times) == ("3.1", 1)


async def test_calling_back_in_vain_or_having_talked_before_works_nothing_off(
    log: Database,
) -> None:
    maryam, laleh = (await add_user(log)).id, caller("+989121112233")
    in_vain = changed(
        missed(7, by=None, at=AT + 600, caller_id=laleh), direction=Direction.OUTBOUND
    )
    await keep(log, talked("before.1", laleh, AT - 600), missed(1, by=maryam, caller_id=laleh))
    await keep(log, in_vain)
    assert await listed(log, maryam) == ["1.1"]


async def test_a_caller_that_is_no_full_number_is_worked_off_by_calling_it_back(
    log: Database,
) -> None:
    maryam = (await add_user(log)).id
    raw = CallerId("55512", CallerIdKind.RAW, "raw")
    await keep(log, missed(1, by=maryam, caller_id=raw))
    assert await listed(log, maryam) == ["1.1"]
    back = changed(talked("back.1", raw, AT + 60), caller=CallerInfo("101", ""), called="55512")
    await keep(log, back)
    assert await listed(log, maryam) == []


async def test_done_takes_the_caller_off_and_undo_brings_all_their_calls_back(
    log: Database,
) -> None:
    maryam, laleh = (await add_user(log)).id, caller("+989121112233")
    await keep(log, *(missed(n, by=maryam, at=AT + n, caller_id=laleh) for n in (1, 2)))
    newest = await id_of(log, "2.1")
    assert await mark_caller_done(log, newest, maryam, AT + 60) == 2
    page = await list_missed_callers(log, maryam, AT + 61)
    assert (page.total, [one.call.id for one in page.done]) == (0, [newest])
    assert await mark_caller_done(log, newest, maryam, AT + 60) == 0
    assert await undo_caller_done(log, newest, maryam) == 2
    page = await list_missed_callers(log, maryam, AT + 62)
    assert (page.total, page.callers[0].times, page.done) == (1, 2, ())


async def test_a_call_missed_after_done_is_a_new_row_and_undo_leaves_it_alone(
    log: Database,
) -> None:
    maryam, laleh = (await add_user(log)).id, caller("+989121112233")
    await keep(log, missed(1, by=maryam, caller_id=laleh))
    await mark_caller_done(log, await id_of(log, "1.1"), maryam, AT + 60)
    await keep(log, missed(2, by=maryam, at=AT + 90, caller_id=laleh))
    assert await listed(log, maryam) == ["2.1"]
    await mark_caller_done(log, await id_of(log, "2.1"), maryam, AT + 100)
    assert await undo_caller_done(log, await id_of(log, "2.1"), maryam) == 1
    [row] = (await list_missed_callers(log, maryam, AT)).callers
    assert (row.call.call, row.times) == ("2.1", 1)


async def test_done_stays_done_after_the_program_starts_again(log: Database, url: str) -> None:
    maryam = (await add_user(log)).id
    await keep(log, missed(1, by=maryam), missed(2, by=maryam, at=AT + 1))
    await mark_caller_done(log, await id_of(log, "1.1"), maryam, AT + 60)
    await log.close()
    again = open_database(url)
    try:
        assert await listed(again, maryam) == ["2.1"]
    finally:
        await again.close()


async def test_each_agent_has_their_own_and_all_have_what_rang_at_a_phone_without_an_agent(
    log: Database,
) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(
        log,
        missed(1, by=maryam, at=AT + 1),
        missed(2, by=eleni, at=AT + 2),
        missed(3, by=None, at=AT + 3),
        changed(missed(4, by=None, at=AT + 4), legs=(), disposition=Disposition.ABANDONED),
    )
    assert await listed(log, maryam) == ["4.1", "3.1", "1.1"]
    assert await listed(log, eleni) == ["4.1", "3.1", "2.1"]
    assert await mark_caller_done(log, await id_of(log, "1.1"), eleni, AT) == 0
    assert await undo_caller_done(log, await id_of(log, "1.1"), eleni) == 0


async def test_a_call_left_open_by_a_stop_is_missed_by_the_agent_with_its_card(
    log: Database,
) -> None:
    maryam, nikos = (await add_user(log)).id, (await add_user(log, "nikos")).id
    await keep(log, changed(missed(1, by=maryam), legs=()), changed(missed(2, by=None), legs=()))
    assert await listed(log, maryam) == ["2.1", "1.1"]
    assert await listed(log, nikos) == ["2.1"]


async def test_calls_of_an_agent_that_left_are_of_every_agent(log: Database) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, missed(1, by=eleni))
    assert await listed(log, maryam) == []
    async with log.writing() as connection:
        await connection.execute(update(users).where(users.c.id == eleni).values(active=False))
    assert await listed(log, maryam) == ["1.1"]


async def test_every_way_not_to_be_answered_is_missed_and_outbound_calls_are_not(
    log: Database,
) -> None:
    maryam = (await add_user(log)).id
    ways = [one for one in Disposition if one is not Disposition.ANSWERED]
    await keep(
        log,
        *(changed(missed(n, by=maryam, at=AT + n), disposition=way) for n, way in enumerate(ways)),
        changed(missed(99, by=maryam, at=AT + 99), direction=Direction.OUTBOUND),
    )
    assert (await list_missed_callers(log, maryam, AT)).total == len(ways)


async def test_each_queue_of_the_log_is_listed_once_in_order(log: Database) -> None:
    assert await list_queues(log) == ()
    names = ["support", "sales", "", "sales", "πωλήσεις", "فروش"]
    await keep(
        log,
        *(finished_call(f"{n}.1", arrived_at=AT + n, queue=q) for n, q in enumerate(names)),
    )
    assert await list_queues(log) == tuple(sorted({*names} - {""}))


async def test_a_call_of_two_pbxs_with_one_id_is_missed_on_each(log: Database) -> None:
    maryam = (await add_user(log)).id
    first = missed(1, by=maryam)
    await keep(
        log,
        first,
        changed(missed(1, by=maryam, caller_id=caller("+302101234567")), pbx=PbxId("other")),
    )
    assert (await list_missed_callers(log, maryam, AT)).total == 2


def transferred_in_vain(
    number: int, *, first: UserId, target: UserId | None, at: float = AT
) -> LoggedCall:
    """101 talked and transferred blind to 102, which did not answer; the caller hung up."""
    record = finished_call(f"{number}.1", caller=caller(f"+98912{number:07}"), arrived_at=at)
    [talked_leg, rung] = record.entry.legs
    talked_leg = replace(talked_leg, ended_at=at + 40)
    rung = replace(rung, rang_at=at + 40, ended_at=at + 65, outcome=LegOutcome.CANCELLED)
    painted: tuple[CardDelivery, ...] = (CardDelivery(first, "101", at, at, at, None, None),)
    if target is not None:
        painted = (*painted, CardDelivery(target, "102", at + 40, at + 40, at + 40, None, None))
    return replace(changed(record, legs=(talked_leg, rung)), painted=painted)


async def test_a_transferred_caller_not_answered_by_the_target_is_missed_by_the_target(
    log: Database,
) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, transferred_in_vain(1, first=maryam, target=eleni))
    assert await listed(log, eleni) == ["1.1"]
    assert await listed(log, maryam) == []
    await keep(log, talked("back.1", caller("+989120000001"), AT + 600))
    assert await listed(log, eleni) == []


async def test_a_transferred_caller_not_answered_by_the_target_can_be_marked_as_done(
    log: Database,
) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, transferred_in_vain(1, first=maryam, target=eleni))
    assert await mark_caller_done(log, await id_of(log, "1.1"), maryam, AT + 99) == 0
    assert await mark_caller_done(log, await id_of(log, "1.1"), eleni, AT + 99) == 1
    assert await listed(log, eleni) == []


async def test_a_transfer_to_a_phone_of_no_user_is_missed_by_the_transferring_agent(
    log: Database,
) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    await keep(log, transferred_in_vain(1, first=maryam, target=None))
    assert await listed(log, maryam) == ["1.1"]
    assert await listed(log, eleni) == []


async def test_a_transferred_caller_answered_to_the_end_is_not_missed(
    log: Database,
) -> None:
    maryam, eleni = (await add_user(log)).id, (await add_user(log, "eleni")).id
    record = transferred_in_vain(1, first=maryam, target=eleni)
    [first, rung] = record.entry.legs
    later = replace(first, leg=LegId("1.1-c"), rang_at=AT + 50, answered_at=AT + 55)
    consulting = replace(first, ended_at=AT + 90)
    elsewhere = replace(rung, rang_at=AT + 1, ended_at=AT + 5)
    outbound = changed(
        transferred_in_vain(4, first=maryam, target=eleni), direction=Direction.OUTBOUND
    )
    second = transferred_in_vain(2, first=maryam, target=eleni)
    third = transferred_in_vain(3, first=maryam, target=eleni)
    await keep(
        log,
        changed(record, legs=(first, rung, replace(later, ended_at=AT + 99))),
        changed(second, legs=(replace(consulting, leg=LegId("2.1-a")), second.entry.legs[1])),
        changed(third, legs=(third.entry.legs[0], replace(elsewhere, leg=LegId("3.1-b")))),
        outbound,
    )
    assert await listed(log, eleni) == []
    assert await listed(log, maryam) == []
