"""A user's follow-ups in a calendar: read by another parser than the one that wrote them."""

import re
import time
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import vobject
from httpx import AsyncClient

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.follow_ups.calendar import LONGEST_SUMMARY, follow_up_calendar
from screenpop.follow_ups.models import (
    FollowUp,
    FollowUpId,
    FollowUpSource,
    FollowUpState,
    NewFollowUp,
)
from screenpop.store.accounts.user_admin import disable_user, enable_user
from screenpop.store.follow_ups.changes import close_follow_up, insert_follow_up
from tests.web.running_server import Running, csrf_of, running
from tests.web.samples import add_customer

pytestmark = pytest.mark.anyio

HOSTILE = 'Send visa; form, "now"\r\nBEGIN:VEVENT\r\nUID:evil\\n \u202e' + "سلام Ελλάδα " * 30
TODAY = date(2026, 12, 1)


def follow_up(number: int, due: date, promise: str) -> FollowUp:
    not_closed = {"closed_by": None, "closed_by_name": "", "closed_at": None}
    return FollowUp(
        id=FollowUpId(number),
        customer_id=CustomerId(7),
        call_id=None,
        due=due,
        snoozed_until=None,
        promise=promise,
        source=FollowUpSource.CALL,
        offer="",
        state=FollowUpState.OPEN,
        assigned_to=UserId(1),
        assigned_name="Alice",
        made_by=UserId(1),
        made_by_name="Alice",
        made_at=1_764_590_400.5,
        **not_closed,  # type: ignore[arg-type]
    )


def test_a_file_has_folded_lines_escaped_texts_and_whole_days() -> None:
    rows = [
        follow_up(1, TODAY + timedelta(days=2), HOSTILE),
        follow_up(2, TODAY - timedelta(days=3), ""),
    ]
    body = follow_up_calendar(
        rows,
        names={CustomerId(7): "Dr Laleh, Karimi; <b>"},
        title="Follow-ups",
        untitled="Follow-up",
        timezone="Asia/Tehran",
        address="https://pop.example.com",
        today=TODAY,
    )
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert b"\n" not in body.replace(b"\r\n", b"")
    calendar = vobject.readOne(body.decode())
    assert calendar.version.value == "2.0"
    assert calendar.x_wr_timezone.value == "Asia/Tehran"
    first, late = calendar.vevent_list
    assert first.dtstart.value == TODAY + timedelta(days=2)
    assert first.dtend.value == TODAY + timedelta(days=3)
    title = first.summary.value
    assert title.startswith('Send visa; form, "now" BEGIN:VEVENT UID:evil\\n سلام Ελλάδα')
    assert title.endswith("… – Dr Laleh, Karimi; <b>")
    assert len(title.partition(" – ")[0]) == LONGEST_SUMMARY
    assert first.url.value == "https://pop.example.com/customers/7"
    assert first.dtstamp.value == datetime(2025, 12, 1, 12, tzinfo=UTC)
    assert late.summary.value == "Follow-up – Dr Laleh, Karimi; <b>"
    assert late.dtstart.value == TODAY
    assert "2026-11-28" in late.description.value
    assert {one.uid.value for one in (first, late)} == {
        "follow-up-1@screenpop",
        "follow-up-2@screenpop",
    }


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(prepared, tmp_path, real_pages=True) as up:
        yield up


async def promise(office: Running, name: str, days: int, text: str) -> FollowUp:
    user, today = office.id(name), datetime.now(UTC).date()
    new = NewFollowUp(
        customer_id=CustomerId(1),
        due=today + timedelta(days=days),
        promise=text,
        source=FollowUpSource.MANUAL,
        made_by=user,
        assigned_to=user,
    )
    return await insert_follow_up(office.database, new, today=today, now=time.time())


async def address_of(person: AsyncClient, names: str) -> str:
    csrf = csrf_of((await person.get("/me/calendar")).text)
    made = await person.post("/me/calendar", data={"csrf": csrf, "names": names})
    assert made.headers["cache-control"] == "no-store"
    (address,) = re.findall(r'href="[^"]+(/calendar/[^"]+\.ics)"', made.text)
    return str(address)


async def test_a_feed_has_the_open_follow_ups_of_its_user_until_it_is_ended(
    office: Running,
) -> None:
    await add_customer(office.database)
    done = await promise(office, "alice", 1, "done already")
    await close_follow_up(office.database, done.id, user_id=office.id("alice"), now=time.time())
    await promise(office, "alice", 3, "send the visa form")
    await promise(office, "bob", 3, "of a colleague")
    async with await office.client("alice") as alice, office.browser() as calendar:
        first = await address_of(alice, "no")
        read = await calendar.get(first)
        assert read.headers["content-type"] == "text/calendar; charset=utf-8"
        assert read.headers["cache-control"] == "no-store"
        (event,) = vobject.readOne(read.text).vevent_list
        assert event.summary.value == "send the visa form"
        for secret in ("Karimi", "9123456789", "12400000", "private", "colleague", "done already"):
            assert secret not in read.text
        assert ".ics" not in (await alice.get("/me/calendar")).text
        second = await address_of(alice, "yes")
        assert (await calendar.get(first)).status_code == 404
        named = vobject.readOne((await calendar.get(second)).text).vevent.summary.value
        assert named == "send the visa form – Dr Laleh Karimi <i>"
        await disable_user(office.database, office.id("alice"))
        assert (await calendar.get(second)).status_code == 404
        await enable_user(office.database, office.id("alice"))
        assert (await calendar.get(second)).status_code == 200
    async with await office.client("bob") as bob, office.browser() as calendar:
        csrf = csrf_of((await bob.get("/me/calendar")).text)
        await bob.post("/me/calendar/end", data={"csrf": csrf})
        assert (await calendar.get(second)).status_code == 200
    office.cookies.clear()  # disabling ended her session
    async with await office.client("alice") as alice, office.browser() as calendar:
        csrf = csrf_of((await alice.get("/me/calendar")).text)
        assert (await alice.post("/me/calendar/end", data={"csrf": "x"})).status_code == 403
        assert (await alice.post("/me/calendar/end", data={"csrf": csrf})).status_code == 303
        assert (await calendar.get(second)).status_code == 404


@pytest.mark.defends("calendar-links")
async def test_a_guessed_token_opens_no_feed_and_a_stranger_makes_none(office: Running) -> None:
    async with await office.client("alice") as alice:
        address = await address_of(alice, "no")
    token = address.removeprefix("/calendar/").removesuffix(".ics")
    async with office.browser() as stranger:
        assert (await stranger.get(address)).status_code == 200
        for guess in (token[:-1], token + "x", token.swapcase(), "x", "%00", "..%2Fme", "a" * 101):
            answer = await stranger.get(f"/calendar/{guess}.ics")
            assert answer.status_code in {404, 422}, guess
        for method, path in (("GET", "/me/calendar"), ("POST", "/me/calendar")):
            assert (await stranger.request(method, path)).status_code == 303
        assert (await stranger.post(address)).status_code == 405


async def test_an_empty_feed_is_a_calendar_too(office: Running) -> None:
    async with await office.client("bob") as bob, office.browser() as calendar:
        read = await calendar.get(await address_of(bob, "yes"))
        assert read.status_code == 200
        assert vobject.readOne(read.text).x_wr_calname.value == "پیگیری‌ها · Screenpop"
