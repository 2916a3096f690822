"""The pyst2 manager: login, events in their order, actions and their replies."""

import asyncio

import pytest

from screenpop.ami.config import AmiTimeouts
from screenpop.ami.errors import (
    AmiLoginError,
    AmiTimedOutError,
    UnsafeActionError,
)
from screenpop.ami.pending_actions import ActionReply
from screenpop.ami.problem_codes import ProblemCode
from tests.ami.conftest import ManagerMaker, ServerMaker
from tests.ami.server_scripts import send_banner_and, stay
from tests.ami.speaking_server import (
    BANNER,
    Action,
    Connection,
    Pbx,
    event,
    headers,
)

pytestmark = pytest.mark.anyio


SOON = AmiTimeouts(connect_limit=0.3, login_limit=0.3, reply_limit=0.3, ping_limit=0.3)


async def test_it_connects_logs_in_and_pings(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, _ = make_manager(serve(Pbx()))
    await asyncio.to_thread(door.connect)
    assert door.connected()
    assert (door.title, door.version) == ("Asterisk Call Manager", "11.0.0")
    await asyncio.to_thread(door.log_in)
    reply = await asyncio.to_thread(door.ping)
    assert reply["Ping"] == "Pong"


async def test_events_of_one_chunk_keep_their_order_and_come_in_one_batch(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    names = [f"E{number}" for number in range(200)]
    chunk = b"".join(event(name, Uniqueid="1.1") for name in names)
    door, ear = make_manager(serve(send_banner_and(chunk)))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: len(ear.events) == 200)
    assert ear.events == names
    assert len(ear.batches) <= 2, "the greeting may bring the first"


async def test_an_event_in_many_chunks_is_one_event(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    data = event("DialBegin", CallerIDName="\u0645\u0631\u06cc\u0645", Uniqueid="1.1")
    door, ear = make_manager(serve(send_banner_and(*(data[i : i + 1] for i in range(len(data))))))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.messages)
    assert ear.messages[0].fields == {
        "Event": "DialBegin",
        "CallerIDName": "\u0645\u0631\u06cc\u0645",
        "Uniqueid": "1.1",
    }


async def test_unwanted_events_never_reach_the_loop(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    chunk = event("VarSet", Variable="x") * 500 + event("Hangup", Uniqueid="1.1")
    door, ear = make_manager(serve(send_banner_and(chunk)), wanted=frozenset({"Hangup"}))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.events)
    assert ear.events == ["Hangup"]
    assert (door.counters.kept, door.counters.dropped) == (1, 500)


async def test_each_reply_finds_its_action_when_their_order_is_swapped(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    def swapping(connection: Connection) -> None:
        connection.send_messages(BANNER)
        actions: list[Action] = []
        while len(actions) < 3 and (action := connection.hear()) is not None:
            actions.append(action)
        for action in reversed(actions):
            connection.answer(action, Echo=action["Number"])
        stay(connection)

    door, _ = make_manager(serve(swapping))
    await asyncio.to_thread(door.connect)
    replies = await asyncio.gather(
        *(asyncio.to_thread(door.send_action, Action="Echo", Number=n) for n in range(3))
    )
    assert [reply["Echo"] for reply in replies] == ["0", "1", "2"]


async def test_a_reply_that_never_comes_is_given_up_and_the_next_one_is_not_confused(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    def late(connection: Connection) -> None:
        connection.send_messages(BANNER)
        first = connection.hear()
        second = connection.hear()
        assert first is not None
        assert second is not None
        connection.answer(first, Echo="late")
        connection.answer(second, Echo="right")
        stay(connection)

    door, _ = make_manager(serve(late), timing=SOON)
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiTimedOutError) as caught:
        await asyncio.to_thread(door.send_action, Action="Slow")
    assert caught.value.problem.code is ProblemCode.TIMED_OUT
    assert caught.value.problem.params == {"doing": "Slow", "after_s": "0.3"}
    reply = await asyncio.to_thread(door.send_action, Action="Quick")
    assert reply["Echo"] == "right"


async def test_an_originate_response_event_is_no_reply(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    def script(connection: Connection) -> None:
        connection.send_messages(BANNER)
        action = connection.hear()
        assert action is not None
        mine = ("ActionID", action["ActionID"])
        connection.send_messages(
            headers(("Event", "OriginateResponse"), mine, ("Response", "Failure"))
        )
        connection.answer(action, Message="Originate successfully queued")
        stay(connection)

    door, ear = make_manager(serve(script))
    await asyncio.to_thread(door.connect)
    reply = await asyncio.to_thread(
        door.originate, "PJSIP/101", "09123456789", "from-internal", "1"
    )
    assert reply["Message"] == "Originate successfully queued"
    await ear.until(lambda ear: "OriginateResponse" in ear.events)


@pytest.mark.defends("ami-one-frame")
async def test_nothing_of_an_unsafe_action_is_sent(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    server = serve(Pbx())
    door, _ = make_manager(server)
    await asyncio.to_thread(door.connect)
    with pytest.raises(UnsafeActionError):
        await asyncio.to_thread(
            door.originate, "PJSIP/101", "1\r\n\r\nAction: Hangup", "from-internal", "1"
        )
    with pytest.raises(UnsafeActionError):
        door.post([{"Action": "Ping"}, {"Action": "Hangup", "Channel": "x\nAction: Logoff"}])
    await asyncio.to_thread(door.ping)
    assert [action["Action"] for action in server.connections[0].heard] == ["Ping"]


async def test_a_wrong_secret_is_reported_plainly(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, _ = make_manager(serve(Pbx()), secret="guess")
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is ProblemCode.WRONG_SECRET
    assert "guess" not in str(caught.value)


@pytest.mark.parametrize(
    ("response", "code"),
    [
        ("Login Already In Use", ProblemCode.ALREADY_LOGGED_IN),
        ("Something\x1b[31m else", ProblemCode.LOGIN_REFUSED),
    ],
)
async def test_other_refusals_keep_their_own_code(
    serve: ServerMaker, make_manager: ManagerMaker, response: str, code: ProblemCode
) -> None:
    door, _ = make_manager(serve(Pbx(refused={"Login": response})))
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is code
    assert "\x1b" not in str(caught.value)


async def test_a_secret_with_a_line_break_never_reaches_the_wire(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, _ = make_manager(serve(Pbx()), secret="secret\r\nEvents: off")
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is ProblemCode.LOGIN_REFUSED
    assert "Events: off" not in str(caught.value)


async def test_a_reply_is_a_message_of_pyst2(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, _ = make_manager(serve(Pbx()))
    await asyncio.to_thread(door.connect)
    reply = await asyncio.to_thread(door.ping)
    assert isinstance(reply, ActionReply)
    assert reply.has_header("Ping")
    assert reply.get_header("Nothing", "x") == "x"
    assert repr(reply) == "Success"
