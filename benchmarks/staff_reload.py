"""What the look for changed users and phones costs, and how long it holds the event loop.

    python -m benchmarks.staff_reload [--users 10000] [--postgres]

A hold is the processor time of one turn of the loop; a card that arrives meanwhile waits as long.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from sqlalchemy import insert, update

from screenpop.app.call_owner import owner_of_calls
from screenpop.app.running_app import App
from screenpop.app.staff_reload import apply_staff
from screenpop.bus.memory import MemoryBus
from screenpop.settings import load_settings
from screenpop.store.engine.database import Database, migrate, opened
from screenpop.store.schema.account_tables import user_endpoints, users
from tests.store.throwaway_postgres import throwaway_postgres

_TIMES = 5


class LoopHolds:
    """Measures the turns of the event loop while ``run`` is a task."""

    longest_s: float = 0.0

    async def run(self) -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest_s, before = max(self.longest_s, now - before), now


async def measure(database: Database) -> None:
    """Print processor time and longest hold of each part."""
    settings = load_settings()
    async with AsyncExitStack() as closing:
        app = await owner_of_calls(closing, settings, database, MemoryBus())
        app.tasks.start(app.screen_pop.run())
        version = await apply_staff(app, "")
        app.screen_pop.people_changed(app.people)
        await app.screen_pop.done_so_far()
        await database.later.flush()

        async def nothing_changed() -> None:
            assert await apply_staff(app, version) == version

        async def one_changed() -> None:
            await _rename(app)
            await apply_staff(app, version)
            await app.screen_pop.done_so_far()

        async def a_second_alone() -> None:
            await asyncio.sleep(1.1)

        await _print("nothing changed", nothing_changed)
        await _print("a user renamed", one_changed)
        await _print("a second without a look", a_second_alone)


async def _rename(app: App) -> None:
    async with app.database.writing() as connection:
        name = f"New {time.time()}"
        await connection.execute(update(users).where(users.c.id == 5).values(display_name=name))


async def _print(name: str, work: Callable[[], Awaitable[None]]) -> None:
    await work()  # the statements are compiled once
    begun = time.process_time()
    for _ in range(_TIMES):
        await work()
    cpu_s = (time.process_time() - begun) / _TIMES
    holds = LoopHolds()
    watching = asyncio.create_task(holds.run())
    for _ in range(_TIMES):
        await work()
    watching.cancel()
    print(
        f"{name:<24} {cpu_s * 1000:6.1f} ms of CPU, longest hold {holds.longest_s * 1000:6.1f} ms"
    )


async def _add_users(url: str, count: int) -> None:
    everyone = [
        {
            "id": number,
            "username": f"agent{number}",
            "display_name": f"Agent {number}",
            "password_hash": "-",
            "role": "agent",
            "department": "sales",
            "language": "fa",
            "created_at": 1.0,
        }
        for number in range(1, count + 1)
    ]
    phones = [
        {"user_id": number, "pbx": "", "endpoint": f"{10_000 + number}"}
        for number in range(1, count + 1)
    ]
    async with opened(url) as database, database.writing() as connection:
        await connection.execute(insert(users), everyone)
        await connection.execute(insert(user_endpoints), phones)


@contextmanager
def _database(folder: Path, *, is_postgres: bool) -> Iterator[str]:
    if is_postgres:
        with throwaway_postgres(60) as url:
            yield url
    else:
        yield f"sqlite:///{folder / 'screenpop.db'}"


async def _run(url: str) -> None:
    async with opened(url) as database:
        await measure(database)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--users", type=int, default=10_000)
    words.add_argument("--postgres", action="store_true")
    asked = words.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        _database(Path(folder), is_postgres=asked.postgres) as url,
    ):
        os.environ |= {
            "SCREENPOP_DATA_DIR": folder,
            "SCREENPOP_DATABASE_URL": url,
            "SCREENPOP_NUMBER_PLAN": '{"region": "IR"}',
        }
        migrate(url)
        asyncio.run(_add_users(url, asked.users))
        asyncio.run(_run(url))


if __name__ == "__main__":
    main()
