"""An erased person leaves no byte of own fields, payments, attachments, or of what was removed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from screenpop.customers.attachments import AttachmentDraft, AttachmentKind
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.payments import PaymentDraft, PaymentMethod
from screenpop.store.attachments.records import add_attachment, remove_attachment
from screenpop.store.customers.payments import add_payments
from screenpop.store.customers.queries import create_customer, unlink_phone
from screenpop.store.customers.trips_edit import add_trip
from screenpop.store.engine.database import Database, open_database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.telephony.identifiers import E164
from tests.customers.attached_files import PDF
from tests.store.customers.drafts import draft, file_of
from tests.store.customers.test_documents import bytes_with
from tests.store.own_fields.fields import OFFICE, VOUCHER, make

pytestmark = pytest.mark.anyio
OWN, OF_TRIP, CHEQUE, BANK = "Ownvalue-Qz71", "Tripvalue-Qz72", "88421377", "Bankname-Qz73"
FILE, NOTE, PHONE, CONTENT = "Filename-Qz74", "Filenote-Qz75", "+982188990077", "Content-Qz76"
NEEDLES = (OWN, OF_TRIP, CHEQUE, BANK, FILE, NOTE, PHONE, CONTENT)
IN_CLEAR = (OWN, OF_TRIP, CHEQUE, BANK, PHONE)
SCAN = AttachmentDraft(AttachmentKind.CONTRACT, f"{FILE}.pdf", NOTE)


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def content() -> AsyncIterator[bytes]:
    yield PDF.replace(b"/Type/Catalog", f"/Type/Catalog/{CONTENT}".encode())


@pytest.mark.defends("erasure")
async def test_erased_person_leaves_no_byte_of_fields_payments_and_files(
    office: Database, tmp_path: Path
) -> None:
    own, of_trip = await make(office, OFFICE), await make(office, VOUCHER)
    phone = PhoneDraft(PHONE, E164(PHONE), PHONE[-9:], "work")
    whose = await create_customer(office, draft("Karimi", phone, own={own.key: OWN}), 1.0)
    given = {"destination": "Rome", "currency": "EUR", "price": 900, "own": {of_trip.key: OF_TRIP}}
    trip = await add_trip(office, whose, given, user_id=None, now=2.0)
    cheque = PaymentDraft(
        cents=900_00,
        currency="EUR",
        method=PaymentMethod.CHEQUE,
        due=date(2030, 1, 5),
        cheque_number=CHEQUE,
        bank=BANK,
    )
    await add_payments(office, whose, trip, [cheque], user_id=None, now=3.0)
    for removed in (False, True):
        item = await add_attachment(
            office, whose, replace(SCAN, trip_id=trip), content(), user_id=None, now=4.0
        )
        if removed:
            await remove_attachment(office, whose, item, user_id=None, now=5.0)
    [number] = (await file_of(office, whose)).numbers
    await unlink_phone(office, whose, number.id, 6.0)
    if office.path is not None:
        assert all(bytes_with(needle, tmp_path) for needle in IN_CLEAR)
    assert office.attachments_folder is not None
    assert len(list(office.attachments_folder.iterdir())) == 2

    erased = await erase_customer(office, whose, user_id=None, now=7.0)

    assert erased.attachments == 2
    assert list(office.attachments_folder.iterdir()) == []
    for needle in NEEDLES:
        assert bytes_with(needle, tmp_path) == [], needle
