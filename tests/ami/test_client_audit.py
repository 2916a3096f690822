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
    link, desk = open_link(server, timing={"audit_every": 0.05})
    await desk.until(lambda desk: len(desk.snapshots) == 2)
    assert link.problem is None
    pbx.channels = [{**ROW, "Application": "AppDial", "Duration": "00:00:09"}]
    await desk.until(lambda desk: desk.problems)
    assert desk.problems[0].code is ProblemCode.NO_EVENT_PERMISSION
    assert desk.problems[0].params == {"missing": "call"}
    (await connection_of(server)).say(event("DialBegin"))
    await desk.until(lambda _: link.problem is None)


async def test_an_audit_comes_exactly_between_the_events_it_includes_and_the_later_ones(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(channels=[ROW])
    server = serve(pbx)
    _, desk = open_link(server, timing={"audit_every": 0.05})
    await desk.until(lambda desk: desk.lives())
    pbx.before["CoreShowChannels"] = lambda c: c.say(event("Before"))
    pbx.amid["CoreShowChannels"] = lambda c: c.say(event("Amid"))
    pbx.amid["QueueStatus"] = lambda c: c.say(event("Late"))
    await desk.until(lambda desk: "Late" in desk.events)
    begun = desk.order.index("Before")
    assert desk.order[begun : begun + 4] == ["Before", "audit", "Amid", "Late"]
    assert all(snapshot.audit for snapshot in desk.snapshots[1:])


async def test_an_audit_that_takes_long_delays_no_event_and_revives_no_call(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(channels=[ROW, {**ROW, "Uniqueid": "1.3"}])
    gate = threading.Event()

    def slow(connection: Connection) -> None:
        connection.say(event("Hangup", Uniqueid="1.9"))
        if gate.wait(PATIENCE):
            connection.say(event("Hangup", Uniqueid="1.3"))

    server = serve(pbx)
    _, desk = open_link(server, timing={"audit_every": 0.05, "audit_hold": 0.01})
    await desk.until(lambda desk: desk.lives())
    pbx.amid["QueueStatus"] = slow
    await desk.until(lambda desk: "Hangup" in desk.events)
    audits = len(desk.snapshots)
    gate.set()
    await desk.until(lambda desk: len(desk.snapshots) > audits)
    assert [row.get("Uniqueid") for row in desk.snapshots[audits].channels] == ["1.2"]


async def test_an_audit_that_fails_is_reported_and_the_link_stays_live(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    server = serve(pbx)
    link, desk = open_link(server, timing={"audit_every": 0.05})
    await desk.until(lambda desk: desk.lives())
    pbx.miscounted = {"CoreShowChannels"}
    pbx.amid["CoreShowChannels"] = lambda c: c.say(event("Amid"))
    await desk.until(lambda desk: desk.find_problem(ProblemCode.INCOMPLETE_LISTS))
    assert link.state is LinkState.LIVE
    await desk.until(lambda desk: "Amid" in desk.events)
    pbx.miscounted = set()
    await desk.until(lambda _: link.problem is None)


async def test_a_hole_in_the_stream_makes_a_fresh_resync_and_reports_how_much_was_lost(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    flooded = threading.Event()

    def flood(connection: Connection) -> None:
        if sum(heard["Action"] == "Ping" for heard in connection.heard) == 1:
            for _ in range(500):
                connection.say(event("VarSet", Value="x" * 2000) * 20)
            flooded.set()

    server = serve(Pbx(before={"Ping": flood}))
    link, desk = open_link(server, most_waiting=1000, timing={"ping_every": 0.5})
    await desk.until(lambda desk: desk.lives() == 1)
    ping = asyncio.create_task(link.send("Ping"))
    await asyncio.sleep(0)
    # A consumer that blocks the loop is the point.
    assert flooded.wait(PATIENCE)
    await desk.until(lambda desk: desk.lives() == 2)
    await ping
    hole = desk.find_problem(ProblemCode.OVERRUN)
    assert hole is not None
    assert int(hole.params["lost"]) > 0
    assert link.counters().lost > 0
    assert LinkState.DOWN not in desk.states
    assert len(desk.snapshots) == 2
    assert link.problem is None


async def test_a_hole_during_the_resync_makes_another_one_and_then_it_is_live_once(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    def flood(connection: Connection) -> None:
        if sum(heard["Action"] == "QueueStatus" for heard in connection.heard) == 1:
            connection.say(event("VarSet") * 300)

    pbx = Pbx(before={"QueueStatus": flood})
    link, desk = open_link(serve(pbx), most_waiting=200)
    await desk.until(lambda desk: desk.lives())
    assert desk.find_problem(ProblemCode.OVERRUN)
    assert desk.states.count(LinkState.RESYNC) == 2
    assert (len(desk.snapshots), link.problem) == (1, None)
    await link.send("Ping")
    assert desk.lives() == 1
