"""The customers' file is put in order beside the server, never on its loop."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select, text

from screenpop.app import maintenance
from screenpop.app.maintenance import (
    MAX_INLINE_ROWS,
    maintain_search_data,
    run_maintenance_process,
)
from screenpop.common.worker_process import WorkerProcess, start_worker_process
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import PersonName
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.schema.tables import customer_phones
from screenpop.store.search.maintenance import count_outdated
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

pytestmark = pytest.mark.anyio

PLAN = NumberPlan(Region("IR"), "21", ("1XX",), ("not telling",))
MANY = MAX_INLINE_ROWS + 10


@pytest.fixture
async def office(database: Database, sqlite_url: str) -> tuple[str, Database]:
    """Many customers, as a program wrote them that knew neither words nor numbers."""
    for number in range(MANY):
        phone = PhoneDraft(f"0912 345 6{number:03}", None, None, "mobile")
        draft = CustomerDraft(names={"en": PersonName("Anna", f"Karimi{number}")}, phones=(phone,))
        await create_customer(database, draft, 1.0)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE customers SET folded = 'otherwise'"))
        await connection.execute(text("DELETE FROM meta"))
    return sqlite_url, database


async def is_in_order(database: Database) -> bool:
    async with database.reading() as connection:
        numbers = (await connection.execute(select(customer_phones.c.e164))).scalars().all()
    found = await list_customers(database, search="karimi7")
    return "+989123456007" in numbers and None not in numbers and len(found.rows) == 1


def workers() -> Sequence[Path]:
    """Processes of this one that put a file in order."""
    found = []
    for place in Path("/proc/self/task").glob("*/children"):
        for number in place.read_text().split():
            with suppress(OSError):
                line = Path(f"/proc/{number}/cmdline").read_bytes()
                found += [place] if b"maintenance_worker" in line else []
    return found


@contextmanager
def logged(sentence: str) -> Iterator[asyncio.Event]:
    """Give an event that is set when the code in the block logs this sentence."""
    seen = asyncio.Event()

    def look(_: object, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if entry["event"] == sentence:
            seen.set()
        raise structlog.DropEvent

    # In place, as ``structlog.testing.capture_logs`` does: a logger that was used keeps its list.
    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [look]
    structlog.configure(processors=processors)
    try:
        yield seen
    finally:
        processors[:] = before
        structlog.configure(processors=processors)


async def test_a_process_of_its_own_writes_everything_anew(office: tuple[str, Database]) -> None:
    address, database = office
    assert not await is_in_order(database)
    await run_maintenance_process(address, PLAN)
    assert await is_in_order(database)
    assert await count_outdated(database, PLAN, 1) == 0


async def test_another_country_reads_the_numbers_anew(office: tuple[str, Database]) -> None:
    address, database = office
    await run_maintenance_process(address, PLAN)
    greek = NumberPlan(Region("GR"))
    assert await count_outdated(database, greek, MANY) == MANY


async def test_the_server_sees_to_it_by_itself(office: tuple[str, Database]) -> None:
    address, database = office
    with logged("The customers' file is in order") as done:
        keeping = asyncio.create_task(maintain_search_data(database, address, PLAN))
        async with asyncio.timeout(30):
            await done.wait()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert await is_in_order(database)
    assert not workers()


async def test_a_server_that_stops_leaves_no_process_behind(
    office: tuple[str, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, _ = office
    started = asyncio.Event()

    @asynccontextmanager
    async def start_and_report(module: str, **more: Any) -> AsyncGenerator[WorkerProcess]:
        async with start_worker_process(module, **more) as worker:
            started.set()
            yield worker

    monkeypatch.setattr(maintenance, "start_worker_process", start_and_report)
    keeping = asyncio.create_task(run_maintenance_process(address, PLAN))
    async with asyncio.timeout(30):
        await started.wait()
    assert workers()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert not workers()


async def test_a_process_that_fails_reports_the_reason(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblemError, match=r"^The database .*migrate"):
        await run_maintenance_process(f"sqlite:///{tmp_path / 'nothing.db'}", PLAN)
