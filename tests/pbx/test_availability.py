"""Pauses and calls from a page on a real Asterisk, with the optional files of asterisk_conf."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, expect

from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import ASTERISK_CONF, SECRET
from pbx_lab.network import packets_dropped
from pbx_lab.stage import Stage, wait_until
from screenpop.ami.agent_actions import AgentActions
from screenpop.ami.client import AmiClient
from screenpop.ami.config import AmiConfig
from screenpop.ami.link_state import LinkState
from screenpop.service.availability_ports import ActionOutcome, Originate, PbxRights, QueuePause
from screenpop.telephony.identifiers import Endpoint, PbxId
from tests.pbx.staff import Office

LAB = PbxId("lab")
INTERFACES = ("PJSIP/101", "Local/101@from-queue/n", "Local/101@agents")
"""The members of 101 in all queues of the lab that have one."""
UNKNOWN = "The phone system does not know your pauses"


@contextmanager
def optional_classes(asterisk: Asterisk) -> Iterator[None]:
    """Install both optional fragments as an administrator does, and remove them at the end.

    With them, the wrap-up after a call pauses its agent in the queues that later tests call.
    """
    folder = asterisk.folder / "etc/manager.d"
    names = ("screenpop.pause.conf", "screenpop.place-calls.conf")
    for name in names:
        shutil.copy(ASTERISK_CONF / "optional" / name, folder / name)
    asterisk.run_console("manager reload")
    try:
        yield
    finally:
        for name in names:
            (folder / name).unlink()
        asterisk.run_console("manager reload")


@pytest.fixture
def allowed(asterisk: Asterisk) -> Iterator[Asterisk]:
    """Asterisk with the optional classes for users that log in during the test."""
    with optional_classes(asterisk):
        yield asterisk


@pytest.fixture
def pausing_office(asterisk: Asterisk, office: Office) -> Iterator[Office]:
    """The product, logged in with the optional classes; afterwards logged in without them."""
    with optional_classes(asterisk):
        log_in_again(office)
        yield office
    log_in_again(office)
    expect(office.at("101").page.get_by_text(UNKNOWN)).to_have_count(1)


def log_in_again(office: Office) -> None:
    """Break the product's connection to AMI and wait until it has a new one.

    A session keeps the classes that its user had at the login. Each page has seen the link lost
    and live again, so nothing that follows can be of the old session.
    """
    struck = time.time()
    with packets_dropped():
        lost = [agent_page.until(struck, what="band") for agent_page in office.all_agent_pages]
    office.product.until_live()
    for agent_page, band in zip(office.all_agent_pages, lost, strict=True):
        agent_page.until(band.at, what="no band")


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


def test_pause_of_the_page_is_in_queue_show_and_pause_of_the_pbx_on_the_page(
    pausing_office: Office, asterisk: Asterisk
) -> None:
    page = pausing_office.at("101").page
    menu = page.locator("#availability details")
    expect(menu.get_by_text(UNKNOWN)).to_have_count(0)
    expect(menu).to_have_attribute("data-state", "available", timeout=60_000)

    choose(menu, "[data-reason=lunch]")
    expect(menu).to_have_attribute("data-state", "paused")
    # The page has the pause once the PBX has it.
    for queue in ("support", "700"):
        assert all("paused:lunch" in line for line in members(asterisk, queue))
    choose(menu, "[data-availability=available]")
    expect(menu).to_have_attribute("data-state", "available")
    # The PBX reports an interface as available before the other one is unpaused.
    wait_until(
        lambda: (
            not any(
                "paused" in line
                for queue in ("support", "700")
                for line in members(asterisk, queue)
            )
        ),
        "a member of 101 is still paused",
    )

    # A pause in one queue of several is displayed only.
    asterisk.run_console("queue pause member PJSIP/101 queue support reason training")
    expect(menu).to_contain_text("support")
    expect(menu).to_have_attribute("data-state", "available")
    asterisk.run_console("queue unpause member PJSIP/101 queue support")
    expect(menu).not_to_contain_text("support")

    # As a desk phone does it: in all queues, without a reason.
    for interface in INTERFACES:
        asterisk.run_console(f"queue pause member {interface}")
    expect(menu).to_have_attribute("data-state", "paused")
    for interface in INTERFACES:
        asterisk.run_console(f"queue unpause member {interface}")
    expect(menu).to_have_attribute("data-state", "available")


def choose(menu: Locator, choice: str) -> None:
    menu.locator("summary").click()
    menu.locator(choice).click()
