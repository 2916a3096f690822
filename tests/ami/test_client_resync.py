"""The AMI client resyncs: incomplete lists, refused classes, a PBX that boots."""

from pathlib import Path

import pytest

from screenpop.ami.link_state import LinkState
from screenpop.ami.problem_codes import ProblemCode
from screenpop.app.wiring import ami_config
from screenpop.settings import PbxSettings
from tests.ami.conftest import LinkMaker, ServerMaker
from tests.ami.server_steps import ROW, connection_of
from tests.ami.speaking_server import (
    Connection,
    Pbx,
    event,
)

pytestmark = pytest.mark.anyio


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
    _, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: recorded.lives())
    incomplete = recorded.find_problem(ProblemCode.INCOMPLETE_LISTS)
    assert incomplete is not None
    assert incomplete.params == {"action": action}
    assert recorded.states.count(LinkState.RESYNC) == 2
    assert recorded.order == ["snapshot", "FullyBooted", "live"]


async def test_a_pbx_without_queues_is_a_pbx(serve: ServerMaker, open_link: LinkMaker) -> None:
    words = "Invalid/unknown command: QueueStatus. Use Action: ListCommands to show available."
    _, recorded = open_link(serve(Pbx(refused={"QueueStatus": words})))
    await recorded.until(lambda recorded: recorded.lives())
    assert recorded.snapshots[0].queues == ()


@pytest.mark.parametrize("action", ["CoreStatus", "CoreShowChannels"])
async def test_a_refused_class_is_reported_plainly_and_tried_with_a_new_login(
    serve: ServerMaker, open_link: LinkMaker, action: str
) -> None:
    pbx = Pbx(refused={action: "Permission denied"})
    _, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: LinkState.DOWN in recorded.states)
    refused = recorded.find_problem(ProblemCode.CLASS_REFUSED)
    assert refused is not None
    assert refused.params == {"action": action, "missing": "reporting"}
    pbx.refused = {}
    await recorded.until(lambda recorded: recorded.lives())


async def test_a_wrong_secret_is_reported_and_tried_slowly_for_ever(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(secret="another")
    _, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: recorded.states.count(LinkState.DOWN) == 2)
    wrong = recorded.find_problem(ProblemCode.WRONG_SECRET)
    assert wrong is not None
    assert wrong.params == {"username": "pop"}
    pbx.secret = "secret"
    await recorded.until(lambda recorded: recorded.lives())


@pytest.mark.defends("secret-rotation")
async def test_a_secret_file_that_is_exchanged_counts_at_the_next_login(
    serve: ServerMaker, open_link: LinkMaker, tmp_path: Path
) -> None:
    """The administrator changes manager.conf, then the file; a half-written file is no secret."""
    file = tmp_path / "ami-secret"
    file.write_text("first secret\n")
    settings = PbxSettings(id="office", username="pop", secret_file=file)
    assert ami_config(settings).current_secret() == "first secret"
    pbx = Pbx(secret="first secret")
    server = serve(pbx)
    _, recorded = open_link(server, secret="first secret", read_secret=settings.read_secret)
    await recorded.until(lambda recorded: recorded.lives())

    pbx.secret = "second secret"
    file.write_text("")
    server.connections[-1].hang_up()
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.WRONG_SECRET))
    assert recorded.lives() == 1
    file.write_text("second secret\n")
    await recorded.until(lambda recorded: recorded.lives() == 2)


async def test_a_booting_pbx_is_waited_for(serve: ServerMaker, open_link: LinkMaker) -> None:
    pbx = Pbx(booted=False)

    def boot(connection: Connection) -> None:
        if sum(heard["Action"] == "CoreStatus" for heard in connection.heard) == 3:
            pbx.booted = True
            connection.send_messages(event("FullyBooted"))

    pbx.before["CoreStatus"] = boot
    _, recorded = open_link(serve(pbx))
    await recorded.until(lambda recorded: recorded.lives())
    assert [problem.code for problem in recorded.problems] == [
        ProblemCode.NOT_BOOTED,
        ProblemCode.NOT_BOOTED,
    ]
    assert LinkState.DOWN not in recorded.states
    assert recorded.snapshots[0].boot == "2026-11-22T02:43:37"


async def test_a_user_without_the_class_system_is_live_with_a_word_about_it(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    link, recorded = open_link(serve(Pbx(system_class=False)))
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.NO_EVENT_PERMISSION))
    assert link.problem is not None
    assert link.problem.params == {"missing": "system"}
    assert link.state is LinkState.LIVE
    assert len(recorded.snapshots) == 1


async def test_a_pbx_whose_modules_are_loading_is_waited_for_without_a_false_alarm(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(system_class=False, refused={"QueueStatus": "Invalid/unknown command: x"})

    def load(connection: Connection) -> None:
        if sum(heard["Action"] == "QueueStatus" for heard in connection.heard) == 5:
            pbx.refused = {}
            connection.send_messages(event("FullyBooted"))

    pbx.before["QueueStatus"] = load
    _, recorded = open_link(serve(pbx), timing={"boot_grace": 60})
    await recorded.until(lambda recorded: recorded.lives())
    assert {problem.code for problem in recorded.problems} == {ProblemCode.NOT_BOOTED}
    assert LinkState.DOWN not in recorded.states
    assert recorded.order == ["snapshot", "FullyBooted", "live"]


async def test_without_system_and_without_queues_it_is_live_after_the_grace(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    words = {"QueueStatus": "Invalid/unknown command: x"}
    link, recorded = open_link(serve(Pbx(system_class=False, refused=words)))
    await recorded.until(lambda recorded: recorded.lives())
    assert link.problem is not None
    assert link.problem.code is ProblemCode.NO_EVENT_PERMISSION


async def test_a_pbx_that_reports_a_boot_while_live_is_resynced(
    serve: ServerMaker, open_link: LinkMaker
) -> None:
    pbx = Pbx(system_class=False)
    server = serve(pbx)
    link, recorded = open_link(server)
    await recorded.until(lambda recorded: recorded.find_problem(ProblemCode.NO_EVENT_PERMISSION))
    connection = await connection_of(server)
    lives = recorded.lives()
    pbx.amid["QueueStatus"] = lambda c: c.send_messages(event("Hangup"))
    connection.send_messages(event("FullyBooted") + event("DialBegin"))
    await recorded.until(lambda recorded: recorded.lives() == lives + 1)
    assert link.problem is None
    assert recorded.order[-5:] == ["snapshot", "FullyBooted", "DialBegin", "Hangup", "live"]
