"""Rows of a sheet for the tests of importing."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from sqlalchemy import select

from screenpop.customers.draft import CustomerDraft, IncomingRow, PhoneDraft, TripDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.telephony.identifiers import E164

ISTANBUL = TripDraft(destination="Istanbul", country="TR", departs=date(2026, 12, 1), price=900)
ROME = TripDraft(destination="Rome", country="IT", departs=date(2027, 4, 1), price=700)


def phone(number: int) -> PhoneDraft:
    e164 = E164(f"+98912{number:07d}")
    return PhoneDraft(f"0912{number:07d}", e164, e164[-9:], "mobile")


def person(name: str, *numbers: int, language: str = "en", **more: object) -> CustomerDraft:
    given, _, family = name.rpartition(" ")
    return CustomerDraft(
        names={language: PersonName(given, family)},
        phones=tuple(phone(number) for number in numbers),
        **more,  # type: ignore[arg-type]
    )


def row(line: int, draft: CustomerDraft) -> IncomingRow:
    return IncomingRow(line, draft)


def going_on(line: int, trip: TripDraft) -> IncomingRow:
    """A row without a name: it continues the customer above."""
    return IncomingRow(line, CustomerDraft(names={}, trips=(trip,)), more_of_above=True)


async def sheet(*rows: IncomingRow, at_once: int = 500) -> AsyncIterator[Sequence[IncomingRow]]:
    for start in range(0, len(rows), at_once):
        yield rows[start : start + at_once]


async def all_customers(database: Database) -> list[CustomerDraft]:
    """All customers as they are on file, the oldest first."""
    async with database.reading() as connection:
        ids = (await connection.execute(select(customers.c.id).order_by(customers.c.id))).scalars()
        return list((await load_drafts(connection, list(ids.all()))).values())


async def ids_on_file(database: Database) -> list[int]:
    async with database.reading() as connection:
        rows = await connection.execute(select(customers.c.id).order_by(customers.c.id))
        return list(rows.scalars())
