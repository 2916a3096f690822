"""What is kept how long, and the customers whom a rule of years would erase."""

import time
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.retention import LEAP_S, RetentionKind
from screenpop.exporting.client import ExportService
from screenpop.store.customers.queries import create_customer
from screenpop.store.privacy.clock_record import look_at_clock
from screenpop.store.privacy.records import list_privacy_records
from screenpop.store.privacy.retention_runs import RetentionRun, record_runs
from screenpop.web.ports import AdminFacts
from screenpop.web.privacy.retention_pages import MOST_LISTED, MOST_YEARS
from tests.web.running_server import Running, csrf_of, running

pytestmark = pytest.mark.anyio

FACTS = AdminFacts(keep_days={"calls": 400, "deliveries": 30}, keep_customers_years=7)


async def add_old(office: Running, name: str) -> CustomerId:
    """A customer who was entered eight years ago and not heard of since."""
    draft = CustomerDraft(names={"en": PersonName("Old", name)})
    eight_years_ago = time.time() - 8 * 366 * 86_400
    return await create_customer(office.database, draft, user_id=None, now=eight_years_ago)


@pytest.fixture
async def office(prepared: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with running(prepared, tmp_path, real_pages=True, admin=FACTS) as up:
        yield up


async def test_each_kind_has_its_time_its_setting_and_its_last_run(office: Running) -> None:
    runs = {
        RetentionKind.CALLS: RetentionRun(1_800_000_000.0, 321),
        RetentionKind.CUSTOMERS: RetentionRun(1_800_000_000.0, 0, "DatabaseProblemError"),
    }
    await record_runs(office.database, runs, now=1_800_000_000.0)
    async with await office.client("adam") as adam:
        page = (await adam.get("/admin/retention")).text
        admin = (await adam.get("/admin")).text
    for words in (
        *("7 years without contact", "keep_customers_years", "run failed", "DatabaseProblemError"),
        *("400 days", "keep_calls_days", "321", "webhook.keep_days", "30 days"),
        *("as long as the call", "only while they are written", "Forms and notes that are not"),
    ):
        assert words in page, words
    assert "Old data deleted" in admin
    assert "Calls with notes and traces: 321" in admin


async def test_a_clock_that_went_forward_by_days_is_named(office: Running) -> None:
    async with await office.client("adam") as adam:
        assert "clock went forward" not in (await adam.get("/admin/retention")).text
        await look_at_clock(office.database, time.time() - LEAP_S - 60)
        assert "clock went forward" in (await adam.get("/admin/retention")).text


async def test_preview_lists_customers_without_contact_and_erases_none(office: Running) -> None:
    names = [f"<b>Customer</b> {number}" for number in range(MOST_LISTED + 1)]
    last = [await add_old(office, name) for name in names][-1]
    async with await office.client("adam") as adam:
        page = (await adam.get("/admin/retention?years=5")).text
        assert f"{MOST_LISTED + 1} customers" in page
        assert "Old &lt;b&gt;Customer&lt;/b&gt; 0" in page
        assert "Customer since" in page
        assert f'href="/customers/{last}"' not in page
        rest = (await adam.get(f"/admin/retention?years=۵&after={last - 1}")).text
        assert f'href="/customers/{last}"' in rest
        assert "Further customers" not in rest
        young = (await adam.get("/admin/retention?years=9")).text
        assert "0 customers" in young
        answers = {
            typed: (await adam.get("/admin/retention", params={"years": typed})).status_code
            for typed in (str(MOST_YEARS), str(MOST_YEARS + 1), "0", "-1", "five", "1e1")
        }
        assert answers == {str(MOST_YEARS): 200} | dict.fromkeys(list(answers)[1:], 422)
        assert (await adam.get(f"/customers/{last}")).status_code == 200


async def test_only_administrators_see_it_and_without_a_writer_there_is_no_file(
    office: Running,
) -> None:
    for name in ("alice", "sue"):
        async with await office.client(name) as someone:
            assert (await someone.get("/admin/retention?years=5")).status_code == 403
            given = {"csrf": csrf_of((await someone.get("/me")).text), "years": "5"}
            answer = await someone.post("/admin/retention/export", data=given)
            assert answer.status_code == 403
    async with await office.client("adam") as adam:
        given = {"csrf": csrf_of((await adam.get("/admin")).text)}
        for years, status in (("5", 404), ("x", 422)):
            answer = await adam.post("/admin/retention/export", data=given | {"years": years})
            assert answer.status_code == status


async def test_the_file_of_the_preview_has_each_customer_with_the_last_contact(
    prepared: Path, tmp_path: Path
) -> None:
    export = ExportService(f"sqlite:///{tmp_path / 'web.db'}", tmp_path)
    async with running(prepared, tmp_path, admin=FACTS, export=export) as office:
        number = await add_old(office, "=Customer")
        async with await office.client("adam") as adam:
            given = {"csrf": csrf_of((await adam.get("/admin")).text), "years": "5"}
            sent = await adam.post("/admin/retention/export", data=given)
        records = await list_privacy_records(office.database)
    assert sent.status_code == 200, sent.text
    book = CalamineWorkbook.from_filelike(BytesIO(sent.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0] == ["Number", "Name", "Last contact", "Day"]
    assert rows[1][:3] == [number, "Old =Customer", "Customer since"]
    assert records[0].figures["kind"] == "xlsx+retention"
