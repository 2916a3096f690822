"""Follow-ups are made once, listed by user and day, closed, snoozed and reassigned."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from screenpop.accounts.users import UserId
from screenpop.calls.call_state import CallKey
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import (
    MAX_PROMISE_LENGTH,
    FollowUp,
    FollowUpId,
    FollowUpProblem,
    FollowUpRefusedError,
    FollowUpSource,
    FollowUpState,
    NewFollowUp,
)
from screenpop.store.accounts.user_admin import delete_user
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.changes import (
    cancel_offer_follow_ups,
    close_follow_up,
    insert_follow_up,
    reassign_follow_up,
    reopen_follow_up,
    snooze_follow_up,
)
from screenpop.store.follow_ups.queries import (
    count_due,
    follow_ups_of_call,
    follow_ups_of_customers,
    list_due,
    open_follow_ups,
)
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from tests.store.samples import LALEH, add_customer, add_user, finished_call

pytestmark = pytest.mark.anyio

TODAY = date(2026, 2, 26)
NOW = 1_772_100_000.0
THIS: CallKey = (PbxId("lab"), BootId("b1"), CallId("1.1"))


def days(count: int) -> date:
    return TODAY + timedelta(days=count)


def new_follow_up(
    customer_id: CustomerId,
    assigned_to: UserId | None,
    due: date = TODAY,
    promise: str = "send the quote",
) -> NewFollowUp:
    return NewFollowUp(customer_id, due, promise, FollowUpSource.CALL, assigned_to, assigned_to)


async def made(database: Database, new: NewFollowUp, call: CallKey | int | None = None) -> FollowUp:
    return await insert_follow_up(database, new, today=TODAY, now=NOW, call=call)


async def a_customer_and_two_users(database: Database) -> tuple[CustomerId, UserId, UserId]:
    customer_id = await add_customer(database, "Karimi", LALEH)
    maryam = (await add_user(database, "maryam", "101")).id
    return customer_id, maryam, (await add_user(database, "eleni", "102")).id


async def code_of(work: object) -> FollowUpProblem:
    with pytest.raises(FollowUpRefusedError) as refused:
        await work  # type: ignore[misc]
    return refused.value.code


async def test_a_follow_up_keeps_customer_call_day_user_promise_and_source(
    database: Database,
) -> None:
    customer_id, maryam, eleni = await a_customer_and_two_users(database)
    database.log.start()
    database.log.keep(finished_call("1.1", customer=customer_id))
    new = replace(new_follow_up(customer_id, eleni, days(3)), made_by=maryam)

    follow_up = await made(database, new, THIS)

    async with database.reading() as connection:
        call_id = await connection.scalar(select(calls.c.id))
        assert await follow_ups_of_call(connection, call_id or 0) == (follow_up,)
        assert await follow_ups_of_customers(connection, [customer_id]) == (follow_up,)
    assert follow_up == FollowUp(
        id=follow_up.id,
        customer_id=customer_id,
        call_id=call_id,
        due=days(3),
        snoozed_until=None,
        promise="send the quote",
        source=FollowUpSource.CALL,
        offer="",
        state=FollowUpState.OPEN,
        assigned_to=eleni,
        assigned_name="Eleni",
        made_by=maryam,
        made_by_name="Maryam",
        made_at=NOW,
        closed_by=None,
        closed_by_name="",
        closed_at=None,
    )


async def test_a_follow_up_in_the_past_or_of_an_unknown_customer_or_user_is_refused(
    database: Database,
) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    await made(database, new_follow_up(customer_id, maryam, TODAY))
    longest = "a" * MAX_PROMISE_LENGTH
    await made(database, new_follow_up(customer_id, maryam, promise=longest))
    for new, code in (
        (new_follow_up(customer_id, maryam, days(-1)), FollowUpProblem.DUE_IN_PAST),
        (new_follow_up(customer_id, maryam, days(731)), FollowUpProblem.DUE_TOO_FAR),
        (
            new_follow_up(customer_id, maryam, promise=f"{longest}a"),
            FollowUpProblem.PROMISE_TOO_LONG,
        ),
        (new_follow_up(CustomerId(999), maryam), FollowUpProblem.UNKNOWN_CUSTOMER),
        (new_follow_up(customer_id, UserId(999)), FollowUpProblem.UNKNOWN_USER),
    ):
        assert await code_of(made(database, new)) == code
    assert len(await list_due(database, days(731))) == 2


async def test_a_repeated_request_makes_one_follow_up(database: Database) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    new = replace(new_follow_up(customer_id, maryam), request_key="5:c-1")
    first = await made(database, new)
    assert await made(database, replace(new, promise="again")) == first
    assert await made(database, replace(new, request_key="5:c-2")) != first


async def test_due_follow_ups_are_listed_by_day_for_a_user_and_for_all(database: Database) -> None:
    customer_id, maryam, eleni = await a_customer_and_two_users(database)
    tomorrow = await made(database, new_follow_up(customer_id, maryam, days(1)))
    today = await made(database, new_follow_up(customer_id, maryam))
    hers = await made(database, new_follow_up(customer_id, eleni))
    unassigned = await made(database, new_follow_up(customer_id, None))

    assert await list_due(database, TODAY, assigned_to=[maryam]) == (today,)
    assert await list_due(database, days(1), assigned_to=[maryam]) == (today, tomorrow)
    assert await list_due(database, TODAY) == (today, hers, unassigned)
    assert await list_due(database, TODAY, assigned_to=[maryam, None]) == (today, unassigned)
    assert await list_due(database, TODAY, assigned_to=[None]) == (unassigned,)
    assert await list_due(database, days(1), limit=2) == (today, hers)
    assert await count_due(database, TODAY, maryam) == 1
    assert await count_due(database, days(1), maryam) == 2


async def test_a_snoozed_follow_up_leaves_the_list_until_its_day(database: Database) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    follow_up = await made(database, new_follow_up(customer_id, maryam))

    snoozed = await snooze_follow_up(database, follow_up.id, days(2), today=TODAY)

    assert (snoozed.due, snoozed.snoozed_until, snoozed.listed_from) == (TODAY, days(2), days(2))
    assert await list_due(database, days(1), assigned_to=[maryam]) == ()
    assert await list_due(database, days(2), assigned_to=[maryam]) == (snoozed,)
    past = snooze_follow_up(database, follow_up.id, days(-1), today=TODAY)
    assert await code_of(past) == FollowUpProblem.DUE_IN_PAST


async def test_a_done_follow_up_leaves_the_list_and_is_closed_for_other_users(
    database: Database,
) -> None:
    customer_id, maryam, eleni = await a_customer_and_two_users(database)
    follow_up = await made(database, new_follow_up(customer_id, maryam))

    done = await close_follow_up(database, follow_up.id, user_id=maryam, now=NOW + 1)

    assert (done.state, done.closed_by_name, done.closed_at) == ("done", "Maryam", NOW + 1)
    assert await list_due(database, TODAY) == ()
    # The same request twice, as after a lost answer, changes nothing.
    assert await close_follow_up(database, done.id, user_id=maryam, now=NOW + 2) == done
    for work in (
        close_follow_up(database, done.id, user_id=eleni, now=NOW),
        close_follow_up(database, done.id, user_id=maryam, now=NOW, state=FollowUpState.CANCELLED),
        snooze_follow_up(database, done.id, days(1), today=TODAY),
        reassign_follow_up(database, done.id, eleni),
    ):
        assert await code_of(work) == FollowUpProblem.FOLLOW_UP_CLOSED
    assert await reopen_follow_up(database, done.id) == follow_up


async def test_a_reassigned_follow_up_is_on_the_other_list_only(database: Database) -> None:
    customer_id, maryam, eleni = await a_customer_and_two_users(database)
    follow_up = await made(database, new_follow_up(customer_id, maryam))

    moved = await reassign_follow_up(database, follow_up.id, eleni)

    assert await list_due(database, TODAY, assigned_to=[maryam]) == ()
    assert await list_due(database, TODAY, assigned_to=[eleni]) == (moved,)
    unknown = reassign_follow_up(database, follow_up.id, UserId(999))
    assert await code_of(unknown) == FollowUpProblem.UNKNOWN_USER
    gone = reassign_follow_up(database, FollowUpId(999), eleni)
    assert await code_of(gone) == FollowUpProblem.UNKNOWN_FOLLOW_UP


async def test_nothing_is_assigned_to_a_deleted_user_and_their_follow_ups_stay_listed(
    database: Database,
) -> None:
    customer_id, maryam, eleni = await a_customer_and_two_users(database)
    follow_up = await made(database, new_follow_up(customer_id, eleni))
    await delete_user(database, eleni, now=NOW)

    refused = made(database, new_follow_up(customer_id, eleni))
    assert await code_of(refused) == FollowUpProblem.UNKNOWN_USER
    assert await list_due(database, TODAY) == (follow_up,)
    async with database.writing() as connection:
        await connection.execute(update(users).where(users.c.id == maryam).values(active=False))
    refused = made(database, new_follow_up(customer_id, maryam))
    assert await code_of(refused) == FollowUpProblem.UNKNOWN_USER


async def test_a_follow_up_stays_without_its_call_and_goes_with_its_customer(
    database: Database,
) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    database.log.start()
    database.log.keep(finished_call("1.1", customer=customer_id))
    follow_up = await made(database, new_follow_up(customer_id, maryam), THIS)
    kept = await subject_access_report(database, customer_id)
    assert kept is not None
    [row] = kept["follow_ups"]
    assert (row["promise"], row["assigned_to"], row["made_by"]) == (
        "send the quote",
        "Maryam",
        "Maryam",
    )
    assert (row["due"], row["made_at"][:10]) == ("2026-02-26", "2026-02-26")

    async with database.writing() as connection:
        await connection.execute(delete(calls))
    assert await list_due(database, TODAY) == (replace(follow_up, call_id=None),)
    await erase_customer(database, customer_id, user_id=None, now=NOW)
    async with database.reading() as connection:
        assert (await connection.execute(select(follow_ups))).all() == []


async def test_a_follow_up_moves_with_a_merged_customer_and_with_a_merged_call(
    database: Database,
) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    twin = await add_customer(database, "Karimi")
    database.log.start()
    database.log.keep(finished_call("1.1", customer=twin))
    database.log.keep(finished_call("2.1", customer=twin))
    follow_up = await made(database, new_follow_up(twin, maryam), THIS)

    database.log.merge(THIS, CallId("2.1"))
    await database.log.flush()
    number = await merge_customers(database, customer_id, twin, user_id=maryam, now=NOW)
    later = await made(database, new_follow_up(twin, maryam))

    moved = (await list_due(database, TODAY))[0]
    async with database.reading() as connection:
        assert moved.call_id == await connection.scalar(select(calls.c.id))
    assert moved == replace(follow_up, customer_id=customer_id, call_id=moved.call_id)
    assert later.customer_id == customer_id
    await undo_merge(database, number, user_id=maryam, now=NOW)
    customers_now = [one.customer_id for one in await list_due(database, TODAY)]
    assert customers_now == [twin, customer_id]


async def test_another_answer_cancels_only_what_later_has_made_for_that_offer(
    database: Database,
) -> None:
    customer_id, maryam, _ = await a_customer_and_two_users(database)
    later = replace(new_follow_up(customer_id, maryam), source=FollowUpSource.OFFER_LATER)
    first = await made(database, replace(later, offer="birthday"))
    other = await made(database, replace(later, offer="loved:3"))
    promised = await made(database, new_follow_up(customer_id, maryam))

    async with database.writing() as connection:
        await cancel_offer_follow_ups(connection, customer_id, "birthday", user_id=maryam, now=NOW)

    assert await list_due(database, TODAY) == (other, promised)
    async with database.reading() as connection:
        states = {
            one.id: one.state for one in await follow_ups_of_customers(connection, [customer_id])
        }
        open_ones = await connection.run_sync(open_follow_ups, customer_id)
    assert states[first.id] == FollowUpState.CANCELLED
    assert open_ones == (other, promised)
