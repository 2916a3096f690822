"""What one office takes along, another brings in: the same customers with all that is theirs."""

import shutil
from collections.abc import AsyncGenerator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from screenpop.accounts.departments import Section
from screenpop.customers.consent import Consent
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.import_report import RowResult
from screenpop.customers.models import CustomerId, PersonName
from screenpop.importing.job import run_import_task
from screenpop.importing.report import all_rows
from screenpop.importing.request import ImportTask
from screenpop.spreadsheets.writing.columns import ExportWords
from screenpop.spreadsheets.writing.files import CsvFile, XlsxFile
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.trips_edit import add_case, add_trip
from screenpop.store.engine.database import Database, open_database
from screenpop.store.export_rows import export_customers
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import customers, import_batches, metadata
from screenpop.telephony.identifiers import E164
from screenpop.web.translations import read_catalogues
from tests.importing.import_setup import Office

pytestmark = pytest.mark.anyio

LOCALE = Path(__file__).parents[2] / "screenpop" / "web" / "locale"
TRANSLATED = {
    code: ExportWords(code, words.gettext) for code, words in read_catalogues(LOCALE).items()
}
HERE = ("maryam", "Maryam"), ("eleni", "Eleni Makri"), ("eleni2", "Eleni Makri")
THERE = ("boss", "The Boss"), *reversed(HERE)

LALEH = CustomerDraft(
    names={
        "fa": PersonName("لاله", "کریمی", "خانم دکتر"),
        "en": PersonName("Laleh", "Karimi", "=Lala"),
    },
    phones=(PhoneDraft("6912345678", E164("+306912345678"), "912345678", "mobile"),),
    wishes={"seat": "+window", "meals": "no nuts", "other": "tea; no sugar"},
    preferences="+window; no nuts; tea; no sugar",
    consents={
        "sms": Consent(True, date(2025, 3, 4), "by letter, 3 May", "Maryam"),
        "data": Consent(False, date(2024, 1, 31), "paper"),
    },
    notes="two\nlines",
)
NIKOS = CustomerDraft(
    names={"el": PersonName("Νίκος", "Παππάς")},
    phones=(PhoneDraft("6912345679", E164("+306912345679"), "912345679", "mobile"),),
    preferences="quiet rooms",
    balance=-40,
    currency="EUR",
)
ROME = {
    "destination": "Rome",
    "country": "IT",
    "departs": date(2026, 12, 1),
    "status": "ticketed",
    "price": 900,
    "paid": 100,
    "margin": -80,
    "currency": "USD",
    "supplier": "@Sea & Sky",
    "rating": 4,
    "feedback": "fine,\nbut loud",
    "feedback_asked": date(2026, 11, 1),
}
REFUND = {
    "kind": "refund",
    "state": "waiting",
    "subject": "=lost bag",
    "opened": date(2026, 10, 1),
    "promised_by": "Eleni",
    "promised_for": date(2026, 12, 24),
}
CLOSED = {"kind": "question", "state": "closed", "subject": "Visa?", "opened": date(2025, 1, 1)}


async def users_of(database: Database, people: tuple[tuple[str, str], ...]) -> dict[str, int]:
    own = {"password_hash": "-", "role": "agent", "department": "sales", "language": "en"}
    async with database.writing() as connection:
        for username, shown in people:
            customer_id = {"username": username, "display_name": shown, "created_at": 1.0}
            await connection.execute(insert(users).values(**customer_id, **own))
        rows = await connection.execute(select(users.c.username, users.c.id))
        return {row.username: row.id for row in rows}


@pytest.fixture
async def here(migrated_sqlite: Path, tmp_path: Path) -> AsyncGenerator[Database]:
    """An office in which people have worked by hand."""
    path = tmp_path / "here.db"
    shutil.copy(migrated_sqlite, path)
    database = open_database(f"sqlite:///{path}")
    named = await users_of(database, HERE)
    for draft, owner in ((LALEH, "eleni2"), (NIKOS, "maryam")):
        customer_id = await create_customer(database, draft, 5.0)
        async with database.writing() as connection:
            await connection.execute(
                customers.update()
                .where(customers.c.id == customer_id)
                .values(owner_id=named[owner])
            )
    for case in (REFUND, CLOSED):
        await add_case(database, CustomerId(1), case, user_id=None, now=5.0)
    await add_trip(database, CustomerId(1), ROME, user_id=None, now=5.0)
    yield database
    await database.close()


async def taken_along(database: Database, path: Path, language: str) -> Path:
    """The file of all customers, as exported by a user with every permission."""
    people = [one async for page in export_customers(database) for one in page]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            CsvFile(out, TRANSLATED[language], frozenset(Section)).add(people)
        return path
    file = XlsxFile(
        path, path.parent, TRANSLATED[language], frozenset(Section), right_to_left=False
    )
    file.add(people)
    file.close()
    return path


async def on_file(database: Database) -> list[CustomerDraft]:
    async with database.reading() as connection:
        ids = (await connection.execute(select(customers.c.id).order_by(customers.c.id))).scalars()
        return list((await load_drafts(connection, list(ids))).values())


async def every_row(database: Database) -> dict[str, list[Any]]:
    unsaid = {import_batches.name, "meta"}
    async with database.reading() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if table.name not in unsaid
        }


@pytest.mark.parametrize("language", ["en", "fa", "el"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_another_office_gets_the_same_customers_and_its_undo_leaves_nothing(
    here: Database, office: Office, tmp_path: Path, kind: str, language: str
) -> None:
    there = await users_of(office.database, THERE)
    before = await every_row(office.database)
    path = await taken_along(here, tmp_path / f"list.{kind}", language)

    done = await run_import_task(office.ask(ImportTask.IMPORT, path), lambda _: None, lambda: False)

    assert (done.counts.new, done.counts.refused, done.counts.noted) == (2, 0, 0)
    laleh, nikos = await on_file(office.database)
    assert (laleh.owner, nikos.owner) == (there["eleni2"], there["maryam"])
    assert (laleh.wishes, laleh.preferences) == (LALEH.wishes, LALEH.preferences)
    assert (nikos.wishes, nikos.preferences) == ({}, "quiet rooms")
    assert laleh.consents == LALEH.consents
    assert list(laleh.names.items()) == list(LALEH.names.items())
    original, _ = await on_file(here)
    assert laleh.trips == original.trips
    assert laleh.cases == original.cases
    again = await taken_along(office.database, tmp_path / f"again-{language}.csv", language)
    first = await taken_along(here, tmp_path / f"first-{language}.csv", language)
    assert again.read_bytes() == first.read_bytes()

    undone = await run_import_task(
        office.ask(ImportTask.UNDO, batch=done.batch), lambda _: None, lambda: False
    )
    assert (undone.gone, undone.kept_count) == (2, 0)
    assert await every_row(office.database) == before


async def test_the_office_itself_learns_nothing_new_from_its_own_list(
    here: Database, office: Office, tmp_path: Path
) -> None:
    path = await taken_along(here, tmp_path / "list.csv", "en")
    await users_of(office.database, HERE)
    await run_import_task(office.ask(ImportTask.IMPORT, path), lambda _: None, lambda: False)
    before = await every_row(office.database)

    again = await run_import_task(
        office.ask(ImportTask.IMPORT, path), lambda _: None, lambda: False
    )

    assert (again.counts.new, again.counts.changed, again.counts.on_file) == (0, 0, 3)
    assert await every_row(office.database) == before


async def test_an_unknown_owner_is_reported_with_a_remedy_and_stays_in_the_notes(
    here: Database, office: Office, tmp_path: Path
) -> None:
    path = await taken_along(here, tmp_path / "list.csv", "en")

    await run_import_task(office.ask(ImportTask.IMPORT, path), lambda _: None, lambda: False)

    reported = [row for row in all_rows(office.report) if row.what is RowResult.NOTED and row.who]
    assert [(row.who, row.column, row.value, row.code) for row in reported] == [
        ("لاله کریمی", "Looked after by", "eleni2", "unknown_owner"),
        ("Νίκος Παππάς", "Looked after by", "Maryam", "unknown_owner"),
    ]
    laleh, nikos = await on_file(office.database)
    assert (laleh.owner, laleh.notes) == (None, "two\nlines\nLooked after by: eleni2")
    assert (nikos.owner, nikos.notes) == (None, "Looked after by: Maryam")


async def test_columns_of_another_office_in_three_languages_have_the_same_meaning(
    office: Office,
) -> None:
    named = await users_of(office.database, THERE)
    sheets = (
        "Name,Mobile,Owner,Seat,Meal,Nickname,Destination,Supplier,Profit\n"
        "Laleh Karimi,6912345670,maryam,aisle,vegan,Lala,Rome,Sea & Sky,80\n",
        "نام و نام خانوادگی,موبایل,کارشناس,صندلی,غذا,خطاب,مقصد,تأمین‌کننده,سود\n"
        "Laleh Karimi,6912345671,Maryam,aisle,vegan,Lala,Rome,Sea & Sky,۸۰\n",
        "Ονοματεπώνυμο,Κινητό,Υπεύθυνος,Θέση,Φαγητό,Προσφωνείται,Προορισμός,Προμηθευτής,Κέρδος\n"
        "Laleh Karimi,6912345672,MARYAM,aisle,vegan,Lala,Rome,Sea & Sky,80 €\n",
    )
    for number, sheet in enumerate(sheets):
        path = office.sheet(sheet, f"{number}.csv")
        await run_import_task(office.ask(ImportTask.IMPORT, path), lambda _: None, lambda: False)

    people = await on_file(office.database)
    assert len(people) == 3
    for one in people:
        assert one.owner == named["maryam"]
        assert one.wishes == {"seat": "aisle", "meals": "vegan"}
        assert one.names["en"].called == "Lala"
        [trip] = one.trips
        assert (trip.supplier, trip.margin, trip.currency) == ("Sea & Sky", 80, "EUR")
