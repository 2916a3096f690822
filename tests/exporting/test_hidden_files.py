"""Sheets hold only the files that the user who asks may see."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from screenpop.accounts.departments import Section
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.customers.visibility import Viewer
from screenpop.exporting.client import ExportService
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.engine.visible_rows import seen_by
from screenpop.web.export_port import ExportRequestSpec

pytestmark = pytest.mark.anyio
NOW = 1_795_300_000.0


@pytest.fixture
async def database(tmp_path: Path) -> AsyncGenerator[Database]:
    url = f"sqlite:///{tmp_path / 'office.db'}"
    migrate(url)
    database = open_database(url)
    yield database
    await database.close()


@pytest.mark.defends("hidden-files")
async def test_file_that_is_hidden_from_the_user_is_in_no_sheet(
    database: Database, tmp_path: Path
) -> None:
    numbers = [
        await create_customer(database, CustomerDraft(names={"en": PersonName("A", name)}), NOW)
        for name in ("Famousname", "Plainname")
    ]
    export = ExportService(f"sqlite:///{database.path}", tmp_path)
    with seen_by(Viewer(5, hidden=frozenset(numbers[:1]))):
        async with export(ExportRequestSpec("csv", "en", frozenset(Section))) as pieces:
            sheet = b"".join([piece async for piece in pieces])
    assert b"Plainname" in sheet
    assert b"Famousname" not in sheet
