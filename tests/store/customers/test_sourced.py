"""What another program knows of a caller is kept once, and changes only what differs."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerFile, PersonName, Tier
from screenpop.customers.sourced_record import SourcedRecord
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.sourced import keep_sourced
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.telephony.identifiers import E164
from screenpop.telephony.phone_numbers import NumberPlan, resolve

pytestmark = pytest.mark.anyio

CALLER = resolve("+989123456789", plan=NumberPlan("IR"))  # type: ignore[arg-type]
RECORD = SourcedRecord(PersonName("لاله", "کریمی"), tier=Tier.GOLD, company="Olympia", code="7")
NOW = 1_772_100_000.0


async def file_of(database: Database) -> CustomerFile:
    found = database.lookup.now_or_later(CALLER)
    record = found if not hasattr(found, "__await__") else await found
    (file,) = record.exact
    return file


async def test_an_unknown_caller_becomes_a_customer_once(database: Database) -> None:
    assert await keep_sourced(database, CALLER, RECORD, NOW)
    assert not await keep_sourced(database, CALLER, RECORD, NOW + 1)
    customer = (await file_of(database)).customer
    assert customer.names == {"fa": PersonName("لاله", "کریمی")}
    assert (customer.tier, customer.company, customer.language) == (Tier.GOLD, "Olympia", "fa")


async def test_only_what_the_program_sends_and_what_differs_is_changed(database: Database) -> None:
    phone = PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile")
    draft = CustomerDraft(
        names={"en": PersonName("Laleh", "Karimi"), "fa": PersonName("لاله", "کریمی", "لاله جان")},
        tier=Tier.SILVER,
        notes="private",
        city="Tehran",
        phones=(phone,),
    )
    await create_customer(database, draft, NOW)
    assert await keep_sourced(database, CALLER, replace(RECORD, city="Shiraz"), NOW)
    file = await file_of(database)
    assert file.customer.names == draft.names
    assert (file.customer.tier, file.customer.notes) == (Tier.GOLD, "private")
    assert file.more.city == "Shiraz"
    assert not await keep_sourced(database, CALLER, RECORD, NOW)
    async with database.reading() as connection:
        edits = select(func.count()).where(customer_changes.c.what == "edited")
        assert await connection.scalar(edits) == 1


async def test_a_number_of_several_customers_changes_none(database: Database) -> None:
    for name in ("A", "B"):
        phone = PhoneDraft("0912 345 6789", E164("+989123456789"), "123456789", "mobile")
        draft = CustomerDraft(names={"en": PersonName(name, "")}, phones=(phone,))
        await create_customer(database, draft, NOW)
    assert not await keep_sourced(database, CALLER, RECORD, NOW)
