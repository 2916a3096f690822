"""Callbacks over the API: order, what each user sees, taking, closing, and each refusal."""

import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from screenpop.customers.models import CustomerId
from screenpop.follow_ups.closed_days import WEEKDAYS
from screenpop.follow_ups.office_hours import OfficeHours, parse_office_hours
from screenpop.service.ports import LoggedCall
from screenpop.store.schema.tables import trips
from screenpop.web.follow_ups.callback_routes import LONGEST_NOTE
from tests.store.follow_ups.missed_samples import HIDDEN, missed_call, number, talk
from tests.web.running_server import Running, running
from tests.web.samples import add_customer, keep

pytestmark = pytest.mark.anyio
ALICE = "Alice <b>Agent</b>"
LALEH, STRANGER = number("+989123456789"), number("+306970000001")


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def get(office: Running, name: str, path: str = "", status: int = 200) -> Any:
    async with await office.client(name) as client:
        answer = await client.get(f"/api/v1/callbacks{path}")
        assert answer.status_code == status, answer.text
        return answer.json()


async def post(office: Running, name: str, path: object, body: Any, status: int = 200) -> Any:
    async with await office.client(name) as client:
        answer = await client.post(f"/api/v1/callbacks/{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


async def one_missed(office: Running, **more: Any) -> int:
    """Return the id of one missed call of a stranger, by its row."""
    await keep(office.database, missed_call("1.1", STRANGER, time.time() - 60, **more))
    [row] = (await get(office, "alice"))["rows"]
    return int(row["call"])


async def travels_in(office: Running, customer: CustomerId, days: int) -> None:
    departs = datetime.now(UTC).date() + timedelta(days=days)
    async with office.database.writing() as connection:
        await connection.execute(
            insert(trips).values(
                customer_id=customer, destination="Rome", departs=departs, status="booked"
            )
        )


async def test_rows_are_ranked_with_their_reasons_numbers_and_attempts(office: Running) -> None:
    customer, now = await add_customer(office.database), time.time()
    await travels_in(office, customer, 3)
    await keep(
        office.database,
        missed_call("1.1", STRANGER, now - 900),
        missed_call("2.1", HIDDEN, now - 800),
        missed_call("3.1", LALEH, now - 700, queue="support"),
        missed_call("4.1", LALEH, now - 600, customer=customer),
    )
    found = await get(office, "alice")
    laleh, stranger, hidden = found["rows"]
    assert (found["total"], found["next_cursor"]) == (3, None)
    assert (laleh["customer"]["id"], laleh["times"]) == (customer, 2)
    [trip, waiting] = laleh["reasons"]
    assert trip == {"code": "trip_soon", "params": {"days": 3, "destination": "Rome"}}
    assert waiting["code"] == "waiting"
    assert 700 <= waiting["params"]["seconds"] <= 700 + time.time() - now
    assert [one["e164"] for one in laleh["numbers"]] == ["+989123456789"]
    assert [one["queue"] for one in laleh["attempts"]] == ["sales", "support"]
    assert (stranger["customer"], stranger["problem"]) == (None, None)
    assert (hidden["problem"], hidden["numbers"]) == ("withheld", [])
    assert hidden["caller"]["e164"] is None


async def test_two_numbers_of_a_customer_are_both_offered_the_newest_first(
    office: Running,
) -> None:
    customer, now = await add_customer(office.database), time.time()
    await keep(
        office.database,
        missed_call("1.1", STRANGER, now - 900, customer=customer),
        missed_call("2.1", LALEH, now - 800),
    )
    [row] = (await get(office, "alice"))["rows"]
    assert [one["e164"] for one in row["numbers"]] == ["+989123456789", "+306970000001"]


async def test_a_hidden_number_of_a_known_customer_is_called_by_the_stored_number(
    office: Running,
) -> None:
    customer = await add_customer(office.database)
    sent = replace(HIDDEN, raw="+306971111111", e164=STRANGER.e164)
    await keep(office.database, missed_call("1.1", sent, time.time() - 60, customer=customer))
    [row] = (await get(office, "alice"))["rows"]
    assert [one["e164"] for one in row["numbers"]] == ["+989123456789"]
    assert "+306970000001" not in str(row)
    assert "+306971111111" not in str(row)


async def test_the_next_page_begins_after_the_cursor(office: Running) -> None:
    now = time.time()
    calls = [missed_call(f"{n}.1", number(f"+98912{n:07}"), now - 900 + n) for n in range(51)]
    await keep(office.database, *calls)
    first = await get(office, "alice")
    second = await get(office, "alice", f"?after={first['next_cursor']}")
    assert (len(first["rows"]), len(second["rows"]), second["next_cursor"]) == (50, 1, None)
    assert (first["total"], second["total"]) == (51, 51)
    for bad in ("x", "0:2026-13-01:0:1.0:1", "0:2026-01-01:0:1e9:1"):
        await get(office, "alice", f"?after={bad}", 422)


async def test_a_callback_is_taken_by_one_user_and_the_other_gets_the_remedy(
    office: Running,
) -> None:
    call = await one_missed(office)
    taken = (await post(office, "alice", call, {"action": "take"}))["taken"]
    assert (taken["id"], taken["name"]) == (office.id("alice"), ALICE)
    for action in ("take", "release", "done"):
        refused = await post(office, "bob", call, {"action": action}, 409)
        assert (refused["code"], refused["taken"]["name"]) == ("taken_by_other", ALICE)
        assert "ask them" in refused["detail"]
    assert (await get(office, "bob"))["rows"][0]["taken"]["name"] == ALICE
    assert (await get(office, "bob", "?whose=free"))["rows"] == []
    assert len((await get(office, "alice", "?whose=mine"))["rows"]) == 1
    missed = f"/api/v1/missed-calls/{call}/done"
    async with await office.client("bob") as bob:
        answer = await bob.post(missed, json={})
        assert answer.status_code == 404  # it is not on his desk
    await post(office, "alice", call, {"action": "release"})
    assert (await post(office, "bob", call, {"action": "take"}))["taken"]["name"] == "Bob"


async def test_only_a_supervisor_assigns_and_takes_away(office: Running) -> None:
    call = await one_missed(office)
    to_bob = {"action": "assign", "user_id": office.id("bob")}
    await post(office, "alice", call, to_bob, 403)
    assert (await post(office, "sue", call, to_bob))["taken"]["name"] == "Bob"
    unknown = await post(office, "sue", call, {"action": "assign", "user_id": 9999}, 409)
    assert unknown["code"] == "unknown_user"
    assert (await post(office, "sue", call, {"action": "assign"}))["taken"] is None
    assert (await post(office, "alice", call, {"action": "take"}))["taken"]["name"] == ALICE


async def test_done_keeps_the_note_on_the_call_and_can_be_undone(office: Running) -> None:
    call = await one_missed(office)
    await post(office, "alice", call, {"action": "done", "note": " wrong number \n"})
    assert (await get(office, "bob"))["total"] == 0
    async with await office.client("sue") as sue:
        notes = (await sue.get(f"/api/v1/calls/{call}")).json()["notes"]
    assert [(note["agent"], note["text"]) for note in notes] == [(ALICE, "wrong number")]
    assert (await post(office, "alice", call, {"action": "undo"}))["done"] == "undo"
    assert (await get(office, "bob"))["total"] == 1
    refused = await post(office, "alice", call, {"action": "undo"}, 409)
    assert refused["code"] == "unknown_callback"


@pytest.mark.parametrize(("length", "status"), [(2_000, 200), (2_001, 422)])
async def test_a_note_has_at_most_two_thousand_characters(
    office: Running, length: int, status: int
) -> None:
    assert LONGEST_NOTE == 2_000
    call = await one_missed(office)
    await post(office, "alice", call, {"action": "done", "note": "x" * length}, status)


async def test_a_note_that_does_not_fit_leaves_the_callback_open(office: Running) -> None:
    call = await one_missed(office)
    for _ in range(5):
        await post(office, "alice", call, {"action": "done", "note": "x" * 1_990 + str(_)})
        await post(office, "alice", call, {"action": "undo"})
    refused = await post(office, "alice", call, {"action": "done", "note": "y" * 2_000}, 409)
    assert refused["code"] == "note_too_long"
    assert (await get(office, "alice"))["total"] == 1


async def test_a_caller_reached_meanwhile_is_refused_with_the_remedy(office: Running) -> None:
    call = await one_missed(office)
    await keep(office.database, talk("2.1", STRANGER, time.time() - 30))
    for action in ("take", "release", "done"):
        refused = await post(office, "alice", call, {"action": action}, 409)
        assert refused["code"] == "unknown_callback"
    assert (await post(office, "alice", f"{call}/call", {}, 409))["code"] == "unknown_callback"
    assert (await post(office, "alice", "9999/call", {}, 409))["code"] == "unknown_callback"


async def test_open_rows_are_followed_by_their_calls(office: Running) -> None:
    call = await one_missed(office)
    await post(office, "alice", call, {"action": "take"})
    found = await get(office, "bob", f"/open?calls={call},9999,x")
    state = found["open"][str(call)]
    assert (list(found["open"]), state["call"], state["times"]) == ([str(call)], call, 1)
    assert state["taken"]["name"] == ALICE
    await keep(office.database, talk("2.1", STRANGER, time.time() - 30))
    after = await get(office, "bob", f"/open?calls={call}")
    assert (after["open"], after["newest_at"]) == ({}, found["newest_at"])


async def test_the_median_of_the_day_and_the_times_of_supervisors(office: Running) -> None:
    now = time.time()
    people = [number(f"+98912000000{n}") for n in range(3)]

    def reached(place: int, after_s: float) -> list[LoggedCall]:
        # A callback of yesterday's caller counts on the day of the talk.
        talked_at = now - 1 - place * 0.01
        first = missed_call(f"{place}.1", people[place], talked_at - after_s)
        return [first, talk(f"{place}.2", people[place], talked_at)]

    assert (await get(office, "alice"))["today"] == {"reached": 0, "median_s": None}
    records = [*reached(0, 30.0), *reached(1, 90.0), *reached(2, 86_400.0)]
    await keep(office.database, *records)
    today = (await get(office, "alice"))["today"]
    assert (today["reached"], round(today["median_s"])) == (3, 90)
    await get(office, "alice", f"/times?since={now - 60}", 403)
    times = await get(office, "sue", f"/times?since={now - 60}")
    seconds = [round(one["seconds"]) for one in times["callbacks"]]
    assert (seconds, round(times["median_s"])) == ([86_400, 90, 30], 90)
    assert (await get(office, "sue", "/times?since=5&until=9"))["median_s"] is None


async def test_calling_back_needs_a_pbx_that_allows_it_and_takes_the_row(office: Running) -> None:
    call = await one_missed(office)
    refused = await post(office, "alice", f"{call}/call", {}, 409)
    assert refused["code"] == "calling_off"
    assert (await get(office, "bob"))["rows"][0]["taken"]["name"] == ALICE
    assert (await post(office, "bob", f"{call}/call", {}, 409))["code"] == "taken_by_other"


async def test_other_pages_are_notified_at_once_and_not_of_a_refused_change(
    office: Running,
) -> None:
    call = await one_missed(office)
    async with office.socket("bob") as bob, office.socket("sue") as sue:
        for socket in (bob, sue):
            await socket.greet()
        for name, action, status in (
            ("alice", "take", 200),
            ("bob", "take", 409),
            ("alice", "release", 200),
            ("bob", "done", 200),
        ):
            await post(office, name, call, {"action": action}, status)
        for socket in (bob, sue):
            heard = [(await socket.hear_until("callback"))[-1] for _ in range(3)]
            assert [one["callback"] for one in heard] == [
                {"call": call, "change": change} for change in ("taken", "released", "done")
            ]


async def test_attempt_outside_office_hours_is_marked(prepared: Path, tmp_path: Path) -> None:
    now = time.time()
    day = WEEKDAYS[datetime.fromtimestamp(now - 60, UTC).weekday()]
    other = WEEKDAYS[(WEEKDAYS.index(day) + 3) % 7]
    for entry, closed in (
        (f"{day} 00:00-24:00", False),
        (f"{other} 00:00-24:00", True),
        ("", False),
    ):
        hours = parse_office_hours([entry]) if entry else OfficeHours()
        folder = tmp_path / (entry[:3] or "none")
        folder.mkdir()
        async with running(prepared, folder, real_pages=True, office_hours=hours) as office:
            await keep(office.database, missed_call("1.1", STRANGER, now - 60))
            [row] = (await get(office, "alice"))["rows"]
            assert [one["after_hours"] for one in row["attempts"]] == [closed]


async def test_a_desk_row_names_the_colleague_that_has_taken_it(office: Running) -> None:
    now = time.time()
    record = missed_call("1.1", STRANGER, now - 60, dialled=False)
    await keep(office.database, record)  # rang at no phone, so it is on every desk
    [row] = (await get(office, "alice"))["rows"]
    await post(office, "alice", row["call"], {"action": "take"})
    async with await office.client("bob") as bob:
        [missed] = (await bob.get("/api/v1/missed-calls")).json()["missed"]
        assert (missed["call"]["id"], missed["taken"]["name"]) == (row["call"], ALICE)
        answer = await bob.post(f"/api/v1/missed-calls/{row['call']}/done", json={})
        assert (answer.status_code, answer.json()["code"]) == (409, "taken_by_other")
    async with await office.client("sue") as sue:
        answer = await sue.post(f"/api/v1/missed-calls/{row['call']}/done", json={})
        assert answer.status_code == 200


async def test_forms_and_users_without_a_session_are_refused(office: Running) -> None:
    call = await one_missed(office)
    async with await office.client("alice") as alice:
        form = await alice.post(f"/api/v1/callbacks/{call}", data={"action": "take"})
        assert form.status_code in (415, 422)
        page = await alice.get("/callbacks")
        assert (page.status_code, 'id="callbacks"' in page.text) == (200, True)
    async with office.browser() as browser:
        assert (await browser.get("/api/v1/callbacks")).status_code == 401
