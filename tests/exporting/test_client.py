"""Customers go out in a process of their own, and come in again as the same people."""

import asyncio
import csv
import io
import os
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from screenpop.accounts.departments import Section
from screenpop.customers.consent import Consent
from screenpop.customers.draft import CustomerDraft, IncomingRow, PhoneDraft, TripDraft
from screenpop.customers.models import Gender, PersonName, Title
from screenpop.customers.own_fields import OwnField
from screenpop.demo.seed import seed_demo
from screenpop.exporting.client import MAX_CONCURRENT_EXPORTS, ExportService
from screenpop.spreadsheets.reading.client import read_sheet
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.imports.batch import import_rows
from screenpop.store.own_fields.definitions import list_own_fields
from screenpop.store.schema.payment_tables import trip_payments
from screenpop.store.schema.tables import customers
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.export_port import ExportRefusedError, ExportRequestSpec

pytestmark = pytest.mark.anyio

TODAY = date(2026, 11, 22)
NOW = 1_795_300_000.0
CONTEXT = ImportContext(NumberPlan(Region("IR"), "21"), TODAY)
ALL = frozenset(Section)

MESS = CustomerDraft(
    names={
        "en": PersonName("=1+1", "Owner's <Tab>"),
        "fa": PersonName("سید محمد رضا", "کریمی نژاد"),
        "el": PersonName("Νίκος", "Παπαδόπουλος"),
    },
    title=Title.DR,
    gender=Gender.WOMAN,
    birthday=date(1904, 8, 3),
    customer_since=date(2019, 1, 2),
    balance=-1250,
    currency="EUR",
    consents={"offers": Consent(False, date(2026, 1, 31), "phone", "Maryam")},
    tags=("@vip", "+plus"),
    emails=("laleh@example.com", "l.k@example.com"),
    household="-Karimi",
    company='=HYPERLINK("http://127.0.0.1/","pay")',
    notes="＝WEBSERVICE(1)\nsecond line; with, marks \"and\" 'quotes'",
    preferences="@window seat",
    language="fa",
    phones=(
        PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile"),
        PhoneDraft("+49 30 901820", E164("+4930901820"), "930901820", "work"),
        PhoneDraft("0123456", None, None, "other"),
    ),
)
JOURNEYS: tuple[dict[str, Any], ...] = (
    {
        "destination": "=Rome",
        "country": "IT",
        "product": "tour",
        "departs": date(2026, 12, 1),
        "returns": date(2026, 12, 9),
        "status": "ticketed",
        "adults": 2,
        "children": 1,
        "price": 90_000_000,
        "paid": 45_000_000,
        "currency": "IRR",
        "visa": "pending",
        "note": "+ a cot",
        "supplier": "=Secret",
        "rating": 5,
    },
    {"destination": "Αθήνα", "product": "flight", "status": "asked"},
)


@pytest.fixture(scope="module")
def office_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some of the demo's customers, and one with everything that is difficult."""
    path = tmp_path_factory.mktemp("office") / "screenpop.db"
    migrate(f"sqlite:///{path}")

    async def fill() -> None:
        database = open_database(f"sqlite:///{path}")
        await seed_demo(database, today=TODAY, now=NOW, people=90)
        customer_id = await create_customer(database, MESS, NOW)
        for journey in JOURNEYS:
            await add_trip(database, customer_id, journey, user_id=None, now=NOW)
        case = {"kind": "refund", "state": "open", "subject": "=lost", "opened": TODAY}
        await add_case(database, customer_id, case, user_id=None, now=NOW)
        await database.close()

    asyncio.run(fill())
    return path


@pytest.fixture
async def office(office_path: Path) -> AsyncGenerator[Database]:
    database = open_database(f"sqlite:///{office_path}")
    yield database
    await database.close()


@pytest.fixture
def exports(office_path: Path, tmp_path: Path) -> ExportService:
    return ExportService(f"sqlite:///{office_path}", tmp_path)


async def exported(exports: ExportService, path: Path, order: ExportRequestSpec) -> Path:
    async with exports(order) as pieces:
        whole = b"".join([piece async for piece in pieces])
    await asyncio.to_thread(path.write_bytes, whole)
    return path


async def drafts_in(database: Database) -> list[CustomerDraft]:
    async with database.reading() as connection:
        ids = (await connection.execute(select(customers.c.id))).scalars().all()
        return list((await load_drafts(connection, ids)).values())


async def imported(
    file: Path, folder: Path, own: tuple[OwnField, ...] = ()
) -> tuple[list[CustomerDraft], list[str]]:
    """The file imported into an empty database, and the problems of its rows."""
    url = f"sqlite:///{folder / 'again.db'}"
    migrate(url)
    database = open_database(url)
    problems: list[str] = []
    async with read_sheet(file, replace(CONTEXT, own_fields=own)) as sheet:

        async def parts() -> AsyncIterator[Sequence[IncomingRow]]:
            async for part in sheet.parts():
                problems.extend(f"{one.line} {one.column}: {one.code}" for one in part.problems)
                yield part.rows

        await import_rows(database, parts(), filename=file.name, now=NOW)
    people = await drafts_in(database)
    await database.close()
    return people, problems


def exported_fields(draft: CustomerDraft) -> dict[str, Any]:
    """What a sheet can hold of a customer: since when a number is theirs is not exported."""
    return {
        "names": {code: (name.full, name.called) for code, name in draft.names.items()},
        "first": next(iter(draft.names.values())),
        "said": (draft.title, draft.language, draft.tier, draft.vip),
        "days": (draft.birthday, draft.anniversary, draft.customer_since),
        "owes": (draft.balance, draft.currency if draft.balance else ""),
        "texts": (draft.notes, draft.preferences, draft.household, draft.company),
        "lists": (draft.tags, draft.emails),
        "phones": sorted(phone.e164 or phone.raw for phone in draft.phones),
        "trips": sorted(map(str, map(exported_trip_fields, draft.trips))),
        "cases": sorted(map(str, draft.cases)),
        "more": (draft.gender, draft.wishes, draft.consents),
    }


def exported_trip_fields(trip: TripDraft) -> tuple[object, ...]:
    days = (trip.departs, trip.returns)
    money = (trip.price, trip.paid, trip.currency if trip.price or trip.paid else "")
    many = (trip.adults, trip.children)
    codes = (trip.country, trip.product.value, trip.status.value, trip.visa.value)
    after = (trip.supplier, trip.margin, trip.rating, trip.feedback, trip.feedback_asked)
    return (trip.destination, codes, days, money, many, trip.note, after)


def by_name(people: Sequence[CustomerDraft]) -> dict[str, dict[str, Any]]:
    """Return exported fields by name, without customers on file twice.

    The import takes two rows with one name and a number in common for one person.
    """
    counts = Counter(
        (exported_fields(one)["first"].full, number)
        for one in people
        for number in exported_fields(one)["phones"]
    )
    doubled = {name for (name, _), count in counts.items() if count > 1}
    return {
        str(
            [*exported_fields(one)["names"].values(), *exported_fields(one)["phones"]]
        ): exported_fields(one)
        for one in people
        if exported_fields(one)["first"].full not in doubled
    }


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "language"), [("xlsx", "fa"), ("csv", "el"), ("csv", "en")])
async def test_an_exported_customer_is_imported_as_the_same_customer(
    exports: ExportService, office: Database, tmp_path: Path, kind: Any, language: str
) -> None:
    file = await exported(exports, tmp_path / f"out.{kind}", ExportRequestSpec(kind, language, ALL))
    again, problems = await imported(file, tmp_path, await list_own_fields(office))
    before, after = by_name(await drafts_in(office)), by_name(again)
    assert len(before) > 70
    for name, one in before.items():
        assert after[name] == one
    # An unreadable number is kept as written; an unknown column is reported.
    assert {problem.split(": ")[1] for problem in problems} == {"bad_phone", "unknown_column"}


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="no LibreOffice here: apt-get install libreoffice-calc"
)
@pytest.mark.parametrize(("kind", "saved_as"), [("xlsx", "ods"), ("csv", "xlsx")])
async def test_a_customer_saved_by_libreoffice_is_still_the_same_customer(
    exports: ExportService, office: Database, tmp_path: Path, kind: Any, saved_as: str
) -> None:
    """Opened and saved again, as an office does: no telephone has become an amount, no text a
    formula."""
    file = await exported(exports, tmp_path / f"out.{kind}", ExportRequestSpec(kind, "en", ALL))
    saved = tmp_path / "saved"
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    # UTF-8, separated by commas, quoted by ": what the dialogue proposes by itself.
    given = ["--infilter=CSV:44,34,76"] if kind == "csv" else []
    command = ["soffice", "--headless", profile, *given, "--convert-to", saved_as]
    command += ["--outdir", str(saved), str(file)]
    await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, timeout=110)
    again, _ = await imported(saved / f"out.{saved_as}", tmp_path)
    before, after = by_name(await drafts_in(office)), by_name(again)
    for name, one in before.items():
        assert after[name]["phones"] == one["phones"]
        assert after[name]["texts"] == one["texts"]
        assert after[name]["days"] == one["days"]


@pytest.mark.defends("formula-prefixes")
async def test_an_xlsx_holds_text_days_and_amounts_and_no_formula(
    exports: ExportService, tmp_path: Path
) -> None:
    order = ExportRequestSpec("xlsx", "fa", ALL, search="کریمی نژاد")
    file = await exported(exports, tmp_path / "out.xlsx", order)
    book = CalamineWorkbook.from_path(str(file))
    assert book.sheet_names == ["مشتریان", "درخواست‌ها", "پرداخت‌ها"]
    headings, first, second, third = book.get_sheet_by_name("مشتریان").to_python()
    row = dict(zip(headings, first, strict=True))
    assert row["نام"] == "'=1+1"
    assert row["موبایل"] == "+989123456789"
    assert row["تلفن محل کار"] == "+4930901820"
    assert row["مانده حساب"] == -1250
    # Around midnight of 12 Mordad the next celebration may be another.
    assert row["تاریخ تولد"] in {"۱۱ مرداد", "۱۲ مرداد", "۱۳ مرداد"}
    assert row["مشتری از"] == date(2019, 1, 2)
    # The trip is paid in another currency, so it has a row of its own.
    assert row["مقصد"] == ""
    assert dict(zip(headings, second, strict=True))["قیمت"] == 90_000_000
    assert dict(zip(headings, third, strict=True))["مقصد"] == "Αθήνα"
    case = book.get_sheet_by_name("درخواست‌ها").to_python()[1]
    assert case[4] == "'=lost"
    with zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert 'rightToLeft="1"' in sheet
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert 'quotePrefix="1"' in archive.read("xl/styles.xml").decode()


@pytest.mark.defends("formula-prefixes")
async def test_a_csv_is_for_excel_and_no_cell_of_it_is_a_formula(
    exports: ExportService, tmp_path: Path
) -> None:
    file = await exported(exports, tmp_path / "out.csv", ExportRequestSpec("csv", "en", ALL))
    data = file.read_bytes()
    assert data.startswith("\ufeffScreenpop number,Code,Title,First name".encode())
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    amounts = {"Balance", "Our margin"}
    for row in rows:
        for heading, cell in row.items():
            if heading in amounts or not cell:
                continue
            if cell.startswith("+"):  # an international number, with its spaces
                assert cell.replace(" ", "").replace("-", "").lstrip("+")[:6].isdigit(), cell
                assert " " in cell
            else:
                assert cell[0] not in "=-@\t\r＝＋－＠", (heading, cell)
    mess = next(row for row in rows if row["First name"] == "'=1+1")
    assert mess["Mobile"] == "+98 912 345 6789"
    assert mess["Phone"] == "'0123456"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_a_department_may_not_see_does_not_go_out(
    exports: ExportService, tmp_path: Path, kind: Any
) -> None:
    """Mallory exports instead of looking."""
    sections = frozenset({Section.TRIPS})
    order = ExportRequestSpec(kind, "en", sections)
    file = await exported(exports, tmp_path / f"out.{kind}", order)
    if kind == "csv":
        text = file.read_text(encoding="utf-8-sig")
    else:
        with zipfile.ZipFile(file) as archive:
            text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "Rome" in text
    for secret in ("WEBSERVICE", "window seat", "-1250", "45000000", "Secret", "lost", "03/08"):
        assert secret not in text
    for heading in ("Notes", "Balance", "Price", "Birthday", "Bought from", "Marketing"):
        assert heading not in text


async def test_a_search_exports_the_customers_of_the_list(
    exports: ExportService, tmp_path: Path
) -> None:
    order = ExportRequestSpec("csv", "en", ALL, search="papadopoulos")
    file = await exported(exports, tmp_path / "out.csv", order)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert 0 < len({row["Screenpop number"] for row in rows if row["Screenpop number"]}) < 50
    without_section = ExportRequestSpec("csv", "en", frozenset(), search="webservice")
    text = (await exported(exports, tmp_path / "none.csv", without_section)).read_text(
        encoding="utf-8-sig"
    )
    assert len(text.splitlines()) == 1  # a hit would reveal the text of a note


async def test_payments_go_out_as_csv_with_their_customers_and_cents(
    exports: ExportService, office: Database, tmp_path: Path
) -> None:
    order = ExportRequestSpec("csv", "en", ALL, payments=True)
    file = await exported(exports, tmp_path / "payments.csv", order)

    lines = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    async with office.reading() as connection:
        count = (
            await connection.execute(select(func.count()).select_from(trip_payments))
        ).scalar_one()
    assert len(lines) == count + 1 > 1
    assert {"Customer", "Amount", "Currency"} <= set(lines[0])
    assert all(len(line) == len(lines[0]) and line[1] for line in lines[1:])


async def test_a_segment_exports_its_customers_only(exports: ExportService, tmp_path: Path) -> None:
    gold = {"field": "tier", "op": "is_any", "value": ["gold"]}
    condition = {"version": 1, "condition": {"all": [gold]}}
    segment = {"condition": condition, "today": TODAY.isoformat(), "zone": "Asia/Tehran"}
    order = ExportRequestSpec("csv", "en", ALL, segment=segment)
    file = await exported(exports, tmp_path / "out.csv", order)
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert {row["Tier"] for row in rows if row["Screenpop number"]} == {"Gold"}


async def test_too_many_exports_at_once_are_refused_until_one_leaves(
    exports: ExportService, tmp_path: Path
) -> None:
    order = ExportRequestSpec("csv", "en", ALL)
    readers = [exports(order) for _ in range(MAX_CONCURRENT_EXPORTS)]
    for reader in readers:
        await reader.__aenter__()
    with pytest.raises(ExportRefusedError) as refused:
        await exports(order).__aenter__()
    assert refused.value.code == "busy"
    for reader in readers:
        await reader.__aexit__(None, None, None)
    async with exports(order) as pieces:
        assert (await anext(aiter(pieces))).startswith(b"\xef\xbb\xbf")
    assert not os.listdir(tmp_path)  # no file with customers is left


async def test_an_unreachable_database_is_reported_at_once(tmp_path: Path) -> None:
    exports = ExportService(f"sqlite:///{tmp_path / 'nothing-here.db'}", tmp_path)
    with pytest.raises(ExportRefusedError) as refused:
        await exports(ExportRequestSpec("xlsx", "en", ALL)).__aenter__()
    assert refused.value.code == "failed"


def children() -> list[bytes]:
    """The command lines of this process's children."""
    return [
        Path(f"/proc/{number}/cmdline").read_bytes()
        for place in Path("/proc/self/task").glob("*/children")
        for number in place.read_text().split()
    ]


async def test_customers_go_out_by_a_process_of_its_own(exports: ExportService) -> None:
    """The loop that brings the cards is not held up by a million rows."""
    async with exports(ExportRequestSpec("csv", "en", ALL)) as pieces:
        await anext(aiter(pieces))
        assert sum(b"export" in line for line in children()) == 1
