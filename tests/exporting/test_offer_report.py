"""The sheet of what became of offers: the lift computed from it by hand is the one on the page."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from screenpop.exporting.client import ExportService
from screenpop.offers.lift import Share, lift_of
from screenpop.offers.outcomes import sum_up
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.offers.outcomes import load_outcomes
from screenpop.web.export_port import OfferExportSpec
from tests.store.offers.test_offers import keep
from tests.store.offers.test_outcomes import FIRST, TODAY, WANTED, add, book, call
from tests.store.samples import add_customer

pytestmark = pytest.mark.anyio
FORMULA = '=HYPERLINK("http://127.0.0.1/","pay")'


@pytest.fixture
async def office(tmp_path: Path) -> AsyncGenerator[Database]:
    """Twelve customers of one offer, four of them control, and one of another offer."""
    url = f"sqlite:///{tmp_path / 'office.db'}"
    await asyncio.to_thread(migrate, url)
    database = open_database(url)
    await database.ready()
    number, other = await add(database), await add(database)
    people = [await add_customer(database, "Karimi") for _ in range(13)]
    await keep(
        database,
        *(call(one, number, place, withheld=place >= 8) for place, one in enumerate(people[:12])),
        call(people[1], number, 20, "no", why="price"),
        call(people[12], other, 3, "accepted"),
        call(people[12], number, (TODAY - FIRST).days - 2),
    )
    for one in [*people[:3], people[8], people[12]]:
        await book(database, one, 15)
    yield database
    await database.close()


def order(kind: str, language: str = "en") -> OfferExportSpec:
    names = {1: FORMULA, 2: "Another"}
    return OfferExportSpec(kind, language, FIRST, TODAY, 30, TODAY, "UTC", names)  # type: ignore[arg-type]


async def exported(folder: Path, wanted: OfferExportSpec) -> bytes:
    service = ExportService(f"sqlite:///{folder / 'office.db'}", folder)
    async with service(wanted) as pieces:
        return b"".join([piece async for piece in pieces])


async def test_the_lift_computed_by_hand_from_the_csv_is_the_lift_of_the_page(
    office: Database, tmp_path: Path
) -> None:
    text = (await exported(tmp_path, order("csv"))).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 14
    shares = {}
    for group in ("shown", "control"):
        counted = [
            int(row["Booked (1/0)"])
            for row in rows
            if (row["Offer number"], row["Group"], row["Counts (1/0)"]) == ("1", group, "1")
        ]
        shares[group] = Share(sum(counted), len(counted))
    assert shares == {"shown": Share(3, 8), "control": Share(1, 4)}
    figures = sum_up(await load_outcomes(office, WANTED))["offer:1"]
    assert lift_of(shares["shown"], shares["control"]) == figures.lift
    declined = next(row for row in rows if row["Answer"] and row["Offer number"] == "1")
    assert (declined["Reason of a no"], declined["Agent"]) == ("Price", "Maryam")
    assert {row["Offer"] for row in rows} == {f"'{FORMULA}", "Another"}


@pytest.mark.parametrize(
    ("language", "group"), [("en", "control"), ("fa", "گروه شاهد"), ("el", "ομάδα ελέγχου")]
)
async def test_the_workbook_has_the_same_rows_in_the_language_of_the_reader(
    office: Database, tmp_path: Path, language: str, group: str
) -> None:
    book_of = await exported(tmp_path, order("xlsx", language))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book_of)).get_sheet_by_index(0).to_python()
    assert len(rows) == 15
    assert [row[3] for row in rows].count(group) == 4
    assert sum(row[12] == 1 for row in rows[1:] if row[11] == 1 and row[0] == 1) == 4
    assert office.kind == "sqlite"


async def test_offers_that_were_not_asked_for_are_not_in_the_sheet(
    office: Database, tmp_path: Path
) -> None:
    text = (await exported(tmp_path, replace(order("csv"), offers={2: "Another"}))).decode()
    assert len(text.splitlines()) == 2
    assert await load_outcomes(office, replace(WANTED, offers=frozenset())) == []
