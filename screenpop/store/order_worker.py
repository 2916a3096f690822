"""The process that puts the customers' file in order: ``python -m screenpop.store.order_worker``.

Its first line says which database, and how numbers are read. It works until all is done or nobody
waits for it any more; killed at any moment it leaves nothing half done.
"""

import asyncio
import os
import sys
import threading

import orjson

from screenpop.store.database import opened
from screenpop.store.order import put_in_order
from screenpop.telephony.plan import NumberPlan

POLITENESS = 10
"""Calls come first: the last in the queue for the processor."""


def ask_of(database: str, plan: NumberPlan) -> bytes:
    """The line that ``work`` is told. A database's address may hold a password: it stands in no
    list of processes."""
    return orjson.dumps({"database": database, "plan": plan.plain()}) + b"\n"


async def work(line: bytes) -> None:
    asked = orjson.loads(line)
    async with opened(asked["database"]) as database:
        await put_in_order(database, NumberPlan.from_plain(asked["plan"]))


def _end_when_left_alone() -> None:
    sys.stdin.buffer.read(1)
    os._exit(0)


def main() -> None:
    os.nice(POLITENESS)
    line = sys.stdin.buffer.readline()
    threading.Thread(target=_end_when_left_alone, daemon=True).start()
    asyncio.run(work(line))
    os._exit(0)  # the thread still holds the input, and an ordinary end would wait for it


if __name__ == "__main__":
    main()
