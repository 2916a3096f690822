"""Who opens very many files is noticed; a form of a file is an opening of it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.store.accounts.refusal_records import list_refusals
from screenpop.store.customers.queries import create_customer
from screenpop.store.schema.customer_tables import customer_looks
from screenpop.web.auth.refusal_log import RefusalLog
from screenpop.web.customers.opened_files import MANY_FILES, SPAN_S, OpenedFiles
from tests.web.running_server import running
from tests.web.samples import NOON

pytestmark = pytest.mark.anyio


@pytest.mark.defends("recorded-openings")
async def test_forms_are_openings_and_more_than_two_hundred_files_in_an_hour_are_recorded(
    prepared: Path, tmp_path: Path
) -> None:
    async with running(prepared, tmp_path, real_pages=True) as office:
        names = {"en": PersonName("Laleh", "Karimi")}
        number = await create_customer(office.database, CustomerDraft(names=names), NOON)
        async with await office.client("adam") as adam:
            for path in ("edit", "trips/new", "cases/new"):
                assert (await adam.get(f"/customers/{number}/{path}")).status_code == 200
        await office.database.later.flush()
        async with office.database.reading() as connection:
            [look] = (await connection.execute(select(customer_looks))).all()
        assert (look.customer_id, look.times) == (number, 3)

        alice, now = office.id("alice"), [0.0]
        files = OpenedFiles(RefusalLog(office.database, lambda: NOON), lambda: now[0])
        for customer in [*range(MANY_FILES), *range(MANY_FILES)]:  # the same ones count once
            assert not files.opened(alice, customer, "192.0.2.1")
        now[0] = SPAN_S - 1
        assert files.opened(alice, MANY_FILES, "192.0.2.1")
        assert not files.opened(alice, MANY_FILES + 1, "192.0.2.1")  # recorded already
        await office.database.later.flush()
        [found] = await list_refusals(office.database)
        assert (found.by, found.code) == ("Alice <b>Agent</b>", "many_files")

        bob, now[0] = office.id("bob"), 0.0
        files = OpenedFiles(RefusalLog(office.database, lambda: NOON), lambda: now[0])
        for customer in range(MANY_FILES):
            files.opened(bob, customer, "192.0.2.1")
        now[0] = SPAN_S
        assert not files.opened(bob, MANY_FILES, "192.0.2.1")
