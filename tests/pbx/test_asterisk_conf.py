"""The fragments of asterisk_conf/ on a real Asterisk: enough comes through, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pbx_lab.ami import AmiLine
from pbx_lab.configuration import ASTERISK_CONF, SECRET
from pbx_lab.stage import Stage
from screenpop.asterisk.ami_events import WANTED_EVENTS

ANSWERS = {
    "CoreShowChannel",
    "CoreShowChannelsComplete",
    "QueueParams",
    "QueueMember",
    "QueueEntry",
    "QueueStatusComplete",
}
FRAGMENT = (ASTERISK_CONF / "manager.d/screenpop.conf").read_text(encoding="utf-8")


def filtered_names() -> set[str]:
    """The events named by the active lines."""
    lines = re.findall(
        r"^eventfilter = \^Event: \(?([\w|]+)\)?\[\[:space:]]$", FRAGMENT, re.MULTILINE
    )
    return {name for line in lines for name in line.split("|")}


def exact_names() -> set[str]:
    """The events named by the commented alternative."""
    return set(re.findall(r"^;eventfilter\(name\((\w+)\)\) =$", FRAGMENT, re.MULTILINE))


@pytest.fixture
def listener(stage: Stage) -> Iterator[AmiLine]:
    """Screenpop's own user, logged in."""
    line = AmiLine("screenpop", SECRET)
    yield line
    line.close()


def events(line: AmiLine) -> list[str]:
    """All events so far, as text."""
    parts = line.bytes.decode("utf-8", "replace").split("\r\n\r\n")
    return [part for part in parts if part.startswith("Event: ")]


def names(line: AmiLine) -> set[str]:
    """Their names."""
    return {event.splitlines()[0].removeprefix("Event: ") for event in events(line)}


def test_everything_the_tracker_reads_passes_the_filter() -> None:
    assert filtered_names() >= WANTED_EVENTS


def test_both_ways_of_writing_name_the_same_events() -> None:
    assert exact_names() == filtered_names()


def test_no_line_is_longer_than_asterisk_reads() -> None:
    assert max(map(len, FRAGMENT.splitlines())) < 8192


def test_a_queue_call_arrives_with_the_clock_of_the_pbx(stage: Stage, listener: AmiLine) -> None:
    stage.phone("101")
    stage.phone("102", None)
    customer = stage.call("02191001700")
    stage.until_talks("101")
    stage.until_stops("102")
    stage.hang_up(customer)
    listener.until(rb"Event: Hangup\r\n(?:[^\r]+\r\n)*?Channel: PJSIP/trunk-")
    seen = names(listener)
    assert {"Newchannel", "DialBegin", "DialEnd", "AgentCalled", "AgentConnect", "Hangup"} <= seen
    assert seen <= filtered_names()
    assert all("\r\nTimestamp: " in e for e in events(listener) if "FullyBooted" not in e)


@pytest.mark.defends("ami-bytes")
def test_a_name_that_looks_like_an_event_lets_nothing_through(
    stage: Stage, listener: AmiLine
) -> None:
    stage.phone("101")
    customer = stage.call("02191000101", name="Event: Newexten Event: DeviceStateChange")
    stage.until_talks("101")
    stage.hang_up(customer)
    listener.until(rb"Event: Hangup\r\n(?:[^\r]+\r\n)*?Channel: PJSIP/trunk-")
    assert names(listener) <= filtered_names()


def test_answers_to_questions_are_whole(stage: Stage, listener: AmiLine) -> None:
    stage.phone("101", None)
    stage.phone("102", None)
    customer = stage.call("02191001700")
    stage.until_rings("101")
    stage.until_rings("102")
    assert b"Response: Success" in listener.send("CoreStatus")
    listener.ask("CoreShowChannels", b"CoreShowChannelsComplete")
    listener.ask("QueueStatus", b"QueueStatusComplete")
    stage.hang_up(customer)
    assert names(listener) >= ANSWERS


@pytest.mark.defends("ami-rights")
@pytest.mark.parametrize(
    ("action", "values"),
    [
        ("Originate", {"Channel": "PJSIP/101", "Exten": "102", "Context": "from-internal"}),
        ("Redirect", {"Channel": "PJSIP/101-00000000", "Exten": "102"}),
        ("Hangup", {"Channel": "PJSIP/101-00000000"}),
        ("Command", {"Command": "core show version"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("QueuePause", {"Interface": "PJSIP/101", "Paused": "true"}),
    ],
)
def test_it_cannot_touch_anything(listener: AmiLine, action: str, values: dict[str, str]) -> None:
    answer = listener.send(action, **values)
    assert b"Response: Error" in answer
    listener.until(rb"Message: Permission denied")
