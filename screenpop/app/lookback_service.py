"""Runs lookbacks for the page, one at a time, each in a process of its own."""

import asyncio
from pathlib import Path

import orjson

from screenpop.app.lookback import LookbackRequest
from screenpop.audit.lookback import Lookback
from screenpop.common.worker_process import start_worker_process
from screenpop.settings import Settings
from screenpop.web.lookback.port import LookbackRefusedError, LookbackView

_ENDS_WITHIN_S = 600.0


class LookbackService:
    """Implements the port ``web.lookback.port.RunLookback``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._busy = False

    async def __call__(self, calls: Path, sheet: Path | None, number_column: str) -> LookbackView:
        """Return the figures. Raises ``LookbackRefusedError``."""
        if self._busy:
            raise LookbackRefusedError("busy")
        self._busy = True
        try:
            return await self._run(LookbackRequest.of(self._settings, calls, sheet, number_column))
        finally:
            self._busy = False

    async def _run(self, request: LookbackRequest) -> LookbackView:
        try:
            async with (
                asyncio.timeout(_ENDS_WITHIN_S),
                start_worker_process("screenpop.app.lookback_worker") as worker,
            ):
                await worker.send(request.plain())
                line = await worker.read_line()
        except (OSError, TimeoutError) as problem:
            raise LookbackRefusedError("failed") from problem
        if not line.endswith(b"\n"):
            raise LookbackRefusedError("failed")
        answer = orjson.loads(line)
        if "refused" in answer:
            raise LookbackRefusedError(answer["refused"], answer["params"])
        return LookbackView(
            Lookback.from_plain(answer["figures"]), answer["skipped"], answer["rows_left_out"]
        )
