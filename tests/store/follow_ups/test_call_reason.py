"""Why a customer is called: the list, missed calls and the last note, as the department may see."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.cards.card import CardId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.service.call_work import WorkPlace
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.call_reason import load_call_reason
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.follow_ups.work_list_build import build_work_list
from screenpop.store.schema.tables import call_notes, calls, trips
from screenpop.telephony.identifiers import E164, BootId, CallId, PbxId
from tests.store.samples import LALEH, add_customer, add_user, finished_call

pytestmark = pytest.mark.anyio

NOW = 1_772_100_000.0
TODAY = datetime.fromtimestamp(NOW, UTC).date()
EVERY = frozenset(Section)


async def place_of(database: Database, **values: object) -> WorkPlace:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    key = (PbxId("lab"), BootId("b1"), CallId("9.9"))
    return replace(WorkPlace(key, customer_id, agent, EVERY, TODAY, CardId("lab/1.1/1")), **values)  # type: ignore[arg-type]


async def quote_row(database: Database, customer_id: CustomerId) -> None:
    async with database.writing() as connection:
        await connection.execute(
            insert(trips).values(
                customer_id=customer_id,
                destination="Rome",
                departs=TODAY + timedelta(days=50),
                status="asked",
            )
        )
    await build_work_list(database, UTC, NOW)


async def note(database: Database, call: str, author: UserId, text: str) -> None:
    await database.log.flush()
    async with database.writing() as connection:
        found = await connection.scalar(select(calls.c.id).where(calls.c.linkedid == call))
        await connection.execute(
            insert(call_notes).values(
                pbx="lab", linkedid=call, call_id=found, user_id=author, text=text, changed_at=NOW
            )
        )


async def test_list_has_its_reason_in_the_language_of_the_agent(database: Database) -> None:
    place = await place_of(database, language="fa")
    await quote_row(database, place.customer_id or CustomerId(0))
    reason = await load_call_reason(database, place, NOW)
    assert reason["list"]["kind"] == "quote"  # type: ignore[index]
    assert reason["list"]["params"]["destination"] == "رم"  # type: ignore[index]


async def test_department_without_the_list_gets_no_reason(database: Database) -> None:
    place = await place_of(database, sections=EVERY - {Section.TRIPS})
    await quote_row(database, place.customer_id or CustomerId(0))
    assert (await load_call_reason(database, place, NOW))["list"] is None


@pytest.mark.parametrize(("due", "kind"), [(TODAY, "promise"), (TODAY + timedelta(1), "quote")])
async def test_promise_that_is_due_comes_before_the_list(
    database: Database, due: date, kind: str
) -> None:
    place = await place_of(database)
    customer_id = place.customer_id or CustomerId(0)
    await quote_row(database, customer_id)
    new = NewFollowUp(customer_id, due, "send it", FollowUpSource.MANUAL, None, place.user_id)
    await insert_follow_up(database, new, today=TODAY, now=NOW)
    found = (await load_call_reason(database, place, NOW))["list"]
    assert found["kind"] == kind  # type: ignore[index]


async def test_newest_note_comes_before_a_newer_call_without_a_note(database: Database) -> None:
    place = await place_of(database)
    database.log.start()
    for call, at in (("1.1", NOW - 300), ("1.2", NOW - 200), ("1.3", NOW - 100)):
        database.log.keep(finished_call(call, arrived_at=at, customer=place.customer_id))
    await database.log.flush()
    last = (await load_call_reason(database, place, NOW))["last"]
    assert (last["at"], last["note"]) == (NOW - 100, "")  # type: ignore[index]
    await note(database, "1.2", place.user_id, "wants a window seat")
    last = (await load_call_reason(database, place, NOW))["last"]
    assert (last["at"], last["note"]) == (NOW - 200, "wants a window seat")  # type: ignore[index]
    this = replace(place, call=(PbxId("lab"), BootId("b1"), CallId("1.2")))
    assert (await load_call_reason(database, this, NOW))["last"]["note"] == ""  # type: ignore[index]
    hidden = replace(place, sections=EVERY - {Section.CALLS})
    assert (await load_call_reason(database, hidden, NOW))["last"] is None


async def test_missed_calls_of_the_number_or_the_customer_are_counted(database: Database) -> None:
    place = await place_of(database)
    number = E164("+306900000001")
    database.log.start()
    for call, at in (("1.1", NOW - 300), ("1.2", NOW - 200)):
        call_from = finished_call(call, arrived_at=at)
        entry = replace(
            call_from.entry,
            disposition=Disposition.NO_ANSWER,
            answered_at=None,
            answered_by=(),
            talk_s=None,
        )
        caller = replace(call_from.caller, e164=number)
        database.log.keep(replace(call_from, entry=entry, caller=caller))
    await database.log.flush()
    stranger = replace(place, customer_id=None, number=number)
    reason = await load_call_reason(database, stranger, NOW)
    assert reason["missed"] == {"times": 2, "at": NOW - 200}
    assert (await load_call_reason(database, place, NOW))["missed"] is None
    withheld = replace(place, customer_id=None, number="")
    assert set((await load_call_reason(database, withheld, NOW)).values()) == {None}
