"""Reading ``queue_log``: every line is an event or skipped with a reason, and calls are folded."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.audit.queue_log import (
    QueueCall,
    QueueEvent,
    QueueOutcome,
    SkippedLine,
    fold_queue_calls,
    is_interface,
    parse_queue_log,
    phone_of,
)

ANSWERED = """\
1700000000|NONE|NONE|NONE|QUEUESTART|
1700000010|1700000009.1|sales|NONE|DID|2109100070
1700000010|1700000009.1|sales|NONE|ENTERQUEUE||+989123456789|1
1700000018|1700000009.1|sales|PJSIP/102|RINGNOANSWER|8000
1700000021|1700000009.1|sales|PJSIP/101|CONNECT|11|1700000012.3|3
1700000081|1700000009.1|sales|PJSIP/101|COMPLETECALLER|11|60|1
"""


def calls(text: str) -> tuple[QueueCall, ...]:
    read = list(parse_queue_log(text.splitlines(keepends=True), UTC))
    assert not [one for one in read if isinstance(one, SkippedLine)]
    return fold_queue_calls(one for one in read if isinstance(one, QueueEvent))


def test_an_answered_call_has_its_times_number_and_agent() -> None:
    [call] = calls(ANSWERED)
    assert (call.call, call.queue, call.number) == ("1700000009.1", "sales", "+989123456789")
    assert call.outcome is QueueOutcome.ANSWERED
    assert (call.entered_at, call.connected_at, call.ended_at) == (
        1700000010.0,
        1700000021.0,
        1700000081.0,
    )
    assert call.agents == ["PJSIP/101"]


@pytest.mark.parametrize(
    ("lines", "outcome", "ended"),
    [
        (["5|c|q|NONE|ABANDON|1|1|5"], QueueOutcome.ABANDONED, 5),
        (["5|c|q|NONE|EXITWITHTIMEOUT|1|1|5"], QueueOutcome.LEFT, None),
        (["5|c|q|NONE|EXITEMPTY|1|1|5"], QueueOutcome.LEFT, None),
        (["5|c|q|NONE|EXITWITHKEY|1|1|1|5"], QueueOutcome.LEFT, None),
        ([], QueueOutcome.UNFINISHED, None),
        # It left one queue and waits in the next, where the caller gives up.
        (
            [
                "5|c|q|NONE|EXITWITHTIMEOUT|1|1|5",
                "6|c|r|NONE|ENTERQUEUE||1|1",
                "9|c|r|NONE|ABANDON",
            ],
            QueueOutcome.ABANDONED,
            9,
        ),
        (
            ["5|c|q|NONE|EXITWITHTIMEOUT|1|1|5", "6|c|r|NONE|ENTERQUEUE||1|1"],
            QueueOutcome.UNFINISHED,
            None,
        ),
        # A transfer goes on elsewhere: its end is not known here.
        (
            ["5|c|q|P/1|CONNECT|5|x|1", "8|c|q|P/1|BLINDTRANSFER|103|ctx|5|3|1"],
            QueueOutcome.ANSWERED,
            None,
        ),
        (
            ["5|c|q|P/1|CONNECT|5|x|1", "8|c|q|P/1|COMPLETEAGENT|5|3|1", "9|c|q|P/1|ABANDON"],
            QueueOutcome.ANSWERED,
            8,
        ),
    ],
)
def test_the_outcome_is_that_of_the_last_queue(
    lines: list[str], outcome: QueueOutcome, ended: int | None
) -> None:
    begin = 1_700_000_000
    text = [f"{begin}|c|q|NONE|ENTERQUEUE||210|1"]
    text += [f"{begin + int(line[0])}{line[1:]}" for line in lines]
    [call] = calls("\n".join(text))
    assert call.outcome is outcome
    assert call.ended_at == (None if ended is None else begin + ended)
    assert call.queue == "q"


def test_a_call_that_waited_when_the_file_began_is_left_out() -> None:
    assert calls("1700000005|old|sales|NONE|ABANDON|1|1|99\n") == ()


def test_dates_of_a_database_export_are_in_the_zone_of_the_office() -> None:
    lines = ["2026-11-30 09:15:02.5|c|sales|NONE|ENTERQUEUE||210|1\n"]
    [event] = parse_queue_log(lines, ZoneInfo("Asia/Tehran"))
    assert isinstance(event, QueueEvent)
    assert event.at == 1796017502.5


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("garbage", "1 of the 5 fields"),
        ("1700000000|c|sales|NONE", "4 of the 5 fields"),
        ("yesterday|c|sales|NONE|ABANDON", "does not begin with a time"),
        ("99999999999999|c|sales|NONE|ABANDON", "does not begin with a time"),
        ("0001-01-01 00:00:00|c|sales|NONE|ABANDON", "does not begin with a time"),
        ("1700000000|" + "x" * 4096 + "|q|NONE|ABANDON", "longer than 4096"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_number(line: str, reason: str) -> None:
    [first, skipped] = parse_queue_log([ANSWERED.splitlines()[0], line], UTC)
    assert isinstance(first, QueueEvent)
    assert isinstance(skipped, SkippedLine)
    assert skipped.number == 2
    assert reason in skipped.reason
    assert len(skipped.text) <= 80


def test_a_line_of_the_longest_length_is_read_and_one_more_is_not() -> None:
    line = "1700000000|c|q|NONE|ABANDON|"
    longest = line + "1" * (4096 - len(line))
    assert isinstance(next(iter(parse_queue_log([longest + "\n"], UTC))), QueueEvent)
    assert isinstance(next(iter(parse_queue_log([longest + "1\n"], UTC))), SkippedLine)


@given(st.lists(st.text(max_size=60), max_size=8))
def test_each_line_of_any_text_is_an_event_or_skipped(lines: list[str]) -> None:
    read = list(parse_queue_log(lines, UTC))
    assert len(read) == sum(bool(line.rstrip("\r\n").lstrip("\ufeff").strip()) for line in lines)
    fold_queue_calls(one for one in read if isinstance(one, QueueEvent))


@pytest.mark.parametrize(
    ("agent", "phone"),
    [
        ("PJSIP/101", "101"),
        ("Local/101@from-queue/n", "101"),
        ("SIP/trunk/0912", "trunk"),
        ("Maryam", "Maryam"),
        ("", ""),
    ],
)
def test_a_member_has_the_phone_of_its_interface(agent: str, phone: str) -> None:
    assert phone_of(agent) == phone


ODD = """\
1700000000|NONE|NONE|NONE|QUEUESTART|
1700000001|NONE|NONE|NONE|CONFIGRELOAD|
1700000002|MANAGER|sales|PJSIP/101|ADDMEMBER|
1700000003|NONE|sales|PJSIP/101|PAUSE|Mittag | Essen
1700000004|NONE|NONE|PJSIP/101|PAUSEALL|lunch
1700000005|1700000004.9|sales|PJSIP/102|PAUSE|by phone
1700000006|NONE|sales|PJSIP/101|UNPAUSE|
1700000007|NONE|NONE|PJSIP/101|UNPAUSEALL|
1700000010|1700000009.1|sales|NONE|DID|2109100070
1700000010|1700000009.1|sales|NONE|ENTERQUEUE|http://x|"Ali" <+98912>|1
1700000013|1700000009.1|sales|Ali/Sales|RINGNOANSWER|3000
1700000015|1700000009.1|sales|NONE|EXITWITHTIMEOUT|1|1|5
1700000016|1700000009.1|support|NONE|ENTERQUEUE||+98912|1
1700000020|1700000009.1|support|Agent/1001|CONNECT|4|1700000017.5|2
1700000030|1700000009.1|support|Agent/1001|BLINDTRANSFER|sales|from-internal|4|10|1
1700000031|1700000009.1|sales|NONE|ENTERQUEUE||+98912|2
1700000036|1700000009.1|sales|PJSIP/101|CONNECT|5|1700000032.7|3
1700086440|1700000009.1|sales|PJSIP/101|COMPLETEAGENT|5|86404|2
1700000100|1700000099.1|sales|NONE|ENTERQUEUE||210|1
1700000105|1700000099.1|sales|PJSIP/101|CONNECT|5|x|2
1700000110|1700000099.1|sales|PJSIP/101|ATTENDEDTRANSFER|103|ctx|5|5|1
1700000200|1700000199.1|sales|NONE|ENTERQUEUE||211|1
1700000203|1700000199.1|sales|PJSIP/101|CONNECT|3|x|2
1700000210|1700000199.1|sales|PJSIP/101|BLINDTRANSFER|support|ctx|3|7|1
1700000211|1700000199.1|support|NONE|ENTERQUEUE||211|1
1700000219|1700000199.1|support|NONE|ABANDON|1|1|8
1700000219|1700000199.1|support|NONE|ABANDON|1|1|8
1700000300|1700000299.1|sales|NONE|ENTERQUEUE||212|1
1700000304|1700000299.1|sales|NONE|EXITWITHKEY|9|1|1|4
1700000400|1700000399.1|sales|NONE|ENTERQUEUE||213|1
1700000400|1700000399.1|sales|NONE|EXITEMPTY|1|1|0
1700000401|1700000399.1|sales|NONE|ENTERQUEUE||213|1
"""
COUNTED = [
    ("1700000009.1", "sales", "answered", 10, 20, 86440, ["Agent/1001", "PJSIP/101"]),
    ("1700000099.1", "sales", "answered", 100, 105, None, ["PJSIP/101"]),
    ("1700000199.1", "sales", "answered", 200, 203, 219, ["PJSIP/101"]),
    ("1700000299.1", "sales", "left", 300, None, None, []),
    ("1700000399.1", "sales", "unfinished", 400, None, None, []),
]
"""By hand, in seconds after 1700000000: call, first queue, outcome, entered, connected, ended."""


@pytest.mark.parametrize("order", ["as written", "the newest first", "as sorted by call"])
def test_calls_of_an_odd_file_are_those_counted_by_hand_in_any_order(order: str) -> None:
    lines = ODD.splitlines()
    if order == "the newest first":
        lines.reverse()
    elif order == "as sorted by call":
        lines.sort(key=lambda line: line.split("|")[1])
    begin = 1_700_000_000
    found = [
        (
            call.call,
            call.queue,
            call.outcome.value,
            call.entered_at - begin,
            None if call.connected_at is None else call.connected_at - begin,
            None if call.ended_at is None else call.ended_at - begin,
            call.agents,
        )
        for call in calls("\r\n".join(lines))
    ]
    assert found == COUNTED


@pytest.mark.parametrize("cut", range(0, 33, 4))
def test_rotated_file_has_the_calls_that_entered_after_it_began(cut: int) -> None:
    found = {call.call for call in calls("\n".join(ODD.splitlines()[cut:]))}
    entered = {
        line.split("|")[1] for line in ODD.splitlines()[cut:] if line.split("|")[4] == "ENTERQUEUE"
    }
    assert found == entered


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("PJSIP/101", True),
        ("local/101@from-queue/n", True),
        ("Agent/1001", False),
        ("Ali/Sales", False),
        ("PJSIP/", False),
        ("Maryam", False),
    ],
)
def test_member_is_an_interface_only_with_a_channel_technology(agent: str, named: bool) -> None:
    assert is_interface(agent) is named
