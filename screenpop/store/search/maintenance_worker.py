"""The maintenance process: ``python -m screenpop.store.search.maintenance_worker``.

Its first line says which database, and how numbers are read. It works until all is done or nobody
waits for it any more; killed at any moment it leaves nothing half done.
"""

import asyncio
import os
import sys
import threading

import orjson

from screenpop.store.engine.database import opened
from screenpop.store.search.maintenance import bring_up_to_date
from screenpop.telephony.number_plan import NumberPlan

NICENESS = 10
"""Calls come first: the last in the queue for the processor."""


def encode_request(database: str, plan: NumberPlan) -> bytes:
    """The line that ``work`` is told. A database's address may hold a password: it stands in no
    list of processes."""
    return orjson.dumps({"database": database, "plan": plan.plain()}) + b"\n"


async def run_maintenance(line: bytes) -> None:
    asked = orjson.loads(line)
    async with opened(asked["database"]) as database:
        await bring_up_to_date(database, NumberPlan.from_plain(asked["plan"]))


def _exit_with_parent() -> None:
    sys.stdin.buffer.read(1)
    os._exit(0)


def main() -> None:
    os.nice(NICENESS)
    line = sys.stdin.buffer.readline()
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    asyncio.run(run_maintenance(line))
    os._exit(0)  # the thread still holds the input, and an ordinary end would wait for it


if __name__ == "__main__":
    main()
