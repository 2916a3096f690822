"""The AMI client: it connects, keeps the order of events, and sends actions."""

import threading
from itertools import pairwise

import pytest

from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.link_state import TRANSITIONS, LinkState
from screenpop.ami.problem_codes import ProblemCode
from screenpop.ami.pyst2_manager import AmiManager
from screenpop.asterisk.action_list import CompleteList, ListFailure, ListProblem
from tests.ami.conftest import LinkMaker, ServerMaker
from tests.ami.server_steps import ROW, connection_of, waiting_for
from tests.ami.speaking_server import (
    Pbx,
    event,
)

pytestmark = pytest.mark.anyio


async def test_it_comes_up_step_by_step_with_a_snapshot_first(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(
        channels=[ROW, {**ROW, "Uniqueid": "1.1"}],
        queues=[{"Queue": "sales"}, {"Event": "QueueEntry", "Uniqueid": "1.1"}],
        statuses=[{"Uniqueid": "1.1", "DNID": "02191000101"}],
    )
    link, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: recorded.lives())
    assert recorded.states == [
        LinkState.CONNECTING,
        LinkState.LOGIN,
        LinkState.BUFFERING,
        LinkState.RESYNC,
        LinkState.LIVE,
    ]
    [snapshot] = recorded.snapshots
    assert snapshot.boot == "2026-11-22T02:43:37"
    assert [row.get("Uniqueid") for row in snapshot.channels] == ["1.2", "1.1"]
    assert [row.event for row in snapshot.queues] == ["QueueParams", "QueueEntry"]
    assert [row.get("DNID") for row in snapshot.statuses] == ["02191000101"]
    assert not snapshot.audit
    assert recorded.order == ["snapshot", "FullyBooted", "live"]
    assert (link.state, link.problem, recorded.problems) == (LinkState.LIVE, None, [])


async def test_events_of_the_resync_come_after_the_snapshot_and_before_live(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(
        before={"CoreStatus": lambda c: c.send_messages(event("DialBegin", DestUniqueid="1.2"))},
        amid={
            "CoreShowChannels": lambda c: c.send_messages(event("DialEnd", DestUniqueid="1.2")),
            "QueueStatus": lambda c: c.send_messages(event("Hangup", Uniqueid="1.2")),
        },
    )
    _, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: recorded.lives())
    assert recorded.order == ["snapshot", "FullyBooted", "DialBegin", "DialEnd", "Hangup", "live"]


async def test_all_in_one_chunk_keeps_its_order(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx())
    _, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives())
    batches = len(recorded.batches)
    names = [f"E{number}" for number in range(60)]
    (await connection_of(server)).send_messages(b"".join(event(name) for name in names))
    await recorded.until(lambda recorded: "E59" in recorded.events)
    assert [name for name in recorded.events if name != "FullyBooted"] == names
    assert len(recorded.batches) - batches == 1, "one call a read"


async def test_only_wanted_events_come(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx(channels=[ROW]))
    link, recorded = open_link(server, wanted=frozenset({"Hangup"}))
    await recorded.until(lambda recorded: recorded.lives())
    (await connection_of(server)).send_messages(event("VarSet") * 3 + event("Hangup"))
    await recorded.until(lambda recorded: "Hangup" in recorded.events)
    assert recorded.events == ["FullyBooted", "Hangup"]
    assert link.counters().dropped == 3
    assert len(recorded.snapshots[0].channels) == 1


async def test_a_dead_server_is_left_and_found_again_through_a_fresh_connection(
    serve: ServerMaker, open_link: LinkMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors: list[int] = []
    made = AmiManager.__init__

    def remember(door: AmiManager, *arguments: object, **options: object) -> None:
        doors.append(id(door))
        kept.append(door)
        made(door, *arguments, **options)  # type: ignore[arg-type]

    kept: list[AmiManager] = []
    monkeypatch.setattr(AmiManager, "__init__", remember)
    server = serve(Pbx())
    link, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives() == 1)
    server.close()
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.REFUSED))
    assert recorded.find_problem(ProblemCode.CLOSED)
    again = serve(Pbx(time="03:00:00"), port=server.port)
    await recorded.until(lambda recorded: recorded.lives() == 2)
    assert again.connections
    assert [snapshot.boot[-8:] for snapshot in recorded.snapshots] == ["02:43:37", "03:00:00"]
    assert len(set(doors)) == len(doors) >= 3
    assert link.counters().connections == len(doors)
    assert link.problem is None


async def test_every_step_is_in_the_table(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx(miscounted={"QueueStatus"}))
    _, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.INCOMPLETE_LISTS))
    server.script = Pbx()
    await recorded.until(lambda recorded: recorded.lives())
    steps = [(old, new) for old, new in pairwise([LinkState.DOWN, *recorded.states]) if old != new]
    assert len(steps) > 5
    assert all(new in TRANSITIONS[old] for old, new in steps)


def test_the_table_has_every_state_and_each_can_fall() -> None:
    assert set(TRANSITIONS) == set(LinkState)
    assert all(
        LinkState.DOWN in TRANSITIONS[state] for state in LinkState if state is not LinkState.DOWN
    )


async def test_since_is_the_time_from_which_calls_are_not_seen(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    now = [1000.0]

    def clock() -> float:
        now[0] += 1
        return now[0]

    server = serve(Pbx())
    _, recorded = open_link(server, clock=clock)
    await recorded.until(lambda recorded: recorded.lives() == 1)
    before = set(recorded.sinces[:-1])
    assert before == {1001.0}
    assert recorded.sinces[-1] > 1001.0
    (await connection_of(server)).hang_up()
    await recorded.until(lambda recorded: recorded.lives() == 2)
    down = recorded.states.index(LinkState.DOWN)
    assert len(set(recorded.sinces[down:-1])) == 1
    assert recorded.sinces[down] > recorded.sinces[down - 1]
    assert recorded.sinces[-1] > recorded.sinces[down]


async def test_a_consumer_that_fails_stops_nothing(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(Pbx())
    _, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives())
    recorded.fail_on = "Poison"
    connection = await connection_of(server)
    connection.send_messages(event("Poison"))
    await recorded.until(lambda recorded: "Poison" in recorded.events)
    connection.send_messages(event("Next"))
    await recorded.until(lambda recorded: "Next" in recorded.events)
    assert "the consumer fails" in capsys.readouterr().out


async def test_bad_messages_are_counted_and_logged_without_their_text(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(Pbx())
    link, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives())
    connection = await connection_of(server)
    connection.send_messages(b"Event: DialBegin\r\nthis is no header\r\n\r\n", event("Next"))
    await recorded.until(lambda recorded: "Next" in recorded.events)
    logged = capsys.readouterr().out
    assert logged.count("DialBegin") == 1
    assert "this is no header" not in logged  # it may be a caller's name
    assert link.counters().malformed == 1


@pytest.mark.defends("ami-secret")
async def test_the_secret_is_never_displayed(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    link, recorded = open_link(serve(Pbx(secret="other")), secret="hunter2-secret")
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.WRONG_SECRET))
    assert "hunter2" not in repr(link.address)
    assert "hunter2" not in capsys.readouterr().out


async def test_actions_go_through_while_live(serve: ServerMaker, open_link: LinkMaker) -> None:
    pbx = Pbx(statuses=[{"Uniqueid": "1.1"}])
    server = serve(pbx)
    link, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.lives())
    assert (await link.send("Ping")).get("Ping") == "Pong"
    reply = await link.send(
        "Originate", Channel="PJSIP/101", Timeout=30000, Variable=["a=1", "b=2"]
    )
    assert reply.get("Message") == "Originate queued"
    sent = (await connection_of(server)).raw
    assert b"Variable: a=1\r\nVariable: b=2\r\n" in sent
    assert b"Timeout: 30000\r\n" in sent
    listed = await link.list_action("Status")
    assert isinstance(listed, CompleteList)
    assert [item.get("Uniqueid") for item in listed.items] == ["1.1"]
    pbx.miscounted = {"Status"}
    broken = await link.list_action("Status")
    assert isinstance(broken, ListProblem)
    assert broken.failure is ListFailure.INCOMPLETE
    assert "Status" not in recorded.events


async def test_a_list_that_never_ends_is_given_up_and_its_rest_stays_out_of_the_stream(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    gate = threading.Event()
    pbx = Pbx(statuses=[{"Uniqueid": "1.1"}])
    server = serve(pbx)
    link, recorded = open_link(server, timing={"list_limit": 0.2, "ping_every": 60})
    await recorded.until(lambda recorded: recorded.lives())
    pbx.before["Status"] = waiting_for(gate)
    outcome = await link.list_action("Status")
    assert isinstance(outcome, ListProblem)
    gate.set()
    await link.send("Ping")
    (await connection_of(server)).send_messages(event("Next"))
    await recorded.until(lambda recorded: "Next" in recorded.events)
    assert "Status" not in recorded.events
    assert "StatusComplete" not in recorded.events


async def test_actions_without_a_connection_fail_at_once_with_the_reason(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    server = serve(Pbx())
    server.close()
    link, recorded = open_link(server)
    await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
    with pytest.raises(AmiConnectionError) as caught:
        await link.send("Ping")
    assert caught.value.problem.code is ProblemCode.REFUSED


async def test_a_pbx_that_shuts_down_is_reported_as_shutdown(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    server = serve(Pbx())
    _, recorded = open_link(server, wanted=frozenset({"Hangup"}))
    await recorded.until(lambda recorded: recorded.lives())
    connection = await connection_of(server)
    connection.send_messages(event("Shutdown", Shutdown="Cleanly"))
    connection.hang_up()
    await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
    assert recorded.problems[0].code is ProblemCode.SHUT_DOWN
