"""A call of the simulated PBX, from its ring to the log, in the running application."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from screenpop.app.running_app import App
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording import timed_messages
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from tests.app.running_app import LALEH, NOW, page, rings
from tests.web.running_server import plain_client

pytestmark = pytest.mark.anyio


RECORDINGS = Path(__file__).parents[1] / "scenarios" / "22"


async def test_a_call_on_the_simulated_pbx_raises_the_right_card(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        call = rings(app, "101")
        card = await maryam.card("ringing")
        assert card["call"] == call
        assert card["match"] == "certain"
        assert card["person"]["address"]["en"] == "Dr Laleh Karimi"
        assert card["rev"] == 1
        assert (await maryam.card("talking"))["answered_at"] is not None
        assert (await maryam.card("wrap_up"))["reason"]["code"] == "ended"


async def test_losers_see_the_answering_agent_and_a_supervisor_follows_it_all(app: App) -> None:
    async with (
        page(app, "maryam") as maryam,
        page(app, "eleni") as eleni,
        page(app, "sara") as sara,
    ):
        await sara.live()
        call = rings(app, "101", "102", answered_by="102", queue="sales", wait_s=0.2)
        elsewhere = await maryam.card("elsewhere")
        assert elsewhere["reason"] == {"code": "answered_by", "params": {"name": "Ελένη"}}
        assert (await eleni.card("wrap_up"))["call"] == call
        states: list[str] = []
        while not states or states[-1] != "ended":
            message = await sara.next("call")
            states.append(message["call"]["state"])
        assert states[0] == "waiting"
        assert "talking" in states
        assert sara.calls == {}
        assert sara.cards == {}


async def test_the_finished_call_is_in_the_log_with_painted_before_pickup(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        call = rings(app, "101", ring_s=0.5)
        card = await maryam.card("ringing")
        await maryam.socket.send_message("receipt", card=card["id"], rev=1, stage="painted")
        await maryam.card("wrap_up")
        await app.database.log.flush()
        found = await list_calls(app.database, CallFilter())
        (logged,) = [row for row in found.calls if row.call == call]
        assert (logged.disposition, logged.before_pickup) == ("answered", True)


async def test_a_note_and_a_dismissal_come_back_to_the_page(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101")
        card = (await maryam.card("wrap_up"))["id"]
        note = {"card": card, "text": "window seat"}
        await maryam.socket.send_message("command", id="c-1", op="note", args=note)
        assert (await maryam.next("card"))["card"]["note"] == "window seat"
        await maryam.socket.send_message("command", id="c-2", op="dismiss", args={"card": card})
        await maryam.card("gone")
        assert maryam.cards == {}


async def test_a_page_opened_while_it_rings_has_the_card_in_its_snapshot(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101", ring_s=5)
        await maryam.card("ringing")
        async with page(app, "maryam") as second:
            (card,) = second.cards.values()
            assert card["state"] == "ringing"


async def test_a_recording_played_by_another_process_raises_cards_too(app: App) -> None:
    """What ``screenpop replay`` does, without its process."""
    account = Account("simulated", "a secret")
    pbx = SimulatedPbx(NOW.timestamp, booted=datetime(2020, 5, 1, tzinfo=UTC), phones={})
    token = (app.settings.data_dir / "token").read_text().strip()
    async with page(app, "eleni") as eleni, AmiServer(pbx, account).listening() as ami:
        async with plain_client(app.url) as client:
            answer = await client.post(
                "/api/v1/replays",
                json={"port": ami.port, "secret": account.secret},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 202
        await ami.followed()
        for moment in timed_messages((RECORDINGS / "queue_ringall.ami").read_bytes()):
            pbx.repeat(moment.message)
        card = await eleni.card("wrap_up")
        assert card["caller"]["e164"] == "+989123456789"
        assert card["pbx"] == "simulated"


async def test_mallory_cannot_have_a_recording_followed(app: App) -> None:
    async with plain_client(app.url) as mallory:
        body = {"port": 5038, "secret": "x"}
        assert (await mallory.post("/api/v1/replays", json=body)).status_code == 401
        wrong = {"Authorization": "Bearer wrong"}
        answer = await mallory.post("/api/v1/replays", json=body, headers=wrong)
        assert answer.status_code == 401


async def test_a_played_recording_reports_its_steps_as_they_happen(app: App) -> None:
    assert app.simulated_pbx is not None
    async with page(app, "maryam") as maryam:
        await maryam.live()
        asked = {"from": LALEH, "to": ["101"], "scenario": "declined"}
        call = (await app.simulated_pbx.simulate(asked))["call"]
        await maryam.card("ringing")
        token = (app.settings.data_dir / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with plain_client(app.url) as asking:
            answer = await asking.get(f"/api/v1/simulated-calls/{call}", headers=headers)
            reported = [one["step"] for one in answer.json()["steps"]]
            assert {"arrived", "dialled", "browsers", "card"} <= set(reported)
            assert "ended" not in reported
            nothing = await asking.get("/api/v1/simulated-calls/none", headers=headers)
            assert nothing.json() == {"steps": []}
            mallory = await asking.get(f"/api/v1/simulated-calls/{call}")
            assert mallory.status_code == 401


async def test_played_calls_are_finished_at_once_on_request(app: App) -> None:
    token = (app.settings.data_dir / "token").read_text().strip()
    async with page(app, "maryam") as maryam, plain_client(app.url) as asking:
        await maryam.live()
        rings(app, "101", ring_s=3000)
        await maryam.card("ringing")
        path = "/api/v1/simulated-calls"
        mallory = await asking.delete(path)
        assert mallory.status_code == 401
        answer = await asking.delete(path, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 204
        await maryam.card("wrap_up")
