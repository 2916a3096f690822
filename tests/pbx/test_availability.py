"""Pauses and calls from a page on a real Asterisk, with the optional files of asterisk_conf."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable

import pytest
from playwright.sync_api import expect

from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import ASTERISK_CONF, SECRET
from pbx_lab.stage import Stage
from screenpop.ami.agent_actions import AgentActions
from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.service.availability_ports import ActionOutcome, Originate, PbxRights, QueuePause
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.pbx.staff import Office

LAB = PbxId("lab")


@pytest.fixture
def allowed(asterisk: Asterisk) -> Asterisk:
    """Asterisk after an administrator installed both optional fragments."""
    for name in ("screenpop.pause.conf", "screenpop.place-calls.conf"):
        shutil.copy(ASTERISK_CONF / "optional" / name, asterisk.folder / "etc/manager.d" / name)
    asterisk.run_console("manager reload")
    return asterisk


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


def test_a_pause_of_the_page_is_in_queue_show_and_one_of_the_pbx_on_the_page(
    allowed: Asterisk, office: Office
) -> None:
    log_in_again(allowed)
    page = office.at("101").page
    menu = page.locator("#availability details")
    unknown = menu.get_by_text("The phone system does not know your pauses")
    expect(unknown).to_have_count(0, timeout=30_000)
    expect(menu).to_have_attribute("data-state", "available", timeout=60_000)

    menu.locator("summary").click()
    menu.locator("[data-reason=lunch]").click()
    expect(menu).to_have_attribute("data-state", "paused")
    # The page has the pause once the PBX has it.
    assert all("paused:lunch" in line for line in members(allowed, "support"))
    menu.locator("summary").click()
    menu.locator("[data-availability=available]").click()
    expect(menu).to_have_attribute("data-state", "available")
    assert not any("paused" in line for line in members(allowed, "support"))

    allowed.run_console("queue pause member PJSIP/101 queue support reason training")
    expect(page.locator("#availability")).to_contain_text("support", timeout=10_000)
    allowed.run_console("queue unpause member PJSIP/101 queue support")
    expect(page.locator("#availability")).not_to_contain_text("support", timeout=10_000)

    # As desk phones do: in all queues, without a reason.
    for interface in ("PJSIP/101", "Local/101@from-queue/n"):
        allowed.run_console(f"queue pause member {interface}")
    expect(menu).to_have_attribute("data-state", "paused", timeout=15_000)
    for interface in ("PJSIP/101", "Local/101@from-queue/n"):
        allowed.run_console(f"queue unpause member {interface}")
    expect(menu).to_have_attribute("data-state", "available", timeout=15_000)


def log_in_again(asterisk: Asterisk) -> None:
    """End the sessions of Screenpop, which get the new classes with their next login."""
    for line in asterisk.run_console("manager show connected").splitlines():
        words = line.split()
        if words and words[0] == "screenpop":
            file_descriptor = words[4]
            asterisk.run_console(f"manager kick session {file_descriptor}")
