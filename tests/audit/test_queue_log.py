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
