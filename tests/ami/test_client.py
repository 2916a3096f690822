import asyncio
import threading
from collections.abc import Callable
from itertools import pairwise

import pytest

from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig, AmiTimeouts
from screenpop.ami.errors import AmiConnectionError
from screenpop.ami.link_state import TRANSITIONS, LinkState
from screenpop.ami.problem_codes import ProblemCode, problem
from screenpop.ami.pyst2_manager import AmiManager
from screenpop.asterisk.action_list import CompleteList, ListFailure, ListProblem
from screenpop.telephony.identifiers import PbxId
from tests.ami.conftest import LinkMaker, ServerMaker
from tests.ami.speaking_server import (
    BANNER,
    PATIENCE,
    Connection,
    Pbx,
    SpeakingServer,
    event,
)

pytestmark = pytest.mark.anyio

ROW: dict[str, object] = {"Channel": "PJSIP/101-00000001", "Uniqueid": "1.2", "Linkedid": "1.1"}


async def connection_of(server: SpeakingServer) -> Connection:
    return await asyncio.to_thread(server.next_connection)


def waiting_for(gate: threading.Event) -> Callable[[Connection], None]:
    def wait(_: Connection) -> None:
        assert gate.wait(PATIENCE)

    return wait


async def test_it_comes_up_step_by_step_with_a_snapshot_first(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(
        channels=[ROW, {**ROW, "Uniqueid": "1.1"}],
        queues=[{"Queue": "sales"}, {"Event": "QueueEntry", "Uniqueid": "1.1"}],
        statuses=[{"Uniqueid": "1.1", "DNID": "02191000101"}],
    )
    link, desk = open_link(serve(pbx))
    await desk.until(lambda desk: desk.lives())
    assert desk.states == [
        LinkState.CONNECTING,
        LinkState.LOGIN,
        LinkState.BUFFERING,
        LinkState.RESYNC,
        LinkState.LIVE,
    ]
    [snapshot] = desk.snapshots
    assert snapshot.boot == "2026-11-22T02:43:37"
    assert [row.get("Uniqueid") for row in snapshot.channels] == ["1.2", "1.1"]
    assert [row.event for row in snapshot.queues] == ["QueueParams", "QueueEntry"]
    assert [row.get("DNID") for row in snapshot.statuses] == ["02191000101"]
    assert not snapshot.audit
    assert desk.order == ["snapshot", "FullyBooted", "live"]
    assert (link.state, link.problem, desk.problems) == (LinkState.LIVE, None, [])


async def test_events_of_the_resync_come_after_the_snapshot_and_before_live(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(
        before={"CoreStatus": lambda c: c.say(event("DialBegin", DestUniqueid="1.2"))},
        amid={
            "CoreShowChannels": lambda c: c.say(event("DialEnd", DestUniqueid="1.2")),
            "QueueStatus": lambda c: c.say(event("Hangup", Uniqueid="1.2")),
        },
    )
    _, desk = open_link(serve(pbx))
    await desk.until(lambda desk: desk.lives())
    assert desk.order == ["snapshot", "FullyBooted", "DialBegin", "DialEnd", "Hangup", "live"]


async def test_all_in_one_chunk_keeps_its_order(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx())
    _, desk = open_link(server)
    await desk.until(lambda desk: desk.lives())
    batches = len(desk.batches)
    names = [f"E{number}" for number in range(60)]
    (await connection_of(server)).say(b"".join(event(name) for name in names))
    await desk.until(lambda desk: "E59" in desk.events)
    assert [name for name in desk.events if name != "FullyBooted"] == names
    assert len(desk.batches) - batches == 1, "one call a read"


async def test_only_wanted_events_come(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx(channels=[ROW]))
    link, desk = open_link(server, wanted=frozenset({"Hangup"}))
    await desk.until(lambda desk: desk.lives())
    (await connection_of(server)).say(event("VarSet") * 3 + event("Hangup"))
    await desk.until(lambda desk: "Hangup" in desk.events)
    assert desk.events == ["FullyBooted", "Hangup"]
    assert link.counters().dropped == 3
    assert len(desk.snapshots[0].channels) == 1


async def test_a_dead_server_is_left_and_found_again_through_a_fresh_door(
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
    link, desk = open_link(server)
    await desk.until(lambda desk: desk.lives() == 1)
    server.close()
    await desk.until(lambda desk: desk.said(ProblemCode.REFUSED))
    assert desk.said(ProblemCode.CLOSED)
    again = serve(Pbx(time="03:00:00"), port=server.port)
    await desk.until(lambda desk: desk.lives() == 2)
    assert again.connections
    assert [snapshot.boot[-8:] for snapshot in desk.snapshots] == ["02:43:37", "03:00:00"]
    assert len(set(doors)) == len(doors) >= 3
    assert link.counters().connections == len(doors)
    assert link.problem is None


async def test_every_step_stands_in_the_table(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx(miscounted={"QueueStatus"}))
    _, desk = open_link(server)
    await desk.until(lambda desk: desk.said(ProblemCode.INCOMPLETE_LISTS))
    server.script = Pbx()
    await desk.until(lambda desk: desk.lives())
    steps = [(old, new) for old, new in pairwise([LinkState.DOWN, *desk.states]) if old != new]
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
    _, desk = open_link(server, clock=clock)
    await desk.until(lambda desk: desk.lives() == 1)
    before = set(desk.sinces[:-1])
    assert before == {1001.0}
    assert desk.sinces[-1] > 1001.0
    (await connection_of(server)).hang_up()
    await desk.until(lambda desk: desk.lives() == 2)
    down = desk.states.index(LinkState.DOWN)
    assert len(set(desk.sinces[down:-1])) == 1
    assert desk.sinces[down] > desk.sinces[down - 1]
    assert desk.sinces[-1] > desk.sinces[down]


async def test_a_half_open_connection_is_noticed_by_the_ping(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    _, desk = open_link(serve(pbx), timing={"ping_limit": 0.1})
    await desk.until(lambda desk: desk.lives() == 1)
    pbx.unanswered = {"Ping"}
    await desk.until(lambda desk: LinkState.DOWN in desk.states)
    silent = desk.said(ProblemCode.SILENT)
    assert silent is not None
    assert silent.params == {"after_s": "0.1"}
    pbx.unanswered = set()
    await desk.until(lambda desk: desk.lives() == 2)


async def test_a_peer_that_swallows_everything_is_known_within_seven_seconds_as_shipped(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    shipped, gate = AmiTimeouts(), threading.Event()
    limits = {"ping_every": shipped.ping_every, "ping_limit": shipped.ping_limit}
    pbx = Pbx()
    _, desk = open_link(serve(pbx), timing=limits)
    await desk.until(lambda desk: desk.lives() == 1)
    pbx.before["Ping"] = waiting_for(gate)
    swallows_since = asyncio.get_running_loop().time()
    try:
        await desk.until(lambda desk: LinkState.DOWN in desk.states)
        noticed_after = asyncio.get_running_loop().time() - swallows_since
    finally:
        pbx.before.clear()
        gate.set()
    assert desk.said(ProblemCode.SILENT) is not None
    assert noticed_after <= 7.0


async def test_no_ping_is_sent_before_the_login(serve: ServerMaker, open_link: LinkMaker) -> None:
    gate = threading.Event()
    server = serve(Pbx(before={"Login": waiting_for(gate)}))
    _, desk = open_link(server, timing={"ping_every": 0.001})
    await desk.until(lambda desk: LinkState.LOGIN in desk.states)
    gate.set()
    await desk.until(lambda desk: desk.lives())
    connection = await connection_of(server)
    assert connection.heard[0]["Action"] == "Login"


async def test_mallory_who_never_greets_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    def mute(connection: Connection) -> None:
        connection.hear()

    server = serve(mute)
    _, desk = open_link(server, timing={"connect_limit": 0.1})
    await desk.until(lambda desk: desk.said(ProblemCode.TIMED_OUT))
    server.script = Pbx()
    await desk.until(lambda desk: desk.lives())


async def test_mallory_who_never_answers_the_login_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    server = serve(Pbx(unanswered={"Login"}))
    _, desk = open_link(server, timing={"login_limit": 0.1})
    await desk.until(lambda desk: desk.said(ProblemCode.TIMED_OUT))
    assert LinkState.BUFFERING not in desk.states


async def test_mallory_who_never_ends_a_list_is_left_in_time(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(unanswered={"QueueStatus"})
    _, desk = open_link(serve(pbx), timing={"list_limit": 0.1})
    await desk.until(lambda desk: LinkState.DOWN in desk.states)
    late = desk.said(ProblemCode.INCOMPLETE_LISTS)
    assert late is not None
    # On a busy machine the other lists may not have come in a tenth of a second either.
    assert "QueueStatus" in late.params["action"]
    assert desk.states.count(LinkState.RESYNC) == 3
    assert desk.snapshots == []
    pbx.unanswered = set()
    await desk.until(lambda desk: desk.lives())


@pytest.mark.parametrize("how", ["miscounted", "cancelled"])
@pytest.mark.parametrize("action", ["CoreShowChannels", "QueueStatus", "Status"])
async def test_an_incomplete_list_is_not_accepted_but_asked_again(
    serve: ServerMaker, open_link: LinkMaker, how: str, action: str
) -> None:
    pbx = Pbx(channels=[ROW])
    getattr(pbx, how).add(action)

    def mend(connection: Connection) -> None:
        if sum(heard["Action"] == action for heard in connection.heard) == 2:
            getattr(pbx, how).clear()

    pbx.before[action] = mend
    _, desk = open_link(serve(pbx))
    await desk.until(lambda desk: desk.lives())
    incomplete = desk.said(ProblemCode.INCOMPLETE_LISTS)
    assert incomplete is not None
    assert incomplete.params == {"action": action}
    assert desk.states.count(LinkState.RESYNC) == 2
    assert desk.order == ["snapshot", "FullyBooted", "live"]


async def test_a_pbx_without_queues_is_a_pbx(serve: ServerMaker, open_link: LinkMaker) -> None:
    words = "Invalid/unknown command: QueueStatus. Use Action: ListCommands to show available."
    _, desk = open_link(serve(Pbx(refused={"QueueStatus": words})))
    await desk.until(lambda desk: desk.lives())
    assert desk.snapshots[0].queues == ()


@pytest.mark.parametrize("action", ["CoreStatus", "CoreShowChannels"])
async def test_a_refused_class_is_said_plainly_and_tried_with_a_new_login(
    serve: ServerMaker, open_link: LinkMaker, action: str
) -> None:
    pbx = Pbx(refused={action: "Permission denied"})
    _, desk = open_link(serve(pbx))
    await desk.until(lambda desk: LinkState.DOWN in desk.states)
    refused = desk.said(ProblemCode.CLASS_REFUSED)
    assert refused is not None
    assert refused.params == {"action": action, "missing": "reporting"}
    pbx.refused = {}
    await desk.until(lambda desk: desk.lives())


async def test_a_wrong_secret_is_said_and_tried_slowly_for_ever(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(secret="another")
    _, desk = open_link(serve(pbx))
    await desk.until(lambda desk: desk.states.count(LinkState.DOWN) == 2)
    wrong = desk.said(ProblemCode.WRONG_SECRET)
    assert wrong is not None
    assert wrong.params == {"username": "pop"}
    pbx.secret = "secret"
    await desk.until(lambda desk: desk.lives())


async def test_a_booting_pbx_is_waited_for(serve: ServerMaker, open_link: LinkMaker) -> None:
    pbx = Pbx(booted=False)

    def boot(connection: Connection) -> None:
        if sum(heard["Action"] == "CoreStatus" for heard in connection.heard) == 3:
            pbx.booted = True
            connection.say(event("FullyBooted"))

    pbx.before["CoreStatus"] = boot
    _, desk = open_link(serve(pbx))
    await desk.until(lambda desk: desk.lives())
    assert [problem.code for problem in desk.problems] == [
        ProblemCode.NOT_BOOTED,
        ProblemCode.NOT_BOOTED,
    ]
    assert LinkState.DOWN not in desk.states
    assert desk.snapshots[0].boot == "2026-11-22T02:43:37"


async def test_a_user_without_the_class_system_is_live_with_a_word_about_it(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    link, desk = open_link(serve(Pbx(system_class=False)))
    await desk.until(lambda desk: desk.said(ProblemCode.NO_EVENT_PERMISSION))
    assert link.problem is not None
    assert link.problem.params == {"missing": "system"}
    assert link.state is LinkState.LIVE
    assert len(desk.snapshots) == 1


async def test_a_pbx_whose_modules_are_loading_is_waited_for_without_a_false_alarm(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(system_class=False, refused={"QueueStatus": "Invalid/unknown command: x"})

    def load(connection: Connection) -> None:
        if sum(heard["Action"] == "QueueStatus" for heard in connection.heard) == 5:
            pbx.refused = {}
            connection.say(event("FullyBooted"))

    pbx.before["QueueStatus"] = load
    _, desk = open_link(serve(pbx), timing={"boot_grace": 60})
    await desk.until(lambda desk: desk.lives())
    assert {problem.code for problem in desk.problems} == {ProblemCode.NOT_BOOTED}
    assert LinkState.DOWN not in desk.states
    assert desk.order == ["snapshot", "FullyBooted", "live"]


async def test_without_system_and_without_queues_it_is_live_after_the_grace(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    words = {"QueueStatus": "Invalid/unknown command: x"}
    link, desk = open_link(serve(Pbx(system_class=False, refused=words)))
    await desk.until(lambda desk: desk.lives())
    assert link.problem is not None
    assert link.problem.code is ProblemCode.NO_EVENT_PERMISSION


async def test_a_pbx_that_says_it_has_booted_while_live_is_asked_anew(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(system_class=False)
    server = serve(pbx)
    link, desk = open_link(server)
    await desk.until(lambda desk: desk.said(ProblemCode.NO_EVENT_PERMISSION))
    connection = await connection_of(server)
    lives = desk.lives()
    pbx.amid["QueueStatus"] = lambda c: c.say(event("Hangup"))
    connection.say(event("FullyBooted") + event("DialBegin"))
    await desk.until(lambda desk: desk.lives() == lives + 1)
    assert link.problem is None
    assert desk.order[-5:] == ["snapshot", "FullyBooted", "DialBegin", "Hangup", "live"]


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


async def test_an_audit_stands_exactly_between_the_events_it_knows_and_those_it_does_not(
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


async def test_an_audit_that_takes_long_holds_nothing_up_and_revives_nobody(
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


async def test_an_audit_that_fails_is_told_and_the_link_stays_live(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx()
    server = serve(pbx)
    link, desk = open_link(server, timing={"audit_every": 0.05})
    await desk.until(lambda desk: desk.lives())
    pbx.miscounted = {"CoreShowChannels"}
    pbx.amid["CoreShowChannels"] = lambda c: c.say(event("Amid"))
    await desk.until(lambda desk: desk.said(ProblemCode.INCOMPLETE_LISTS))
    assert link.state is LinkState.LIVE
    await desk.until(lambda desk: "Amid" in desk.events)
    pbx.miscounted = set()
    await desk.until(lambda _: link.problem is None)


async def test_a_hole_in_the_stream_makes_a_fresh_resync_and_says_how_much_was_lost(
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
    hole = desk.said(ProblemCode.OVERRUN)
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
    assert desk.said(ProblemCode.OVERRUN)
    assert desk.states.count(LinkState.RESYNC) == 2
    assert (len(desk.snapshots), link.problem) == (1, None)
    await link.send("Ping")
    assert desk.lives() == 1


async def test_a_consumer_that_fails_stops_nothing(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(Pbx())
    _, desk = open_link(server)
    await desk.until(lambda desk: desk.lives())
    desk.fail_on = "Poison"
    connection = await connection_of(server)
    connection.say(event("Poison"))
    await desk.until(lambda desk: "Poison" in desk.events)
    connection.say(event("Next"))
    await desk.until(lambda desk: "Next" in desk.events)
    assert "the consumer fails" in capsys.readouterr().out


async def test_bad_messages_are_logged_once_with_their_head(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(Pbx())
    link, desk = open_link(server)
    await desk.until(lambda desk: desk.lives())
    connection = await connection_of(server)
    connection.say(b"Event: DialBegin\r\nthis is no header\r\n\r\n", event("Next"))
    await desk.until(lambda desk: "Next" in desk.events)
    assert capsys.readouterr().out.count("this is no header") == 1
    assert link.counters().malformed == 1


async def test_the_secret_is_never_shown(
    serve: ServerMaker, open_link: LinkMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    link, desk = open_link(serve(Pbx(secret="other")), secret="hunter2-secret")
    await desk.until(lambda desk: desk.said(ProblemCode.WRONG_SECRET))
    assert "hunter2" not in repr(link.address)
    assert "hunter2" not in capsys.readouterr().out


async def test_actions_go_through_while_live(serve: ServerMaker, open_link: LinkMaker) -> None:
    pbx = Pbx(statuses=[{"Uniqueid": "1.1"}])
    server = serve(pbx)
    link, desk = open_link(server)
    await desk.until(lambda desk: desk.lives())
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
    assert "Status" not in desk.events


async def test_a_list_that_never_ends_is_given_up_and_its_rest_stays_out_of_the_stream(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    gate = threading.Event()
    pbx = Pbx(statuses=[{"Uniqueid": "1.1"}])
    server = serve(pbx)
    link, desk = open_link(server, timing={"list_limit": 0.2, "ping_every": 60})
    await desk.until(lambda desk: desk.lives())
    pbx.before["Status"] = waiting_for(gate)
    outcome = await link.list_action("Status")
    assert isinstance(outcome, ListProblem)
    gate.set()
    await link.send("Ping")
    (await connection_of(server)).say(event("Next"))
    await desk.until(lambda desk: "Next" in desk.events)
    assert "Status" not in desk.events
    assert "StatusComplete" not in desk.events


async def test_actions_without_a_connection_fail_at_once_with_the_reason(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    server = serve(Pbx())
    server.close()
    link, desk = open_link(server)
    await desk.until(lambda desk: LinkState.DOWN in desk.states)
    with pytest.raises(AmiConnectionError) as caught:
        await link.send("Ping")
    assert caught.value.problem.code is ProblemCode.REFUSED


async def test_a_pbx_that_shuts_down_says_so(serve: ServerMaker, open_link: LinkMaker) -> None:
    server = serve(Pbx())
    _, desk = open_link(server, wanted=frozenset({"Hangup"}))
    await desk.until(lambda desk: desk.lives())
    connection = await connection_of(server)
    connection.say(event("Shutdown", Shutdown="Cleanly"))
    connection.hang_up()
    await desk.until(lambda desk: LinkState.DOWN in desk.states)
    assert desk.problems[0].code is ProblemCode.SHUT_DOWN


async def test_no_thread_outlives_the_link(serve: ServerMaker, open_link: LinkMaker) -> None:
    _, desk = open_link(serve(Pbx()))
    await desk.until(lambda desk: desk.lives())
    mine = [thread for thread in threading.enumerate() if thread.name.startswith("ami-office")]
    assert len(mine) >= 2
    await desk.stop()
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

    _, desk = open_link(serve(mute), timing={"connect_limit": 600})
    assert await asyncio.to_thread(arrived.wait, PATIENCE)
    await desk.stop()
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
        connection.say(BANNER, b"\x00\xff" * 50_000)
        while connection.hear() is not None:
            pass

    server = serve(rubbish)
    _, desk = open_link(server, timing={"login_limit": 0.1})
    await desk.until(lambda desk: desk.said(ProblemCode.TIMED_OUT))
    server.script = Pbx()
    await desk.until(lambda desk: desk.lives())
