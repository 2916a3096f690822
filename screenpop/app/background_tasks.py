"""Runs tasks for the lifetime of the server and reports the first failure."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger()


class PartFailedError(Exception):
    """A part of the server failed and was logged; the service manager is to start it anew."""

    def __init__(self) -> None:
        super().__init__("A part of the server failed, so it stopped; the log has the error.")


class BackgroundTasks:
    """A set of tasks; a failing task sets ``failed``, which stops the server.

    The service manager then restarts it: a server without one of its tasks would look healthy
    but show no cards."""

    def __init__(self, failed: asyncio.Event) -> None:
        self._failed = failed
        self._has_failed = False
        self._running: set[asyncio.Task[None]] = set()

    def raise_if_failed(self) -> None:
        """Raises ``PartFailedError`` when one of the tasks has failed."""
        if self._has_failed:
            raise PartFailedError

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
            self._has_failed = True
            self._failed.set()
