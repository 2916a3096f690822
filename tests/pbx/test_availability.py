"""Pauses and calls from a page on a real Asterisk, with the optional files of asterisk_conf."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterator

import pytest

from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import ASTERISK_CONF, SECRET
from pbx_lab.stage import Stage
from screenpop.ami.agent_actions import AgentActions
from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.service.availability_ports import ActionOutcome, Originate, PbxRights, QueuePause
from screenpop.telephony.identifiers import Endpoint, PbxId

LAB = PbxId("lab")


@pytest.fixture
def allowed(asterisk: Asterisk) -> Iterator[Asterisk]:
    """Asterisk after an administrator installed both optional fragments.

    They are removed again: with them, the wrap-up after a call pauses its agent in the queues that
    later tests call.
    """
    folder = asterisk.folder / "etc/manager.d"
    names = ("screenpop.pause.conf", "screenpop.place-calls.conf")
    for name in names:
        shutil.copy(ASTERISK_CONF / "optional" / name, folder / name)
    asterisk.run_console("manager reload")
    yield asterisk
    for name in names:
        (folder / name).unlink()
    asterisk.run_console("manager reload")


def with_actions(work: Callable[[AgentActions], Awaitable[None]]) -> None:
    """Log in as Screenpop's user and run work with its actions."""

    async def run() -> None:
        live = asyncio.Event()
        client = AmiClient(
            AmiConfig(LAB, "127.0.0.1", "screenpop", SECRET, 5038, None),
            wanted=None,
            on_messages=lambda _batch, _at: None,
            on_snapshot=lambda _snapshot, _at: None,
            on_state=lambda state, _since, _why: live.set() if state is LinkState.LIVE else None,
        )
        running = asyncio.create_task(client.run())
        try:
            await asyncio.wait_for(live.wait(), 20)
            await work(AgentActions(client))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


def test_pause_of_each_interface_is_in_queue_show(allowed: Asterisk) -> None:
    async def work(actions: AgentActions) -> None:
        assert await actions.rights() == PbxRights(can_pause=True, can_originate=True)
        for queue, interface in (("support", "PJSIP/101"), ("700", "Local/101@from-queue/n")):
            request = QueuePause(LAB, queue, interface, is_paused=True, reason="lunch")
            assert await actions.pause(request) is ActionOutcome.DONE
            (member,) = members(allowed, queue)
            assert "paused:lunch" in member
            request = QueuePause(LAB, queue, interface, is_paused=False)
            assert await actions.pause(request) is ActionOutcome.DONE
            (member,) = members(allowed, queue)
            assert "paused" not in member
        gone = QueuePause(LAB, "nowhere", "PJSIP/101", is_paused=True, reason="lunch")
        assert await actions.pause(gone) is ActionOutcome.NOT_A_MEMBER

    with_actions(work)


def members(asterisk: Asterisk, queue: str) -> list[str]:
    """Return the lines of 101 in ``queue show``."""
    shown = asterisk.run_console(f"queue show {queue}").splitlines()
    return [line for line in shown if "Agent 101" in line]


def test_originate_rings_the_own_phone_first_and_then_the_customer(
    allowed: Asterisk, stage: Stage
) -> None:
    del allowed
    stage.phone("101", 0.5)
    stage.mobile()

    async def work(actions: AgentActions) -> None:
        call = Originate(LAB, "PJSIP", Endpoint("101"), "09123456789", "from-internal")
        assert await actions.originate(call) is ActionOutcome.DONE

    with_actions(work)
    agent = stage.until_talks("101")
    customer = stage.until_talks("trunk")
    assert agent.answered is not None
    assert agent.answered.at < customer.invite.at
    stage.hang_up(agent)
