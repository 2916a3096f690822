import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.asterisk.ami_framing import (
    HEAD,
    MAX_HEADERS,
    MAX_LINE_BYTES,
    MAX_MESSAGE_BYTES,
    MAX_PROBLEMS,
    AmiFramer,
    BadReason,
    FramingCounters,
)
from screenpop.asterisk.ami_message import AmiMessage
from tests.each import each

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("[12]*/*.ami"))
WANTED = frozenset({"DialBegin", "DialEnd", "Newstate", "Hangup", "AgentCalled"})
PARKED = b"Event: Hangup\r\nCause: 16\r\n\r\n"

Seen = tuple[list[AmiMessage], FramingCounters, list[tuple[str, bytes]]]


def fed(chunks: Iterable[bytes], wanted: frozenset[str] | None = None) -> Seen:
    framer = AmiFramer(wanted, "me-")
    messages = [message for chunk in chunks for message in framer.feed(chunk)]
    problems = [(problem.reason.value, problem.head) for problem in framer.take_problems()]
    return messages, framer.counters, problems


def cut(data: bytes, places: Iterable[int]) -> Iterator[bytes]:
    last = 0
    for place in sorted(places):
        yield data[last:place]
        last = place
    yield data[last:]


def one(data: bytes) -> AmiMessage:
    messages, _, _ = fed([data])
    [message] = messages
    return message


@pytest.mark.slow
@each(SCENARIOS, lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recording_gives_the_same_messages_whole_and_in_any_chunks(path: Path) -> None:
    data = path.read_bytes()
    whole = fed([data])
    assert whole[0], "the recording gave nothing"
    assert whole[1].kept == data.count(b"\r\n\r\n")
    assert fed(data[i : i + 1] for i in range(len(data))) == whole
    assert fed(data[i : i + 1460] for i in range(0, len(data), 1460)) == whole
    only = fed([data], WANTED)[0]
    assert only == [m for m in whole[0] if not m.event or m.event in WANTED]


PIECES = st.one_of(
    st.sampled_from(
        [
            b"\r\n\r\n",
            b"\r\n",
            b"\n",
            b"\r",
            b"\n\n",
            b"\r\n\n",
            b"ChanVariable(SIP/101-1): a=b",
            b"Event: DialBegin",
            b"Event: VarSet",
            b"Event:Hangup",
            b"Response: Success",
            b"ActionID: me-1",
            b"ActionID: other",
            b"Asterisk Call Manager/11.0.0",
            b": ",
            b":",
            b"ChanVariable: a=b",
            "CallerIDName: \u0645\u0631\u06cc\u0645".encode(),
            b"\xff\xfe",
            b"no colon here",
            b"A: " + b"x" * MAX_LINE_BYTES,
            b"y" * (MAX_MESSAGE_BYTES - 20),
            b"B: b\r\n" * MAX_HEADERS,
        ]
    ),
    st.binary(max_size=12),
)


@settings(deadline=None)
@given(
    st.lists(PIECES, max_size=24).map(b"".join),
    st.lists(st.integers(0, 200_000), max_size=12),
    st.sampled_from([None, WANTED]),
)
def test_any_bytes_give_the_same_in_any_chunks(
    data: bytes, places: list[int], wanted: frozenset[str] | None
) -> None:
    data += PARKED
    assert fed(cut(data, places), wanted) == fed([data], wanted)


def test_problems_come_in_the_order_of_the_stream_also_from_one_read() -> None:
    data = b"a" * MAX_MESSAGE_BYTES + b"b\r\n\r\n" + b"c" * (MAX_MESSAGE_BYTES + 4)
    _, counters, problems = fed([data])
    assert counters.oversized == 2
    assert [head[:1] for _, head in problems] == [b"a", b"c"]


@settings(deadline=None)
@given(st.lists(PIECES, max_size=12).map(b"".join).filter(lambda data: len(data) < 400))
def test_any_bytes_give_the_same_byte_by_byte(data: bytes) -> None:
    assert fed(data[i : i + 1] for i in range(len(data))) == fed([data])


NAMES = st.text(st.characters(codec="utf-8", exclude_characters=":\r\n"), min_size=1, max_size=20)
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=40)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=30))
def test_every_header_comes_out_as_it_was_sent(headers: list[tuple[str, str]]) -> None:
    sent = [("Event", "X"), *headers]
    data = "".join(f"{name}: {value}\r\n" for name, value in sent).encode() + b"\r\n"
    message = one(data)
    for name in {name for name, _ in sent}:
        assert list(message.all(name)) == [value for key, value in sent if key == name]


def test_the_banner_is_skipped() -> None:
    message = one(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: me-1\r\n\r\n")
    assert message.fields == {"Response": "Success", "ActionID": "me-1"}


def test_an_event_right_behind_the_banner_is_filtered_as_any_other() -> None:
    data = b"Asterisk Call Manager/11.0.0\r\nEvent: VarSet\r\n\r\nEvent: DialEnd\r\n\r\n"
    messages, counters, _ = fed([data], WANTED)
    assert [m.event for m in messages] == ["DialEnd"]
    assert counters.dropped == 1


def test_the_limit_is_the_same_behind_a_banner_whole_and_in_chunks() -> None:
    data = b"Asterisk Call Manager/11.0.0\r\nEvent: X\r\n" + b"A: " + b"a" * MAX_MESSAGE_BYTES
    data = data[: MAX_MESSAGE_BYTES + 10] + b"\r\n\r\n" + PARKED
    assert fed(data[i : i + 7] for i in range(0, len(data), 7)) == fed([data])


def test_a_line_is_split_once_so_values_keep_their_colons() -> None:
    message = one(b"Event: X\r\nCallerIDName: a: b: Event: Hangup\r\nEmpty:\r\nTight:c\r\n\r\n")
    assert message.fields["CallerIDName"] == "a: b: Event: Hangup"
    assert message.fields["Empty"] == ""
    assert message.fields["Tight"] == "c"


def test_repeated_names_keep_every_value_in_order() -> None:
    message = one(b"Event: X\r\nV: 1\r\nW: a\r\nV: 2\r\nV: 3\r\n\r\n")
    assert message.fields == {"Event": "X", "V": "1", "W": "a"}
    assert message.repeats == (("V", "2"), ("V", "3"))


def test_c_escapes_are_left_alone() -> None:
    assert one(b"Event: X\r\nName: O\\'Hara\r\n\r\n").get("Name") == "O\\'Hara"


def test_unwanted_events_are_dropped_but_answers_to_us_pass() -> None:
    messages, counters, _ = fed(
        [
            b"Event: VarSet\r\nVariable: x\r\n\r\n"
            b"Event: CoreShowChannel\r\nActionID: me-7\r\n\r\n"
            b"Event: QueueParams\r\nQueue: sales\r\nActionID: me-8\r\n\r\n"
            b"Event: CoreShowChannel\r\nActionID: other-7\r\n\r\n"
            b"Response: Error\r\nMessage: Missing action\r\n\r\n"
            b"Event: DialEnd\r\n\r\n"
        ],
        WANTED,
    )
    assert [m.event or m.response for m in messages] == [
        "CoreShowChannel",
        "QueueParams",
        "Error",
        "DialEnd",
    ]
    assert (counters.kept, counters.dropped) == (4, 2)


def test_a_callers_name_cannot_pull_an_unwanted_event_through_or_a_wanted_one_away() -> None:
    messages, _, _ = fed(
        [
            b"Event: VarSet\r\nCallerIDName: Event: DialBegin\r\n\r\n"
            b"Event: VarSet\r\nCallerIDName: ActionID: me-1\r\n\r\n"
            b"Event: DialBegin\r\nCallerIDName: Event: VarSet\r\n\r\n"
        ],
        WANTED,
    )
    assert [m.event for m in messages] == ["DialBegin"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"Event: DialBegin\r\nthis line has no colon\r\n\r\n", BadReason.MALFORMED),
        (b"Event: DialBegin\r\n: no name\r\n\r\n", BadReason.MALFORMED),
        (b"Foo: bar\r\n\r\n", BadReason.MALFORMED),
        (b"\x00\x01\x02\r\n\r\n", BadReason.MALFORMED),
        (b"Event: DialBegin\r\nA: " + b"x" * MAX_LINE_BYTES + b"\r\n\r\n", BadReason.OVERSIZED),
        (b"Event: DialBegin\r\n" + b"A: b\r\n" * MAX_HEADERS + b"\r\n", BadReason.OVERSIZED),
        (b"Event: VarSet\r\n" + b"A: bcd\r\n" * 10_000 + b"\r\n", BadReason.OVERSIZED),
        (b"z" * 3 * MAX_MESSAGE_BYTES + b"\r\n\r\n", BadReason.OVERSIZED),
    ],
)
def test_a_bad_message_is_counted_reported_once_and_skipped(bad: bytes, reason: BadReason) -> None:
    framer = AmiFramer(WANTED)
    assert [m.event for m in framer.feed(PARKED + bad + PARKED)] == ["Hangup", "Hangup"]
    [problem] = framer.take_problems()
    assert problem.reason is reason
    assert problem.head == bad.removesuffix(b"\r\n\r\n")[:HEAD]
    assert getattr(framer.counters, reason.value) == 1
    assert framer.take_problems() == ()


def test_the_limits_themselves_are_allowed() -> None:
    line = b"A: " + b"x" * (MAX_LINE_BYTES - 3)
    most = b"\r\n".join([b"Event: X", *[b"B: b"] * (MAX_HEADERS - 2), line])
    assert len(list(one(most + b"\r\n\r\n").all("B"))) == MAX_HEADERS - 2
    full = b"Event: X\r\n" + b"\r\n".join([b"C: " + b"c" * 8000] * 8)
    full += b"\r\nD: " + b"d" * (MAX_MESSAGE_BYTES - len(full) - 5)
    assert len(full) == MAX_MESSAGE_BYTES
    assert one(full + b"\r\n\r\n").event == "X"
    assert fed([full + b"d\r\n\r\n"])[1].oversized == 1


def test_bad_utf8_is_counted_and_reported_but_the_call_is_kept() -> None:
    framer = AmiFramer(WANTED)
    data = b"Event: DialBegin\r\nCallerIDNum: 101\r\nCallerIDName: Jos\xe9\r\n\r\n"
    [message] = framer.feed(data)
    assert message.fields["CallerIDName"] == "Jos\ufffd"
    assert message.fields["CallerIDNum"] == "101"
    assert framer.counters.not_utf8 == 1
    assert [p.reason for p in framer.take_problems()] == [BadReason.NOT_UTF8]


def test_persian_names_are_byte_exact() -> None:
    name = "\u0645\u0631\u06cc\u0645 \u0631\u0636\u0627\u06cc\u06cc"
    assert one(f"Event: X\r\nCallerIDName: {name}\r\n\r\n".encode()).get("CallerIDName") == name


def test_a_stream_of_bare_line_feeds_is_understood() -> None:
    data = b"Asterisk Call Manager/5.0.6\nEvent: X\nA: 1\n\nEvent: Y\r\nB: 2\r\n\r\nEvent: Z\n\n"
    assert [m.fields for m in fed([data])[0]] == [
        {"Event": "X", "A": "1"},
        {"Event": "Y", "B": "2"},
        {"Event": "Z"},
    ]


def test_a_line_feed_in_a_value_adds_no_header_and_no_message() -> None:
    data = b"Event: X\r\nChanVariable: note=a\n\nEvent: Hangup\nB: 2\r\nC: 3\r\n\r\n"
    message = one(data)
    assert message.fields == {
        "Event": "X",
        "ChanVariable": "note=a\n\nEvent: Hangup\nB: 2",
        "C": "3",
    }


def test_endless_garbage_holds_no_memory_and_is_reported_once() -> None:
    framer = AmiFramer(WANTED)
    chunk = b"\xffgarbage without an end\r\n" * 2000
    framer.feed(chunk * 3)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(400):
        assert framer.feed(chunk) == []
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 2 * MAX_MESSAGE_BYTES
    assert framer.counters.oversized == 1
    assert len(framer.take_problems()) == 1
    assert [m.event for m in framer.feed(b"\r\n" + PARKED)] == ["Hangup"]


def test_a_flood_of_different_lines_holds_little_memory() -> None:
    framer = AmiFramer(None)
    tracemalloc.start()
    for number in range(12_000):
        framer.feed(b"Event: X\r\nName: %0150d\r\n\r\n" % number)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 3_000_000


def test_a_flood_of_bad_messages_is_reported_in_part_and_counted_whole() -> None:
    framer = AmiFramer(None)
    framer.feed(b"junk\r\n\r\n" * 500)
    assert len(framer.take_problems()) == MAX_PROBLEMS
    assert framer.counters.malformed == 500


# -- ends of messages --------------------------------------------------------------------------

ENDS = st.sampled_from([b"\r\n\r\n", b"\r\n\n", b"\r\n\r\n\r\n", b"\r\n\n\n", b"\r\n\r\n\n"])
OVERSIZED = (
    b"Event: VarSet\r\nVariable: " + b"v" * (MAX_MESSAGE_BYTES + 1),
    b"Event: VarSet\r\n" + b"A: bcd\r\n" * 8_200 + b"Z: z",
    b"Event: DialBegin\r\nA: " + b"x" * MAX_LINE_BYTES,
    b"Response: Success\r\n" + b"A: b\r\n" * MAX_HEADERS + b"C: c",
    b"z" * (MAX_MESSAGE_BYTES + 5),
)
FIRST = b"Asterisk Call Manager/11.0.0\r\n"


def hangup(number: int) -> bytes:
    return b"Event: Hangup\r\nUniqueid: %d" % number


@settings(deadline=None)
@given(st.lists(ENDS, min_size=2, max_size=8))
def test_events_that_end_in_any_blank_line_all_arrive_however_the_bytes_are_split(
    ends: list[bytes],
) -> None:
    data = FIRST + b"".join(hangup(number) + end for number, end in enumerate(ends))
    whole = fed([data], WANTED)
    assert [m.get("Uniqueid") for m in whole[0]] == [str(number) for number in range(len(ends))]
    assert whole[1].malformed == 0
    for place in range(len(data)):
        assert fed([data[:place], data[place:]], WANTED) == whole
    assert fed((data[i : i + 1] for i in range(len(data))), WANTED) == whole


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(OVERSIZED),
    ENDS,
    st.lists(st.integers(0, MAX_MESSAGE_BYTES + 20_000), max_size=6),
)
def test_a_message_after_an_oversized_one_is_never_lost(
    oversized: bytes, end: bytes, places: list[int]
) -> None:
    before = FIRST + hangup(1) + b"\r\n\r\n"
    data = before + oversized + end + hangup(2) + b"\r\n\n" + hangup(3) + b"\r\n\r\n"
    whole = fed([data], WANTED)
    assert [m.get("Uniqueid") for m in whole[0]] == ["1", "2", "3"]
    assert whole[1].oversized == 1
    assert fed(cut(data, places), WANTED) == whole
    last = len(before) + len(oversized)
    for place in range(last - 6, last + len(end) + 12):
        assert fed([data[:place], data[place:]], WANTED) == whole


def test_a_list_event_that_ends_crlf_lf_does_not_swallow_the_next() -> None:
    messages, _, problems = fed(
        [
            b"Event: QueueMember\r\nActionID: me-1\r\nStatus: 1\r\n\n"
            b"Event: Hangup\r\nCause: 16\r\n\r\n"
        ],
        WANTED,
    )
    assert [m.fields for m in messages] == [
        {"Event": "QueueMember", "ActionID": "me-1", "Status": "1"},
        {"Event": "Hangup", "Cause": "16"},
    ]
    assert not problems


# -- ChanVariable(channel) ---------------------------------------------------------------------


def test_a_variable_with_its_channel_in_brackets_belongs_to_that_channel() -> None:
    message = one(
        b"Event: DialBegin\r\nChannel: SIP/trunk-1\r\nDestChannel: SIP/101-2\r\n"
        b"ChanVariable(SIP/trunk-1): CALLERID(num-pres)=prohib\r\n"
        b"ChanVariable(SIP/trunk-1): X=1\r\n"
        b"ChanVariable(SIP/101-2): CALLERID(num-pres)=allowed\r\n"
        b"ChanVariable(SIP/gone-3): X=2\r\n\r\n"
    )
    assert list(message.all("ChanVariable")) == ["CALLERID(num-pres)=prohib", "X=1", "X=2"]
    assert list(message.all("DestChanVariable")) == ["CALLERID(num-pres)=allowed"]
