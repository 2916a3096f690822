"""Drafts of customers with their numbers."""

from typing import Any

from screenpop.customers.detail import CustomerDetail
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.engine.database import Database
from tests.store.samples import LALEH, NIKOS

HERS = PhoneDraft("0912 345 6789", LALEH.e164, LALEH.last_nine, "mobile")
HIS = PhoneDraft("6912345678", NIKOS.e164, NIKOS.last_nine, "mobile")


def draft(family: str, *phones: PhoneDraft, given: str = "Laleh", **more: Any) -> CustomerDraft:
    return CustomerDraft(names={"en": PersonName(given, family)}, phones=phones, **more)


async def file_of(database: Database, customer_id: CustomerId) -> CustomerDetail:
    found = await load_customer_detail(database, customer_id)
    assert found is not None
    return found
