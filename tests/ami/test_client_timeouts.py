"""The AMI client leaves peers that do not answer in time, and lets go when it is cancelled."""

import asyncio
import threading

import pytest

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig, AmiTimeouts
from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import ProblemCode, problem
from screenpop.telephony.identifiers import PbxId
from tests.ami.conftest import LinkMaker, ServerMaker
from tests.ami.server_steps import connection_of, waiting_for
from tests.ami.speaking_server import (
    BANNER,
    PATIENCE,
    Connection,
    Pbx,
)

pytestmark = pytest.mark.anyio


async def test_a_half_open_connection_is_noticed_by_the_ping(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    _, recorded = open_link(serve(pbx), timing={"ping_limit": 0.1})
    await recorded.until(lambda recorded: recorded.lives() == 1)
    pbx.unanswered = {"Ping"}
    await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
    silent = recorded.find_problem(ProblemCode.SILENT)
    assert silent is not None
    assert silent.params == {"after_s": "0.1"}
    pbx.unanswered = set()
    await recorded.until(lambda recorded: recorded.lives() == 2)


@pytest.mark.slow
async def test_a_peer_that_swallows_everything_is_known_within_seven_seconds_as_shipped(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    shipped, gate = AmiTimeouts(), threading.Event()
    limits = {"ping_every": shipped.ping_every, "ping_limit": shipped.ping_limit}
    pbx = Pbx()
    _, recorded = open_link(serve(pbx), timing=limits)
    await recorded.until(lambda recorded: recorded.lives() == 1)
    pbx.before["Ping"] = waiting_for(gate)
    swallows_since = asyncio.get_running_loop().time()
    try:
        await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
        noticed_after = asyncio.get_running_loop().time() - swallows_since
    finally:
        pbx.before.clear()
        gate.set()
    assert recorded.find_problem(ProblemCode.SILENT) is not None
    assert noticed_after <= 7.0


async def test_no_ping_is_sent_before_the_login(serve: ServerMaker, open_link: LinkMaker) -> None:
    gate = threading.Event()
    server = serve(Pbx(before={"Login": waiting_for(gate)}))
    _, recorded = open_link(server, timing={"ping_every": 0.001})
    await recorded.until(lambda recorded: LinkState.LOGIN in recorded.states)
    gate.set()
    await recorded.until(lambda recorded: recorded.lives())
    connection = await connection_of(server)
    assert connection.heard[0]["Action"] == "Login"


async def test_a_server_that_never_greets_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    def mute(connection: Connection) -> None:
        connection.hear()

    server = serve(mute)
    _, recorded = open_link(server, timing={"connect_limit": 0.1})
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.TIMED_OUT))
    server.script = Pbx()
    await recorded.until(lambda recorded: recorded.lives())


async def test_a_server_that_never_answers_the_login_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    server = serve(Pbx(unanswered={"Login"}))
    _, recorded = open_link(server, timing={"login_limit": 0.1})
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.TIMED_OUT))
    assert LinkState.BUFFERING not in recorded.states


async def test_a_server_that_never_ends_a_list_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(unanswered={"QueueStatus"})
    _, recorded = open_link(serve(pbx), timing={"list_limit": 0.1})
    await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
    late = recorded.find_problem(ProblemCode.INCOMPLETE_LISTS)
    assert late is not None
    # On a busy machine the other lists may not have come in a tenth of a second either.
    assert "QueueStatus" in late.params["action"]
    assert recorded.states.count(LinkState.RESYNC) == 3
    assert recorded.snapshots == []
    pbx.unanswered = set()
    await recorded.until(lambda recorded: recorded.lives())


async def test_no_thread_outlives_the_link(serve: ServerMaker, open_link: LinkMaker) -> None:
    _, recorded = open_link(serve(Pbx()))
    await recorded.until(lambda recorded: recorded.lives())
    mine = [thread for thread in threading.enumerate() if thread.name.startswith("ami-office")]
    assert len(mine) >= 2
    await recorded.stop()
    for thread in mine:
        await asyncio.to_thread(thread.join, PATIENCE)
        assert not thread.is_alive()


async def test_a_link_that_is_cancelled_while_it_connects_lets_go_at_once(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    arrived, gone = threading.Event(), threading.Event()

    def mute(connection: Connection) -> None:
        arrived.set()
        connection.hear()
        gone.set()

    _, recorded = open_link(serve(mute), timing={"connect_limit": 600})
    assert await asyncio.to_thread(arrived.wait, PATIENCE)
    await recorded.stop()
    assert await asyncio.to_thread(gone.wait, PATIENCE)


def test_the_pause_grows_to_its_limit_and_is_never_the_same_for_all() -> None:
    def pauses(chance: float, code: ProblemCode = ProblemCode.CLOSED) -> list[float]:
        link = AmiClient(
            AmiConfig(PbxId("office"), "127.0.0.1", "pop", "secret"),
            wanted=None,
            on_messages=lambda messages, at: None,
            on_snapshot=lambda snapshot, at: None,
            on_state=lambda state, since, problem: None,
            chance=lambda: chance,
        )
        found = []
        for tries in (1, 2, 3, 5, 50, 5000):
            link._tries = tries
            found.append(link._pause(problem(code)))
        return found

    assert pauses(0.0) == [0.5] * 6
    assert pauses(1.0) == [1.0, 2.0, 4.0, 10.0, 10.0, 10.0]
    assert pauses(0.5, ProblemCode.WRONG_SECRET) == [10.0] * 6


async def test_rubbish_behind_the_greeting_is_survived(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    def rubbish(connection: Connection) -> None:
        connection.send_messages(BANNER, b"\x00\xff" * 50_000)
        while connection.hear() is not None:
            pass

    server = serve(rubbish)
    _, recorded = open_link(server, timing={"login_limit": 0.1})
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.TIMED_OUT))
    server.script = Pbx()
    await recorded.until(lambda recorded: recorded.lives())
