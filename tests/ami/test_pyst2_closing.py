"""The pyst2 manager ends: a broken connection, a shutdown, a close while a caller waits."""

import asyncio
import threading

import pytest

from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.problem_codes import ProblemCode
from tests.ami.conftest import Ear, ManagerMaker, ServerMaker
from tests.ami.server_scripts import send_banner_and, stay
from tests.ami.speaking_server import (
    BANNER,
    PATIENCE,
    Connection,
    event,
)

pytestmark = pytest.mark.anyio


async def test_every_waiter_learns_that_the_connection_broke(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    def dying(connection: Connection) -> None:
        connection.send_messages(BANNER)
        connection.hear()
        connection.hear()

    door, ear = make_manager(serve(dying))
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


async def test_a_shutdown_is_distinguished_from_a_broken_connection(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    def script(connection: Connection) -> None:
        connection.send_messages(BANNER, event("Shutdown", Shutdown="Cleanly", Restart="True"))

    door, ear = make_manager(serve(script))
    await asyncio.to_thread(door.connect)
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.SHUT_DOWN


async def test_a_reset_is_a_lost_connection(serve: ServerMaker, make_manager: ManagerMaker) -> None:
    server = serve(send_banner_and())
    door, ear = make_manager(server)
    await asyncio.to_thread(door.connect)
    (await asyncio.to_thread(server.next_connection)).reset()
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.CONNECTION_LOST


async def test_no_thread_outlives_a_closed_connection(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    before = set(threading.enumerate())
    door, _ = make_manager(serve(send_banner_and()))
    await asyncio.to_thread(door.connect)
    mine = [thread for thread in set(threading.enumerate()) - before if "ami-" in thread.name]
    assert [thread.name for thread in mine] == ["ami-office-stand-in"]
    door.close()
    assert not mine[0].is_alive()
    door.close()


async def test_a_connection_closed_before_the_loop_began_to_read_ends_once(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    door, ear = make_manager(serve(send_banner_and()))
    # Blocking the loop is the point: it has not had a turn when the door closes.
    door.connect()
    door.close()
    await ear.until(lambda ear: ear.ended)
    assert ear.ended is not None
    assert ear.ended.code is ProblemCode.CLOSED
    assert not door.connected()


async def test_closing_a_connection_frees_the_waiter(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    asked = threading.Event()

    def silent(connection: Connection) -> None:
        connection.send_messages(BANNER)
        connection.hear()
        asked.set()
        stay(connection)

    door, _ = make_manager(serve(silent))
    await asyncio.to_thread(door.connect)
    waiting = asyncio.create_task(asyncio.to_thread(door.ping))
    assert await asyncio.to_thread(asked.wait, PATIENCE)
    door.close()
    with pytest.raises(AmiConnectionError):
        await waiting


def lost_of(ear: Ear) -> int:
    return sum(batch.lost for batch in ear.batches)


async def test_the_loop_may_be_blocked_while_reading_goes_on(
    serve: ServerMaker, make_manager: ManagerMaker
) -> None:
    sent = threading.Event()

    def flood(connection: Connection) -> None:
        connection.send_messages(BANNER)
        connection.hear()
        for number in range(500):
            connection.send_messages(event("VarSet", Value="x" * 2000, Number=number) * 20)
        sent.set()
        connection.hear()
        connection.send_messages(event("Last"))
        stay(connection)

    door, ear = make_manager(serve(flood), most_waiting=1000)
    await asyncio.to_thread(door.connect)
    door.post([{"Action": "Start"}])
    # Blocking the loop is the point: twenty megabytes fit into no socket buffer.
    assert sent.wait(10), "the reader stopped with the loop"
    # Before all are counted, the last one could be among those that are dropped.
    await ear.until(lambda ear: len(ear.events) + lost_of(ear) == 10_000)
    assert lost_of(ear) > 0
    door.post([{"Action": "Go"}])
    await ear.until(lambda ear: "Last" in ear.events)
    numbers = [int(message.fields["Number"]) for message in ear.messages[:-1]]
    assert numbers == sorted(numbers)
