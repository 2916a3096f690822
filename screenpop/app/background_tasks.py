"""Runs tasks for the lifetime of the server and reports the first failure."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger()


class BackgroundTasks:
    """A set of tasks; a failing task sets ``failed``, which stops the server.

    The service manager then restarts it: a server without one of its tasks would look healthy
    but show no cards."""

    def __init__(self, failed: asyncio.Event) -> None:
        self._failed = failed
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def end(self) -> None:
        """Cancel all tasks and wait for them."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("A part of the server failed, so it stops", exc_info=problem)
            self._failed.set()
