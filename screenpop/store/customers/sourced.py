"""Keeps what another program knows of a caller: a new customer, or the fields that differ."""

from inspect import isawaitable
from typing import Any

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerFile, PersonName, Tier, Title
from screenpop.customers.sourced_record import SourcedRecord
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.telephony.caller_id import CallerId


async def keep_sourced(
    database: Database, caller: CallerId, record: SourcedRecord, now: float
) -> bool:
    """Return whether a customer was created or changed.

    A number of several customers changes none: nothing here picks one. The other program is the
    master of the fields that it sends; ``code`` is set when the customer is created only.
    """
    found = database.lookup.now_or_later(caller)
    stored = await found if isawaitable(found) else found
    files = {file.customer.id: file for file in stored.exact}
    if len(files) > 1:
        return False
    if not files:
        label = "mobile" if caller.line_type == "mobile" else ""
        phone = PhoneDraft(caller.raw, caller.e164, caller.last_nine, label)
        await create_customer(database, _draft(record, phone), now)
        return True
    (file,) = files.values()
    different = _different(file, record)
    if not different:
        return False
    await update_customer_fields(database, file.customer.id, different, user_id=None, now=now)
    return True


def _draft(record: SourcedRecord, phone: PhoneDraft) -> CustomerDraft:
    return CustomerDraft(
        names={record.name_language: record.name},
        title=record.title or Title.NONE,
        language=record.language or record.name_language,
        tier=record.tier or Tier.NONE,
        vip=bool(record.vip),
        company=record.company or "",
        city=record.city or "",
        code=record.code or "",
        phones=(phone,),
    )


def _different(file: CustomerFile, record: SourcedRecord) -> dict[str, Any]:
    customer = file.customer
    stored: dict[str, Any] = {
        "title": customer.title,
        "language": customer.language,
        "tier": customer.tier,
        "vip": customer.vip,
        "company": customer.company,
        "city": file.more.city,
    }
    sent = {field: getattr(record, field) for field in stored}
    different = {
        field: value
        for field, value in sent.items()
        if value is not None and value != stored[field]
    }
    language = record.name_language
    before = customer.names.get(language)
    name = PersonName(record.name.given, record.name.family, before.called if before else "")
    if name != before:
        different["names"] = {**customer.names, language: name}
    return different
