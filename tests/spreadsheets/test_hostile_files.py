"""Mallory sends files. Each is refused with a sentence, soon, by a process that is gone after."""

import io
import os
import random
import resource
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import orjson
import pytest

from screenpop.spreadsheets.reading import sandbox_limits, worker
from screenpop.spreadsheets.reading.client import read_sheet
from screenpop.spreadsheets.reading.messages import RowChunk
from screenpop.spreadsheets.rows.errors import SheetRefusedError
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.spreadsheets import hostile
from tests.spreadsheets.hostile import sheet_xml, text_row, xlsx, zipped

pytestmark = pytest.mark.anyio

CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), date(2026, 11, 22))
XML_SHEET = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">'
GOOD = "Name,Phone\nLaleh Karimi,09123456789\n"
SHEETS = Path(__file__).parent / "sheets"
SOON_S = 2.0
"""Of the process's own time: a busy machine makes no file guilty."""


def children() -> set[str]:
    found: set[str] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # it has ended meanwhile
            found.update((thread / "children").read_text().split())
    return found


def seen_from_outside(process: Path) -> tuple[list[str], list[str], str]:
    """The limits, the environment and the folder of a process."""
    reported = (process / "limits").read_text().splitlines()[1:]
    environment = (process / "environ").read_text().split("\0")
    return reported, list(filter(None, environment)), str((process / "cwd").readlink())


@pytest.fixture(autouse=True)
def gone_soon_and_small() -> Iterator[None]:
    """Whatever was read, no process stays, none has worked long or taken much."""
    there, before = children(), resource.getrusage(resource.RUSAGE_CHILDREN)
    yield
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert children() <= there
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SOON_S
    assert after.ru_maxrss * 1024 < sandbox_limits.MEMORY


async def read_all(path: Path) -> list[RowChunk]:
    async with read_sheet(path, CONTEXT) as sheet:
        return [part async for part in sheet.parts()]


async def refused(path: Path) -> SheetRefusedError:
    with pytest.raises(SheetRefusedError) as error:
        await read_all(path)
    assert str(error.value).endswith(".")
    return error.value


def zip_of_zips() -> bytes:
    inner = zipped({"deep.xml": b"0" * 5_000_000})
    for _ in range(5):
        inner = zipped({f"{n}.zip": inner for n in range(10)})
    return inner


def two_corners() -> bytes:
    """Two cells, far apart."""
    return xlsx(
        sheet_xml(
            text_row(1, "Name", "Phone")
            + '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
        )
    )


def big() -> bytes:
    """A small file of 64 MB of spaces."""
    return xlsx(sheet_xml(text_row(1, "Name", "Phone") + " " * 64_000_000))


@pytest.mark.defends("sheet-sandbox")
@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("bomb.xlsx", big, "bomb"),
        ("small-it-says.xlsx", lambda: hostile.lying_about_its_size(big()), "bomb"),
        ("again.xlsx", lambda: hostile.overlapping(500), "bomb"),
        (
            "negative.xlsx",
            lambda: hostile.with_its_table_elsewhere(
                xlsx(sheet_xml(text_row(1, "Name", "Phone"))), 100
            ),
            "damaged",
        ),
        ("many.xlsx", lambda: zipped({f"{n}.xml": "x" for n in range(3000)}), "bomb"),
        ("zips.xlsx", zip_of_zips, "archive"),
        ("corners.xlsx", two_corners, "oversized"),
        (
            "laughs.xlsx",
            lambda: xlsx(sheet_xml("&a11;", hostile.LAUGHS + "]>")),
            "external_entities",
        ),
        ("elsewhere.xlsx", lambda: xlsx(sheet_xml("&a;", hostile.ELSEWHERE)), "external_entities"),
        (
            "elsewhere-16.xlsx",
            lambda: xlsx(sheet_xml("&a;", hostile.ELSEWHERE).encode("utf-16")),
            "external_entities",
        ),
        (
            "elsewhere-styles.xlsx",
            lambda: xlsx(sheet_xml(""), {"xl/styles.xml": hostile.ELSEWHERE.encode()}),
            "external_entities",
        ),
        ("elsewhere.xml", lambda: b"<?xml version='1.0'?><!DOCTYPE x><x/>", "xml"),
        ("laughs.xml", lambda: XML_SHEET + b'<!DOCTYPE x [<!ENTITY a "a">]>', "external_entities"),
        ("log-in.xls", lambda: b"<!DOCTYPE html><p>Please log in</p>", "web_page"),
        ("wide.xls", lambda: b"<table><tr>" + b"<td>x" * 300, "too_wide"),
        ("locked.xlsx", lambda: hostile.ENCRYPTED_XLSX, "encrypted"),
        ("locked.xls", lambda: hostile.ENCRYPTED_XLS, "encrypted"),
        ("locked.ods", lambda: hostile.ENCRYPTED_ODS, "encrypted"),
        ("customers.xlsx", lambda: b"MZ\x90\0" + random.Random(1).randbytes(9000), "program"),
        ("customers.csv", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "document"),
        ("wide.csv", lambda: b",".join([b"Name"] * 20_000) + b"\n" + b"," * 19_999, "too_wide"),
        ("one-cell.csv", lambda: b"Name,Phone\n" + b"x" * 50_000_000, "oversized_field"),
        ("quotes.csv", lambda: b'"' * 3_000_001, "oversized_field"),
        ("few-quotes.csv", lambda: b'""""""""""\n' * 9, "no_columns"),
        ("nothing.csv", lambda: GOOD.encode() + b"\0" * 40, "not_text"),
        ("noise.csv", lambda: random.Random(2).randbytes(300_000), "not_text"),
        ("noise.xlsx", lambda: b"PK\3\4" + random.Random(3).randbytes(90_000), "damaged"),
        ("cut.xlsx", lambda: xlsx(sheet_xml(text_row(1, "Name", "Phone")))[:-60], "damaged"),
        ("empty.vcf", lambda: b"BEGIN:VCARD\nAGENT:\n" * 200_000, "damaged"),
        ("empty.csv", lambda: b"", "empty"),
    ],
)
async def test_a_file_that_means_harm_is_refused_with_a_sentence(
    tmp_path: Path, name: str, data: object, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data())  # type: ignore[operator]

    assert (await refused(path)).code == code


@pytest.mark.slow
@pytest.mark.defends("sheet-sandbox")
@pytest.mark.parametrize("name", ["english.xls", "greek.ods", "small.xlsx"])
async def test_a_file_with_noise_in_it_is_read_or_refused_with_a_sentence(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = xlsx(sheet_xml(text_row(1, "Name", "Phone") + text_row(2, "Ali", "09123456780")))
    honest = small if name == "small.xlsx" else (SHEETS / name).read_bytes()
    path = tmp_path / name
    sentences: list[str] = []
    monkeypatch.setattr("tests.spreadsheets.test_hostile_files.SOON_S", 30.0)  # for all of them
    for seed in range(12):
        path.write_bytes(hostile.with_bytes_changed(honest, seed))
        try:
            await read_all(path)
        except SheetRefusedError as error:
            sentences.append(str(error))
    assert sentences
    assert all(sentence.endswith(".") for sentence in sentences)


def test_a_fault_of_a_parser_is_reported_as_a_damaged_file(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"path": "x"}\n')))
    monkeypatch.setattr(worker, "apply_sandbox_limits", lambda: None)
    monkeypatch.setattr(worker, "open_workbook", lambda _: 1 // 0)
    monkeypatch.setattr("gc.disable", lambda: None)

    worker.main()

    assert orjson.loads(capsysbinary.readouterr().out) == {"refused": "damaged", "params": {}}


async def test_a_file_of_nothing_but_size_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)

    assert (await refused(path)).code == "too_big"


@pytest.mark.defends("watched-folder")
async def test_pipes_devices_links_and_folders_are_no_files(tmp_path: Path) -> None:
    good, link, pipe = tmp_path / "good.csv", tmp_path / "link.csv", tmp_path / "pipe.csv"
    good.write_text(GOOD)
    link.symlink_to(good)
    os.mkfifo(pipe)

    for path in (link, pipe, Path("/dev/zero"), Path("/dev/tty"), tmp_path):
        assert (await refused(path)).code == "unreadable"
    assert (await refused(tmp_path / "none.csv")).code == "not_there"


async def test_a_cell_as_long_as_a_book_costs_only_its_row(tmp_path: Path) -> None:
    book = random.Random(4).randbytes(2_000_000).hex()
    path = tmp_path / "book.xlsx"
    rows = [("Name", "Phone", "Notes"), ("Ali", "09123456780", book), ("Laleh", "09123456789", "-")]
    path.write_bytes(xlsx(sheet_xml("".join(text_row(n, *row) for n, row in enumerate(rows, 1)))))

    [part] = await read_all(path)

    assert [row.draft.names["en"].family for row in part.rows] == ["Laleh"]
    assert [(one.line, one.code) for one in part.problems] == [(2, "too_long")]


async def test_formulas_are_never_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "formulas.csv"
    path.write_text(
        "Name,Phone,Notes\n"
        '"=HYPERLINK(""http://x/""&A1)",09123456781,\n'
        "Ali,09123456782,\"=cmd|' /C calc'!A0\"\n"
        "Laleh,09123456789,tea\n"
    )

    [part] = await read_all(path)

    assert [row.line for row in part.rows] == [4]
    assert [(one.line, one.code) for one in part.problems if one.code != "no_name"] == [
        (2, "formula"),
        (3, "formula"),
    ]


async def test_a_soft_line_break_that_never_stops_is_a_damaged_card(tmp_path: Path) -> None:
    path = tmp_path / "bomb.vcf"
    soft = "NOTE;ENCODING=QUOTED-PRINTABLE:" + "=41=\r\n" * 400_000
    path.write_text(f"BEGIN:VCARD\r\nVERSION:2.1\r\nN:A;B\r\n{soft}\r\nEND:VCARD\r\n")

    [part] = await read_all(path)

    assert part.rows == ()
    assert [one.code for one in part.problems] == ["damaged_card"]


@pytest.mark.defends("sheet-sandbox")
async def test_the_process_has_no_more_of_the_machine_than_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(GOOD + "Ali Nouri,09123456788,\n" * 5000)
    there = children()

    async with read_sheet(path, CONTEXT):
        [pid] = children() - there
        reported, environment, folder = seen_from_outside(Path("/proc", pid))
        nice = os.getpriority(os.PRIO_PROCESS, int(pid))

    hard = {line[:26].strip(): line[47:68].strip() for line in reported}
    assert hard["Max address space"] == str(sandbox_limits.MEMORY)
    assert hard["Max file size"] == hard["Max processes"] == hard["Max core file size"] == "0"
    assert int(hard["Max open files"]) <= 64
    assert hard["Max cpu time"] == str(sandbox_limits.READING_S)
    assert nice >= 10
    assert folder == "/"
    assert {name.partition("=")[0] for name in environment} <= {
        *("PATH", "LANG", "LC_CTYPE", "PYTHONDONTWRITEBYTECODE")
    }


async def test_a_reader_that_stops_early_stops_the_process(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("Name,Phone\n" + "Ali Nouri,09123456788\n" * 50_000)
    there = children()

    async with read_sheet(path, CONTEXT) as sheet:
        async for part in sheet.parts():
            assert part.read
            break
        assert children() - there

    assert children() <= there
