"""The whole house, from AMI bytes on a socket to the card at the browser's socket and the log."""

import asyncio
import os
import shutil
import signal
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from screenpop.app.data_dir import DataDirError
from screenpop.app.server import App, running
from screenpop.demo.seed import DEMO_PASSWORD, seed_demo
from screenpop.demo.settings import demo_settings, prepare_demo
from screenpop.settings import Settings, settings_of
from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.ami_session import Account
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.recording import timed_messages
from screenpop.simulator.script_player import play_call
from screenpop.store.accounts.hot_desks import list_unassigned_phones, log_in_at
from screenpop.store.accounts.sessions import start_session
from screenpop.store.accounts.users import ANY_PBX, find_username, set_endpoints
from screenpop.store.calls.queries import CallFilter, LoggedCall, list_calls
from screenpop.store.engine.database import migrate, open_database, opened
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.telephony.identifiers import Endpoint
from screenpop.web.listen_socket import ListeningError
from tests.web.running_server import Socket, csrf_of, log_in, plain_client

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC)
LALEH = "09123456789"
RECORDINGS = Path(__file__).parent / "scenarios" / "22"
_PLAN = {"region": "IR", "area_code": "21", "extensions": ["1XX"]}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the demo's users and some of its customers."""
    path = tmp_path_factory.mktemp("seeded") / "screenpop.db"
    url = f"sqlite:///{path}"
    migrate(url)

    async def fill() -> None:
        database = open_database(url)
        await seed_demo(database, today=NOW.date(), now=NOW.timestamp(), people=30)
        await database.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def folder(seeded: Path, tmp_path: Path) -> Path:
    shutil.copy(seeded, tmp_path / "screenpop.db")
    return tmp_path


def simulating(folder: Path, **more: Any) -> Settings:
    return settings_of(data_dir=folder, bind_port=0, number_plan=_PLAN, simulate=True, **more)


@pytest.fixture
async def app(folder: Path) -> AsyncGenerator[App]:
    async with running(simulating(folder)) as up:
        yield up


@dataclass
class Page:
    """Somebody's open page: their socket, and the cards and calls as the page would hold them."""

    socket: Socket
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    pbx: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; everything on the way is taken in."""
        async with asyncio.timeout(20):
            while True:
                message: dict[str, Any] = await self.socket.hear()
                self._take(message)
                if "seq" in message:
                    await self.socket.say("ack", seq=message["seq"])
                if message["type"] == kind:
                    return message

    async def card(self, state: str) -> dict[str, Any]:
        """The next card in this state."""
        while True:
            card: dict[str, Any] = (await self.next("card"))["card"]
            if card["state"] == state:
                return card

    async def live(self, pbx: str = "simulated") -> None:
        while self.pbx.get(pbx, {}).get("state") != "live":
            await self.next("pbx")

    def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "snapshot":
                self.cards = {card["id"]: card for card in message["cards"]}
                self.calls = {call["id"]: call for call in message["calls"]}
                self.pbx = {pbx["id"]: pbx for pbx in message["pbx"]}
            case "pbx":
                self.pbx[message["id"]] = message
            case "card" | "call" as kind:
                things = self.cards if kind == "card" else self.calls
                thing = message[kind]
                if message.get("gone"):
                    things.pop(thing["id"], None)
                else:
                    things[thing["id"]] = thing
            case _:
                pass


@asynccontextmanager
async def visitor(app: App, name: str) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody's browser, logged in."""
    async with plain_client(app.url, {"Origin": app.url}) as browser:
        answer = await log_in(browser, name, DEMO_PASSWORD)
        assert answer.status_code == 303, answer.text
        yield browser


@asynccontextmanager
async def page(app: App, name: str) -> AsyncIterator[Page]:
    async with visitor(app, name) as browser:
        cookie = f"screenpop_session={browser.cookies['screenpop_session']}"
    async with connect(
        f"{app.url.replace('http', 'ws')}/ws/v1",
        additional_headers={"Cookie": cookie, "Origin": app.url},
        compression=None,
        ping_interval=None,
        proxy=None,
    ) as line:
        shown = Page(Socket(line))
        await shown.socket.say("hello", last=None, tab="t", build="-")
        await shown.next("snapshot")
        yield shown


def rings(app: App, *phones: str, number: str = LALEH, **more: Any) -> str:
    assert app.simulated_pbx is not None
    call = ScriptedCall(number=number, to=phones, **{"ring_s": 0.2, "talk_s": 0.1} | more)
    return app.simulated_pbx.stage.start(call)


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


async def test_losers_learn_who_answered_and_a_supervisor_follows_it_all(app: App) -> None:
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
        await maryam.socket.say("receipt", card=card["id"], rev=1, stage="painted")
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
        await maryam.socket.say("command", id="c-1", op="note", args=note)
        assert (await maryam.next("card"))["card"]["note"] == "window seat"
        await maryam.socket.say("command", id="c-2", op="dismiss", args={"card": card})
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


async def test_a_phone_given_to_somebody_else_is_known_without_a_restart(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    nikos = await find_username(app.database, "nikos")
    assert nikos is not None
    await set_endpoints(app.database, nikos.id, [Endpoint("103"), Endpoint("199")])
    monkeypatch.setattr("screenpop.app.server.STAFF_RELOAD_S", 0.01)
    async with running(simulating(app.settings.data_dir)) as second, page(second, "nikos") as page_:
        await page_.live()
        rings(second, "199")
        assert (await page_.card("ringing"))["legs"] == [{"endpoint": "199", "state": "ringing"}]


async def test_a_pbx_of_ones_own_is_linked_and_its_calls_are_not_simulated(folder: Path) -> None:
    account = Account("screenpop", "its secret")
    pbx = SimulatedPbx(
        lambda: datetime.now(UTC).timestamp(), booted=datetime(2026, 1, 1, tzinfo=UTC), phones={}
    )
    async with AmiServer(pbx, account).listening() as ami:
        settings = settings_of(
            data_dir=folder,
            bind_port=0,
            number_plan=_PLAN,
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


async def test_a_call_that_outlives_the_server_has_one_row_whoever_sees_its_end(
    folder: Path,
) -> None:
    pbx = SimulatedPbx(lambda: 0.0, booted=NOW, phones={"101": "Maryam"})
    async with AmiServer(pbx, Account("screenpop", "its secret")).listening() as ami:
        office = {"id": "office", "port": ami.port, "username": "screenpop", "secret": "its secret"}
        settings = settings_of(data_dir=folder, bind_port=0, number_plan=_PLAN, pbx=[office])
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


async def test_a_wrong_secret_is_told_on_every_page(folder: Path) -> None:
    pbx = SimulatedPbx(lambda: 0.0, booted=NOW, phones={})
    async with AmiServer(pbx, Account("screenpop", "right")).listening() as ami:
        office = {"id": "office", "port": ami.port, "username": "screenpop", "secret": "wrong one"}
        settings = settings_of(data_dir=folder, bind_port=0, number_plan=_PLAN, pbx=[office])
        async with running(settings) as app, page(app, "maryam") as maryam:
            while (maryam.pbx.get("office", {}).get("problem") or {}).get("code") is None:
                await maryam.next("pbx")
            assert maryam.pbx["office"]["problem"]["code"] == "wrong_secret"


async def test_what_goes_on_can_be_measured(app: App) -> None:
    async with page(app, "maryam") as maryam:
        await maryam.live()
        rings(app, "101")
        await maryam.card("wrap_up")
        async with plain_client(app.url) as client:
            told = (await client.get("/metrics")).text
            assert 'screenpop_pbx_live{pbx="simulated"} 1.0' in told
            assert "screenpop_browsers 1.0" in told
            assert "screenpop_lookups_total 1.0" in told
            assert (await client.get("/readyz")).json() == {"ready": True, "missing": {}}


async def test_the_demo_rings_whoever_opens_a_page_within_seconds(folder: Path) -> None:
    settings = demo_settings(0, folder)
    demo = await prepare_demo(settings, NOW.timestamp())
    async with running(settings, demo) as app, page(app, "eleni") as eleni:
        opened_at = asyncio.get_running_loop().time()
        card = await eleni.card("ringing")
        assert asyncio.get_running_loop().time() - opened_at < 5
        assert card["match"] == "certain"
        assert card["line"]["label"]


async def test_the_token_and_the_folder_are_for_this_user_only(
    tmp_path: Path, seeded: Path
) -> None:
    folder = tmp_path / "new"
    url = f"sqlite:///{seeded}"
    async with running(simulating(folder, database_url=url)) as app:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
        assert (folder / "url").read_text().strip() == app.url
    assert not (folder / "url").exists()


async def test_a_server_needs_its_schema_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError, match="screenpop migrate"):
        async with running(simulating(tmp_path)):
            pass


async def test_a_port_that_is_taken_is_told(app: App, tmp_path: Path) -> None:
    port = int(app.url.rpartition(":")[2])
    taken = simulating(tmp_path).model_copy(update={"bind_port": port})
    with pytest.raises(ListeningError, match="already taken"):
        async with running(taken):
            pass


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataDirError, match="data_dir"):
        async with running(simulating(tmp_path / "file" / "data")):
            pass


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_stops_within_seconds_though_a_browser_sleeps(
    folder: Path, how: signal.Signals
) -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "screenpop.cli", "demo", "--port", "0", "--no-browser"),
        *("--data", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    assert server.stdout is not None
    async with asyncio.timeout(60):
        said = b""
        while b"stops it" not in said:
            line = await server.stdout.readline()
            assert line, said
            said += line
    url = (folder / "url").read_text().strip()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    await reader.readline()
    server.send_signal(how)
    async with asyncio.timeout(15):
        _, errors = await server.communicate()
    writer.close()
    assert server.returncode == 0, errors.decode()
    assert b"Traceback" not in errors, errors.decode()


async def test_a_played_scene_tells_its_steps_as_they_happen(app: App) -> None:
    assert app.simulated_pbx is not None
    async with page(app, "maryam") as maryam:
        await maryam.live()
        asked = {"from": LALEH, "to": ["101"], "scene": "declined"}
        call = (await app.simulated_pbx.simulate(asked))["call"]
        await maryam.card("ringing")
        token = (app.settings.data_dir / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        async with plain_client(app.url) as asking:
            answer = await asking.get(f"/api/v1/simulated-calls/{call}", headers=headers)
            told = [one["step"] for one in answer.json()["steps"]]
            assert {"arrived", "dialled", "browsers", "card"} <= set(told)
            assert "ended" not in told
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


async def test_who_sits_at_another_phone_today_gets_its_card_at_once(app: App) -> None:
    async with page(app, "nikos") as nikos:
        await nikos.live()
        user = await find_username(app.database, "nikos")
        assert user is not None
        session = await start_session(app.database, user.id, NOW.timestamp())
        assert await log_in_at(
            app.database, session.token, ANY_PBX, Endpoint("105"), NOW.timestamp()
        )
        app.moved.set()
        rings(app, "105")
        assert (await nikos.card("ringing"))["legs"] == [{"endpoint": "105", "state": "ringing"}]


async def test_who_chooses_another_language_has_the_ringing_card_in_it_at_once(app: App) -> None:
    async with page(app, "maryam") as maryam, visitor(app, "maryam") as browser:
        await maryam.live()
        rings(app, "101", ring_s=30)
        assert (await maryam.card("ringing"))["trips"][0]["destination"] == "Istanbul"
        csrf = csrf_of((await browser.get("/me")).text)
        await browser.post("/me", data={"csrf": csrf, "language": "fa"})
        assert (await maryam.card("ringing"))["trips"][0]["destination"] == "استانبول"


async def test_a_phone_that_rings_with_nobody_there_is_noted_for_the_administrator(
    app: App,
) -> None:
    async with page(app, "sara") as sara:
        await sara.live()
        rings(app, "150")
        while not await list_unassigned_phones(app.database):
            await sara.next("call")
    (phone,) = await list_unassigned_phones(app.database)
    assert (phone.pbx, phone.endpoint) == ("simulated", "150")
