"""A subject access request returns everything that is stored about a person."""

from datetime import date

import orjson
import pytest
from sqlalchemy import insert, select

from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.models import CustomerId
from screenpop.scoring.run import score_office
from screenpop.store.customers.documents import add_document
from screenpop.store.engine.database import Database
from screenpop.store.privacy.subject_access import subject_access_report
from screenpop.store.schema.attachment_tables import customer_attachments
from screenpop.store.schema.company_tables import company_contacts
from screenpop.store.schema.customer_tables import all_tables
from screenpop.store.schema.offer_tables import offers
from screenpop.store.schema.point_tables import point_entries
from screenpop.store.schema.retention_tables import deleted_calls
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import customers
from screenpop.store.schema.voucher_tables import vouchers
from screenpop.store.schema.webhook_tables import webhook_deliveries, webhook_targets
from tests.store.privacy.test_erasure import NEEDLES, an_office, everything_in, places_of_needles

pytestmark = pytest.mark.anyio


@pytest.mark.defends("subject-access")
async def test_the_whole_file_holds_all_that_an_erasure_would_take(database: Database) -> None:
    laleh, _ = await an_office(database)
    visa = DocumentDraft(kind=DocumentKind.VISA, country="IT")
    await add_document(database, laleh, visa, user_id=None, now=1.0)
    await score_office(database, date(2026, 2, 26), [], 1.0)
    attached = {"kind": "ticket", "media_type": "image/png", "size": 5, "file": "f"}
    async with database.writing() as connection:
        row = insert(customer_attachments).values(customer_id=laleh, created_at=1.0, **attached)
        await connection.execute(row)
        company = (
            (
                await connection.execute(
                    select(customers.c.company_id).where(customers.c.id == laleh)
                )
            )
            .scalars()
            .first()
        )
        contact = {"company_id": company, "customer_id": laleh, "roles": ["books"]}
        await connection.execute(insert(company_contacts).values(**contact))
        offer = {"name": "Rome", "terms": {}, "made_at": 1.0, "changed_at": 1.0}
        made = await connection.execute(insert(offers).values(**offer).returning(offers.c.id))
        voucher = {"code": "2345", "kind": "gift", "issue_key": "k", "issue_no": 0, "bound": True}
        voucher |= {"offer_id": made.scalar_one(), "customer_id": laleh, "issued_at": 1.0}
        await connection.execute(insert(vouchers).values(**voucher))
        await connection.execute(insert(deleted_calls).values(customer_id=laleh, last_at=1.0))
        point = {"customer_id": laleh, "kind": "earned", "points": 5, "day": date(2026, 1, 1)}
        await connection.execute(insert(point_entries).values(**point, at=1.0))
        days = {"due": date(2026, 1, 1), "lapsed_from": date(2026, 2, 1)}
        target: dict[str, object] = {"name": "CRM", "url": "https://a.gr", "types": []}
        target |= {"shape": "standard", "secret_sealed": "x", "made_at": 1.0}
        made = await connection.execute(
            insert(webhook_targets).values(target).returning(webhook_targets.c.id)
        )
        event = {"target_id": made.scalar_one(), "event_id": "e", "type": "call.ended"}
        event |= {"order_key": "o", "customer_id": laleh, "data": {}, "agents": [], "at": 1.0}
        event |= {"made_at": 1.0, "next_at": 1.0, "state": "waiting"}
        await connection.execute(insert(webhook_deliveries).values(event))
        await connection.execute(insert(customer_rhythms).values(customer_id=laleh, **days))
    kept = await subject_access_report(database, laleh)
    assert kept is not None
    text = orjson.dumps(kept).decode().casefold()
    missing = [needle for needle in NEEDLES if needle not in text and needle != "zarringol"]
    # Written with a joiner, and folded without: one name.
    assert missing == ["زرینگل"]
    assert [name for name, value in kept.items() if not value] == []
    [role] = kept["company_contacts"]
    assert (role["company"], role["roles"]) == (kept["person"]["company"], ["books"])
    call = kept["calls"][0]
    assert call["notes"][0]["text"] == "Laleh Zarringol wants a window"
    assert call["trace"][0]["raw"] == "09127718834"
    assert call["legs"][0]["endpoint"] == "101"
    assert call["arrived_at"].startswith("2023-11-14T")
    assert kept["looks"][0]["by"] == "Maryam"
    [bought] = [trip for trip in kept["trips"] if not trip["bought"]]
    assert {one["name"] for one in bought["travellers"]} == {"Laleh Zarringol", "Ali"}


async def test_every_table_about_a_customer_is_in_it(database: Database) -> None:
    """A new table with a customer's data has to be added here, and to the erasure."""
    await an_office(database)
    tables_with_needles = {
        table for table, _ in places_of_needles((await everything_in(database)).items())
    }
    known = {
        *("customers", "customer_phones", "trips", "trip_travellers", "cases", "case_steps"),
        *("calls", "call_traces", "call_notes", "customer_changes", "customer_merges"),
        *("import_changes", "watched_rows", "households", "number_choices"),
        *("offer_answers", "follow_ups", "work_list", "work_list_marks", "asked_facts"),
        "customer_messages",
        "form_drafts",
        "call_list_customers",
        "removed_items",
        "customer_documents",
        "customer_values",
        "customer_rhythms",
        "customer_attachments",
        "company_contacts",
        "vouchers",
        "point_entries",
        "webhook_deliveries",
        "deleted_calls",
    }
    assert {
        table
        for table in tables_with_needles
        if not table.startswith(("customers_found", "calls_found", "search_word_keys"))
    } <= known
    points = {
        table.name
        for table in all_tables.sorted_tables
        if any(key.column.table.name == "customers" for key in table.foreign_keys)
    }
    assert points <= known | {
        *("customer_looks", "match_keys", "different_people"),
        *("name_orders", "last_contacts"),  # computed from names and calls
        # Who hid a file, and for whom it is not hidden, is in the changes.
        *("hidden_files", "hidden_file_users"),
    }


async def test_a_missing_customer_has_no_file(database: Database) -> None:
    assert await subject_access_report(database, CustomerId(5)) is None
