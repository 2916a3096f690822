"""What is fuzzed: each function takes any bytes and raises only for a mistake of ours.

``python -m tests.fuzz`` feeds them with atheris, ``test_targets.py`` with hypothesis and with the
inputs that were found before.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

from screenpop.asterisk.ami_events import WANTED_EVENTS
from screenpop.asterisk.ami_framing import AmiFramer
from screenpop.asterisk.ami_message import AmiMessage
from screenpop.audit.cdr import CdrError, parse_cdr
from screenpop.audit.queue_log import fold_queue_calls, parse_queue_log
from screenpop.conditions.contradictions import check_can_be_met
from screenpop.conditions.errors import ConditionError
from screenpop.conditions.evaluate import is_met
from screenpop.conditions.facts import CustomerFacts
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.protocol.client_messages import BadMessage, parse_client_message
from screenpop.service.pbx_tracker import PbxTracker
from screenpop.spreadsheets.reading.messages import ReadRequest, plain_row
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import PbxId, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import explain, resolve

PLANS = tuple(
    NumberPlan(region=Region(region), area_code=area, extensions=("1XX",))
    for region, area in (("IR", "21"), ("GR", "21"), ("GB", "20"), ("US", "212"))
)
TODAY = date(2026, 11, 30)
_FAR_CELL = re.compile(rb"r(?:ef)?\s*=[^<>]*?(?:[A-Za-z]{4,}|[0-9]{6,})")
"""A cell for which the library asks for all memory at once."""
MOST_CELLS = 2_000
"""Larger sheets are opened, but their rows are not read: the fuzzer would spend its time there."""


def ami(data: bytes) -> None:
    """Frame an AMI stream and track its calls; pieces of any size give the same messages."""
    size = data[0] + 1 if data else 1
    whole, parts = (AmiFramer(WANTED_EVENTS, "screenpop-1~") for _ in range(2))
    messages = whole.feed(data)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    found = [message for piece in pieces for message in parts.feed(piece)]
    assert _plain(messages) == _plain(found), "the messages depend on the pieces"
    tracker = PbxTracker(PbxId("office"), lambda endpoint: endpoint.startswith("1"))
    for at, message in enumerate(messages):
        tracker.messages([message], 1_795_300_000.0 + at)
    tracker.over(1_795_400_000.0)


def _plain(messages: list[AmiMessage]) -> list[list[tuple[str, str]]]:
    return [[*message.fields.items()] for message in messages]


def numbers(data: bytes) -> None:
    """Read a caller id; a number is E.164, and the explanation has the same result."""
    text = data.decode("utf-8", "surrogateescape")
    for plan in PLANS:
        caller = resolve(text, plan=plan)
        assert explain(text, plan=plan).caller == caller
        if caller.e164:
            assert caller.kind is CallerIdKind.NUMBER
            digits = caller.e164.removeprefix("+")
            assert caller.e164.startswith("+")
            assert digits.isascii()
            assert digits.isdigit()
            # E.164 has 15 digits at most; libphonenumber has up to 17 behind a country code of
            # three: German extensions, Japanese toll-free numbers.
            assert 5 <= len(digits) <= 20
            assert resolve(caller.e164, plan=plan).e164 == caller.e164


def sheets(data: bytes) -> None:
    """Read a file as an import does; a problem of a row names its line."""
    _read_sheet(data)


def vcards(data: bytes) -> None:
    _read_sheet(b"BEGIN:VCARD\r\nVERSION:3.0\r\n" + data + b"\r\nEND:VCARD\r\n")


def workbook_of(data: bytes) -> bytes:
    """Return a workbook that is in order but for these bytes in its sheet."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, text in _XLSX.items():
            archive.writestr(name, text)
        archive.writestr("xl/worksheets/sheet1.xml", _SHEET_START + data + _SHEET_END)
    return packed.getvalue()


def workbooks(data: bytes) -> None:
    """Read the bytes as the sheet of a workbook."""
    if _FAR_CELL.search(data):
        return  # ends the process, which the client answers with "oversized": ``test_targets``
    # The worker that reads sheets answers these with "oversized".
    with contextlib.suppress(RecursionError, MemoryError):
        _read_sheet(workbook_of(data))


def _read_sheet(data: bytes) -> None:
    context = ImportContext(PLANS[0], TODAY)
    try:
        book = workbook_from_bytes(data, "sheet")
        sheet = select_sheet(book, ReadRequest("", context, only_look=False))
    except SheetRefusedError as refused:
        return _check_sentence(refused)
    json.dumps(sheet.look.plain())
    if not sheet.look.choice.usable or len(data) > MOST_CELLS * 10:
        return None
    try:
        for row in sheet.understood(context):
            json.dumps(plain_row(row))
            assert all(problem.line >= 0 for problem in row.problems)
    except SheetRefusedError as refused:
        _check_sentence(refused)


def _check_sentence(refused: Exception) -> None:
    assert str(refused)


def socket_messages(data: bytes) -> None:
    """Parse what a browser sends; it is a message or a described fault."""
    found = parse_client_message(data.decode("utf-8", "replace"))
    assert not isinstance(found, BadMessage) or found.detail


def conditions(data: bytes) -> None:
    """Read a condition; one that is accepted is written and read back the same, and decides."""
    try:
        plain = json.loads(data)
    except (ValueError, RecursionError):
        return None
    try:
        node = read_condition(plain)
    except ConditionError as refused:
        return _check_sentence(refused)
    assert read_condition(json.loads(json.dumps(write_condition(node)))) == node
    for facts in (CustomerFacts(), CustomerFacts(birthday=TODAY)):
        assert is_met(node, facts, TODAY) in {True, False}
    try:
        check_can_be_met(node)
    except ConditionError as refused:
        _check_sentence(refused)


def pbx_logs(data: bytes) -> None:
    """Read a queue_log and a CDR; each line is used or listed as skipped."""
    text, zone = data.decode("utf-8", "replace"), ZoneInfo("Asia/Tehran")
    lines = text.splitlines()
    events = list(parse_queue_log(lines, zone))
    assert len(events) <= len(lines)
    fold_queue_calls(event for event in events if not hasattr(event, "reason"))
    try:
        list(parse_cdr(lines, zone))
    except CdrError as refused:
        _check_sentence(refused)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "ami": ami,
    "numbers": numbers,
    "vcards": vcards,
    "sheets": sheets,
    "workbooks": workbooks,
    "socket_messages": socket_messages,
    "conditions": conditions,
    "pbx_logs": pbx_logs,
}


def seeds(target: str) -> Iterator[bytes]:
    """Yield small valid inputs, from which the fuzzer starts."""
    yield from _SEEDS[target]


_now = int(datetime(2026, 11, 30, tzinfo=UTC).timestamp())
_SEEDS: dict[str, tuple[bytes, ...]] = {
    "ami": (
        b"Asterisk Call Manager/9.0.0\r\nEvent: Newchannel\r\nChannel: PJSIP/trunk-00000001\r\n"
        b"ChannelState: 0\r\nCallerIDNum: 09123456789\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"
        b"Context: in\r\nExten: 100\r\n\r\nEvent: DialBegin\r\nChannel: PJSIP/trunk-00000001\r\n"
        b"Uniqueid: 1.1\r\nLinkedid: 1.1\r\nDestChannel: PJSIP/101-00000002\r\nDestUniqueid: 1.2"
        b"\r\nDestLinkedid: 1.1\r\nDialString: 101\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n"
        b"Channel: PJSIP/trunk-00000001\r\nCause: 16\r\n\r\n",
    ),
    "numbers": (b"09123456789", "۰۰۹۸۹۱۲۳۴۵۶۷۸۹".encode(), b'"Ali" <+302101234567>', b"101"),
    "vcards": (b"FN:Laleh Karimi\r\nTEL;TYPE=cell:+98 912 345 6789\r\nBDAY:1985-02-03",),
    "sheets": (
        "نام;موبایل;تاریخ تولد\r\nلاله;۰۹۱۲۳۴۵۶۷۸۹;۱۳۶۵/۰۲/۰۳\r\n".encode(),
        b"Name,Mobile,Destination,Departure,Amount\nNikos,6912345678,Rome,03/02/2026,450 EUR\n",
        b'{"name":"Board","cards":[{"name":"Laleh 09123456789","idList":"1"}],"lists":[]}',
    ),
    "workbooks": (
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr">'
        b'<is><t>Mobile</t></is></c></row><row r="2" hidden="1"><c r="A2"><v>46000.5</v></c></row>',
    ),
    "socket_messages": (
        b'{"type":"hello","last":{"epoch":"a1","seq":4},"tab":"t","build":"b"}',
        b'{"type":"receipt","card":"office/1.1/1","rev":1,"stages":{"painted":1.5}}',
        b'{"type":"command","id":"c1","op":"note","args":{"text":"hello"}}',
    ),
    "conditions": (
        b'{"all":[{"field":"tier","is":["gold"]},{"not":{"field":"trips","more_than":3}}]}',
        b'{"trips":{"where":{"field":"destination","is":["Istanbul"]},"at_least":1}}',
    ),
    "pbx_logs": (
        f"{_now}|1.1|sales|NONE|ENTERQUEUE||09123456789|1\n"
        f"{_now + 9}|1.1|sales|PJSIP/101|CONNECT|9|1.2|3\n"
        f"{_now + 60}|1.1|sales|PJSIP/101|COMPLETECALLER|9|51|1\n".encode(),
        b'calldate,src,dst,duration,billsec,disposition,uniqueid\n"2026-11-30 08:00:00",0912,100,'
        b"10,5,ANSWERED,1.1\n",
    ),
}

_SHEET_START = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main"><sheetData>'
)
_SHEET_END = b"</sheetData></worksheet>"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_XLSX = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    f'content-types"><Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    f'relationships"><Relationship Id="r1" Type="{_RELATION}/officeDocument"'
    ' Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    f' xmlns:r="{_RELATION}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
    f'2006/relationships"><Relationship Id="r1" Type="{_RELATION}/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
}
