"""The work lists over the API: what each user sees and may do, and each refusal with its code."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select

from screenpop.customers.models import CustomerId
from screenpop.exporting.client import ExportService
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.store.accounts.users import find_username
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.follow_ups.work_list_build import build_work_list
from screenpop.store.privacy.records import list_privacy_records
from screenpop.store.schema.customer_tables import follow_ups
from screenpop.store.schema.tables import trips
from screenpop.store.schema.work_list_tables import work_list_marks
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import add_customer, keep, record

pytestmark = pytest.mark.anyio
TODAY = datetime.now(UTC).date()


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def lapsed(office: Running) -> CustomerId:
    customer_id = await add_customer(office.database)
    async with office.database.writing() as connection:
        for back in (600, 750, 900):
            day = date.today() - timedelta(days=back)  # noqa: DTZ011
            await connection.execute(
                insert(trips).values(
                    customer_id=customer_id,
                    destination="Rome",
                    departs=day,
                    returns=day + timedelta(days=5),
                    status="travelled",
                    price=500,
                    currency="EUR",
                )
            )
    await build_work_list(office.database, UTC, time.time() - 1)
    return customer_id


async def get(office: Running, name: str, path: str, status: int = 200) -> Any:
    async with await office.client(name) as client:
        answer = await client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()


async def post(office: Running, name: str, path: str, body: Any, status: int = 200) -> Any:
    async with await office.client(name) as client:
        answer = await client.post(path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


LAPSED = "/api/v1/follow-ups?kind=lapsed&owner="


async def test_a_row_has_its_reason_and_no_price_for_a_department_without_prices(
    office: Running,
) -> None:
    customer_id = await lapsed(office)
    body = await get(office, "alice", LAPSED + "none")
    (row,) = body["rows"]
    assert row["id"] == f"c{customer_id}"
    assert row["params"]["months"] == 5
    assert (row["trips"], row["worth"]) == (3, None)
    assert {"kind": "lapsed", "count": 1} in body["lists"]
    admin = await get(office, "adam", LAPSED + "all")
    assert (admin["rows"][0]["worth"], admin["rows"][0]["currency"]) == (1500, "EUR")


async def test_an_agent_sees_own_rows_and_rows_of_no_user_and_no_others(office: Running) -> None:
    customer_id = await lapsed(office)
    await get(office, "alice", LAPSED + "all", 403)
    await get(office, "alice", "/api/v1/follow-ups?kind=balance", 403)
    assert (await get(office, "alice", LAPSED + "mine"))["rows"] == []
    await post(office, "alice", f"/api/v1/follow-ups/c{customer_id}", {"action": "take"})
    assert len((await get(office, "alice", LAPSED + "mine"))["rows"]) == 1
    assert (await get(office, "alice", LAPSED + "none"))["rows"] == []


async def test_a_row_of_another_user_is_refused_with_the_name(office: Running) -> None:
    customer_id = await lapsed(office)
    adam = await find_username(office.database, "adam")
    assert adam is not None
    path = f"/api/v1/follow-ups/c{customer_id}"
    await post(office, "adam", path, {"action": "assign", "user_id": adam.id})
    refused = await post(office, "alice", path, {"action": "done"}, 409)
    assert (refused["error"], refused["name"]) == ("taken_by_other", adam.display_name)
    await post(office, "alice", path, {"action": "assign", "user_id": adam.id}, 409)
    await post(
        office, "alice", "/api/v1/follow-ups/share", {"kind": "lapsed", "user_ids": [1]}, 403
    )


@pytest.mark.parametrize("action", ["done", "never", "snooze", "undo", "take"])
async def test_mallory_cannot_change_the_promise_of_a_colleague(
    office: Running, action: str
) -> None:
    customer_id = await lapsed(office)
    bob = await find_username(office.database, "bob")
    assert bob is not None
    new = NewFollowUp(customer_id, TODAY, "send it", FollowUpSource.MANUAL, bob.id, bob.id)
    made = await insert_follow_up(office.database, new, today=TODAY, now=time.time() - 5)
    path = f"/api/v1/follow-ups/p{made.id}"
    refused = await post(office, "alice", path, {"action": action, "days": 1}, 409)
    assert (refused["error"], refused["name"]) == ("unknown_follow_up", "")
    (row,) = (await get(office, "bob", "/api/v1/follow-ups?kind=promise"))["rows"]
    assert row["id"] == f"p{made.id}"
    await post(office, "sue", path, {"action": "done"})
    assert (await get(office, "bob", "/api/v1/follow-ups?kind=promise"))["rows"] == []


async def test_done_with_a_reason_is_kept_and_can_be_undone(office: Running) -> None:
    customer_id = await lapsed(office)
    path = f"/api/v1/follow-ups/c{customer_id}"
    await post(office, "alice", path, {"action": "done", "away_reason": "price"})
    assert (await get(office, "alice", LAPSED + "none"))["rows"] == []
    async with office.database.reading() as connection:
        kept = (await connection.execute(select(work_list_marks.c.away_reason))).scalar_one()
    assert kept == "price"
    await post(office, "alice", path, {"action": "undo"})
    assert len((await get(office, "alice", LAPSED + "none"))["rows"]) == 1


@pytest.mark.parametrize(("talk_s", "there"), [(9.0, True), (10.0, False)])
async def test_a_reached_customer_is_open_no_more(
    office: Running, talk_s: float, there: bool
) -> None:
    customer_id = await lapsed(office)
    call = record(7, at=time.time(), customer=CustomerId(customer_id))
    await keep(office.database, replace(call, entry=replace(call.entry, talk_s=talk_s)))
    body = await get(office, "alice", f"/api/v1/follow-ups/open?ids=c{customer_id},c999,nonsense")
    assert body == {"open": {f"c{customer_id}": None} if there else {}}


async def test_a_promise_is_on_its_list_until_the_customer_was_talked_to(office: Running) -> None:
    customer_id = await lapsed(office)
    alice = await find_username(office.database, "alice")
    assert alice is not None
    new = NewFollowUp(customer_id, TODAY, "send it", FollowUpSource.MANUAL, alice.id, alice.id)
    made = await insert_follow_up(office.database, new, today=TODAY, now=time.time() - 5)
    path = "/api/v1/follow-ups?kind=promise"
    (row,) = (await get(office, "alice", path))["rows"]
    assert (row["id"], row["params"]["promise"]) == (f"p{made.id}", "send it")
    assert (await get(office, "alice", LAPSED + "none"))["rows"] == []
    await keep(office.database, record(8, at=time.time(), customer=CustomerId(customer_id)))
    assert (await get(office, "alice", path))["rows"] == []


@pytest.mark.parametrize("body", [{}, {"action": "x"}, {"action": "snooze", "days": 0}])
async def test_a_request_that_makes_no_sense_is_refused(office: Running, body: Any) -> None:
    await post(office, "alice", "/api/v1/follow-ups/c1", body, 422)


async def test_an_unknown_row_and_a_bad_cursor_are_refused(office: Running) -> None:
    answer = await post(office, "alice", "/api/v1/follow-ups/c77", {"action": "done"}, 409)
    assert answer["error"] == "unknown_row"
    await get(office, "alice", LAPSED + "mine&after=1;2", 422)


async def test_the_page_opens_for_users_only(office: Running) -> None:
    async with await office.client("alice") as client:
        assert 'id="work"' in (await client.get("/follow-ups")).text


async def promises(office: Running, count: int, customer_id: CustomerId) -> None:
    for number in range(count):
        new = NewFollowUp(
            customer_id, TODAY, f"promise {number}", FollowUpSource.MANUAL, None, None
        )
        await insert_follow_up(office.database, new, today=TODAY, now=time.time() - 5)


PROMISES = "/api/v1/follow-ups?kind=promise"


async def test_promises_come_by_page_until_none_is_left(office: Running) -> None:
    await promises(office, 101, await add_customer(office.database))
    found: list[str] = []
    after = ""
    sizes = []
    while True:
        body = await get(office, "alice", f"{PROMISES}&after={after}")
        found += [row["id"] for row in body["rows"]]
        sizes.append(len(body["rows"]))
        after = body["next_cursor"]
        if after is None:
            break
    assert sizes == [50, 50, 1]
    assert len(set(found)) == 101
    assert body["lists"][0] == {"kind": "promise", "count": 101}


@pytest.mark.parametrize("after", ["2026-13-01:1", "12:3", "2026-01-01:x", "' OR 1", "-:1"])
async def test_cursor_of_promises_that_is_none_is_refused(office: Running, after: str) -> None:
    async with await office.client("alice") as client:
        answer = await client.get(PROMISES, params={"after": after})
    assert answer.status_code == 422


async def test_rows_are_shared_among_agents_and_supervisors_only_where_they_are_chosen(
    office: Running,
) -> None:
    customer_id = await lapsed(office)
    share = {"kind": "lapsed"}
    assert await post(office, "adam", "/api/v1/follow-ups/share", share) == {"rows": 1}
    (row,) = (await get(office, "adam", LAPSED + "all"))["rows"]
    assert row["assigned"]["id"] in {office.id("alice"), office.id("bob")}
    path = f"/api/v1/follow-ups/c{customer_id}"
    await post(office, "adam", path, {"action": "assign", "user_id": None})
    await post(office, "adam", "/api/v1/follow-ups/share", share | {"user_ids": [office.id("sue")]})
    (row,) = (await get(office, "adam", LAPSED + "all"))["rows"]
    assert row["assigned"]["id"] == office.id("sue")


async def test_sheet_needs_the_right_to_export_and_is_recorded(
    prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    export = ExportService(f"sqlite:///{tmp_path / 'web.db'}", folder)
    async with running(prepared, tmp_path, real_pages=True, export=export) as office:
        await lapsed(office)
        good = {"kind": "lapsed", "owner": "open"}
        assert (await ordered(office, "alice", good)).status_code == 403
        answer = await ordered(office, "sue", good)
        assert answer.status_code == 200
        assert 'filename="follow-ups-lapsed-2' in answer.headers["content-disposition"]
        for wrong in ({"kind": "balance"}, {"kind": "nonsense"}, {"owner": "hers"}, {"csrf": "x"}):
            assert (await ordered(office, "sue", good | wrong)).status_code in {403, 422}
        (record, *_) = await list_privacy_records(office.database)
        assert (record.what, record.figures["list"]) == ("exported", "lapsed")


async def ordered(office: Running, name: str, form: dict[str, str]) -> httpx.Response:
    async with await office.client(name) as client:
        csrf = csrf_of((await client.get("/follow-ups")).text)
        return await client.post("/follow-ups/export", data={"csrf": csrf} | form)


@pytest.mark.parametrize(("count", "counted"), [(998, 998), (999, 999), (1000, 999)])
async def test_promises_are_counted_up_to_999(office: Running, count: int, counted: int) -> None:
    customer_id = await add_customer(office.database)
    async with office.database.writing() as connection:
        row = {"customer_id": customer_id, "due": TODAY, "promise": "", "source": "manual"}
        rows = [row | {"state": "open", "made_at": time.time() - 5} for _ in range(count)]
        await connection.execute(insert(follow_ups), rows)
    body = await get(office, "alice", PROMISES)
    assert body["lists"][0] == {"kind": "promise", "count": counted}
    call = record(7, at=time.time(), customer=customer_id)
    await keep(office.database, replace(call, entry=replace(call.entry, talk_s=10.0)))
    body = await get(office, "alice", PROMISES)
    assert (body["lists"][0]["count"], body["rows"], body["next_cursor"]) == (0, [], None)
