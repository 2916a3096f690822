"""The played PBX, over a real socket."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from screenpop.simulator.ami_server import AmiServer
from screenpop.simulator.call_script import ScriptedCall
from screenpop.simulator.events import newchannel
from screenpop.simulator.pbx import SimulatedPbx
from screenpop.simulator.script_player import play_call
from tests.simulator.listener import ACCOUNT, Listener, listening_to

pytestmark = pytest.mark.anyio

BOOTED = datetime(2026, 11, 22, 2, 43, 37, tzinfo=UTC)


def a_pbx() -> SimulatedPbx:
    return SimulatedPbx(
        lambda: 1_795_400_000.25,
        booted=BOOTED,
        phones={"101": "Maryam", "102": "Eleni"},
        queues={"sales": ("101", "102")},
    )


@pytest.fixture
def pbx() -> SimulatedPbx:
    return a_pbx()


@pytest.fixture
async def server(pbx: SimulatedPbx) -> AsyncGenerator[AmiServer]:
    async with AmiServer(pbx, ACCOUNT).listening() as up:
        yield up


@pytest.fixture
async def listener(server: AmiServer) -> AsyncGenerator[Listener]:
    async with listening_to(server) as one:
        reply = await one.log_in()
        assert reply == {
            "Response": "Success",
            "ActionID": "7",
            "Message": "Authentication accepted",
        }
        assert (await one.hear())["Event"] == "FullyBooted"
        yield one


async def no_time(_: float) -> None:
    await asyncio.sleep(0)


async def test_it_greets_as_asterisk_does(server: AmiServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    assert await reader.readline() == b"Asterisk Call Manager/11.0.0\r\n"
    writer.close()


async def test_a_wrong_secret_is_refused_and_the_line_closed(server: AmiServer) -> None:
    async with listening_to(server) as mallory:
        reply = await mallory.log_in("guess")
        assert (reply["Response"], reply["Message"]) == ("Error", "Authentication failed")
        assert await mallory.closed() == b""


async def test_mallory_learns_nothing_without_a_login(
    server: AmiServer, pbx: SimulatedPbx, listener: Listener
) -> None:
    async with listening_to(server) as mallory:
        assert (await mallory.ask("CoreShowChannels"))["Message"] == "Permission denied"
        pbx.say(newchannel(pbx.trunk_channel("0912", "", "021")))
        assert (await listener.hear())["Event"] == "Newchannel"
        assert (await mallory.ask("Ping"))["Message"] == "Permission denied"
        assert mallory.events == []


async def test_it_answers_a_ping_and_reports_its_start(listener: Listener) -> None:
    assert (await listener.ask("Ping"))["Ping"] == "Pong"
    status = await listener.ask("CoreStatus")
    assert status["CoreStartupDate"] == "2026-11-22"
    assert status["CoreStartupTime"] == "02:43:37"


async def test_an_action_it_does_not_know_is_refused_in_asterisks_words(listener: Listener) -> None:
    reply = await listener.ask("Redirect")
    assert reply["Response"] == "Error"
    assert reply["Message"].startswith("Invalid/unknown command: Redirect.")


async def test_its_lists_end_with_their_number(listener: Listener, pbx: SimulatedPbx) -> None:
    ringing = asyncio.Event()

    async def ring_for_ever(seconds: float) -> None:
        if seconds == 99:
            ringing.set()
            await asyncio.get_running_loop().create_future()

    call = ScriptedCall(number="0912", to=("101",), queue="sales", did="021", ring_s=99)
    playing = asyncio.create_task(play_call(pbx, call, ring_for_ever))
    await ringing.wait()
    channels, end = await listener.ask_for_list("CoreShowChannels")
    assert (end["Event"], end["ListItems"]) == ("CoreShowChannelsComplete", "2")
    states = [(row["ChannelStateDesc"], row["Application"]) for row in channels]
    assert states == [("Up", "Queue"), ("Ringing", "AppQueue")]
    statuses, end = await listener.ask_for_list("Status")
    assert (end["Event"], end["ListItems"], end["Items"]) == ("StatusComplete", "2", "2")
    assert [row["DNID"] for row in statuses] == ["021", ""]
    queues, end = await listener.ask_for_list("QueueStatus")
    assert end["ListItems"] == str(len(queues)) == "4"
    (entry,) = [row for row in queues if row["Event"] == "QueueEntry"]
    assert (entry["Queue"], entry["Position"]) == ("sales", "1")
    assert [row["Status"] for row in queues if row["Event"] == "QueueMember"] == ["6", "1"]
    playing.cancel()


async def test_events_can_be_switched_off_and_on(listener: Listener, pbx: SimulatedPbx) -> None:
    assert (await listener.ask("Events", EventMask="off"))["Events"] == "Off"
    pbx.say(newchannel(pbx.trunk_channel("1", "", "")))
    assert (await listener.ask("Events", EventMask="on"))["Events"] == "On"
    pbx.say(newchannel(pbx.trunk_channel("2", "", "")))
    assert (await listener.hear())["CallerIDNum"] == "2"
    assert listener.events == []


async def test_every_listener_hears_the_same(
    server: AmiServer, pbx: SimulatedPbx, listener: Listener
) -> None:
    async with listening_to(server) as second:
        await second.log_in()
        await second.hear()
        await play_call(pbx, ScriptedCall(number="0912", to=("101", "102")), no_time)
        async with asyncio.timeout(10):
            first_heard, second_heard = await asyncio.gather(
                _until_hung_up(listener), _until_hung_up(second)
            )
        assert first_heard == second_heard
        assert len(first_heard) > 20


async def _until_hung_up(listener: Listener) -> list[dict[str, str]]:
    """Until the caller's own channel is gone."""
    heard = await listener.hear_until("Hangup")
    while not heard[-1]["Channel"].startswith("PJSIP/trunk"):
        heard += await listener.hear_until("Hangup")
    return heard


async def test_followed_waits_for_a_client_with_a_complete_resync(
    server: AmiServer, listener: Listener
) -> None:
    waiting = asyncio.create_task(server.followed())
    await listener.ask("Ping")
    assert not waiting.done()
    await listener.ask_for_list("CoreShowChannels")
    async with asyncio.timeout(10):
        await waiting


async def test_an_action_that_never_ends_is_cut_off(server: AmiServer) -> None:
    async with listening_to(server) as mallory:
        mallory.writer.write(b"A" * 200_000)
        await mallory.closed()


async def test_a_client_that_reads_nothing_is_cut_off_and_delays_no_other_client(
    server: AmiServer, pbx: SimulatedPbx, listener: Listener
) -> None:
    async with listening_to(server) as asleep:
        await asleep.log_in()
        asleep.reader._transport.pause_reading()  # type: ignore[attr-defined]
        channel = pbx.trunk_channel("0912", "x" * 1000, "")
        reported = newchannel(channel)
        for _ in range(400):
            for _ in range(50):
                pbx.say(reported)
            for _ in range(50):
                await listener.hear()
            if len(pbx.listeners) == 1:
                break
        assert len(pbx.listeners) == 1


async def test_leaving_lets_every_client_read_what_was_sent_before() -> None:
    pbx = a_pbx()
    async with AmiServer(pbx, ACCOUNT).listening() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        one = Listener(reader, writer)
        await one.log_in()
        pbx.say(newchannel(pbx.trunk_channel("0912", "", "")))
    assert b"Event: Newchannel" in await one.closed()
    writer.close()


async def test_goodbye_is_sent(listener: Listener) -> None:
    assert (await listener.ask("Logoff"))["Response"] == "Goodbye"
    assert await listener.closed() == b""
