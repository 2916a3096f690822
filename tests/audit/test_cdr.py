"""Reading call detail records: with a heading or as Master.csv, anything else is refused."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.audit.cdr import CdrError, CdrRow, parse_cdr
from screenpop.audit.queue_log import SkippedLine

TEHRAN = ZoneInfo("Asia/Tehran")
MASTER = (
    '"","09123456789","700","from-trunk","""Ali"" <0912>","PJSIP/t-1","PJSIP/101-2","Queue",'
    '"sales","2026-11-30 09:15:02","2026-11-30 09:15:12","2026-11-30 09:16:02",60,50,"ANSWERED",'
    '"DOCUMENTATION","1796017502.1",""\n'
)
FREEPBX = (
    "calldate,clid,src,dst,dcontext,channel,dstchannel,lastapp,lastdata,duration,billsec,"
    "disposition,amaflags,accountcode,uniqueid,userfield,did,linkedid\n"
    "2026-11-30 09:15:02,x,09123456789,700,c,a,b,Queue,sales,60,50,NO ANSWER,3,,1796017502.1,,210,"
    "1796017502.1\n"
)


@pytest.mark.parametrize(
    ("text", "linkedid", "answered"), [(MASTER, "", True), (FREEPBX, "1796017502.1", False)]
)
def test_a_record_is_read_from_each_kind_of_file(text: str, linkedid: str, answered: bool) -> None:
    [row] = parse_cdr(text.splitlines(keepends=True), TEHRAN)
    assert isinstance(row, CdrRow)
    assert (row.start, row.src, row.dst) == (1796017502.0, "09123456789", "700")
    assert (row.uniqueid, row.linkedid, row.answered) == ("1796017502.1", linkedid, answered)
    assert row.duration_s == 60


def test_a_file_with_other_columns_is_refused_with_those_it_has() -> None:
    with pytest.raises(CdrError, match=r"name, phone.*missing start, uniqueid"):
        list(parse_cdr(["Name,Phone\n", "Ali,0912\n"], TEHRAN))


def test_a_master_csv_needs_its_columns_up_to_the_unique_id() -> None:
    cells = MASTER.rstrip().split(",")
    [row] = parse_cdr([",".join(cells[:17])], TEHRAN)
    assert isinstance(row, CdrRow)
    with pytest.raises(CdrError):
        list(parse_cdr([",".join(cells[:16])], TEHRAN))


CUSTOM = (
    "sequence;calldate;clid;src;dst;peeraccount;lastapp;duration;disposition;uniqueid;my field\n"
    '7;2026-11-30 09:15:02;"""Ali; B"" <0912>";0912;700;;Queue;60;ANSWERED;1796017502.1;a;b\n'
)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_columns_of_an_own_choice_are_read_by_their_headings(delimiter: str) -> None:
    text = CUSTOM.replace("Ali; B", "Ali").replace(";", delimiter)
    [row] = parse_cdr(text.splitlines(keepends=True), TEHRAN)
    assert isinstance(row, CdrRow)
    assert (row.start, row.src, row.dst, row.uniqueid) == (
        1796017502,
        "0912",
        "700",
        "1796017502.1",
    )
    assert (row.app, row.linkedid, row.duration_s, row.answered) == ("Queue", "", 60, True)


def test_record_of_the_hour_that_comes_twice_is_that_of_its_unique_id() -> None:
    heading = "calldate,src,dst,uniqueid\n"
    lines = [f"2026-10-25 03:30:00,1,2,{at}.1\n" for at in (1792888200, 1792891800)]
    rows = list(parse_cdr([heading, *lines], ZoneInfo("Europe/Athens")))
    assert [row.start for row in rows if isinstance(row, CdrRow)] == [1792888200, 1792891800]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-11-30 09:15:02,x,0912,700,c,a,b,Queue,sales,60,50,ANSWERED,3,,,,,\n", "no uniqueid"),
        ("soon,x,0912,700,c,a,b,Queue,sales,60,50,ANSWERED,3,,1.1,,,\n", "cannot be read"),
        ("2026-11-30 09:15:02,x,0912,7,c,a,b,Queue,sales,long,5,ANSWERED,3,,1.1,,,\n", "cannot be"),
        ("short\n", "no uniqueid"),
        ("2026-11-30 09:15:02,x,0912,7,c,a,b,Queue,sales,nan,5,ANSWERED,3,,1.1,,,\n", "cannot be"),
        ("0001-01-01 00:00:00,x,0912,7,c,a,b,Queue,sales,1,5,ANSWERED,3,,1.1,,,\n", "cannot be"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_with_its_line(line: str, reason: str) -> None:
    heading = FREEPBX.splitlines(keepends=True)[0]
    [skipped] = parse_cdr([heading, line], TEHRAN)
    assert isinstance(skipped, SkippedLine)
    assert skipped.number == 2
    assert reason in skipped.reason


@given(st.lists(st.text(max_size=50), max_size=6))
def test_any_lines_below_a_heading_are_records_or_skipped(lines: list[str]) -> None:
    heading = FREEPBX.splitlines(keepends=True)[0]
    for one in parse_cdr([heading, *(f"{line}\n" for line in lines)], TEHRAN):
        assert isinstance(one, CdrRow | SkippedLine)
