"""A card number that is typed or imported reaches no table and no byte of the database."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, make_url

from screenpop.customers.draft import CaseDraft, CustomerDraft, IncomingRow, PhoneDraft, TripDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.calls.note_edit import add_note, correct_note
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.customers.trips_edit import add_case, add_trip, update_case, update_trip
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_rows
from screenpop.store.imports.undo import undo_import
from screenpop.store.schema.columns import FreeText
from screenpop.store.schema.customer_tables import all_tables, asked_facts, follow_ups
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import E164
from tests.store.privacy.test_erasure import everything_in
from tests.store.samples import add_user, finished_call

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
CARD = "6037 9911 2233 4455"
TYPED = f"pays with {CARD} on Sunday"
KEPT = "pays with •••• •••• •••• 4455 on Sunday"
NEEDLES = ("6037 9911", "60379911")


def a_draft(name: str, **more: Any) -> CustomerDraft:
    return CustomerDraft(
        names={"en": PersonName(name, "Card")},
        phones=(PhoneDraft("09121112233", E164("+989121112233"), "121112233", TYPED),),
        notes=TYPED,
        **more,
    )


def whole_draft(name: str) -> CustomerDraft:
    return a_draft(
        name,
        preferences=TYPED,
        heard_from=TYPED,
        tags=(TYPED,),
        wishes={"other": TYPED},
        own={"1": TYPED},
        trips=(
            TripDraft(
                destination="Rome", note=TYPED, supplier=TYPED, feedback=TYPED, own={"2": TYPED}
            ),
        ),
        cases=(CaseDraft(subject=TYPED, promised_by=TYPED),),
    )


async def places_of_card(database: Database) -> list[str]:
    found = await everything_in(database)
    return [place for place, text in found.items() if any(one in text for one in NEEDLES)]


async def imported(database: Database, *drafts: CustomerDraft) -> int:
    async def parts() -> Any:
        yield [IncomingRow(place, draft) for place, draft in enumerate(drafts, 2)]

    return (await import_rows(database, parts(), filename="sheet.xlsx", now=NOW)).batch


@pytest.mark.defends("card-numbers")
async def test_card_numbers_reach_no_table_by_any_way_of_writing(
    database: Database, url: str
) -> None:
    user = (await add_user(database, "maryam", "101")).id
    by: dict[str, Any] = {"user_id": user, "now": NOW}
    # A row with few columns and one with all are written in different ways, and a second sheet
    # adds to the first.
    await imported(database, a_draft("Short"), whole_draft("Long"))
    again = await imported(
        database, whole_draft("Short"), CustomerDraft(names={"en": PersonName("Ali", "B")})
    )
    person = await create_customer(database, whole_draft("Typed"), NOW)
    changed = {"notes": f"now {TYPED}", "wishes": {"seat": TYPED}, "own": {"1": f"{TYPED}!"}}
    await update_customer_fields(database, person, changed, **by)
    trip = await add_trip(database, person, {"destination": "Athens", "note": TYPED}, **by)
    await update_trip(database, trip, {"feedback": TYPED, "supplier": TYPED}, **by)
    case = {"kind": "complaint", "state": "open", "subject": TYPED, "opened": date(2026, 1, 1)}
    number = await add_case(database, person, case, **by)
    await update_case(
        database, number, {"promised_by": TYPED}, note=TYPED, today=date(2026, 1, 2), **by
    )
    await _notes(database, person)
    async with database.writing() as connection:
        promised = {"due": date(2026, 1, 5), "source": "call", "state": "open", "made_at": NOW}
        await connection.execute(
            insert(follow_ups).values(customer_id=person, promise=TYPED, **promised)
        )
        asked = {"fact": "birthday", "card": "lab/1/1", "asked_on": date(2026, 1, 5)}
        await connection.execute(
            insert(asked_facts).values(customer_id=person, answer=TYPED, **asked)
        )
    assert await places_of_card(database) == []
    if database.kind == "sqlite":
        path = Path(str(make_url(url).database))
        raw = b"".join(part.read_bytes() for part in (path, Path(f"{path}-wal")) if part.exists())
        assert [needle for needle in NEEDLES if needle.encode() in raw] == []
    assert (await list_customers(database, search="4455", notes=True)).rows
    assert not (await list_customers(database, search="60379911", notes=True)).rows
    # What the sheet brought counts as unchanged, so that the import can be undone.
    assert (await undo_import(database, again, NOW)).kept == ()


async def _notes(database: Database, person: CustomerId) -> None:
    user = (await add_user(database, "sara", "102")).id
    record = finished_call("1795300000.1", customer=person)
    database.log.start()
    database.log.keep(record)
    _ = database.log.keep_note(record.entry.call, record.entry.pbx, user, TYPED, record.entry.boot)
    await database.log.flush()
    async with database.reading() as connection:
        call = (await connection.execute(calls.select())).one().id
    note = await add_note(database, call, TYPED, user_id=user, now=NOW)
    assert note.text == KEPT  # a text that is sent twice is not repeated
    corrected = await correct_note(database, call, note.id, TYPED, user_id=user, now=NOW)
    assert corrected.text == KEPT


@pytest.mark.defends("card-numbers")
def test_columns_of_free_text_are_those_that_people_type_in() -> None:
    free = {
        f"{table.name}.{column.name}"
        for table in all_tables.tables.values()
        for column in table.columns
        if isinstance(column.type, FreeText)
    }
    assert free == {
        *("customers.preferences", "customers.heard_from", "customers.notes"),
        *("customers.folded_notes", "customer_phones.label"),
        *("trips.note", "trips.supplier", "trips.feedback"),
        *("cases.subject", "cases.promised_by", "case_steps.text"),
        *("call_notes.text", "follow_ups.promise", "asked_facts.answer"),
        *("customer_messages.text", "trip_payments.note", "point_entries.reason"),
        *("vouchers.gift", "vouchers.redeemed_place"),
        *("voucher_events.reason", "voucher_events.place"),
    }
