"""The AMI client compares its picture with the PBX now and then, and after lost events."""

import asyncio
import threading

import pytest

from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import ProblemCode
from tests.ami.conftest import LinkMaker, ServerMaker
from tests.ami.server_steps import ROW, connection_of
from tests.ami.speaking_server import (
    PATIENCE,
    Connection,
    Pbx,
    event,
)

pytestmark = pytest.mark.anyio


async def test_events_that_never_come_are_noticed_by_the_audit(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    server = serve(pbx)
    link, recorded = open_link(server, timing={"audit_every": 0.05})
    await recorded.until(lambda recorded: len(recorded.snapshots) == 2)
    assert link.problem is None
    pbx.channels = [{**ROW, "Application": "AppDial", "Duration": "00:00:09"}]
    await recorded.until(lambda recorded: recorded.problems)
    assert recorded.problems[0].code is ProblemCode.NO_EVENT_PERMISSION
    assert recorded.problems[0].params == {"missing": "call"}
    (await connection_of(server)).send_messages(event("DialBegin"))
    await recorded.until(lambda _: link.problem is None)


async def test_an_audit_comes_exactly_between_the_events_it_includes_and_the_later_ones(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(channels=[ROW])
    server = serve(pbx)
    _, recorded = open_link(server, timing={"audit_every": 0.05})
    await recorded.until(lambda recorded: recorded.lives())
    pbx.before["CoreShowChannels"] = lambda c: c.send_messages(event("Before"))
    pbx.amid["CoreShowChannels"] = lambda c: c.send_messages(event("Amid"))
    pbx.amid["QueueStatus"] = lambda c: c.send_messages(event("Late"))
    await recorded.until(lambda recorded: "Late" in recorded.events)
    begun = recorded.order.index("Before")
    assert recorded.order[begun : begun + 4] == ["Before", "audit", "Amid", "Late"]
    assert all(snapshot.audit for snapshot in recorded.snapshots[1:])


async def test_an_audit_that_takes_long_delays_no_event_and_revives_no_call(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(channels=[ROW, {**ROW, "Uniqueid": "1.3"}])
    gate = threading.Event()

    def slow(connection: Connection) -> None:
        connection.send_messages(event("Hangup", Uniqueid="1.9"))
        if gate.wait(PATIENCE):
            connection.send_messages(event("Hangup", Uniqueid="1.3"))

    server = serve(pbx)
    _, recorded = open_link(server, timing={"audit_every": 0.05, "audit_hold": 0.01})
    await recorded.until(lambda recorded: recorded.lives())
    pbx.amid["QueueStatus"] = slow
    await recorded.until(lambda recorded: "Hangup" in recorded.events)
    audits = len(recorded.snapshots)
    gate.set()
    await recorded.until(lambda recorded: len(recorded.snapshots) > audits)
    assert [row.get("Uniqueid") for row in recorded.snapshots[audits].channels] == ["1.2"]


async def test_an_audit_that_fails_is_reported_and_the_link_stays_live(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    server = serve(pbx)
    link, recorded = open_link(server, timing={"audit_every": 0.05})
    await recorded.until(lambda recorded: recorded.lives())
    pbx.miscounted = {"CoreShowChannels"}
    pbx.amid["CoreShowChannels"] = lambda c: c.send_messages(event("Amid"))
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.INCOMPLETE_LISTS))
    assert link.state is LinkState.LIVE
    await recorded.until(lambda recorded: "Amid" in recorded.events)
    pbx.miscounted = set()
    await recorded.until(lambda _: link.problem is None)


async def test_a_hole_in_the_stream_makes_a_fresh_resync_and_reports_how_much_was_lost(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    flooded = threading.Event()

    def flood(connection: Connection) -> None:
        if sum(heard["Action"] == "Ping" for heard in connection.heard) == 1:
            for _ in range(500):
                connection.send_messages(event("VarSet", Value="x" * 2000) * 20)
            flooded.set()

    server = serve(Pbx(before={"Ping": flood}))
    link, recorded = open_link(server, most_waiting=1000, timing={"ping_every": 0.5})
    await recorded.until(lambda recorded: recorded.lives() == 1)
    ping = asyncio.create_task(link.send("Ping"))
    await asyncio.sleep(0)
    # A consumer that blocks the loop is the point.
    assert flooded.wait(PATIENCE)
    await recorded.until(lambda recorded: recorded.lives() == 2)
    await ping
    hole = recorded.find_problem(ProblemCode.OVERRUN)
    assert hole is not None
    assert int(hole.params["lost"]) > 0
    assert link.counters().lost > 0
    assert LinkState.DOWN not in recorded.states
    assert len(recorded.snapshots) == 2
    assert link.problem is None


async def test_a_hole_during_the_resync_makes_another_one_and_then_it_is_live_once(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    def flood(connection: Connection) -> None:
        if sum(heard["Action"] == "QueueStatus" for heard in connection.heard) == 1:
            connection.send_messages(event("VarSet") * 300)

    pbx = Pbx(before={"QueueStatus": flood})
    link, recorded = open_link(serve(pbx), most_waiting=200)
    await recorded.until(lambda recorded: recorded.lives())
    assert recorded.find_problem(ProblemCode.OVERRUN)
    assert recorded.states.count(LinkState.RESYNC) == 2
    assert (len(recorded.snapshots), link.problem) == (1, None)
    await link.send("Ping")
    assert recorded.lives() == 1
