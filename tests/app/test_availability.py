"""Agents' availability in the whole application, with the queues of a PBX that answers on AMI."""

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from screenpop.app.running_app import App
from screenpop.app.server import running
from screenpop.customers.models import CustomerId
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recorded_calls import CallParties
from screenpop.store.schema.tables import calls
from tests.app.running_app import LALEH, NOW, client, page, rings, simulating
from tests.store.follow_ups.missed_samples import missed_call, number

pytestmark = pytest.mark.anyio

SECRET = "a-long-enough-secret"
QUEUES = {"sales": ("101", "102"), "support": ("101",)}


class Pbx:
    """A PBX of the settings; ``sent`` are the numbers it was asked to call."""

    def __init__(self) -> None:
        phones = {"101": "Maryam", "102": "Eleni"}
        self.pbx = SimulatedPbx(NOW.timestamp, booted=NOW, phones=phones, queues=QUEUES)
        self.called: list[tuple[str, str]] = []
        self.pbx.originate = lambda phone, number: self.called.append((phone, number))

    def paused(self) -> set[str]:
        return {queue for queue, phone in self.pbx.table.paused if phone == "101"}

    def pauses(self, queue: str, reason: str | None) -> None:
        """Pause 101 as its phone does, or (without a reason) ends it."""
        for event in self.pbx.table.pause(queue, "PJSIP/101", reason):
            self.pbx.say(event)


@asynccontextmanager
async def linked(folder: Path, *classes: str, **more: Any) -> AsyncIterator[tuple[App, Pbx]]:
    """The application with a PBX whose AMI user has these write classes."""
    real = Pbx()
    account = Account("screenpop", SECRET, frozenset({"reporting", *classes}))
    async with AmiServer(real.pbx, account).listening() as server:
        office = {"id": "office", "port": server.port, "username": "screenpop", "secret": SECRET}
        async with running(simulating(folder, pbx=[office | more])) as app:
            yield app, real


async def test_pause_is_sent_to_every_queue_and_to_agent_and_supervisor(folder: Path) -> None:
    async with linked(folder, "agent") as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", state="available", queues="linked")
        assert (await maryam.ask("pause", reason="lunch"))["ok"]
        assert pbx.paused() == {"sales", "support"}
        shown = await maryam.agent("maryam", state="paused")
        assert (shown["reason"], shown["reason_text"]) == ("lunch", "")
        async with page(app, "sara") as sara:
            assert sara.agents["maryam"] == shown
            assert sara.agents["eleni"]["state"] == "offline"
        assert (await maryam.ask("available"))["ok"]
        assert pbx.paused() == set()
        await maryam.agent("maryam", state="available")


async def test_pause_made_on_the_pbx_reaches_the_page(folder: Path) -> None:
    async with linked(folder) as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", queues="own")
        pbx.pauses("sales", "Dentist")
        await maryam.agent("maryam", state="available", paused_in=["sales"])
        pbx.pauses("", "Dentist")
        shown = await maryam.agent("maryam", state="paused")
        assert (shown["reason"], shown["reason_text"]) == ("other", "Dentist")
        pbx.pauses("", None)
        await maryam.agent("maryam", state="available", paused_in=[])


async def test_pause_without_a_reason_as_desk_phones_make_it_reaches_the_page(folder: Path) -> None:
    async with linked(folder, "agent") as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", queues="linked")
        pbx.pauses("", "")
        shown = await maryam.agent("maryam", state="paused")
        assert (shown["reason"], shown["reason_text"]) == ("other", "")
        pbx.pauses("", None)
        await maryam.agent("maryam", state="available")


async def test_own_pause_keeps_its_reason_when_the_queues_forget_it(folder: Path) -> None:
    async with linked(folder, "agent") as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", state="available", queues="linked")
        assert (await maryam.ask("pause", reason="lunch"))["ok"]
        await maryam.agent("maryam", state="paused")
        for queue in ("sales", "support"):
            pbx.pauses(queue, "")
        pbx.pauses("", None)
        await maryam.agent("maryam", state="available")
        async with client(app, "sara") as sara:
            since = NOW.timestamp() - 60
            found = (await sara.get(f"/api/v1/agents/availability/history?since={since}")).json()
    assert [one["reason"] for one in found["spans"] if one["state"] == "paused"] == ["lunch"]


async def test_without_the_class_the_pause_is_screenpops_own(folder: Path) -> None:
    async with linked(folder) as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", queues="own")
        assert (await maryam.ask("pause", reason="meeting"))["ok"]
        await maryam.agent("maryam", state="paused", reason="meeting", queues="own")
        assert pbx.paused() == set()


async def test_class_taken_away_makes_the_pause_screenpops_own(folder: Path) -> None:
    async with linked(folder, "agent") as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", queues="linked")
        refuses(pbx, "Permission denied")
        assert (await maryam.ask("pause", reason="lunch"))["ok"]
        await maryam.agent("maryam", state="paused", queues="own")


def refuses(pbx: Pbx, message: str) -> None:
    """From now on the PBX refuses to pause 101 in support."""
    listeners = tuple(pbx.pbx.listeners)
    for listener in listeners:
        session = listener.__self__  # type: ignore[attr-defined]
        allowed = session._queue_pause

        def queue_pause(headers: Any, session: Any = session, allowed: Any = allowed) -> None:
            if headers["queue"] == "support":
                session._reply(headers, "Error", ("Message", message))
            else:
                allowed(headers)

        session._queue_pause = queue_pause


async def test_pause_that_one_queue_refuses_is_taken_back_in_the_others(folder: Path) -> None:
    async with linked(folder, "agent") as (app, pbx), page(app, "maryam") as maryam:
        await maryam.live("office")
        await maryam.agent("maryam", queues="linked")
        refuses(pbx, "Realtime member cannot be changed")
        result = await maryam.ask("pause", reason="lunch")
        assert (result["ok"], result["error"]) == (False, "queues_refused")
        assert pbx.paused() == set()
        await maryam.agent("maryam", state="available", paused_in=[])


async def test_pause_survives_a_restart_of_the_server(folder: Path) -> None:
    began = time.time()
    async with running(simulating(folder)) as app, page(app, "maryam") as maryam:
        assert (await maryam.ask("pause", reason="training"))["ok"]
        before = await maryam.agent("maryam", state="paused")
    async with running(simulating(folder)) as app, page(app, "maryam") as maryam:
        after = await maryam.agent("maryam", state="paused", reason="training")
        assert after["since"] == before["since"]
    with sqlite3.connect(folder / "screenpop.db") as database:
        rows = database.execute(
            "SELECT state, begun_at, ended_at, estimated FROM agent_states JOIN users"
            " ON users.id = user_id WHERE username = 'maryam' AND begun_at >= ? ORDER BY begun_at",
            (began,),
        ).fetchall()
    assert [row[0] for row in rows][-1] == "paused"
    assert [row[2] for row in rows[:-1]] == [row[1] for row in rows[1:]], "no time is missing"
    assert (rows[-1][2], {row[3] for row in rows}) == (None, {0})


async def test_call_and_wrap_up_are_followed_and_ended_by_the_agent(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        await maryam.agent("maryam", state="available")
        rings(app, "101")
        await maryam.agent("maryam", state="on_call")
        shown = await maryam.agent("maryam", state="wrap_up")
        assert shown["until"] == pytest.approx(shown["since"] + 30.0)
        assert (await maryam.ask("extend_wrap_up"))["ok"]
        longer = await maryam.agent("maryam", until=shown["until"] + 60.0)
        assert longer["since"] == shown["since"]
        assert (await maryam.ask("end_wrap_up"))["ok"]
        await maryam.agent("maryam", state="available")
        assert (await maryam.ask("end_wrap_up"))["error"] == "no_wrap_up"


@pytest.mark.parametrize("args", [{}, {"reason": "nap"}, {"reason": ["lunch"]}])
async def test_pause_without_a_known_reason_is_refused(app: App, args: dict[str, Any]) -> None:
    async with page(app, "maryam") as maryam:
        assert (await maryam.ask("pause", **args))["error"] == "bad_arguments"


async def test_api_reads_and_changes_ones_own_state_and_supervisors_read_all(app: App) -> None:
    async with client(app, "maryam") as maryam, client(app, "sara") as sara:
        paused = await maryam.put(
            "/api/v1/availability", json={"state": "paused", "reason": "back_office"}
        )
        assert paused.status_code == 200, paused.text
        assert (await maryam.get("/api/v1/availability")).json()["reason"] in {"", "back_office"}
        assert (await maryam.get("/api/v1/agents/availability")).status_code == 403
        assert (await maryam.get("/api/v1/agents/availability/history?since=0")).status_code == 403
        all_agents = (await sara.get("/api/v1/agents/availability")).json()["agents"]
        assert {"maryam", "eleni"} <= {one["username"] for one in all_agents}
        since = NOW.timestamp() - 60
        found = (await sara.get(f"/api/v1/agents/availability/history?since={since}")).json()
        assert any(span["reason"] == "back_office" for span in found["spans"])
        for wrong in ({"state": "paused"}, {"state": "available", "reason": "lunch"}, {"state": 1}):
            assert (await maryam.put("/api/v1/availability", json=wrong)).status_code == 422


async def test_call_back_rings_the_own_phone_and_dials_the_stored_number(folder: Path) -> None:
    context = {"click_to_call_context": "from-internal"}
    async with linked(folder, "originate", **context) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        async with client(app, "maryam") as maryam:
            phone = stored_phone(folder)
            placed = await maryam.post(f"/api/v1/phones/{phone}/call", json={})
            assert placed.status_code == 202, placed.text
            assert placed.json() == {"number": "+98" + LALEH[1:]}
            assert pbx.called == [("101", LALEH)]
            assert (await maryam.post("/api/v1/phones/99999999/call", json={})).status_code == 404


async def test_call_without_the_class_is_refused_with_the_remedy(folder: Path) -> None:
    context = {"click_to_call_context": "from-internal"}
    async with linked(folder, **context) as (app, pbx), page(app, "maryam") as shown:
        await shown.live("office")
        async with client(app, "maryam") as maryam:
            refused = await maryam.post(f"/api/v1/phones/{stored_phone(folder)}/call", json={})
        assert (refused.status_code, refused.json()["code"]) == (409, "calling_not_allowed")
        assert "originate" in refused.json()["detail"]
        assert pbx.called == []


async def test_click_to_call_brings_the_customers_card_as_an_outbound_call(
    folder: Path, app: App
) -> None:
    async with page(app, "maryam") as shown, client(app, "maryam") as maryam:
        await shown.live()
        await shown.agent("maryam", state="available")
        placed = await maryam.post(f"/api/v1/phones/{stored_phone(folder)}/call", json={})
        assert placed.status_code == 202, placed.text
        card = await shown.card("dialling")
        assert (card["direction"], card["match"]) == ("outbound", "certain")
        assert card["person"]["address"]["en"] == "Dr Laleh Karimi"


def stored_phone(folder: Path) -> int:
    with sqlite3.connect(folder / "screenpop.db") as database:
        found = database.execute(
            "SELECT id FROM customer_phones WHERE e164 = ?", ["+98" + LALEH[1:]]
        )
        number: int = found.fetchone()[0]
        return number


@pytest.mark.parametrize("by_hand", [False, True])
@pytest.mark.parametrize(
    ("row", "act"),
    [("phones/{phone}", "call"), ("calls/{call}", "call-back"), ("callbacks/{call}", "call")],
)
async def test_call_of_a_shared_number_has_the_customer_from_whose_row_it_is_made(
    shared_number: tuple[int, int], app: App, row: str, act: str, *, by_hand: bool
) -> None:
    phone, customer = shared_number
    call = await missed_call_of(app, CustomerId(customer))
    path = f"/api/v1/{row.format(phone=phone, call=call)}"
    async with page(app, "maryam") as shown, client(app, "maryam") as maryam:
        await shown.live()
        await shown.agent("maryam", state="available")
        if by_hand:
            announced = await maryam.post(f"{path}/dialled", json={})
            assert announced.status_code == 204, announced.text
            dials(app, "101", LALEH)
        else:
            placed = await maryam.post(f"{path}/{act}", json={})
            assert placed.status_code == 202, placed.text
        card = await shown.card("dialling")
        assert (card["match"], card["person"]["id"]) == ("certain", customer)
        assert card["match_reason"]["code"] == "chosen"
        unknown = f"/api/v1/{row.format(phone=99999999, call=99999999)}/dialled"
        refused = 409 if row.startswith("callbacks") else 404
        assert (await maryam.post(unknown, json={})).status_code == refused
        taken = (await maryam.get("/api/v1/callbacks?whose=mine")).json()["rows"]
        assert [one["call"] for one in taken] == ([call] if refused == 409 else [])


async def missed_call_of(app: App, customer: CustomerId) -> int:
    """Log a missed call of the shared number by this customer; return its id in the log."""
    caller = number("+98" + LALEH[1:])
    app.database.log.keep(missed_call("shared.1", caller, time.time() - 60, customer=customer))
    await app.database.log.flush()
    async with app.database.reading() as connection:
        found = await connection.scalar(select(calls.c.id).where(calls.c.linkedid == "shared.1"))
    assert found is not None
    return int(found)


def dials(app: App, phone: str, number: str) -> None:
    """Call this number from a phone, as an agent dials by hand."""
    assert app.simulated_pbx is not None
    app.simulated_pbx.player.start_scenario("outbound", CallParties(number, (phone,)))


@pytest.fixture
def shared_number(folder: Path) -> tuple[int, int]:
    """Give another customer the number of Laleh; return that phone and customer."""
    with sqlite3.connect(folder / "screenpop.db") as database:
        (customer,) = database.execute(
            "SELECT min(id) FROM customers WHERE id NOT IN"
            " (SELECT customer_id FROM customer_phones WHERE e164 = ?)",
            ["+98" + LALEH[1:]],
        ).fetchone()
        phone = database.execute(
            "UPDATE customer_phones SET raw = ?, e164 = ?, last_nine = ? WHERE id ="
            " (SELECT min(id) FROM customer_phones WHERE customer_id = ?) RETURNING id",
            [LALEH, "+98" + LALEH[1:], LALEH[-9:], customer],
        ).fetchone()
    return phone[0], customer
