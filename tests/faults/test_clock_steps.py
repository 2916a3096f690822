"""The clock of the machine is set while phones ring: the real server under libfaketime."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pyotp import TOTP
from sqlalchemy import select
from websockets.asyncio.client import connect

from screenpop.accounts.users import UserId
from screenpop.demo.seed import DEMO_PASSWORD
from screenpop.simulator.call_script import ScriptedCall
from screenpop.store.accounts.form_drafts import FormDraft, keep_draft, list_drafts
from screenpop.store.accounts.second_factor import new_setup, turn_on
from screenpop.store.accounts.users import change_password, find_username
from screenpop.store.engine.database import Database, opened
from screenpop.store.follow_ups.work_list_build import is_built_for
from screenpop.store.schema.tables import calls, legs
from tests.app.running_app import Page
from tests.faults.database_faults import client
from tests.faults.kills import Office, office, server
from tests.tools import FAKETIME
from tests.web.running_server import Socket, csrf_of, log_in

pytestmark = [pytest.mark.anyio, pytest.mark.long, pytest.mark.timeout(180)]

HOUR, DAY = 3600, 86_400
OFFICE_ZONE = ZoneInfo("UTC")
"""As by default."""
FOLLOWED = "The machine's clock was set"


@dataclass
class Clock:
    """The clock of the server, so many seconds ahead of ours."""

    file: Path
    ahead: int = 0

    def set(self, ahead: int) -> None:
        self.ahead = ahead
        changed = self.file.with_suffix(".new")
        changed.write_text(f"{ahead:+d}\n")
        changed.rename(self.file)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    library = FAKETIME.ensure_for_test() / "libfaketimeMT.so.1"
    made = Clock(tmp_path / "clock")
    made.set(0)
    for name, value in {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(made.file),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
    }.items():
        monkeypatch.setenv(name, value)
    return made


@asynccontextmanager
async def page(place: Office, name: str) -> AsyncIterator[Page]:
    headers = {"Cookie": place.cookies[name], "Origin": place.url}
    url = f"ws://127.0.0.1:{place.port}/ws/v1"
    async with connect(
        url, additional_headers=headers, compression=None, ping_interval=None, proxy=None
    ) as line:
        shown = Page(Socket(line))
        await shown.socket.send_message("hello", last=None, tab="t", build="-")
        await shown.next("snapshot")
        yield shown


async def followed(place: Office, times: int) -> None:
    """Wait until the calls have followed so many steps of the clock."""
    log = place.folder / "server.log"
    async with asyncio.timeout(20):
        while log.read_text(errors="replace").count(FOLLOWED) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_clock_that_is_set_while_phones_ring_leaves_cards_and_durations_right(
    tmp_path: Path, clock: Clock
) -> None:
    clock.set(-int(time.time()) + 100)  # 1970: no battery, and no network yet
    arrived: dict[str, float] = {}
    async with AsyncExitStack() as closing:
        place = await closing.enter_async_context(office(tmp_path, seed=1))
        await closing.enter_async_context(server(place))
        maryam = await closing.enter_async_context(page(place, "maryam"))
        eleni = await closing.enter_async_context(page(place, "eleni"))

        def ring(phone: str) -> None:
            call = ScriptedCall(number=place.known[0], to=(phone,), ring_s=0.1, talk_s=60.0)
            arrived[place.stage.start(call)] = time.time() + clock.ahead

        for steps, ahead in enumerate((0, HOUR, -HOUR, DAY, -DAY, 0), 1):
            ring("101")
            await maryam.card("talking")
            before = clock.ahead
            clock.set(ahead)
            ring("102")
            arrived[max(arrived)] += before - ahead  # a call is live, so the old time goes on
            await eleni.card("talking")
            assert {card["state"] for card in maryam.cards.values()} >= {"talking"}
            await place.stage.finish_all()
            for shown in (maryam, eleni):
                await shown.card("wrap_up")
            await followed(place, steps)
            assert "wrap_up" in {card["state"] for card in maryam.cards.values()}
        async with client(place) as browser:
            assert (await log_in(browser, "nikos", DEMO_PASSWORD)).status_code == 303

    async with opened(place.database_url) as database, database.reading() as connection:
        rows = (await connection.execute(select(calls).where(calls.c.pbx == "office"))).all()
        rung = (await connection.execute(select(legs))).all()
    assert {row.linkedid for row in rows} == arrived.keys()
    assert not [row.linkedid for row in rows if row.estimated]
    for row in rows:
        times = [row.arrived_at, row.answered_at, row.ended_at]
        for leg in (leg for leg in rung if leg.call_id == row.id):
            times += [leg.rang_at, leg.answered_at, leg.ended_at]
        assert times[0] == pytest.approx(arrived[row.linkedid], abs=60)
        assert max(times) - min(times) < 60
        assert times[:3] == sorted(times[:3])
        assert row.wait_s < 60
        assert row.talk_s < 60


async def test_a_day_ahead_and_back_leaves_logins_codes_and_unfinished_forms_as_they_were(
    tmp_path: Path, clock: Clock
) -> None:
    """Sessions, wrong passwords, codes of the second factor, drafts and the lists of the day."""
    async with AsyncExitStack() as closing:
        place = await closing.enter_async_context(office(tmp_path, seed=2))
        database = await closing.enter_async_context(opened(place.database_url, place.folder))
        nikos = await find_username(database, "nikos")
        assert nikos is not None
        began = time.time()
        draft = FormDraft("/customers/new", {"notes": "x"}, {})
        await keep_draft(database, nikos.id, draft, began - DAY / 2)
        await closing.enter_async_context(server(place))
        maryam = await closing.enter_async_context(client(place, place.cookies["maryam"]))
        browser = await closing.enter_async_context(client(place))
        assert (await maryam.get("/me")).status_code == 200
        await list_is_of(database, began)

        clock.set(DAY)
        assert (await maryam.get("/me")).status_code == 303
        for _ in range(2):
            assert (await log_in(browser, "nikos", "wrong")).status_code == 401
        assert (await log_in(browser, "nikos", DEMO_PASSWORD)).status_code == 303
        setup = await new_setup(database, nikos.id, began + DAY)
        app, password = TOTP(setup.secret), "four plain words together"
        used = app.at(int(began + DAY))
        assert await turn_on(database, nikos.id, setup, used, began + DAY) is not None
        await change_password(database, nikos.id, password, began + DAY)
        await list_is_of(database, began + DAY)
        assert await draft_age(database, nikos.id, began + DAY) == pytest.approx(DAY / 2, abs=60)

        clock.set(0)
        await list_is_of(database, began)
        assert await draft_age(database, nikos.id, began) == pytest.approx(DAY / 2, abs=60)
        assert (await maryam.get("/me")).status_code == 200
        step = await log_in(browser, "nikos", password)
        assert step.headers["location"] == "/login/code"
        form = {"csrf": csrf_of((await browser.get("/login/code")).text)}
        code = app.at(int(time.time()))
        entered = await browser.post("/login/code", data={**form, "code": code})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert (await browser.get("/me")).status_code == 200


async def list_is_of(database: Database, at: float) -> None:
    """Wait until the work lists are those of a day in the office."""
    async with asyncio.timeout(30):
        while not await is_built_for(database, datetime.fromtimestamp(at, OFFICE_ZONE).date()):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def draft_age(database: Database, user: UserId, now: float) -> float:
    [draft] = await list_drafts(database, user, now)
    return now - draft.saved_at
