"""What pyst2 0.5.1 does wrong on a real Asterisk, one test a defect: the door does not share it."""

import asyncio
import inspect
import subprocess
import sys
import threading
import warnings

import pytest
from asterisk.manager import Manager, ManagerMsg

from screenpop.ami.errors import AmiConnectionError, AmiTimedOutError, UnsafeActionError
from screenpop.ami.problem_codes import ProblemCode
from screenpop.ami.pyst2_manager import AmiManager
from tests.ami.conftest import QUICK, LinkMaker, ManagerMaker, ServerMaker
from tests.ami.speaking_server import BANNER, Action, Connection, Pbx, event, headers

pytestmark = pytest.mark.anyio


def stay(connection: Connection) -> None:
    while connection.hear() is not None:
        pass


async def test_1_a_chan_variable_header_loses_no_event(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: the parser raises, every later event is lost, and the next ping hangs for ever."""
    with pytest.raises(AttributeError):
        ManagerMsg(["Event: DialBegin\r\n", "ChanVariable: a=1\r\n"])
    dial = headers(
        ("Event", "DialBegin"),
        ("ChanVariable", "CALLERID(num-pres)=prohib"),
        ("DestChanVariable", "note="),
        ("DestChanVariable", "without equals sign"),
    )
    server = serve(Pbx())
    door, ear = make_manager(server)
    await asyncio.to_thread(door.connect)
    connection = await asyncio.to_thread(server.next_connection)
    connection.send_messages(dial + event("Hangup"))
    await ear.until(lambda ear: "Hangup" in ear.events)
    assert ear.messages[0].get("ChanVariable") == "CALLERID(num-pres)=prohib"
    assert (await asyncio.to_thread(door.ping))["Ping"] == "Pong"


async def test_2_a_caller_called_status_will_follow_changes_nothing(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: it waits for a StatusComplete and swallows every event until then."""
    name = "status will follow"
    server = serve(Pbx())
    door, ear = make_manager(server)
    await asyncio.to_thread(door.connect)
    connection = await asyncio.to_thread(server.next_connection)
    connection.send_messages(
        event("DialBegin", CallerIDName=name),
        headers(("Response", "Follows"), ("Message", name)),
        event("Newstate", CallerIDName="--END COMMAND--"),
        event("Hangup", CallerIDName=name),
    )
    await ear.until(lambda ear: "Hangup" in ear.events)
    assert ear.events == ["DialBegin", "Newstate", "Hangup"]
    assert ear.messages[0].get("CallerIDName") == name
    assert (await asyncio.to_thread(door.ping))["Ping"] == "Pong"


async def test_3_reading_takes_a_call_a_chunk_and_not_a_byte(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: the socket is read unbuffered, one system call a byte, 1,200 events a second."""
    size = 2000 * len(event("Hangup", Uniqueid="1795315472.18"))

    def script(connection: Connection) -> None:
        connection.send_messages(BANNER, event("Hangup", Uniqueid="1795315472.18") * 2000)
        stay(connection)

    door, ear = make_manager(serve(script))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: len(ear.events) == 2000)
    assert len(ear.batches) < size / 1000


async def test_4_replies_are_matched_by_action_id_with_a_limit_and_nothing_leaks_or_injects(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: first in, first out; no limit; a shared default dict; CR and LF go onto the wire."""
    assert inspect.signature(Manager.send_action).parameters["cdict"].default == {}
    seen: list[Action] = []

    def script(connection: Connection) -> None:
        connection.send_messages(BANNER)
        while (action := connection.hear()) is not None:
            seen.append(action)
            if action["Action"] == "Second":
                connection.answer(seen[1], Message="second")
                connection.answer(seen[0], Message="first")

    server = serve(script)
    door, _ = make_manager(server, timing=QUICK)
    await asyncio.to_thread(door.connect)
    first = asyncio.create_task(asyncio.to_thread(door.send_action, Action="First", Extra="1"))
    connection = await asyncio.to_thread(server.next_connection)
    await asyncio.to_thread(connection.wait_heard, 1)
    second = await asyncio.to_thread(door.send_action, Action="Second")
    assert (second["Message"], (await first)["Message"]) == ("second", "first")
    assert "Extra" not in seen[1]
    with pytest.raises(UnsafeActionError):
        await asyncio.to_thread(door.hangup, "PJSIP/101\r\n\r\nAction: Logoff")
    mute, _ = make_manager(server, timing=QUICK.__class__(ping_limit=0.05))
    await asyncio.to_thread(mute.connect)
    with pytest.raises(AmiTimedOutError):
        await asyncio.to_thread(mute.ping)
    assert {action["Action"] for action in seen} == {"First", "Second", "Ping"}


async def test_5_a_consumer_that_raises_stops_nothing_and_each_connection_has_its_own_manager(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    """There: the dispatch thread dies silently, and a Manager cannot connect again."""
    server = serve(Pbx())
    _, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives() == 1)
    recorded.fail_on = "Poison"
    connection = await asyncio.to_thread(server.next_connection)
    connection.send_messages(event("Poison"))
    await recorded.until(lambda recorded: "Poison" in recorded.events)
    connection.send_messages(event("Next"))
    await recorded.until(lambda recorded: "Next" in recorded.events)
    connection.hang_up()
    await recorded.until(lambda recorded: recorded.lives() == 2)


async def test_6_a_half_open_connection_is_noticed_and_every_wait_has_an_end(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: no TLS, no IPv6, no limit to connect, no notice; those have their tests in test_door
    and test_wire. Bad bytes are not dropped in silence either."""
    door, ear = make_manager(
        serve(Pbx(unanswered={"Ping"}), host="::1"), timing=QUICK.__class__(ping_limit=0.05)
    )
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiTimedOutError):
        await asyncio.to_thread(door.ping)
    server = serve(lambda connection: connection.reset())
    quiet, _ = make_manager(server)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(quiet.connect)
    assert caught.value.problem.code in {ProblemCode.UNREACHABLE, ProblemCode.CLOSED}
    assert ear.ended is None


async def test_7_repeated_headers_are_kept(serve: ServerMaker, make_manager: ManagerMaker) -> None:
    """There: only the last one is kept."""

    def script(connection: Connection) -> None:
        connection.send_messages(
            BANNER, b"Event: X\r\nVariable: a\r\nVariable: b\r\nVariable: c\r\n\r\n"
        )
        stay(connection)

    door, ear = make_manager(serve(script))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.messages)
    assert list(ear.messages[0].all("Variable")) == ["a", "b", "c"]


def test_7_the_broken_agi_is_never_imported() -> None:
    """There: asterisk.fastagi does not import on Python 3, asterisk.agi wants the main thread."""
    code = (
        "import screenpop.ami.client, sys; "
        "print([name for name in sys.modules if name.startswith('asterisk')])"
    )
    asked = [sys.executable, "-c", code]
    found = subprocess.run(asked, capture_output=True, check=True, text=True)
    assert found.stdout.strip() == "['asterisk', 'asterisk.manager']"


async def test_8_nothing_old_is_called_that_new_pythons_warn_about(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    """There: setDaemon, isSet, currentThread."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        door, _ = make_manager(serve(Pbx()))
        await asyncio.to_thread(door.connect)
        assert door.connected()
        await asyncio.to_thread(door.log_in)
        door.close()
        assert not door.connected()
    assert heard == []
    reader = [thread for thread in threading.enumerate() if thread.name.startswith("ami-")]
    assert reader == []


def test_pyst2_is_subclassed_once_and_its_transport_is_all_replaced() -> None:
    replaced = {"__init__", "__del__", "connected", "send_action", "connect", "close"}
    replaced |= {"register_event", "unregister_event", "message_loop", "event_dispatch"}
    replaced |= {"_receive_data"}
    assert replaced <= set(vars(AmiManager))
    touching = {
        name
        for name, function in inspect.getmembers(Manager, inspect.isfunction)
        if any(word in inspect.getsource(function) for word in ("_sock", "_queue", "_running"))
    }
    assert touching <= replaced
