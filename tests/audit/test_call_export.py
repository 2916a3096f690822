"""Call exports of Asterisk, FreePBX, Issabel, 3CX and others, and files that are none."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.audit.call_export import ExportedCall, read_calls
from screenpop.audit.cdr import CdrError
from screenpop.audit.queue_log import SkippedLine

ATHENS = ZoneInfo("Europe/Athens")
AT = 1796022902.0
MASTER = (
    '"","09123456789","700","from-trunk","""Ali"" <0912>","PJSIP/t-1","PJSIP/101-2","Dial",'
    '"PJSIP/101","2026-11-30 09:15:02","2026-11-30 09:15:12","2026-11-30 09:16:02",60,50,'
    '"ANSWERED","DOCUMENTATION","1796017502.1",""\n'
)
FREEPBX = (
    "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,"
    "disposition,amaflags,accountcode,uniqueid,userfield,did,linkedid\n"
    "2026-11-30 09:15:02,x,09123456789,700,c,a,{phone},Queue,sales,60,50,{result},3,,17.{leg},,21,"
    "17.1\n"
)
ISSABEL = (
    "Date,Source,Ring Group,Destination,Src. Channel,Account Code,Dst. Channel,Status,Duration\n"
    '"2026-11-30 09:15:02","09123456789","","101","SIP/t","","SIP/101","ANSWERED","50s"\n'
)
TCX = (
    "historyid,callid,duration,time-start,time-answered,time-end,reason-terminated,from-no,to-no\n"
    "1,0000019D,00:00:50,2026/11/30 09:15:02,2026/11/30 09:15:12,2026/11/30 09:16:02,Src,"
    "09123456789,101\n"
)
TCX_REPORT = (
    "Call Time;Caller ID;Destination;Status;Talking\n"
    "30/11/2026 09:15:02;Ali (09123456789);Sara (101);Answered;00:00:50\n"
)


def calls(text: str, column: str = "") -> list[ExportedCall]:
    found = list(read_calls(text.splitlines(keepends=True), ATHENS, column))
    return [one for one in found if isinstance(one, ExportedCall)]


def skipped(text: str) -> list[SkippedLine]:
    found = read_calls(text.splitlines(keepends=True), ATHENS)
    return [one for one in found if isinstance(one, SkippedLine)]


def test_the_same_call_is_read_from_the_export_of_each_phone_system() -> None:
    freepbx = FREEPBX.format(phone="SIP/101-1", result="ANSWERED", leg=1)
    for name, text in {
        "Master.csv": MASTER,
        "FreePBX": freepbx,
        "Issabel": ISSABEL,
        "3CX CDR": TCX,
        "3CX report": TCX_REPORT,
        "with a byte order mark": "\ufeff" + freepbx,
        "with semicolons": freepbx.replace(",", ";"),
    }.items():
        [call] = calls(text)
        assert (call.at, call.caller, call.answered) == (AT, "09123456789", True), name


def test_the_lines_of_one_call_are_one_call_that_is_answered_if_one_of_them_is() -> None:
    first = FREEPBX.format(phone="", result="ANSWERED", leg=1)
    second = FREEPBX.format(phone="SIP/101-1", result="ANSWERED", leg=2).splitlines(keepends=True)
    # The queue itself answered: for its music, not with a phone.
    assert [one.answered for one in calls(first)] == [False]
    assert [one.answered for one in calls(first + second[1])] == [True]
    assert [one.line for one in calls(first + second[1])] == [2]
    for result in ("NO ANSWER", "BUSY", "FAILED", ""):
        text = FREEPBX.format(phone="SIP/101-1", result=result, leg=1)
        assert [one.answered for one in calls(text)] == [False]


def test_a_file_with_a_number_column_only_is_enough() -> None:
    [call] = calls("Number\n0912 345 6789\n")
    assert call == ExportedCall(2, None, "0912 345 6789", "", None, "")


def test_unknown_columns_are_named_and_the_number_column_is_asked_for() -> None:
    text = "Wann,Wer,Wohin\n2026-11-30 09:15:02,09123456789,101\n"
    with pytest.raises(CdrError, match=r"Wann, Wer, Wohin\. Name the column"):
        calls(text)
    for column in ("Wer", "wer", "2", "۲"):
        assert [one.caller for one in calls(text, column)] == ["09123456789"]
    for column in ("Wem", "0", "4", "-1"):
        with pytest.raises(CdrError, match="no column"):
            calls(text, column)
    many = ",".join(f"c{place}" for place in range(21))
    with pytest.raises(CdrError, match=r"c19 and 1 more"):
        calls(f"{many}\n")
    with pytest.raises(CdrError, match=rf"{'x' * 39}…?\."):
        calls(f"{'x' * 400}\n")


def test_a_hostile_line_is_skipped_with_its_reason_and_the_others_are_read() -> None:
    good = FREEPBX.format(phone="SIP/101-1", result="ANSWERED", leg=1)
    row = good.splitlines(keepends=True)[1]
    huge = "x" * 131_073 + row
    [line] = skipped(good + huge)
    assert "larger than field limit" in line.reason
    assert len(calls(good + huge)) == 1
    [line] = skipped(good + row.replace("2026-11-30 09:15:02", "yesterday"))
    assert "time cannot be read" in line.reason
    [line] = skipped("time,x,src\n2026-11-30 09:15:02\n")
    assert "no column of callers" in line.reason
    [call] = calls(good.replace("09123456789", "091\x00234\x0056789"))
    assert call.caller == "09123456789"
    [call] = calls(good.replace("09123456789", "=cmd|' /C calc'!A1"))
    assert call.caller == "=cmd|' /C calc'!A1"  # text, as any; nothing computes it
    with pytest.raises(CdrError, match="no lines"):
        calls("")


def test_a_direction_is_read_from_the_words_of_phone_systems() -> None:
    for text, direction in {
        "Inbound": "in",
        "incoming": "in",
        "Missed": "in",
        "Outbound": "out",
        "Internal": "",
        "": "",
    }.items():
        assert [one.direction for one in calls(f"from,direction\n1,{text}\n")] == [direction]


@given(st.text(max_size=200))
def test_no_text_raises_anything_but_its_sentence(text: str) -> None:
    with suppress(CdrError):
        calls(text)
