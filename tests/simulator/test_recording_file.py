"""Which files ``screenpop replay`` can read, and the sentence for each kind that it cannot."""

import gzip
import re
from io import StringIO
from pathlib import Path

import orjson
import pytest

from screenpop.simulator.recording import timed_messages
from screenpop.simulator.recording_file import RecordingError, parse_recording, read_recording
from screenpop.simulator.replay_report import print_changes, recording_records
from screenpop.telephony.identifiers import Endpoint
from tests.each import each

SCENARIOS = Path(__file__).parents[1] / "scenarios"
RECORDINGS = sorted(SCENARIOS.glob("[12][0-9]/*.ami"))
ANSWERED = (SCENARIOS / "22" / "direct_answered.ami").read_bytes()
PHONES = frozenset(map(Endpoint, ("101", "102")))
UP = b"""Asterisk Call Manager/11.0.0
Response: Success
Message: Authentication accepted

Event: Newchannel
Channel: PJSIP/trunk-00000001
ChannelState: 4
CallerIDNum: 09120000001
Exten: 02191000101
Uniqueid: 1800000000.1
Linkedid: 1800000000.1

""".replace(b"\n", b"\r\n")
"""A login that sees one call begin and nothing more."""
ASTERISK_11 = b"""Asterisk Call Manager/1.3
Response: Success
Message: Authentication accepted

Event: Newchannel
Channel: SIP/trunk-00000001
CallerIDNum: 09120000201
Uniqueid: 1800000020.1

Event: Dial
SubEvent: Begin
Channel: SIP/trunk-00000001
Destination: SIP/101-00000002
UniqueID: 1800000020.1
DestUniqueID: 1800000020.2
Dialstring: 101

""".replace(b"\n", b"\r\n")


def rows(data: bytes) -> list[dict[str, object]]:
    return [r for r in recording_records(parse_recording(data), PHONES) if r["kind"] == "row"]


def refusal(data: bytes) -> str:
    with pytest.raises(RecordingError) as caught:
        parse_recording(data)
    return str(caught.value)


def lower_case(data: bytes) -> bytes:
    return re.sub(rb"(?m)^[A-Za-z]+:", lambda name: name[0].lower(), data)


CONSOLE = b"""Connected to Asterisk 22.10.1 currently running on pbx (pid = 1)
    -- Executing [101@from-trunk:1] Dial("PJSIP/trunk-00000000", "PJSIP/101") in new stack
  == Using SIP RTP CoS mark 5
"""
LOG = b"[2026-11-29 10:00:00] VERBOSE[77][C-1] pbx.c: Executing [101@from-trunk:1] Dial()\n"


@pytest.mark.parametrize(
    ("data", "kind", "remedy"),
    [
        (b"", "The file is empty", "log in first"),
        (b"\r\n\r\n", "The file is empty", "log in first"),
        (gzip.compress(ANSWERED), "compressed (gzip)", "gunzip"),
        (ANSWERED.decode().encode("utf-16"), "UTF-16", "log in first"),
        (ANSWERED.decode().encode("utf-16-le"), "UTF-16", "log in first"),
        (ANSWERED.decode().encode("utf-16-be"), "UTF-16", "log in first"),
        (lower_case(ANSWERED), "not spelt as Asterisk spells them", "log in first"),
        (ANSWERED.replace(b"\n", b""), "CR alone", "log in first"),
        (re.sub(rb"(?m)^", b"2026-11-29 10:00:00.123 ", ANSWERED), "a time", "log in first"),
        (re.sub(rb"(?m)^", b"[10:00:00] ", ANSWERED), "a time", "log in first"),
        (CONSOLE, "console or the log", "log in first"),
        (LOG, "console or the log", "log in first"),
        (b"\xd4\xc3\xb2\xa1\x02\x00\x04\x00", "network capture", "log in first"),
        (b"GET / HTTP/1.1\r\n\r\n", "no AMI events", "log in first"),
        (b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n", "no AMI", "log in first"),
    ],
)
def test_a_file_that_cannot_be_read_has_one_sentence_with_what_it_is_and_a_remedy(
    data: bytes, kind: str, remedy: str
) -> None:
    sentence = refusal(data)
    assert kind in sentence
    assert remedy in sentence
    assert "0 events were read" in sentence


def test_events_whose_headers_are_all_misspelt_are_refused_with_their_number() -> None:
    headers_lower = re.sub(rb"(?m)^(?!Event|Resp)[A-Za-z]+:", lambda n: n[0].lower(), UP)
    assert "1 event read, none understood" in refusal(headers_lower)


@pytest.mark.parametrize(
    "data", [ASTERISK_11, ASTERISK_11.partition(b"\r\n")[2], ASTERISK_11.replace(b"\r\n", b"\n")]
)
def test_a_recording_of_asterisk_11_makes_no_rows_and_names_the_version_needed(data: bytes) -> None:
    sentence = refusal(data)
    assert "Asterisk 11 or older" in sentence
    assert "needs Asterisk 12 or newer" in sentence
    assert "2 events read, none used" in sentence


def test_crlf_and_then_lf_is_read_whole_with_a_note() -> None:
    at = ANSWERED.index(b"\r\n", 900) + 2
    mixed = ANSWERED[:at] + ANSWERED[at:].replace(b"\r\n", b"\n")
    recording = parse_recording(mixed)
    assert "mixed" in recording.notes[0]
    assert recording.counts == parse_recording(ANSWERED).counts
    assert rows(mixed) == rows(ANSWERED)


@pytest.mark.parametrize(
    "changed",
    [
        ANSWERED.replace(b"\r\n", b"\n"),
        b"\xef\xbb\xbf" + ANSWERED,
        ANSWERED.rstrip(b"\r\n") + b"\r\n",
    ],
    ids=["LF", "UTF-8 mark", "last blank line trimmed"],
)
def test_what_an_editor_changes_without_harm_is_read_as_before(changed: bytes) -> None:
    assert rows(changed) == rows(ANSWERED)
    assert parse_recording(changed).counts == parse_recording(ANSWERED).counts


def test_a_line_feed_in_a_value_ends_no_line() -> None:
    data = (
        UP + b"Event: VarSet\r\nValue: a\n\nEvent: Hangup\nUniqueid: 1800000000.1\r\nZ: z\r\n\r\n"
    )
    recording = parse_recording(data)
    assert not recording.notes
    assert recording.counts.read == 2
    assert recording.counts.unneeded == 1


def test_events_read_are_those_understood_and_those_left_out() -> None:
    data = UP + b"Event: VarSet\r\nA: b\r\n\r\nEvent: Newstate\r\nA: b\r\n\r\nno colon\r\n\r\n"
    counts = parse_recording(data).counts
    assert (counts.read, counts.understood, counts.unneeded, counts.damaged) == (4, 1, 1, 2)
    assert counts.sentence == (
        "4 events read, 1 understood, 3 left out (1 of kinds that no call needs, 2 damaged)."
    )
    assert parse_recording(UP).counts.sentence == "1 event read, 1 understood, 0 left out."


@pytest.mark.parametrize(
    "between",
    [b"", b"Event: Newstate\r\nChannel: PJS", b"Event: Newstate\r\nChannel: PJSIP/x\r\n"],
    ids=["whole", "cut in a line", "cut between lines"],
)
def test_a_second_login_ends_the_calls_of_the_first(between: bytes) -> None:
    second = UP.replace(b"0000.1", b"0000.2").replace(b"09120000001", b"09120000002")
    recording = parse_recording(UP + between + second)
    assert "2 logins" in recording.notes[0]
    found = rows(UP + between + second)
    assert [row["caller"] for row in found] == ["09120000001", "09120000002"]
    assert all(row["estimated"] for row in found)
    out = StringIO()
    print_changes(recording, PHONES, out)
    ended = [r for r in map(orjson.loads, out.getvalue().splitlines()) if r["kind"] == "CallEnded"]
    assert [one["at"] for one in ended] == [2.0, 4.0]  # message numbers: before the second login


def test_a_second_login_without_its_banner_ends_the_calls_of_the_first() -> None:
    second = UP.replace(b"0000.1", b"0000.2").partition(b"\r\n")[2]
    assert len(rows(UP + second)) == 2
    assert len(parse_recording(UP + second).logins) == 2


@each(RECORDINGS, lambda path: f"{path.parent.name}-{path.stem}")
def test_both_ways_of_a_replay_read_every_recording(path: Path) -> None:
    recording = read_recording(path)
    assert recording.counts.understood > 0
    assert recording.counts.damaged == 0
    assert not recording.notes
    timed_messages(recording)
