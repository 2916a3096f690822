"""What runs as long as the server does."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger()


class BackgroundTasks:
    """One that fails sets ``failed``: the server stops then, so that whoever watches over it starts
    it anew. Half a server looks healthy and tells nobody of a call."""

    def __init__(self, failed: asyncio.Event) -> None:
        self._failed = failed
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def end(self) -> None:
        """Cancel all and wait for them."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("A part of the server failed, so it stops", exc_info=problem)
            self._failed.set()
