"""The optional dialplan of FastAGI on a real Asterisk: who calls, and a Screenpop that hangs."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pbx_lab.asterisk import Asterisk
from pbx_lab.configuration import ASTERISK_CONF
from pbx_lab.stage import Stage
from tests.pbx.staff import Office

SAMPLE = "screenpop-agi.conf"
AGI = "127.0.0.1:4573"
REZA = "09123456789"
ASKS, LAST_AGENT = "02191000901", "02191000902"
VALUES = {
    "status": "SCREENPOP_STATUS",
    "tier": "SCREENPOP_TIER",
    "language": "CHANNEL(language)",
    "priority": "QUEUE_PRIO",
    "agent": "SCREENPOP_AGENT",
    "name": "CALLERID(name)",
}
KEPT = "".join(f" same => n,Set(DB(asked/{key})=${{{name}}})\n" for key, name in VALUES.items())
DIALPLAN = f"""
[from-trunk](+)
exten => {ASKS},1,Gosub(screenpop-ask,s,1)
 same => n,Gosub(screenpop-priority,s,1)
 same => n,Gosub(screenpop-greeting,s,1)
{KEPT} same => n,Dial(PJSIP/101,20,tT)
 same => n,Hangup()
exten => {LAST_AGENT},1,Gosub(screenpop-ask,s,1)
 same => n,Gosub(screenpop-last-agent,s,1(PJSIP))
 same => n,Dial(PJSIP/103,20,tT)
 same => n,Hangup()
"""


@contextmanager
def dialplan(asterisk: Asterisk, address: str = AGI) -> Iterator[None]:
    """Install the sample as an administrator does, and remove it at the end."""
    folder = asterisk.folder / "etc"
    extensions = folder / "extensions.conf"
    before = extensions.read_text()
    text = (ASTERISK_CONF / "optional" / SAMPLE).read_text().replace(AGI, address)
    (folder / SAMPLE).write_text(text)
    (folder / "asks.conf").write_text(DIALPLAN)
    extensions.write_text(f"{before}\n#include {SAMPLE}\n#include asks.conf\n")
    asterisk.run_console("dialplan reload", "database deltree asked")
    try:
        yield
    finally:
        extensions.write_text(before)
        asterisk.run_console("dialplan reload", "database deltree asked")


def learned(asterisk: Asterisk) -> dict[str, str]:
    """What the dialplan knew of the last caller."""
    answers = {key: asterisk.run_console(f"database get asked {key}") for key in VALUES}
    return {key: text.partition("Value: ")[2].strip() for key, text in answers.items()}


def talk(stage: Stage, did: str, phone: str, caller: str = REZA, name: str = "") -> None:
    """A caller talks to this phone, then hangs up."""
    stage.phone(phone, 0.2)
    customer = stage.call(did, caller, name)
    stage.until_talks(phone)
    stage.people_talk()
    stage.hang_up(customer)
    stage.settle()


def test_the_dialplan_knows_the_caller_and_dials_the_agent_of_the_last_talk(
    asterisk: Asterisk, office: Office, stage: Stage
) -> None:
    before = office.product.newest_call()
    with dialplan(asterisk):
        talk(stage, ASKS, "101")
        found = learned(asterisk)
        assert found["status"] == "found"
        assert (found["tier"], found["language"], found["priority"]) == ("gold", "fa", "10")
        assert "Karimi" in found["name"]
        [call] = office.product.calls_after(before, 1)
        # The question is no part of the call: one leg, answered by the phone.
        assert [leg["endpoint"] for leg in call["legs"]] == ["101"]
        assert office.product.ask("/api/v1/calls")["calls"][0]["disposition"] == "answered"
        # 103 would be dialled without an answer of Screenpop.
        talk(stage, LAST_AGENT, "101")


def test_a_stranger_a_hidden_number_and_garbage_get_through(
    asterisk: Asterisk, office: Office, stage: Stage
) -> None:
    assert office.product.url
    with dialplan(asterisk):
        for caller, name, status in (
            ("02122334455", "", "unknown"),
            ("anonymous", "Anonymous", "withheld"),
            ("0912%24%7BEXTEN%7D%7C", "${{SHELL(id)}} | , ; & ]", "unknown"),
        ):
            talk(stage, ASKS, "101", caller, name)
            found = learned(asterisk)
            assert (found["status"], found["priority"], found["agent"]) == (status, "0", "")


@contextmanager
def silent_socket() -> Iterator[str]:
    """Accept connections and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def closed_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    yield f"127.0.0.1:{port}"


@pytest.mark.parametrize("place", [silent_socket, closed_port])
def test_a_call_goes_on_where_nothing_answers(
    asterisk: Asterisk, stage: Stage, place: Callable[[], Iterator[str]]
) -> None:
    with place() as address, dialplan(asterisk, address):  # type: ignore[attr-defined]
        talk(stage, ASKS, "101")
        found = learned(asterisk)
        assert (found["status"], found["priority"], found["name"]) == ("", "0", "")
        # Nothing is left that waits for the silent server.
        assert asterisk.is_idle()


def test_a_call_goes_on_while_screenpop_is_stopped(
    asterisk: Asterisk, office: Office, stage: Stage
) -> None:
    process = office.product._process
    assert process is not None
    with dialplan(asterisk):
        os.kill(process.pid, signal.SIGSTOP)
        try:
            talk(stage, ASKS, "101")
            assert learned(asterisk)["status"] == ""
        finally:
            os.kill(process.pid, signal.SIGCONT)
        office.product.until_live()
        talk(stage, ASKS, "101")
        assert learned(asterisk)["status"] == "found"
