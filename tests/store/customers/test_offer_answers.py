"""Answers of customers to offers: kept when the call and its trace are gone, gone with the file."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import func, select

from screenpop.accounts.users import UserId
from screenpop.customers.detail import OfferAnswer
from screenpop.customers.models import CustomerId
from screenpop.customers.retention import RetentionRules
from screenpop.service.ports import LoggedCall, OfferAnswerToKeep
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.merge import merge_customers, undo_merge
from screenpop.store.customers.offer_answers import offer_answers_of
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.customer_tables import offer_answers
from tests.store.old_schema import migrate_to, place_for, revision_before, run_statements
from tests.store.retention import delete_old
from tests.store.samples import LALEH, add_customer, add_user, finished_call, look_up

pytestmark = pytest.mark.anyio
AT = 1_795_000_000.0
DAY = 86_400.0


def with_answer(
    customer_id: CustomerId, agent: UserId, offer: str = "quote_open:3", answer: str = "later"
) -> LoggedCall:
    recorded = OfferAnswerToKeep(
        customer=customer_id,
        offer=offer,
        answer=answer,
        reason={"code": "quote_open", "params": {"destination": "Rome"}},
        agent=agent,
        agent_name="Maryam",
        at=AT,
    )
    return replace(finished_call(customer=customer_id, agent=agent), offer_answers=(recorded,))


async def keep(database: Database, *records: LoggedCall) -> None:
    database.log.start()
    for record in records:
        database.log.keep(record)
        await database.log.flush()


async def answers(database: Database) -> list[tuple[object, ...]]:
    async with database.reading() as connection:
        rows = await connection.execute(select(offer_answers).order_by(offer_answers.c.id))
        return [(row.customer_id, row.offer, row.answer, row.reason["code"]) for row in rows]


async def test_an_answer_is_kept_with_customer_call_agent_reason_and_time(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    await keep(database, with_answer(customer_id, agent))

    async with database.reading() as connection:
        [row] = await connection.execute(select(offer_answers))
        assert (row.customer_id, row.offer, row.answer) == (customer_id, "quote_open:3", "later")
        assert row.reason == {"code": "quote_open", "params": {"destination": "Rome"}}
        assert (row.user_id, row.agent, row.at) == (agent, "Maryam", AT)
        assert row.call_id is not None
        expected = (OfferAnswer(AT, "Maryam", "quote_open:3", "later"),)
        assert await offer_answers_of(connection, customer_id) == expected
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    assert file.offers == expected


async def test_a_record_that_comes_again_keeps_each_answer_once_and_an_empty_one_takes_none(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    first = with_answer(customer_id, agent)
    changed = replace(
        first, offer_answers=(*first.offer_answers, replace(first.offer_answers[0], answer="no"))
    )
    await keep(database, first, changed, replace(first, offer_answers=()))

    assert [row[2] for row in await answers(database)] == ["later", "no"]


async def test_answers_stay_when_retention_takes_traces_and_calls(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    await keep(database, with_answer(customer_id, agent))

    later = AT + 100 * DAY
    assert await delete_old(database, RetentionRules(traces_days=30), later) == {"traces": 1}
    assert len(await answers(database)) == 1
    assert await delete_old(database, RetentionRules(calls_days=30), later) == {"calls": 1}
    assert len(await answers(database)) == 1
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    assert len(file.offers) == 1


async def test_answers_are_in_the_whole_file_and_go_with_an_erased_customer(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    await keep(database, with_answer(customer_id, agent))

    kept = await subject_access_report(database, customer_id)
    assert kept is not None
    [recorded] = kept["offer_answers"]
    assert (recorded["offer"], recorded["answer"], recorded["by"]) == (
        "quote_open:3",
        "later",
        "Maryam",
    )
    await erase_customer(database, customer_id, user_id=None, now=AT)
    assert await answers(database) == []
    # The record comes once more: nothing of an erased customer is written again.
    await keep(database, replace(with_answer(customer_id, agent), customer=None))
    assert await answers(database) == []


async def test_answers_go_along_with_a_merge_and_back(database: Database) -> None:
    stays = await add_customer(database, "Karimi", LALEH)
    goes = await add_customer(database, "Karimi")
    agent = (await add_user(database, "maryam", "101")).id
    await keep(database, with_answer(goes, agent))

    number = await merge_customers(database, stays, goes, user_id=None, now=AT)
    assert [row[0] for row in await answers(database)] == [stays]
    await undo_merge(database, number, user_id=None, now=AT)
    assert [row[0] for row in await answers(database)] == [goes]


STEPS = [
    {"at": AT - 1, "step": "matched"},
    {
        "at": AT,
        "step": "offer_answered",
        "agent": "Maryam",
        "offer": "birthday",
        "answer": "accepted",
    },
    {"at": AT + 1, "step": "offer_answered", "agent": "Two", "offer": "loved:4", "answer": "no"},
]
CALL = (
    "INSERT INTO calls (id, pbx, boot, linkedid, direction, caller_kind, arrived_at, ended_at,"
    " disposition, answered_by, customer_id, kept_at) VALUES"
    " ({id}, 'lab', 'b', '1.{id}', 'inbound', 'number', 1, 2, 'answered', '[]', {customer}, 3)"
)
TRACE = "INSERT INTO call_traces (call_id, steps) VALUES ({call}, '{steps}')"
USER = (
    "INSERT INTO users (id, username, display_name, password_hash, role, department, language,"
    " created_at) VALUES ({id}, 'u{id}', '{name}', 'x', 'agent', 'sales', 'en', 1)"
)


@pytest.mark.parametrize("has_orphaned_steps", [True, False])
def test_the_migration_carries_the_answers_of_old_traces_over(
    kind: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    has_orphaned_steps: bool,
) -> None:
    steps = orjson.dumps(STEPS).decode()
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("offer_answers"), monkeypatch)
        run_statements(
            url,
            USER.format(id=1, name="Maryam"),
            USER.format(id=2, name="Two"),
            USER.format(id=3, name="Two"),
            "INSERT INTO customers (id, names, tags, created_at, changed_at)"
            " VALUES (5, '[]', '[]', 1, 1)",
            CALL.format(id=7, customer=5),
            CALL.format(id=8, customer="NULL" if has_orphaned_steps else 5),
            CALL.format(id=9, customer=5),
            TRACE.format(call=7, steps=steps),
            TRACE.format(call=8, steps=steps),
            TRACE.format(call=9, steps="[]"),
        )
        migrate(url)
        found = run_on_database(url)

    expected = [
        (5, "birthday", "accepted", 1, "Maryam", AT),
        (5, "loved:4", "no", None, "Two", AT + 1),
    ]
    assert found == (expected if has_orphaned_steps else expected * 2)


def run_on_database(url: str) -> list[tuple[object, ...]]:
    """Return what is in the new table."""

    async def read() -> list[tuple[object, ...]]:
        database = open_database(url)
        await database.ready()
        async with database.reading() as connection:
            rows = await connection.execute(select(offer_answers).order_by(offer_answers.c.id))
            found: list[tuple[object, ...]] = [
                (row.customer_id, row.offer, row.answer, row.user_id, row.agent, row.at)
                for row in rows
            ]
            calls_of = await connection.execute(
                select(func.count()).where(offer_answers.c.call_id.is_(None))
            )
            assert calls_of.scalar_one() == 0
        await database.close()
        return found

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(read())).result()


async def quiet_offers(database: Database) -> dict[str, date]:
    """What the lookup of the caller reads."""
    [file] = (await look_up(database, LALEH)).exact
    return file.customer.quiet_offers


async def test_a_declined_offer_is_quiet_for_its_time_and_another_answer_ends_it(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    agent = (await add_user(database, "maryam", "101")).id
    declined_on = datetime.fromtimestamp(AT, UTC).date()
    assert await quiet_offers(database) == {}

    no = with_answer(customer_id, agent, "loved:3", "no")
    await keep(database, replace(no, offer_answers=(replace(no.offer_answers[0], why="price"),)))
    assert await quiet_offers(database) == {"loved:3": declined_on + timedelta(days=90)}
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    assert [one.why for one in file.offers] == ["price"]
    await keep(database, with_answer(customer_id, agent, "loved:3", "later"))
    assert await quiet_offers(database) == {}


async def test_the_time_of_a_declined_offer_goes_along_with_a_merge_and_back(
    database: Database,
) -> None:
    stays = await add_customer(database, "Karimi", LALEH)
    goes = await add_customer(database, "Karimi")
    agent = (await add_user(database, "maryam", "101")).id
    await keep(database, with_answer(goes, agent, "birthday", "no"))

    number = await merge_customers(database, stays, goes, user_id=None, now=AT)
    assert list(await quiet_offers(database)) == ["birthday"]
    await undo_merge(database, number, user_id=None, now=AT)
    assert await quiet_offers(database) == {}
