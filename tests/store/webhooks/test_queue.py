"""The queue of webhooks on real databases: calls, records, erasure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, insert, select, update

from screenpop.accounts.users import UserId
from screenpop.calls.events import Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.calls.writer import CallLogWriter
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.customer_tables import (
    customer_changes,
    follow_ups,
    missed_calls_done,
)
from screenpop.store.schema.tables import calls
from screenpop.store.schema.webhook_tables import webhook_deliveries, webhook_targets
from screenpop.store.webhooks.feed import _OVERLAP, queue_changes
from screenpop.store.webhooks.targets import (
    LONGEST_NAME,
    MOST_TARGETS,
    NewTarget,
    TargetRefusedError,
    create_target,
    delete_target,
    renew_secret,
)
from screenpop.telephony.identifiers import BootId, CallId, PbxId
from screenpop.webhooks.events import CHOSEN_TYPES, EventType
from screenpop.webhooks.targets import TargetShape
from tests.store.samples import LALEH, NIKOS, add_customer, add_user, changed, finished_call

pytestmark = pytest.mark.anyio

NOW = 1_700_100_000.0
UTC = ZoneInfo("UTC")
EVERYTHING = frozenset(CHOSEN_TYPES)


@pytest.fixture
async def office(database: Database, tmp_path: object) -> Database:
    database.document_key_file = tmp_path / "document.key"  # type: ignore[operator]
    await add_user(database)
    database.log.start()
    return database


async def add_target(database: Database, types: frozenset[EventType] = EVERYTHING) -> int:
    new = NewTarget("CRM", "https://a.gr/", TargetShape.STANDARD, types)
    number, _ = await create_target(database, new, user_id=UserId(1), now=NOW - 30 * 86_400)
    return number


async def queued(database: Database, *types: str) -> Sequence[Any]:
    statement = select(webhook_deliveries).order_by(webhook_deliveries.c.id)
    async with database.reading() as connection:
        rows = (await connection.execute(statement)).all()
    return [row for row in rows if not types or row.type in types]


async def kinds(database: Database) -> list[str]:
    return [row.type for row in await queued(database)]


def open_call(call: str = "1.1", customer: CustomerId | None = None) -> LoggedCall:
    card = CardDelivery(UserId(1), "101", NOW, None, None, None, None)
    record = changed(
        finished_call(call, customer=customer, arrived_at=NOW),
        ended_at=None,
        disposition=None,
        legs=(),
        transfers=(),
    )
    return replace(record, painted=(card,))


async def log(database: Database, *records: LoggedCall) -> None:
    for record in records:
        database.log.keep(record)
    await database.log.flush()


async def test_without_a_target_nothing_is_queued_and_each_event_is_queued_once(
    office: Database,
) -> None:
    await log(office, open_call())
    assert await queue_changes(office, NOW, UTC) == 0
    assert await queued(office) == []
    number = await add_target(office, frozenset({EventType.CALL_RINGING, EventType.CALL_ENDED}))
    for _ in range(2):
        await log(office, open_call("2.1"))
    assert await kinds(office) == ["call.ringing"]
    assert await delete_target(office, number)
    assert await queued(office) == []


async def test_merged_calls_and_those_left_by_an_earlier_run_end_too(office: Database) -> None:
    await add_target(office)
    await log(office, open_call("1.1"), open_call("2.1"))
    office.log.merge((PbxId("lab"), BootId("b1"), CallId("2.1")), CallId("1.1"))
    await office.log.flush()
    [merged] = await queued(office, "call.ended")
    assert (merged.data["merged_into"], merged.data["call"]["id"]) == ("1.1", "2.1")
    async with office.writing() as connection:
        await connection.execute(update(calls).values(kept_at=NOW))
    next_run = CallLogWriter(office.kind, office.write, gather_s=0.001, clock=lambda: NOW + 60)
    next_run.start()
    next_run.close_left_open(PbxId("lab"))
    await next_run.close()
    _, left = await queued(office, "call.ended")
    assert left.data["estimated"]
    assert left.number == "+989123456789"


async def test_changed_customers_come_from_the_history_also_after_a_gap(office: Database) -> None:
    customer = await add_customer(office, "Karimi", LALEH)

    async def change(first: int, count: int) -> None:
        rows = [
            {
                "customer_id": customer,
                "at": NOW + n,
                "what": "edited",
                "changes": {"notes": ["a", "b"]},
            }
            for n in range(first, first + count)
        ]
        async with office.writing() as connection:
            await connection.execute(insert(customer_changes), rows)

    await change(0, 3)
    await add_target(office, frozenset({EventType.CUSTOMER_CHANGED}))
    await queue_changes(office, NOW, UTC)
    assert await queued(office) == []  # nothing from before the first look
    await change(3, _OVERLAP + 5)
    await queue_changes(office, NOW, UTC)
    found = await queued(office)
    assert len([row for row in found if row.at >= NOW + 3]) == _OVERLAP + 5
    before = len(found)
    assert await queue_changes(office, NOW, UTC) == 0
    # The newest are gone with an erased customer, and their ids come again.
    async with office.writing() as connection:
        await connection.execute(delete(customer_changes))
    await queue_changes(office, NOW, UTC)
    await change(900, 1)
    await change(900 - 7 * 86_400, 1)
    await queue_changes(office, NOW + 899, UTC)
    assert len(await queued(office)) == before + 2
    await change(899 - 7 * 86_400, 1)
    await queue_changes(office, NOW + 899, UTC)
    assert len(await queued(office)) == before + 2
    last = (await queued(office))[-1]
    assert last.data == {"what": "edited", "fields": ["notes"]}


async def test_a_callback_is_opened_by_a_missed_call_and_closed_once(office: Database) -> None:
    unanswered = {
        "disposition": Disposition.ABANDONED,
        "answered_by": (),
        "answered_at": None,
        "talk_s": 0.0,
    }
    missed = changed(finished_call("1.1", arrived_at=NOW), **unanswered)
    await log(office, changed(finished_call("0.1", caller=NIKOS, arrived_at=NOW), **unanswered))
    await add_target(office, frozenset({EventType.CALLBACK_OPENED, EventType.CALLBACK_CLOSED}))
    await queue_changes(office, NOW + 1, UTC)
    assert await queued(office) == []  # those that were open before are not reported
    await log(office, missed)
    for _ in range(2):
        await queue_changes(office, NOW + 2, UTC)
    [opened] = await queued(office)
    async with office.writing() as connection:
        await connection.execute(
            insert(missed_calls_done).values(
                call_id=opened.data["callback"],
                with_call_id=1,
                user_id=1,
                done_at=NOW + 3,
            )
        )
    for _ in range(2):
        await queue_changes(office, NOW + 4, UTC)
    assert await kinds(office) == ["callback.opened", "callback.closed"]
    assert len({row.order_key for row in await queued(office)}) == 1


async def test_a_promise_is_due_once_on_its_day(office: Database) -> None:
    customer = await add_customer(office, "Karimi", LALEH)
    today = datetime.fromtimestamp(NOW, UTC).date()
    row = {"customer_id": customer, "source": "promise", "state": "open", "made_at": NOW}
    rows = [
        row | {"due": today, "assigned_to_id": 1},
        row | {"due": today - timedelta(7), "assigned_to_id": None},
        row | {"due": today + timedelta(1), "assigned_to_id": None},
        row | {"due": today - timedelta(8), "assigned_to_id": None},
        row | {"due": today, "state": "done", "assigned_to_id": None},
    ]
    async with office.writing() as connection:
        await connection.execute(insert(follow_ups), rows)
    await add_target(office, frozenset({EventType.PROMISE_DUE}))
    for _ in range(2):
        await queue_changes(office, NOW, UTC)
    due, _ = await queued(office)
    assert (due.data["due"], due.agents, due.customer_id) == (today.isoformat(), [1], customer)
    await queue_changes(office, NOW + 86_400, UTC)
    assert len(await queued(office)) == 3


@pytest.mark.defends("erasure")
async def test_an_erased_customer_leaves_nothing_in_the_queue(office: Database) -> None:
    customer = await add_customer(office, "Karimi", LALEH)
    other = await add_customer(office, "Papas", NIKOS, given="Nikos")
    await add_target(office)
    await log(office, open_call("1.1", customer), open_call("2.1"))
    of_nikos = replace(open_call("3.1", other), caller=NIKOS)
    await log(office, of_nikos)
    report = await subject_access_report(office, customer)
    assert report is not None
    assert [one["type"] for one in report["events_waiting"]] == ["call.ringing", "call.answered"]
    assert len(await queued(office)) == 6
    await erase_customer(office, customer, user_id=UserId(1), now=NOW)
    assert {row.customer_id for row in await queued(office)} == {other}
    # A record of a call that was live at the time of the erasure.
    await log(office, open_call("4.1", customer))
    assert len(await queued(office)) == 2


@pytest.mark.defends("webhook-signatures")
async def test_a_target_is_refused_with_its_reason_and_secrets_are_sealed(
    office: Database,
) -> None:
    async def refusal(name: str, types: frozenset[EventType] = EVERYTHING) -> str:
        new = NewTarget(name, "https://a.gr/", TargetShape.STANDARD, types)
        with pytest.raises(TargetRefusedError) as refused:
            await create_target(office, new, user_id=UserId(1), now=NOW)
        return refused.value.code

    assert await refusal("  ") == "no_name"
    assert await refusal("x" * (LONGEST_NAME + 1)) == "no_name"
    assert await refusal("CRM", frozenset()) == "no_events"
    new = NewTarget("x" * LONGEST_NAME, "https://a.gr/", TargetShape.STANDARD, EVERYTHING)
    number, secret = await create_target(office, new, user_id=UserId(1), now=NOW)
    renewed = await renew_secret(office, number)
    assert renewed not in {None, secret}
    assert await renew_secret(office, 99) is None
    async with office.reading() as connection:
        stored = await connection.scalar(select(webhook_targets.c.secret_sealed))
    assert "whsec_" not in str(stored)
    for _ in range(MOST_TARGETS - 1):
        await add_target(office)
    assert await refusal("CRM") == "too_many"
