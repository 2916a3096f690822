"""Runs coroutines that belong together."""

import asyncio
from collections.abc import Coroutine


async def run_together(*works: Coroutine[object, object, None]) -> None:
    """Run until one raises or all are done; the others are cancelled, and its error is raised.

    Unlike a task group it raises the error itself, so that callers can name it.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
