"""Times ``GET /api/v1/lookup`` through the whole application, with an API token.

``python -m benchmarks.lookup_api [--customers 1000000] [--postgres] [--times 500]``: known and
unknown numbers, as JSON and as text for a PBX, without the network between.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from starlette.types import Message

from benchmarks.customers import TIMEZONE, draw_callers, work_copy
from benchmarks.postgres import on_postgres
from benchmarks.request_times import HEAD, time_requests
from screenpop.accounts.token_scopes import Scope
from screenpop.bus.memory import MemoryBus
from screenpop.store.accounts.api_tokens import make_api_token
from screenpop.store.engine.database import Database, opened
from screenpop.web.application import Web, create_web


class NotAnsweredError(AssertionError):
    """A request was not answered with 200."""


async def _ask(web: Web, token: str, number: str, form: str) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/lookup",
        "query_string": f"format={form}&number={quote(number, safe='')}".encode(),
        "headers": [
            (b"host", b"127.0.0.1"),
            (b"authorization", f"Bearer {token}".encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise NotAnsweredError(message["status"])

    await web(scope, receive, send)


async def measure(database: Database, numbers: Sequence[str]) -> None:
    """Print the times of lookups of these numbers and of as many unknown ones."""

    async def no_command(*_: object) -> dict[str, object]:
        return {}

    web = create_web(
        database=database,
        streams=MemoryBus(),
        receipts=lambda *_: None,
        commands=no_command,
        timezone=TIMEZONE,
    )
    token = await make_api_token(
        database, name="x", scopes=[Scope.LOOKUP_READ], days=1, maker=None, now=time.time()
    )
    rng = random.Random(7)
    unknown = [f"+98990{rng.randrange(10_000_000):07d}" for _ in numbers]
    for what, asked, form in (
        ("a customer's number, JSON", numbers, "json"),
        ("a customer's number, text", numbers, "text"),
        ("an unknown number, text", unknown, "text"),
    ):
        took = await time_requests(
            database, [partial(_ask, web, token, number, form) for number in asked]
        )
        print(took.line(f"lookup of {what}"), flush=True)


async def _print(url: str, numbers: Sequence[str]) -> None:
    async with opened(url) as database:
        print(f"{HEAD}  {database.kind}", flush=True)
        await measure(database, numbers)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lookup_api", description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=500)
    parser.add_argument("--postgres", action="store_true", help="measure PostgreSQL as well")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screenpop-lookup-") as folder:
        copy = work_copy(options.customers, Path(folder) / "customers")
        numbers = draw_callers(copy, options.times, 1)
        asyncio.run(_print(f"sqlite:///{copy}", numbers))
        if options.postgres:
            with on_postgres(copy) as url:
                asyncio.run(_print(url, numbers))


if __name__ == "__main__":
    main()
