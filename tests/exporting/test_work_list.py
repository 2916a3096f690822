"""Work lists as sheets: hostile text is no formula, and a department gets only what it may see."""

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import insert

from screenpop.accounts.departments import VIEWS, Section
from screenpop.accounts.users import Department
from screenpop.customers.consent import Consent
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.exporting.client import ExportService
from screenpop.follow_ups.models import FollowUpSource, NewFollowUp
from screenpop.follow_ups.work_list import WorkKind
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.follow_ups.changes import insert_follow_up
from screenpop.store.follow_ups.work_list_build import build_work_list
from screenpop.store.schema.tables import trips
from screenpop.telephony.identifiers import E164
from screenpop.web.export_port import ExportRefusedError, WorkListExportSpec

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
TODAY = datetime.fromtimestamp(NOW, UTC).date()
ALL = frozenset(Section)
HOSTILE = ('=HYPERLINK("http://127.0.0.1/","pay")', "+1+1", "@SUM(A1)", "＝WEBSERVICE(1)", "-2+3")


AGREED = {"offers": Consent(True, TODAY, "phone", "Maryam")}
REFUSED = {"offers": Consent(False, TODAY, "phone", "Maryam")}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Database]:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    await asyncio.to_thread(migrate, url)
    database = open_database(url)
    for number, name in enumerate(HOSTILE):
        customer_id = await customer(database, name, f"+9891200000{number:02}")
        await promise(database, customer_id, name)
    lapsed = await customer(database, "Karimi", "+989121112233", AGREED)
    never_asked = await customer(database, "Unasked", "+989121112255")
    refused = await customer(database, "Refusing", "+989121112266", REFUSED)
    async with database.writing() as connection:
        for back in (600, 750, 900):
            for one in (lapsed, never_asked, refused):
                await connection.execute(insert(trips).values(**trip(one, back)))
    owing = await customer(database, "Owing", "+989121112244")
    async with database.writing() as connection:
        due = {"status": "booked", "price": 900, "paid": 100, "departs": TODAY + timedelta(10)}
        await connection.execute(insert(trips).values(**trip(owing, 0) | due))
    await build_work_list(database, UTC, NOW)
    yield database
    await database.close()


async def customer(
    database: Database, name: str, number: str, consents: Mapping[str, Consent] | None = None
) -> CustomerId:
    phone = PhoneDraft(number, E164(number), number[-9:], "mobile")
    draft = CustomerDraft(
        names={"en": PersonName(name, "")}, phones=(phone,), consents=dict(consents or {})
    )
    return await create_customer(database, draft, NOW - 86_400)


async def promise(database: Database, customer_id: CustomerId, text: str) -> None:
    new = NewFollowUp(customer_id, TODAY, text, FollowUpSource.MANUAL, None, None)
    await insert_follow_up(database, new, today=TODAY, now=NOW)


def trip(customer_id: CustomerId, back: int) -> dict[str, Any]:
    departs = TODAY - timedelta(days=back)
    return {
        "customer_id": customer_id,
        "destination": "Rome",
        "departs": departs,
        "returns": None,
        "status": "travelled",
        "price": 500,
        "currency": "EUR",
    }


async def sheet(
    folder: Path, kind: WorkKind, sections: frozenset[Section] = ALL, language: str = "en"
) -> tuple[list[dict[str, Any]], bytes]:
    """The rows of an exported list by heading, and the file."""
    exports = ExportService(f"sqlite:///{folder / 'office.db'}", folder)
    order = WorkListExportSpec(kind, (), TODAY, "UTC", language, sections)
    async with exports(order) as pieces:
        whole = b"".join([piece async for piece in pieces])
    rows = CalamineWorkbook.from_filelike(io.BytesIO(whole)).get_sheet_by_index(0).to_python()
    heads = [str(head) for head in rows[0]]
    return [dict(zip(heads, row, strict=True)) for row in rows[1:]], whole


@pytest.mark.defends("formula-prefixes")
async def test_hostile_text_of_names_and_promises_is_no_formula(
    office: Database, tmp_path: Path
) -> None:
    rows, whole = await sheet(tmp_path, WorkKind.PROMISE)
    assert [row["About"] for row in rows] == [f"'{text}" for text in HOSTILE]
    assert all(str(row["Name"]).startswith("'") for row in rows)
    assert {row["Day"] for row in rows} == {TODAY}
    assert rows[0]["Phone"] == "+989120000000"
    with zipfile.ZipFile(io.BytesIO(whole)) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in cells
    assert not [name for name in parts.namelist() if "externalLink" in name]


async def test_department_without_prices_gets_no_amounts(office: Database, tmp_path: Path) -> None:
    (row,), _ = await sheet(tmp_path, WorkKind.LAPSED)
    assert (row["Spent on trips"], row["Currency of trips"], row["Trips"]) == (1500, "EUR", 3)
    assert row["Day"] == TODAY - timedelta(days=600)
    (row,), whole = await sheet(tmp_path, WorkKind.LAPSED, VIEWS[Department.SALES])
    assert not {"Spent on trips", "Currency of trips", "Amount due"} & set(row)
    assert b"1500" not in whole
    (row,), _ = await sheet(tmp_path, WorkKind.BALANCE, VIEWS[Department.FINANCE])
    assert (row["Amount due"], row["Currency"]) == (800, "EUR")
    assert row["Day"] == TODAY + timedelta(days=10)


async def test_list_that_a_department_may_not_see_is_not_exported(
    office: Database, tmp_path: Path
) -> None:
    with pytest.raises(ExportRefusedError):
        await sheet(tmp_path, WorkKind.BALANCE, VIEWS[Department.SALES])


async def test_sheet_is_in_the_language_of_the_reader(office: Database, tmp_path: Path) -> None:
    (row,), _ = await sheet(tmp_path, WorkKind.LAPSED, language="fa")
    assert (row["نام"], row["روز"]) == ("Karimi", date.fromisoformat(str(row["روز"])))


async def test_list_longer_than_a_page_is_whole_in_the_sheet(
    office: Database, tmp_path: Path
) -> None:
    customer_id = await customer(office, "Busy", "+989121119999")
    for number in range(401):
        await promise(office, customer_id, f"promise {number}")
    rows, _ = await sheet(tmp_path, WorkKind.PROMISE)
    assert len(rows) == 401 + len(HOSTILE)
    assert len({row["About"] for row in rows}) == len(rows)


async def test_a_list_that_sells_has_only_customers_with_consent_to_offers(
    office: Database, tmp_path: Path
) -> None:
    rows, whole = await sheet(tmp_path, WorkKind.LAPSED)
    assert [row["Name"] for row in rows] == ["Karimi"]
    assert b"Unasked" not in whole
    # Service is for all: what a customer owes is no offer.
    rows, _ = await sheet(tmp_path, WorkKind.BALANCE)
    assert [row["Name"] for row in rows] == ["Owing"]
    assert office.kind == "sqlite"
