"""Customers whom the retention erased are in no byte of the data folder, and of a backup of it."""

import asyncio
import gzip
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from screenpop.app.backup import save_backup
from screenpop.common.search_normalization import fold
from screenpop.customers.attachments import AttachmentDraft, AttachmentKind
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName
from screenpop.customers.retention import contact_limit
from screenpop.settings import settings_of
from screenpop.store.attachments.records import add_attachment
from screenpop.store.backup.database_copy import erasures_since
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, open_database
from screenpop.store.privacy.inactive_customers import erase_some_inactive
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.webhook_tables import webhook_deliveries, webhook_targets
from screenpop.telephony.identifiers import E164
from tests.customers.attached_files import PDF
from tests.store.customers.drafts import draft
from tests.store.privacy.test_erasure import everything_in
from tests.store.retention import UTC

pytestmark = pytest.mark.anyio

NOW = 1_795_300_000.0
E164_OF_BOTH = "+989127718834"
SHARED = PhoneDraft("0912 771 8834", E164(E164_OF_BOTH), "127718834", "home")
NAMES = (PersonName("Laleh", "Zarringol"), PersonName("Παρασκευή", "Ζαρινγκόλ"))
WRITTEN = [*(name.full for name in NAMES), "zg@example.com"]
NEEDLES = {
    *WRITTEN,
    *map(fold, WRITTEN),
    *map(quote, WRITTEN),
    *(json.dumps(one)[1:-1] for one in WRITTEN),
    *("Zarringol", "zarringol", "Ζαρινγκόλ", "ζαρινγκολ", "9127718834", "771 8834", "127718834"),
}


@pytest.fixture
async def office(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = open_database(url, tmp_path)
    yield database
    await database.close()


async def pieces() -> AsyncIterator[bytes]:
    yield PDF


def found_in(folder: Path) -> list[tuple[str, str]]:
    files = [(path.name, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [
        (name, one)
        for name, raw in files
        for one in NEEDLES
        if one.encode() in raw or one.encode("utf-16-le") in raw
    ]


async def a_couple(database: Database) -> None:
    """Two old customers with one number, a file, a waiting event, and a note on a third one."""
    old = CustomerDraft(names={"en": NAMES[0]}, phones=(SHARED,), emails=("zg@example.com",))
    both = [
        await create_customer(database, one, 1.0)
        for one in (old, CustomerDraft(names={"el": NAMES[1]}, phones=(SHARED,)))
    ]
    scan = AttachmentDraft(AttachmentKind.CONTRACT, "Zarringol.pdf", WRITTEN[1])
    await add_attachment(database, both[0], scan, pieces(), user_id=None, now=1.0)
    note = f"knows {', '.join(WRITTEN)} ({SHARED.raw})"
    young = await create_customer(database, draft("Moradi", notes=note), NOW)
    async with database.writing() as connection:
        target = {"name": "CRM", "url": "https://a.gr", "types": [], "shape": "standard"}
        made = await connection.execute(
            insert(webhook_targets)
            .values(**target, secret_sealed="x", made_at=1.0)
            .returning(webhook_targets.c.id)
        )
        event = {"target_id": made.scalar_one(), "type": "call.ended", "order_key": "o"}
        event |= {"agents": [], "at": 1.0, "made_at": 1.0, "next_at": 1.0, "state": "waiting"}
        for customer in (both[0], None, young):
            data = {"text": WRITTEN[0]}
            number = "" if customer == young else E164_OF_BOTH
            row = {"event_id": str(customer), "customer_id": customer, "number": number}
            await connection.execute(
                insert(webhook_deliveries).values(event | row | {"data": data})
            )
        change = {"customer_id": young, "at": NOW, "what": "changed"}
        changes = {"notes": ["", note]}
        await connection.execute(insert(customer_changes).values(**change, changes=changes))


@pytest.mark.defends("erasure")
async def test_erased_couple_with_one_number_is_in_no_byte_also_of_a_backup(
    office: Database, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "screenpop")
    await a_couple(office)
    if office.path is not None:
        assert len({one for _, one in found_in(tmp_path)}) > 5

    assert await erase_some_inactive(office, contact_limit(NOW, 5, UTC), 5, NOW) == 2

    folded = {one.casefold() for one in NEEDLES}
    everything = (await everything_in(office)).items()
    assert [(name, one) for name, text in everything for one in folded if one in text] == []
    assert found_in(tmp_path) == []
    assert [one for one in NEEDLES if one in caplog.text] == []
    since = [await asyncio.to_thread(erasures_since, url, at) for at in (NOW - 1, NOW)]
    assert since == [2, 0]
    if office.path is None:
        return  # its backup is what pg_dump reads of the tables
    settings = settings_of(data_dir=tmp_path, database_url=url, number_plan={"region": "IR"})
    backup = (await asyncio.to_thread(save_backup, settings, tmp_path / "one.backup")).file
    unpacked = tmp_path / "unpacked"
    unpacked.write_bytes(gzip.decompress(backup.read_bytes()))
    assert b"backup.json" in unpacked.read_bytes()
    assert found_in(tmp_path) == []
