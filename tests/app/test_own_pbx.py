"""The running application at a PBX of its own."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenpop.app.server import running
from screenpop.settings import Settings, settings_of
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import play_call
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import LoggedCall, list_calls
from screenpop.store.engine.database import opened
from tests.app.running_app import LALEH, NOW, PLAN, page

pytestmark = pytest.mark.anyio


async def test_a_configured_pbx_is_linked_and_its_calls_are_not_simulated(folder: Path) -> None:
    account = Account("screenpop", "its secret")
    pbx = SimulatedPbx(
        lambda: datetime.now(UTC).timestamp(), booted=datetime(2026, 1, 1, tzinfo=UTC), phones={}
    )
    async with AmiServer(pbx, account).listening() as ami:
        settings = settings_of(
            data_dir=folder,
            bind_port=0,
            number_plan=PLAN,
            pbx=[
                {
                    "id": "office",
                    "port": ami.port,
                    "username": "screenpop",
                    "secret": "its secret",
                    "trunks": [
                        {"name": "trunk", "region": "GR", "lines": {"2100000000": "Athens line"}}
                    ],
                }
            ],
        )
        async with running(settings) as app, page(app, "maryam") as maryam:
            await maryam.live("office")
            call = ScriptedCall(number="6912345678", to=("101",), did="2100000000", ring_s=5)
            ringing = asyncio.create_task(play_call(pbx, call, asyncio.sleep))
            card = await maryam.card("ringing")
            ringing.cancel()
            assert card["pbx"] == "office"
            assert card["line"]["label"] == "Athens line"
            # The same digits on the default trunk would be a number in Iran, or none.
            assert card["caller"]["e164"] == "+306912345678"


async def test_a_call_that_outlives_the_server_has_one_row_whichever_server_sees_its_end(
    folder: Path,
) -> None:
    pbx = SimulatedPbx(lambda: 0.0, booted=NOW, phones={"101": "Maryam"})
    async with AmiServer(pbx, Account("screenpop", "its secret")).listening() as ami:
        office = {"id": "office", "port": ami.port, "username": "screenpop", "secret": "its secret"}
        settings = settings_of(data_dir=folder, bind_port=0, number_plan=PLAN, pbx=[office])
        hangs_up = asyncio.Event()

        async def wait(seconds: float) -> None:
            await (hangs_up.wait() if seconds == call.talk_s else asyncio.sleep(seconds))

        call = ScriptedCall(number=LALEH, to=("101",), ring_s=0.1, talk_s=60)
        async with running(settings) as app, page(app, "maryam") as maryam:
            await maryam.live("office")
            talk = asyncio.create_task(play_call(pbx, call, wait))
            await maryam.card("talking")
        (row,) = await _log_of(settings)
        assert (row.disposition, row.estimated) == ("answered", True)
        async with running(settings) as app, page(app, "maryam") as maryam:
            await maryam.live("office")
            hangs_up.set()
            await maryam.card("wrap_up")
            await talk
        (again,) = await _log_of(settings)
        assert (again.call, again.disposition) == (row.call, "answered")
        assert (again.ended_at or 0) > (row.ended_at or 0)


async def _log_of(settings: Settings) -> list[LoggedCall]:
    """What the office's PBX brought."""
    async with opened(settings.database_address) as database:
        logged = await list_calls(database, CallFilter(since=NOW.timestamp()))
        return [call for call in logged.calls if call.pbx == "office"]


async def test_a_wrong_secret_is_reported_on_every_page(folder: Path) -> None:
    pbx = SimulatedPbx(lambda: 0.0, booted=NOW, phones={})
    async with AmiServer(pbx, Account("screenpop", "right")).listening() as ami:
        office = {"id": "office", "port": ami.port, "username": "screenpop", "secret": "wrong one"}
        settings = settings_of(data_dir=folder, bind_port=0, number_plan=PLAN, pbx=[office])
        async with running(settings) as app, page(app, "maryam") as maryam:
            while (maryam.pbx.get("office", {}).get("problem") or {}).get("code") is None:
                await maryam.next("pbx")
            assert maryam.pbx["office"]["problem"]["code"] == "wrong_secret"
