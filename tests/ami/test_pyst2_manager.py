import asyncio
import hashlib
import socket
import ssl
import threading
from pathlib import Path

import pytest

from screenpop.ami.config import AmiTimeouts, AmiTls
from screenpop.ami.errors import (
    AmiConnectionError,
    AmiLoginError,
    AmiTimedOutError,
    UnsafeActionError,
)
from screenpop.ami.pending_actions import ActionReply
from screenpop.ami.problem_codes import ProblemCode
from tests.ami.conftest import DoorMaker, ServerMaker
from tests.ami.speaking_server import (
    BANNER,
    PATIENCE,
    Action,
    Connection,
    Pbx,
    Script,
    event,
    headers,
    make_certificate,
)

pytestmark = pytest.mark.anyio

SOON = AmiTimeouts(connect_limit=0.3, login_limit=0.3, reply_limit=0.3, ping_limit=0.3)


def stay(connection: Connection) -> None:
    while connection.hear() is not None:
        pass


def saying(*chunks: bytes) -> Script:
    def script(connection: Connection) -> None:
        connection.say(BANNER, *chunks)
        stay(connection)

    return script


async def test_it_connects_logs_in_and_pings(serve: ServerMaker, make_door: DoorMaker) -> None:
    door, _ = make_door(serve(Pbx()))
    await asyncio.to_thread(door.connect)
    assert door.connected()
    assert (door.title, door.version) == ("Asterisk Call Manager", "11.0.0")
    await asyncio.to_thread(door.log_in)
    reply = await asyncio.to_thread(door.ping)
    assert reply["Ping"] == "Pong"


async def test_events_of_one_chunk_keep_their_order_and_come_in_one_batch(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    names = [f"E{number}" for number in range(200)]
    chunk = b"".join(event(name, Uniqueid="1.1") for name in names)
    door, ear = make_door(serve(saying(chunk)))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: len(ear.events) == 200)
    assert ear.events == names
    assert len(ear.batches) <= 2, "the greeting may bring the first"


async def test_an_event_in_many_chunks_is_one_event(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    data = event("DialBegin", CallerIDName="\u0645\u0631\u06cc\u0645", Uniqueid="1.1")
    door, ear = make_door(serve(saying(*(data[i : i + 1] for i in range(len(data))))))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.messages)
    assert ear.messages[0].fields == {
        "Event": "DialBegin",
        "CallerIDName": "\u0645\u0631\u06cc\u0645",
        "Uniqueid": "1.1",
    }


async def test_unwanted_events_never_reach_the_loop(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    chunk = event("VarSet", Variable="x") * 500 + event("Hangup", Uniqueid="1.1")
    door, ear = make_door(serve(saying(chunk)), wanted=frozenset({"Hangup"}))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.events)
    assert ear.events == ["Hangup"]
    assert (door.counters.kept, door.counters.dropped) == (1, 500)


async def test_each_reply_finds_its_action_when_their_order_is_swapped(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    def swapping(connection: Connection) -> None:
        connection.say(BANNER)
        actions: list[Action] = []
        while len(actions) < 3 and (action := connection.hear()) is not None:
            actions.append(action)
        for action in reversed(actions):
            connection.answer(action, Echo=action["Number"])
        stay(connection)

    door, _ = make_door(serve(swapping))
    await asyncio.to_thread(door.connect)
    replies = await asyncio.gather(
        *(asyncio.to_thread(door.send_action, Action="Echo", Number=n) for n in range(3))
    )
    assert [reply["Echo"] for reply in replies] == ["0", "1", "2"]


async def test_a_reply_that_never_comes_is_given_up_and_the_next_one_is_not_confused(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    def late(connection: Connection) -> None:
        connection.say(BANNER)
        first = connection.hear()
        second = connection.hear()
        assert first is not None
        assert second is not None
        connection.answer(first, Echo="late")
        connection.answer(second, Echo="right")
        stay(connection)

    door, _ = make_door(serve(late), timing=SOON)
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiTimedOutError) as caught:
        await asyncio.to_thread(door.send_action, Action="Slow")
    assert caught.value.problem.code is ProblemCode.TIMED_OUT
    assert caught.value.problem.params == {"doing": "Slow", "after_s": "0.3"}
    reply = await asyncio.to_thread(door.send_action, Action="Quick")
    assert reply["Echo"] == "right"


async def test_an_originate_response_event_is_no_reply(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    def script(connection: Connection) -> None:
        connection.say(BANNER)
        action = connection.hear()
        assert action is not None
        mine = ("ActionID", action["ActionID"])
        connection.say(headers(("Event", "OriginateResponse"), mine, ("Response", "Failure")))
        connection.answer(action, Message="Originate successfully queued")
        stay(connection)

    door, ear = make_door(serve(script))
    await asyncio.to_thread(door.connect)
    reply = await asyncio.to_thread(
        door.originate, "PJSIP/101", "09123456789", "from-internal", "1"
    )
    assert reply["Message"] == "Originate successfully queued"
    await ear.until(lambda ear: "OriginateResponse" in ear.events)


async def test_nothing_of_an_unsafe_action_is_sent(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    server = serve(Pbx())
    door, _ = make_door(server)
    await asyncio.to_thread(door.connect)
    with pytest.raises(UnsafeActionError):
        await asyncio.to_thread(
            door.originate, "PJSIP/101", "1\r\n\r\nAction: Hangup", "from-internal", "1"
        )
    with pytest.raises(UnsafeActionError):
        door.post([{"Action": "Ping"}, {"Action": "Hangup", "Channel": "x\nAction: Logoff"}])
    await asyncio.to_thread(door.ping)
    assert [action["Action"] for action in server.connections[0].heard] == ["Ping"]


async def test_a_wrong_secret_is_said_plainly(serve: ServerMaker, make_door: DoorMaker) -> None:
    door, _ = make_door(serve(Pbx()), secret="guess")
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is ProblemCode.WRONG_SECRET
    assert "guess" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Login Already In Use", ProblemCode.ALREADY_LOGGED_IN),
        ("Something\x1b[31m else", ProblemCode.LOGIN_REFUSED),
    ],
)
async def test_other_refusals_keep_their_own_code(
    serve: ServerMaker, make_door: DoorMaker, said: str, code: ProblemCode
) -> None:
    door, _ = make_door(serve(Pbx(refused={"Login": said})))
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is code
    assert "\x1b" not in str(caught.value)


async def test_a_secret_with_a_line_break_never_reaches_the_wire(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    door, _ = make_door(serve(Pbx()), secret="secret\r\nEvents: off")
    await asyncio.to_thread(door.connect)
    with pytest.raises(AmiLoginError) as caught:
        await asyncio.to_thread(door.log_in)
    assert caught.value.problem.code is ProblemCode.LOGIN_REFUSED
    assert "Events: off" not in str(caught.value)


async def test_everyone_who_waits_hears_that_the_connection_broke(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    def dying(connection: Connection) -> None:
        connection.say(BANNER)
        connection.hear()
        connection.hear()

    door, ear = make_door(serve(dying))
    await asyncio.to_thread(door.connect)
    results = await asyncio.gather(
        asyncio.to_thread(door.ping), asyncio.to_thread(door.ping), return_exceptions=True
    )
    assert [type(result) for result in results] == [AmiConnectionError] * 2
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.CLOSED
    with pytest.raises(AmiConnectionError):
        await asyncio.to_thread(door.ping)
    assert not door.connected()


async def test_a_shutdown_is_told_apart_from_a_broken_connection(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    def script(connection: Connection) -> None:
        connection.say(BANNER, event("Shutdown", Shutdown="Cleanly", Restart="True"))

    door, ear = make_door(serve(script))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.SHUT_DOWN


async def test_a_reset_is_a_lost_connection(serve: ServerMaker, make_door: DoorMaker) -> None:
    server = serve(saying())
    door, ear = make_door(server)
    await asyncio.to_thread(door.connect)
    (await asyncio.to_thread(server.next_connection)).reset()
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.CONNECTION_LOST


async def test_no_thread_outlives_a_closed_door(serve: ServerMaker, make_door: DoorMaker) -> None:
    before = set(threading.enumerate())
    door, _ = make_door(serve(saying()))
    await asyncio.to_thread(door.connect)
    mine = [thread for thread in set(threading.enumerate()) - before if "ami-" in thread.name]
    assert [thread.name for thread in mine] == ["ami-office-stand-in"]
    door.close()
    assert not mine[0].is_alive()
    door.close()


async def test_a_door_that_is_closed_before_the_loop_began_to_read_ends_once(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    door, ear = make_door(serve(saying()))
    # Blocking the loop is the point: it has not had a turn when the door closes.
    door.connect()
    door.close()
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.CLOSED
    assert not door.connected()


async def test_closing_a_door_frees_the_one_who_waits(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    asked = threading.Event()

    def silent(connection: Connection) -> None:
        connection.say(BANNER)
        connection.hear()
        asked.set()
        stay(connection)

    door, _ = make_door(serve(silent))
    await asyncio.to_thread(door.connect)
    waiting = asyncio.create_task(asyncio.to_thread(door.ping))
    assert await asyncio.to_thread(asked.wait, PATIENCE)
    door.close()
    with pytest.raises(AmiConnectionError):
        await waiting


async def test_the_loop_may_stand_still_while_reading_goes_on(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    sent = threading.Event()

    def flood(connection: Connection) -> None:
        connection.say(BANNER)
        connection.hear()
        for number in range(500):
            connection.say(event("VarSet", Value="x" * 2000, Number=number) * 20)
        sent.set()
        connection.hear()
        connection.say(event("Last"))
        stay(connection)

    door, ear = make_door(serve(flood), most_waiting=1000)
    await asyncio.to_thread(door.connect)
    door.post([{"Action": "Start"}])
    # Blocking the loop is the point: twenty megabytes fit into no socket buffer.
    assert sent.wait(10), "the reader stopped with the loop"
    door.post([{"Action": "Go"}])
    await ear.until(lambda ear: "Last" in ear.events)
    lost = sum(batch.lost for batch in ear.batches)
    assert lost > 0
    assert len(ear.events) - 1 + lost == 10_000
    numbers = [int(message.fields["Number"]) for message in ear.messages[:-1]]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_it_speaks_both_families(serve: ServerMaker, make_door: DoorMaker, host: str) -> None:
    door, _ = make_door(serve(Pbx(), host=host))
    await asyncio.to_thread(door.connect)
    await asyncio.to_thread(door.log_in)


async def test_a_name_with_two_addresses_is_tried_to_the_end(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    door, _ = make_door(serve(Pbx()), host="localhost")
    await asyncio.to_thread(door.connect)


async def test_a_closed_port_is_refused(serve: ServerMaker, make_door: DoorMaker) -> None:
    server = serve(Pbx())
    server.close()
    door, _ = make_door(server)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.REFUSED


@pytest.mark.parametrize("host", ["unknown", "two..dots", "x" * 64])
async def test_a_name_that_is_unknown_or_none_is_unreachable(
    serve: ServerMaker,
    make_door: DoorMaker,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    look_up = socket.getaddrinfo

    def offline(name: str, *arguments: object, **options: object) -> object:
        if name == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(name, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", offline)
    door, _ = make_door(serve(Pbx()), host=host)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.UNREACHABLE


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", ProblemCode.NOT_ASTERISK),
        (b"\x15\x03\x01\x00\x02\x02\x16", ProblemCode.NOT_ASTERISK),
        (b"Asterisk Call Manager" + b"!" * 400, ProblemCode.NOT_ASTERISK),
        (b"Asterisk Call Manager/1.3\r\n", ProblemCode.TOO_OLD),
        (b"", ProblemCode.TIMED_OUT),
        (b"Asterisk Call", ProblemCode.TIMED_OUT),
    ],
)
async def test_what_is_no_asterisk_is_found_at_the_greeting(
    serve: ServerMaker, make_door: DoorMaker, first: bytes, code: ProblemCode
) -> None:
    def script(connection: Connection) -> None:
        connection.say(first)
        stay(connection)

    door, _ = make_door(serve(script), timing=SOON)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is code
    assert len(str(caught.value)) < 300


async def test_a_peer_that_hangs_up_at_once_is_closed(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    door, _ = make_door(serve(lambda connection: None))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.CLOSED


async def test_mallory_sends_garbage_and_the_next_event_arrives(
    serve: ServerMaker, make_door: DoorMaker
) -> None:
    garbage = bytes(range(256)) * 1000 + b"\r\n\r\n"
    half = b"Event: DialBegin\r\nno colon\r\n\r\n"
    long = b"Event: DialBegin\r\nCallerIDName: " + b"a" * 9000 + b"\r\n\r\n"
    door, ear = make_door(serve(saying(garbage, half, long, event("Hangup"))))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.events)
    assert ear.events == ["Hangup"]
    assert (door.counters.oversized, door.counters.malformed) == (2, 1)
    assert len([bad for batch in ear.batches for bad in batch.bad]) == 3


async def test_a_pinned_certificate_is_enough_and_another_is_not(
    serve: ServerMaker, make_door: DoorMaker, tmp_path: Path
) -> None:
    pem = make_certificate(tmp_path)
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "certificate.pem").read_text())
    pin = hashlib.sha256(der).hexdigest().upper()
    server = serve(Pbx(), certificate=pem)
    door, ear = make_door(
        server, tls=AmiTls(pin_sha256=":".join(pin[i : i + 2] for i in range(0, 64, 2)))
    )
    await asyncio.to_thread(door.connect)
    await asyncio.to_thread(door.log_in)
    connection = await asyncio.to_thread(server.next_connection)
    connection.say(event("Hangup", Big="x" * 7000) * 50)
    await ear.until(lambda ear: ear.events.count("Hangup") == 50)
    assert (await asyncio.to_thread(door.ping))["Ping"] == "Pong"

    door, _ = make_door(server, tls=AmiTls(pin_sha256="00" * 32))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.WRONG_CERTIFICATE
    assert caught.value.problem.params["got"] == pin.lower()


async def test_a_certificate_of_an_own_authority_is_checked_with_its_name(
    serve: ServerMaker, make_door: DoorMaker, tmp_path: Path
) -> None:
    pem = make_certificate(tmp_path, "DNS:pbx.lan")
    authority = str(tmp_path / "certificate.pem")
    server = serve(Pbx(), certificate=pem)
    door, _ = make_door(server, tls=AmiTls(ca_file=authority, server_name="pbx.lan"))
    await asyncio.to_thread(door.connect)
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    for tls, code in (
        (AmiTls(ca_file=authority), ProblemCode.CERTIFICATE_NAME),
        (AmiTls(), ProblemCode.CERTIFICATE_UNKNOWN),
        (AmiTls(ca_file="/no/such/file.pem"), ProblemCode.CA_FILE),
        (AmiTls(ca_file=str(empty)), ProblemCode.CA_FILE),
    ):
        door, _ = make_door(server, tls=tls)
        with pytest.raises(AmiConnectionError) as caught:
            await asyncio.to_thread(door.connect)
        assert caught.value.problem.code is code


async def test_a_tls_port_asked_without_tls_is_told_from_a_silent_one(
    serve: ServerMaker, make_door: DoorMaker, tmp_path: Path
) -> None:
    server = serve(Pbx(), certificate=make_certificate(tmp_path))
    door, _ = make_door(server, timing=SOON)
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is ProblemCode.PORT_IS_TLS


@pytest.mark.parametrize(
    ("first", "code"),
    [(b"", ProblemCode.TIMED_OUT), (BANNER, ProblemCode.PORT_IS_PLAIN)],
)
async def test_tls_to_a_plain_port_fails_in_time(
    serve: ServerMaker, make_door: DoorMaker, first: bytes, code: ProblemCode
) -> None:
    def script(connection: Connection) -> None:
        connection.say(first)
        connection.hear()

    door, _ = make_door(serve(script), timing=SOON, tls=AmiTls(pin_sha256="00" * 32))
    with pytest.raises(AmiConnectionError) as caught:
        await asyncio.to_thread(door.connect)
    assert caught.value.problem.code is code


async def test_a_reply_is_a_message_of_pyst2(serve: ServerMaker, make_door: DoorMaker) -> None:
    door, _ = make_door(serve(Pbx()))
    await asyncio.to_thread(door.connect)
    reply = await asyncio.to_thread(door.ping)
    assert isinstance(reply, ActionReply)
    assert reply.has_header("Ping")
    assert reply.get_header("Nothing", "x") == "x"
    assert repr(reply) == "Success"
