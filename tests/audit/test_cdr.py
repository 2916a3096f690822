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


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-11-30 09:15:02,x,0912,700,c,a,b,Queue,sales,60,50,ANSWERED,3,,,,,\n", "no uniqueid"),
        ("soon,x,0912,700,c,a,b,Queue,sales,60,50,ANSWERED,3,,1.1,,,\n", "cannot be read"),
        ("2026-11-30 09:15:02,x,0912,7,c,a,b,Queue,sales,long,5,ANSWERED,3,,1.1,,,\n", "cannot be"),
        ("short\n", "no uniqueid"),
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
