"""CPU time of pages' queries for a user without limits and for one with them.

    python -m benchmarks.restricted_users

On a SQLite with a few customers, so that it shows the work of building statements.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.customers.visibility import FilesRule, Viewer
from screenpop.store.calls.call_filter import CallFilter
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.queries import create_customer, list_customers
from screenpop.store.engine.database import migrate, opened
from screenpop.store.engine.visible_rows import seen_by
from screenpop.telephony.identifiers import E164

RESTRICTED = Viewer(1, 2, FilesRule.BRANCH, frozenset({5, 6}))
_CUSTOMERS, _WARM_UP, _TIMES = 30, 5, 100


async def measure(folder: Path) -> None:
    """Print milliseconds of CPU a query."""
    url = f"sqlite:///{folder / 'screenpop.db'}"
    await asyncio.to_thread(migrate, url)
    async with opened(url) as database:
        for number in range(_CUSTOMERS):
            phone = f"+98912000{number:04}"
            phones = (PhoneDraft(phone, E164(phone), phone[-9:], "mobile"),)
            names = {"en": PersonName(f"Person{number}", "Twin")}
            await create_customer(database, CustomerDraft(names=names, phones=phones), 1.0)
        queries: dict[str, Callable[[], Awaitable[object]]] = {
            "a customer's page": lambda: load_customer_detail(database, CustomerId(3)),
            "a search": lambda: list_customers(database, search="person1"),
            "the call log": lambda: list_calls(database, CallFilter(), limit=50),
        }
        for name, query in queries.items():
            free, restricted = [await _cpu_ms(viewer, query) for viewer in (None, RESTRICTED)]
            print(f"{name:<20} {free:6.2f} ms without limits, {restricted:6.2f} ms with them")


async def _cpu_ms(viewer: Viewer | None, query: Callable[[], Awaitable[object]]) -> float:
    with seen_by(viewer):
        for _ in range(_WARM_UP):
            await query()
        begun = time.process_time()
        for _ in range(_TIMES):
            await query()
        return (time.process_time() - begun) / _TIMES * 1000


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
