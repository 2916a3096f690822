"""What other people's PBXs sent, with the row that is right."""

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from screenpop.service.trace import Trace, trace_change
from screenpop.simulator.replay_report import RecordingReplay
from tests.asterisk.strangers import (
    GOODBYE,
    PHONES,
    REWRITTEN,
    blocks_of,
    event,
    joined,
    outcomes,
    row_of,
)

Retold = Callable[[bytes], bytes]
RING_GROUP = "ring_group_losers_cause_19"
BUSY = "do_not_disturb_busy_without_cause"
BROKEN_OFF = "feature_code_consultation_broken_off"
CUSTOMER_FIRST = "customer_first_direct"


def is_of(block: bytes, channel: str, *names: str) -> bool:
    lines = block.decode().split("\r\n")
    named = any(f"Event: {name}" in lines for name in names)
    return named and any(f"{key}: {channel}" in lines for key in ("Uniqueid", "DestUniqueid"))


def orders_of_the_answer() -> Iterator[list[bytes]]:
    """The ring group's end in every order that keeps the order of each channel."""
    blocks = blocks_of(RING_GROUP)
    first, last = 10, 16
    before, answer, after = blocks[:first], blocks[first:last], blocks[last:]
    winner = [b for b in answer if b"/102-" in b]
    losers = [[b for b in answer if f"/{phone}-".encode() in b] for phone in ("101", "103")]
    assert sorted(map(len, (winner, *losers))) == [2, 2, 2]
    seen = set()
    for turns in itertools.permutations([0, 0, 1, 1, 2, 2]):
        if turns in seen:
            continue
        seen.add(turns)
        stories = [iter(winner), iter(losers[0]), iter(losers[1])]
        yield [*before, *(next(stories[turn]) for turn in turns), *after]


@pytest.mark.parametrize("rewritten", REWRITTEN)
@pytest.mark.parametrize("cause", [16, 19, 26])
def test_losers_of_a_ring_group_are_answered_elsewhere_whatever_comes_first(
    rewritten: Retold, cause: int
) -> None:
    orders = list(orders_of_the_answer())
    assert len(orders) == 90
    for blocks in orders:
        data = joined(blocks).replace(b"Cause: 19", b"Cause: %d" % cause)
        row = row_of(rewritten(data))
        assert (row["disposition"], row["answered_by"]) == ("answered", ["102"])
        assert outcomes(row) == {
            "101": "answered_elsewhere",
            "102": "answered",
            "103": "answered_elsewhere",
        }
        assert [leg.get("by") for leg in row["legs"]] == ["102", None, "102"]


def test_losers_are_answered_elsewhere_where_no_newstate_of_the_winner_comes() -> None:
    blocks = [b for b in blocks_of(RING_GROUP) if not (b"Newstate" in b and b"State: 6" in b)]
    row = row_of(joined(blocks))
    assert outcomes(row)["101"] == outcomes(row)["103"] == "answered_elsewhere"


def test_the_trace_names_the_answering_agent_although_the_losers_stopped_before() -> None:
    """The winner's ``Newstate`` is late: a loser stops as unanswered, and is corrected."""
    blocks = next(
        blocks
        for blocks in orders_of_the_answer()
        if is_of(blocks[10], "1800000016.2", "DialEnd")
        and is_of(blocks[11], "1800000016.2", "Hangup")
    )
    replay, trace = RecordingReplay(PHONES), Trace()
    reported: list[object] = []
    for change in replay.feed(joined(blocks)):
        trace_change(trace, change, lambda _: None)
        reported += [step["reason"] for step in trace.steps[-1:] if step["step"] == "stopped"]
    assert reported[0] == "no_answer"
    stopped = [step for step in trace.steps if step["step"] == "stopped"]
    assert {(s["endpoint"], s["reason"], s["by"]) for s in stopped} == {
        ("101", "answered_elsewhere", "102"),
        ("103", "answered_elsewhere", "102"),
    }


def test_a_phone_that_stopped_before_the_next_one_was_dialled_did_not_answer() -> None:
    """A hunt through Local channels: CANCEL and cause 16 for the first, then the second rings."""
    blocks = blocks_of(RING_GROUP)
    first = [b for b in blocks if b"/101-" in b]
    second = [b for b in blocks if b"/102-" in b]
    trunk = [b for b in blocks if not any(p in b for p in (b"/101-", b"/102-", b"/103-"))]
    row = row_of(joined([trunk[0], *first, *second[:-2], *trunk[1:3], *second[-2:], *trunk[3:]]))
    assert outcomes(row) == {"101": "no_answer", "102": "answered"}


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_do_not_disturb_without_a_cause_in_the_request_is_busy(rewritten: Retold) -> None:
    row = row_of(rewritten(joined(blocks_of(BUSY))))
    assert (row["disposition"], row["answered_by"], row["legs"]) == ("busy", [], [])


def test_do_not_disturb_whose_caller_waits_for_the_pbx_to_hang_up_is_busy() -> None:
    blocks = [b for b in blocks_of(BUSY) if b"Event: HangupRequest" not in b]
    assert row_of(joined(blocks))["disposition"] == "busy"


def test_congestion_without_a_cause_in_the_request_is_no_busy_line() -> None:
    data = joined(blocks_of(BUSY)).replace(b"Cause: 17", b"Cause: 34")
    assert row_of(data)["disposition"] == "failed"


@pytest.mark.parametrize("rewritten", REWRITTEN)
def test_a_consultation_broken_off_is_no_missed_leg_of_the_customer(rewritten: Retold) -> None:
    row = row_of(rewritten(joined(blocks_of(BROKEN_OFF))))
    assert (row["disposition"], row["answered_by"]) == ("answered", ["101"])
    assert outcomes(row) == {"101": "answered", "102": "cancelled"}
    assert row["legs"][1]["by"] == "101"


def test_a_consultation_is_known_by_its_number_where_the_bridge_comes_late() -> None:
    blocks = blocks_of(BROKEN_OFF)
    late = [b for b in blocks if b"BridgeUniqueid: c" in b and b"BridgeEnter" in b]
    rest = [b for b in blocks if b not in late]
    at = next(i for i, b in enumerate(rest) if is_of(b, "1800000018.5", "DialEnd"))
    row = row_of(joined([*rest[:at], *late, *rest[at:]]))
    assert (outcomes(row)["102"], row["legs"][1]["by"]) == ("cancelled", "101")


def test_a_consulted_phone_that_is_busy_is_reported_as_busy() -> None:
    blocks = [
        b.replace(b"DialStatus: CANCEL", b"DialStatus: BUSY").replace(b"Cause: 16", b"Cause: 17")
        if is_of(b, "1800000018.5", "DialEnd", "Hangup")
        else b
        for b in blocks_of(BROKEN_OFF)
    ]
    assert outcomes(row_of(joined(blocks)))["102"] == "busy"


@pytest.mark.parametrize(
    "dial_string",
    [
        "09123456789@trunk",
        "trunk/09123456789",
        "trunk/sip:09123456789@203.0.113.5:5060",
        "PJSIP/09123456789@trunk",
    ],
)
def test_a_dialler_that_calls_the_customer_first_makes_an_outbound_call(dial_string: str) -> None:
    data = joined(blocks_of(CUSTOMER_FIRST))
    row = row_of(data.replace(b"09123456789@trunk", dial_string.encode()))
    assert (row["direction"], row["called"], row["caller"]) == (
        "outbound",
        "09123456789",
        "09123456789",
    )
    assert (row["disposition"], row["answered_by"]) == ("answered", ["101"])
    assert outcomes(row) == {"trunk": "answered", "101": "answered"}


@pytest.mark.parametrize("rewritten", REWRITTEN[1:])
def test_another_driver_gives_the_same_customer_first_call(rewritten: Retold) -> None:
    data = joined(blocks_of(CUSTOMER_FIRST))
    expected = {**row_of(data), "call": ""}
    assert {**row_of(rewritten(data)), "call": ""} == expected


def test_the_companys_own_number_is_no_caller_where_the_dial_string_names_none() -> None:
    data = joined(blocks_of(CUSTOMER_FIRST)).replace(b"09123456789@trunk", b"trunk")
    row = row_of(data)
    assert (row["direction"], row["caller"], row["called"]) == ("outbound", None, None)


def test_a_trunk_that_rings_before_its_dialbegin_came_is_no_caller() -> None:
    blocks = blocks_of(CUSTOMER_FIRST)
    begin = next(b for b in blocks if is_of(b, "1795916165.0", "DialBegin"))
    rang = next(b for b in blocks if is_of(b, "1795916165.0", "Newstate"))
    rest = [b for b in blocks if b not in (begin, rang)]
    at = next(i for i, b in enumerate(rest) if is_of(b, "1795916165.0", "NewConnectedLine"))
    row = row_of(joined([*rest[: at + 1], rang, begin, *rest[at + 1 :]]))
    assert (row["direction"], row["called"]) == ("outbound", "09123456789")


def click_to_call(*, connected: str, dial_string: str) -> bytes:
    """101's own phone first, then a trunk; ``connected`` is what the program gave as caller id."""
    own: dict[str, object] = {"Uniqueid": "9.1", "Linkedid": "9.1", "Channel": "SIP/101-0000000a"}
    out: dict[str, object] = {"Uniqueid": "9.2", "Linkedid": "9.1", "Channel": "SIP/line-0000000b"}
    to_own = {f"Dest{key}": value for key, value in own.items()}
    to_out = {f"Dest{key}": value for key, value in out.items()}
    return joined(
        [
            event("Newchannel", **own, ChannelState=0, CallerIDNum="101", Exten="s"),
            event("DialBegin", **to_own, DestConnectedLineNum=connected, DialString="101"),
            event("Newstate", **own, ChannelState=5),
            event("Newstate", **own, ChannelState=6),
            event("DialEnd", **to_own, DialStatus="ANSWER"),
            event("Newchannel", **out, ChannelState=0, Exten="s"),
            event("DialBegin", **own, **to_out, DestCallerIDNum="s", DialString=dial_string),
            event("Newstate", **out, ChannelState=5),
            event("Newstate", **out, ChannelState=6),
            event("DialEnd", **own, **to_out, DialStatus="ANSWER"),
            event("BridgeEnter", **out, BridgeUniqueid="b", BridgeType="basic"),
            event("BridgeEnter", **own, BridgeUniqueid="b", BridgeType="basic"),
            event("Hangup", **out, Cause=16),
            event("Hangup", **own, Cause=16),
            GOODBYE,
        ]
    )


@pytest.mark.parametrize(
    ("connected", "dial_string", "called"),
    [
        ("02191000101", "line/09123456789", "09123456789"),  # the company's number is shown
        ("s", "line/09123456789", "09123456789"),
        ("09123456789", "line/909123456789", "09123456789"),  # the trunk wants a 9 before it
        ("09123456789", "line", "09123456789"),
    ],
)
def test_click_to_call_is_to_the_number_that_is_really_dialled(
    connected: str, dial_string: str, called: str
) -> None:
    row = row_of(click_to_call(connected=connected, dial_string=dial_string))
    assert (row["direction"], row["caller"], row["called"]) == ("outbound", "101", called)
    assert row["answered_by"] == ["line"]


def test_a_mobile_behind_a_trunk_is_reported_with_the_number_dialled() -> None:
    row = row_of(click_to_call(connected="s", dial_string="09121112233@line"))
    assert row["legs"][1] == {"endpoint": "line", "outcome": "answered", "dialled": "09121112233"}


def local_halves_first(shuffle: random.Random) -> bytes:
    """Originate to Local/number: the dialling behind it is sent before the Local channel's own."""
    one: dict[str, object] = {"Uniqueid": "8.1", "Linkedid": "8.1"}
    two: dict[str, object] = {"Uniqueid": "8.2", "Linkedid": "8.1"}
    out: dict[str, object] = {
        "Uniqueid": "8.3",
        "Linkedid": "8.1",
        "Channel": "PJSIP/line-00000001",
    }
    one["Channel"] = "Local/09123456789@dialler-00000001;1"
    two["Channel"] = "Local/09123456789@dialler-00000001;2"
    begins = [
        event(
            "DialBegin",
            **{f"Dest{key}": value for key, value in one.items()},
            DestConnectedLineNum="02191000101",
            DialString="09123456789@dialler",
        ),
        event(
            "DialBegin",
            **two,
            CallerIDNum="02191000101",
            **{f"Dest{key}": value for key, value in out.items()},
            DialString="line/sip:09123456789@203.0.113.5",
        ),
    ]
    shuffle.shuffle(begins)
    return joined(
        [
            event("Newchannel", **one, ChannelState=0, Exten="09123456789"),
            event("Newchannel", **two, ChannelState=4, CallerIDNum="02191000101"),
            event("Newchannel", **out, ChannelState=0, Exten="s"),
            *begins,
            event("Newstate", **out, ChannelState=5),
            event("DialEnd", **{f"Dest{k}": v for k, v in out.items()}, DialStatus="NOANSWER"),
            event("Hangup", **out, Cause=19),
            event("Hangup", **two, Cause=19),
            event("Hangup", **one, Cause=19),
            GOODBYE,
        ]
    )


@pytest.mark.parametrize("seed", range(4))
def test_an_originated_local_channel_is_outbound_in_either_order(seed: int) -> None:
    row = row_of(local_halves_first(random.Random(seed)))
    assert (row["direction"], row["called"], row["disposition"]) == (
        "outbound",
        "09123456789",
        "no_answer",
    )
