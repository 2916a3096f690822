"""``screenpop replay --anonymise``: no number and no name of a recording is left in its copy."""

import re
from pathlib import Path
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.common.search_normalization import fold
from screenpop.common.text import fold_digits
from screenpop.simulator.anonymise import anonymise_recording
from screenpop.simulator.anonymise_headers import HeaderKind, header_kind, variable_kind
from screenpop.simulator.invented_values import InventedAddresses, InventedNumbers
from screenpop.simulator.recording_file import RecordingError, parse_recording
from screenpop.simulator.replay_report import recording_records
from tests.each import each

SCENARIOS = Path(__file__).parents[1] / "scenarios"
RECORDINGS = sorted(SCENARIOS.rglob("*.ami"))
LOGIN = (
    "Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n"
)
CALL = (
    "Event: Newchannel\r\nChannel: PJSIP/trunk-00000001\r\nChannelState: 4\r\n"
    "CallerIDNum: 09123456789\r\nCallerIDName: Maryam Ahmadi\r\nExten: 02191000101\r\n"
    "Uniqueid: 1800000000.1\r\nLinkedid: 1800000000.1\r\n"
)
NAMES = re.compile(r"(?:CallerID|ConnectedLine)Name: (.*)|MemberName: (.*)")
NUMBERS = re.compile(r"(?:CallerIDNum|ConnectedLineNum|Exten|DNID|Source|Destination): (.*)")
STAYING = re.compile(r"(?:\w*(?:niqueid|inkedid|Timestamp|SessionID|EventTV|Call|Pause|Time): .*)")
NO_NAMES = {"unknown", "anonymous", "cid", "rg", ""}


def anonymised(*headers: str) -> str:
    """The headers of a call's first event, after those that each call here has."""
    recording = (LOGIN + CALL + "".join(f"{line}\r\n" for line in headers) + "\r\n").encode()
    text = anonymise_recording(recording, Random(1)).data.decode()
    return text[text.index("Linkedid: ") :].partition("\r\n")[2].rstrip("\r\n")


def originals(text: str) -> tuple[set[str], set[str]]:
    """The last seven digits of the numbers, and the folded names, of the headers that hold them."""
    numbers = set()
    for value in NUMBERS.findall(text):
        digits = re.sub(r"\D", "", value)
        if len(digits) >= 7:
            numbers.add(digits[-7:])
    names = set()
    for found in NAMES.findall(text):
        name = fold(re.sub(r"[\d:+<>·]+", " ", "".join(found)).strip())
        if name not in NO_NAMES:
            names.add(name)
    return numbers, names


@pytest.mark.slow
@pytest.mark.defends("shared-recordings")
@pytest.mark.parametrize("folder", ["16", "22", "lab/16", "lab/22", "strangers"])
def test_no_number_and_no_name_of_any_recording_is_found_in_its_copy(folder: str) -> None:
    for path in sorted((SCENARIOS / folder).glob("*.ami")):
        before = path.read_bytes()
        after = anonymise_recording(before, Random(7)).data
        text, copy = before.decode(errors="replace"), after.decode(errors="replace")
        numbers, names = originals(text)
        searched = STAYING.sub("", copy)
        kept = re.compile(r"-[0-9a-f]{8}|(?:\d+\.){3}\d+|\b\d+\.\d+")
        digits = re.sub(r"(?<=\d)[ ().-]+(?=\d)", "", fold_digits(kept.sub(" ", searched)))
        for number in numbers:
            assert number not in digits, path.name
        folded = fold(" ".join(re.findall(r"Name: (.*)", searched)))
        for name in names:
            assert not re.search(rf"\b{re.escape(name)}\b", folded), (path.name, name)
            if " " in name or not name.isascii():
                assert name not in fold(searched), (path.name, name)
                assert quote(name) not in searched


@pytest.mark.slow
@each(RECORDINGS[::9], lambda path: path.stem)
def test_copy_has_the_same_calls_ids_and_order_and_reads_as_long(path: Path) -> None:
    before = path.read_bytes()
    after = anonymise_recording(before, Random(7)).data
    first, second = (
        [
            {key: one.get(key) for key in ("kind", "at", "call", "leg", "disposition", "queue")}
            for one in recording_records(parse_recording(data), None)
        ]
        for data in (before, after)
    )
    assert first == second
    assert before.count(b"\n") == after.count(b"\n")


def test_one_number_is_replaced_by_the_same_one_in_every_spelling_and_place() -> None:
    lines = anonymised(
        "ConnectedLineNum: +98 912 345 6789",
        "DestCallerIDNum: ۰۹۱۲۳۴۵۶۷۸۹",
        "DialString: trunk/sip:00989123456789@203.0.113.5:5060",
        "Channel: Local/9123456789@from-internal-00000000;1",
        "ApplicationData: PJSIP/3456789@trunk,300,T",
        "ChanVariable: CRM_URL=https://crm.invalid/?tel=%2B98%20912%20345%206789",
        "Variable: FROM_NUMBER",
        "Value: (0912) 345-6789",
        "Extension: 101",
        "Mailbox: 123456@default",
    ).split("\r\n")
    local = re.sub(r"\D", "", lines[0])[-7:]
    assert local != "3456789"
    spaced = f"{local[:3]} {local[3:]}"
    assert lines[0] == f"ConnectedLineNum: +98 912 {spaced}"
    assert fold_digits(lines[1]) == f"DestCallerIDNum: 0912{local}"
    assert lines[1][-1] in "۰۱۲۳۴۵۶۷۸۹"
    assert lines[2].startswith(f"DialString: trunk/sip:0098912{local}@")
    assert lines[3] == f"Channel: Local/912{local}@from-internal-00000000;1"
    assert lines[4] == f"ApplicationData: PJSIP/{local}@trunk,300,T"
    assert f"%2B98%20912%20{local[:3]}%20{local[3:]}" in lines[5]
    assert lines[7] == f"Value: (0912) {local[:3]}-{local[3:]}"
    assert lines[8:] == ["Extension: 101", "Mailbox: 123456@default"]


def test_one_name_is_replaced_by_the_same_one_in_every_spelling_and_place() -> None:
    lines = anonymised(
        "ConnectedLineName: MARYAM",
        "ChanVariable: WHO=Maryam%20Ahmadi",
        "Interface: PJSIP/maryam",
        "Contact: sip:maryam.ahmadi@127.0.0.1",
        "CustomerNote: ring Frau Ahmadi back",
        "DestCallerIDName: علي كريمي",
        "DestConnectedLineName: علی کریمی",
        "TransfereeCallerIDName: Νίκος",
        "TransfereeConnectedLineName: ΝΙΚΟΣ",
        "SourceCallerIDName: anonymous",
    ).split("\r\n")
    name = lines[0].removeprefix("ConnectedLineName: ").lower()
    assert name != "maryam"
    assert lines[1].startswith(f"ChanVariable: WHO={name.capitalize()}%20")
    assert lines[2] == f"Interface: PJSIP/{name}"
    assert lines[3].startswith(f"Contact: sip:{name}.")
    family = lines[1].rpartition("%20")[2]
    assert family in lines[4]
    assert not {"ring", "Frau", "back"} & set(lines[4].split())
    assert lines[5].partition(": ")[2] == lines[6].partition(": ")[2] != "علي كريمي"
    assert fold(lines[7].partition(": ")[2]) == fold(lines[8].partition(": ")[2]) != "νικοσ"
    assert lines[9] == "SourceCallerIDName: anonymous"


def test_ids_and_measured_values_stay_and_addresses_are_those_of_documentation() -> None:
    kept = (
        "DestUniqueid: 1800000000.17",
        "LastCall: 1795315988",
        "SessionID: 0x7f1234567890",
        "Variable: RTPAUDIOQOSRTT",
        "Value: minrtt=000.000000",
        "ChanVariable: CHANNEL(linkedid)=1800000000.17",
        "Queue: maryam",
        "Context: from-maryam",
        "DestCallerIDName: <unknown>",
        "AnyTime: 2026-11-30 09:15:02",
        "LocalAddress: IPV4/TCP/127.0.0.1/5038",
    )
    assert anonymised(*kept).split("\r\n") == list(kept)
    # 1800000000.18 is an id of nothing here: it could be a number with an extension.
    assert anonymised("AppData: 1800000000.18") != "AppData: 1800000000.18"
    assert anonymised("Contact: sip:trunk@8.8.8.8:5060") == "Contact: sip:trunk@192.0.2.1:5060"


def test_six_digits_are_an_extension_and_seven_are_a_number() -> None:
    assert (
        anonymised("Exten: 123456", "CallerIDNum: 12-34-56")
        == "Exten: 123456\r\nCallerIDNum: 12-34-56"
    )
    assert "1234567" not in anonymised("Exten: 1234567")
    assert anonymised("Interface: SIP/ahm", "Data: ah") == "Interface: SIP/ahm\r\nData: ah"
    # A word of two letters is an option of the dialplan, even where it is a name too.
    assert anonymised("ConnectedLineName: Io Lea", "Data: io").endswith("Data: io")
    assert not anonymised("ConnectedLineName: Io Lea", "Data: lea").endswith("Data: lea")


def test_a_header_or_variable_of_the_offices_own_counts_as_words_of_people() -> None:
    assert header_kind("CustomerNote") is HeaderKind.FREE
    assert header_kind("Uniqueid") is header_kind("DestLinkedid") is HeaderKind.KEPT
    assert header_kind("DestChannel") is HeaderKind.TECHNICAL
    assert header_kind("Queue") is HeaderKind.DIALPLAN
    assert variable_kind("CRM_NAME") is HeaderKind.FREE
    assert variable_kind("DIALEDPEERNUMBER") is HeaderKind.TECHNICAL
    assert variable_kind("RTPAUDIOQOS") is HeaderKind.KEPT


def test_a_block_of_numbers_stays_a_block_and_more_blocks_than_are_left_are_refused() -> None:
    numbers = InventedNumbers(["1000101", "1000102", "2000101"], Random(1))
    first, second, other = map(numbers.local_number, ("1000101", "1000102", "2000101"))
    assert first[:4] == second[:4] != other[:4]
    assert (first[0], other[0] in "01") == ("1", False)
    taken = [f"1{block:03}000" for block in range(501)]
    InventedNumbers(taken[:500], Random(1))
    with pytest.raises(RecordingError, match="Anonymise it in parts"):
        InventedNumbers(taken, Random(1))


def test_after_762_addresses_they_begin_again() -> None:
    addresses = InventedAddresses()
    made = [addresses.address(f"10.0.{part >> 8}.{part & 255}") for part in range(763)]
    assert (made[0], made[253], made[254], made[761]) == (
        *("192.0.2.1", "192.0.2.254", "198.51.100.1"),
        "203.0.113.254",
    )
    assert made[762] == made[0]
    assert addresses.address("0.0.0.0") == "0.0.0.0"


def test_two_runs_differ_and_what_is_no_recording_is_refused() -> None:
    recording = (LOGIN + CALL + "\r\n").encode()
    assert anonymise_recording(recording).data != anonymise_recording(recording).data
    with pytest.raises(RecordingError):
        anonymise_recording(b"\x1f\x8bpacked")


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    header=st.sampled_from(
        ["CallerIDNum", "DialString", "Exten", "ChanVariable", "AppData", "Own"]
    ),
    before=st.text("ab/@:;=%,&<>\"' -._+", max_size=6),
    digits=st.text("0123456789", min_size=7, max_size=15),
    after=st.text("ab/@:;=%,&<>\"' ._", max_size=6),
)
def test_a_number_is_found_between_any_characters(
    header: str, before: str, digits: str, after: str
) -> None:
    value = f"{before}x{digits}x{after}"
    assert digits[-7:] not in anonymised(f"{header}: {value}").partition(": ")[2]
