"""The PBX restarts, dies, or its line falls silent, while a phone rings and while people talk."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from pbx_lab.asterisk import Asterisk
from pbx_lab.network import packets_dropped
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage, wait_until
from tests.pbx.agent_page import AgentPage
from tests.pbx.staff import Office

KNOWN_WITHIN_S = 7.0
PICKED_UP_AFTER_S = 1.5
DID = "02191001101"

Blow = Callable[[Asterisk], AbstractContextManager[None]]


@contextmanager
def restarted(asterisk: Asterisk) -> Iterator[None]:
    """`core restart now`: it sends a goodbye, and is back as soon as it can."""
    asterisk.run_console("core restart now")
    yield
    wait_until(asterisk.accepts, "Asterisk did not come back", 20)
    asterisk.run_console("core waitfullybooted")


@contextmanager
def killed(asterisk: Asterisk) -> Iterator[None]:
    """It dies without a word and is started anew."""
    asterisk.stop()
    yield
    asterisk.start()


@contextmanager
def frozen(asterisk: Asterisk) -> Iterator[None]:
    """Its machine hangs for a while; no connection breaks."""
    assert asterisk.process is not None
    asterisk.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        asterisk.process.send_signal(signal.SIGCONT)


@contextmanager
def unheard(_: Asterisk) -> Iterator[None]:
    """Its calls go on, but no packet of AMI comes through any more."""
    with packets_dropped():
        yield


def under_way(office: Office, stage: Stage, moment: str) -> SipLeg:
    """Ring or talk at 101 with its card on the page; give the customer's leg."""
    stage.phone("101", None if moment == "ringing" else 0.6)
    customer = stage.call(DID)
    office.at("101").until(customer.invite.at, what="card", state=moment)
    return customer


def check_band_on_every_page(office: Office, struck: float) -> None:
    """The red band, with the time since when, within the limit, on every desk."""
    for agent_page in office.all_agent_pages:
        band = agent_page.until(struck, KNOWN_WITHIN_S + 3, what="band")
        assert band.at - struck < KNOWN_WITHIN_S, f"{agent_page.name} was told late"
        assert any(digit in band.all for digit in "0123456789۰۱۲۳۴۵۶۷۸۹"), band.all


def check_no_band_on_any_page(office: Office, struck: float) -> None:
    """The band goes as soon as the link is live again."""
    office.product.until_live()
    for agent_page in office.all_agent_pages:
        agent_page.until(struck, what="no band")


def the_next_call_works(office: Office, asterisk: Asterisk) -> None:
    agent_page = office.at("101")
    with Stage(asterisk) as stage:
        stage.phone("101", PICKED_UP_AFTER_S)
        customer = stage.call(DID)
        picked_up = stage.until_talks("101").answered
        card = agent_page.until(customer.invite.at, what="card", state="ringing")
        assert picked_up is not None
        assert card.at < picked_up.at
        assert "Karimi" in card.name
        agent_page.until(customer.invite.at, what="card", state="talking")
        stage.hang_up(customer)


def the_only_row(office: Office, number: int) -> dict[str, Any]:
    """Of the call that was under way; the next call's is the second."""
    first, _ = office.product.calls_after(number, 2)
    entry: dict[str, Any] = first["entry"]
    return entry


def quiet(agent_page: AgentPage) -> None:
    wait_until(agent_page.is_quiet, f"{agent_page.name} still has a live card", 5)


@pytest.mark.parametrize("moment", ["ringing", "talking"])
@pytest.mark.parametrize("blow", [restarted, killed], ids=["restarted", "killed"])
def test_a_pbx_that_goes_down_takes_its_calls_with_it(
    office: Office, asterisk: Asterisk, blow: Blow, moment: str
) -> None:
    number = office.product.newest_call()
    with Stage(asterisk) as stage:
        under_way(office, stage, moment)
        struck = time.time()
        with blow(asterisk):
            check_band_on_every_page(office, struck)
    check_no_band_on_any_page(office, struck)
    quiet(office.at("101"))
    the_next_call_works(office, asterisk)
    entry = the_only_row(office, number)
    assert entry["did"] == DID
    assert entry["estimated"] is (blow is killed)
    assert (entry["disposition"] == "answered") is (moment == "talking")
    assert struck - 5 < entry["ended_at"] < time.time()


@pytest.mark.parametrize("moment", ["ringing", "talking"])
def test_a_pbx_that_hangs_and_wakes_has_its_calls_still(
    office: Office, asterisk: Asterisk, moment: str
) -> None:
    number = office.product.newest_call()
    agent_page = office.at("101")
    with Stage(asterisk) as stage:
        customer = under_way(office, stage, moment)
        struck = time.time()
        with frozen(asterisk):
            check_band_on_every_page(office, struck)
        check_no_band_on_any_page(office, struck)
        assert not agent_page.is_quiet(), "the call is still on"
        if moment == "ringing":
            stage.give_up(customer)
        else:
            stage.hang_up(customer)
        quiet(agent_page)
    the_next_call_works(office, asterisk)
    entry = the_only_row(office, number)
    assert entry["disposition"] == ("abandoned" if moment == "ringing" else "answered")


@pytest.mark.parametrize("moment", ["ringing", "talking"])
def test_a_call_that_ends_unheard_leaves_no_card_and_one_row_marked_so(
    office: Office, asterisk: Asterisk, moment: str
) -> None:
    number = office.product.newest_call()
    with Stage(asterisk) as stage:
        customer = under_way(office, stage, moment)
        struck = time.time()
        with unheard(asterisk):
            check_band_on_every_page(office, struck)
            if moment == "ringing":
                stage.give_up(customer)
            else:
                stage.hang_up(customer)
            stage.until_over(customer)
        check_no_band_on_any_page(office, struck)
        quiet(office.at("101"))
    the_next_call_works(office, asterisk)
    entry = the_only_row(office, number)
    assert entry["estimated"] is True
    assert (entry["disposition"] == "answered") is (moment == "talking")


def test_a_call_that_is_answered_unheard_is_a_talk_when_the_line_is_back(
    office: Office, asterisk: Asterisk
) -> None:
    number = office.product.newest_call()
    agent_page = office.at("101")
    with Stage(asterisk) as stage:
        stage.phone("101", KNOWN_WITHIN_S + 2)
        customer = stage.call(DID)
        agent_page.until(customer.invite.at, what="card", state="ringing")
        struck = time.time()
        with unheard(asterisk):
            check_band_on_every_page(office, struck)
            stage.until_talks("101")
        check_no_band_on_any_page(office, struck)
        talking = agent_page.until(struck, what="card", state="talking")
        assert "Karimi" in talking.name
        stage.hang_up(customer)
        quiet(agent_page)
    [call] = office.product.calls_after(number, 1)
    assert (call["entry"]["disposition"], call["entry"]["answered_by"]) == ("answered", ["101"])
